//! The digest of a person's notifications from one company or firm.

use crate::{
    inert::Line,
    layout::{Button, Letter, Section, Words},
    url::HttpUrl,
};

/// The most notifications that are named; of more, the rest is counted.
const MAX_NAMED: usize = 20;

/// Notifications that a person gets together.
#[derive(Debug, Clone)]
pub struct Digest {
    /// The company's or firm's name.
    pub org: Line,
    /// What each says, newest first; at least one.
    pub notifications: Vec<Line>,
    /// The inbox in the portal.
    pub link: HttpUrl,
}

impl Letter for Digest {
    fn name(&self) -> &'static str {
        "digest"
    }

    fn words(&self) -> Words {
        let org = &self.org;
        let count = self.notifications.len();
        let counted = if count == 1 { "1 notification".to_owned() } else { format!("{count} notifications") };
        let named: Vec<Line> = self.notifications.iter().take(MAX_NAMED).cloned().collect();
        let more = count.saturating_sub(MAX_NAMED);
        let words = Words::new(
            &format!("{counted} from {}", org.short()),
            &format!("{counted} came in at {org}."),
            &format!("You receive this because you chose to get notifications of {org} together."),
        );
        Words {
            button: Some(Button::new("Open your inbox", &self.link)),
            sections: Section::list("New, the newest first", &named).into_iter().collect(),
            notes: (more > 0).then(|| Line::sentence(&format!("{more} more are in your inbox."))).into_iter().collect(),
            ..words
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let digest = |notifications| Self { org: line("Acme Retail"), notifications, link: crate::say::link() };
        let paid = || line("Payment received: 120.00 EUR");
        vec![
            ("a_digest_of_one", digest(vec![paid()])),
            ("a_digest_of_many", digest((0..23).map(|_| paid()).collect())),
        ]
    }
}
