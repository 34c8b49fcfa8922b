//! The cashflow forecast that counts, and the thresholds of its lowest point.
//!
//! Only published forecasts are heard: what is a draft is told to nobody. The forecast of the latest month counts. It changes
//! in the change that publishes it, and the scheduled run tells of its crossings, as of a bank account's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{figures::LowestPoint, month::Month, publishing::Publication};
use crate::{
    access::AccessRequirement,
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, Org, PublicationId, UserId},
    money::{Balance, Currency},
    text::Reference,
    threshold::{Crossing, OwnThreshold, OwnThresholds, OwnThresholdsError, OwnThresholdsSet, ThresholdRule},
    time::{Day, UtcTime},
};

/// A company's cashflow forecast that counts: that of the latest month with a published one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CashflowForecast {
    /// The company.
    pub company: CompanyId,
    /// The publication that it is part of.
    pub publication: PublicationId,
    /// The month of the publication.
    pub month: Month,
    /// The ledger's reference of the report.
    pub reference: Reference,
    /// The currency of the report.
    pub currency: Currency,
    /// The lowest closing cash, in minor units.
    pub lowest_minor: Balance,
    /// The day on which it is lowest.
    pub on: Day,
    /// When it was published.
    pub published_at: UtcTime,
    /// The thresholds of people who are told.
    #[serde(default, skip_serializing_if = "OwnThresholds::is_empty")]
    pub own_thresholds: OwnThresholds,
    /// Counts changes, for optimistic locking.
    pub version: u64,
}

impl CashflowForecast {
    /// The forecast that counts after a publication; `None` where it says nothing new: it has no forecast, or a later month
    /// has one.
    ///
    /// Of several forecasts in the publication, the report that counted before goes on, whatever the order of the reports.
    /// Thresholds are amounts in the currency of the forecast. One in another currency ends them.
    #[must_use]
    pub fn after(known: Option<Self>, publication: &Publication) -> Option<Self> {
        if known.as_ref().is_some_and(|known| publication.month < known.month) {
            return None;
        }
        let (report, lowest) = publication.forecast(known.as_ref().map(|known| &known.reference))?;
        let lowest_minor = Balance::try_from(lowest.balance_minor).ok()?;
        let own_thresholds = known.as_ref().filter(|known| known.currency == report.currency);
        Some(Self {
            company: publication.company.clone(),
            publication: publication.id.clone(),
            month: publication.month,
            reference: report.reference.clone(),
            currency: report.currency,
            lowest_minor,
            on: lowest.on,
            published_at: publication.published_at,
            own_thresholds: own_thresholds.map(|known| known.own_thresholds.hear(lowest_minor)).unwrap_or_default(),
            version: known.map_or(1, |known| known.version + 1),
        })
    }

    /// The forecast that counts among publications, the latest month first. For a company whose publications are older than
    /// this item, which has none yet; so its version is 0.
    fn among(publications: &[Publication]) -> Option<Self> {
        let counting = publications.iter().filter(|publication| publication.corrected_by.is_none());
        let found = counting.filter_map(|publication| Self::after(None, publication)).next()?;
        Some(Self { version: 0, ..found })
    }

    /// The forecast that counts: the stored one, or one among the publications, the latest month first.
    #[must_use]
    pub fn counting(stored: Option<Self>, publications: &[Publication]) -> Option<Self> {
        stored.or_else(|| Self::among(publications))
    }

    /// The version that is stored; `None` where none is stored yet.
    #[must_use]
    pub fn stored_version(&self) -> Option<u64> {
        (self.version > 0).then_some(self.version)
    }

    /// The lowest point.
    #[must_use]
    pub const fn lowest(&self) -> LowestPoint {
        LowestPoint { balance_minor: self.lowest_minor.minor(), on: self.on }
    }

    /// Sets all thresholds of a person, who is told while they may see reports from the seat.
    ///
    /// # Errors
    /// [`OwnThresholdsError`].
    pub fn set_own_thresholds(
        &self,
        access: &AccessRequirement,
        rules: &[ThresholdRule],
    ) -> Result<(Self, NewEvent), OwnThresholdsError> {
        let own_thresholds = self.own_thresholds.set(access, rules, self.lowest_minor)?;
        let changed = Self { own_thresholds, version: self.version + 1, ..self.clone() };
        let set = OwnThresholdsSet { thresholds: rules.to_vec(), currency: self.currency };
        let event = changed.event(kinds::ForecastThresholdsSet::of(set));
        Ok((changed, event))
    }

    /// From when on something is to be told of one of its thresholds.
    #[must_use]
    pub fn due_at(&self) -> Option<UtcTime> {
        self.own_thresholds.due_at(self.lowest_minor, self.published_at)
    }

