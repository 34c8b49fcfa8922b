//! Who pays for a company's subscription: the company itself, or one of its firms.
//!
//! Nobody is made to pay. A firm pays only for a company that chose it, while the firm offers to and is connected:
//! when the offer is withdrawn or the connection ends, the company pays again, and nothing has to be written for
//! that.
//!
//! Nobody pays again without agreeing again: an offer counts only for the connection in which it was made, and a
//! choice only for the offer that was chosen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::GrantState,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, FirmId, Org},
    org::{Connection, Status},
    signup_source::BillingOwner,
    text::Name,
    time::UtcTime,
};

/// The payer that a company chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Billing {
    /// The company.
    pub company: CompanyId,
    /// The firm that was chosen; the company itself when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub firm: Option<FirmId>,
    /// Since when.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A firm's offer to pay for one of its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillingOffer {
    /// The client.
    pub company: CompanyId,
    /// The firm.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
    /// Whether it is open or withdrawn.
    pub status: Status,
    /// When it was made or withdrawn.
    pub since: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Why a payer cannot be chosen, or paying not be offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BillingError {
    /// The firm is not connected to the company.
    #[error("the firm is not connected to the company")]
    NotConnected,
    /// The firm does not offer to pay.
    #[error("the firm does not offer to pay for this company")]
    NotOffered,
}

impl Billing {
    /// A company's first choice.
    #[must_use]
    pub fn begin(company: &CompanyId, firm: &FirmId, now: UtcTime) -> Self {
        Self { company: company.clone(), firm: Some(firm.clone()), since: now, version: 1 }
    }

    /// Whether this offer is the one that was chosen: an earlier offer of the same firm does not count.
    fn chose(&self, offer: &BillingOffer) -> bool {
        self.firm.as_ref() == Some(&offer.firm) && self.since >= offer.since
    }
}

/// The firm that pays now; none where the company does. Each offer is beside the firm's connection
/// to the company.
#[must_use]
pub fn paying_firm<'a>(
    billing: Option<&Billing>,
    offers: &'a [(BillingOffer, Option<Connection>)],
    now: UtcTime,
) -> Option<&'a BillingOffer> {
    let billing = billing?;
    let pays = |(offer, connection): &&(BillingOffer, Option<Connection>)| {
        billing.chose(offer) && offer.stands(connection.as_ref(), now)
    };
    offers.iter().find(pays).map(|(offer, _)| offer)
}

/// When the company chose that `paying` pays; `None` if it made no such choice: at first, and when it pays because
/// the chosen firm no longer does.
#[must_use]
pub fn chosen_since(billing: Option<&Billing>, paying: Option<&BillingOffer>) -> Option<UtcTime> {
    let paying = paying.map(|offer| &offer.firm);
    billing.filter(|billing| billing.firm.as_ref() == paying).map(|billing| billing.since)
}

fn connected(connection: Option<&Connection>, now: UtcTime) -> Result<&Connection, BillingError> {
    connection.filter(|connection| GrantState::from(*connection).holds_at(now)).ok_or(BillingError::NotConnected)
}

/// Chooses the company itself; `None` where it was chosen already, as it is from the beginning.
#[must_use]
pub fn pay_oneself(company: &CompanyId, before: Option<&Billing>, now: UtcTime) -> Option<(Billing, NewEvent)> {
    before.filter(|before| before.firm.is_some()).map(|before| choose(company, Some(before), None, now))
}

/// Chooses a firm that offers to pay; `None` where this offer was chosen already.
///
/// # Errors
/// [`BillingError`].
pub fn let_firm_pay(
    company: &CompanyId,
    before: Option<&Billing>,
    offer: Option<&BillingOffer>,
    connection: Option<&Connection>,
    now: UtcTime,
) -> Result<Option<(Billing, NewEvent)>, BillingError> {
    let connection = connected(connection, now)?;
    let offer = offer.filter(|offer| offer.stands(Some(connection), now)).ok_or(BillingError::NotOffered)?;
    if before.is_some_and(|before| before.chose(offer)) {
        return Ok(None);
    }
    Ok(Some(choose(company, before, Some(offer), now)))
}

fn choose(
    company: &CompanyId,
    before: Option<&Billing>,
    offer: Option<&BillingOffer>,
    now: UtcTime,
) -> (Billing, NewEvent) {
    let firm = offer.map(|offer| offer.firm.clone());
    // The choice holds even if this clock is behind the clock that dated the offer.
    let since = offer.map_or(now, |offer| now.max(offer.since));
    let version = before.map_or(1, |before| before.version + 1);
    let billing = Billing { company: company.clone(), firm, since, version };
    // A firm that already pays when it is chosen is not an earlier payer.
    let earlier =
        before.and_then(|before| before.firm.as_ref()).filter(|earlier| billing.firm.as_ref() != Some(*earlier));
    let event = changed(&billing, earlier);
    (billing, event)
}

