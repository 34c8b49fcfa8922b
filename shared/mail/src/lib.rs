//! Email: compile-checked templates and the SES sender.
