//! The pay function.
fn main() {}
