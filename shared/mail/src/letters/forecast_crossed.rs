//! The letter to a person who set a threshold for the cashflow forecast: its lowest point fell below it, or has recovered.

use domain::{Money, language::Reader, messages, report::Month, time::Day};

use crate::{
    inert::Line,
    layout::{Button, Fact, Letter, Words},
    url::HttpUrl,
};

/// The lowest point of a published cashflow forecast crossed a threshold.
#[derive(Debug, Clone)]
pub struct ForecastCrossed {
    /// The company's name.
    pub company: Line,
    /// The month with whose accounts the forecast was published.
    pub month: Month,
    /// Whether it has recovered, after it was below.
    pub has_recovered: bool,
    /// The lowest closing cash.
    pub lowest: Money,
    /// The day on which it is lowest.
    pub on: Day,
    /// The threshold that was set.
    pub threshold: Money,
    /// The publication in the portal.
    pub link: HttpUrl,
}

messages! {
    is_below(company, threshold) {
        English: "{company}: cashflow forecast below {threshold}",
        German: "{company}: Liquiditätsprognose unter {threshold}",
        French: "{company} : prévision de trésorerie inférieure à {threshold}",
        Dutch: "{company}: liquiditeitsprognose onder {threshold}",
        Spanish: "{company}: previsión de tesorería por debajo de {threshold}",
    }
    falls(lowest, on) {
        English: "By the new forecast, cash falls to {lowest} on {on}, which is below your threshold.",
        German: "Nach der neuen Prognose sinkt der Stand am {on} auf {lowest} und damit unter Ihre Schwelle.",
        French: "Selon la nouvelle prévision, la trésorerie descend à {lowest} le {on}, en dessous de votre seuil.",
        Dutch: "Volgens de nieuwe prognose daalt het saldo op {on} naar {lowest}, onder uw drempel.",
        Spanish: "Según la nueva previsión, el saldo baja a {lowest} el {on}, por debajo de su umbral.",
    }
    recovered_to(company, lowest) {
        English: "{company}: cashflow forecast recovered to {lowest}",
        German: "{company}: Liquiditätsprognose wieder bei {lowest}",
        French: "{company} : prévision de trésorerie remontée à {lowest}",
        Dutch: "{company}: liquiditeitsprognose hersteld tot {lowest}",
        Spanish: "{company}: la previsión de tesorería sube a {lowest}",
    }
    has_recovered(lowest, on) {
        English: "By the new forecast, cash is lowest on {on} with {lowest}: it has recovered from below your threshold.",
        German: "Nach der neuen Prognose liegt der tiefste Stand am {on} bei {lowest} und damit nicht mehr unter Ihrer \
            Schwelle.",
        French: "Selon la nouvelle prévision, la trésorerie est au plus bas le {on} avec {lowest} : elle n’est plus en dessous de \
            votre seuil.",
        Dutch: "Volgens de nieuwe prognose is het saldo op {on} het laagst met {lowest}: het ligt niet meer onder uw drempel.",
        Spanish: "Según la nueva previsión, el saldo más bajo es de {lowest} el {on}: ya no está por debajo de su umbral.",
    }
    company_label {
        English: "Company",
        German: "Unternehmen",
        French: "Entreprise",
        Dutch: "Bedrijf",
        Spanish: "Empresa",
    }
    lowest_label {
        English: "Lowest point",
        German: "Tiefster Stand",
        French: "Point le plus bas",
        Dutch: "Laagste punt",
        Spanish: "Punto más bajo",
    }
    on_label {
        English: "On",
        German: "Am",
        French: "Le",
        Dutch: "Op",
        Spanish: "Fecha",
    }
    threshold_label {
        English: "Threshold",
        German: "Schwelle",
        French: "Seuil",
        Dutch: "Drempel",
        Spanish: "Umbral",
    }
    published_label {
        English: "Published for",
        German: "Veröffentlicht für",
        French: "Publiée pour",
        Dutch: "Gepubliceerd voor",
        Spanish: "Publicada para",
    }
    see {
        English: "See the forecast",
        German: "Prognose ansehen",
        French: "Voir la prévision",
        Dutch: "Prognose bekijken",
        Spanish: "Ver la previsión",
    }
    why(company) {
        English: "You receive this because you set a threshold for the cashflow forecast of {company}.",
        German: "Sie erhalten diese Nachricht, weil Sie eine Schwelle für die Liquiditätsprognose von {company} \
            festgelegt haben.",
        French: "Vous recevez ce message parce que vous avez fixé un seuil pour la prévision de trésorerie de \
            l’entreprise {company}.",
        Dutch: "U ontvangt dit bericht omdat u een drempel voor de liquiditeitsprognose van {company} hebt ingesteld.",
        Spanish: "Recibe este mensaje porque fijó un umbral para la previsión de tesorería de {company}.",
    }
}

impl Letter for ForecastCrossed {
    fn name(&self) -> &'static str {
        if self.has_recovered { "forecast-recovered" } else { "forecast-below-threshold" }
    }

    fn words(&self, reader: &Reader) -> Words {
        let company = &self.company;
        let (lowest, threshold, on) = (reader.money(self.lowest), reader.money(self.threshold), reader.day(self.on));
        let facts = vec![
            Fact::new(company_label(reader), company),
            Fact::new(lowest_label(reader), &lowest),
            Fact::new(on_label(reader), &on),
            Fact::new(threshold_label(reader), &threshold),
            Fact::new(published_label(reader), reader.month(self.month)),
        ];
        let (subject, sentence) = if self.has_recovered {
            (recovered_to(reader, company.short(), &lowest), has_recovered(reader, &lowest, &on))
        } else {
            (is_below(reader, company.short(), &threshold), falls(reader, &lowest, &on))
        };
        let button = Some(Button::new(see(reader), &self.link));
        Words { facts, button, ..Words::new(&subject, &sentence, &why(reader, company)) }
    }

    #[cfg(test)]
    fn examples(say: crate::say::Say<'_>) -> Vec<(&'static str, Self)> {
        let euros = |minor| Money { minor, currency: "EUR".parse().unwrap() };
        let fell = Self {
            company: Line::new(&say("Acme Retail")),
            month: "2026-10".parse().unwrap(),
            has_recovered: false,
            lowest: euros(-250_000),
            on: "2027-01-31".to_owned().try_into().unwrap(),
            threshold: euros(1_000_000),
            link: crate::say::link(),
        };
        let recovered = Self { has_recovered: true, lowest: euros(1_234_500), ..fell.clone() };
        vec![("a_forecast_falls_below_a_threshold", fell), ("a_forecast_has_recovered", recovered)]
    }
}
