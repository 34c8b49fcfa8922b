//! The kit's own tools do what the tests rely on. None of these needs the stack.

mod chaos;
mod checkout_sessions;
mod payment_provider;
mod runtime_api;
