//! What people write of a document by hand. They give lines, allowances and charges; the amounts follow.

use api::{Api, ApiResult, Problem};
use domain::{
    AccessRequirement, Currency, Grants, Permission, UtcTime,
    sales::{
        Adjustment, AttachDocument, ContentError, DocumentContent, Finding, Line, LineInput, TaxSubtotal, Totals,
        attaches_more, compute,
    },
};
use store::Authority;

/// Declares a document as a person writes it: the fields of its content, and those of its kind.
macro_rules! drafted_document {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            /// The number printed on it.
            number: domain::Name,
            /// The customer.
            customer: domain::Reference,
            /// The customer's name as it is printed. Default: the customer's present name.
            #[serde(default)]
            customer_name: Option<domain::Name>,
            /// Default: the one that it has, of a new document the customer's.
            #[serde(default)]
            currency: Option<domain::Currency>,
            /// That another currency than the customer's is meant.
            #[serde(default)]
            currency_differs: bool,
            issued_on: domain::time::Day,
            #[serde(default)]
            description: Option<domain::Note>,
            /// The customer's own reference of the order.
            #[serde(default)]
            purchase_order: Option<domain::Name>,
            /// Its terms, as they are printed.
            #[serde(default)]
            terms: Option<domain::Note>,
            /// Documents of the company that belong to it, at most 20, each in a clean version. The version is fixed when
            /// the document is attached: one that is uploaded later is attached where its number is sent. What was not
            /// attached before needs `documents.view`.
            #[serde(default)]
            attachments: Vec<domain::sales::AttachDocument>,
            /// The lines, 1 to 1,000.
            lines: Vec<domain::sales::LineInput>,
            /// Allowances and charges on the whole document, at most 50.
            #[serde(default)]
            adjustments: Vec<domain::sales::Adjustment>,
            $($(#[$meta])* $field: $type,)*
        }

        impl $name {
            /// The content for a customer with what is attached, and the amounts that follow. `known` is the document as
            /// it is stored.
            fn content(
                &self,
                customer: &domain::customer::Customer,
                attachments: Vec<domain::sales::Attachment>,
                known: Option<&domain::sales::DocumentContent>,
            ) -> Result<domain::sales::DocumentContent, api::Problem> {
                let kept = known.filter(|known| known.customer == self.customer).map(|known| known.currency);
                let currency = self.currency.or(kept).unwrap_or(customer.details.currency);
                let computed = $crate::drafting::computed(currency, &self.lines, &self.adjustments)?;
                let $crate::drafting::Computed { lines, taxes, totals, total_minor } = computed;
                let content = domain::sales::DocumentContent {
                    number: self.number.clone(),
                    customer: self.customer.clone(),
                    customer_name: self.customer_name.clone().unwrap_or_else(|| customer.details.name.clone()),
                    currency,
                    total_minor,
                    issued_on: self.issued_on,
                    description: self.description.clone(),
                    purchase_order: self.purchase_order.clone(),
                    terms_text: self.terms.clone(),
                    attachments,
                    lines,
                    adjustments: self.adjustments.clone(),
                    taxes,
                    totals,
                };
                content
                    .check(customer.details.currency, self.currency_differs, known)
                    .map_err(|error| $crate::drafting::content_refused(&error))?;
                Ok(content)
            }
        }
    };
}

pub(crate) use drafted_document;

/// The authority of a change. It needs `documents.view` too where something is attached that was not before: a person
/// shows a customer only what they may see.
pub(crate) async fn to_attach(
    api: &Api,
    access: AccessRequirement,
    now: UtcTime,
    wanted: &[AttachDocument],
    known: Option<&DocumentContent>,
) -> ApiResult<Authority> {
    if !attaches_more(wanted, known.map_or(&[][..], |known| &known.attachments)) {
        return Ok(access.into());
    }
    let authority = Authority::from(access.and_all(&Grants::from_iter([Permission::DocumentsView])));
    // Before anything is said of the documents.
    api.store.prove(&authority, now).await?;
    Ok(authority)
}

/// An empty object.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoFields {}

/// The lines with their amounts, and the sums.
pub(crate) struct Computed {
    pub(crate) lines: Vec<Line>,
    pub(crate) taxes: Vec<TaxSubtotal>,
    pub(crate) totals: Totals,
    pub(crate) total_minor: domain::money::Total,
}

/// Adds up what a person wrote.
pub(crate) fn computed(
    currency: Currency,
    lines: &[LineInput],
    adjustments: &[Adjustment],
) -> Result<Computed, Problem> {
    let with_amount = |(at, line): (usize, &LineInput)| {
        let line = line.clone().with_amount(currency);
        line.ok_or_else(|| Problem::field(&format!("lines[{at}].unit_price"), "makes more than 10^15 minor units"))
    };
    let lines: Vec<Line> = lines.iter().enumerate().map(with_amount).collect::<Result<_, _>>()?;
    let refused = |finding: Finding| Problem::field(&finding.field, &finding);
    let (taxes, totals, total_minor) = compute(currency, &lines, adjustments).map_err(refused)?;
    Ok(Computed { lines, taxes, totals, total_minor })
}

pub(crate) fn content_refused(error: &ContentError) -> Problem {
    Problem::field(error.field(), error)
}

/// The customer that a person names is not there.
pub(crate) fn no_such_customer() -> Problem {
    Problem::field("customer", "is no customer of the company")
}
