//! The team function.
fn main() {}
