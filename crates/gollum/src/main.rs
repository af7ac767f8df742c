//! The gollum binary.
fn main() {}
