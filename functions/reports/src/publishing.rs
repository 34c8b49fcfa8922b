//! Publishes the accounts of a month.

use api::{Answer, Api, ApiError, ApiResult, Body, InCompany, Problem, clock};
use axum::extract::State;
use domain::{
    Note, PublicationId, Reference, UtcTime,
    ledger_report::ReportVersion,
    permission::may,
    report::{
        CashflowForecast, ChosenReport, FigureChoice, MAX_REPORTS, Month, PublicationDraft, PublicationRefusal, publish,
    },
    time::Zone,
};
use serde::Deserialize;
use store::{Attempt, Idempotency, Tenant, retry_on_conflict};
use utoipa::ToSchema;

use crate::{publications::PublicationResponse, thresholds::latest_published};

/// A report to publish, at the version that was looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportToPublish {
    reference: Reference,
    version: ReportVersion,
}

/// The accounts of a month.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishAccounts {
    month: Month,
    /// 1–10 reports. A correction includes each report of the publication that it corrects, at a new version or as it was.
    #[schema(min_items = 1, max_items = 10)]
    reports: Vec<ReportToPublish>,
    /// What the company should know about the month.
    #[serde(default)]
    comment: Option<Note>,
    /// The figures that matter, at most three. Default: the first three of the reports, such as net profit, income and
    /// closing cash.
    #[serde(default)]
    #[schema(max_items = 3)]
    figures: Option<Vec<FigureChoice>>,
    /// The publication of this month that this one corrects.
    #[serde(default)]
    corrects: Option<PublicationId>,
}

/// Who publishes.
type Publisher = InCompany<(may::ReportsView, may::ReportsPublish)>;

/// Whether a month has begun, where the day begins first: a publication is frozen, so a mistyped month would stay.
fn has_begun(month: Month, now: UtcTime) -> bool {
    const FIRST_ZONE_S: i64 = 14 * 3_600;
    month <= Month::of(now.plus_s(FIRST_ZONE_S).day_in(&Zone::utc()))
}

/// Publishes the accounts of a month: reports at their versions, a comment, the figures that matter.
///
/// The publication is frozen. Another one of the same month corrects the one that counts, named in `corrects`, and lists
/// in `changes` what it changed; without it, the `409` names in `current` the one that counts. Members who see reports
/// get a letter. A forecast whose lowest point is below the threshold of somebody who sees reports is told to them.
///
/// Needs `reports.view` and `reports.publish`.
#[utoipa::path(post, path = "/v1/publications", request_body = PublishAccounts,
    responses((status = 201, body = PublicationResponse)))]
pub(crate) async fn publish_accounts(
    State(api): State<Api>,
    caller: Publisher,
    body: Body<PublishAccounts>,
) -> ApiResult {
    let (authority, now) = (caller.authority(), caller.now());
    let idempotency = body.idempotent.by(&caller.caller.user);
    if body.value.reports.len() > MAX_REPORTS {
        api.store.prove(&authority, now).await?;
        return Err(refusal(PublicationRefusal::ReportCount).into());
    }
    if !has_begun(body.value.month, now) {
        api.store.prove(&authority, now).await?;
        return Err(Problem::field("month", "has not begun").into());
    }
    // The item of the forecast changes with people's thresholds and when they are told, which concerns no publisher. Of what
    // does, the request names the versions: a report or publication that changed is refused in the next round.
    retry_on_conflict(|| decide(&api, &caller, &body.value, idempotency.as_ref())).await
}

