//! The audit function.
fn main() {}
