//! What people choose for themselves, and what a company's settings say for its people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    catalogue::{NotificationCategory, NotificationType},
    mail::MailChoice,
    timing::{DigestTime, QuietHours},
};
use crate::{
    event::{NewEvent, kinds},
    id::{CompanyId, Org},
    patch::Patch,
    time::{UtcTime, Zone},
};

/// The most choices for single types that one person keeps. They are read with every letter to the person.
const MAX_TYPE_CHOICES: usize = 500;

/// A person's choice for a category, wherever it happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChoice {
    /// The category.
    pub category: NotificationCategory,
    /// Whether it is mailed.
    pub mail: MailChoice,
}

/// A person's choice for a type in one company or firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeChoice {
    /// The company or firm.
    pub org: Org,
    /// The type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// Whether it is mailed.
    pub mail: MailChoice,
}

/// What a person has chosen. Default: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationSettings {
    /// By category.
    #[serde(default)]
    pub categories: Vec<CategoryChoice>,
    /// By type in one company or firm, which comes before the category.
    #[serde(default)]
    pub types: Vec<TypeChoice>,
    /// When nothing is mailed that can wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietHours>,
    /// When digests come, if the person has said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<DigestTime>,
    /// Whether the person stopped digests: what would come in one is then in the inbox alone, also where the company chose it.
    #[serde(default)]
    pub digests_stopped: bool,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A choice for a category, to be made or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryChange {
    /// The category.
    pub category: NotificationCategory,
    /// Whether it is mailed; `null`, or nothing, takes the choice back.
    #[serde(default)]
    pub mail: Option<MailChoice>,
}

/// A choice for a type in one company or firm, to be made or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TypeChange {
    /// The type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// Whether it is mailed; `null`, or nothing, takes the choice back.
    #[serde(default)]
    pub mail: Option<MailChoice>,
}

/// Why something is not chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// It is always mailed.
    #[error("is always mailed, so it cannot be chosen")]
    Required,
    /// The request names it twice.
    #[error("is given twice")]
    Twice,
    /// It does not happen in a company, or not in a firm.
    #[error("does not happen here")]
    Elsewhere,
    /// There are too many choices.
    #[error("at most {MAX_TYPE_CHOICES} choices for single companies and firms; take some back first")]
    TooMany,
}

/// A choice that is refused: which of the request's, counted from 0, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedChoice {
    /// Its place in the request.
    pub at: usize,
    /// Why.
    pub error: ChoiceError,
}

/// The first choice of a request that is refused.
fn refused<T: PartialEq>(
    changes: &[T],
    name: impl Fn(&T, &T) -> bool,
    check: impl Fn(&T) -> Result<(), ChoiceError>,
) -> Result<(), RefusedChoice> {
    for (at, change) in changes.iter().enumerate() {
        let refused = |error| RefusedChoice { at, error };
        check(change).map_err(refused)?;
        if changes.iter().take(at).any(|earlier| name(earlier, change)) {
            return Err(refused(ChoiceError::Twice));
        }
    }
    Ok(())
}

fn check_types(changes: &[TypeChange], org: &Org) -> Result<(), RefusedChoice> {
    let check = |change: &TypeChange| match change.kind {
        kind if kind.is_required() => Err(ChoiceError::Required),
        kind if !kind.happens_in(org) => Err(ChoiceError::Elsewhere),
        _ => Ok(()),
    };
    refused(changes, |one, other| one.kind == other.kind, check)
}

impl NotificationSettings {
    /// The choice for a category.
    #[must_use]
    pub fn of_category(&self, category: NotificationCategory) -> Option<MailChoice> {
        self.categories.iter().find(|choice| choice.category == category).map(|choice| choice.mail)
    }

    /// The choice for a type in a company or firm.
    #[must_use]
    pub fn of_type(&self, org: &Org, kind: NotificationType) -> Option<MailChoice> {
        self.types.iter().find(|choice| choice.org == *org && choice.kind == kind).map(|choice| choice.mail)
    }

