//! The events of a company's settings, in an example of each.

use super::{
    catalogue::NotificationType,
    mail::MailChoice,
    settings::{ClientChoice, ClientNotificationSettings},
};
use crate::{event::NewEvent, samples::company};

/// One of each type.
pub(crate) fn events() -> Vec<NewEvent> {
    let choice = |kind, mail| ClientChoice { kind, mail };
    let before = vec![choice(NotificationType::PaymentReceived, MailChoice::None)];
    let after = vec![
        choice(NotificationType::PaymentReceived, MailChoice::AtOnce),
        choice(NotificationType::SalesDocumentViewed, MailChoice::None),
    ];
    let (before, _) = ClientNotificationSettings::put(None, &company(1), before).unwrap().unwrap();
    let (_, event) = ClientNotificationSettings::put(Some(&before), &company(1), after).unwrap().unwrap();
    vec![event]
}
