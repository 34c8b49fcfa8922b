use proptest::prelude::*;

use super::{
    super::{
        choice::{DecidedBy, decide_mail},
        settings::{ChoiceError, ClientNotificationSettings, TypeChange},
    },
    *,
};
use crate::id::Org;

const APPROVALS: Subscription = Subscription::Category(NotificationCategory::Approvals);

fn org(n: usize) -> Org {
    format!("co_{n:032x}").parse().unwrap()
}

fn choice() -> impl Strategy<Value = MailChoice> {
    prop::sample::select(vec![MailChoice::AtOnce, MailChoice::InDigest, MailChoice::None])
}

/// What somebody chose in three companies, and whether they stopped digests.
fn any_settings() -> impl Strategy<Value = NotificationSettings> {
    let chosen: Vec<NotificationCategory> =
        NotificationCategory::ALL.iter().copied().filter(|category| !category.is_required()).collect();
    let categories = prop::collection::btree_map(prop::sample::select(chosen), choice(), 0..5);
    let types = prop::collection::btree_map((0..3_usize, prop::sample::select(NotificationType::ALL)), choice(), 0..9);
    (categories, types, any::<bool>()).prop_map(|(categories, types, digests_stopped)| NotificationSettings {
        categories: categories.into_iter().map(|(category, mail)| CategoryChoice { category, mail }).collect(),
        types: types.into_iter().map(|((at, kind), mail)| TypeChoice { org: org(at), kind, mail }).collect(),
        digests_stopped,
        version: 4,
        ..NotificationSettings::default()
    })
}

fn any_subscription() -> impl Strategy<Value = Subscription> {
    prop::sample::select(Subscription::all().collect::<Vec<_>>())
}

fn mail(kind: NotificationType, at: usize, own: &NotificationSettings, company: MailChoice) -> MailChoice {
    let client = ClientNotificationSettings::of_one(kind, company);
    decide_mail(kind, &org(at), Some(own), Some(&client), None).mail
}

proptest! {
    /// One click would otherwise leave mail that the person asked to end, or end other mail.
    /// Proves: NT8
    #[test]
    fn what_is_stopped_is_mailed_nowhere_and_everything_else_as_before(
        own in any_settings(), company in choice(), subscription in any_subscription(), at in 0..4_usize,
        kind in prop::sample::select(NotificationType::ALL),
    ) {
        let stopped = own.stop(subscription).unwrap_or_else(|| own.clone());
        let (before, after) = (mail(kind, at, &own, company), mail(kind, at, &stopped, company));
        let is_of_it = match subscription {
            Subscription::Category(category) => kind.category() == category,
            Subscription::Digests => before == MailChoice::InDigest,
        };
        prop_assert_eq!(after, if is_of_it { MailChoice::None } else { before });
        prop_assert!(stopped.has_stopped(subscription));
        prop_assert_eq!(stopped.stop(subscription), None, "a second click changes nothing");
        prop_assert!(stopped == own || stopped.version == own.version + 1);
    }

    /// Proves: NT8
    #[test]
    fn what_is_resumed_is_mailed_again_where_it_was_not_switched_off_by_itself(
        own in any_settings(), company in choice(), subscription in any_subscription(), at in 0..4_usize,
        kind in prop::sample::select(NotificationType::ALL),
    ) {
        let stopped = own.stop(subscription).unwrap_or_else(|| own.clone());
        let resumed = stopped.resume(subscription).unwrap();
        prop_assert!(!resumed.has_stopped(subscription));
        prop_assert_eq!(resumed.resume(subscription), None);
        let after = mail(kind, at, &resumed, company);
        match subscription {
            Subscription::Digests => {
                let started = NotificationSettings { digests_stopped: false, ..own.clone() };
                prop_assert_eq!(after, mail(kind, at, &started, company));
            }
            Subscription::Category(category) if kind.category() == category => {
                prop_assert_eq!(after, resumed.of_type(&org(at), kind).unwrap_or(MailChoice::AtOnce));
            }
            Subscription::Category(_) => prop_assert_eq!(after, mail(kind, at, &own, company)),
        }
    }

    #[test]
    fn a_choice_on_the_page_counts_everywhere_and_what_stays_as_it_was_keeps_its_exceptions(
        own in any_settings(), chosen in prop::option::of(choice()), category in prop::sample::select(NotificationCategory::ALL),
    ) {
        prop_assume!(!category.is_required());
        let choices = [CategoryChange { category, mail: chosen }];
        match own.choose_everywhere(&choices, None).unwrap() {
            None => prop_assert_eq!(own.of_category(category), chosen),
            Some(changed) => {
                prop_assert_eq!(changed.of_category(category), chosen);
                prop_assert!(changed.types.iter().all(|kept| kept.kind.category() != category));
                let others = |own: &NotificationSettings| {
                    own.types.iter().filter(|kept| kept.kind.category() != category).cloned().collect::<Vec<_>>()
                };
                prop_assert_eq!(others(&changed), others(&own));
                prop_assert_eq!(changed.choose_everywhere(&choices, None).unwrap(), None);
            }
        }
    }
}

