//! The sales function.
fn main() {}
