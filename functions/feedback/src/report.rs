//! Parses SES's reports about an email.
//!
//! Source: "Contents of event data that Amazon SES publishes to Amazon SNS" in the SES developer
//! guide. Only what is used here is read; SES adds fields and kinds without notice.

use std::collections::HashMap;

use domain::{
    Email, InvitationId, UtcTime,
    delivery::DeliveryState,
    mail_log::{MailName, MailReason, MailState, MailStep},
    suppression::{LetterPurpose, Suppression, SuppressionReason},
};
use serde::Deserialize;

/// One report.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SesReport {
    event_type: EventKind,
    mail: Mail,
    #[serde(default)]
    bounce: Option<Bounce>,
    #[serde(default)]
    complaint: Option<Complaint>,
    #[serde(default)]
    delivery: Option<Moment>,
    #[serde(default)]
    delivery_delay: Option<Moment>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum EventKind {
    Bounce,
    Complaint,
    Delivery,
    DeliveryDelay,
    Reject,
    Send,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    #[serde(default)]
    message_id: Option<String>,
    /// The tags of the email, each with its values.
    #[serde(default)]
    tags: HashMap<String, Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bounce {
    bounce_type: BounceType,
    #[serde(default)]
    bounced_recipients: Vec<Recipient>,
    #[serde(default)]
    timestamp: Option<UtcTime>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum BounceType {
    Permanent,
    /// `Transient`, such as a full mailbox or a vacation notice, and `Undetermined`: the address may
    /// well be good.
    #[serde(other)]
    Passing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Complaint {
    #[serde(default)]
    complained_recipients: Vec<Recipient>,
    #[serde(default)]
    complaint_feedback_type: Option<String>,
    #[serde(default)]
    timestamp: Option<UtcTime>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Recipient {
    email_address: String,
}

#[derive(Debug, Deserialize)]
struct Moment {
    #[serde(default)]
    timestamp: Option<UtcTime>,
}

impl SesReport {
    /// SES's id of the email.
    pub(crate) fn message_id(&self) -> Option<String> {
        self.mail.message_id.clone()
    }

    /// The invitation in the email, and its generation.
    pub(crate) fn invitation(&self) -> Option<(InvitationId, u32)> {
        Some((self.tag("invitation")?.parse().ok()?, self.tag("generation")?.parse().ok()?))
    }

    /// The name of the email in the mail log.
    pub(crate) fn mail_name(&self) -> Option<MailName> {
        MailName::from_tags(|name| self.tag(name))
    }

    fn tag(&self, name: &str) -> Option<&str> {
        self.mail.tags.get(name).and_then(|values| values.first()).map(String::as_str)
    }

    /// What the mail log says of the email; `None` while it is still on its way.
    pub(crate) fn mail_step(&self, now: UtcTime) -> Option<MailStep> {
        match self.event_type {
            EventKind::Reject => return Some(MailStep::because(MailState::Failed, MailReason::Refused, now)),
            // SES has given up on it, though the address may be good: unlike a delay, this is its end.
            EventKind::Bounce if self.bounce.as_ref()?.bounce_type == BounceType::Passing => {
                let at = self.bounce.as_ref().and_then(|bounce| bounce.timestamp).unwrap_or(now);
                return Some(MailStep::because(MailState::Failed, MailReason::NotAccepted, at));
            }
            EventKind::Bounce
            | EventKind::Complaint
            | EventKind::Delivery
            | EventKind::DeliveryDelay
            | EventKind::Send
            | EventKind::Other => {}
        }
        let (state, at) = self.state(now)?;
        let state = match state {
            DeliveryState::Pending | DeliveryState::Delayed => return None,
            DeliveryState::Sent => MailState::Sent,
            DeliveryState::Delivered => MailState::Delivered,
            DeliveryState::Bounced => MailState::Bounced,
            DeliveryState::Complained => MailState::Complained,
        };
        Some(MailStep::new(state, at))
    }

    /// The delivery status of the email, and its time.
    pub(crate) fn state(&self, now: UtcTime) -> Option<(DeliveryState, UtcTime)> {
        let (state, at) = match self.event_type {
            EventKind::Send => (DeliveryState::Sent, None),
            EventKind::Delivery => (DeliveryState::Delivered, self.delivery.as_ref().and_then(|it| it.timestamp)),
            EventKind::DeliveryDelay => {
                (DeliveryState::Delayed, self.delivery_delay.as_ref().and_then(|it| it.timestamp))
            }
            EventKind::Bounce => {
                let bounce = self.bounce.as_ref()?;
                let state = match bounce.bounce_type {
                    BounceType::Permanent => DeliveryState::Bounced,
                    BounceType::Passing => DeliveryState::Delayed,
                };
                (state, bounce.timestamp)
            }
            EventKind::Complaint if self.is_no_complaint() => return None,
            EventKind::Complaint => (DeliveryState::Complained, self.complaint.as_ref()?.timestamp),
            // SES found a virus in it: it will never arrive, and the address is not to blame.
            EventKind::Reject => (DeliveryState::Bounced, None),
            EventKind::Other => return None,
        };
        Some((state, at.unwrap_or(now)))
    }

    /// Why the addresses of this report are suppressed, if the report requires it.
    pub(crate) fn suppression(&self, now: UtcTime) -> Option<Suppression> {
        let reason = match self.event_type {
            EventKind::Bounce if self.bounce.as_ref()?.bounce_type == BounceType::Permanent => {
                SuppressionReason::Bounced
            }
            EventKind::Complaint if !self.is_no_complaint() => SuppressionReason::Complained,
            EventKind::Bounce
            | EventKind::Complaint
            | EventKind::Delivery
            | EventKind::DeliveryDelay
            | EventKind::Reject
            | EventKind::Send
            | EventKind::Other => return None,
        };
        Some(Suppression::new(reason, now))
    }

    /// What the letter was for.
    pub(crate) fn purpose(&self) -> LetterPurpose {
        if self.invitation().is_some() { LetterPurpose::Invitations } else { LetterPurpose::Notifications }
    }

    /// A provider also reports this way that its user moved an email out of the spam folder.
    fn is_no_complaint(&self) -> bool {
        self.complaint.as_ref().is_some_and(|it| it.complaint_feedback_type.as_deref() == Some("not-spam"))
    }

    /// The addresses in the report. An invalid address is skipped, since we never write to one.
    pub(crate) fn addresses(&self) -> Vec<Email> {
        let bounced = self.bounce.iter().flat_map(|bounce| &bounce.bounced_recipients);
        let complained = self.complaint.iter().flat_map(|complaint| &complaint.complained_recipients);
        bounced.chain(complained).filter_map(|recipient| bare(&recipient.email_address).parse().ok()).collect()
    }
}

/// `ada@firm.example` of `"Ada" <ada@firm.example>`.
fn bare(address: &str) -> &str {
    address.rsplit_once('<').map_or(address, |(_, rest)| rest.trim_end_matches('>')).trim()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: UtcTime = UtcTime::EPOCH;

    fn read(event: &Value) -> SesReport {
        serde_json::from_value(event.clone()).unwrap()
    }

    fn event(kind: &str, detail: (&str, Value)) -> SesReport {
        read(&json!({
            "eventType": kind,
            "mail": {
                "timestamp": "2026-11-21T12:26:40.123Z", "messageId": "0100-1", "destination": ["ada@firm.example"],
                "tags": {
                    "invitation": ["in_00000000000000000000000000000009"], "generation": ["2"],
                    "ses:configuration-set": ["countersign-mail"],
                },
            },
            detail.0: detail.1,
        }))
    }

    fn bounce(kind: &str) -> SesReport {
        event(
            "Bounce",
            (
                "bounce",
                json!({
                    "bounceType": kind, "bounceSubType": "General", "timestamp": "2026-11-21T12:26:41.000Z",
                    "bouncedRecipients": [{ "emailAddress": "\"Ada\" <Ada@firm.example>", "action": "failed" }],
                }),
            ),
        )
    }

    /// Proves: F10
    #[test]
    fn only_a_permanent_bounce_condemns_the_address() {
        let permanent = bounce("Permanent");
        assert_eq!(permanent.suppression(NOW).unwrap().reason, SuppressionReason::Bounced);
        assert_eq!(permanent.addresses(), ["ada@firm.example".parse().unwrap()]);
        let at = "2026-11-21T12:26:41.000Z".parse().unwrap();
        assert_eq!(permanent.state(NOW), Some((DeliveryState::Bounced, at)));
        assert_eq!(permanent.mail_step(NOW), Some(MailStep::new(MailState::Bounced, at)));
        for passing in ["Transient", "Undetermined", "SomethingNew"] {
            let report = bounce(passing);
            assert_eq!(report.suppression(NOW), None, "{passing}");
            assert_eq!(report.state(NOW).unwrap().0, DeliveryState::Delayed, "{passing}");
            let step = MailStep::because(MailState::Failed, MailReason::NotAccepted, at);
            assert_eq!(report.mail_step(NOW), Some(step), "the mail log says nothing of {passing}");
        }
    }

    #[test]
    fn a_complaint_condemns_the_address_unless_it_says_the_reverse() {
        let complaint = |kind: Option<&str>| {
            let recipients = json!([{ "emailAddress": "ada@firm.example" }]);
            event(
                "Complaint",
                ("complaint", json!({ "complainedRecipients": recipients, "complaintFeedbackType": kind })),
            )
        };
        for kind in [None, Some("abuse")] {
            assert_eq!(complaint(kind).suppression(NOW).unwrap().reason, SuppressionReason::Complained);
            assert_eq!(complaint(kind).state(NOW), Some((DeliveryState::Complained, NOW)));
        }
        let not_spam = complaint(Some("not-spam"));
        assert_eq!((not_spam.suppression(NOW), not_spam.state(NOW)), (None, None));
    }

    #[test]
    fn a_report_finds_its_invitation_by_the_tags_of_the_letter() {
        let delivered = event("Delivery", ("delivery", json!({ "timestamp": "2026-11-21T12:26:41.000Z" })));
        let (id, generation) = delivered.invitation().unwrap();
        assert_eq!((id.as_str(), generation), ("in_00000000000000000000000000000009", 2));
        assert_eq!(delivered.state(NOW).unwrap().0, DeliveryState::Delivered);
        assert_eq!(delivered.message_id().as_deref(), Some("0100-1"));
        let other = read(&json!({ "eventType": "Delivery", "mail": { "tags": { "generation": ["2"] } } }));
        assert_eq!(other.invitation(), None);
    }

    /// Proves: ML1
    #[test]
    fn a_report_finds_the_mail_in_the_log_by_its_tags() {
        let mut tags = json!({
            "event": ["ev_00000000000000000000000000000001"], "org": ["co_00000000000000000000000000000001"],
            "subject": ["00112233445566778899aabbccddeeff"], "recipient": ["0190-a"],
        });
        let report = |kind: &str, tags: &Value| read(&json!({ "eventType": kind, "mail": { "tags": tags } }));
        let name = report("Delivery", &tags).mail_name().unwrap();
        assert_eq!((name.org.as_str(), name.recipient.as_str()), ("co_00000000000000000000000000000001", "0190-a"));
        assert_eq!(report("Delivery", &tags).mail_step(NOW), Some(MailStep::new(MailState::Delivered, NOW)));
        assert_eq!(report("Reject", &tags).mail_step(NOW).unwrap().state, MailState::Failed);
        assert_eq!(report("DeliveryDelay", &tags).mail_step(NOW), None);
        tags["org"] = json!(["co_1"]);
        assert_eq!(report("Delivery", &tags).mail_name(), None);
    }

    #[test]
    fn a_kind_that_is_not_ours_to_hear_means_nothing() {
        let opened = event("Open", ("open", json!({})));
        assert_eq!((opened.state(NOW), opened.suppression(NOW)), (None, None));
    }
}
