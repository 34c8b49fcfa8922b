//! Records what the ledger or a person says of an estimate.

use super::{
    event::EstimatePayload,
    state::{Estimate, EstimateError, EstimateState, EstimateTerms},
};
use crate::{
    event::{EventData, NewEvent, kinds},
    id::{CompanyId, UserId},
    ledger_report::Recording,
    sales::DocumentSource,
    text::Reference,
    time::UtcTime,
};

/// What an estimate is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EstimateReport {
    /// Its content, with all lines.
    pub terms: EstimateTerms,
    /// Whether it stays a draft.
    pub is_draft: bool,
    /// Whether it is sent again although the content is the one that was declined.
    pub again: bool,
    /// Who says so.
    pub source: DocumentSource,
    /// The person who sends it, if one does.
    pub by: Option<UserId>,
    /// When.
    pub at: UtcTime,
}

/// Records an estimate, or a change to one that is a draft, open or declined. A change of what was sent makes a new
/// revision that is open.
///
/// # Errors
/// [`EstimateError`].
pub fn record(
    company: &CompanyId,
    reference: &Reference,
    known: Option<Estimate>,
    report: EstimateReport,
) -> Result<Recording<Estimate>, EstimateError> {
    let EstimateReport { terms, is_draft, again, source, by, at } = report;
    let content_digest = terms.content_digest();
    let Some(known) = known else {
        let mut estimate = Estimate {
            company: company.clone(),
            reference: reference.clone(),
            terms,
            state: EstimateState::Draft,
            source,
            revision: 0,
            content_digest,
            line_parts: 0,
            sent_at: None,
            sent_by: None,
            viewed: None,
            decision: None,
            earlier_decisions: Vec::new(),
            invoice: None,
            report_version: None,
            version: 1,
        };
        if !is_draft {
            estimate.send(by, at);
        }
        let event = estimate.recorded(!is_draft);
        return Ok(Recording::Recorded(estimate, event));
    };
    if known.source == DocumentSource::Ledger && source == DocumentSource::Staff {
        return Err(EstimateError::LedgerKeeps);
    }
    let same_content = known.content_digest == content_digest;
    let was_draft = known.state == EstimateState::Draft;
    if same_content && was_draft == is_draft && known.source == source && !again {
        return Ok(Recording::Unchanged(known));
    }
    match known.state {
        EstimateState::Accepted | EstimateState::Invoiced => return Err(EstimateError::Decided(known.state)),
        EstimateState::Open | EstimateState::Declined if is_draft => return Err(EstimateError::Sent),
        EstimateState::Open | EstimateState::Declined if terms.content.customer != known.terms.content.customer => {
            return Err(EstimateError::OtherCustomer);
        }
        EstimateState::Draft | EstimateState::Open | EstimateState::Declined => {}
    }
    let mut changed = Estimate {
        terms,
        source,
        line_parts: if same_content { known.line_parts } else { 0 },
        content_digest,
        version: known.version + 1,
        ..known
    };
    let is_sent = !is_draft && (was_draft || again || !same_content);
    if is_sent {
        changed.send(by, at);
    }
    let event = changed.recorded(is_sent);
    Ok(Recording::Recorded(changed, event))
}

impl Estimate {
    fn recorded(&self, is_sent: bool) -> NewEvent {
        let kind: fn(EstimatePayload) -> EventData = match (is_sent, self.revision) {
            (false, _) => kinds::EstimateRecorded::of,
            (true, ..=1) => kinds::EstimateSent::of,
            (true, _) => kinds::EstimateReworked::of,
        };
        self.event(kind)
    }
}
