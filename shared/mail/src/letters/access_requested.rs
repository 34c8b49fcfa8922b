//! The letter to those who may decide: someone asks for more access.

use domain::language::Reader;
use domain::{Grants, UtcTime};

use crate::{
    date::date_and_time,
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Section, Words},
    letters::access_target::AccessTarget,
    url::HttpUrl,
};

/// Someone asks for more access, for a time.
#[derive(Debug, Clone)]
pub struct AccessRequested {
    /// The access that would be widened.
    pub target: AccessTarget,
    /// The name of the person who asks.
    pub asked_by: Line,
    /// The requested permissions.
    pub would: Grants,
    /// For how long, in hours from the grant on.
    pub for_hours: u32,
    /// The reason, in their words.
    pub reason: Option<Quote>,
    /// When the request expires.
    pub open_until: UtcTime,
    /// The request in the portal.
    pub link: HttpUrl,
}

impl Letter for AccessRequested {
    fn name(&self) -> &'static str {
        "access-requested"
    }

    fn words(&self, reader: &Reader) -> Words {
        let asked_by = &self.asked_by;
        let (asked, decides) = match &self.target {
            AccessTarget::Member { company } => {
                (format!("{asked_by} asks for more access to {company}."), company.to_string())
            }
            AccessTarget::Firm { company, firm } => (
                format!("{asked_by} asks for more access to {company}, for everyone at {firm} who works there."),
                company.to_string(),
            ),
            AccessTarget::Client { company, firm } => (
                format!("{asked_by} of {firm} asks for access to the books of {company}."),
                format!("the clients of {firm}"),
            ),
        };
        let (duration, open_until) = (duration(self.for_hours), date_and_time(self.open_until));
        Words {
            sections: Section::permissions(reader, &format!("If you agree, for {duration}"), &self.would).into_iter().collect(),
            quotation: Quotation::if_any(asked_by, self.reason.as_ref()),
            button: Some(Button::new("Answer the request", &self.link)),
            notes: vec![Line::sentence(&format!(
                "Opening the link grants nothing. You may grant less than this, or for less long. The request can be \
                 answered until {open_until}."
            ))],
            ..Words::new(
                &format!("{} asks for access to {}", asked_by.short(), self.target.company().short()),
                &asked,
                &format!("You receive this because you may decide who has access to {decides}."),
            )
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        let asked = |target, for_hours, reason| Self {
            target,
            asked_by: line("Mara Member"),
            would: [Permission::InvoicesView, Permission::InvoicesComment, Permission::PaymentsPay].into_iter().collect(),
            for_hours,
            reason: Option::and_then(reason, |reason| Quote::new(&say(reason))),
            open_until: "2026-12-05T14:30:00Z".parse().unwrap(),
            link: crate::say::link(),
        };
        vec![
            (
                "a_member_asks_for_access",
                asked(AccessTarget::Member { company: company() }, 48, Some("Holiday cover.\nFrom Monday on.")),
            ),
            ("a_firm_asks_for_access", asked(AccessTarget::Firm { company: company(), firm: firm() }, 1, None)),
            (
                "a_bookkeeper_asks_for_access_to_a_client",
                asked(AccessTarget::Client { company: company(), firm: firm() }, 8, None),
            ),
        ]
    }
}

/// `8 hours`, `1 day`: whole days where it is so many.
fn duration(hours: u32) -> String {
    let (count, unit) = if hours.is_multiple_of(24) { (hours / 24, "day") } else { (hours, "hour") };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_days_where_it_is_whole_days() {
        for (hours, told) in [(1, "1 hour"), (8, "8 hours"), (24, "1 day"), (25, "25 hours"), (8_784, "366 days")] {
            assert_eq!(duration(hours), told);
        }
    }
}
