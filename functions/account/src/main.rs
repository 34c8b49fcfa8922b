//! The account function.
fn main() {}
