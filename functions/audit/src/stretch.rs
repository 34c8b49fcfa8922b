//! Which stretch of a trail somebody asks for, whether they get it as a page or as a file.

use api::Problem;
use audit_export::MAX_RECORDING_S;
use domain::{Event, Org, event_filter::EventFilter, export::AuditScope, seal::Digest};
use store::{Listing, Tenant};

/// Declares what a caller asks with: what is looked for in a trail, and then fields of the struct's own,
/// of which one is `of`. `stretch` makes the [`Stretch`] of them.
///
/// `param` or `schema` is the attribute of the derive that documents the struct. What is looked for is
/// no struct that is flattened into the others: serde buffers what it flattens, and a field that is
/// refused would no longer be named.
macro_rules! looking_for {
    ($docs:ident: $(#[$meta:meta])* pub(crate) struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        pub(crate) struct $name {
            /// Only events of these types: one, or several with commas between them.
            #[serde(default, rename = "type")]
            #[$docs(value_type = Option<String>)]
            types: Option<domain::event_filter::EventTypes>,
            /// Only what this user, machine client or schedule did.
            #[serde(default)]
            actor: Option<domain::UserId>,
            /// Only what is about this person's place: as a member, on a firm's staff, or as the bookkeeper to
            /// whom a client is assigned.
            #[serde(default)]
            member: Option<domain::UserId>,
            /// Only what was done on behalf of this firm, or is about it.
            #[serde(default)]
            firm: Option<domain::FirmId>,
            /// Only what happened at this client. For `of=clients`.
            #[serde(default)]
            company: Option<domain::CompanyId>,
            /// Only events at this time or later.
            #[serde(default)]
            from: Option<domain::UtcTime>,
            /// Only events before this time.
            #[serde(default)]
            to: Option<domain::UtcTime>,
            $($own)*
        }

        impl $name {
            fn stretch(&self) -> $crate::stretch::Stretch {
                let filter = domain::event_filter::EventFilter {
                    types: self.types.clone(),
                    actor: self.actor.clone(),
                    member: self.member.clone(),
                    firm: self.firm.clone(),
                    company: self.company.clone(),
                    from: self.from,
                    to: self.to,
                };
                $crate::stretch::Stretch { of: self.of, filter }
            }
        }
    };
}
pub(crate) use looking_for;

/// A stretch of a trail: which part of it, and what is looked for there.
#[derive(Debug, Clone)]
pub(crate) struct Stretch {
    pub(crate) of: Option<AuditScope>,
    pub(crate) filter: EventFilter,
}

impl Stretch {
    /// The list to read.
    pub(crate) fn listing(&self, tenant: &Tenant) -> Listing<Event> {
        tenant.trail(self.of, &self.filter, MAX_RECORDING_S).narrowed_to(self.mark())
    }

    /// What a cursor is bound to: one filter's cursor opens no other's page.
    fn mark(&self) -> String {
        let text = serde_json::to_string(&self.filter).unwrap_or_default();
        Digest::of(text.as_bytes()).to_string().chars().take(16).collect()
    }

    /// Refuses what makes no sense in the tenant asked.
    pub(crate) fn check(&self, org: &Org) -> Result<(), Problem> {
        if self.of.is_some() && org.company().is_some() {
            return Err(Problem::field("of", "a company's trail has no parts"));
        }
        if self.filter.company.is_some() && self.of != Some(AuditScope::Clients) {
            return Err(Problem::field("company", "is for the clients' part of a firm's trail, of=clients"));
        }
        if self.filter.is_forward() { Ok(()) } else { Err(Problem::field("to", "must not be before `from`")) }
    }
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, FirmId, UtcTime};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn at(unix_s: i64) -> UtcTime {
        UtcTime::EPOCH.plus_s(unix_s)
    }

    fn company() -> Org {
        Org::Company(CompanyId::from_uuid(Uuid::from_u128(1)))
    }

    fn firm() -> Org {
        Org::Firm(FirmId::from_uuid(Uuid::from_u128(2)))
    }

    fn ask(of: Option<AuditScope>, filter: serde_json::Value) -> Stretch {
        Stretch { of, filter: serde_json::from_value(filter).unwrap() }
    }

    #[test]
    fn a_question_that_makes_no_sense_is_refused() {
        let client = json!({"company": company().as_str()});
        assert!(ask(None, json!({"from": at(2), "to": at(1)})).check(&company()).is_err());
        assert!(ask(None, json!({"from": at(1), "to": at(1)})).check(&company()).is_ok());
        assert!(ask(Some(AuditScope::Clients), json!({})).check(&company()).is_err());
        assert!(ask(Some(AuditScope::Clients), json!({})).check(&firm()).is_ok());
        assert!(ask(Some(AuditScope::Clients), client.clone()).check(&firm()).is_ok());
        assert!(ask(None, client.clone()).check(&firm()).is_err());
        assert!(ask(None, client).check(&company()).is_err());
    }

    #[test]
    fn every_filter_has_a_mark_of_its_own() {
        let marks = [json!({}), json!({"actor": "a"}), json!({"member": "a"}), json!({"types": "member.added"})]
            .map(|filter| ask(None, filter).mark());
        let distinct: std::collections::BTreeSet<&String> = marks.iter().collect();
        assert_eq!(distinct.len(), marks.len());
    }
}
