//! Registration through a firm's link or a signup code: the company, its owner, and the connection, referral and
//! billing that come with the link or code, in one change.

use crate::{
    billing::{Billing, BillingOffer, changed, offer_to_pay},
    consent::{Agreement, Consent, ConsentError, ConsentTerms, ConsentText, Given},
    event::NewEvent,
    language::Reader,
    membership::{self, ConnectionOrigin, start_connection},
    org::{Company, Connection, Firm, Member, User},
    referral::{Referral, refer},
    signup_source::{BillingOwner, Closed, SignupSource, SignupSourceRef, SignupTerms},
    team,
    text::Name,
    time::UtcTime,
};

/// The text that a person must agree to when they register, in their language; none where no firm is connected.
#[must_use]
pub fn consent_text(reader: &Reader, signup_source: &SignupSource, firm: Option<&Firm>) -> Option<ConsentText> {
    let ((_, terms), firm) = (signup_source.connects()?, firm?);
    Some(ConsentTerms { firm: &firm.name, grants: &terms.grants }.text(reader))
}

/// What a registration creates.
#[derive(Debug, Clone, PartialEq)]
pub struct Registered {
    /// The company.
    pub company: Company,
    /// Its owner.
    pub owner: Member,
    /// The signup source, with one more registration.
    pub signup_source: SignupSource,
    /// The firm's access, and the consent to it.
    pub connection: Option<(Connection, Consent)>,
    /// The firm to which the signup is attributed.
    pub referral: Option<Referral>,
    /// The firm's offer to pay, and the company's choice of it; none where the company pays.
    pub billing: Option<(BillingOffer, Billing)>,
    /// The events.
    pub events: Vec<NewEvent>,
}

