use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{id::RegistrationLinkId, text::Reference, time::Zone};

const NOW: UtcTime = UtcTime::EPOCH;

fn firm() -> Firm {
    let id = FirmId::from_uuid(Uuid::from_u128(1));
    Firm { id, name: "Contas".parse().unwrap(), email: None, email_holder: None, admin_count: 1, created_at: NOW }
}

fn referral(n: u128) -> Referral {
    let company = Company {
        id: CompanyId::from_uuid(Uuid::from_u128(n)),
        name: "Loja Azul".parse().unwrap(),
        currency: "EUR".parse().unwrap(),
        time_zone: Zone::utc(),
        owner_count: 1,
        created_at: NOW,
    };
    let through = SignupSourceRef::RegistrationLink(RegistrationLinkId::from_uuid(Uuid::from_u128(9)));
    refer(&firm(), &company, through, None, NOW).0
}

fn bonus(amount: i64) -> Bonus {
    Bonus { amount_minor: amount.try_into().unwrap(), currency: "EUR".parse().unwrap() }
}

fn agreement(amount: i64) -> ReferralAgreement {
    agree(&firm().id, None, Some(bonus(amount)), NOW).0
}

#[test]
fn a_referral_earns_once_when_it_first_pays() {
    let terms = agreement(5_000);
    let word = referral(2).becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap();
    let ReferralUpdate::Changed(active, _, Some(posting)) = word else { panic!("{word:?}") };
    assert_eq!((posting.account.balance_minor(), posting.event.kind()), (5_000, crate::EventType::BonusEarned));
    assert_eq!(active.becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap(), ReferralUpdate::Unchanged);
    let ReferralUpdate::Changed(left, _, None) =
        active.becomes(ReferralState::Churned, Some(&terms), None, NOW).unwrap()
    else {
        panic!("leaving earns nothing")
    };
    let ReferralUpdate::Changed(_, _, again) = left.becomes(ReferralState::Active, Some(&terms), None, NOW).unwrap()
    else {
        panic!("coming back is a change")
    };
    assert_eq!(again, None, "coming back earns nothing");
    let back = active.becomes(ReferralState::Registered, Some(&terms), None, NOW);
    assert_eq!(back.unwrap_err(), ReferralError::BackToRegistered(ReferralState::Active));
}

#[test]
fn nothing_is_earned_where_nothing_was_agreed_on() {
    let none = agree(&firm().id, None, None, NOW).0;
    for agreement in [None, Some(&none)] {
        let word = referral(2).becomes(ReferralState::Active, agreement, None, NOW).unwrap();
        assert!(matches!(word, ReferralUpdate::Changed(_, _, None)), "{word:?}");
    }
}

#[test]
fn a_payout_is_recorded_once_and_never_beyond_what_is_owed() {
    let word = referral(2).becomes(ReferralState::Active, Some(&agreement(5_000)), None, NOW).unwrap();
    let ReferralUpdate::Changed(_, _, Some(posting)) = word else { panic!("{word:?}") };
    let account = &posting.account;
    let pay =
        |amount, known| pay_out(&firm().id, &"OUT-1".parse().unwrap(), bonus(amount), None, known, Some(account), NOW);
    assert_eq!(pay(5_001, None).unwrap_err(), BonusError::MoreThanOwed { balance_minor: 5_000 });
    let PayoutRecording::Posted(paid) = pay(5_000, None).unwrap() else { panic!("it is new") };
    assert_eq!(paid.account.balance_minor(), 0);
    assert!(matches!(pay(5_000, Some(paid.entry.clone())), Ok(PayoutRecording::Unchanged(_))));
    assert_eq!(pay(4_999, Some(paid.entry.clone())).unwrap_err(), BonusError::ReferenceTaken);
    // What was paid cannot be taken back any more.
    let late = reverse(Some(&posting.entry), None, Some(&paid.account), None, NOW);
    assert_eq!(late.unwrap_err(), BonusError::MoreThanOwed { balance_minor: 0 });
    let never = reverse(None, None, Some(account), None, NOW);
    assert_eq!(never.unwrap_err(), BonusError::NothingEarned);
}

