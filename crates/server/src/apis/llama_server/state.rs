//! What llama-server's clients ask about the server and its model, and the template without an answer.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use gollum_frontend::GenerateOptions;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::generate::ask::Conversation;
use crate::generate::fields::Fields;
use crate::generate::messages::{self, PromptEnd};
use crate::generate::{self, reply, thinking, tools};
use crate::limits;

/// The default model's context, template and sampling.
pub async fn props(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let model = app.model(None).await?;
    let (engine, sampling) = (model.engine().limits(), model.default_sampling());
    Ok(reply::json(&json!({
        "default_generation_settings": {
            "n_ctx": engine.max_model_len,
            "params": {
                "temperature": sampling.temperature,
                "top_k": sampling.top_k,
                "top_p": sampling.top_p,
                "min_p": sampling.min_p,
                "repeat_penalty": sampling.repetition_penalty,
                "presence_penalty": sampling.presence_penalty,
                "frequency_penalty": sampling.frequency_penalty,
            },
        },
        "total_slots": engine.max_num_seqs,
        "model_alias": model.model_id(),
        "chat_template": model.template_source(),
        "modalities": { "vision": false, "audio": false },
        "build_info": reply::FINGERPRINT,
    })))
}

/// Places for running answers, as many busy as there are running ones: an answer has no place of its own here.
pub async fn slots(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let model = app.model(None).await?;
    let (engine, stats) = (model.engine().limits(), model.engine().stats());
    let slot = |id: usize| {
        let is_processing = (id as u64) < stats.requests_running;
        json!({"id": id, "n_ctx": engine.max_model_len, "is_processing": is_processing})
    };
    Ok(reply::json(&(0..engine.max_num_seqs).map(slot).collect::<Vec<Value>>()))
}

/// A prompt to be rendered.
pub struct Rendering {
    model: Option<String>,
    conversation: Conversation,
    ignored: Vec<String>,
}

/// Parses a body of `/apply-template`. Errors: 400 naming the field.
pub fn parse(body: &[u8]) -> Result<Rendering, ApiError> {
    let mut fields = Fields::parse(body)?;
    let mut ignored = Vec::new();
    let model = fields.string("model", limits::MAX_NAME_BYTES)?.filter(|model| !model.is_empty());
    let mut template_kwargs: Map<String, Value> = messages::template_kwargs(&mut fields)?;
    let reasoning = thinking::read(&mut fields, &mut template_kwargs)?;
    let tools = tools::tools(&mut fields, &mut ignored)?;
    let messages = messages::messages(&mut fields, &mut ignored)?;
    let end = PromptEnd::read(&mut fields, &messages)?;
    fields.ignored_into(&mut ignored);
    let conversation = Conversation { messages, tools, reasoning, template_kwargs, end };
    Ok(Rendering { model, conversation, ignored })
}

/// The prompt of a conversation, as text.
pub async fn apply_template(State(app): State<Arc<App>>, request: Request) -> Result<Response, ApiError> {
    let admitted = generate::admit(&app, request, parse).await?;
    let Rendering { model, conversation, ignored } = admitted.body;
    let model = app.model(model.as_deref()).await?;
    let content_text = app.config.content_text;
    let prompt = app.workers.run(move || {
        let request = conversation.request(content_text, GenerateOptions::default());
        Ok(model.chat_prompt(&request).map_err(|error| ApiError::from(error).about_messages())?.text)
    });
    let mut response = reply::json(&json!({ "prompt": prompt.await? }));
    reply::annotate(&mut response, false, &ignored);
    drop(admitted.in_flight);
    Ok(response)
}
