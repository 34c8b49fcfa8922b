//! The rules of accountant-client collaboration, pure: no I/O, no clock, no randomness.
