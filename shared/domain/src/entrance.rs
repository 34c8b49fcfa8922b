//! Ways in for clients to come: a firm's registration links, and the signup codes of a firm or of
//! the vendor.
//!
//! Neither secret is here: a link's token and a code's text are derived (see `links`), so this
//! module only knows what they open, for how long and how often. A way in stays open when whoever
//! made it leaves the firm: it gives nothing of the firm's away. It asks for access to a newcomer's
//! books, and the newcomer is the one who grants it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use crate::{
    event::{EventType, Fact},
    id::{FirmId, Org, RegistrationLinkId, SignupCodeId, UserId},
    permission::{Grants, Permission},
    role::MemberRole,
    text::{Name, Reference},
    time::UtcTime,
};

/// The longest a way in stays open when it is to close by itself, in days.
pub const MAX_EXPIRY_DAYS: u16 = 730;
/// The most registrations a limit can allow.
pub const MAX_USES: u32 = 100_000;
const DAY_S: i64 = 86_400;

/// Who pays for a company's subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payer {
    /// The company itself.
    Company,
    /// Its firm.
    Firm,
}

impl Payer {
    /// The payer as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::Firm => "firm",
        }
    }
}

/// What a firm asks of whoever registers, and what it offers them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The most the firm will be able to do.
    pub grants: Grants,
    /// Who pays for the subscription.
    pub payer: Payer,
}

/// Why a firm cannot ask for these permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Nothing is asked for.
    #[error("must name at least one permission")]
    NoPermissions,
    /// A permission that no company has.
    #[error("permission {0} does not exist for a company")]
    NotForCompanies(Permission),
}

impl Terms {
    /// What a firm asks for: what [`MemberRole::Accountant`] holds, unless permissions are listed.
    ///
    /// # Errors
    /// [`TermsError`].
    pub fn new(permissions: Option<Grants>, payer: Option<Payer>) -> Result<Self, TermsError> {
        let grants = permissions.unwrap_or_else(|| MemberRole::Accountant.preset());
        if grants.is_empty() {
            return Err(TermsError::NoPermissions);
        }
        let alien = grants.iter().find(|permission| !permission.is_for_companies());
        match alien {
            Some(alien) => Err(TermsError::NotForCompanies(alien)),
            None => Ok(Self { grants, payer: payer.unwrap_or(Payer::Company) }),
        }
    }
}

/// For how long and how often a way in is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The instant at which it closes; never by itself when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<UtcTime>,
    /// How many may come through; any number when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
    /// How many came through.
    pub uses: u32,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<UtcTime>,
}

/// Why limits make no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// Two ways of saying when it closes.
    #[error("say either expires_at or expires_in_days")]
    TwoExpiries,
    /// Days outside 1–[`MAX_EXPIRY_DAYS`].
    #[error("must be between 1 and {MAX_EXPIRY_DAYS}")]
    Days,
    /// A time that is past, or more than [`MAX_EXPIRY_DAYS`] days ahead.
    #[error("must be in the future, at most {MAX_EXPIRY_DAYS} days ahead")]
    Time,
    /// Uses outside 1–[`MAX_USES`].
    #[error("must be between 1 and {MAX_USES}")]
    Uses,
}

/// Where a way in stands, as people are shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntranceState {
    /// Whoever shows it may register.
    Open,
    /// Its time is over.
    Expired,
    /// As many came through as may.
    UsedUp,
    /// The firm or the vendor closed it.
    Revoked,
}

impl EntranceState {
    /// The state as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Expired => "expired",
            Self::UsedUp => "used_up",
            Self::Revoked => "revoked",
        }
    }
}

/// A way in that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is {}", .0.as_str())]
pub struct Closed(pub EntranceState);