/// What may be tried, on one of five referrals and one of five payouts.
#[derive(Debug, Clone)]
enum Try {
    Activate(u128, i64),
    Churn(u128),
    Reverse(u128),
    PayOut(u8, i64),
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = prop_oneof![
        (1_u128..6, 1_i64..100).prop_map(|(n, amount)| Try::Activate(n, amount)),
        (1_u128..6).prop_map(Try::Churn),
        (1_u128..6).prop_map(Try::Reverse),
        (0_u8..5, 1_i64..150).prop_map(|(n, amount)| Try::PayOut(n, amount)),
    ];
    prop::collection::vec(one, 0..60)
}

/// A ledger as the table keeps it: entries by name, the first of a name staying for ever.
#[derive(Default)]
struct Book {
    referrals: BTreeMap<u128, Referral>,
    entries: BTreeMap<String, BonusEntry>,
    account: Option<BonusAccount>,
}

impl Book {
    fn named(&self, kind: &str, id: &str) -> Option<BonusEntry> {
        self.entries.get(&format!("{kind} {id}")).cloned()
    }

    fn keep(&mut self, posting: Posting) {
        let name = format!("{} {}", posting.entry.entry.kind(), posting.entry.entry.id());
        assert!(self.entries.insert(name, posting.entry).is_none(), "an entry was written twice");
        self.account = Some(posting.account);
    }

    fn attempt(&mut self, one: Try) {
        let account = self.account.clone();
        match one {
            Try::Activate(n, amount) => self.becomes(n, ReferralState::Active, &agreement(amount)),
            Try::Churn(n) => self.becomes(n, ReferralState::Churned, &agreement(1)),
            Try::Reverse(n) => {
                let company = referral(n).company;
                let (earned, known) =
                    (self.named("earned", company.as_str()), self.named("reversed", company.as_str()));
                if let Ok(PayoutRecording::Posted(p)) = reverse(earned.as_ref(), known, account.as_ref(), None, NOW) {
                    self.keep(*p);
                }
            }
            Try::PayOut(n, amount) => {
                let reference: Reference = format!("OUT-{n}").parse().unwrap();
                let known = self.named("paid", reference.as_str());
                let paid = pay_out(&firm().id, &reference, bonus(amount), None, known, account.as_ref(), NOW);
                if let Ok(PayoutRecording::Posted(p)) = paid {
                    self.keep(*p);
                }
            }
        }
    }

    fn becomes(&mut self, n: u128, to: ReferralState, agreement: &ReferralAgreement) {
        let known = self.referrals.entry(n).or_insert_with(|| referral(n)).clone();
        if let Ok(ReferralUpdate::Changed(changed, _, posting)) =
            known.becomes(to, Some(agreement), self.account.as_ref(), NOW)
        {
            self.referrals.insert(n, *changed);
            if let Some(posting) = posting {
                self.keep(*posting);
            }
        }
    }
}

proptest! {
    #[test]
    fn the_balance_is_the_sum_of_the_entries_and_never_negative(tries in tries()) {
        let mut book = Book::default();
        for one in tries {
            book.attempt(one);
            let sum = |kind: &str| -> i64 {
                let of_kind = book.entries.values().filter(|entry| entry.entry.kind() == kind);
                of_kind.map(|entry| entry.amount_minor.minor()).sum()
            };
            let account = book.account.clone();
            let account = account.unwrap_or_else(|| BonusAccount::empty(&firm().id, "EUR".parse().unwrap()));
            prop_assert_eq!(account.earned_minor, sum("earned"));
            prop_assert_eq!(account.reversed_minor, sum("reversed"));
            prop_assert_eq!(account.paid_minor, sum("paid"));
            prop_assert_eq!(account.balance_minor(), sum("earned") - sum("reversed") - sum("paid"));
            prop_assert!(account.balance_minor() >= 0);
            prop_assert_eq!(account.version, book.entries.len() as u64);
        }
    }
}
