//! Who pays for a company's subscription: the company itself, or one of its firms.
//!
//! Nobody is made to pay. A firm pays only for a company that chose it, while the firm offers to
//! and is connected: when the offer is withdrawn or the connection ends, the company pays again,
//! without anything having to be written.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    access::Standing,
    entrance::Payer,
    event::{EventType, Fact},
    id::{CompanyId, FirmId, Org},
    org::{Connection, Status},
    text::Name,
    time::UtcTime,
};

/// Whom a company chose to pay.
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
    /// Whether it stands.
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

    /// Whether this firm is the one that was chosen.
    fn chose(&self, firm: &FirmId) -> bool {
        self.firm.as_ref() == Some(firm)
    }
}

/// The firm that pays now; none where the company does.
#[must_use]
pub fn paying_firm<'a>(
    billing: Option<&Billing>,
    offers: &'a [(BillingOffer, Option<Connection>)],
    now: UtcTime,
) -> Option<&'a BillingOffer> {
    let billing = billing?;
    let chosen = offers.iter().find(|(offer, _)| billing.chose(&offer.firm))?;
    stands(Some(&chosen.0), chosen.1.as_ref(), now).ok()
}

fn connected(connection: Option<&Connection>, now: UtcTime) -> Result<&Connection, BillingError> {
    connection.filter(|connection| Standing::from(*connection).holds_at(now)).ok_or(BillingError::NotConnected)
}

fn stands<'a>(
    offer: Option<&'a BillingOffer>,
    connection: Option<&Connection>,
    now: UtcTime,
) -> Result<&'a BillingOffer, BillingError> {
    connected(connection, now)?;
    offer.filter(|offer| offer.status == Status::Active).ok_or(BillingError::NotOffered)
}

/// Chooses the company itself; `None` where it was chosen already, as it is from the beginning.
#[must_use]
pub fn pay_oneself(company: &CompanyId, before: Option<&Billing>, now: UtcTime) -> Option<(Billing, Fact)> {
    choose(company, before, None, now)
}

/// Chooses a firm that offers to pay; `None` where it was chosen already.
///
/// # Errors
/// [`BillingError`].
pub fn let_firm_pay(
    company: &CompanyId,
    before: Option<&Billing>,
    offer: Option<&BillingOffer>,
    connection: Option<&Connection>,
    now: UtcTime,
) -> Result<Option<(Billing, Fact)>, BillingError> {
    let offer = stands(offer, connection, now)?;
    Ok(choose(company, before, Some(&offer.firm), now))
}

fn choose(
    company: &CompanyId,
    before: Option<&Billing>,
    firm: Option<&FirmId>,
    now: UtcTime,
) -> Option<(Billing, Fact)> {
    if before.and_then(|before| before.firm.as_ref()) == firm {
        return None;
    }
    let version = before.map_or(1, |before| before.version + 1);
    let billing = Billing { company: company.clone(), firm: firm.cloned(), since: now, version };
    let earlier = before.and_then(|before| before.firm.as_ref());
    let fact = changed(&billing, earlier);
    Some((billing, fact))
}

/// What a choice is told as. The firm that pays, or the one that no longer does, sees it too.
pub(crate) fn changed(billing: &Billing, earlier: Option<&FirmId>) -> Fact {
    let owner = if billing.firm.is_some() { Payer::Firm } else { Payer::Company };
    let fact = Fact::new(
        EventType::BillingChanged,
        Org::Company(billing.company.clone()),
        ("billing", billing.company.as_str()),
        json!({"owner": owner, "firm": billing.firm, "before_firm": earlier}),
    );
    match billing.firm.as_ref().or(earlier) {
        Some(firm) => fact.seen_by(firm),
        None => fact,
    }
}

/// Offers to pay for a client.
///
/// # Errors
/// [`BillingError::NotConnected`].
pub fn offer_to_pay(
    connection: Option<&Connection>,
    before: Option<&BillingOffer>,
    now: UtcTime,
) -> Result<(BillingOffer, Fact), BillingError> {
    let connection = connected(connection, now)?;
    let offer = BillingOffer {
        company: connection.company.clone(),
        firm: connection.firm.clone(),
        firm_name: connection.firm_name.clone(),
        status: Status::Active,
        since: now,
        version: before.map_or(1, |before| before.version + 1),
    };
    let fact = offer.fact(EventType::BillingOffered);
    Ok((offer, fact))
}

