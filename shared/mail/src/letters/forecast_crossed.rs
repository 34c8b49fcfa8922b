//! The letter to a person who set a threshold for the cashflow forecast: its lowest point fell below it, or has recovered.

use domain::{Money, report::Month, time::Day};

use crate::{
    date::{day, month},
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

impl Letter for ForecastCrossed {
    fn name(&self) -> &'static str {
        if self.has_recovered { "forecast-recovered" } else { "forecast-below-threshold" }
    }

    fn words(&self) -> Words {
        let Self { company, lowest, threshold, .. } = self;
        let on = day(self.on);
        let facts = vec![
            Fact::new("Company", company),
            Fact::new("Lowest point", lowest),
            Fact::new("On", &on),
            Fact::new("Threshold", threshold),
            Fact::new("Published for", month(self.month)),
        ];
        let (subject, sentence) = if self.has_recovered {
            (
                format!("{}: cashflow forecast recovered to {lowest}", company.short()),
                format!("The lowest point of the cashflow forecast, {lowest} on {on}, is above your threshold again."),
            )
        } else {
            (
                format!("{}: cashflow forecast below {threshold}", company.short()),
                format!("The cashflow forecast falls to {lowest} on {on}, below your threshold."),
            )
        };
        let why = format!("You receive this because you set a threshold for the cashflow forecast of {company}.");
        Words { facts, button: Some(Button::new("See the forecast", &self.link)), ..Words::new(&subject, &sentence, &why) }
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
