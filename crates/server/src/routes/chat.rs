//! `POST /v1/chat/completions`.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::{ChatRequest, Frontend, Generation, ShownToken, SpecialText};

use super::chances::spell;
use super::generate::{self, now_unix};
use crate::answers::{AnswerEvent, Answers};
use crate::app::App;
use crate::error::ApiError;
use crate::sse::{self, Dialect};
use crate::wire::Usage;
use crate::wire::chat::{
    AnswerMessage, ChatBody, ChatChoice, ChatChunk, ChatCompletion, ChatLogprob, ChatLogprobs, ChunkChoice,
    Delta, TokenChance,
};
use crate::wire::generation::Caller;

/// Answers a conversation.
pub async fn chat_completions(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let mut admitted = generate::admit(&app, request, ChatBody::parse).await?;
    let common = admitted.body.common.clone();
    let ignored = std::mem::take(&mut admitted.body.ignored);
    let id = format!("chatcmpl-{}", admitted.context.name);
    let content_text = app.config.content_text;
    let mut answers = generate::start(&app, admitted, &common, move |frontend, body, caller| {
        start(frontend, body, caller, content_text)
    })
    .await?;
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

fn start(
    frontend: &Frontend,
    body: ChatBody,
    caller: Caller,
    content_text: SpecialText,
) -> Result<Vec<Generation>, ApiError> {
    let options = body.common.options(frontend.default_sampling(), &caller);
    let request = ChatRequest {
        template_kwargs: body.template_kwargs,
        ..body.end.request(body.messages, content_text, options)
    };
    let generation = frontend.chat(request).map_err(|error| ApiError::from(error).about_messages())?;
    Ok(vec![generation])
}

/// How chat answers are written.
struct Voice {
    id: String,
    created: u64,
    model: String,
    include_usage: bool,
    with_logprobs: bool,
}

async fn whole(mut answers: Answers, voice: &Voice) -> Result<Response, ApiError> {
    let mut choices: Vec<ChatChoice> = (0..answers.count())
        .map(|index| ChatChoice {
            index,
            message: AnswerMessage { role: "assistant", content: String::new(), refusal: None },
            logprobs: voice.with_logprobs.then(ChatLogprobs::default),
            finish_reason: "stop",
            stop_reason: None,
        })
        .collect();
    while let Some(event) = answers.next().await {
        match event {
            AnswerEvent::Delta { index, text, logprobs } => {
                choices[index].message.content += &text;
                if let Some(all) = &mut choices[index].logprobs {
                    all.content.extend(chances(answers.frontend(), &logprobs));
                }
            }
            AnswerEvent::Finished { index, reason, matched_stop } => {
                choices[index].finish_reason = reason;
                choices[index].stop_reason = matched_stop;
            }
            AnswerEvent::Failed(error) => return Err(error),
        }
    }
    let mut response = generate::json(&ChatCompletion {
        id: &voice.id,
        object: "chat.completion",
        created: voice.created,
        model: &voice.model,
        choices,
        usage: answers.usage(),
    });
    generate::annotate(&mut response, answers.replayed(), &[]);
    Ok(response)
}

impl Voice {
    fn chunk(&self, choices: Vec<ChunkChoice<'_>>, usage: Option<Usage>) -> String {
        let chunk = ChatChunk {
            id: &self.id,
            object: "chat.completion.chunk",
            created: self.created,
            model: &self.model,
            choices,
            usage: self.include_usage.then_some(usage),
        };
        serde_json::to_string(&chunk).expect("numbers and strings always serialise")
    }
}

impl Dialect for Voice {
    fn opening(&mut self, count: usize) -> Vec<String> {
        let role = |index| {
            let delta = Delta { role: Some("assistant"), content: Some("") };
            self.chunk(vec![ChunkChoice::new(index, delta)], None)
        };
        (0..count).map(role).collect()
    }

    fn delta(
        &mut self,
        answers: &Answers,
        index: usize,
        text: String,
        logprobs: &[ShownToken],
    ) -> Option<String> {
        let chances = chances(answers.frontend(), logprobs);
        if text.is_empty() && chances.is_empty() {
            return None;
        }
        let mut choice = ChunkChoice::new(index, Delta { role: None, content: Some(&text) });
        choice.logprobs = self.with_logprobs.then_some(ChatLogprobs { content: chances, refusal: None });
        Some(self.chunk(vec![choice], None))
    }

    fn finished(&mut self, index: usize, reason: &'static str, matched_stop: Option<String>) -> String {
        let mut choice = ChunkChoice::new(index, Delta::default());
        choice.finish_reason = Some(reason);
        choice.stop_reason = matched_stop;
        self.chunk(vec![choice], None)
    }

    fn usage(&mut self, usage: Usage) -> String {
        self.chunk(Vec::new(), Some(usage))
    }
}

fn chances(frontend: &Frontend, shown: &[ShownToken]) -> Vec<ChatLogprob> {
    let chance = |token, logprob| {
        let bytes = frontend.tokenizer().token_bytes(token).to_vec();
        TokenChance { token: spell(frontend, token), logprob, bytes }
    };
    shown
        .iter()
        .map(|entry| ChatLogprob {
            chosen: chance(entry.token, entry.logprob.expect("a chat echoes no prompt")),
            top_logprobs: entry.top.iter().map(|&(token, logprob)| chance(token, logprob)).collect(),
        })
        .collect()
}
