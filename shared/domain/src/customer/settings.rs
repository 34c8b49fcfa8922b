//! What the contacts of a company's customers may do at most, and how the company shows itself to them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    color::Color,
    event::{NewEvent, kinds},
    id::{CompanyId, DocumentId, Org},
    org::Status,
    permission::{Grants, Permission},
    text::Note,
    time::UtcTime,
};

/// Something that a company may let its customers' contacts do. All of them see their own customer's invoices and
/// estimates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortalRight {
    /// Comment on invoices and estimates.
    Comment,
    /// Accept and decline estimates.
    Accept,
    /// See payments and pay invoices.
    Pay,
    /// Forward documents to other people.
    Forward,
    /// Ask to change their own details and the customer's.
    EditDetails,
    /// See statements of account.
    SeeStatements,
}

impl PortalRight {
    /// Every right.
    pub const ALL: &'static [Self] =
        &[Self::Comment, Self::Accept, Self::Pay, Self::Forward, Self::EditDetails, Self::SeeStatements];

    /// The permissions that it stands for.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Comment => &[Permission::InvoicesComment, Permission::EstimatesComment],
            Self::Accept => &[Permission::EstimatesDecide],
            Self::Pay => &[Permission::PaymentsView, Permission::PaymentsPay],
            Self::Forward => &[Permission::SalesForward],
            Self::EditDetails => &[Permission::DetailsEdit],
            Self::SeeStatements => &[Permission::StatementsView],
        }
    }

    /// The permissions of a contact with these rights.
    #[must_use]
    pub fn grants(rights: &BTreeSet<Self>) -> Grants {
        let always = [Permission::InvoicesView, Permission::EstimatesView];
        always.into_iter().chain(rights.iter().flat_map(|right| right.permissions()).copied()).collect()
    }

    /// The rights that some permissions stand for.
    #[must_use]
    pub fn of(grants: &Grants) -> BTreeSet<Self> {
        let is_granted = |right: &Self| right.permissions().iter().all(|permission| grants.contains(*permission));
        Self::ALL.iter().copied().filter(is_granted).collect()
    }
}

/// Days before or after a due date: up to five different numbers from 1 to 90, in ascending order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<u16>", into = "Vec<u16>")]
#[schema(value_type = Vec<u16>, max_items = 5)]
pub struct ReminderDays(Vec<u16>);

/// The most reminders before, and after, a due date.
const MAX_REMINDERS: usize = 5;
/// The most days between a reminder and the due date.
const MAX_REMINDER_DAYS: u16 = 90;

/// Numbers that are no days of reminders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be at most {MAX_REMINDERS} different numbers of days from 1 to {MAX_REMINDER_DAYS}")]
pub struct ReminderDaysError;

impl ReminderDays {
    /// The days, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().copied()
    }
}

impl TryFrom<Vec<u16>> for ReminderDays {
    type Error = ReminderDaysError;

    fn try_from(days: Vec<u16>) -> Result<Self, ReminderDaysError> {
        let different: BTreeSet<u16> = days.iter().copied().collect();
        let are_days = different.iter().all(|days| (1..=MAX_REMINDER_DAYS).contains(days));
        if days.len() <= MAX_REMINDERS && different.len() == days.len() && are_days {
            Ok(Self(different.into_iter().collect()))
        } else {
            Err(ReminderDaysError)
        }
    }
}

impl From<ReminderDays> for Vec<u16> {
    fn from(days: ReminderDays) -> Self {
        days.0
    }
}

/// What a company chooses for its customers' contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalChoices {
    /// What contacts may do.
    pub rights: BTreeSet<PortalRight>,
    /// What stands at the top of each page.
    pub banner: Option<Note>,
    /// The terms that pages show.
    pub terms: Option<Note>,
    /// The company's colour.
    pub color: Option<Color>,
    /// The document with the company's logo.
    pub logo: Option<DocumentId>,
    /// When contacts are reminded before the due date.
    pub remind_days_before: ReminderDays,
    /// When contacts are reminded after the due date.
    pub remind_days_after: ReminderDays,
    /// Whether the member who sent a document is told who saw it.
    pub tell_of_views: bool,
}

