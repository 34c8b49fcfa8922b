//! The letter to the person who asked for access: the decision.

use domain::{Grants, UtcTime, language::Reader, messages};

use crate::{
    inert::{Line, Quote},
    layout::{Button, Letter, Quotation, Section, Words},
    letters::access_target::AccessTarget,
    url::HttpUrl,
};

/// The decision.
#[derive(Debug, Clone)]
pub enum AccessDecision {
    /// Granted, in full or in part.
    Granted {
        /// The granted permissions.
        can: Grants,
        /// The refused part of the request.
        cannot: Grants,
        /// When the grant ends.
        until: UtcTime,
    },
    /// Refused.
    Refused {
        /// The requested permissions.
        cannot: Grants,
        /// The decider's reason.
        reason: Option<Quote>,
    },
}

/// Someone decided on a request for access.
#[derive(Debug, Clone)]
pub struct AccessDecided {
    /// The access that would be widened.
    pub target: AccessTarget,
    /// The decision.
    pub decision: AccessDecision,
    /// The decider's name.
    pub decided_by: Line,
    /// The request in the portal.
    pub link: HttpUrl,
}

messages! {
    granted_subject(company) {
        English: "Access to {company} granted",
        German: "Zugriff auf {company} gewährt",
        French: "Accès à {company} accordé",
        Dutch: "Toegang tot {company} verleend",
        Spanish: "Acceso a {company} concedido",
    }
    refused_subject(company) {
        English: "Access to {company} refused",
        German: "Zugriff auf {company} abgelehnt",
        French: "Accès à {company} refusé",
        Dutch: "Toegang tot {company} geweigerd",
        Spanish: "Acceso a {company} denegado",
    }
    member_granted(by, company, until) {
        English: "{by} granted you more access to {company} until {until}.",
        German: "{by} hat Ihnen erweiterten Zugriff auf {company} gewährt, bis zum {until}.",
        French: "{by} vous a accordé un accès plus étendu à {company} jusqu’au {until}.",
        Dutch: "{by} heeft u ruimere toegang tot {company} verleend, tot {until}.",
        Spanish: "{by} le ha concedido un acceso más amplio a {company} hasta el {until}.",
    }
    firm_granted(by, firm, company, until) {
        English: "{by} granted {firm} more access to {company} until {until}.",
        German: "{by} hat {firm} erweiterten Zugriff auf {company} gewährt, bis zum {until}.",
        French: "{by} a accordé à {firm} un accès plus étendu à {company} jusqu’au {until}.",
        Dutch: "{by} heeft {firm} ruimere toegang tot {company} verleend, tot {until}.",
        Spanish: "{by} ha concedido a {firm} un acceso más amplio a {company} hasta el {until}.",
    }
    client_granted(by, company, until) {
        English: "{by} granted you access to the books of {company} until {until}.",
        German: "{by} hat Ihnen Zugriff auf die Bücher von {company} gewährt, bis zum {until}.",
        French: "{by} vous a accordé l’accès à la comptabilité de l’entreprise {company} jusqu’au {until}.",
        Dutch: "{by} heeft u toegang verleend tot de boekhouding van {company}, tot {until}.",
        Spanish: "{by} le ha concedido acceso a la contabilidad de {company} hasta el {until}.",
    }
    member_refused(by, company) {
        English: "{by} refused the access to {company} that you asked for.",
        German: "{by} hat den von Ihnen erbetenen Zugriff auf {company} abgelehnt.",
        French: "{by} a refusé l’accès à {company} que vous aviez demandé.",
        Dutch: "{by} heeft de door u gevraagde toegang tot {company} geweigerd.",
        Spanish: "{by} ha denegado el acceso a {company} que usted solicitó.",
    }
    firm_refused(by, company, firm) {
        English: "{by} refused the access to {company} that you asked for on behalf of {firm}.",
        German: "{by} hat den Zugriff auf {company} abgelehnt, um den Sie für {firm} gebeten haben.",
        French: "{by} a refusé l’accès à {company} que vous aviez demandé pour {firm}.",
        Dutch: "{by} heeft de toegang tot {company} geweigerd die u namens {firm} hebt gevraagd.",
        Spanish: "{by} ha denegado el acceso a {company} que usted solicitó en nombre de {firm}.",
    }
    client_refused(by, company) {
        English: "{by} refused the access to the books of {company} that you asked for.",
        German: "{by} hat den von Ihnen erbetenen Zugriff auf die Bücher von {company} abgelehnt.",
        French: "{by} a refusé l’accès à la comptabilité de l’entreprise {company} que vous aviez demandé.",
        Dutch: "{by} heeft de door u gevraagde toegang tot de boekhouding van {company} geweigerd.",
        Spanish: "{by} ha denegado el acceso a la contabilidad de {company} que usted solicitó.",
    }
    pub(super) you_can {
        English: "You can",
        German: "Sie können",
        French: "Vous pouvez",
        Dutch: "U kunt",
        Spanish: "Usted puede",
    }
    pub(super) firm_can {
        English: "The firm can",
        German: "Die Kanzlei kann",
        French: "Le cabinet peut",
        Dutch: "Het kantoor kan",
        Spanish: "El despacho puede",
    }
    not_granted {
        English: "Not granted",
        German: "Nicht gewährt",
        French: "Non accordé",
        Dutch: "Niet verleend",
        Spanish: "No concedido",
    }
    then {
        English: "Nobody need do anything for it to end. What could be done before stays as it is.",
        German: "Der Zugriff endet von selbst. Was vorher möglich war, bleibt möglich.",
        French: "Cet accès prendra fin de lui-même. Ce qui était possible auparavant le reste.",
        Dutch: "De toegang eindigt vanzelf. Wat voorheen mogelijk was, blijft mogelijk.",
        Spanish: "El acceso terminará por sí solo. Lo que ya se podía hacer antes no cambia.",
    }
    see_it {
        English: "See the request",
        German: "Anfrage ansehen",
        French: "Voir la demande",
        Dutch: "Verzoek bekijken",
        Spanish: "Ver la solicitud",
    }
    why(company) {
        English: "You receive this because you asked for access to {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie um Zugriff auf {company} gebeten haben.",
        French: "Vous recevez ce message parce que vous avez demandé l’accès à {company}.",
        Dutch: "U ontvangt dit bericht omdat u om toegang tot {company} hebt gevraagd.",
        Spanish: "Recibe este mensaje porque solicitó acceso a {company}.",
    }
}

