//! The sales function.
