//! The letter to those who may decide: someone asks for more access.

use domain::{Grants, UtcTime, language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Section, Words},
    letters::access_target::AccessTarget,
    url::HttpUrl,
};

/// Someone asks for more access, for a time.
#[derive(Debug, Clone)]
pub struct AccessRequested {
    /// The access that would be widened.
    pub target: AccessTarget,
    /// The name of the person who asks.
    pub asked_by: Line,
    /// The requested permissions.
    pub would: Grants,
    /// For how long, in hours from the grant on.
    pub for_hours: u32,
    /// The reason, in their words.
    pub reason: Option<Quote>,
    /// When the request expires.
    pub open_until: UtcTime,
    /// The request in the portal.
    pub link: HttpUrl,
}

messages! {
    subject(asked_by, company) {
        English: "{asked_by} asks for access to {company}",
        German: "{asked_by} bittet um Zugriff auf {company}",
        French: "{asked_by} demande l’accès à {company}",
        Dutch: "{asked_by} vraagt toegang tot {company}",
        Spanish: "{asked_by} solicita acceso a {company}",
    }
    member_asks(asked_by, company) {
        English: "{asked_by} asks for more access to {company}.",
        German: "{asked_by} bittet um erweiterten Zugriff auf {company}.",
        French: "{asked_by} demande un accès plus étendu à {company}.",
        Dutch: "{asked_by} vraagt ruimere toegang tot {company}.",
        Spanish: "{asked_by} solicita un acceso más amplio a {company}.",
    }
    firm_asks(asked_by, company, firm) {
        English: "{asked_by} asks for more access to {company}, for everyone at {firm} who works there.",
        German: "{asked_by} bittet um erweiterten Zugriff auf {company} für alle von {firm}, die für dieses \
                Unternehmen arbeiten.",
        French: "{asked_by} demande un accès plus étendu à {company} pour toutes les personnes du cabinet {firm} qui y \
                travaillent.",
        Dutch: "{asked_by} vraagt ruimere toegang tot {company} voor iedereen van {firm} die voor dat bedrijf werkt.",
        Spanish: "{asked_by} solicita un acceso más amplio a {company} para todas las personas de {firm} que trabajan \
                para esa empresa.",
    }
    staff_asks(asked_by, firm, company) {
        English: "{asked_by} of {firm} asks for access to the books of {company}.",
        German: "{asked_by} ({firm}) bittet um Zugriff auf die Bücher von {company}.",
        French: "{asked_by} ({firm}) demande l’accès à la comptabilité de l’entreprise {company}.",
        Dutch: "{asked_by} van {firm} vraagt toegang tot de boekhouding van {company}.",
        Spanish: "{asked_by}, de {firm}, solicita acceso a la contabilidad de {company}.",
    }
    /// What stands above what would be granted for an hour.
    for_hour(count) {
        English: "If you agree, for {count} hour",
        German: "Mit Ihrer Zustimmung für {count} Stunde",
        French: "Avec votre accord, pendant {count} heure",
        Dutch: "Met uw toestemming, gedurende {count} uur",
        Spanish: "Con su consentimiento, durante {count} hora",
    }
    for_hours(count) {
        English: "If you agree, for {count} hours",
        German: "Mit Ihrer Zustimmung für {count} Stunden",
        French: "Avec votre accord, pendant {count} heures",
        Dutch: "Met uw toestemming, gedurende {count} uur",
        Spanish: "Con su consentimiento, durante {count} horas",
    }
    for_day(count) {
        English: "If you agree, for {count} day",
        German: "Mit Ihrer Zustimmung für {count} Tag",
        French: "Avec votre accord, pendant {count} jour",
        Dutch: "Met uw toestemming, gedurende {count} dag",
        Spanish: "Con su consentimiento, durante {count} día",
    }
    for_days(count) {
        English: "If you agree, for {count} days",
        German: "Mit Ihrer Zustimmung für {count} Tage",
        French: "Avec votre accord, pendant {count} jours",
        Dutch: "Met uw toestemming, gedurende {count} dagen",
        Spanish: "Con su consentimiento, durante {count} días",
    }
    answer {
        English: "Answer the request",
        German: "Anfrage beantworten",
        French: "Répondre à la demande",
        Dutch: "Verzoek beantwoorden",
        Spanish: "Responder a la solicitud",
    }
    open_until(until) {
        English: "Opening the link grants nothing. You may grant less than this, or for less long. The request can be \
                answered until {until}.",
        German: "Das Öffnen des Links gewährt nichts. Sie können auch weniger gewähren oder für kürzere Zeit. Die \
                Anfrage kann bis zum {until} beantwortet werden.",
        French: "Ouvrir le lien n’accorde rien. Vous pouvez accorder moins que cela, ou pour moins longtemps. Vous \
                pouvez répondre à la demande jusqu’au {until}.",
        Dutch: "Het openen van de link verleent niets. U kunt ook minder toestaan, of voor kortere tijd. Het verzoek \
                kan worden beantwoord tot {until}.",
        Spanish: "Abrir el enlace no concede nada. Puede conceder menos, o por menos tiempo. Puede responder a la \
                solicitud hasta el {until}.",
    }
    why(company) {
        English: "You receive this because you may decide who has access to {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie entscheiden dürfen, wer Zugriff auf {company} hat.",
        French: "Vous recevez ce message parce que vous pouvez décider qui a accès à {company}.",
        Dutch: "U ontvangt dit bericht omdat u mag beslissen wie toegang heeft tot {company}.",
        Spanish: "Recibe este mensaje porque puede decidir quién tiene acceso a {company}.",
    }
    why_firm(firm) {
        English: "You receive this because you may decide who has access to the clients of {firm}.",
        German: "Sie erhalten diese Nachricht, weil Sie entscheiden dürfen, wer Zugriff auf die Mandanten von {firm} \
                hat.",
        French: "Vous recevez ce message parce que vous pouvez décider qui a accès aux clients du cabinet {firm}.",
        Dutch: "U ontvangt dit bericht omdat u mag beslissen wie toegang heeft tot de klanten van {firm}.",
        Spanish: "Recibe este mensaje porque puede decidir quién tiene acceso a los clientes de {firm}.",
    }
}

