//! What all dialects do alike: read the body, find the model, start the generations, and choose between a stream and
//! one object.
//!
//! ```text
//! body -> parse (the dialect's) -> Ask -> Generations -> Answers -> Writer (the dialect's) -> response
//!         a worker                 a worker                         pulled by the reader, or all at once
//! ```

pub mod answers;
pub mod ask;
pub mod asked;
pub mod embed;
pub mod fields;
pub mod format;
pub mod known;
pub mod messages;
pub mod prompt_logprobs;
pub mod prompts;
pub mod reply;
pub mod samplers;
pub mod settings;
pub mod shape;
pub mod spelling;
pub mod stream;
pub mod thinking;
pub mod tools;
pub mod usage;
pub mod writer;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::{FromRequestParts, Request};
use axum::response::Response;
use tokio::time::{Instant, timeout_at};

use crate::app::{App, Context, InFlight, Remembered, becomes_true};
use crate::error::ApiError;
use crate::spans::Beginning;
use crate::{body, limits};
use answers::{AnswerEvent, Answers};
use ask::Ask;
use writer::{Choice, Writer, collect};

/// Time for the rest of a replayed answer to follow its first event.
const REPLAY_TIME: Duration = Duration::from_millis(2);

/// A dialect's parser of a body.
pub type Parse<B> = fn(&[u8]) -> Result<B, ApiError>;

/// A request that has been let in and parsed.
pub struct Admitted<B> {
    /// The parsed body.
    pub body: B,
    /// Who asks, and under which name.
    pub context: Context,
    /// The server does not end while this is held.
    pub in_flight: InFlight,
}

/// Lets a request in and parses its body on a worker. Errors: 503 when draining, and those of body and parser.
pub async fn admit<B: Send + 'static>(
    app: &Arc<App>,
    request: Request,
    parse: Parse<B>,
) -> Result<Admitted<B>, ApiError> {
    let in_flight = app.admit()?;
    let (mut parts, body) = request.into_parts();
    let Extension(context) = Extension::<Context>::from_request_parts(&mut parts, &())
        .await
        .map_err(|_| ApiError::internal("the request has no context"))?;
    let bytes = body::read(app, &parts.headers, body).await?;
    let body = app.workers.run(move || parse(&bytes)).await?;
    Ok(Admitted { body, context, in_flight })
}

/// What a writer may say about a request as a whole.
#[derive(Clone, Debug)]
pub struct Begun {
    /// The `x-request-id`.
    pub name: String,
    /// The model that answers.
    pub model: String,
    /// Seconds since 1970.
    pub created: u64,
}

/// Answers a request: `parse` makes the ask and what its writer needs to know, `writer` the writer of the answer.
///
/// Errors: those of body, parser, model, template and queue, and what befalls an answer that is not a stream.
pub async fn respond<E: Send + 'static, W: Writer>(
    app: &Arc<App>,
    request: Request,
    parse: Parse<(Ask, E)>,
    writer: impl FnOnce(E, Begun) -> W,
) -> Result<Response, ApiError> {
    answer(app, admit(app, request, parse).await?, writer).await
}

/// Answers a request that was let in. Errors: those of [`respond`].
pub async fn answer<E, W: Writer>(
    app: &Arc<App>,
    admitted: Admitted<(Ask, E)>,
    writer: impl FnOnce(E, Begun) -> W,
) -> Result<Response, ApiError> {
    let Admitted { body: (mut ask, wishes), context, in_flight } = admitted;
    let ignored = std::mem::take(&mut ask.ignored);
    let (is_stream, may_replay) = (ask.common.stream, ask.common.may_replay());
    let (best, per_prompt) = (ask.common.best_of, ask.common.n);
    let name = context.name.clone();
    let mut answers = start(app, ask, context, in_flight).await?;
    let model = answers.frontend().model_id().to_owned();
    let mut writer = writer(wishes, Begun { name, model, created: reply::now_unix() });
    let mut response = if is_stream {
        let early = early_events(&mut answers, may_replay).await?;
        let replayed = answers.is_over() && answers.replayed();
        let mut response = stream::response(answers, writer, early);
        reply::annotate(&mut response, replayed, &[]);
        response
    } else {
        let mut choices = collect(&mut answers).await?;
        if let Some(shown) = best {
            choices = likeliest(choices, per_prompt, shown);
        }
        let mut response = writer.whole(&answers, choices);
        reply::annotate(&mut response, answers.replayed(), &[]);
        response
    };
    reply::annotate(&mut response, false, &ignored);
    Ok(response)
}

