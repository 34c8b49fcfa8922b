//! The content that all sales documents have in the ledger's reports.

use api::Problem;
use domain::{
    Name, Reference,
    content_digest::ContentDigest,
    ledger_report::first_difference,
    sales::{ContentError, DocumentContent, Line, SalesDocument},
};
use serde::Serialize;

/// Declares a report of a sales document: the fields of its content, and those of its kind.
macro_rules! reported_document {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            /// The number printed on it.
            number: domain::Name,
            /// Your reference of the customer, whom you have pushed before.
            customer: domain::Reference,
            /// The customer's name as it is printed. Default: the customer's present name.
            #[serde(default)]
            customer_name: Option<domain::Name>,
            currency: domain::Currency,
            /// That another currency than the customer's is meant.
            #[serde(default)]
            currency_differs: bool,
            /// What is to be paid, in minor units of `currency`.
            total_minor: domain::money::Total,
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
            /// the document is attached: one that is uploaded later is attached where its number is sent.
            #[serde(default)]
            attachments: Vec<domain::sales::AttachDocument>,
            /// The lines, 1 to 1,000.
            lines: Vec<domain::sales::Line>,
            /// Allowances and charges on the whole document, at most 50.
            #[serde(default)]
            adjustments: Vec<domain::sales::Adjustment>,
            /// The tax by category and rate: one part for each of those that lines, allowances and charges have.
            taxes: Vec<domain::sales::TaxSubtotal>,
            /// The sums. They are checked against the lines.
            totals: domain::sales::Totals,
            /// Your version of this state, which grows with each change. A report with an older one changes nothing,
            /// and one with the same version must have the same content. A report without a version is always applied.
            #[serde(default)]
            version: Option<domain::ledger_report::ReportVersion>,
            $($(#[$meta])* $field: $type,)*
        }

        impl $name {
            /// The content, with a name for a customer whose name is not sent, and what is attached.
            fn content(
                &self,
                customer_name: &domain::Name,
                attachments: Vec<domain::sales::Attachment>,
            ) -> domain::sales::DocumentContent {
                domain::sales::DocumentContent {
                    number: self.number.clone(),
                    customer: self.customer.clone(),
                    customer_name: self.customer_name.clone().unwrap_or_else(|| customer_name.clone()),
                    currency: self.currency,
                    total_minor: self.total_minor,
                    issued_on: self.issued_on,
                    description: self.description.clone(),
                    purchase_order: self.purchase_order.clone(),
                    terms_text: self.terms.clone(),
                    attachments,
                    lines: self.lines.clone(),
                    adjustments: self.adjustments.clone(),
                    taxes: self.taxes.clone(),
                    totals: self.totals,
                }
            }
        }
    };
}

pub(crate) use reported_document;

/// The name on a document where none is sent: the one that it has, so that sending it again says the same, else the
/// customer's.
pub(crate) fn default_name(known: Option<&DocumentContent>, customer: &Reference, name: &Name) -> Name {
    let known = known.filter(|content| content.customer == *customer);
    known.map_or_else(|| name.clone(), |content| content.customer_name.clone())
}

/// The first field in which the content of a report differs from what is stored. `terms` has all lines and `digest` is
/// its digest; `stored` may have its lines elsewhere.
pub(crate) fn difference<T, D>(
    known: &D,
    stored: &T,
    mut terms: T,
    digest: &ContentDigest,
    lines: fn(&mut T) -> &mut Vec<Line>,
) -> Option<String>
where
    T: Serialize,
    D: SalesDocument,
{
    if known.line_parts() == 0 {
        return first_difference(stored, &terms);
    }
    lines(&mut terms).clear();
    // Lines that are elsewhere are compared by the digest, which has them all.
    first_difference(stored, &terms).or_else(|| (known.content_digest() != digest).then(|| "lines".to_owned()))
}

/// The customer that a report names was never pushed.
pub(crate) fn no_such_customer() -> Problem {
    Problem::field("customer", "is no customer that you have pushed")
}

pub(crate) fn content_refused(error: &ContentError) -> Problem {
    Problem::field(error.field(), error)
}
