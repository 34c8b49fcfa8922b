//! What the link in a letter stops: one click without a sign-in.

use std::{fmt, str::FromStr};

use super::{
    catalogue::{NotificationCategory, NotificationType},
    mail::MailChoice,
    settings::{CategoryChange, CategoryChoice, NotificationSettings, RefusedChoice, TypeChoice},
};

/// What the link in a letter stops, for one person everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// The mail of a category.
    Category(NotificationCategory),
    /// Digests.
    Digests,
}

/// Text that names nothing that can be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is nothing that can be stopped")]
pub struct NotASubscription;

impl Subscription {
    /// What a letter of this type belongs to; `None` where it is always mailed, so that nothing stops it.
    #[must_use]
    pub fn of(kind: NotificationType) -> Option<Self> {
        (!kind.is_required()).then(|| Self::Category(kind.category()))
    }

    /// Everything that can be stopped.
    pub fn all() -> impl Iterator<Item = Self> {
        let categories = NotificationCategory::ALL.iter().copied().filter(|category| !category.is_required());
        categories.map(Self::Category).chain([Self::Digests])
    }

    /// As it is written in a link.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Category(category) => category.as_str(),
            Self::Digests => "digests",
        }
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Subscription {
    type Err = NotASubscription;

    fn from_str(text: &str) -> Result<Self, NotASubscription> {
        Self::all().find(|subscription| subscription.as_str() == text).ok_or(NotASubscription)
    }
}

impl NotificationSettings {
    /// Whether nothing of it is mailed any more, whatever companies have set.
    #[must_use]
    pub fn has_stopped(&self, subscription: Subscription) -> bool {
        match subscription {
            Subscription::Digests => self.digests_stopped,
            Subscription::Category(category) => {
                self.of_category(category) == Some(MailChoice::None) && !self.has_exceptions(category)
            }
        }
    }

    /// Whether something of a category that is not mailed is mailed from single companies or firms after all.
    fn has_exceptions(&self, category: NotificationCategory) -> bool {
        self.types.iter().any(|choice| mails(choice, category))
    }

    /// Whether the person chose otherwise than for the category in a single company or firm.
    #[must_use]
    pub fn is_chosen_otherwise(&self, category: NotificationCategory) -> bool {
        let of_category = self.of_category(category);
        self.types.iter().any(|choice| choice.kind.category() == category && Some(choice.mail) != of_category)
    }

    /// Stops it for good: choices for single companies and firms that say otherwise are taken back. `None` when it is
    /// stopped already, or is always mailed.
    #[must_use]
    pub fn stop(&self, subscription: Subscription) -> Option<Self> {
        if self.has_stopped(subscription) {
            return None;
        }
        let stopped = match subscription {
            Subscription::Digests => Self { digests_stopped: true, ..self.clone() },
            Subscription::Category(category) if category.is_required() => return None,
            Subscription::Category(category) => {
                let types = self.types.iter().filter(|choice| !mails(choice, category)).cloned().collect();
                Self { types, ..self.clone() }.with_category(category, MailChoice::None)
            }
        };
        Some(Self { version: self.version + 1, ..stopped })
    }

    /// Mails a category at once again, or sends digests again. What was switched off in single companies and firms stays
    /// off. `None` when it is not stopped.
    #[must_use]
    pub fn resume(&self, subscription: Subscription) -> Option<Self> {
        let resumed = match subscription {
            Subscription::Digests if self.digests_stopped => Self { digests_stopped: false, ..self.clone() },
            Subscription::Category(category) if self.of_category(category) == Some(MailChoice::None) => {
                self.clone().with_category(category, MailChoice::AtOnce)
            }
            Subscription::Digests | Subscription::Category(_) => return None,
        };
        Some(Self { version: self.version + 1, ..resumed })
    }

    /// Makes the choices of a page that shows categories and digests alone. A category that is chosen otherwise than before
    /// then counts everywhere: its choices for single companies and firms are taken back. `None` when nothing is chosen
    /// otherwise.
    ///
    /// # Errors
    /// [`RefusedChoice`].
    pub fn choose_everywhere(
        &self,
        choices: &[CategoryChange],
        digests_stopped: Option<bool>,
    ) -> Result<Option<Self>, RefusedChoice> {
        self.change_categories(choices)?;
        let is_other = |choice: &&CategoryChange| self.of_category(choice.category) != choice.mail;
        let others: Vec<CategoryChange> = choices.iter().filter(is_other).copied().collect();
        let mut changed = self.change_categories(&others)?;
        changed.types.retain(|kept| others.iter().all(|choice| choice.category != kept.kind.category()));
        let switched = digests_stopped.filter(|stopped| *stopped != self.digests_stopped);
        if let Some(stopped) = switched {
            changed.digests_stopped = stopped;
        }
        Ok((!others.is_empty() || switched.is_some()).then_some(changed))
    }

    fn with_category(mut self, category: NotificationCategory, mail: MailChoice) -> Self {
        self.categories.retain(|choice| choice.category != category);
        self.categories.push(CategoryChoice { category, mail });
        self
    }
}

/// Whether a choice for one company or firm mails something of the category.
fn mails(choice: &TypeChoice, category: NotificationCategory) -> bool {
    choice.kind.category() == category && choice.mail != MailChoice::None
}

#[cfg(test)]
mod tests;
