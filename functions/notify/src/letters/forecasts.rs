//! The letters about a cashflow forecast whose lowest point fell below a threshold or recovered: to the person who set it.
//!
//! The forecast that counts is read again: the letter says what is published when it is written.

use domain::{Event, Money, Permission, report::ForecastCrossed, threshold::Crossing};
use mail::letters::forecast_crossed::ForecastCrossed as Letter;
use store::Authority;

use crate::{
    Notify,
    error::NotifyError,
    outgoing::{Outgoing, portal_link},
    recipients::{company, company_name, notification_to_each, whose_threshold},
};

pub(super) async fn crossed(
    notify: &Notify,
    event: &Event,
    crossing: Crossing,
    crossed: &ForecastCrossed,
) -> Result<Vec<Outgoing>, NotifyError> {
    let (company, authority) = (company(event)?, Authority::System(event.org.clone()));
    let found = notify.store.load(&authority, api::clock::now(), |tenant| tenant.cashflow_forecast()).await?;
    // It was corrected across the threshold in the meantime: there is nothing to tell, or something else.
    let present = found.filter(|forecast| {
        forecast.currency == crossed.currency
            && (forecast.lowest_minor < crossed.threshold_minor) == (crossing == Crossing::Below)
    });
    let Some(forecast) = present else { return Ok(Vec::new()) };
    let Some(own) = forecast.own_thresholds.find(&crossed.user, crossed.threshold_minor) else {
        return Ok(Vec::new());
    };
    let Some(recipient) = whose_threshold(notify, own, Permission::ReportsView).await? else { return Ok(Vec::new()) };
    let money = |minor| Money { minor, currency: forecast.currency };
    let letter = Letter {
        company: company_name(notify, company).await?,
        month: forecast.month,
        has_recovered: crossing == Crossing::Recovered,
        lowest: money(forecast.lowest_minor.minor()),
        on: forecast.on,
        threshold: money(crossed.threshold_minor.minor()),
        link: portal_link(notify, &format!("/companies/{company}/publications/{}", forecast.publication))?,
    };
    notification_to_each(notify, event, &[recipient], &[Permission::ReportsView], &letter)
}
