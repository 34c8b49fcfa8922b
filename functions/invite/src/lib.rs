//! The invite function.
