//! The audit function.