    /// Marks crossings as told, with an event for each; `None` if there is nothing to tell now.
    #[must_use]
    pub fn tell(&self, now: UtcTime) -> Option<(Self, Vec<NewEvent>)> {
        let (own_thresholds, told) = self.own_thresholds.tell(self.lowest_minor, self.published_at, now);
        let events: Vec<NewEvent> = told.iter().map(|(own, crossing)| self.crossed(*crossing, own)).collect();
        let after = Self { own_thresholds, version: self.version + 1, ..self.clone() };
        (!events.is_empty()).then_some((after, events))
    }

    fn crossed(&self, crossing: Crossing, own: &OwnThreshold) -> NewEvent {
        let payload = ForecastCrossed {
            month: self.month,
            report: self.reference.clone(),
            lowest_minor: self.lowest_minor,
            on: self.on,
            threshold_minor: own.threshold.rule.threshold_minor,
            currency: self.currency,
            user: own.user.clone(),
        };
        self.event(match crossing {
            Crossing::Below => kinds::ForecastBelowThreshold::of(payload),
            Crossing::Recovered => kinds::ForecastRecovered::of(payload),
        })
    }

    fn event(&self, payload: EventData) -> NewEvent {
        NewEvent::new(Org::Company(self.company.clone()), self.publication.as_str(), payload)
    }
}

