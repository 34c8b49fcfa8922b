//! Limits: how often something may be done in a period.
//!
//! Time is cut into fixed windows that begin at whole minutes, hours and days, UTC. So at most
//! twice as much can happen around the end of a window, and a window needs nothing but one counter.

use core::net::IpAddr;
use std::{fmt, str::FromStr};

use crate::time::UtcTime;

/// How long a window is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// 60 seconds.
    Minute,
    /// 3,600 seconds.
    Hour,
    /// 86,400 seconds.
    Day,
}

impl Period {
    const ALL: [Self; 3] = [Self::Minute, Self::Hour, Self::Day];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    const fn seconds(self) -> i64 {
        match self {
            Self::Minute => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }
}

/// How much is allowed: so many times in each window. Written `200/day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// The most times in one window; 0 forbids it altogether.
    pub times_max: u32,
    /// How long a window is.
    pub period: Period,
}

impl Allowance {
    /// The window that a moment lies in.
    #[must_use]
    pub fn window(self, now: UtcTime) -> Window {
        let length = self.period.seconds();
        let starts_at_s = now.unix_s() - now.unix_s().rem_euclid(length);
        Window { starts_at_s, ends_at_s: starts_at_s + length }
    }
}

impl fmt::Display for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.times_max, self.period.as_str())
    }
}

/// Not `number/minute`, `number/hour` or `number/day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not written as a number, a slash, and minute, hour or day")]
pub struct AllowanceError;

impl FromStr for Allowance {
    type Err = AllowanceError;

    fn from_str(text: &str) -> Result<Self, AllowanceError> {
        let (times, period) = text.split_once('/').ok_or(AllowanceError)?;
        let period = Period::ALL.into_iter().find(|each| each.as_str() == period).ok_or(AllowanceError)?;
        Ok(Self { times_max: times.parse().map_err(|_| AllowanceError)?, period })
    }
}

/// A period, the end not included; in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its first second.
    pub starts_at_s: i64,
    /// The first second after it.
    pub ends_at_s: i64,
}

impl Window {
    /// After how many seconds to try again, at least 1.
    #[must_use]
    pub fn retry_after_s(self, now: UtcTime) -> u32 {
        u32::try_from(self.ends_at_s.saturating_sub(now.unix_s()).max(1)).unwrap_or(u32::MAX)
    }
}

/// How the number of invitations that an organisation may send grows, from that of a new one to the whole of
/// [`Limit::InvitationsPerOrganisation`]; see [`crate::invitation_record`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvitationGrowth {
    /// So many may a new organisation send in a window.
    pub at_first: u32,
    /// So many more for each invitation that was accepted.
    pub per_acceptance: u32,
}

/// The names of the two numbers in configuration.
const AT_FIRST: &str = "invitations_at_first";
const PER_ACCEPTANCE: &str = "invitations_per_acceptance";

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal, $times:literal per $period:ident;)*) => {
        /// The limits, each with the subject that it is counted by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Limit { $($(#[doc = $doc])+ $variant,)* }

        impl Limit {
            /// Every limit there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name, in configuration and in keys.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        /// How much each limit allows.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct Allowances {
            limits: [Allowance; Limit::ALL.len()],
            /// How the number of invitations that an organisation may send grows.
            pub invitation_growth: InvitationGrowth,
        }

        impl Default for Allowances {
            fn default() -> Self {
                let limits = [$(Allowance { times_max: $times, period: Period::$period },)*];
                Self { limits, invitation_growth: InvitationGrowth { at_first: 30, per_acceptance: 10 } }
            }
        }
    };
}

