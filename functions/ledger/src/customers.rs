//! Customers: the ledger reports them with their contacts, and reads them back.

use api::{Answer, Api, ApiResult, Body, Machine, Path, Problem, clock, scope};
use axum::extract::State;
use domain::{
    CompanyId, ContactId, Currency, Email, Locale, Name, Reference,
    customer::{
        Address, Contact, ContactDetails, Customer, CustomerDetails, CustomerReport, CustomerStatus, PaymentTermsDays,
        Phone, RecordError, VatNumber, record,
    },
    ledger_report::{ReportError, ReportVersion},
};
use serde::{Deserialize, Serialize};
use store::retry_on_conflict;
use utoipa::ToSchema;

use crate::{
    Which,
    report::{self, Stored},
};

/// A customer as it is stored: as the ledger reported it, or as people changed it since.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerCustomer {
    reference: Reference,
    name: Name,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<Email>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<Locale>,
    currency: Currency,
    #[serde(skip_serializing_if = "Option::is_none")]
    vat_number: Option<VatNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    billing_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery_address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_terms_days: Option<PaymentTermsDays>,
    status: CustomerStatus,
    /// How many contacts it has.
    contact_count: u16,
    /// Your version of what you reported last, if you gave one.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<ReportVersion>,
}

/// One customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LedgerCustomerResponse {
    customer: LedgerCustomer,
}

impl From<Customer> for LedgerCustomerResponse {
    fn from(customer: Customer) -> Self {
        let CustomerDetails {
            name,
            email,
            language,
            currency,
            vat_number,
            billing_address,
            delivery_address,
            payment_terms_days,
        } = customer.details;
        let customer = LedgerCustomer {
            reference: customer.reference,
            name,
            email,
            language,
            currency,
            vat_number,
            billing_address,
            delivery_address,
            payment_terms_days,
            status: customer.status,
            contact_count: customer.contact_count,
            version: customer.report_version,
        };
        Self { customer }
    }
}

/// A customer as it is stored after a report.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerReportResponse {
    #[serde(flatten)]
    stored: LedgerCustomerResponse,
    /// Whether the report was applied; `false` for a report that is older than the stored one, which changed nothing.
    applied: bool,
}

/// A person at a customer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutCustomerContact {
    name: Name,
    /// Their address: it names the contact within the customer.
    #[serde(deserialize_with = "domain::text::deliverable_email")]
    email: Email,
    #[serde(default)]
    phone: Option<Phone>,
    /// What they do at the customer.
    #[serde(default)]
    job_title: Option<Name>,
    /// The language of letters to them; the customer's otherwise.
    #[serde(default)]
    language: Option<Locale>,
}

/// A complete customer: it replaces the stored one, but for the contacts that it does not name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PutCustomer {
    name: Name,
    /// Its own address for documents; contacts have theirs.
    #[serde(default, deserialize_with = "domain::text::deliverable_email_if_any")]
    email: Option<Email>,
    /// The language of its documents and letters.
    #[serde(default)]
    language: Option<Locale>,
    /// The currency of its documents, unless one says another.
    currency: Currency,
    /// With the country's prefix. Its shape is checked, not whether it is in use.
    #[serde(default)]
    vat_number: Option<VatNumber>,
    #[serde(default)]
    billing_address: Option<Address>,
    #[serde(default)]
    delivery_address: Option<Address>,
    /// After how many days its invoices are due.
    #[serde(default)]
    payment_terms_days: Option<PaymentTermsDays>,
    /// Whether it is archived. Default: as it is.
    #[serde(default)]
    archived: Option<bool>,
    /// Contacts to add, or to change where the customer has one with the address. Others stay.
    #[serde(default)]
    #[schema(max_items = 40)]
    contacts: Vec<PutCustomerContact>,
    /// Your version of this state, which grows with each change. A report with an older one changes nothing, and one
    /// with the same version must have the same content. A report without a version is always applied.
    #[serde(default)]
    version: Option<ReportVersion>,
}

