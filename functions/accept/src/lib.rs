//! The accept function.
