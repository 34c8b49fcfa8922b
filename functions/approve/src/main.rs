//! The approve function.
fn main() {}