/// A company's settings for its customers' contacts. They are a relation: a contact has a permission while their own
/// seat grants it and these settings do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortalSettings {
    /// The company.
    pub company: CompanyId,
    /// The most that any contact may do.
    #[serde(default)]
    pub grants: Grants,
    /// Always active, as relations have it.
    pub status: Status,
    /// When they were made, as relations have it.
    pub since: UtcTime,
    /// What stands at the top of each page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub banner: Option<Note>,
    /// The terms that pages show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<Note>,
    /// The company's colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Color>,
    /// The document with the company's logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<DocumentId>,
    /// When contacts are reminded before the due date.
    #[serde(default)]
    pub remind_days_before: ReminderDays,
    /// When contacts are reminded after the due date.
    #[serde(default)]
    pub remind_days_after: ReminderDays,
    /// Whether the member who sent a document is told who saw it.
    #[serde(default)]
    pub tell_of_views: bool,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

/// A part of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortalSetting {
    /// What contacts may do.
    Rights,
    /// What stands at the top of each page.
    Banner,
    /// The terms that pages show.
    Terms,
    /// The company's colour.
    Color,
    /// The company's logo.
    Logo,
    /// When contacts are reminded.
    Reminders,
    /// Whether the member who sent a document is told who saw it.
    Views,
}

/// Payload of `customer_portal.changed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PortalSettingsChanged {
    /// What changed.
    pub changed: Vec<PortalSetting>,
    /// What contacts could do before.
    pub rights_before: Vec<PortalRight>,
    /// What contacts may do now.
    pub rights: Vec<PortalRight>,
}

impl PortalSettings {
    /// The settings of a company that has chosen none: contacts may do everything that they can.
    #[must_use]
    pub fn default_of(company: &CompanyId, at: UtcTime) -> Self {
        Self {
            company: company.clone(),
            grants: PortalRight::grants(&PortalRight::ALL.iter().copied().collect()),
            status: Status::Active,
            since: at,
            banner: None,
            terms: None,
            color: None,
            logo: None,
            remind_days_before: ReminderDays::default(),
            remind_days_after: ReminderDays::default(),
            tell_of_views: false,
            version: 1,
        }
    }

    /// What contacts may do.
    #[must_use]
    pub fn rights(&self) -> BTreeSet<PortalRight> {
        PortalRight::of(&self.grants)
    }

    /// When contacts are reminded of invoices, in days from the due day.
    #[must_use]
    pub fn reminder_days(&self) -> Vec<i32> {
        let before = self.remind_days_before.iter().map(|days| -i32::from(days));
        before.chain(self.remind_days_after.iter().map(i32::from)).collect()
    }

    /// Replaces the settings; `known` are those that are stored. `None` when that changes nothing.
    #[must_use]
    pub fn choose(
        company: &CompanyId,
        known: Option<&Self>,
        choices: PortalChoices,
        at: UtcTime,
    ) -> Option<(Self, NewEvent)> {
        use PortalSetting as S;
        let before = known.cloned().unwrap_or_else(|| Self::default_of(company, at));
        let after = Self {
            grants: PortalRight::grants(&choices.rights),
            banner: choices.banner,
            terms: choices.terms,
            color: choices.color,
            logo: choices.logo,
            remind_days_before: choices.remind_days_before,
            remind_days_after: choices.remind_days_after,
            tell_of_views: choices.tell_of_views,
            version: known.map_or(1, |known| known.version.saturating_add(1)),
            ..before.clone()
        };
        let reminders = |settings: &Self| (settings.remind_days_before.clone(), settings.remind_days_after.clone());
        let changed: Vec<PortalSetting> = [
            (S::Rights, after.grants != before.grants),
            (S::Banner, after.banner != before.banner),
            (S::Terms, after.terms != before.terms),
            (S::Color, after.color != before.color),
            (S::Logo, after.logo != before.logo),
            (S::Reminders, reminders(&after) != reminders(&before)),
            (S::Views, after.tell_of_views != before.tell_of_views),
        ]
        .into_iter()
        .filter_map(|(setting, changed)| changed.then_some(setting))
        .collect();
        if changed.is_empty() {
            return None;
        }
        let rights = |settings: &Self| settings.rights().into_iter().collect();
        let data = PortalSettingsChanged { changed, rights_before: rights(&before), rights: rights(&after) };
        let event =
            NewEvent::new(Org::Company(company.clone()), company.as_str(), kinds::PortalSettingsChanged::of(data));
        Some((after, event))
    }
}
