//! The accept function.
fn main() {}