limits! {
    /// Invitations sent and sent again, by the inviting company or firm.
    InvitationsPerOrganisation = "invitations_per_organisation", 1000 per Day;
    /// Invitations sent and sent again, by the address they go to, from all inviters together.
    InvitationsPerRecipient = "invitations_per_recipient", 10 per Day;
    /// Invitations sent and sent again, by the network they are asked for from.
    InvitationsPerSource = "invitations_per_source", 1000 per Hour;
    /// Accounts asked for through a link, by the network they are asked for from.
    AccountsPerSource = "accounts_per_source", 20 per Hour;
    /// Companies and firms registered by themselves, by the network they are registered from.
    RegistrationsPerSource = "registrations_per_source", 20 per Hour;
    /// Companies registered through one registration link, or with one signup code.
    RegistrationsPerSignupSource = "registrations_per_signup_source", 300 per Hour;
    /// Companies registered through links and with codes, by the network they are registered from: at a fair many
    /// share one.
    SignupsPerSource = "signups_per_source", 1000 per Hour;
    /// Requests for more access, by the person who asks.
    AccessRequestsPerPerson = "access_requests_per_person", 20 per Day;
    /// Requests for more access, by the company or firm whose people decide.
    AccessRequestsPerOrganisation = "access_requests_per_organisation", 200 per Day;
    /// Requests for documents, and changes that ask further people, by the person who asks: at a month's end one
    /// bookkeeper asks many clients.
    DocumentRequestsPerPerson = "document_requests_per_person", 300 per Day;
    /// Requests for documents, and changes that ask further people, by the company whose members are asked.
    DocumentRequestsPerOrganisation = "document_requests_per_organisation", 100 per Day;
    /// Exports of an audit log, by the person who requests them.
    ExportsPerPerson = "exports_per_person", 20 per Day;
    /// Exports of an audit log, by the company or firm whose it is.
    ExportsPerOrganisation = "exports_per_organisation", 50 per Day;
    /// Archives of documents, by the person who requests them.
    DocumentExportsPerPerson = "document_exports_per_person", 20 per Day;
    /// Archives of documents, by the company whose they are.
    DocumentExportsPerOrganisation = "document_exports_per_organisation", 50 per Day;
    /// Changes that write to several people and that nothing else limits, by the person who makes them.
    LettersPerPerson = "letters_per_person", 100 per Day;
    /// Changes that write to several people and that nothing else limits, by the company or firm.
    LettersPerOrganisation = "letters_per_organisation", 500 per Day;
    /// Comments and forwarded documents, by the contact who writes or forwards them.
    ContactLettersPerPerson = "contact_letters_per_person", 50 per Day;
    /// Comments and forwarded documents, by the customer whose contacts write or forward them.
    ContactLettersPerCustomer = "contact_letters_per_customer", 200 per Day;
    /// Hosted links to documents, by the mailbox they go to, from all companies and contacts together.
    DocumentLinksPerRecipient = "document_links_per_recipient", 30 per Day;
    /// Hosted links to one document, from all people and contacts together.
    DocumentLinksPerDocument = "document_links_per_document", 50 per Day;
    /// Hosted links to one document that contacts make by forwarding it: fewer than there are, so that the company can
    /// still send it.
    ForwardedLinksPerDocument = "forwarded_links_per_document", 30 per Day;
}

impl Allowances {
    /// How much this limit allows.
    #[must_use]
    pub fn of(&self, limit: Limit) -> Allowance {
        #[expect(clippy::indexing_slicing, reason = "there is one allowance for each limit, in the order of the enum")]
        self.limits[limit as usize]
    }
}

/// Why a configuration of limits cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AllowancesError {
    /// An entry without `=`, or with an unknown name.
    #[error("{0} is not the name of a limit, an equals sign and an allowance")]
    Name(String),
    /// An entry whose allowance cannot be read.
    #[error("{0} {1}")]
    Allowance(String, AllowanceError),
    /// An entry that is a number by its name, and is none.
    #[error("{0} is not a number")]
    Number(String),
}

/// `invitations_per_recipient=10/day invitations_at_first=30`; what is not named keeps its default.
impl FromStr for Allowances {
    type Err = AllowancesError;

    fn from_str(text: &str) -> Result<Self, AllowancesError> {
        let mut allowances = Self::default();
        for entry in text.split_whitespace() {
            let unknown = || AllowancesError::Name(entry.to_owned());
            let (name, allowance) = entry.split_once('=').ok_or_else(unknown)?;
            let number = || allowance.parse().map_err(|_| AllowancesError::Number(entry.to_owned()));
            match name {
                AT_FIRST => {
                    allowances.invitation_growth.at_first = number()?;
                    continue;
                }
                PER_ACCEPTANCE => {
                    allowances.invitation_growth.per_acceptance = number()?;
                    continue;
                }
                _ => {}
            }
            let place = Limit::ALL.iter().position(|limit| limit.as_str() == name).ok_or_else(unknown)?;
            let allowance = allowance.parse().map_err(|error| AllowancesError::Allowance(entry.to_owned(), error))?;
            if let Some(slot) = allowances.limits.get_mut(place) {
                *slot = allowance;
            }
        }
        Ok(allowances)
    }
}

