//! The latest published figures, and the lowest point of the forecast.

use domain::{
    Currency, PublicationId, Reference, UtcTime,
    ledger_report::ReportVersion,
    report::{CashflowForecast, LowestPoint, Month, Publication, PublishedFigure},
};
use serde::Serialize;
use store::{Page, PageRequest, Queries, StoreError};
use utoipa::ToSchema;

/// How many publications are read: the one that counts for the latest month, and that for the month before it, where the first
/// has no forecast.
const PUBLICATIONS: u16 = 2;

/// The accounts of the latest month that were published.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct LatestAccounts {
    publication: PublicationId,
    month: Month,
    published_at: UtcTime,
    /// The figures that matter, at most three, each beside the period before and the year before.
    figures: Vec<PublishedFigure>,
}

/// The lowest closing cash of the latest forecast that was published. Where a publication has several, it is the one that
/// thresholds follow.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct ForecastLow {
    publication: PublicationId,
    /// The ledger's reference of the report.
    reference: Reference,
    /// The ledger's version of it.
    version: ReportVersion,
    currency: Currency,
    #[serde(flatten)]
    lowest: LowestPoint,
}

/// What was published last, as far as something was.
#[derive(Debug, Default, PartialEq, Serialize, ToSchema)]
pub(crate) struct LatestFigures {
    #[serde(skip_serializing_if = "Option::is_none")]
    latest: Option<LatestAccounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    forecast: Option<ForecastLow>,
}

/// What is read of what was published.
pub(crate) struct Published {
    /// The latest month first.
    publications: Page<Publication>,
    /// The forecast that thresholds follow.
    forecast: Option<CashflowForecast>,
}

impl From<Published> for LatestFigures {
    /// A publication that was corrected counts no more: the list leaves it out, but may be read a moment too early.
    fn from(Published { publications, forecast }: Published) -> Self {
        let counts: Vec<Publication> =
            publications.items.into_iter().filter(|one| one.corrected_by.is_none()).collect();
        let known = forecast.as_ref().map(|forecast| &forecast.reference);
        Self {
            forecast: counts.iter().find_map(|publication| ForecastLow::of(publication, known)),
            latest: counts.into_iter().next().map(|publication| LatestAccounts {
                publication: publication.id,
                month: publication.month,
                published_at: publication.published_at,
                figures: publication.figures,
            }),
        }
    }
}

impl ForecastLow {
    fn of(publication: &Publication, known: Option<&Reference>) -> Option<Self> {
        let (report, lowest) = publication.forecast(known)?;
        Some(Self {
            publication: publication.id.clone(),
            reference: report.reference.clone(),
            version: report.report_version,
            currency: report.currency,
            lowest,
        })
    }
}

pub(crate) async fn read(queries: &Queries<'_>) -> Result<Published, StoreError> {
    let latest = PageRequest::first(PUBLICATIONS);
    let (publications, forecast) = tokio::try_join!(
        queries.page(|tenant| tenant.publications_by_month(), &latest),
        queries.get(|tenant| tenant.cashflow_forecast()),
    )?;
    Ok(Published { publications, forecast })
}

#[cfg(test)]
mod tests {
    use domain::report::PublishedReport;
    use serde_json::{Value, json};

    use super::*;

    fn publication(n: u8, month: &str, lowest: Option<i64>) -> Publication {
        let report = json!({
            "reference": "FC-1", "report_version": 1, "digest": "0".repeat(64), "kind": "cashflow_forecast",
            "title": "Forecast", "currency": "EUR",
            "lowest_point": lowest.map(|minor| json!({ "balance_minor": minor, "on": "2026-12-31" })),
        });
        let figure = json!({ "role": "net_profit", "actual_minor": 100 * i64::from(n), "previous_minor": 50,
            "last_year_minor": null, "budget_minor": null });
        serde_json::from_value(json!({
            "id": format!("pub_0000000000000000000000000000000{n}"), "company": "co_00000000000000000000000000000001",
            "month": month, "reports": [report], "figures": [{ "reference": "PL-1", "currency": "EUR", "figure": figure }],
            "published_by": "ada", "published_by_name": "Ada",
            "acting_as": domain::access::ActingAs::Member {
                company: "co_00000000000000000000000000000001".parse().unwrap()
            },
            "published_at": "2026-11-02T10:00:00.000Z", "version": 1,
        }))
        .unwrap()
    }

    fn shown(items: Vec<Publication>) -> Value {
        shown_with(items, None)
    }

    fn shown_with(items: Vec<Publication>, forecast: Option<CashflowForecast>) -> Value {
        let published = Published { publications: Page { items, next: None }, forecast };
        serde_json::to_value(LatestFigures::from(published)).unwrap()
    }

    /// Somebody who is told of one forecast would otherwise see another.
    /// Proves: R4, FC1
    #[test]
    fn of_several_forecasts_the_one_that_thresholds_follow_is_shown() {
        let first = publication(1, "2026-09", Some(70));
        let forecast = CashflowForecast::after(None, &first).unwrap();
        let mut both = publication(2, "2026-10", Some(50));
        let other = PublishedReport { reference: "FC-0".parse().unwrap(), ..both.reports[0].clone() };
        both.reports.insert(0, other);
        let reference = |known: Option<&CashflowForecast>| {
            shown_with(vec![both.clone(), first.clone()], known.cloned())["forecast"]["reference"].clone()
        };
        let after = CashflowForecast::after(Some(forecast.clone()), &both).unwrap();
        for known in [&forecast, &after] {
            assert_eq!(reference(Some(known)), String::from(after.reference.clone()), "{known:?}");
        }
        assert_eq!((reference(None), String::from(after.reference)), (json!("FC-0"), "FC-1".to_owned()));
    }

    /// Proves: R3, R4
    #[test]
    fn the_latest_month_counts_and_an_earlier_forecast_where_it_has_none() {
        let seen = shown(vec![publication(2, "2026-10", None), publication(1, "2026-09", Some(-7))]);
        assert_eq!(seen["latest"]["month"], "2026-10", "{seen}");
        assert_eq!(seen["latest"]["figures"][0]["figure"]["actual_minor"], 200, "{seen}");
        assert_eq!(seen["forecast"]["publication"], "pub_00000000000000000000000000000001", "{seen}");
        assert_eq!((&seen["forecast"]["balance_minor"], &seen["forecast"]["on"]), (&json!(-7), &json!("2026-12-31")));
    }

    /// Proves: R6
    #[test]
    fn what_was_corrected_counts_no_more() {
        let wrong = Publication {
            corrected_by: Some("pub_00000000000000000000000000000002".parse().unwrap()),
            ..publication(1, "2026-10", Some(-7))
        };
        let seen = shown(vec![publication(2, "2026-10", None), wrong]);
        assert_eq!(seen["latest"]["figures"][0]["figure"]["actual_minor"], 200, "{seen}");
        assert!(seen.get("forecast").is_none(), "{seen}");
        assert_eq!(shown(Vec::new()), json!({}));
    }
}