impl Limits {
    /// Limits that begin now.
    ///
    /// # Errors
    /// [`LimitsError`].
    pub fn new(
        expires_at: Option<UtcTime>,
        expires_in_days: Option<u16>,
        max_uses: Option<u32>,
        now: UtcTime,
    ) -> Result<Self, LimitsError> {
        let expires_at = match (expires_at, expires_in_days) {
            (Some(_), Some(_)) => return Err(LimitsError::TwoExpiries),
            (None, Some(0)) => return Err(LimitsError::Days),
            (None, Some(days)) if days > MAX_EXPIRY_DAYS => return Err(LimitsError::Days),
            (None, Some(days)) => Some(now.plus_s(i64::from(days) * DAY_S)),
            (Some(at), None) if at <= now || at > now.plus_s(i64::from(MAX_EXPIRY_DAYS) * DAY_S) => {
                return Err(LimitsError::Time);
            }
            (at, None) => at,
        };
        match max_uses {
            Some(0) => Err(LimitsError::Uses),
            Some(most) if most > MAX_USES => Err(LimitsError::Uses),
            max_uses => Ok(Self { expires_at, max_uses, uses: 0, revoked_at: None }),
        }
    }

    /// Where it stands at a moment. It closes at its instant exactly.
    #[must_use]
    pub fn state(&self, now: UtcTime) -> EntranceState {
        if self.revoked_at.is_some() {
            EntranceState::Revoked
        } else if self.expires_at.is_some_and(|at| now >= at) {
            EntranceState::Expired
        } else if self.max_uses.is_some_and(|most| self.uses >= most) {
            EntranceState::UsedUp
        } else {
            EntranceState::Open
        }
    }

    /// Whether it opens now.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open(&self, now: UtcTime) -> Result<(), Closed> {
        match self.state(now) {
            EntranceState::Open => Ok(()),
            state => Err(Closed(state)),
        }
    }

    /// One more came through.
    fn used(&self, now: UtcTime) -> Result<Self, Closed> {
        self.open(now)?;
        Ok(Self { uses: self.uses.saturating_add(1), ..self.clone() })
    }

    fn revoked(&self, now: UtcTime) -> Result<Self, Closed> {
        match self.revoked_at {
            Some(_) => Err(Closed(EntranceState::Revoked)),
            None => Ok(Self { revoked_at: Some(now), ..self.clone() }),
        }
    }
}

/// Who made a way in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// The person.
    pub user: UserId,
    /// Their name when they made it.
    pub name: Name,
}

/// A shareable link of a firm's: whoever registers through it is connected to the firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationLink {
    /// Its id; never a secret.
    pub id: RegistrationLinkId,
    /// The firm it leads to.
    pub firm: FirmId,
    /// What the firm calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Name>,
    /// What it asks for and offers.
    pub terms: Terms,
    /// For how long and how often it is open.
    pub limits: Limits,
    /// Which token is the live one.
    pub generation: u32,
    /// When it was made.
    pub created_at: UtcTime,
    /// Who made it.
    pub created_by: Maker,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl RegistrationLink {
    /// Makes a link.
    #[must_use]
    pub fn make(
        id: RegistrationLinkId,
        firm: &FirmId,
        label: Option<Name>,
        terms: Terms,
        limits: Limits,
        by: Maker,
        now: UtcTime,
    ) -> (Self, Fact) {
        let link = Self {
            id,
            firm: firm.clone(),
            label,
            terms,
            limits,
            generation: 1,
            created_at: now,
            created_by: by,
            version: 1,
        };
        let fact = link.fact(EventType::RegistrationLinkCreated);
        (link, fact)
    }

    /// Closes it for good.
    ///
    /// # Errors
    /// [`Closed`] when it was revoked before.
    pub fn revoke(&self, now: UtcTime) -> Result<(Self, Fact), Closed> {
        let revoked = Self { limits: self.limits.revoked(now)?, version: self.version + 1, ..self.clone() };
        let fact = revoked.fact(EventType::RegistrationLinkRevoked);
        Ok((revoked, fact))
    }

    /// Whether a token of this generation opens it now.
    ///
    /// # Errors
    /// [`Closed`]; a token of another generation counts as revoked.
    pub fn open(&self, generation: u32, now: UtcTime) -> Result<(), Closed> {
        if generation == self.generation { self.limits.open(now) } else { Err(Closed(EntranceState::Revoked)) }
    }

    fn fact(&self, kind: EventType) -> Fact {
        let data = terms_data(self.label.as_ref(), Some(&self.terms), &self.limits);
        Fact::new(kind, Org::Firm(self.firm.clone()), ("registration_link", self.id.as_str()), data)
    }
}