/// Proves: NT8
#[test]
fn nothing_that_is_required_can_be_stopped() {
    for kind in NotificationType::ALL.iter().copied() {
        assert_eq!(Subscription::of(kind).is_none(), kind.is_required(), "{kind}");
    }
    assert_eq!("security".parse::<Subscription>(), Err(NotASubscription));
    let own = NotificationSettings::default();
    assert_eq!(own.stop(Subscription::Category(NotificationCategory::Security)), None);
    let off = CategoryChange { category: NotificationCategory::Security, mail: Some(MailChoice::None) };
    let money = CategoryChange { category: NotificationCategory::Money, mail: None };
    let refused = own.choose_everywhere(&[money, off], None).unwrap_err();
    assert_eq!(refused, RefusedChoice { at: 1, error: ChoiceError::Required });
}

#[test]
fn a_subscription_is_written_one_way() {
    for subscription in Subscription::all() {
        assert_eq!(subscription.to_string().parse(), Ok(subscription));
    }
    for text in ["", "Approvals", "approvals ", "approval.requested"] {
        assert_eq!(text.parse::<Subscription>(), Err(NotASubscription), "{text}");
    }
}

/// A person who asks for a digest in the portal would otherwise get none, since they once stopped them.
/// Proves: NT8
#[test]
fn to_choose_a_digest_starts_digests_again() {
    let stopped = NotificationSettings::default().stop(Subscription::Digests).unwrap();
    let kind = NotificationType::ApprovalRequested;
    let company = ClientNotificationSettings::of_one(kind, MailChoice::InDigest);
    let decided = decide_mail(kind, &org(1), Some(&stopped), Some(&company), None);
    assert_eq!((decided.mail, decided.by), (MailChoice::None, DecidedBy::DigestsStopped));

    let at_once = CategoryChange { category: NotificationCategory::Money, mail: Some(MailChoice::AtOnce) };
    assert!(stopped.change_categories(&[at_once]).unwrap().digests_stopped);
    let category = CategoryChange { category: NotificationCategory::Money, mail: Some(MailChoice::InDigest) };
    assert!(!stopped.change_categories(&[category]).unwrap().digests_stopped);
    assert!(!stopped.choose_everywhere(&[category], None).unwrap().unwrap().digests_stopped);
    assert!(!stopped.choose_everywhere(&[category], Some(true)).unwrap().unwrap().digests_stopped, "as it was shown");
    assert!(!stopped.choose_everywhere(&[at_once], Some(false)).unwrap().unwrap().digests_stopped);
    let sent = NotificationSettings::default();
    assert!(sent.choose_everywhere(&[category], Some(true)).unwrap().unwrap().digests_stopped, "it was switched off");
    assert_eq!(sent.choose_everywhere(&[], Some(false)), Ok(None));
    let of_type = TypeChange { kind, mail: Some(MailChoice::InDigest) };
    assert!(!stopped.change_types(&org(1), &[of_type]).unwrap().digests_stopped);
}

/// Settings that were stored before one could stop digests.
#[test]
fn settings_without_a_word_about_digests_have_not_stopped_them() {
    let stored = serde_json::json!({ "categories": [{ "category": "approvals", "mail": "none" }], "version": 2 });
    let own: NotificationSettings = serde_json::from_value(stored).unwrap();
    assert!(own.has_stopped(APPROVALS) && !own.has_stopped(Subscription::Digests));
}
