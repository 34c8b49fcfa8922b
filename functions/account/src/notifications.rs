//! What people are notified of: their own choices, a company's settings, and the inbox in each company and firm.

pub(crate) mod client_settings;
pub(crate) mod inbox;
pub(crate) mod mails;
mod refusal;
pub(crate) mod settings;