impl Letter for AccessRequested {
    fn name(&self) -> &'static str {
        "access-requested"
    }

    fn words(&self, reader: &Reader) -> Words {
        let asked_by = &self.asked_by;
        let (asked, why) = match &self.target {
            AccessTarget::Member { company } => (member_asks(reader, asked_by, company), why(reader, company)),
            AccessTarget::Firm { company, firm } => {
                (firm_asks(reader, asked_by, company, firm), why(reader, company))
            }
            AccessTarget::Client { company, firm } => {
                (staff_asks(reader, asked_by, firm, company), why_firm(reader, firm))
            }
        };
        let until = reader.date_and_time(self.open_until);
        Words {
            sections: Section::permissions(reader, &for_duration(reader, self.for_hours), &self.would).into_iter().collect(),
            quotation: Quotation::if_any(asked_by, self.reason.as_ref()),
            button: Some(Button::new(answer(reader), &self.link)),
            notes: vec![Line::sentence(&open_until(reader, until))],
            ..Words::new(&subject(reader, asked_by.short(), self.target.company().short()), &asked, &why)
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        let asked = |target, for_hours, reason| Self {
            target,
            asked_by: line("Mara Member"),
            would: [Permission::InvoicesView, Permission::InvoicesComment, Permission::PaymentsPay].into_iter().collect(),
            for_hours,
            reason: Option::and_then(reason, |reason| Quote::new(&say(reason))),
            open_until: "2026-12-05T14:30:00Z".parse().unwrap(),
            link: crate::say::link(),
        };
        vec![
            (
                "a_member_asks_for_access",
                asked(AccessTarget::Member { company: company() }, 48, Some("Holiday cover.\nFrom Monday on.")),
            ),
            ("a_firm_asks_for_access", asked(AccessTarget::Firm { company: company(), firm: firm() }, 1, None)),
            (
                "a_bookkeeper_asks_for_access_to_a_client",
                asked(AccessTarget::Client { company: company(), firm: firm() }, 8, None),
            ),
        ]
    }
}

/// What stands above what would be granted: for how many hours, or days where it is whole days.
fn for_duration(reader: &Reader, hours: u32) -> String {
    let is_days = hours.is_multiple_of(24);
    let count = if is_days { hours / 24 } else { hours };
    let written = reader.number(count.into());
    match (is_days, usize::try_from(count).is_ok_and(|count| reader.is_one(count))) {
        (false, true) => for_hour(reader, written),
        (false, false) => for_hours(reader, written),
        (true, true) => for_day(reader, written),
        (true, false) => for_days(reader, written),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_days_where_it_is_whole_days() {
        for (hours, told) in [(1, "1 hour"), (8, "8 hours"), (24, "1 day"), (25, "25 hours"), (8_784, "366 days")] {
            assert_eq!(for_duration(&Reader::default(), hours), format!("If you agree, for {told}"));
        }
    }
}
