//! The notify function.
fn main() {}
