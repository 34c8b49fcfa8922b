//! The ledger function.