impl AccessDecided {
    /// What was granted until then, and who can do it.
    fn granted(&self, reader: &Reader, until: UtcTime) -> (String, &'static str) {
        let (by, until) = (&self.decided_by, reader.date_and_time(until));
        match &self.target {
            AccessTarget::Member { company } => (member_granted(reader, by, company, until), you_can(reader)),
            AccessTarget::Firm { company, firm } => (firm_granted(reader, by, firm, company, until), firm_can(reader)),
            AccessTarget::Client { company, .. } => (client_granted(reader, by, company, until), you_can(reader)),
        }
    }

    fn refused(&self, reader: &Reader) -> String {
        let by = &self.decided_by;
        match &self.target {
            AccessTarget::Member { company } => member_refused(reader, by, company),
            AccessTarget::Firm { company, firm } => firm_refused(reader, by, company, firm),
            AccessTarget::Client { company, .. } => client_refused(reader, by, company),
        }
    }
}

impl Letter for AccessDecided {
    fn name(&self) -> &'static str {
        "access-decided"
    }

    fn words(&self, reader: &Reader) -> Words {
        let company = self.target.company();
        let cannot = |cannot| Section::permissions(reader, not_granted(reader), cannot);
        let (subject, said, sections, notes, reason) = match &self.decision {
            AccessDecision::Granted { can, cannot: refused, until } => {
                let (said, who) = self.granted(reader, *until);
                let sections = [Section::permissions(reader, who, can), cannot(refused)];
                let notes = vec![Line::sentence(then(reader))];
                (granted_subject(reader, company.short()), said, sections, notes, None)
            }
            AccessDecision::Refused { cannot: refused, reason } => {
                let sections = [cannot(refused), None];
                (refused_subject(reader, company.short()), self.refused(reader), sections, Vec::new(), reason.as_ref())
            }
        };
        Words {
            sections: sections.into_iter().flatten().collect(),
            notes,
            quotation: Quotation::if_any(&self.decided_by, reason),
            button: Some(Button::new(see_it(reader), &self.link)),
            ..Words::new(&subject, &said, &why(reader, company))
        }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        use domain::Permission;
        let line = |text| Line::new(&say(text));
        let (company, firm) = (|| line("Acme Retail"), || line("Lovelace & Co"));
        let grants = |permissions: &[Permission]| permissions.iter().copied().collect::<Grants>();
        let (see, pay) = (&[Permission::InvoicesView][..], &[Permission::PaymentsPay][..]);
        let both = &[Permission::InvoicesView, Permission::PaymentsPay][..];
        let until = "2026-11-28T14:30:00Z".parse().unwrap();
        let decided = |target, decision| Self {
            target,
            decision,
            decided_by: line("Olivia Owner"),
            link: crate::say::link(),
        };
        let reason = Quote::new(&say("Not this month."));
        vec![
            (
                "access_is_granted",
                decided(
                    AccessTarget::Member { company: company() },
                    AccessDecision::Granted { can: grants(both), cannot: Grants::default(), until },
                ),
            ),
            (
                "access_is_granted_to_a_firm_in_part",
                decided(
                    AccessTarget::Firm { company: company(), firm: firm() },
                    AccessDecision::Granted { can: grants(see), cannot: grants(pay), until },
                ),
            ),
            (
                "access_to_a_client_is_refused_with_a_reason",
                decided(
                    AccessTarget::Client { company: company(), firm: firm() },
                    AccessDecision::Refused { cannot: grants(both), reason },
                ),
            ),
        ]
    }
}
