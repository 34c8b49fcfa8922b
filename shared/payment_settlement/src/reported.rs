//! The provider's state of a payment, looked up: its intent, or the session in which the payer makes one.

use domain::{
    CompanyId, PaymentId, Reference,
    payment::{AtProvider, Outcome, ProviderStatus, WaitsFor},
};
use payments::{Intent, IntentStatus, Metadata, ProviderError, Session, SessionStatus, Stripe};

use crate::which::Which;

/// The provider's state of a payment, as it was looked up.
#[derive(Debug, Clone)]
pub enum Reported {
    /// Of a payment that is paid with the provider's form on a page of ours, or that has ended.
    Intent(Box<Intent>),
    /// Of a payment that is paid on a page of the provider's.
    Session(Box<Session>),
}

impl From<Intent> for Reported {
    fn from(intent: Intent) -> Self {
        Self::Intent(Box::new(intent))
    }
}

impl From<Session> for Reported {
    fn from(session: Session) -> Self {
        Self::Session(Box::new(session))
    }
}

impl Reported {
    /// Looks a payment up.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn look_up(stripe: &Stripe, at_provider: AtProvider<'_>) -> Result<Self, ProviderError> {
        Ok(match at_provider {
            AtProvider::Intent(id) => stripe.intent_by_id(id).await?.into(),
            AtProvider::Session(id) => stripe.session_by_id(id).await?.into(),
        })
    }

    /// Ends a payment at the provider, unless it has succeeded or the provider is taking the money, and looks it up.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub async fn cancel(stripe: &Stripe, at_provider: AtProvider<'_>) -> Result<Self, ProviderError> {
        Ok(match at_provider {
            AtProvider::Intent(id) => stripe.cancel_intent(id).await?.into(),
            AtProvider::Session(id) => stripe.expire_session(id).await?.into(),
        })
    }

    /// Looks the same up again.
    pub(crate) async fn again(&self, stripe: &Stripe) -> Result<Self, ProviderError> {
        Self::look_up(
            stripe,
            match self {
                Self::Intent(intent) => AtProvider::Intent(&intent.id),
                Self::Session(session) => AtProvider::Session(&session.id),
            },
        )
        .await
    }

    /// What we attached to it: company, payment and invoice. Nothing if it is not ours.
    #[must_use]
    pub fn names(&self) -> Option<(CompanyId, PaymentId, Reference)> {
        let metadata = self.metadata();
        Some((metadata.company_id()?, metadata.payment_id()?, metadata.invoice_reference()?))
    }

    fn metadata(&self) -> &Metadata {
        match self {
            Self::Intent(intent) => &intent.metadata,
            Self::Session(session) => &session.metadata,
        }
    }

    /// Whether all that was looked up names this payment.
    pub(crate) fn names_only(&self, which: Which<'_>) -> bool {
        let intent = match self {
            Self::Intent(intent) => Some(&**intent),
            Self::Session(session) => session.intent.as_ref(),
        };
        let all = [Some(self.metadata()), intent.map(|intent| &intent.metadata)];
        all.into_iter().flatten().all(|metadata| metadata.payment_id().as_ref() == Some(which.payment))
    }

    /// The party that the payment waits for.
    #[must_use]
    pub fn waits_for(&self) -> WaitsFor {
        match self {
            Self::Intent(intent) => of_intent(intent),
            Self::Session(session) => match (session.status, &session.intent) {
                (SessionStatus::Open, _) => WaitsFor::Payer,
                (SessionStatus::Complete | SessionStatus::Expired | SessionStatus::Unknown, Some(intent)) => {
                    of_intent(intent)
                }
                (SessionStatus::Complete | SessionStatus::Expired | SessionStatus::Unknown, None) => WaitsFor::Provider,
            },
        }
    }

    /// As `domain` reads it.
    pub(crate) fn status(&self) -> ProviderStatus {
        match self {
            Self::Intent(intent) => status_of(intent),
            Self::Session(session) => {
                let status = match &session.intent {
                    Some(intent) => status_of(intent),
                    None => asked_in(session),
                };
                let outcome = match status.outcome {
                    _ if is_over(session) => Outcome::Canceled,
                    // Its payer may confirm another one while the page is open.
                    Outcome::Canceled => Outcome::Open,
                    outcome => outcome,
                };
                ProviderStatus { outcome, session_id: Some(session.id.clone()), ..status }
            }
        }
    }

    /// What a session asks for, whatever was paid in it.
    pub(crate) fn asked(&self) -> Option<ProviderStatus> {
        match self {
            Self::Intent(_) => None,
            Self::Session(session) => Some(asked_in(session)),
        }
    }
}

