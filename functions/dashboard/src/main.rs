//! The dashboard function.
fn main() {}
