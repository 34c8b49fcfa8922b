//! The switch-context function.