/// Payload of `forecast.below_threshold` and `forecast.recovered`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForecastCrossed {
    /// The month of the publication.
    pub month: Month,
    /// The ledger's reference of the report.
    pub report: Reference,
    /// The lowest closing cash, in minor units of `currency`.
    pub lowest_minor: Balance,
    /// The day on which it is lowest.
    pub on: Day,
    /// The threshold, in minor units of `currency`.
    pub threshold_minor: Balance,
    /// The currency.
    pub currency: Currency,
    /// Whose threshold it is.
    pub user: UserId,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::{
        access::ActingAs,
        permission::Permission,
        report::{
            PublishedReport,
            examples::{forecast, publication_id, publication_of},
        },
        samples::{at, company, user},
    };

    fn published(n: u128, month: &str, lowest: i64) -> Publication {
        publication_of(n, month, &forecast("EUR", lowest))
    }

    fn rule(threshold: i64) -> ThresholdRule {
        let usual = ThresholdRule::at(threshold.try_into().unwrap());
        ThresholdRule { pause_hours: 0, tells_recovery: true, ..usual }
    }

    fn access(who: &str) -> AccessRequirement {
        AccessRequirement::new(user(who), ActingAs::member(company(1), None), Permission::ReportsView)
    }

    fn with_threshold(lowest: i64, threshold: i64) -> CashflowForecast {
        let forecast = CashflowForecast::after(None, &published(1, "2026-09", lowest)).unwrap();
        forecast.set_own_thresholds(&access("mia"), &[rule(threshold)]).unwrap().0
    }

    /// Proves: FC1
    #[test]
    fn a_published_forecast_below_a_threshold_is_told_of_once_with_its_day() {
        let before = with_threshold(500, 100);
        assert_eq!((before.tell(at(9_000)), before.due_at()), (None, None));
        let fell = CashflowForecast::after(Some(before), &published(2, "2026-10", -2_000)).unwrap();
        let (told, events) = fell.tell(at(9_000)).unwrap();
        let [event] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(event.subject.id, publication_id(2).as_str());
        let said = json!({ "month": "2026-10", "report": "FC-1", "lowest_minor": -2_000, "on": "2026-12-31",
            "threshold_minor": 100, "currency": "EUR", "user": "mia" });
        assert_eq!(event.clone().payload.into_data(), said);
        assert_eq!((told.tell(at(9_000)), told.version), (None, fell.version + 1));
        // A correction that leaves it below is no news.
        let corrected = CashflowForecast::after(Some(told), &published(3, "2026-10", -1_000)).unwrap();
        assert_eq!(corrected.tell(at(9_000)), None);
    }

    /// Proves: FC1
    #[test]
    fn the_forecast_of_the_latest_month_counts_in_one_currency() {
        let october = CashflowForecast::after(Some(with_threshold(500, 100)), &published(2, "2026-10", 500)).unwrap();
        assert_eq!(CashflowForecast::after(Some(october.clone()), &published(3, "2026-09", -9)), None);
        let without = publication_of(4, "2026-11", &crate::report::examples::october());
        assert_eq!(CashflowForecast::after(Some(october.clone()), &without), None, "it has no forecast");
        let dollars = publication_of(5, "2026-11", &forecast("USD", -9));
        let dollars = CashflowForecast::after(Some(october.clone()), &dollars).unwrap();
        assert!(dollars.own_thresholds.is_empty() && !october.own_thresholds.is_empty());
    }

    /// Who publishes may name the reports in another order each month: people would hear of another forecast then.
    /// Proves: FC1
    #[test]
    fn of_several_forecasts_the_report_that_counted_before_goes_on() {
        let known = with_threshold(500, 100);
        let one = published(2, "2026-10", -20);
        let other = PublishedReport {
            reference: "FC-2".parse().unwrap(),
            lowest_point: Some(LowestPoint { balance_minor: 900, ..one.reports[0].lowest_point.unwrap() }),
            ..one.reports[0].clone()
        };
        let without = PublishedReport { reference: "PL-1".parse().unwrap(), lowest_point: None, ..other.clone() };
        let counts = |known: Option<&CashflowForecast>, reports: &[&PublishedReport]| {
            let reports = reports.iter().copied().cloned().collect();
            let after = CashflowForecast::after(known.cloned(), &Publication { reports, ..one.clone() }).unwrap();
            (String::from(after.reference), after.lowest_minor.minor())
        };
        let (fc_1, fc_2) = (("FC-1".to_owned(), -20), ("FC-2".to_owned(), 900));
        for (known, reports, expected) in [
            (Some(&known), vec![&one.reports[0], &other], &fc_1),
            (Some(&known), vec![&without, &other, &one.reports[0]], &fc_1),
            (Some(&known), vec![&without, &other], &fc_2),
            (None, vec![&other, &one.reports[0]], &fc_2),
        ] {
            assert_eq!(counts(known, &reports), *expected, "{reports:?}");
        }
    }

    #[test]
    fn what_was_published_before_is_found_among_publications() {
        let (new, old) = (published(2, "2026-10", 70), published(1, "2026-09", 50));
        let corrected = Publication { corrected_by: Some(publication_id(3)), ..new.clone() };
        let lowest = |publications: &[Publication]| {
            CashflowForecast::among(publications).map(|found| (found.lowest().balance_minor, found.version))
        };
        assert_eq!(lowest(&[new, old.clone()]), Some((70, 0)));
        assert_eq!(lowest(&[corrected, old]), Some((50, 0)));
        assert_eq!(lowest(&[]), None);
    }

    /// A company that published before forecasts were stored corrects an old month: people would hear of that one.
    /// Proves: FC1
    #[test]
    fn a_correction_of_an_old_month_does_not_count_where_no_forecast_is_stored_yet() {
        let published_before = [published(2, "2026-10", 70), published(1, "2026-09", 50)];
        let known = CashflowForecast::counting(None, &published_before);
        assert_eq!(CashflowForecast::after(known.clone(), &published(3, "2026-09", -9)), None);
        let october = CashflowForecast::after(known.clone(), &published(4, "2026-10", -9)).unwrap();
        let versions = |known: &Option<CashflowForecast>| known.as_ref().and_then(CashflowForecast::stored_version);
        assert_eq!((versions(&known), october.version), (None, 1), "it is written as a new item");
        let stored = CashflowForecast::counting(Some(october.clone()), &published_before);
        assert_eq!((versions(&stored), stored), (Some(1), Some(october)));
    }

    proptest! {
        /// Whatever is published and whenever the run comes, falls and recoveries take turns, each is true of the forecast
        /// that counts then, and running twice tells nothing twice.
        /// Proves: FC1, F13
        #[test]
        fn people_are_told_once_for_each_crossing_of_the_forecast_that_counts(
            steps in prop::collection::vec((0_i64..200, 1_u8..13, any::<bool>()), 1..40)
        ) {
            let mut watched = with_threshold(150, 100);
            let mut last_was_a_fall = false;
            for (n, (lowest, month, runs)) in (2_u128..).zip(steps) {
                let publication = published(n, &format!("2026-{month:02}"), lowest);
                let counts = publication.month >= watched.month;
                let after = CashflowForecast::after(Some(watched.clone()), &publication);
                prop_assert_eq!(after.is_some(), counts);
                watched = after.unwrap_or(watched);
                if !runs {
                    continue;
                }
                let Some((told, events)) = watched.tell(at(9_000)) else { continue };
                prop_assert_eq!(events.len(), 1);
                prop_assert_eq!(told.tell(at(9_000)), None);
                let is_below = watched.lowest_minor.minor() < 100;
                prop_assert_eq!(events[0].payload.kind() == crate::event::EventType::ForecastBelowThreshold, is_below);
                prop_assert_ne!(is_below, last_was_a_fall);
                last_was_a_fall = is_below;
                watched = told;
            }
        }
    }
}
