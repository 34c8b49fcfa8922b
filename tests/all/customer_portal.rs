//! `/v1/customer-portal/…`: what a customer's contact sees and does, and what is not there for them.

mod comments;
mod decisions;
mod details;
mod others;
mod paying;
mod staff;
mod stage;
mod viewing;
