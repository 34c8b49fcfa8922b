//! The team function.