impl PutCustomer {
    fn into_report(self) -> CustomerReport {
        let details = CustomerDetails {
            name: self.name,
            email: self.email,
            language: self.language,
            currency: self.currency,
            vat_number: self.vat_number,
            billing_address: self.billing_address,
            delivery_address: self.delivery_address,
            payment_terms_days: self.payment_terms_days,
        };
        let contacts = self.contacts.into_iter().map(|contact| ContactDetails {
            name: contact.name,
            email: contact.email,
            phone: contact.phone,
            job_title: contact.job_title,
            language: contact.language,
        });
        CustomerReport { details, archived: self.archived, contacts: contacts.collect() }
    }
}

/// Creates a customer from the ledger, or updates one, with up to 40 of its contacts.
///
/// A report whose `version` is older than the stored one changes nothing and is answered with the stored customer and
/// `applied: false`; one version with two contents is a conflict that names the field. What people changed since a
/// version was reported stays when it is repeated, and is replaced by a newer one.
#[utoipa::path(put, path = "/v1/ledger/companies/{company}/customers/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)), request_body = PutCustomer,
    responses((status = 201, body = CustomerReportResponse), (status = 200, body = CustomerReportResponse)))]
pub(crate) async fn put_customer(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
    body: Body<PutCustomer>,
) -> ApiResult {
    let authority = ledger.authority(company.clone());
    let version = body.value.version;
    let report = body.value.into_report();
    if report.contacts.len() > CustomerReport::MAX_CONTACTS {
        let most = CustomerReport::MAX_CONTACTS;
        return Err(Problem::field("contacts", format!("must hold at most {most} contacts")).into());
    }
    retry_on_conflict(|| async {
        let (known, at_addresses) = api
            .store
            .load(&authority, ledger.now, |tenant| {
                let addresses = report.contacts.iter().map(|contact| tenant.contact_at(&reference, &contact.email));
                (tenant.customer(&reference), addresses.collect::<Vec<_>>())
            })
            .await?;
        let ids: Vec<ContactId> = at_addresses.into_iter().flatten().map(|at| at.contact).collect();
        let contacts: Vec<Contact> = if ids.is_empty() {
            Vec::new()
        } else {
            let wanted =
                |tenant: &store::Tenant| ids.iter().map(|id| tenant.contact(&reference, id)).collect::<Vec<_>>();
            api.store.load(&authority, ledger.now, wanted).await?.into_iter().flatten().collect()
        };
        let expected = known.as_ref().map(|known| known.version);
        let status = known.as_ref().map_or(CustomerStatus::Active, |known| known.status);
        let next_id = || ContactId::from_uuid(clock::new_uuid());
        let (outcome, writes) =
            record((&company, &reference), (known, &contacts), (&report, version), next_id, ledger.now)
                .map_err(|error| refusal(error, status))?;
        let mut change = api.store.change(&authority, ledger.change_context());
        for write in &writes {
            change.put_contact(write.before.as_ref(), &write.after);
        }
        let Stored { stored, is_new, applied } =
            report::store(change, |tenant| tenant.customer(&reference), expected, outcome).await?;
        Ok(Answer::put(is_new, &CustomerReportResponse { stored: stored.into(), applied })?)
    })
    .await
}

fn refusal(error: ReportError<RecordError>, status: CustomerStatus) -> Problem {
    match error {
        ReportError::VersionReused { ref field } => report::reused(&error, field, status.as_str()),
        ReportError::Refused(RecordError::Contacts(error)) => Problem::field("contacts", error),
        ReportError::Refused(RecordError::SameAddress { index }) => {
            Problem::field(&format!("contacts[{index}].email"), "is the address of another contact in this report")
        }
    }
}

/// Shows a customer as it is stored.
#[utoipa::path(get, path = "/v1/ledger/companies/{company}/customers/{reference}",
    params(("company" = CompanyId, Path), ("reference" = Reference, Path)),
    responses((status = 200, body = LedgerCustomerResponse)))]
pub(crate) async fn get_ledger_customer(
    State(api): State<Api>,
    ledger: Machine<scope::Ledger>,
    Path((company, reference)): Which,
) -> ApiResult {
    let authority = ledger.authority(company);
    let customer = api.store.load(&authority, ledger.now, |tenant| tenant.customer(&reference)).await?;
    let customer = customer.ok_or_else(Problem::not_found)?;
    Answer::ok(&LedgerCustomerResponse::from(customer))
}