/// Whether nobody can pay in a session any more, and the provider takes nothing either. An intent of a session cannot
/// be cancelled, so one that would take another method stays as it is: its session has ended.
fn is_over(session: &Session) -> bool {
    match (session.status, session.intent.as_ref().map(|intent| intent.status)) {
        (SessionStatus::Expired, None)
        | (
            SessionStatus::Expired | SessionStatus::Complete,
            Some(IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation | IntentStatus::Canceled),
        ) => true,
        (
            SessionStatus::Expired | SessionStatus::Complete,
            Some(
                IntentStatus::RequiresAction
                | IntentStatus::Processing
                | IntentStatus::RequiresCapture
                | IntentStatus::Succeeded
                | IntentStatus::Unknown,
            ),
        )
        | (SessionStatus::Complete, None)
        | (SessionStatus::Open | SessionStatus::Unknown, _) => false,
    }
}

fn asked_in(session: &Session) -> ProviderStatus {
    ProviderStatus {
        provider_id: session.intent.as_ref().map(|intent| intent.id.clone()),
        session_id: Some(session.id.clone()),
        amount_minor: session.amount_minor,
        currency: session.currency,
        outcome: Outcome::Open,
        refunded_minor: 0,
        disputed_minor: 0,
    }
}

fn of_intent(intent: &Intent) -> WaitsFor {
    match intent.status {
        // A card is confirmed at once or not at all.
        IntentStatus::RequiresAction if !intent.is_card => WaitsFor::Method(intent.expires_at),
        IntentStatus::RequiresPaymentMethod | IntentStatus::RequiresConfirmation | IntentStatus::RequiresAction => {
            WaitsFor::Payer
        }
        IntentStatus::Processing
        | IntentStatus::RequiresCapture
        | IntentStatus::Succeeded
        | IntentStatus::Canceled
        | IntentStatus::Unknown => WaitsFor::Provider,
    }
}

