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

use crate::generate::asked::Form;
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

/// What the routes of every dialect take.
pub const FORMS: &[&[Form]] = &[
    openai_chat::FORMS,
    openai_completions::FORMS,
    openai_responses::FORMS,
    openai_models::FORMS,
    embeddings::FORMS,
    render::FORMS,
    tokens::FORMS,
    ollama::FORMS,
    anthropic::FORMS,
    llama_server::FORMS,
];

#[cfg(test)]
#[path = "fields_tests.rs"]
mod fields_tests;
