//! The letters about an event, and their recipients.
//!
//! The declaration of an event type says whether there is a letter about it; [`about`] has an arm for each of
//! those, and no other. The words are in `mail`, the recipients are found in [`crate::recipients`].

use domain::{Event, EventWithLetter, threshold::Crossing};

use crate::{Notify, error::NotifyError, outgoing::Outgoing};

mod access_changes;
mod access_requests;
mod approvals;
mod bank_accounts;
mod comments;
mod connections;
mod document_links;
mod document_requests;
mod forecasts;
mod invitations;
mod invoice_reminders;
mod ledger_facts;
mod payments;
mod publications;
mod removals;
mod sales_documents;
mod signups;
mod statements;
mod views;

/// The letters about an event.
pub(crate) async fn about(notify: &Notify, event: &Event) -> Result<Vec<Outgoing>, NotifyError> {
    use EventWithLetter as With;
    let Some(payload) = With::of(event)? else { return Ok(Vec::new()) };
    match payload {
        With::InvitationCreated(it) | With::InvitationResent(it) => {
            invitations::letter(notify, event, it.generation, false).await
        }
        With::InvitationReminded(it) => invitations::letter(notify, event, it.generation, true).await,
        With::ApprovalRequested(it) => approvals::requested(notify, event, &it).await,
        With::ApprovalDecided(it) => approvals::decided(notify, event, &it).await,
        With::ApprovalWithdrawn(it) => approvals::withdrawn(notify, event, &it).await,
        With::ApprovalPolicyChanged(it) => approvals::policy_changed(notify, event, &it).await,
        With::PaymentSucceeded(it) => payments::received(notify, event, &it).await,
        With::InvoicePaid(it) => payments::paid_elsewhere(notify, event, &it).await,
        With::PaymentRefunded(it) => payments::refunded(notify, event, &it).await,
        With::PaymentDisputed(it) => payments::disputed(notify, event, &it).await,
        With::BalanceBelowThreshold(it) => bank_accounts::crossed(notify, event, Crossing::Below, &it).await,
        With::BalanceRecovered(it) => bank_accounts::crossed(notify, event, Crossing::Recovered, &it).await,
        With::ForecastBelowThreshold(it) => forecasts::crossed(notify, event, Crossing::Below, &it).await,
        With::ForecastRecovered(it) => forecasts::crossed(notify, event, Crossing::Recovered, &it).await,
        With::MemberRemoved(_) | With::StaffRemoved(_) => removals::ended(notify, event).await,
        With::AssignmentRemoved(it) => removals::assignment_removed(notify, event, &it).await,
        With::ContactAccessEnded(it) => removals::contact_access_ended(notify, event, &it).await,
        With::MemberChanged(it) => access_changes::member_changed(notify, event, &it).await,
        With::StaffChanged(it) => access_changes::staff_changed(notify, event, &it).await,
        With::AssignmentChanged(it) => access_changes::assignment_changed(notify, event, &it).await,
        With::ConnectionChanged(it) => access_changes::connection_changed(notify, event, &it).await,
        With::ConnectionStarted(it) => connections::started(notify, event, &it).await,
        With::ConnectionEnded(it) => connections::ended(notify, event, &it).await,
        With::AccessRequested(it) => access_requests::requested(notify, event, it).await,
        With::AccessGranted(it) | With::AccessRefused(it) => access_requests::decided(notify, event, it).await,
        With::InvoiceSent(it) => sales_documents::invoice_sent(notify, event, &it).await,
        With::InvoiceReminded(it) => invoice_reminders::reminded(notify, event, &it).await,
        With::CreditNoteSent(it) => sales_documents::credit_note_sent(notify, event, &it).await,
        With::EstimateSent(it) | With::EstimateReworked(it) => sales_documents::estimate_sent(notify, event, &it).await,
        With::EstimateDecided(it) => sales_documents::estimate_decided(notify, event, &it).await,
        With::EstimateDecisionUndone(it) => sales_documents::decision_undone(notify, event, &it).await,
        With::SalesDocumentViewed(it) => views::viewed(notify, event, &it).await,
        With::SalesDocumentResent(it) => sales_documents::sent_again(notify, event, &it).await,
        With::StatementSent(it) => statements::sent(notify, event, &it).await,
        With::CommentAdded(it) => comments::added(notify, event, &it).await,
        With::DocumentLinkMade(it) => document_links::letter(notify, event, it.generation, true).await,
        With::DocumentLinkRenewed(it) => document_links::letter(notify, event, it.generation, false).await,
        With::DocumentRequestMade(it) => document_requests::requested(notify, event, &it.asked_of).await,
        With::DocumentRequestChanged(it) => document_requests::requested(notify, event, &it.added).await,
        With::DocumentRequestReminded(it) => document_requests::reminded(notify, event, &it).await,
        With::DocumentRequestFulfilled(it) => document_requests::received(notify, event, &it).await,
        With::DocumentRequestSentBack(it) => document_requests::sent_back(notify, event, &it).await,
        With::AccountsPublished(_) => publications::published(notify, event).await,
        With::VatReturnFiled(it) | With::VatReturnDue(it) | With::PayrollReady(it) => {
            ledger_facts::stated(notify, event, &it).await
        }
        With::ReferralRegistered(it) => signups::client_registered(notify, event, &it).await,
    }
}