/// The event of a choice. The firm that pays now sees it too, or else the firm that paid before.
pub(crate) fn changed(billing: &Billing, earlier: Option<&FirmId>) -> NewEvent {
    let owner = if billing.firm.is_some() { BillingOwner::Firm } else { BillingOwner::Company };
    let changed = BillingChanged { owner, firm: billing.firm.clone(), before_firm: earlier.cloned() };
    let org = Org::Company(billing.company.clone());
    let event = NewEvent::new(org, billing.company.as_str(), kinds::BillingChanged::of(changed));
    match billing.firm.as_ref().or(earlier) {
        Some(firm) => event.seen_by(firm),
        None => event,
    }
}

/// Offers to pay for a client; `None` if there is an open offer already.
///
/// # Errors
/// [`BillingError::NotConnected`].
pub fn offer_to_pay(
    connection: Option<&Connection>,
    before: Option<&BillingOffer>,
    now: UtcTime,
) -> Result<Option<(BillingOffer, NewEvent)>, BillingError> {
    let connection = connected(connection, now)?;
    if before.is_some_and(|before| before.stands(Some(connection), now)) {
        return Ok(None);
    }
    let offer = BillingOffer {
        company: connection.company.clone(),
        firm: connection.firm.clone(),
        firm_name: connection.firm_name.clone(),
        status: Status::Active,
        // The offer holds even if this clock is behind the clock that dated the connection.
        since: now.max(connection.since),
        version: before.map_or(1, |before| before.version + 1),
    };
    let event = offer.event(kinds::BillingOffered::of);
    Ok(Some((offer, event)))
}

impl BillingOffer {
    /// Whether the company can choose it now: it was not withdrawn, and the connection in which it was made is
    /// active. `connection` is the firm's to the company.
    #[must_use]
    pub fn stands(&self, connection: Option<&Connection>, now: UtcTime) -> bool {
        let of_this = |connection: &Connection| self.since >= connection.since;
        self.status == Status::Active && connected(connection, now).is_ok_and(of_this)
    }

    /// Withdraws the offer. If the company had chosen the firm, the company pays from now on, until it chooses
    /// again.
    ///
    /// # Errors
    /// [`BillingError::NotOffered`] when it was withdrawn before.
    pub fn withdraw(&self, now: UtcTime) -> Result<(Self, NewEvent), BillingError> {
        if self.status != Status::Active {
            return Err(BillingError::NotOffered);
        }
        let withdrawn = Self { status: Status::Ended, since: now, version: self.version + 1, ..self.clone() };
        let event = withdrawn.event(kinds::BillingOfferWithdrawn::of);
        Ok((withdrawn, event))
    }

    pub(crate) fn event(&self, kind: fn(BillingOfferPayload) -> EventData) -> NewEvent {
        let data = BillingOfferPayload { firm: self.firm.clone(), firm_name: self.firm_name.clone() };
        NewEvent::new(Org::Company(self.company.clone()), self.firm.as_str(), kind(data)).seen_by(&self.firm)
    }
}

/// Payload of `billing.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BillingChanged {
    /// Who pays.
    pub owner: BillingOwner,
    /// The firm that pays; `null` where the company does.
    #[schema(required = true)]
    pub firm: Option<FirmId>,
    /// The firm that was chosen before, if it is another one.
    #[schema(required = true)]
    pub before_firm: Option<FirmId>,
}