    /// Makes and takes back choices for categories; the others stay. To choose a digest starts digests again.
    ///
    /// # Errors
    /// [`RefusedChoice`].
    pub fn change_categories(&self, changes: &[CategoryChange]) -> Result<Self, RefusedChoice> {
        let check = |change: &CategoryChange| {
            if change.category.is_required() { Err(ChoiceError::Required) } else { Ok(()) }
        };
        refused(changes, |one, other| one.category == other.category, check)?;
        let kept = self.categories.iter().copied();
        let kept = kept.filter(|choice| changes.iter().all(|change| change.category != choice.category));
        let made = changes.iter().filter_map(|change| {
            let CategoryChange { category, mail } = *change;
            Some(CategoryChoice { category, mail: mail? })
        });
        let digests_stopped = self.still_stopped(changes.iter().map(|change| change.mail));
        let categories = kept.chain(made).collect();
        Ok(Self { categories, digests_stopped, version: self.version + 1, ..self.clone() })
    }

    /// Whether digests stay stopped after these choices.
    fn still_stopped(&self, mut chosen: impl Iterator<Item = Option<MailChoice>>) -> bool {
        self.digests_stopped && !chosen.any(|mail| mail == Some(MailChoice::InDigest))
    }

    /// Makes and takes back choices for types in one company or firm; the others stay. To choose a digest starts
    /// digests again.
    ///
    /// # Errors
    /// [`RefusedChoice`].
    pub fn change_types(&self, org: &Org, changes: &[TypeChange]) -> Result<Self, RefusedChoice> {
        check_types(changes, org)?;
        let is_changed =
            |choice: &TypeChoice| choice.org == *org && changes.iter().any(|change| change.kind == choice.kind);
        let kept = self.types.iter().filter(|choice| !is_changed(choice)).cloned();
        let made = changes
            .iter()
            .filter_map(|change| Some(TypeChoice { org: org.clone(), kind: change.kind, mail: change.mail? }));
        let types: Vec<TypeChoice> = kept.chain(made).collect();
        if types.len() > MAX_TYPE_CHOICES && types.len() > self.types.len() {
            return Err(RefusedChoice { at: 0, error: ChoiceError::TooMany });
        }
        let digests_stopped = self.still_stopped(changes.iter().map(|change| change.mail));
        Ok(Self { types, digests_stopped, version: self.version + 1, ..self.clone() })
    }

    /// The same with other quiet hours, and other times of digests.
    #[must_use]
    pub fn at_times(self, quiet_hours: Patch<QuietHours>, digest: Patch<DigestTime>) -> Self {
        Self { quiet_hours: quiet_hours.after(self.quiet_hours), digest: digest.after(self.digest), ..self }
    }

    /// When digests come.
    #[must_use]
    pub fn digest_time(&self) -> DigestTime {
        self.digest.unwrap_or_default()
    }

    /// The end of the quiet hours that `now` lies in, if it does.
    #[must_use]
    pub fn quiet_until(&self, zone: &Zone, now: UtcTime) -> Option<UtcTime> {
        self.quiet_hours.and_then(|hours| hours.end(zone, now))
    }
}

/// What a company's settings say for those of its people who have not chosen themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientNotificationSettings {
    /// Whether each of these types is mailed; of the others they say nothing.
    #[serde(default)]
    types: Vec<ClientChoice>,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// Whether a type is mailed, by the company's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientChoice {
    /// The type.
    #[serde(rename = "type")]
    pub kind: NotificationType,
    /// Whether it is mailed.
    pub mail: MailChoice,
}

/// The `data` of `client_notification_settings.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClientNotificationSettingsChanged {
    /// What the settings said before.
    pub before: Vec<ClientChoice>,
    /// What they say now.
    pub after: Vec<ClientChoice>,
}

impl ClientNotificationSettings {
    /// What they say.
    #[must_use]
    pub fn types(&self) -> &[ClientChoice] {
        &self.types
    }

    /// Whether a type is mailed.
    #[must_use]
    pub fn of_type(&self, kind: NotificationType) -> Option<MailChoice> {
        self.types.iter().find(|choice| choice.kind == kind).map(|choice| choice.mail)
    }

    /// Puts settings in the place of the present ones. `None` when they say so already.
    ///
    /// # Errors
    /// [`RefusedChoice`].
    pub fn put(
        before: Option<&Self>,
        company: &CompanyId,
        mut types: Vec<ClientChoice>,
    ) -> Result<Option<(Self, NewEvent)>, RefusedChoice> {
        let changes: Vec<TypeChange> =
            types.iter().map(|choice| TypeChange { kind: choice.kind, mail: Some(choice.mail) }).collect();
        check_types(&changes, &Org::Company(company.clone()))?;
        types.sort_by_key(|choice| choice.kind);
        let said = before.map(|before| before.types.clone()).unwrap_or_default();
        if said == types {
            return Ok(None);
        }
        let data = ClientNotificationSettingsChanged { before: said, after: types.clone() };
        let event = NewEvent::new(
            Org::Company(company.clone()),
            company.as_str(),
            kinds::ClientNotificationSettingsChanged::of(data),
        );
        Ok(Some((Self { types, version: before.map_or(1, |before| before.version + 1) }, event)))
    }

