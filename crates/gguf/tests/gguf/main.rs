//! The reader against honest, broken and hostile files. One binary, because the allocator that counts is
//! global.

#![allow(clippy::unwrap_used)]

#[allow(unsafe_code)] // a global allocator is an unsafe trait
mod alloc;
mod anatomy;
mod generated;
mod judge;
mod limits;
mod open;
mod real;
mod roundtrip;
mod rules;
mod splits;
