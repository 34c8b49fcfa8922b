//! The switch-context function.
fn main() {}
