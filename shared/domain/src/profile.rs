//! A person's own profile: made at the first sign-in, changed by nobody else. Its address follows the identity
//! provider's.

use crate::{
    id::UserId,
    locale::Locale,
    org::User,
    patch::Patch,
    text::{Email, Name},
    time::{UtcTime, Zone},
};

/// The identity provider's data about a person's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address, where it is one that mail can be sent to.
    pub email: Option<Email>,
    /// Whether it is verified.
    pub verified: bool,
}

impl Address {
    /// The verified address.
    ///
    /// # Errors
    /// [`ProfileError`].
    pub fn verified(self) -> Result<Email, ProfileError> {
        if !self.verified {
            return Err(ProfileError::EmailNotVerified);
        }
        self.email.ok_or(ProfileError::NoUsableEmail)
    }
}

/// Why there is no verified address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// Invitations are bound to verified addresses, so an unverified one would take another's.
    #[error("confirm the email address with the identity provider, then try again")]
    EmailNotVerified,
    /// The identity provider has no address, or one that mail cannot be sent to.
    #[error("the identity provider has no email address that mail can be sent to")]
    NoUsableEmail,
}

impl ProfileError {
    /// The state that does not allow it, as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmailNotVerified => "email_not_verified",
            Self::NoUsableEmail => "no_usable_email",
        }
    }
}

/// Makes the profile of a person who signs in for the first time. The address is the identity
/// provider's, never the person's own word.
///
/// # Errors
/// [`ProfileError`].
pub fn make_profile(
    id: UserId,
    address: Address,
    name: Name,
    (time_zone, language): (Option<Zone>, Option<Locale>),
    now: UtcTime,
) -> Result<User, ProfileError> {
    let email = address.verified()?;
    let time_zone = time_zone.unwrap_or_else(Zone::utc);
    Ok(User { id, email, name, time_zone, language, created_at: now, version: 1 })
}

/// Takes over the address that the identity provider has for the person now. `None` when it is the profile's
/// already, or the person has not shown that it is theirs: the last one that they showed stays.
#[must_use]
pub fn follow_address(user: &User, address: Address) -> Option<User> {
    let email = address.verified().ok().filter(|email| *email != user.email)?;
    Some(User { email, version: user.version + 1, ..user.clone() })
}

/// Changes the given fields and keeps the others.
#[must_use]
pub fn change_profile(user: &User, name: Option<Name>, time_zone: Option<Zone>, language: Patch<Locale>) -> User {
    User {
        name: name.unwrap_or_else(|| user.name.clone()),
        time_zone: time_zone.unwrap_or_else(|| user.time_zone.clone()),
        language: language.after(user.language.clone()),
        version: user.version + 1,
        ..user.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(email: Option<&str>, verified: bool) -> Result<User, ProfileError> {
        let address = Address { email: email.map(|text| text.parse().unwrap()), verified };
        make_profile("u-1".parse().unwrap(), address, "Mona".parse().unwrap(), (None, None), UtcTime::EPOCH)
    }

    #[test]
    fn an_unverified_address_makes_no_profile() {
        assert_eq!(make(Some("mona@example.com"), false), Err(ProfileError::EmailNotVerified));
        assert_eq!(make(None, true), Err(ProfileError::NoUsableEmail));
        assert_eq!(make(Some("mona@example.com"), true).unwrap().time_zone, Zone::utc());
    }

    /// Proves: U8, S14
    #[test]
    fn only_another_verified_address_is_taken_over() {
        let user = make(Some("mona@example.com"), true).unwrap();
        let address =
            |email: Option<&str>, verified| Address { email: email.map(|text| text.parse().unwrap()), verified };
        let moved = follow_address(&user, address(Some("mona@new.example"), true)).unwrap();
        assert_eq!(moved, User { email: "mona@new.example".parse().unwrap(), version: 2, ..user.clone() });
        for (email, verified) in [(Some("mona@new.example"), false), (Some("mona@example.com"), true), (None, true)] {
            assert_eq!(follow_address(&user, address(email, verified)), None);
        }
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let user = make(Some("mona@example.com"), true).unwrap();
        let zone = Zone::try_from("Europe/Lisbon".to_owned()).unwrap();
        let moved = change_profile(&user, None, Some(zone.clone()), Patch::Keep);
        assert_eq!(moved, User { time_zone: zone, version: 2, ..user.clone() });
        let renamed = change_profile(&user, Some("Mo".parse().unwrap()), None, Patch::Keep);
        assert_eq!(renamed, User { name: "Mo".parse().unwrap(), version: 2, ..user.clone() });
        let german: Locale = "de".parse().unwrap();
        let read_in = change_profile(&user, None, None, Patch::Set(german.clone()));
        assert_eq!(read_in, User { language: Some(german), version: 2, ..user });
        assert_eq!(change_profile(&read_in, None, None, Patch::Clear).language, None);
    }
}
