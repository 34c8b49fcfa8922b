//! What is mailed, as the form of the page has it.

use domain::notification::{CategoryChange, MailChoice, NotificationCategory};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A choice for a category, as the page has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PageChoice {
    /// What companies set, or else the default.
    Default,
    /// It is mailed when it happens.
    AtOnce,
    /// It is mailed with the next digest.
    InDigest,
    /// It is not mailed.
    None,
}

impl PageChoice {
    /// In the order they are shown.
    pub(crate) const ALL: [Self; 4] = [Self::Default, Self::AtOnce, Self::InDigest, Self::None];

    pub(crate) const fn of(chosen: Option<MailChoice>) -> Self {
        match chosen {
            None => Self::Default,
            Some(MailChoice::AtOnce) => Self::AtOnce,
            Some(MailChoice::InDigest) => Self::InDigest,
            Some(MailChoice::None) => Self::None,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::AtOnce => "at_once",
            Self::InDigest => "in_digest",
            Self::None => "none",
        }
    }

    const fn chosen(self) -> Option<MailChoice> {
        match self {
            Self::Default => None,
            Self::AtOnce => Some(MailChoice::AtOnce),
            Self::InDigest => Some(MailChoice::InDigest),
            Self::None => Some(MailChoice::None),
        }
    }
}

/// Whether digests are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Digests {
    /// They are.
    Sent,
    /// What would come in one is in the inbox alone.
    Stopped,
}

impl Digests {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Stopped => "stopped",
        }
    }
}

/// What is mailed, as the page sends it. What is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SetMailPreferences {
    approvals: Option<PageChoice>,
    money: Option<PageChoice>,
    accounts: Option<PageChoice>,
    documents: Option<PageChoice>,
    sales: Option<PageChoice>,
    comments: Option<PageChoice>,
    access: Option<PageChoice>,
    clients: Option<PageChoice>,
    digests: Option<Digests>,
}

impl SetMailPreferences {
    /// The choices that it makes.
    pub(crate) fn choices(&self) -> Vec<CategoryChange> {
        use NotificationCategory as Category;
        let choices = [
            (Category::Approvals, self.approvals),
            (Category::Money, self.money),
            (Category::Accounts, self.accounts),
            (Category::Documents, self.documents),
            (Category::Sales, self.sales),
            (Category::Comments, self.comments),
            (Category::Access, self.access),
            (Category::Clients, self.clients),
        ];
        let change = |(category, choice): (Category, Option<PageChoice>)| {
            Some(CategoryChange { category, mail: choice?.chosen() })
        };
        choices.into_iter().filter_map(change).collect()
    }

    /// Whether it stops digests.
    pub(crate) fn digests_stopped(&self) -> Option<bool> {
        self.digests.map(|digests| digests == Digests::Stopped)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, from_value, json};

    use super::*;

    /// A new category would otherwise be on the page and refused when the page is sent.
    #[test]
    fn the_form_takes_every_category_that_can_be_chosen_and_no_other() {
        let categories = NotificationCategory::ALL.iter().copied();
        let chosen: Vec<_> = categories.filter(|category| !category.is_required()).collect();
        let fields: Map<String, Value> =
            chosen.iter().map(|category| (category.as_str().to_owned(), json!("none"))).collect();
        let form: SetMailPreferences = from_value(Value::Object(fields)).unwrap();
        let mut changed: Vec<_> = form.choices().iter().map(|change| change.category).collect();
        changed.sort_unstable();
        assert_eq!(changed, chosen);
        assert!(from_value::<SetMailPreferences>(json!({ "security": "none" })).is_err());
        assert!(from_value::<SetMailPreferences>(json!({})).unwrap().choices().is_empty());
    }

    #[test]
    fn a_choice_is_written_as_it_is_read() {
        for choice in PageChoice::ALL {
            assert_eq!(from_value::<PageChoice>(json!(choice.as_str())).unwrap(), choice);
            assert_eq!(PageChoice::of(choice.chosen()), choice);
        }
        for digests in [Digests::Sent, Digests::Stopped] {
            assert_eq!(from_value::<Digests>(json!(digests.as_str())).unwrap(), digests);
        }
    }
}
