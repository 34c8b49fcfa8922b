//! The ledger function.
fn main() {}
