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
mod subscription;
mod timing;
mod words;

pub(crate) use self::inbox::{KEPT_FOR_S, is_shown};
pub use self::{
    catalogue::{NotificationCategory, NotificationType},
    choice::{DecidedBy, MailDecision, decide_mail},
    inbox::{InboxEntry, UnreadNotifications},
    mail::MailChoice,
    postponed::{MailTime, PostponedMail, TakenDigest, mail_time},
    settings::{
        CategoryChange, CategoryChoice, ChoiceError, ClientChoice, ClientNotificationSettings,
        ClientNotificationSettingsChanged, NotificationSettings, RefusedChoice, TypeChange, TypeChoice,
    },
    subscription::{NotASubscription, Subscription},
    timing::{DigestCadence, DigestTime, QuietHours, QuietHoursError, digest_day},
};