fn terms_data(label: Option<&Name>, terms: Option<&Terms>, limits: &Limits) -> serde_json::Value {
    json!({
        "label": label,
        "grants": terms.map(|terms| &terms.grants),
        "billing_owner": terms.map(|terms| terms.payer),
        "expires_at": limits.expires_at,
        "max_uses": limits.max_uses,
        "uses": limits.uses,
    })
}

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Issuer {
    /// A firm's: it connects, and the firm is who referred.
    Firm {
        /// The firm.
        firm: FirmId,
        /// The code's id; never a secret.
        id: SignupCodeId,
        /// What it asks for and offers.
        terms: Terms,
        /// Who made it.
        created_by: Maker,
    },
    /// The vendor's, under a reference of the vendor's own: it connects nobody.
    Vendor {
        /// The vendor's name for it.
        reference: Reference,
        /// The firm that the signup is attributed to, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        referrer: Option<FirmId>,
    },
}

/// A code that people type in when they register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupCode {
    /// Whose it is.
    pub issuer: Issuer,
    /// What its issuer calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Name>,
    /// For how long and how often it is open.
    pub limits: Limits,
    /// When it was made.
    pub created_at: UtcTime,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// The vendor uses a reference for another code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another code was made under this reference")]
pub struct CodeReferenceTaken;

impl SignupCode {
    /// Makes a firm's code.
    #[must_use]
    pub fn of_firm(
        id: SignupCodeId,
        firm: &FirmId,
        label: Option<Name>,
        terms: Terms,
        limits: Limits,
        by: Maker,
        now: UtcTime,
    ) -> (Self, Fact) {
        let data = terms_data(label.as_ref(), Some(&terms), &limits);
        let subject = ("signup_code", id.as_str());
        let fact = Fact::new(EventType::SignupCodeCreated, Org::Firm(firm.clone()), subject, data);
        let issuer = Issuer::Firm { firm: firm.clone(), id, terms, created_by: by };
        (Self { issuer, label, limits, created_at: now, version: 1 }, fact)
    }

    /// Makes a code of the vendor's. It belongs to no tenant, so no event tells of it; what it is
    /// redeemed for is recorded where that happens.
    #[must_use]
    pub fn of_vendor(
        reference: Reference,
        referrer: Option<FirmId>,
        label: Option<Name>,
        limits: Limits,
        now: UtcTime,
    ) -> Self {
        Self { issuer: Issuer::Vendor { reference, referrer }, label, limits, created_at: now, version: 1 }
    }

    /// Whether the vendor asks again for the code that is there: the same but for what happened to
    /// it since, and for an expiry that was said in days.
    ///
    /// # Errors
    /// [`CodeReferenceTaken`].
    pub fn is_again(&self, wanted: &Self) -> Result<(), CodeReferenceTaken> {
        let same = self.issuer == wanted.issuer
            && self.label == wanted.label
            && self.limits.max_uses == wanted.limits.max_uses
            && self.limits.expires_at.is_some() == wanted.limits.expires_at.is_some();
        if same { Ok(()) } else { Err(CodeReferenceTaken) }
    }

    /// The name that the code's text is derived from.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.issuer {
            Issuer::Firm { id, .. } => id.to_string(),
            Issuer::Vendor { reference, .. } => vendor_code_name(reference),
        }
    }

    /// The firm it belongs to; none for the vendor's.
    #[must_use]
    pub const fn firm(&self) -> Option<&FirmId> {
        match &self.issuer {
            Issuer::Firm { firm, .. } => Some(firm),
            Issuer::Vendor { .. } => None,
        }
    }

    /// Closes it for good. A firm's is told of in the firm's trail.
    ///
    /// # Errors
    /// [`Closed`] when it was revoked before.
    pub fn revoke(&self, now: UtcTime) -> Result<(Self, Option<Fact>), Closed> {
        let revoked = Self { limits: self.limits.revoked(now)?, version: self.version + 1, ..self.clone() };
        let fact = match &self.issuer {
            Issuer::Firm { firm, id, terms, .. } => Some(Fact::new(
                EventType::SignupCodeRevoked,
                Org::Firm(firm.clone()),
                ("signup_code", id.as_str()),
                terms_data(self.label.as_ref(), Some(terms), &revoked.limits),
            )),
            Issuer::Vendor { .. } => None,
        };
        Ok((revoked, fact))
    }
}