/// Why a registration is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The signup source is closed.
    #[error(transparent)]
    Closed(#[from] Closed),
    /// The firm's access was not agreed to.
    #[error(transparent)]
    Consent(#[from] ConsentError),
    /// Its firm does not exist.
    #[error("the firm is not there")]
    NoFirm,
    /// The new items contradict each other.
    #[error("the new items contradict each other: {0}")]
    Inconsistent(&'static str),
}

/// Registers a company, with `person` as its owner, through a signup source. `firm` is the one that
/// [`SignupSource::referrer`] names.
///
/// # Errors
/// [`RegisterError`].
pub fn register(
    signup_source: &SignupSource,
    firm: Option<&Firm>,
    company: Company,
    person: &User,
    agreement: Option<&Agreement>,
    now: UtcTime,
) -> Result<Registered, RegisterError> {
    let used = signup_source.used(now)?;
    if signup_source.referrer() != firm.map(|firm| &firm.id) {
        return Err(RegisterError::NoFirm);
    }
    let through = signup_source.through();
    let owner: (_, Name, _) = (person.id.clone(), person.name.clone(), person.email.clone());
    let (company, owner, registered) = team::register_company(company, owner, Some(&through));
    let mut made = Registered {
        company,
        owner,
        signup_source: used,
        connection: None,
        referral: None,
        billing: None,
        events: vec![registered],
    };
    if let (Some(firm), Some((_, terms))) = (firm, signup_source.connects()) {
        let origin = match &through {
            SignupSourceRef::RegistrationLink(id) => {
                ConnectionOrigin::RegistrationLink { registration_link: id.clone() }
            }
            SignupSourceRef::SignupCode(id) => ConnectionOrigin::SignupCode { signup_code: id.clone() },
            SignupSourceRef::VendorCode(_) => {
                return Err(RegisterError::Inconsistent("a code of the vendor's connects"));
            }
        };
        made.connect(firm, (terms, &origin), person, agreement, now)?;
    }
    if let Some(firm) = firm {
        let (referral, event) = refer(firm, &made.company, through, signup_source.firms_label(), now);
        made.referral = Some(referral);
        made.events.push(event);
    }
    Ok(made)
}

impl Registered {
    fn connect(
        &mut self,
        firm: &Firm,
        (terms, origin): (&SignupTerms, &ConnectionOrigin),
        person: &User,
        agreement: Option<&Agreement>,
        now: UtcTime,
    ) -> Result<(), RegisterError> {
        let given = Given { company: self.company.id.clone(), firm: firm.id.clone(), at: now, by: person.id.clone() };
        let consent = ConsentTerms { firm: &firm.name, grants: &terms.grants }.agreed(agreement, given)?;
        let start = membership::ConnectionTerms { grants: &terms.grants, consent: Some(&consent), origin, at: now };
        let (connection, event) = start_connection(&self.company, firm, start, None)
            .map_err(|_| RegisterError::Inconsistent("a new company is connected already"))?;
        self.events.push(event);
        if terms.payer == BillingOwner::Firm {
            let (offer, offered) = offer_to_pay(Some(&connection), None, now)
                .ok()
                .flatten()
                .ok_or(RegisterError::Inconsistent("a new connection does not hold"))?;
            let billing = Billing::begin(&self.company.id, &firm.id, now);
            self.events.extend([offered, changed(&billing, None)]);
            self.billing = Some((offer, billing));
        }
        self.connection = Some((connection, consent));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        CompanyId, EventType, FirmId, Org,
        billing::paying_firm,
        id::RegistrationLinkId,
        role::MemberRole,
        signup_source::{Creator, RegistrationLink, SignupCode, SignupLimits, SignupSourceState},
        time::Zone,
    };

    const NOW: UtcTime = UtcTime::EPOCH;

    fn firm() -> Firm {
        let id = FirmId::from_uuid(Uuid::from_u128(2));
        Firm { id, name: "Contas".parse().unwrap(), email: None, email_holder: None, admin_count: 1, created_at: NOW }
    }

    fn company() -> Company {
        Company {
            id: CompanyId::from_uuid(Uuid::from_u128(1)),
            name: "Loja Azul".parse().unwrap(),
            currency: "EUR".parse().unwrap(),
            time_zone: Zone::utc(),
            owner_count: 0,
            created_at: NOW,
        }
    }

    fn person() -> User {
        User {
            id: "olga".parse().unwrap(),
            email: "olga@shop.example".parse().unwrap(),
            name: "Olga".parse().unwrap(),
            time_zone: Zone::utc(),
            language: None,
            created_at: NOW,
            version: 1,
        }
    }

    fn label() -> Name {
        "Spring fair".parse().unwrap()
    }

    fn link(payer: BillingOwner) -> SignupSource {
        let by = Creator { user: "ana".parse().unwrap(), name: "Ana".parse().unwrap() };
        let limits = SignupLimits::new(None, Some(1), Some(1), NOW).unwrap();
        let id = RegistrationLinkId::from_uuid(Uuid::from_u128(3));
        let terms = SignupTerms::new(None, Some(payer)).unwrap();
        SignupSource::Link(RegistrationLink::make(id, &firm().id, Some(label()), terms, limits, by, NOW).0, 1)
    }

    fn vendor_code(referrer: Option<FirmId>) -> SignupSource {
        let limits = SignupLimits::new(None, None, None, NOW).unwrap();
        SignupSource::Code(SignupCode::of_vendor("FAIR".parse().unwrap(), referrer, Some(label()), limits, NOW))
    }

    fn agreement(signup_source: &SignupSource) -> Agreement {
        let text = consent_text(&Reader::default(), signup_source, Some(&firm())).unwrap();
        Agreement { version: text.version, digest: text.digest }
    }

    fn kinds(made: &Registered) -> Vec<EventType> {
        made.events.iter().map(NewEvent::kind).collect()
    }

    #[test]
    fn a_link_connects_refers_and_says_who_pays() {
        use EventType::{BillingChanged, BillingOffered, CompanyRegistered, ConnectionStarted, ReferralRegistered};
        let link = link(BillingOwner::Firm);
        let made = register(&link, Some(&firm()), company(), &person(), Some(&agreement(&link)), NOW).unwrap();
        assert_eq!(
            kinds(&made),
            [CompanyRegistered, ConnectionStarted, BillingOffered, BillingChanged, ReferralRegistered]
        );
        let (connection, consent) = made.connection.unwrap();
        assert_eq!((&connection.grants, &connection.firm), (&MemberRole::Accountant.preset(), &firm().id));
        assert_eq!((consent.by, consent.company), (person().id, company().id));
        let (offer, billing) = made.billing.unwrap();
        let offers = [(offer, Some(connection))];
        assert_eq!(paying_firm(Some(&billing), &offers, NOW).map(|offer| &offer.firm), Some(&firm().id));
        assert_eq!(made.events[1].payload.data()["registration_link"], "rl_00000000000000000000000000000003");
        // The firm's label of its link is in the firm's audit log, and not in the company's.
        let labelled: Vec<bool> =
            made.events.iter().map(|event| event.payload.data().to_string().contains("Spring fair")).collect();
        assert_eq!((labelled, &made.events[4].org), (vec![false, false, false, false, true], &Org::Firm(firm().id)));
        let again = register(&made.signup_source, Some(&firm()), company(), &person(), Some(&agreement(&link)), NOW);
        assert_eq!(again.unwrap_err(), RegisterError::Closed(Closed(SignupSourceState::UsedUp)));
    }

    #[test]
    fn nobody_is_connected_without_having_agreed_to_this_very_text() {
        let link = link(BillingOwner::Company);
        let attempt = |agreement: Option<&Agreement>| {
            register(&link, Some(&firm()), company(), &person(), agreement, NOW).map(|_| ()).unwrap_err()
        };
        assert!(matches!(attempt(None), RegisterError::Consent(ConsentError::Missing { .. })));
        let other = Agreement { digest: "0".repeat(64), ..agreement(&link) };
        assert_eq!(attempt(Some(&other)), RegisterError::Consent(ConsentError::Digest));
        assert_eq!(register(&link, None, company(), &person(), None, NOW).unwrap_err(), RegisterError::NoFirm);
    }

    #[test]
    fn a_code_of_the_vendors_connects_nobody() {
        let made = register(&vendor_code(None), None, company(), &person(), None, NOW).unwrap();
        assert_eq!((kinds(&made), made.connection, made.referral), (vec![EventType::CompanyRegistered], None, None));
        let code = vendor_code(Some(firm().id));
        let made = register(&code, Some(&firm()), company(), &person(), None, NOW).unwrap();
        assert_eq!((made.connection, made.billing), (None, None));
        assert_eq!(made.referral.unwrap().firm, firm().id);
        assert_eq!(
            made.events[1].payload.data()["label"],
            serde_json::Value::Null,
            "what the vendor calls it is the vendor's"
        );
        assert_eq!(consent_text(&Reader::default(), &code, Some(&firm())), None);
    }
}