/// Of each prompt's answers the `shown` whose tokens are likeliest on average, the best first.
fn likeliest(choices: Vec<Choice>, per_prompt: usize, shown: usize) -> Vec<Choice> {
    let mean = |choice: &Choice| {
        let chances: Vec<f32> = choice.logprobs.iter().filter_map(|token| token.logprob).collect();
        chances.iter().sum::<f32>() / chances.len().max(1) as f32
    };
    let mut best = Vec::new();
    let mut left = choices.into_iter();
    loop {
        let mut of_prompt: Vec<Choice> = left.by_ref().take(per_prompt).collect();
        if of_prompt.is_empty() {
            return best;
        }
        of_prompt.sort_by(|a, b| mean(b).total_cmp(&mean(a)));
        of_prompt.truncate(shown);
        best.extend(of_prompt);
    }
}

/// Starts generations on a worker.
///
/// Errors: those of model and [`Ask::start`]; 503 at the server's last moment, also while the model loads.
pub async fn start(
    app: &Arc<App>,
    ask: Ask,
    context: Context,
    in_flight: InFlight,
) -> Result<Answers, ApiError> {
    let (caller, per_prompt) = (context.caller, ask.common.n);
    let content_text = app.config.content_text;
    let starting = async {
        let model = app.model(ask.common.model.as_deref()).await?;
        if let Some(keep) = ask.common.keep {
            app.host.keep(model.model_id(), keep.stay());
        }
        let frontend = Arc::clone(&model);
        let generations = app.workers.run(move || ask.start(&frontend, caller, content_text)).await?;
        Ok::<_, ApiError>((model, generations))
    };
    let mut cut = app.cut.subscribe();
    let (model, generations) = tokio::select! {
        started = starting => started?,
        () = becomes_true(&mut cut) => return Err(ApiError::draining()),
    };
    let mut answers = Answers::new(app, model, generations, per_prompt, in_flight);
    answers.trace(
        app.config
            .spans
            .as_ref()
            .and_then(|sink| Beginning::new(sink, context.parent, context.name.clone(), context.started)),
    );
    app.remember(Remembered {
        name: context.name,
        model: answers.frontend().model_id().to_owned(),
        ids: answers.request_ids(),
        tenant: caller.tenant,
    });
    Ok(answers)
}

/// Events that come at once, before the head of a stream is sent: all of them, if the answer is replayed, and
/// an early failure, which can then be an HTTP error. Waits [`limits::HEAD_HOLD`] at most, and only for
/// requests whose answer may have been stored.
async fn early_events(answers: &mut Answers, may_replay: bool) -> Result<Vec<AnswerEvent>, ApiError> {
    let mut early = Vec::new();
    if !may_replay {
        return Ok(early);
    }
    let mut deadline = Instant::now() + limits::HEAD_HOLD;
    while let Ok(Some(event)) = timeout_at(deadline, answers.next()).await {
        match event {
            AnswerEvent::Failed(error) if early.is_empty() => return Err(error),
            event => early.push(event),
        }
        // A replay comes in one go: what follows the first event at once is waited for, and no more.
        deadline = deadline.min(Instant::now() + REPLAY_TIME);
    }
    Ok(early)
}
