//! Email: what every message says, and its way to SES.
//!
//! [`letters`] turns what happened into a [`Message`], one function per kind; [`Mailer`] hands a
//! message to SES. Templates are checked when the crate is compiled: text and HTML of each kind
//! say the same, share one layout, load nothing and track nobody.
//!
//! This crate must never know who is told what, when, or whether they were told already; that is
//! the caller's (`notify`). It reads no clock and draws no randomness.
//!
//! # What people write cannot do harm
//! Names, reasons and messages come from people, some of them hostile. All of them pass
//! [`inert`], which takes out control and text-direction characters and bounds their length; a
//! name is one line wherever it stands, a message is quoted line by line, HTML is escaped by the
//! template engine, and a subject cannot end its header. Nobody but the vendor chooses a link: a
//! link is an [`HttpUrl`] made by us. Deliberately left alone: a name that looks like an address
//! on the web is shown as it is, and some mail programs make a link of it.

pub mod inert;
pub mod letters;
mod mailer;
mod message;
mod url;

pub use letters::{Brand, RenderError};
pub use mailer::{Mailer, MessageId, SendError, Sender};
pub use message::{Envelope, Kind, Message};
pub use url::{HttpUrl, HttpUrlError};
