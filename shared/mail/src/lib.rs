//! Email: what every letter says, and how they are sent through SES.
//!
//! A letter is one type in [`letters`], with its words beside it; [`write`] makes a [`Message`] of it, and
//! [`Mailer`] sends a message through SES. Two layouts, text and HTML, render every letter from the same words, so
//! both parts say the same. They load nothing and track nobody.
//!
//! This crate must never know the recipients, or when and whether a letter was sent; `notify` decides that. It
//! reads no clock and draws no randomness.
//!
//! # What people write cannot do harm
//! Names, reasons and messages come from people, some of them hostile. All of them pass
//! [`inert`], which takes out control and text-direction characters and bounds their length; a
//! name is one line wherever it stands, a message is quoted line by line, HTML is escaped by the
//! template engine, and a subject cannot end its header. Nobody but the vendor chooses a link: a
//! link is an [`HttpUrl`] made by us. Deliberately left alone: a name that looks like an address
//! on the web is shown as it is, and some mail programs make a link of it.

pub mod inert;
mod layout;
pub mod letters;
mod look;
mod mailer;
mod message;
#[cfg(test)]
mod say;
mod url;

pub use inert::{Line, Quote};
pub use layout::{Brand, Company, Letter, RenderError, write};
pub use mailer::{Mailer, MessageId, SendError, Sender};
pub use message::{Envelope, Message};
pub use url::{HttpUrl, HttpUrlError};