/// The network that a request comes from: an IPv4 address, or the /64 of an IPv6 address, within
/// which one subscriber may choose freely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// The network as text; empty when it is not known.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The network of an address as a gateway writes it. Text that is no address counts as one network: an unknown
    /// source is limited too.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self(match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V4(v4)) => v4.to_string(),
            Ok(IpAddr::V6(v6)) => {
                let [a, b, c, d, ..] = v6.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
            Err(_) => String::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_allowance_is_read_as_it_is_written() {
        for text in ["0/minute", "20/hour", "1000/day"] {
            assert_eq!(text.parse::<Allowance>().unwrap().to_string(), text);
        }
        for text in ["", "20", "20/", "/day", "-1/day", "20/week", "4294967296/day", "1/day/2"] {
            assert_eq!(text.parse::<Allowance>(), Err(AllowanceError), "{text}");
        }
    }

    #[test]
    fn a_configuration_names_what_it_changes() {
        let read: Allowances = " accounts_per_source=3/minute\n invitations_per_recipient=1/day".parse().unwrap();
        assert_eq!(read.of(Limit::AccountsPerSource), "3/minute".parse().unwrap());
        assert_eq!(read.of(Limit::InvitationsPerRecipient), "1/day".parse().unwrap());
        let unchanged = Limit::RegistrationsPerSource;
        assert_eq!(read.of(unchanged), Allowances::default().of(unchanged));
        assert!(matches!("letters=1/day".parse::<Allowances>(), Err(AllowancesError::Name(_))));
        assert!(matches!("accounts_per_source".parse::<Allowances>(), Err(AllowancesError::Name(_))));
        let read: Allowances = "invitations_at_first=3 invitations_per_acceptance=0".parse().unwrap();
        assert_eq!(read.invitation_growth, InvitationGrowth { at_first: 3, per_acceptance: 0 });
        let unreadable = "invitations_at_first=3/day".parse::<Allowances>();
        assert!(matches!(unreadable, Err(AllowancesError::Number(_))), "{unreadable:?}");
        let unreadable = "accounts_per_source=many".parse::<Allowances>();
        assert!(matches!(unreadable, Err(AllowancesError::Allowance(..))), "{unreadable:?}");
    }

    #[test]
    fn a_source_is_a_network() {
        for (address, network) in [
            ("203.0.113.17", "203.0.113.17"),
            ("::ffff:203.0.113.17", "203.0.113.17"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::", "2001:db8:1:3::/64"),
            ("unknown", ""),
            ("", ""),
        ] {
            assert_eq!(Source::of(address).as_str(), network, "{address}");
        }
    }

    /// Contacts who forward a document would otherwise leave the company none of its links.
    /// Proves: H3
    #[test]
    fn contacts_make_fewer_links_to_a_document_than_there_may_be() {
        let allowances = Allowances::default();
        let [contacts, all] =
            [Limit::ForwardedLinksPerDocument, Limit::DocumentLinksPerDocument].map(|limit| allowances.of(limit));
        assert_eq!(contacts.period, all.period);
        assert!(contacts.times_max < all.times_max, "{contacts} of {all}");
    }

    proptest! {
        /// Proves: 15
        #[test]
        fn every_moment_lies_in_its_window_and_the_wait_ends_in_the_next(at_s in 0_i64..4_000_000_000) {
            let now = UtcTime::EPOCH.plus_s(at_s);
            for period in Period::ALL {
                let allowance = Allowance { times_max: 1, period };
                let window = allowance.window(now);
                prop_assert!(window.starts_at_s <= at_s && at_s < window.ends_at_s);
                let later = now.plus_s(i64::from(window.retry_after_s(now)));
                prop_assert_eq!(allowance.window(later).starts_at_s, window.ends_at_s);
            }
        }
    }
}