/// The name that the text of a vendor's code is derived from: no firm's code has one with a slash.
#[must_use]
pub fn vendor_code_name(reference: &Reference) -> String {
    format!("vendor/{reference}")
}

/// What a newcomer showed, as it is kept with what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
pub enum Through {
    /// A firm's registration link.
    RegistrationLink(RegistrationLinkId),
    /// A firm's signup code.
    SignupCode(SignupCodeId),
    /// A code of the vendor's, by the vendor's reference.
    VendorCode(Reference),
}

impl Through {
    /// The kind of thing, as events and files name it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::RegistrationLink(_) => "registration_link",
            Self::SignupCode(_) => "signup_code",
            Self::VendorCode(_) => "vendor_code",
        }
    }

    /// Its id or reference.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::RegistrationLink(id) => id.as_str(),
            Self::SignupCode(id) => id.as_str(),
            Self::VendorCode(reference) => reference.as_str(),
        }
    }
}

/// A way in that a newcomer showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entrance {
    /// A registration link, by a token of this generation.
    Link(RegistrationLink, u32),
    /// A signup code.
    Code(SignupCode),
}

impl Entrance {
    /// What it is, for the record.
    #[must_use]
    pub fn through(&self) -> Through {
        match self {
            Self::Link(link, _) => Through::RegistrationLink(link.id.clone()),
            Self::Code(SignupCode { issuer: Issuer::Firm { id, .. }, .. }) => Through::SignupCode(id.clone()),
            Self::Code(SignupCode { issuer: Issuer::Vendor { reference, .. }, .. }) => {
                Through::VendorCode(reference.clone())
            }
        }
    }

    /// The firm that it connects, and on which terms.
    #[must_use]
    pub const fn connects(&self) -> Option<(&FirmId, &Terms)> {
        match self {
            Self::Link(link, _) => Some((&link.firm, &link.terms)),
            Self::Code(SignupCode { issuer: Issuer::Firm { firm, terms, .. }, .. }) => Some((firm, terms)),
            Self::Code(SignupCode { issuer: Issuer::Vendor { .. }, .. }) => None,
        }
    }

    /// What the firm calls it, for its own eyes; none for the vendor's, whose words are not the firm's.
    #[must_use]
    pub const fn firms_label(&self) -> Option<&Name> {
        match self {
            Self::Link(link, _) => link.label.as_ref(),
            Self::Code(SignupCode { issuer: Issuer::Firm { .. }, label, .. }) => label.as_ref(),
            Self::Code(SignupCode { issuer: Issuer::Vendor { .. }, .. }) => None,
        }
    }

    /// The firm that the signup is attributed to.
    #[must_use]
    pub const fn referrer(&self) -> Option<&FirmId> {
        match self {
            Self::Link(link, _) => Some(&link.firm),
            Self::Code(SignupCode { issuer: Issuer::Firm { firm, .. }, .. }) => Some(firm),
            Self::Code(SignupCode { issuer: Issuer::Vendor { referrer, .. }, .. }) => referrer.as_ref(),
        }
    }

