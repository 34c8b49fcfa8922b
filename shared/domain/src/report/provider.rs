//! Reports in the shape of a provider: which converter reads them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    column::ReportColumn,
    content::ReportContent,
    conversion::{ConversionError, ConversionProblem, Stated},
    quickbooks, xero,
};
use crate::money::Currency;

/// Whose JSON a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// Xero's Reports API.
    Xero,
    /// Reports of `QuickBooks` Online.
    Quickbooks,
}

/// Reads a provider's JSON as a report, and checks it.
///
/// # Errors
/// [`ConversionError`].
pub fn convert(
    provider: Provider,
    json: &Value,
    currency: Option<Currency>,
    columns: Option<Vec<ReportColumn>>,
) -> Result<ReportContent, ConversionError> {
    let stated = Stated { currency, columns };
    let content = match provider {
        Provider::Xero => xero::convert(json, stated)?,
        Provider::Quickbooks => quickbooks::convert(json, stated)?,
    };
    match content.check() {
        Ok(()) => Ok(content),
        Err(error) => Err(ConversionError { place: error.place.clone(), problem: ConversionProblem::Content(error) }),
    }
}
