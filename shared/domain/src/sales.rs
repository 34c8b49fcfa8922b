//! What invoices, credit notes and estimates have in common: their content, how it adds up, and who saw it.

mod attachment;
mod content;
mod decimal;
mod document;
mod line;
mod link;
mod resent;
mod shown;
mod split;
mod totals;
mod view;
mod viewed;

pub use attachment::{AttachDocument, AttachError, Attachment, MAX_ATTACHMENTS, attach, attaches_more};
pub use content::{ContentError, DocumentContent, DocumentSource, Revision, ViewedRevision};
pub use decimal::{DecimalError, Percent, Quantity, UnitPrice};
pub(crate) use document::sales_document;
pub use document::{SalesDocument, reference_from};
pub use line::{Adjustment, AdjustmentKind, Line, LineInput, TaxCategory};
pub use link::{DocumentLink, DocumentLinkPayload, DocumentLinkStatus, Forwarder, LinkError, NewLink};
pub use resent::{SalesDocumentResent, resend};
pub use shown::SentDocument;
pub use split::{LinePart, join_lines, split_lines};
pub use totals::{Finding, MAX_LINES, Rule, TaxSubtotal, Totals, check, compute};
pub use view::{DocumentView, Seen, Viewer, ViewerKind, see};
pub use viewed::{SalesDocumentViewed, viewed_event};

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;