    /// Whether it opens now.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn open(&self, now: UtcTime) -> Result<(), Closed> {
        match self {
            Self::Link(link, generation) => link.open(*generation, now),
            Self::Code(code) => code.limits.open(now),
        }
    }

    /// The same after one more came through.
    ///
    /// # Errors
    /// [`Closed`] when nobody may any more.
    pub fn used(&self, now: UtcTime) -> Result<Self, Closed> {
        self.open(now)?;
        Ok(match self {
            Self::Link(link, generation) => {
                let limits = link.limits.used(now)?;
                Self::Link(RegistrationLink { limits, version: link.version + 1, ..link.clone() }, *generation)
            }
            Self::Code(code) => {
                Self::Code(SignupCode { limits: code.limits.used(now)?, version: code.version + 1, ..code.clone() })
            }
        })
    }
}

/// The letters of a code: digits and capitals without I, L, O and U (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Ten letters of five bits: 50 bits, which nobody guesses at the rate the route allows.
const CODE_CHARS: usize = 10;
const MAX_TYPED_CHARS: usize = 64;

/// A signup code as people type it: a secret of sorts, so `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeText(String);

/// Text that cannot be a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a signup code")]
pub struct CodeTextError;

impl CodeText {
    /// The code that a secret stands for: five bits of each of its first ten bytes.
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        let letter = |byte: &u8| ALPHABET.get(usize::from(byte & 31)).map_or('0', |letter| char::from(*letter));
        Self(secret.iter().take(CODE_CHARS).map(letter).collect())
    }

    /// The code in its one spelling, without hyphen.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The code as it is shown: `7K3QX-9TM2B`.
    #[must_use]
    pub fn for_people(&self) -> String {
        let (first, second): (String, String) =
            (self.0.chars().take(CODE_CHARS / 2).collect(), self.0.chars().skip(CODE_CHARS / 2).collect());
        format!("{first}-{second}")
    }
}

impl FromStr for CodeText {
    type Err = CodeTextError;

    /// Reads what somebody typed, whatever its case, hyphens and spaces, and with the letters that
    /// are taken for digits read as those.
    fn from_str(typed: &str) -> Result<Self, CodeTextError> {
        if typed.chars().count() > MAX_TYPED_CHARS {
            return Err(CodeTextError);
        }
        let text: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}' | '\u{2011}' | '\u{2013}'))
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        let known = |byte: u8| ALPHABET.contains(&byte);
        if text.len() == CODE_CHARS && text.bytes().all(known) { Ok(Self(text)) } else { Err(CodeTextError) }
    }
}

impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeText([redacted])")
    }
}

/// What a code is looked up by: a keyed digest of its text, of which nobody can make the text.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeDigest([u8; 32]);

impl CodeDigest {
    /// Takes in a digest.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for CodeDigest {
    /// Writes 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeDigest([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const NOW: UtcTime = UtcTime::EPOCH;

    fn link(expires_in_days: Option<u16>, max_uses: Option<u32>) -> RegistrationLink {
        let limits = Limits::new(None, expires_in_days, max_uses, NOW).unwrap();
        let by = Maker { user: "ana".parse().unwrap(), name: "Ana".parse().unwrap() };
        let (id, firm) = (RegistrationLinkId::from_uuid(Uuid::from_u128(1)), FirmId::from_uuid(Uuid::from_u128(2)));
        RegistrationLink::make(id, &firm, None, Terms::new(None, None).unwrap(), limits, by, NOW).0
    }

    #[test]
    fn a_firm_asks_for_what_an_accountant_does_unless_it_says_otherwise() {
        let terms = Terms::new(None, None).unwrap();
        assert_eq!((terms.grants, terms.payer), (MemberRole::Accountant.preset(), Payer::Company));
        assert_eq!(Terms::new(Some(Grants::default()), None), Err(TermsError::NoPermissions));
        let alien = [Permission::ClientsView].into_iter().collect();
        assert_eq!(Terms::new(Some(alien), None), Err(TermsError::NotForCompanies(Permission::ClientsView)));
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let day = NOW.plus_s(DAY_S);
        for (at, days, uses, error) in [
            (Some(day), Some(1), None, LimitsError::TwoExpiries),
            (None, Some(0), None, LimitsError::Days),
            (None, Some(MAX_EXPIRY_DAYS + 1), None, LimitsError::Days),
            (Some(NOW), None, None, LimitsError::Time),
            (Some(NOW.plus_s(DAY_S * 731)), None, None, LimitsError::Time),
            (None, None, Some(0), LimitsError::Uses),
            (None, None, Some(MAX_USES + 1), LimitsError::Uses),
        ] {
            assert_eq!(Limits::new(at, days, uses, NOW), Err(error));
        }
    }

