//! The table of event types: each is declared here, once.
//!
//! From this table come [`EventType`](super::EventType) and [`kinds`](super::kinds), and above the modules that record
//! events [`EventPayload`](super::EventPayload) and [`EventWithLetter`](super::EventWithLetter), the catalogue and the
//! schemas in `docs/`, and the coverage of the tests. A row has, in this order: the variant and its payload type,
//! the name on the wire, the version of the payload, where it happens, what kind of thing it is about, what
//! happened, and to whom a letter about it goes, if one does.
//!
//! A payload type is written as a path from the crate's root. `payload.rs` expands the table with these paths, so
//! that the modules which define the types can use `kind.rs`, which expands it without them.
//!
//! A payload that was written once is read for years. So a field may be added if it may be absent; when a
//! field is removed or changes its meaning, raise the version and keep reading the older one. The recorded
//! examples in `docs/events.schema.json` show what was written.

/// Hands the table to a macro: one row per event type.
macro_rules! event_types {
    ($then:ident) => {
        $then! {
            CompanyRegistered(team::CompanyRegistered): "company.registered" version 1, Company, "company",
                "A company was registered, with its first owner.";
            FirmRegistered(team::FirmRegistered): "firm.registered" version 1, Firm, "firm",
                "A firm was registered, with its first admin.";
            CompanyUpdated(org_details::CompanyUpdated): "company.updated" version 1, Company, "company",
                "A company's name or time zone changed.";
            FirmUpdated(org_details::FirmUpdated): "firm.updated" version 1, Firm, "firm",
                "A firm's name or main address changed. The address is cleared when the admin whose it is leaves or is \
                demoted.";
            ContextEntered(context::ContextEntered): "context.entered" version 1, CompanyOrFirm, "context",
                "A person began to act in a company or firm. The subject is the session.";
            ContextLeft(context::ContextLeft): "context.left" version 1, CompanyOrFirm, "context",
                "A person stopped acting in a company or firm.";
            InvitationCreated(invitation::InvitationPayload): "invitation.created" version 1, CompanyOrFirm, "invitation",
                "An invitation was made. It belongs to the inviting side.",
                letter to "the invited address";
            InvitationResent(invitation::InvitationPayload): "invitation.resent" version 1, CompanyOrFirm, "invitation",
                "An invitation was sent again, with a new link; older links are dead.",
                letter to "the invited address";
            InvitationRevoked(invitation::InvitationPayload): "invitation.revoked" version 1, CompanyOrFirm, "invitation",
                "The inviting side withdrew an invitation.";
            InvitationAccepted(invitation::InvitationPayload): "invitation.accepted" version 1, CompanyOrFirm, "invitation",
                "The invitee accepted. `firm` or `company` names the organization that accepted.";
            InvitationRejected(invitation::InvitationPayload): "invitation.rejected" version 1, CompanyOrFirm, "invitation",
                "The invitee declined, perhaps with a `reason`.";
            InvitationDelivered(delivery::InvitationDeliveryPayload): "invitation.delivered" version 1, CompanyOrFirm, "invitation",
                "The recipient's server took the letter. At most once per generation; the actor is the machine `ses`.";
            InvitationBounced(delivery::InvitationDeliveryPayload): "invitation.bounced" version 1, CompanyOrFirm, "invitation",
                "The letter will never arrive. At most once per generation; the actor is the machine `ses`, or `notify` for \
                an address to which nothing is sent any more.";
            InvitationComplained(delivery::InvitationDeliveryPayload): "invitation.complained" version 1, CompanyOrFirm, "invitation",
                "The recipient called the letter spam. At most once per generation; the actor is the machine `ses`, or \
                `notify` for an address to which nothing is sent any more.";
            InvitationReminded(delivery::InvitationReminded): "invitation.reminded" version 1, CompanyOrFirm, "invitation",
                "A reminder of an unanswered invitation is due. At most once per generation.",
                letter to "the invited address, with the same link";
            MemberAdded(membership::MemberAdded): "member.added" version 1, Company, "member",
                "A person became a member of a company.";
            MemberChanged(team::MemberChanged): "member.changed" version 1, Company, "member",
                "A member's role, permissions or end changed.",
                letter to "the person, unless they changed it themselves or asked for it";
            MemberRemoved(team::MemberRemoved): "member.removed" version 1, Company, "member",
                "A membership ended. A member who left is the actor too.",
                letter to "the person, unless they left";
            StaffAdded(membership::StaffAdded): "staff.added" version 1, Firm, "staff",
                "A person joined a firm's staff.";
            StaffChanged(team::StaffChanged): "staff.changed" version 1, Firm, "staff",
                "The role or the end of a place on a firm's staff changed.",
                letter to "the person, unless they changed it themselves";
            StaffRemoved(team::StaffRemoved): "staff.removed" version 1, Firm, "staff",
                "A place on a firm's staff ended. A person who left is the actor too.",
                letter to "the person, unless they left";
            ConnectionStarted(membership::ConnectionStarted): "connection.started" version 1, Company, "connection",
                "A firm was connected to a company. The subject is the firm.",
                letter to "the company's members who manage its connections, but not the person who connected it";
            ConnectionEnded(team::ConnectionEnded): "connection.ended" version 1, Company, "connection",
                "A firm's connection to a company ended.",
                letter to "the company's members who manage its connections and the firm's staff who manage its clients, but not \
                the person who ended it";
            AssignmentChanged(team::AssignmentChanged): "assignment.changed" version 1, Company, "assignment",
                "A bookkeeper was assigned to a client, or what the assignment grants changed. The subject is the bookkeeper.",
                letter to "the bookkeeper, unless they changed it themselves or asked for it";
            AssignmentRemoved(team::AssignmentRemoved): "assignment.removed" version 1, Company, "assignment",
                "An assignment ended: by the firm or the bookkeeper (`actor.via` is `staff`), or by the company.",
                letter to "the bookkeeper, unless they ended it themselves";
            ContactAccessStarted(customer::ContactAccessStarted): "contact_access.started" version 1, Company, "contact",
                "A contact accepted and may use the portal of a customer.";
            ContactAccessEnded(customer::ContactAccessEnded): "contact_access.ended" version 1, Company, "contact",
                "A contact's access to the portal of a customer ended. A contact who left is the actor too.",
                letter to "the contact, unless they left";
            ConnectionChanged(team::ConnectionChanged): "connection.changed" version 1, Company, "connection",
                "What a firm may do in a company, or until when, changed.",
                letter to "the firm's staff who manage its clients, but not the person who changed it, nor where it was asked for";
            AccessRequested(access_request::AccessRequestPayload): "access.requested" version 1, CompanyOrFirm, "access_request",
                "Someone asked for more access, for a time. It happens in the firm for an assignment, else in the company.",
                letter to "those who may decide it, but not the person who asks: a company's members who manage its members \
                (for a member's request) or its connections (for a firm's), a firm's staff who manage the staff (for a \
                bookkeeper's)";
            AccessGranted(access_request::AccessRequestPayload): "access.granted" version 1, CompanyOrFirm, "access_request",
                "Access that was asked for was granted, all or part of it.",
                letter to "the person who asked";
            AccessRefused(access_request::AccessRequestPayload): "access.refused" version 1, CompanyOrFirm, "access_request",
                "Access that was asked for was refused.",
                letter to "the person who asked";
            AccessWithdrawn(access_request::AccessRequestPayload): "access.withdrawn" version 1, CompanyOrFirm, "access_request",
                "A request for access was withdrawn.";
            ApprovalRequested(approval::ApprovalPayload): "approval.requested" version 1, Company, "approval",
                "A transaction waits for a sign-off. The subject is the ledger's reference.",
                letter to "the company's members who may decide, but not the preparer";
            ApprovalWaived(approval::ApprovalPayload): "approval.waived" version 1, Company, "approval",
                "A transaction needs no sign-off by the company's policy.";
            ApprovalDecided(approval::ApprovalPayload): "approval.decided" version 1, Company, "approval",
                "Someone approved or rejected a transaction.",
                letter to "the preparer";
            ApprovalWithdrawn(approval::ApprovalPayload): "approval.withdrawn" version 1, Company, "approval",
                "The ledger took back a transaction that waited for a sign-off.",
                letter to "the company's members who may decide, but not the preparer";
            ApprovalPolicyChanged(approval::ApprovalPolicyChanged): "approval_policy.changed" version 1, Company, "approval_policy",
                "A company changed when its transactions need a sign-off.",
                letter to "the company's members who may decide";
            InvoiceRecorded(invoice::InvoiceRecorded): "invoice.recorded" version 1, Company, "invoice",
                "An invoice was drafted or changed and not sent anew, such as by a transfer that the ledger received.";
            InvoiceSent(invoice::InvoiceRecorded): "invoice.sent" version 1, Company, "invoice",
                "The customer has an invoice, or its changed content, from now on. `revision` counts them.",
                letter to "the customer's contacts who may see it";
            InvoicePaid(invoice::InvoicePaid): "invoice.paid" version 1, Company, "invoice",
                "An invoice became paid by what was received other than through the payment provider, such as a transfer. At most \
                once for each invoice.",
                letter to "the company's members who see payments";
            InvoiceVoided(invoice::InvoiceRecorded): "invoice.voided" version 1, Company, "invoice",
                "An invoice was withdrawn.";
            InvoiceReminded(invoice::InvoiceReminded): "invoice.reminded" version 1, Company, "invoice",
                "A reminder of an unpaid invoice is due. At most one for each of the company's reminder days.",
                letter to "the customer's contacts who may see it, and the addresses of its open hosted links";
            CreditNoteRecorded(credit_note::CreditNoteRecorded): "credit_note.recorded" version 1, Company, "credit_note",
                "A credit note was drafted, or what it applies to changed.";
            CreditNoteSent(credit_note::CreditNoteRecorded): "credit_note.sent" version 1, Company, "credit_note",
                "The customer has a credit note, or its changed content, from now on.",
                letter to "the customer's contacts who may see it";
            CreditNoteVoided(credit_note::CreditNoteRecorded): "credit_note.voided" version 1, Company, "credit_note",
                "A credit note was withdrawn.";
            EstimateRecorded(estimate::EstimatePayload): "estimate.recorded" version 1, Company, "estimate",
                "An estimate was drafted or changed and not sent.";
            EstimateSent(estimate::EstimatePayload): "estimate.sent" version 1, Company, "estimate",
                "The customer has an estimate from now on.",
                letter to "the customer's contacts who may see it";
            EstimateReworked(estimate::EstimatePayload): "estimate.reworked" version 1, Company, "estimate",
                "A sent estimate was changed and sent again: a new revision, which is open.",
                letter to "the customer's contacts who may see it";
            EstimateDecided(estimate::EstimateDecisionPayload): "estimate.decided" version 1, Company, "estimate",
                "A customer accepted or declined an estimate, or staff recorded that they did (`decision.by.via`).",
                letter to "the company's members who manage estimates, but not the person who recorded it";
            EstimateDecisionUndone(estimate::EstimateDecisionPayload): "estimate.decision_undone" version 1, Company, "estimate",
                "A mistaken decision was undone: the estimate is open again as a new revision.",
                letter to "the customer's contacts who may see it";
            EstimateInvoiced(estimate::EstimatePayload): "estimate.invoiced" version 1, Company, "estimate",
                "An invoice was made of an estimate.";
            DocumentLinkMade(sales::DocumentLinkPayload): "document_link.made" version 1, Company, "document_link",
                "Someone sent a sales document to a contact by a hosted link, which needs no sign-in.",
                letter to "the address of the link, with the link";
            DocumentLinkRenewed(sales::DocumentLinkPayload): "document_link.renewed" version 1, Company, "document_link",
                "The holder of an expired hosted link asked for a new one (`actor.via` is `link`).",
                letter to "the address of the link, with the new link";
            DocumentLinkRevoked(sales::DocumentLinkPayload): "document_link.revoked" version 1, Company, "document_link",
                "Someone ended a hosted link.";
            CustomerRecorded(customer::CustomerRecorded): "customer.recorded" version 1, Company, "customer",
                "The ledger sent a customer, or changed one or its contacts. The subject is the customer's reference.";
            CustomerAdded(customer::CustomerAdded): "customer.added" version 1, Company, "customer",
                "Someone added a customer.";
            CustomerChanged(customer::CustomerChanged): "customer.changed" version 1, Company, "customer",
                "Someone changed or archived a customer.";
            CustomerChangeRequested(customer::CustomerChangeRequested): "customer.change_requested" version 1, Company, "customer",
                "A contact asked to change their own or the customer's details, or took that back. The ledger reads and decides it.";
            CustomerChangeDecided(customer::CustomerChangeDecided): "customer.change_decided" version 1, Company, "customer",
                "A change that a contact asked for was accepted or refused. An accepted one changed the customer or the contact.";
            ContactAdded(customer::ContactAdded): "contact.added" version 1, Company, "contact",
                "Someone added a contact of a customer.";
            ContactChanged(customer::ContactChanged): "contact.changed" version 1, Company, "contact",
                "Someone changed a contact.";
            ContactRemoved(customer::ContactRemoved): "contact.removed" version 1, Company, "contact",
                "Someone removed a contact.";
            PortalSettingsChanged(customer::PortalSettingsChanged): "customer_portal.changed" version 1, Company, "customer_portal",
                "Someone changed what the contacts of a company's customers may do, or how the company shows itself to them. \
                The subject is the company.";
            SalesDocumentViewed(sales::SalesDocumentViewed): "sales_document.viewed" version 1, Company, "sales_document",
                "Somebody at a customer saw a content of a sales document for the first time. The subject is its reference.",
                letter to "the member who sent it, while they may see it and the company wants it";
            SalesDocumentResent(sales::SalesDocumentResent): "sales_document.resent" version 1, Company, "sales_document",
                "Someone sent a sales document again, as it is. The subject is its reference.",
                letter to "the customer's contacts who may see it";
            StatementSent(receivables::StatementSent): "statement.sent" version 1, Company, "customer",
                "Someone sent a customer a statement of account. The subject is the customer's reference.",
                letter to "the customer's contacts who may see statements";
            CommentAdded(comment::CommentAdded): "comment.added" version 1, Company, "comment",
                "Someone commented on a sales document or an uploaded document. The words stay with the comment.",
                letter to "the other side: the customer's contacts who may see the document and those who commented through a \
                hosted link that still opens it, or the company's members who may comment on it; and the people of \
                the company or of a firm whom it names and who see it. What is internal goes to no contact";
            DocumentDeclared(document::DocumentFile): "document.declared" version 1, Company, "document",
                "Someone declared a file: a new document, a new version, or one whose upload begins again.";
            DocumentReceived(document::DocumentFile): "document.received" version 1, Company, "document",
                "A declared file arrived, is what was declared, and is being scanned. The actor is the machine `inspect`.";
            DocumentRefused(document::DocumentRefused): "document.refused" version 1, Company, "document",
                "A file arrived and was refused. The actor is the machine `inspect`.";
            DocumentQuarantined(document::DocumentQuarantined): "document.quarantined" version 1, Company, "document",
                "The scan found a threat in a file or could not look into it. The actor is the machine `inspect`.";
            DocumentReleased(document::DocumentFile): "document.released" version 1, Company, "document",
                "The scan found no threat in a file: it can be downloaded. The actor is the machine `inspect`.";
            DocumentDownloaded(document::DocumentDownloaded): "document.downloaded" version 1, Company, "document",
                "Someone was given a link to a version of a document.";
            DocumentUpdated(document::DocumentUpdated): "document.updated" version 1, Company, "document",
                "The name or the kind of a document, or what it belongs to, changed.";
            DocumentDeleted(document::DocumentDeleted): "document.deleted" version 1, Company, "document",
                "Someone deleted a document, which can be restored for a time.";
            DocumentRestored(document::DocumentName): "document.restored" version 1, Company, "document",
                "Someone restored a deleted document.";
            DocumentPurged(document::DocumentName): "document.purged" version 1, Company, "document",
                "The files of a deleted document were removed for good, by the schedule `deleted_documents`.";
            DocumentHeld(document::DocumentName): "document.held" version 1, Company, "document",
                "Someone put a document under a legal hold. The reason stays with the document.";
            DocumentHoldLifted(document::DocumentName): "document.hold_lifted" version 1, Company, "document",
                "An owner lifted the legal hold of a document.";
            DocumentRequestMade(document_request::DocumentRequestPayload): "document_request.made" version 1, Company, "document_request",
                "Members of a company were asked for documents. The next request of a recurrence is made by the schedule \
                `document_requests`.",
                letter to "the members who are asked and may upload documents";
            DocumentRequestChanged(document_request::DocumentRequestPayload): "document_request.changed" version 1, Company, "document_request",
                "A request for documents was changed; by the schedule where nobody may ask for its recurrence any more.",
                letter to "the members whom the change added, who may upload documents";
            DocumentRequestFulfilled(document_request::DocumentRequestItemPayload): "document_request.fulfilled" version 1, Company, "document_request",
                "A document for an item of a request was received.",
                letter to "the person who asked, while they may ask";
            DocumentRequestAccepted(document_request::DocumentRequestItemPayload): "document_request.accepted" version 1, Company, "document_request",
                "The document of an item was accepted.";
            DocumentRequestSentBack(document_request::DocumentRequestItemPayload): "document_request.sent_back" version 1, Company, "document_request",
                "The document of an item was sent back: by a person, or by the inspection of its file.",
                letter to "the members who are asked and may upload documents";
            DocumentRequestCompleted(document_request::DocumentRequestPayload): "document_request.completed" version 1, Company, "document_request",
                "Each item of a request is accepted.";
            DocumentRequestReminded(document_request::DocumentRequestReminded): "document_request.reminded" version 1, Company, "document_request",
                "A reminder of missing documents is due. At most six for each due day.",
                letter to "the members who are asked and may upload documents";
            DocumentRequestOverdue(document_request::DocumentRequestPayload): "document_request.overdue" version 1, Company, "document_request",
                "The due day is over, and documents are missing. Once for each due day.";
            DocumentRequestWithdrawn(document_request::DocumentRequestPayload): "document_request.withdrawn" version 1, Company, "document_request",
                "A request for documents was withdrawn.";
            DocumentExportRequested(document_export::DocumentExportRequested): "document_export.requested" version 1, Company, "document_export",
                "Someone asked for an archive of documents.";
            DocumentExportFinished(document_export::DocumentExportFinished): "document_export.finished" version 1, Company, "document_export",
                "An archive of documents was written. The actor is the machine `zip`.";
            DocumentExportFailed(document_export::DocumentExportFailed): "document_export.failed" version 1, Company, "document_export",
                "An archive of documents could not be written. The actor is the machine `zip`.";
            DocumentExportDownloaded(document_export::DocumentExportFinished): "document_export.downloaded" version 1, Company, "document_export",
                "Someone was given a link to an archive of documents.";
            PaymentStarted(payment::PaymentPayload): "payment.started" version 1, Company, "payment",
                "Someone began to pay an invoice.";
            PaymentSucceeded(payment::PaymentPayload): "payment.succeeded" version 1, Company, "payment",
                "The money of a payment moved.",
                letter to "the company's members who see payments";
            PaymentFailed(payment::PaymentPayload): "payment.failed" version 1, Company, "payment",
                "A payment was given up, and its amount released.";
            PaymentRefunded(payment::PaymentRefunded): "payment.refunded" version 1, Company, "payment",
                "What the payment provider has refunded of a payment changed. The invoice is due again for the amount.",
                letter to "the company's members who manage payments or edit invoices, and the payer";
            PaymentDisputed(payment::PaymentDisputed): "payment.disputed" version 1, Company, "payment",
                "What the payment provider has withdrawn for disputes of a payment changed: a dispute was opened, or won.",
                letter to "the company's members who manage payments or edit invoices, and the payer";
            BankAccountRecorded(bank::BankAccountRecorded): "bank_account.recorded" version 1, Company, "bank_account",
                "A bank account shows another balance or name: by a report of the ledger, a statement of a bank, or a number that \
                was mapped to it.";
            ThresholdSet(bank::ThresholdSet): "threshold.set" version 1, Company, "bank_account",
                "The company's threshold of a bank account was set or cleared.";
            OwnThresholdsSet(threshold::OwnThresholdsSet): "own_thresholds.set" version 1, Company, "bank_account",
                "Someone set or cleared thresholds of a bank account for themselves.";
            BalanceBelowThreshold(bank::ThresholdCrossed): "balance.below_threshold" version 1, Company, "bank_account",
                "A balance fell below a threshold. Once per crossing; `user` is the person whose own threshold it is.",
                letter to "the company's members who manage thresholds, or the person whose threshold it is, while they see \
                bank balances";
            BalanceRecovered(bank::ThresholdCrossed): "balance.recovered" version 1, Company, "bank_account",
                "A balance that people were told of has recovered. Only where the threshold says so.",
                letter to "the company's members who manage thresholds, or the person whose threshold it is, while they see \
                bank balances";
            BankStatementRead(bank::BankStatementRead): "bank_statement.read" version 1, Company, "bank_statement",
                "A file of bank statements was read. The subject is the document; the actor is the machine `read-statements`.";
            BankStatementRefused(bank::BankStatementRefused): "bank_statement.refused" version 1, Company, "bank_statement",
                "A file of bank statements was refused. The subject is the document; the actor is the machine \
                `read-statements`.";
            BankAccountNumberUnknown(bank::BankAccountNumberUnknown): "bank_account_number.unknown" version 1, Company, "bank_account_number",
                "A statement brought a number of an account that was not seen before. Once for each number and currency.";
            BankAccountNumberMapped(bank::BankAccountNumberMapped): "bank_account_number.mapped" version 1, Company, "bank_account_number",
                "Someone said which bank account a number is. What was read of it counts for that account.";
            ReportRecorded(report::ReportRecorded): "report.recorded" version 1, Company, "report",
                "The ledger pushed a version of a report.";
            AccountsPublished(report::AccountsPublished): "accounts.published" version 1, Company, "publication",
                "The accounts of a month were published, or a publication of them corrected.",
                letter to "the company's members who see reports, but the publisher";
            ForecastThresholdsSet(threshold::OwnThresholdsSet): "forecast_thresholds.set" version 1, Company, "publication",
                "Someone set or cleared thresholds of the cashflow forecast for themselves. The subject is the publication of the \
                forecast.";
            ForecastBelowThreshold(report::ForecastCrossed): "forecast.below_threshold" version 1, Company, "publication",
                "The lowest point of the published cashflow forecast fell below a threshold. Once per crossing.",
                letter to "the person whose threshold it is, while they see reports";
            ForecastRecovered(report::ForecastCrossed): "forecast.recovered" version 1, Company, "publication",
                "The lowest point of which a person was told has recovered. Only where the threshold says so.",
                letter to "the person whose threshold it is, while they see reports";
            ClientNotificationSettingsChanged(notification::ClientNotificationSettingsChanged): "client_notification_settings.changed" version 1, Company, "company",
                "Someone changed which notifications are mailed to the people of a company who have not chosen themselves.";
            VatReturnFiled(ledger_fact::FactContent): "vat_return.filed" version 1, Company, "fact",
                "The ledger says that a VAT return was filed. The subject is the ledger's reference of the fact.",
                letter to "the company's members who see VAT returns";
            VatReturnDue(ledger_fact::FactContent): "vat_return.due" version 1, Company, "fact",
                "The ledger says by when a VAT return is to be filed and paid.",
                letter to "the company's members who see VAT returns";
            PayrollReady(ledger_fact::FactContent): "payroll.ready" version 1, Company, "fact",
                "The ledger says that a payroll is ready, and when it is paid.",
                letter to "the company's members who see payroll";
            ClientAdded(client::ClientAdded): "client.added" version 1, Firm, "client",
                "A firm put a client on its list.";
            ClientChanged(client::ClientChanged): "client.changed" version 1, Firm, "client",
                "A firm changed what it wrote down about a client.";
            ClientRemoved(client::ClientRemoved): "client.removed" version 1, Firm, "client",
                "A firm took a client off its list.";
            RegistrationLinkCreated(signup_source::SignupSourcePayload): "registration_link.created" version 1, Firm, "registration_link",
                "A firm made a registration link.";
            RegistrationLinkRevoked(signup_source::SignupSourcePayload): "registration_link.revoked" version 1, Firm, "registration_link",
                "A firm closed a registration link for good.";
            SignupCodeCreated(signup_source::SignupSourcePayload): "signup_code.created" version 1, Firm, "signup_code",
                "A firm made a signup code. The subject is its id, never the code.";
            SignupCodeRevoked(signup_source::SignupSourcePayload): "signup_code.revoked" version 1, Firm, "signup_code",
                "A firm closed a signup code for good.";
            ReferralAgreementSet(referral::ReferralAgreementSet): "referral_agreement.set" version 1, Firm, "referral_agreement",
                "The vendor set what a firm earns for a referral. The subject is the firm.";
            ReferralRegistered(referral::ReferralRegistered): "referral.registered" version 1, Firm, "referral",
                "A company registered through a firm. The subject is the company.",
                letter to "the firm's staff who manage its clients, if it was a link or code of the firm's own";
            ReferralChanged(referral::ReferralChanged): "referral.changed" version 1, Firm, "referral",
                "A referred company began to pay, or left.";
            BonusEarned(referral::BonusPayload): "bonus.earned" version 1, Firm, "bonus",
                "A referral earned a bonus. The subject is the company.";
            BonusReversed(referral::BonusPayload): "bonus.reversed" version 1, Firm, "bonus",
                "The bonus of a referral was taken back. The subject is the company.";
            BonusPaid(referral::BonusPayload): "bonus.paid" version 1, Firm, "bonus",
                "The vendor paid a firm. The subject is the payout's reference.";
            BillingChanged(billing::BillingChanged): "billing.changed" version 1, Company, "billing",
                "A company chose who pays for its subscription.";
            BillingOffered(billing::BillingOfferPayload): "billing.offered" version 1, Company, "billing_offer",
                "A firm offered to pay for a client. The subject is the firm.";
            BillingOfferWithdrawn(billing::BillingOfferPayload): "billing.offer_withdrawn" version 1, Company, "billing_offer",
                "A firm withdrew its offer to pay.";
            ExportRequested(export::ExportRequested): "export.requested" version 1, CompanyOrFirm, "export",
                "Someone asked for a file of the audit log.";
        }
    };
}

pub(super) use event_types;
