//! The mail log: the state of each mail from waiting to delivered. It never holds the content of a mail or its address.
//!
//! A record is also the claim on sending the mail, so one item says both who may send it and what is known of it.

mod name;
mod record;
mod step;

pub use self::{
    name::{MailName, MailRecipient, SubjectKey},
    record::{ClaimOnMail, MailRecord},
    step::{MailReason, MailState, MailStep},
};
