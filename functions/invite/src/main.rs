//! The invite function.
fn main() {}
