//! The approve function.
