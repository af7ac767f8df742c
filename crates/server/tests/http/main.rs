//! The server over real sockets: a byte-level client, the toy model behind it.

// Tests print the figures they measure.
#![allow(clippy::print_stdout)]

mod auth;
mod client;
mod content;
mod embeddings;
mod fields;
mod generation;
mod lifecycle;
mod logprobs;
mod pages;
mod refusals;
mod sites;
mod world;
