//! The dialects that clients speak. Each folder holds one: what it reads, what it writes, its lines of the route
//! table. None knows another; what they share is in `generate`. A new one is a folder and two lines here.

mod anthropic;
mod embeddings;
mod llama_server;
mod ollama;
mod openai_chat;
mod openai_completions;
mod openai_models;
mod openai_responses;
mod render;
mod tokens;

use crate::route::Route;

/// The routes of every dialect.
pub const APIS: &[&[Route]] = &[
    openai_chat::ROUTES,
    openai_completions::ROUTES,
    openai_responses::ROUTES,
    openai_models::ROUTES,
    embeddings::ROUTES,
    render::ROUTES,
    tokens::ROUTES,
    ollama::ROUTES,
    anthropic::ROUTES,
    llama_server::ROUTES,
];