    #[test]
    fn a_link_closes_at_its_instant_and_when_it_was_revoked() {
        let one_day = link(Some(1), None);
        assert_eq!(one_day.open(1, NOW.plus_s(DAY_S - 1)), Ok(()));
        assert_eq!(one_day.open(1, NOW.plus_s(DAY_S)), Err(Closed(EntranceState::Expired)));
        assert_eq!(one_day.open(2, NOW), Err(Closed(EntranceState::Revoked)), "a token of another generation");
        let (revoked, fact) = one_day.revoke(NOW).unwrap();
        assert_eq!(fact.kind, EventType::RegistrationLinkRevoked);
        assert_eq!(revoked.open(1, NOW), Err(Closed(EntranceState::Revoked)));
        assert_eq!(revoked.revoke(NOW).unwrap_err(), Closed(EntranceState::Revoked));
    }

    #[test]
    fn a_vendor_that_asks_again_gets_the_code_that_is_there() {
        let code = |reference: &str, label: &str, days| {
            let limits = Limits::new(None, days, Some(5), NOW).unwrap();
            SignupCode::of_vendor(reference.parse().unwrap(), None, Some(label.parse().unwrap()), limits, NOW)
        };
        let kept = Entrance::Code(code("FAIR-26", "Fair", Some(3))).used(NOW).unwrap();
        let Entrance::Code(kept) = kept else { panic!("{kept:?}") };
        assert_eq!(kept.is_again(&code("FAIR-26", "Fair", Some(3))), Ok(()));
        assert_eq!(kept.is_again(&code("FAIR-26", "Other", Some(3))), Err(CodeReferenceTaken));
        assert_eq!(kept.is_again(&code("FAIR-26", "Fair", None)), Err(CodeReferenceTaken));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = CodeText::from_secret(&[17; 32]);
        assert_eq!(code.for_people(), "HHHHH-HHHHH");
        let typed = ["7k3qx-9tm2b", " 7K3QX 9TM2B ", "7K3QX9TM2B", "7-K-3-Q-X-9-T-M-2-B"];
        for text in typed {
            assert_eq!(text.parse::<CodeText>().unwrap().reveal(), "7K3QX9TM2B", "{text}");
        }
        assert_eq!("oil00-00000".parse::<CodeText>().unwrap().reveal(), "0110000000");
        for text in ["", "7K3QX-9TM2", "7K3QX-9TM2BB", "7K3QX-9TM2U", "7K3QX-9TM2Ä", &"-".repeat(10_000)] {
            assert_eq!(text.parse::<CodeText>(), Err(CodeTextError), "{text:.40}");
        }
        assert_eq!(format!("{code:?} {:?}", CodeDigest::new([1; 32])), "CodeText([redacted]) CodeDigest([redacted])");
    }

    proptest! {
        #[test]
        fn nobody_comes_through_beyond_the_limit(most in 1_u32..20, tries in 0_u32..40) {
            let mut entrance = Entrance::Link(link(None, Some(most)), 1);
            let mut through = 0;
            for _ in 0..tries {
                if let Ok(used) = entrance.used(NOW) {
                    entrance = used;
                    through += 1;
                }
            }
            prop_assert_eq!(through, tries.min(most));
        }

        #[test]
        fn every_derived_code_is_read_back(secret: [u8; 32]) {
            let code = CodeText::from_secret(&secret);
            prop_assert_eq!(code.for_people().to_lowercase().parse::<CodeText>().unwrap(), code);
        }

        #[test]
        fn any_text_is_refused_or_has_one_spelling(text in ".{0,16}") {
            if let Ok(code) = text.parse::<CodeText>() {
                prop_assert_eq!(code.reveal().parse::<CodeText>().unwrap(), code);
            }
        }
    }
}