/// One round of load, decide and commit.
async fn decide(
    api: &Api,
    caller: &Publisher,
    request: &PublishAccounts,
    idempotency: Option<&Idempotency>,
) -> Result<Answer, Attempt<ApiError>> {
    let (authority, now) = (caller.authority(), caller.now());
    let PublishAccounts { month, reports: chosen, comment, figures, corrects } = request;
    let month = *month;
    let wanted = |tenant: &Tenant| {
        (
            chosen.iter().map(|report| tenant.report(&report.reference)).collect::<Vec<_>>(),
            tenant.month_accounts(month),
            corrects.as_ref().map(|corrects| tenant.publication(corrects)),
            tenant.cashflow_forecast(),
        )
    };
    let loading = api.store.load_once_and_query(&authority, now, idempotency, wanted, latest_published);
    let ((stored, known_month, corrected, stored_forecast), latest) = loading.await??;
    let corrected = corrected.flatten();
    let reports = chosen
        .iter()
        .zip(stored)
        .map(|(chosen, stored)| ChosenReport { reference: chosen.reference.clone(), version: chosen.version, stored })
        .collect();
    let claims = caller.context.claims();
    let draft = PublicationDraft {
        id: PublicationId::from_uuid(clock::new_uuid()),
        company: caller.company.clone(),
        month,
        reports,
        figures: figures.clone(),
        comment: comment.clone(),
        corrects: corrects.clone(),
        by: claims.sub.clone(),
        by_name: claims.name.clone(),
        acting_as: caller.context.acting_as().clone(),
        at: now,
    };
    let month_version = known_month.as_ref().map(|month| month.version);
    let corrected_version = corrected.as_ref().map(|corrected| corrected.version);
    let published = publish(draft, known_month, corrected).map_err(refusal)?;

    let mut change = api.store.change(&authority, caller.change_context());
    for report in &published.reports {
        change.put(|tenant| tenant.report(&report.reference), report.version.checked_sub(1), report);
    }
    let id = published.publication.id.clone();
    change.put(|tenant| tenant.publication(&id), None, &published.publication);
    change.put(|tenant| tenant.month_accounts(month), month_version, &published.month);
    if let Some(corrected) = &published.corrected {
        change.put(|tenant| tenant.publication(&corrected.id), corrected_version, corrected);
    }
    let known_forecast = CashflowForecast::counting(stored_forecast, &latest);
    let forecast_version = known_forecast.as_ref().and_then(CashflowForecast::stored_version);
    if let Some(forecast) = CashflowForecast::after(known_forecast, &published.publication) {
        change.put(|tenant| tenant.cashflow_forecast(), forecast_version, &forecast);
    }
    change.record(published.event);
    let answer = Answer::created(&PublicationResponse::from(published.publication))?;
    Ok(answer.commit(change, idempotency).await??)
}

fn refusal(refusal: PublicationRefusal) -> Problem {
    use PublicationRefusal as R;
    match refusal {
        R::ReportCount | R::LeftOut { .. } => Problem::field("reports", refusal),
        R::Twice { index } | R::UnknownReport { index } => {
            Problem::field(&format!("reports[{index}].reference"), refusal)
        }
        R::OtherVersion { index } => {
            let field = format!("reports[{index}].version");
            Problem::conflict(&refusal, "changed").naming(&field, "is not the stored version")
        }
        R::MonthPublished { ref publication } => {
            Problem::conflict(&refusal, "published").current(&serde_json::json!({ "publication": publication }))
        }
        R::NotCurrent => Problem::conflict(&refusal, "corrected").naming("corrects", &refusal),
        R::NothingChanged => Problem::conflict(&refusal, "published"),
        R::FigureCount => Problem::field("figures", refusal),
        R::UnknownFigure { index } => Problem::field(&format!("figures[{index}]"), refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_status() {
        use PublicationRefusal as R;
        let reference = || "PL-10".parse().unwrap();
        let publication = "pub_00000000000000000000000000000001".parse().unwrap();
        for (refused, status) in [
            (R::ReportCount, 422),
            (R::Twice { index: 1 }, 422),
            (R::UnknownReport { index: 0 }, 422),
            (R::OtherVersion { index: 0 }, 409),
            (R::MonthPublished { publication }, 409),
            (R::NotCurrent, 409),
            (R::LeftOut { reference: reference() }, 422),
            (R::NothingChanged, 409),
            (R::FigureCount, 422),
            (R::UnknownFigure { index: 2 }, 422),
        ] {
            let said = format!("{refused:?}");
            assert_eq!(refusal(refused).status().as_u16(), status, "{said}");
        }
        assert_eq!(refusal(R::UnknownFigure { index: 2 }).errors()[0].field, "figures[2]");
    }
}