    /// Settings that say one thing, in a test.
    #[cfg(test)]
    pub(super) fn of_one(kind: NotificationType, mail: MailChoice) -> Self {
        Self { types: vec![ClientChoice { kind, mail }], version: 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn here() -> Org {
        Org::Company(company())
    }

    const PAID: NotificationType = NotificationType::PaymentReceived;

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        let off = |category| CategoryChange { category, mail: Some(MailChoice::None) };
        let own = NotificationSettings::default();
        let own = own.change_categories(&[off(NotificationCategory::Money), off(NotificationCategory::Sales)]).unwrap();
        let own = own.change_types(&here(), &[TypeChange { kind: PAID, mail: Some(MailChoice::AtOnce) }]).unwrap();
        let back = CategoryChange { category: NotificationCategory::Money, mail: None };
        let own = own.change_categories(&[back]).unwrap();
        assert_eq!(own.of_category(NotificationCategory::Money), None);
        assert_eq!(own.of_category(NotificationCategory::Sales), Some(MailChoice::None));
        assert_eq!(own.of_type(&here(), PAID), Some(MailChoice::AtOnce));
        assert_eq!(own.version, 3);
        let own = own.change_types(&here(), &[TypeChange { kind: PAID, mail: None }]).unwrap();
        assert!(own.types.is_empty());
    }

    /// Proves: NT3
    #[test]
    fn what_cannot_be_chosen_is_refused_by_its_place() {
        let own = NotificationSettings::default();
        let category = |category, mail| CategoryChange { category, mail };
        let (money, security) = (NotificationCategory::Money, NotificationCategory::Security);
        let refused = |changes: &[CategoryChange]| own.change_categories(changes).unwrap_err();
        let changes = [category(money, None), category(security, Some(MailChoice::None))];
        assert_eq!(refused(&changes), RefusedChoice { at: 1, error: ChoiceError::Required });
        let changes = [category(money, None), category(money, Some(MailChoice::None))];
        assert_eq!(refused(&changes), RefusedChoice { at: 1, error: ChoiceError::Twice });

        let of_type = |kind| TypeChange { kind, mail: Some(MailChoice::None) };
        for (kind, error) in [
            (NotificationType::AccessEnded, ChoiceError::Required),
            (NotificationType::ClientRegistered, ChoiceError::Elsewhere),
        ] {
            assert_eq!(own.change_types(&here(), &[of_type(kind)]), Err(RefusedChoice { at: 0, error }), "{kind}");
        }
    }

    #[test]
    fn a_person_keeps_a_bounded_number_of_choices() {
        let mut own = NotificationSettings::default();
        for n in 0..=MAX_TYPE_CHOICES {
            let org: Org = format!("co_{n:032x}").parse().unwrap();
            let changed = own.change_types(&org, &[TypeChange { kind: PAID, mail: Some(MailChoice::None) }]);
            match changed {
                Ok(changed) => own = changed,
                Err(refused) => {
                    assert_eq!((n, refused.error), (MAX_TYPE_CHOICES, ChoiceError::TooMany));
                    return;
                }
            }
        }
        panic!("one more was kept");
    }

    /// Proves: NT2
    #[test]
    fn settings_of_a_company_are_replaced_and_recorded_once() {
        let off = ClientChoice { kind: PAID, mail: MailChoice::None };
        let (settings, event) = ClientNotificationSettings::put(None, &company(), vec![off]).unwrap().unwrap();
        assert_eq!((settings.of_type(PAID), settings.version), (Some(MailChoice::None), 1));
        let data = event.payload.read::<kinds::ClientNotificationSettingsChanged>();
        assert_eq!((data.before, data.after), (vec![], vec![off]));
        assert_eq!(ClientNotificationSettings::put(Some(&settings), &company(), vec![off]), Ok(None));
        let (settings, _) = ClientNotificationSettings::put(Some(&settings), &company(), vec![]).unwrap().unwrap();
        assert_eq!((settings.of_type(PAID), settings.version), (None, 2));
        let twice = ClientNotificationSettings::put(None, &company(), vec![off, off]);
        assert_eq!(twice, Err(RefusedChoice { at: 1, error: ChoiceError::Twice }));
    }
}
