//! The digest of a person's notifications from one company or firm.

use domain::{language::Reader, messages};

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

messages! {
    one_from(count, org) {
        English: "{count} notification from {org}",
        German: "{count} Benachrichtigung von {org}",
        French: "{org} : {count} notification",
        Dutch: "{count} melding van {org}",
        Spanish: "{count} notificación de {org}",
    }
    many_from(count, org) {
        English: "{count} notifications from {org}",
        German: "{count} Benachrichtigungen von {org}",
        French: "{org} : {count} notifications",
        Dutch: "{count} meldingen van {org}",
        Spanish: "{count} notificaciones de {org}",
    }
    one_came_in(count, org) {
        English: "{count} notification came in at {org}.",
        German: "Bei {org} ist {count} Benachrichtigung eingegangen.",
        French: "{count} notification est arrivée chez {org}.",
        Dutch: "Bij {org} is {count} melding binnengekomen.",
        Spanish: "Hay {count} notificación nueva en {org}.",
    }
    many_came_in(count, org) {
        English: "{count} notifications came in at {org}.",
        German: "Bei {org} sind {count} Benachrichtigungen eingegangen.",
        French: "{count} notifications sont arrivées chez {org}.",
        Dutch: "Bij {org} zijn {count} meldingen binnengekomen.",
        Spanish: "Hay {count} notificaciones nuevas en {org}.",
    }
    open_inbox {
        English: "Open your inbox",
        German: "Posteingang öffnen",
        French: "Ouvrir votre boîte de réception",
        Dutch: "Uw inbox openen",
        Spanish: "Abrir su bandeja de entrada",
    }
    newest_first {
        English: "New, the newest first",
        German: "Neu, das Neueste zuerst",
        French: "Nouveautés, la plus récente en premier",
        Dutch: "Nieuw, het nieuwste eerst",
        Spanish: "Novedades, la más reciente primero",
    }
    more_in_inbox(more) {
        English: "{more} more are in your inbox.",
        German: "{more} weitere finden Sie in Ihrem Posteingang.",
        French: "Il y en a {more} de plus dans votre boîte de réception.",
        Dutch: "Er staan er nog {more} in uw inbox.",
        Spanish: "Hay {more} más en su bandeja de entrada.",
    }
    why(org) {
        English: "You receive this because you chose to get notifications of {org} together.",
        German: "Sie erhalten diese Nachricht, weil Sie Benachrichtigungen von {org} gesammelt bekommen möchten.",
        French: "Vous recevez ce message parce que vous avez choisi de recevoir groupées les notifications concernant \
            {org}.",
        Dutch: "U ontvangt dit bericht omdat u ervoor koos meldingen van {org} gebundeld te krijgen.",
        Spanish: "Recibe este mensaje porque eligió recibir juntas las notificaciones de {org}.",
    }
}

impl Letter for Digest {
    fn name(&self) -> &'static str {
        "digest"
    }

    fn words(&self, reader: &Reader) -> Words {
        let org = &self.org;
        let count = self.notifications.len();
        let named: Vec<Line> = self.notifications.iter().take(MAX_NAMED).cloned().collect();
        let more = count.saturating_sub(MAX_NAMED);
        let (subject, came_in) = if reader.is_one(count) {
            (one_from(reader, count, org.short()), one_came_in(reader, count, org))
        } else {
            (many_from(reader, count, org.short()), many_came_in(reader, count, org))
        };
        Words {
            button: Some(Button::new(open_inbox(reader), &self.link)),
            sections: Section::list(newest_first(reader), &named).into_iter().collect(),
            notes: (more > 0).then(|| Line::sentence(&more_in_inbox(reader, more))).into_iter().collect(),
            ..Words::new(&subject, &came_in, &why(reader, org))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let line = |text| Line::new(&say(text));
        let digest = |notifications| Self { org: line("Acme Retail"), notifications, link: crate::say::link() };
        let paid = || line("Payment received: €120.00");
        vec![
            ("a_digest_of_one", digest(vec![paid()])),
            ("a_digest_of_many", digest((0..23).map(|_| paid()).collect())),
        ]
    }
}
