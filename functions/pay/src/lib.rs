//! The pay function.