impl BillingOffer {
    /// Takes the offer back. Where the company had chosen the firm it pays itself from now on.
    ///
    /// # Errors
    /// [`BillingError::NotOffered`] when it was taken back before.
    pub fn withdraw(&self, now: UtcTime) -> Result<(Self, Fact), BillingError> {
        if self.status != Status::Active {
            return Err(BillingError::NotOffered);
        }
        let withdrawn = Self { status: Status::Ended, since: now, version: self.version + 1, ..self.clone() };
        let fact = withdrawn.fact(EventType::BillingOfferWithdrawn);
        Ok((withdrawn, fact))
    }

    pub(crate) fn fact(&self, kind: EventType) -> Fact {
        let data = json!({"firm": self.firm, "firm_name": self.firm_name});
        let subject = ("billing_offer", self.firm.as_str());
        Fact::new(kind, Org::Company(self.company.clone()), subject, data).seen_by(&self.firm)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::role::MemberRole;

    const NOW: UtcTime = UtcTime::EPOCH;

    fn company() -> CompanyId {
        CompanyId::from_uuid(Uuid::from_u128(1))
    }

    fn connection(n: u128, status: Status) -> Connection {
        Connection {
            company: company(),
            company_name: "Loja Azul".parse().unwrap(),
            firm: FirmId::from_uuid(Uuid::from_u128(n)),
            firm_name: "Contas".parse().unwrap(),
            grants: MemberRole::Accountant.preset(),
            lent: crate::Lent::default(),
            status,
            expires_at: None,
            since: NOW,
            version: 1,
        }
    }

    #[test]
    fn a_firm_pays_only_while_it_is_chosen_connected_and_offers_to() {
        let active = connection(2, Status::Active);
        let (offer, _) = offer_to_pay(Some(&active), None, NOW).unwrap();
        let (billing, fact) = let_firm_pay(&company(), None, Some(&offer), Some(&active), NOW).unwrap().unwrap();
        assert_eq!((fact.kind, fact.firm.as_ref()), (EventType::BillingChanged, Some(&active.firm)));
        let pays = |billing: Option<&Billing>, offer: &BillingOffer, connection: Option<&Connection>| {
            paying_firm(billing, &[(offer.clone(), connection.cloned())], NOW).is_some()
        };
        assert!(pays(Some(&billing), &offer, Some(&active)));
        assert!(!pays(None, &offer, Some(&active)), "nobody chose it");
        assert!(!pays(Some(&billing), &offer, None), "it is not connected");
        assert!(!pays(Some(&billing), &offer, Some(&connection(2, Status::Ended))));
        let lapsed = Connection { expires_at: Some(NOW), ..active.clone() };
        assert!(!pays(Some(&billing), &offer, Some(&lapsed)));
        let (withdrawn, _) = offer.withdraw(NOW).unwrap();
        assert!(!pays(Some(&billing), &withdrawn, Some(&active)));
        let again = let_firm_pay(&company(), Some(&billing), Some(&offer), Some(&active), NOW).unwrap();
        assert_eq!((again, pay_oneself(&company(), None, NOW)), (None, None), "nothing to change");
        let (own, fact) = pay_oneself(&company(), Some(&billing), NOW).unwrap();
        assert!(!pays(Some(&own), &offer, Some(&active)));
        assert_eq!(fact.firm, Some(active.firm), "the firm that paid sees that it no longer does");
    }

    #[test]
    fn no_firm_is_made_to_pay() {
        let active = connection(2, Status::Active);
        let choose = |offer: Option<&BillingOffer>, connection: Option<&Connection>| {
            let_firm_pay(&company(), None, offer, connection, NOW).map(|_| ())
        };
        assert_eq!(choose(None, Some(&active)), Err(BillingError::NotOffered));
        let (offer, _) = offer_to_pay(Some(&active), None, NOW).unwrap();
        assert_eq!(choose(Some(&offer), None), Err(BillingError::NotConnected));
        let (withdrawn, _) = offer.withdraw(NOW).unwrap();
        assert_eq!(choose(Some(&withdrawn), Some(&active)), Err(BillingError::NotOffered));
        assert_eq!(withdrawn.withdraw(NOW).unwrap_err(), BillingError::NotOffered);
        let ended = connection(2, Status::Ended);
        assert_eq!(offer_to_pay(Some(&ended), None, NOW).unwrap_err(), BillingError::NotConnected);
        assert_eq!(offer_to_pay(Some(&active), Some(&withdrawn), NOW).unwrap().0.version, 3);
    }
}
