//! What chat and completions do alike: read the body, find the model, start the generations, and choose
//! between a stream and one object.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use gollum_frontend::{Frontend, Generation};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};

use crate::answers::{AnswerEvent, Answers};
use crate::app::{App, Context, InFlight, Remembered, becomes_true};
use crate::error::ApiError;
use crate::wire::generation::{Caller, Common};
use crate::{body, limits};

/// Says that an answer was replayed.
const CACHE: HeaderName = HeaderName::from_static("x-gollum-cache");
/// Names the fields that nobody defines.
const IGNORED: HeaderName = HeaderName::from_static("x-gollum-ignored");

/// Time for the rest of a replayed answer to follow its first event.
const REPLAY_TIME: Duration = Duration::from_millis(2);

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
    parse: fn(&[u8]) -> Result<B, ApiError>,
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

/// Starts generations on a worker: `start` renders and tokenizes, and submits.
///
/// Errors: those of model and `start`; 503 at the server's last moment, also while the model loads.
pub async fn start<B: Send + 'static>(
    app: &Arc<App>,
    admitted: Admitted<B>,
    common: &Common,
    start: impl FnOnce(&Frontend, B, Caller) -> Result<Vec<Generation>, ApiError> + Send + 'static,
) -> Result<Answers, ApiError> {
    let Admitted { body, context, in_flight } = admitted;
    let caller = context.caller;
    let starting = async {
        let model = app.model(common.model.as_deref()).await?;
        let frontend = Arc::clone(&model);
        let generations = app.workers.run(move || start(&frontend, body, caller)).await?;
        Ok::<_, ApiError>((model, generations))
    };
    let mut cut = app.cut.subscribe();
    let (model, generations) = tokio::select! {
        started = starting => started?,
        () = becomes_true(&mut cut) => return Err(ApiError::draining()),
    };
    let answers = Answers::new(app, model, generations, common.n, in_flight);
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
pub async fn early_events(answers: &mut Answers, may_replay: bool) -> Result<Vec<AnswerEvent>, ApiError> {
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

/// One JSON object.
pub fn json(object: &impl Serialize) -> Response {
    match serde_json::to_vec(object) {
        Ok(bytes) => {
            let mut response = Response::new(Body::from(bytes));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
        }
        Err(error) => ApiError::internal(format!("the answer cannot be written: {error}")).into_response(),
    }
}

/// Adds what the head says beside the answer.
pub fn annotate(response: &mut Response, replayed: bool, ignored: &[String]) {
    if replayed {
        response.headers_mut().insert(CACHE, HeaderValue::from_static("prompt"));
    }
    if let Some(value) = ignored_header(ignored) {
        response.headers_mut().insert(IGNORED, value);
    }
}

/// The names, harmless in a header, each once, a bounded number.
fn ignored_header(names: &[String]) -> Option<HeaderValue> {
    let harmless = |byte: u8| {
        if byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte) { char::from(byte) } else { '?' }
    };
    let mut shown: Vec<String> = Vec::new();
    let mut more = 0;
    for name in names {
        let name: String = name.bytes().take(64).map(harmless).collect();
        if shown.contains(&name) {
            continue;
        }
        if shown.len() == limits::MAX_IGNORED_NAMES {
            more += 1;
        } else {
            shown.push(name);
        }
    }
    if more > 0 {
        shown.push(format!("+{more}"));
    }
    (!shown.is_empty()).then(|| HeaderValue::from_str(&shown.join(", ")).ok()).flatten()
}

/// Seconds since 1970.
pub fn now_unix() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
