//! Whether a notification is mailed: one rule over what everybody has chosen.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    catalogue::NotificationType,
    mail::MailChoice,
    settings::{ClientNotificationSettings, NotificationSettings},
};
use crate::{id::Org, role::MemberRole};

/// Whose choice decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// The type is required: nobody chooses.
    Required,
    /// The person, for this type in this company or firm.
    Type,
    /// The person, for the category everywhere.
    Category,
    /// The company's settings.
    Company,
    /// Nobody chose: the default of the person's role.
    Default,
    /// The person, who stopped digests: it would have come in one.
    DigestsStopped,
}

/// Whether a notification is mailed, and whose choice that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailDecision {
    /// Whether it is mailed.
    pub mail: MailChoice,
    /// Whose choice decides.
    pub by: DecidedBy,
}

/// Decides whether a notification is mailed to a person. The first that says something counts: a required type, the
/// person for this type here, the person for its category, the company's settings, the default of the person's role.
/// What would come in a digest is not mailed to a person who stopped digests.
///
/// `role` is the person's place among the company's members; `None` for the people of firms.
#[must_use]
pub fn decide_mail(
    kind: NotificationType,
    org: &Org,
    own: Option<&NotificationSettings>,
    client: Option<&ClientNotificationSettings>,
    role: Option<MemberRole>,
) -> MailDecision {
    let decided = |by: DecidedBy| move |mail: MailChoice| MailDecision { mail, by };
    if kind.is_required() {
        return decided(DecidedBy::Required)(MailChoice::AtOnce);
    }
    let chosen = own
        .and_then(|own| own.of_type(org, kind))
        .map(decided(DecidedBy::Type))
        .or_else(|| own.and_then(|own| own.of_category(kind.category())).map(decided(DecidedBy::Category)))
        .or_else(|| client.and_then(|client| client.of_type(kind)).map(decided(DecidedBy::Company)))
        .unwrap_or_else(|| decided(DecidedBy::Default)(kind.default_mail(role)));
    match chosen.mail {
        MailChoice::InDigest if own.is_some_and(|own| own.digests_stopped) => {
            decided(DecidedBy::DigestsStopped)(MailChoice::None)
        }
        MailChoice::AtOnce | MailChoice::InDigest | MailChoice::None => chosen,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::settings::{CategoryChoice, TypeChoice},
        *,
    };

    fn here() -> Org {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn elsewhere() -> Org {
        "co_00000000000000000000000000000002".parse().unwrap()
    }

    /// What each level says of one type; `None` where it says nothing.
    #[derive(Debug, Clone, Copy)]
    struct Levels {
        of_type: Option<MailChoice>,
        of_category: Option<MailChoice>,
        of_company: Option<MailChoice>,
        role: Option<MemberRole>,
    }

    fn decide(kind: NotificationType, levels: Levels) -> MailDecision {
        let other = |mail: MailChoice| if mail == MailChoice::None { MailChoice::AtOnce } else { MailChoice::None };
        // Each choice stands among others that must not count: another company's, another category's.
        let mut own = NotificationSettings::default();
        if let Some(mail) = levels.of_type {
            own.types.push(TypeChoice { org: elsewhere(), kind, mail: other(mail) });
            own.types.push(TypeChoice { org: here(), kind, mail });
        }
        if let Some(mail) = levels.of_category {
            own.categories.push(CategoryChoice { category: kind.category(), mail });
        }
        let client = levels.of_company.map(|mail| ClientNotificationSettings::of_one(kind, mail));
        decide_mail(kind, &here(), Some(&own), client.as_ref(), levels.role)
    }

    /// Proves: NT2
    #[test]
    fn the_first_level_that_says_something_decides() {
        use MailChoice::{AtOnce, InDigest, None as Not};
        let kind = NotificationType::PaymentReceived;
        let nobody = Levels { of_type: None, of_category: None, of_company: None, role: None };
        let reader = Some(MemberRole::ReadOnly);
        for (levels, mail, by) in [
            (nobody, AtOnce, DecidedBy::Default),
            (Levels { role: Some(MemberRole::Owner), ..nobody }, AtOnce, DecidedBy::Default),
            (Levels { role: reader, ..nobody }, Not, DecidedBy::Default),
            (Levels { of_company: Some(AtOnce), role: reader, ..nobody }, AtOnce, DecidedBy::Company),
            (Levels { of_company: Some(Not), ..nobody }, Not, DecidedBy::Company),
            (Levels { of_category: Some(AtOnce), of_company: Some(Not), ..nobody }, AtOnce, DecidedBy::Category),
            (Levels { of_category: Some(Not), of_company: Some(AtOnce), ..nobody }, Not, DecidedBy::Category),
            (Levels { of_category: Some(InDigest), of_company: Some(Not), ..nobody }, InDigest, DecidedBy::Category),
            (Levels { of_type: Some(AtOnce), of_category: Some(Not), ..nobody }, AtOnce, DecidedBy::Type),
            (Levels { of_type: Some(Not), of_category: Some(AtOnce), ..nobody }, Not, DecidedBy::Type),
        ] {
            assert_eq!(decide(kind, levels), MailDecision { mail, by }, "{levels:?}");
        }
        let off = Levels { of_type: Some(Not), of_category: Some(Not), of_company: Some(Not), role: reader };
        for required in NotificationType::ALL.iter().copied().filter(|kind| kind.is_required()) {
            assert_eq!(decide(required, off), MailDecision { mail: AtOnce, by: DecidedBy::Required }, "{required}");
        }
    }

    fn choice() -> impl Strategy<Value = Option<MailChoice>> {
        let mail = [MailChoice::AtOnce, MailChoice::InDigest, MailChoice::None];
        prop::option::of(prop::sample::select(mail.to_vec()))
    }

    fn any_levels() -> impl Strategy<Value = Levels> {
        let role = prop_oneof![Just(None), prop::sample::select(MemberRole::ALL).prop_map(Some)];
        (choice(), choice(), choice(), role).prop_map(|(of_type, of_category, of_company, role)| Levels {
            of_type,
            of_category,
            of_company,
            role,
        })
    }

    proptest! {
        /// Proves: NT2
        #[test]
        fn a_required_type_is_mailed_and_the_more_specific_choice_wins(
            kind in prop::sample::select(NotificationType::ALL), levels in any_levels()
        ) {
            let decided = decide(kind, levels);
            let chosen = levels.of_type.or(levels.of_category).or(levels.of_company);
            let expected = match (kind.is_required(), chosen) {
                (true, _) => MailChoice::AtOnce,
                (false, Some(chosen)) => chosen,
                (false, None) => kind.default_mail(levels.role),
            };
            prop_assert_eq!(decided.mail, expected);
            prop_assert_eq!(decided.by == DecidedBy::Required, kind.is_required());
            prop_assert_eq!(decided.by == DecidedBy::Default, !kind.is_required() && chosen.is_none());
        }
    }
}
