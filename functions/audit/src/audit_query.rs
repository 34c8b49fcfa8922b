//! The filter of the audit log, the same for pages and for exports.

use api::Problem;
use audit_export::MAX_RECORDING_S;
use domain::{Event, Org, event_filter::EventFilter, export::AuditScope, seal::Digest};
use store::{Listing, Tenant};

/// Declares a request struct: the shared filter fields, and then fields of the struct's own, one of
/// which is `of`. Its method `audit_query` makes the [`AuditQuery`].
///
/// `param` or `schema` is the attribute of the derive that documents the struct. The filter is not a
/// flattened struct: serde buffers flattened fields, and an error would no longer name its field.
macro_rules! filtered_request {
    ($docs:ident: $(#[$meta:meta])* pub(crate) struct $name:ident { $($own:tt)* }) => {
        $(#[$meta])*
        pub(crate) struct $name {
            /// Only events of these types: one, or several with commas between them.
            #[serde(default, rename = "type")]
            #[$docs(value_type = Option<String>)]
            types: Option<domain::event_filter::EventTypes>,
            /// Only events that this user, machine client or schedule caused.
            #[serde(default)]
            actor: Option<domain::UserId>,
            /// Only events about this person as a member, as a firm's staff, or as the bookkeeper to whom a
            /// client is assigned.
            #[serde(default)]
            member: Option<domain::UserId>,
            /// Only events that are on behalf of this firm or about it.
            #[serde(default)]
            firm: Option<domain::FirmId>,
            /// Only events at this client. For `of=clients`.
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
            fn audit_query(&self) -> $crate::audit_query::AuditQuery {
                let filter = domain::event_filter::EventFilter {
                    types: self.types.clone(),
                    actor: self.actor.clone(),
                    member: self.member.clone(),
                    firm: self.firm.clone(),
                    company: self.company.clone(),
                    from: self.from,
                    to: self.to,
                };
                $crate::audit_query::AuditQuery { of: self.of, filter }
            }
        }
    };
}
pub(crate) use filtered_request;

/// A filtered part of an audit log.
#[derive(Debug, Clone)]
pub(crate) struct AuditQuery {
    pub(crate) of: Option<AuditScope>,
    pub(crate) filter: EventFilter,
}

impl AuditQuery {
    /// The list to read.
    pub(crate) fn listing(&self, tenant: &Tenant) -> Listing<Event> {
        tenant.audit_log(self.of, &self.filter, MAX_RECORDING_S).narrowed_to(self.mark())
    }

    /// The text that a cursor is bound to: a cursor works only with the filter that it was given for.
    fn mark(&self) -> String {
        let text = serde_json::to_string(&self.filter).unwrap_or_default();
        Digest::of(text.as_bytes()).to_string().chars().take(16).collect()
    }

    /// Refuses filters that do not fit this kind of tenant.
    pub(crate) fn check(&self, org: &Org) -> Result<(), Problem> {
        if self.of.is_some() && org.company().is_some() {
            return Err(Problem::field("of", "a company's audit log has no parts"));
        }
        if self.filter.company.is_some() && self.of != Some(AuditScope::Clients) {
            return Err(Problem::field(
                "company",
                "needs `of=clients`: only that part of a firm's audit log is about clients",
            ));
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

    fn ask(of: Option<AuditScope>, filter: serde_json::Value) -> AuditQuery {
        AuditQuery { of, filter: serde_json::from_value(filter).unwrap() }
    }

    #[test]
    fn a_contradictory_query_is_refused() {
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