/// Payload of `billing.offered` and `billing.offer_withdrawn`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BillingOfferPayload {
    /// The firm.
    pub firm: FirmId,
    /// The firm's name.
    pub firm_name: Name,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{
        membership::{ConnectionOrigin, ConnectionTerms, start_connection},
        org::{Company, Firm},
        role::MemberRole,
        team::end_connection,
        time::Zone,
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn company() -> Company {
        Company {
            id: CompanyId::from_uuid(Uuid::from_u128(1)),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            time_zone: Zone::utc(),
            owner_count: 1,
            created_at: NOW,
        }
    }

    fn connect(before: Option<&Connection>, at: UtcTime) -> Option<Connection> {
        let id = FirmId::from_uuid(Uuid::from_u128(2));
        let firm = Firm {
            id,
            name: "Contas".parse().unwrap(),
            email: None,
            email_holder: None,
            admin_count: 1,
            created_at: NOW,
        };
        let origin = ConnectionOrigin::SignupCode { signup_code: crate::SignupCodeId::from_uuid(Uuid::from_u128(4)) };
        let terms = ConnectionTerms { grants: &MemberRole::Accountant.preset(), consent: None, origin: &origin, at };
        start_connection(&company(), &firm, terms, before).ok().map(|(connection, _)| connection)
    }

    fn end(connection: &Connection) -> Connection {
        end_connection(connection, &Org::Company(company().id), NOW).unwrap().0
    }

    fn offer(connection: &Connection, before: Option<&BillingOffer>, at: UtcTime) -> BillingOffer {
        offer_to_pay(Some(connection), before, at).unwrap().unwrap().0
    }

    fn choose_firm(
        before: Option<&Billing>,
        offer: &BillingOffer,
        connection: &Connection,
        at: UtcTime,
    ) -> (Billing, NewEvent) {
        let_firm_pay(&company().id, before, Some(offer), Some(connection), at).unwrap().unwrap()
    }

    fn pays(billing: Option<&Billing>, offer: &BillingOffer, connection: Option<&Connection>, at: UtcTime) -> bool {
        paying_firm(billing, &[(offer.clone(), connection.cloned())], at).is_some()
    }

    #[test]
    fn a_firm_pays_only_while_it_is_chosen_connected_and_offers_to() {
        // All at one instant, as with a registration link for which the firm pays.
        let active = connect(None, NOW).unwrap();
        let offer = offer(&active, None, NOW);
        let (billing, event) = choose_firm(None, &offer, &active, NOW);
        assert_eq!((event.kind(), event.firm.as_ref()), (crate::EventType::BillingChanged, Some(&active.firm)));
        assert!(pays(Some(&billing), &offer, Some(&active), NOW));
        assert_eq!(Billing::begin(&company().id, &active.firm, NOW), billing);
        assert!(!pays(None, &offer, Some(&active), NOW), "nobody chose it");
        assert!(!pays(Some(&billing), &offer, None, NOW), "it is not connected");
        assert!(!pays(Some(&billing), &offer, Some(&end(&active)), NOW));
        let lapsed = Connection { expires_at: Some(NOW), ..active.clone() };
        assert!(!pays(Some(&billing), &offer, Some(&lapsed), NOW));
        let (withdrawn, _) = offer.withdraw(NOW).unwrap();
        assert!(!pays(Some(&billing), &withdrawn, Some(&active), NOW));
        let again = let_firm_pay(&company().id, Some(&billing), Some(&offer), Some(&active), NOW).unwrap();
        assert_eq!((again, pay_oneself(&company().id, None, NOW)), (None, None), "nothing to change");
        assert_eq!(offer_to_pay(Some(&active), Some(&offer), NOW), Ok(None));
        let (own, event) = pay_oneself(&company().id, Some(&billing), NOW).unwrap();
        assert!(!pays(Some(&own), &offer, Some(&active), NOW));
        assert_eq!(event.firm, Some(active.firm), "the firm that paid sees that it no longer does");
    }

    #[test]
    fn no_firm_is_made_to_pay() {
        let active = connect(None, NOW).unwrap();
        let attempt = |offer: Option<&BillingOffer>, connection: Option<&Connection>| {
            let_firm_pay(&company().id, None, offer, connection, NOW).map(|_| ())
        };
        assert_eq!(attempt(None, Some(&active)), Err(BillingError::NotOffered));
        let offered = offer(&active, None, NOW);
        assert_eq!(attempt(Some(&offered), None), Err(BillingError::NotConnected));
        let (withdrawn, _) = offered.withdraw(NOW).unwrap();
        assert_eq!(attempt(Some(&withdrawn), Some(&active)), Err(BillingError::NotOffered));
        assert_eq!(withdrawn.withdraw(NOW).unwrap_err(), BillingError::NotOffered);
        assert_eq!(offer_to_pay(Some(&end(&active)), None, NOW).unwrap_err(), BillingError::NotConnected);
        assert_eq!(offer(&active, Some(&withdrawn), NOW).version, 3);
    }

    /// Proves: M6
    #[test]
    fn what_was_offered_and_chosen_before_does_not_count_in_a_new_connection() {
        let at = |seconds: i64| NOW.plus_s(seconds);
        let first = connect(None, NOW).unwrap();
        let old_offer = offer(&first, None, at(1));
        let (old_choice, _) = choose_firm(None, &old_offer, &first, at(2));
        let second = connect(Some(&end(&first)), at(3)).unwrap();
        assert!(!pays(Some(&old_choice), &old_offer, Some(&second), at(3)));
        assert_eq!(chosen_since(Some(&old_choice), None), None, "nobody chose that the company pays");
        let attempt = let_firm_pay(&company().id, Some(&old_choice), Some(&old_offer), Some(&second), at(4));
        assert_eq!(attempt.unwrap_err(), BillingError::NotOffered);
        let new_offer = offer(&second, Some(&old_offer), at(4));
        assert!(!pays(Some(&old_choice), &new_offer, Some(&second), at(4)), "an offer alone changes nothing");
        let (new_choice, event) = choose_firm(Some(&old_choice), &new_offer, &second, at(5));
        assert!(pays(Some(&new_choice), &new_offer, Some(&second), at(5)));
        assert_eq!(chosen_since(Some(&new_choice), Some(&new_offer)), Some(at(5)));
        assert_eq!((new_choice.version, &event.payload.data()["before_firm"]), (2, &serde_json::Value::Null));
        // A change to a connection that stays active does not change who pays.
        let narrowed = Connection { expires_at: Some(at(9)), version: 9, ..second };
        assert!(pays(Some(&new_choice), &new_offer, Some(&narrowed), at(8)));
        assert!(!pays(Some(&new_choice), &new_offer, Some(&narrowed), at(9)));
    }

    #[test]
    fn clocks_that_are_behind_undo_nothing() {
        let connection = connect(None, NOW.plus_s(5)).unwrap();
        let offer = offer(&connection, None, NOW.plus_s(3));
        let (choice, _) = choose_firm(None, &offer, &connection, NOW);
        assert!(pays(Some(&choice), &offer, Some(&connection), NOW));
    }

    #[derive(Debug, Clone, Copy)]
    enum Step {
        Connect,
        Disconnect,
        Lapse,
        Offer,
        Withdraw,
        ChooseFirm,
        ChooseSelf,
    }

    fn step() -> impl Strategy<Value = Step> {
        use Step::{ChooseFirm, ChooseSelf, Connect, Disconnect, Lapse, Offer, Withdraw};
        // What leads to a firm that pays comes more often than what ends it.
        prop_oneof![
            3 => Just(Connect), 4 => Just(Offer), 4 => Just(ChooseFirm),
            1 => Just(Disconnect), 1 => Just(Lapse), 1 => Just(Withdraw), 1 => Just(ChooseSelf),
        ]
    }

    #[derive(Default)]
    struct History {
        connection: Option<Connection>,
        offer: Option<BillingOffer>,
        billing: Option<Billing>,
    }

    impl History {
        fn take(&mut self, step: Step, now: UtcTime) {
            let live = self.connection.clone().filter(|connection| GrantState::from(connection).holds_at(now));
            match (step, live) {
                (Step::Connect, _) => {
                    self.connection = connect(self.connection.as_ref(), now).or(self.connection.take());
                }
                (Step::Disconnect, Some(live)) => self.connection = Some(end(&live)),
                (Step::Lapse, Some(live)) => self.connection = Some(Connection { expires_at: Some(now), ..live }),
                (Step::Disconnect | Step::Lapse, None) => {}
                (Step::Offer, _) => {
                    let offered = offer_to_pay(self.connection.as_ref(), self.offer.as_ref(), now);
                    self.offer = offered.ok().flatten().map(|(offer, _)| offer).or(self.offer.take());
                }
                (Step::Withdraw, _) => {
                    let withdrawn = self.offer.as_ref().and_then(|offer| offer.withdraw(now).ok());
                    self.offer = withdrawn.map(|(offer, _)| offer).or(self.offer.take());
                }
                (Step::ChooseFirm, _) => {
                    let (offer, connection) = (self.offer.as_ref(), self.connection.as_ref());
                    let chosen = let_firm_pay(&company().id, self.billing.as_ref(), offer, connection, now);
                    self.billing = chosen.ok().flatten().map(|(billing, _)| billing).or(self.billing.take());
                }
                (Step::ChooseSelf, _) => {
                    let chosen = pay_oneself(&company().id, self.billing.as_ref(), now);
                    self.billing = chosen.map(|(billing, _)| billing).or(self.billing.take());
                }
            }
        }
    }

    proptest! {
        /// Proves: M6
        #[test]
        fn a_firm_pays_exactly_where_it_was_chosen_after_it_offered_after_it_connected(
            steps in prop::collection::vec(step(), 0..40),
        ) {
            let mut history = History::default();
            // Each is lost with the one before it.
            let (mut connected, mut offered, mut chosen) = (false, false, false);
            let mut now = NOW;
            for step in steps {
                now = now.plus_s(1);
                history.take(step, now);
                match step {
                    Step::Connect => connected = true,
                    Step::Disconnect | Step::Lapse => connected = false,
                    Step::Offer => offered = true,
                    Step::Withdraw => offered = false,
                    Step::ChooseFirm => chosen = true,
                    Step::ChooseSelf => chosen = false,
                }
                offered &= connected;
                chosen &= offered;
                let offer: Vec<_> =
                    history.offer.iter().map(|offer| (offer.clone(), history.connection.clone())).collect();
                prop_assert_eq!(paying_firm(history.billing.as_ref(), &offer, now).is_some(), chosen);
            }
        }
    }
}
