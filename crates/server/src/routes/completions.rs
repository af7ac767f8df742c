//! `POST /v1/completions`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::{CompletionRequest, Frontend, Generation, ShownToken};

use super::chances;
use super::generate::{self, now_unix};
use crate::answers::{AnswerEvent, Answers};
use crate::app::App;
use crate::error::ApiError;
use crate::sse::{self, Dialect};
use crate::wire::Usage;
use crate::wire::completions::{Completion, CompletionBody, CompletionChoice};
use crate::wire::generation::Caller;

/// Continues one or several texts.
pub async fn completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let mut admitted = generate::admit(&app, request, CompletionBody::parse).await?;
    let common = admitted.body.common.clone();
    let ignored = std::mem::take(&mut admitted.body.ignored);
    let id = format!("cmpl-{}", admitted.context.name);
    let mut answers = generate::start(&app, admitted, &common, start).await?;
    let voice = Voice {
        id,
        created: now_unix(),
        model: answers.frontend().model_id().to_owned(),
        include_usage: common.include_usage,
        with_logprobs: common.sampling.logprobs.is_some(),
    };
    let mut response = if common.stream {
        let early = generate::early_events(&mut answers, common.may_replay()).await?;
        let replayed = answers.is_over() && answers.replayed();
        let mut response = sse::response(answers, voice, common.include_usage, early);
        generate::annotate(&mut response, replayed, &[]);
        response
    } else {
        whole(answers, &voice).await?
    };
    generate::annotate(&mut response, false, &ignored);
    Ok(response)
}

fn start(frontend: &Frontend, body: CompletionBody, caller: Caller) -> Result<Vec<Generation>, ApiError> {
    let options = body.common.options(frontend.default_sampling(), &caller);
    body.prompts
        .into_iter()
        .map(|prompt| {
            let request = CompletionRequest { prompt, echo: body.echo, options: options.clone() };
            Ok(frontend.complete(request)?)
        })
        .collect()
}

/// How completions are written.
struct Voice {
    id: String,
    created: u64,
    model: String,
    include_usage: bool,
    with_logprobs: bool,
}

async fn whole(mut answers: Answers, voice: &Voice) -> Result<Response, ApiError> {
    let mut choices: Vec<CompletionChoice> =
        (0..answers.count()).map(|index| CompletionChoice::new(index, String::new())).collect();
    while let Some(event) = answers.next().await {
        match event {
            AnswerEvent::Delta { index, text, logprobs } => {
                let choice = &mut choices[index];
                if voice.with_logprobs {
                    let more = chances::lists(answers.frontend(), &logprobs);
                    choice.logprobs.get_or_insert_default().append(more);
                }
                choice.text += &text;
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                choices[index].finish_reason = Some(reason);
                choices[index].stop_reason = matched_stop;
            }
            AnswerEvent::Failed(error) => return Err(error),
        }
    }
    let mut response = generate::json(&Completion {
        id: &voice.id,
        object: "text_completion",
        created: voice.created,
        model: &voice.model,
        choices,
        usage: Some(Some(answers.usage())),
    });
    generate::annotate(&mut response, answers.replayed(), &[]);
    Ok(response)
}

impl Voice {
    fn chunk(&self, choices: Vec<CompletionChoice>, usage: Option<Usage>) -> String {
        let chunk = Completion {
            id: &self.id,
            object: "text_completion",
            created: self.created,
            model: &self.model,
            choices,
            usage: self.include_usage.then_some(usage),
        };
        serde_json::to_string(&chunk).expect("numbers and strings always serialise")
    }
}

impl Dialect for Voice {
    fn opening(&mut self, _: usize) -> Vec<String> {
        Vec::new()
    }

    fn delta(
        &mut self,
        answers: &Answers,
        index: usize,
        text: String,
        logprobs: &[ShownToken],
    ) -> Option<String> {
        if text.is_empty() && logprobs.is_empty() {
            return None;
        }
        let mut choice = CompletionChoice::new(index, text);
        choice.logprobs = self.with_logprobs.then(|| chances::lists(answers.frontend(), logprobs));
        Some(self.chunk(vec![choice], None))
    }

    fn finished(&mut self, index: usize, reason: &'static str, matched_stop: Option<String>) -> String {
        let mut choice = CompletionChoice::new(index, String::new());
        choice.finish_reason = Some(reason);
        choice.stop_reason = matched_stop;
        self.chunk(vec![choice], None)
    }

    fn usage(&mut self, usage: Usage) -> String {
        self.chunk(Vec::new(), Some(usage))
    }
}
