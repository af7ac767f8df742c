//! The server over real sockets: a byte-level client, the toy model behind it.

// Tests print the figures they measure.
#![allow(clippy::print_stdout)]

mod anthropic;
mod auth;
mod client;
mod content;
mod description;
mod embeddings;
mod fields;
mod generation;
mod infill;
mod lifecycle;
mod llama_server;
mod logprobs;
mod models;
mod ollama;
mod pages;
mod reasoning;
mod refusals;
mod responses;
mod script;
mod sites;
mod structure;
mod tools;
mod world;
