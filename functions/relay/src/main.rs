//! The relay function.
fn main() {}