/// An intent as `domain` reads it. For one that succeeded, the received amount counts.
fn status_of(intent: &Intent) -> ProviderStatus {
    let (outcome, amount_minor) = match intent.status {
        IntentStatus::Succeeded => (Outcome::Succeeded, intent.amount_received_minor),
        IntentStatus::Canceled => (Outcome::Canceled, intent.amount_minor),
        IntentStatus::RequiresPaymentMethod
        | IntentStatus::RequiresConfirmation
        | IntentStatus::RequiresAction
        | IntentStatus::Processing
        | IntentStatus::RequiresCapture
        | IntentStatus::Unknown => (Outcome::Open, intent.amount_minor),
    };
    ProviderStatus {
        provider_id: Some(intent.id.clone()),
        session_id: None,
        amount_minor,
        currency: intent.currency,
        outcome,
        refunded_minor: intent.refunded_minor,
        disputed_minor: intent.disputed_minor,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAYMENT: &str = "py_0192f5c4a7b87c3d9e0f112233445566";

    const OPEN: [IntentStatus; 6] = [
        IntentStatus::RequiresPaymentMethod,
        IntentStatus::RequiresConfirmation,
        IntentStatus::RequiresAction,
        IntentStatus::Processing,
        IntentStatus::RequiresCapture,
        IntentStatus::Unknown,
    ];

    fn metadata(payment: &str) -> Metadata {
        serde_json::from_value(serde_json::json!({ "payment": payment })).unwrap()
    }

    fn intent(status: IntentStatus) -> Intent {
        Intent {
            id: "pi_1".to_owned(),
            status,
            amount_minor: 1000,
            amount_received_minor: 400,
            currency: "EUR".parse().unwrap(),
            client_secret: None,
            refunded_minor: 30,
            disputed_minor: 20,
            is_card: false,
            expires_at: None,
            metadata: metadata(PAYMENT),
            livemode: false,
        }
    }

    fn session(status: SessionStatus, intent: Option<Intent>) -> Session {
        Session {
            id: "cs_1".to_owned(),
            status,
            amount_minor: 1000,
            currency: "EUR".parse().unwrap(),
            url: None,
            expires_at: domain::UtcTime::EPOCH,
            intent,
            metadata: metadata(PAYMENT),
            livemode: false,
        }
    }

    fn status(reported: impl Into<Reported>) -> ProviderStatus {
        reported.into().status()
    }

    #[test]
    fn of_an_intent_that_succeeded_what_was_received_counts() {
        let said = status(intent(IntentStatus::Succeeded));
        assert_eq!(
            (said.outcome, said.amount_minor, said.provider_id.as_deref()),
            (Outcome::Succeeded, 400, Some("pi_1"))
        );
        assert_eq!((said.refunded_minor, said.disputed_minor, said.session_id), (30, 20, None));
        let said = status(intent(IntentStatus::Canceled));
        assert_eq!((said.outcome, said.amount_minor), (Outcome::Canceled, 1000));
    }

    #[test]
    fn only_what_is_final_ends_a_payment() {
        for open in OPEN {
            assert_eq!(status(intent(open)).outcome, Outcome::Open, "{open:?}");
            assert!(!open.is_final());
        }
    }

    /// An amount would otherwise stay reserved when the money does not come, or be free while somebody can pay it.
    /// Proves: 27
    #[test]
    fn a_session_ends_a_payment_when_nobody_can_pay_in_it_any_more() {
        use IntentStatus as I;
        use SessionStatus as S;
        for (of_session, of_intent, outcome) in [
            (S::Open, None, Outcome::Open),
            (S::Open, Some(I::RequiresPaymentMethod), Outcome::Open),
            (S::Open, Some(I::Canceled), Outcome::Open),
            (S::Unknown, Some(I::Canceled), Outcome::Open),
            // The money moved, and the session has not heard of it.
            (S::Open, Some(I::Succeeded), Outcome::Succeeded),
            (S::Complete, None, Outcome::Open),
            (S::Complete, Some(I::Processing), Outcome::Open),
            (S::Complete, Some(I::RequiresAction), Outcome::Open),
            (S::Complete, Some(I::Succeeded), Outcome::Succeeded),
            // A bank debit that failed: its payer cannot try again in this session.
            (S::Complete, Some(I::RequiresPaymentMethod), Outcome::Canceled),
            (S::Expired, None, Outcome::Canceled),
            (S::Expired, Some(I::RequiresPaymentMethod), Outcome::Canceled),
            (S::Expired, Some(I::Canceled), Outcome::Canceled),
            (S::Expired, Some(I::Processing), Outcome::Open),
            (S::Expired, Some(I::Succeeded), Outcome::Succeeded),
            (S::Unknown, None, Outcome::Open),
            (S::Unknown, Some(I::RequiresPaymentMethod), Outcome::Open),
        ] {
            let said = status(session(of_session, of_intent.map(intent)));
            assert_eq!(said.outcome, outcome, "{of_session:?} {of_intent:?}");
            assert_eq!(said.session_id.as_deref(), Some("cs_1"));
            assert_eq!(said.provider_id.is_some(), of_intent.is_some());
        }
    }

    /// Proves: 16
    #[test]
    fn a_session_or_its_intent_that_names_another_payment_is_not_ours() {
        let (payment, invoice) = (PAYMENT.parse().unwrap(), "INV-1".parse().unwrap());
        let which = Which { payment: &payment, invoice: &invoice };
        let other = metadata("py_0192f5c4a7b87c3d9e0f112233445567");
        let good = session(SessionStatus::Open, Some(intent(IntentStatus::Processing)));
        assert!(Reported::from(good.clone()).names_only(which));
        assert!(!Reported::from(Session { metadata: other.clone(), ..good.clone() }).names_only(which));
        let of_other = Intent { metadata: other, ..intent(IntentStatus::Processing) };
        assert!(!Reported::from(Session { intent: Some(of_other.clone()), ..good }).names_only(which));
        assert!(!Reported::from(of_other).names_only(which));
        assert!(Reported::from(session(SessionStatus::Expired, None)).names_only(which));
    }

    /// Proves: U2
    #[test]
    fn a_voucher_or_redirect_waits_for_its_own_end_and_a_card_for_the_payer() {
        let waits_for = |intent: Intent| {
            let of_session = Reported::from(session(SessionStatus::Complete, Some(intent.clone()))).waits_for();
            assert_eq!(Reported::from(intent).waits_for(), of_session);
            of_session
        };
        let waiting = intent(IntentStatus::RequiresAction);
        assert_eq!(waits_for(waiting.clone()), WaitsFor::Method(None));
        let end = domain::UtcTime::EPOCH.plus_s(7);
        assert_eq!(waits_for(Intent { expires_at: Some(end), ..waiting.clone() }), WaitsFor::Method(Some(end)));
        assert_eq!(waits_for(Intent { is_card: true, ..waiting.clone() }), WaitsFor::Payer);
        assert_eq!(waits_for(intent(IntentStatus::RequiresPaymentMethod)), WaitsFor::Payer);
        assert_eq!(waits_for(intent(IntentStatus::Processing)), WaitsFor::Provider);
        let open = Reported::from(session(SessionStatus::Open, Some(waiting)));
        assert_eq!(open.waits_for(), WaitsFor::Payer);
    }
}
