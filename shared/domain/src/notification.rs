//! What people hear of events: the types of notifications, who decides which are mailed, and the inbox.
//!
//! A notification goes to a person of a company or firm, because of what they may do there. It is always in their inbox;
//! whether it is mailed too follows from [`decide_mail`]. Letters to outsiders are addressed to them by an act of the
//! company or firm (an invitation, an invoice to a contact, a hosted link). They are no notifications, and nobody
//! chooses them here.

mod catalogue;
mod choice;
#[cfg(test)]
pub(crate) mod examples;
mod inbox;
mod mail;
mod postponed;
mod settings;
mod timing;
mod words;

pub use self::{
    catalogue::{NotificationCategory, NotificationType},
    choice::{DecidedBy, MailDecision, decide_mail},
    inbox::{InboxEntry, UnreadNotifications},
    mail::MailChoice,
    postponed::{MailTime, PostponedMail, mail_time},
    settings::{
        CategoryChange, CategoryChoice, ChoiceError, ClientChoice, ClientNotificationSettings,
        ClientNotificationSettingsChanged, NotificationSettings, RefusedChoice, TypeChange, TypeChoice,
    },
    timing::{DigestCadence, DigestTime, QuietHours, QuietHoursError, digest_day},
};
