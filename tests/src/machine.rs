//! The ledger: a machine client with its own credentials and scope, and what it pushes.

use serde_json::{Value, json};

use crate::Kit;
use crate::http::{Answer, Bearer};

/// The ledger, signed in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ledger {
    /// Its access token, with the scope `countersign/ledger`.
    pub access_token: String,
}

impl Bearer for Ledger {
    fn token(&self) -> &str {
        &self.access_token
    }

    fn called(&self) -> &'static str {
        "the ledger"
    }
}

impl Ledger {
    /// Exchanges the client's credentials for a token.
    ///
    /// # Panics
    /// When the identity provider refuses.
    pub async fn sign_in(kit: &Kit) -> Self {
        let stack = &kit.stack;
        let client = (stack.ledger_client_id.as_str(), stack.ledger_client_secret.as_str());
        Self { access_token: token(kit, client, "countersign/ledger").await }
    }

    /// Puts an object of a company: `kind` is `customers`, `transactions`, `invoices`, `credit-notes`, `estimates`,
    /// `bank-accounts`, `facts` or `reports`. The customer of a sales document is put before it.
    pub async fn put(&self, kit: &Kit, company: &str, kind: &str, reference: &str, body: Value) -> Answer {
        if let Some(CUSTOMER) = body.get("customer").and_then(Value::as_str) {
            let known = customer(CUSTOMER_NAME);
            kit.api.put(&path(company, "customers", CUSTOMER)).by(self).json(known).send().await;
        }
        kit.api.put(&path(company, kind, reference)).by(self).json(body).send().await
    }

    /// Reads an object back.
    pub async fn read(&self, kit: &Kit, company: &str, kind: &str, reference: &str) -> Answer {
        kit.api.get(&path(company, kind, reference)).by(self).send().await
    }

    /// Pushes an invoice of `total_minor` and answers it.
    pub async fn invoice(&self, kit: &Kit, company: &str, reference: &str, total_minor: i64) -> Value {
        let answer = self.put(kit, company, "invoices", reference, invoice(reference, total_minor)).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
        answer.json()
    }

    /// Pushes an estimate of `total_minor` and answers it.
    pub async fn estimate(&self, kit: &Kit, company: &str, reference: &str, total_minor: i64) -> Value {
        let answer = self.put(kit, company, "estimates", reference, estimate(reference, total_minor)).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
        answer.json()
    }

    /// Pushes a payment of `amount_minor` that someone prepared and answers it.
    pub async fn transaction(
        &self,
        kit: &Kit,
        company: &str,
        reference: &str,
        amount_minor: i64,
        prepared_by: Option<&str>,
    ) -> Value {
        let answer = self.put(kit, company, "transactions", reference, transaction(amount_minor, prepared_by)).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
        answer.json()
    }

    /// Pushes a bank balance and answers it.
    pub async fn balance(&self, kit: &Kit, company: &str, reference: &str, balance_minor: i64) -> Value {
        let answer = self.put(kit, company, "bank-accounts", reference, bank_account(balance_minor)).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
        answer.json()
    }

    /// Pushes version `version` of a profit and loss of October 2026 and answers it.
    pub async fn report(&self, kit: &Kit, company: &str, reference: &str, version: u64, profit_minor: i64) -> Value {
        let answer = self.put(kit, company, "reports", reference, report(version, profit_minor)).await;
        assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
        answer.json()
    }
}

/// A module that the vendor's own product hosts, signed in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Module {
    /// Its access token, with the scope `countersign/authorize`.
    pub access_token: String,
}

impl Bearer for Module {
    fn token(&self) -> &str {
        &self.access_token
    }

    fn called(&self) -> &'static str {
        "a module"
    }
}

impl Module {
    /// Exchanges the client's credentials for a token.
    ///
    /// # Panics
    /// When the identity provider refuses.
    pub async fn sign_in(kit: &Kit) -> Self {
        let stack = &kit.stack;
        let client = (stack.modules_client_id.as_str(), stack.modules_client_secret.as_str());
        Self { access_token: token(kit, client, "countersign/authorize").await }
    }
}

/// The access token of a machine client, by its id and secret.
async fn token(kit: &Kit, (id, secret): (&str, &str), scope: &str) -> String {
    let answer = kit
        .http
        .post(&kit.stack.token_url)
        .basic_auth(id, Some(secret))
        .form(&[("grant_type", "client_credentials"), ("scope", scope)])
        .send()
        .await
        .unwrap_or_else(|e| panic!("the token endpoint does not answer: {e}"));
    let status = answer.status();
    let body: Value = answer.json().await.unwrap_or(Value::Null);
    let token = body.get("access_token").and_then(Value::as_str);
    token.unwrap_or_else(|| panic!("no machine token: {status} {body}")).to_owned()
}

/// Pushes a customer of this name as the ledger and answers it.
///
/// # Panics
/// When the ledger is refused.
pub async fn push_customer(kit: &Kit, company: &str, reference: &str, name: &str) -> Value {
    let answer = Ledger::sign_in(kit).await.put(kit, company, "customers", reference, customer(name)).await;
    assert!((200..300).contains(&answer.status), "{}: {} {}", answer.line, answer.status, answer.text());
    answer.json()
}

/// A customer as the ledger pushes it.
#[must_use]
pub fn customer(name: &str) -> Value {
    json!({
        "name": name, "currency": "EUR", "language": "pt", "vat_number": "PT509442013", "payment_terms_days": 30,
        "billing_address": { "line1": "Rua das Flores 1", "city": "Porto", "postal_code": "4000-001", "country": "PT" },
    })
}

/// The customer of the sales documents that tests push.
pub const CUSTOMER: &str = "CUS-1";
/// What it is called.
pub const CUSTOMER_NAME: &str = "Nordwind Supplies";

/// A sales document of one line without tax, as the ledger pushes it.
fn document(number: &str, total_minor: i64) -> Value {
    let price = format!("{}.{:02}", total_minor / 100, total_minor % 100);
    json!({
        "number": number, "customer": CUSTOMER, "currency": "EUR", "issued_on": "2026-11-01",
        "total_minor": total_minor,
        "lines": [{
            "description": "Shelving for the second shop", "quantity": "1", "unit_price": price,
            "tax_category": "exempt", "net_minor": total_minor,
        }],
        "taxes": [{ "tax_category": "exempt", "taxable_minor": total_minor, "tax_minor": 0 }],
        "totals": {
            "lines_minor": total_minor, "net_minor": total_minor, "tax_minor": 0, "gross_minor": total_minor,
        },
    })
}

/// A sales document as a person writes it, of one line without tax.
#[must_use]
pub fn written(reference: &str, total_minor: i64) -> Value {
    let price = format!("{}.{:02}", total_minor / 100, total_minor % 100);
    json!({
        "reference": reference, "number": format!("W-{reference}"), "customer": CUSTOMER, "issued_on": "2026-11-01",
        "lines": [{
            "description": "Shelving", "quantity": "1", "unit_price": price, "tax_category": "exempt",
        }],
    })
}

/// An invoice as the ledger pushes it.
#[must_use]
pub fn invoice(reference: &str, total_minor: i64) -> Value {
    let mut body = document(&format!("No. {reference}"), total_minor);
    body["due_on"] = json!("2027-12-01");
    body["description"] = json!("Shelving for the second shop");
    body
}

/// A credit note as the ledger pushes it, for one invoice.
#[must_use]
pub fn credit_note(reference: &str, total_minor: i64, invoice: &str, applied_minor: i64) -> Value {
    let mut body = document(&format!("C-{reference}"), total_minor);
    body["applied_to"] = json!([{ "invoice": invoice, "amount_minor": applied_minor }]);
    body
}

/// An estimate as the ledger pushes it.
#[must_use]
pub fn estimate(reference: &str, total_minor: i64) -> Value {
    let mut body = document(&format!("E-{reference}"), total_minor);
    body["due_on"] = json!("2027-12-01");
    body["valid_until"] = json!("2027-12-31");
    body
}

/// A payment as the ledger pushes it.
#[must_use]
pub fn transaction(amount_minor: i64, prepared_by: Option<&str>) -> Value {
    json!({
        "kind": "payment", "payee": "Nordwind Supplies", "amount_minor": amount_minor, "currency": "EUR",
        "description": "Shelving for the second shop", "prepared_by": prepared_by,
    })
}

/// A bank balance as the ledger pushes it.
#[must_use]
pub fn bank_account(balance_minor: i64) -> Value {
    let as_of = format!("{:.3}", jiff::Timestamp::now());
    json!({ "name": "Current account", "currency": "EUR", "balance_minor": balance_minor, "as_of": as_of })
}

/// A profit and loss of October 2026, beside September and October of the year before, as the ledger pushes it.
#[must_use]
pub fn report(version: u64, profit_minor: i64) -> Value {
    let month = |key: &str, kind: &str, from: &str, to: &str| json!({ "key": key, "title": key, "kind": kind, "from": from, "to": to });
    let line = |label: &str, account: &str, values: Value| json!({ "label": label, "kind": "line", "account": account, "values_minor": values });
    let costs = 150_000 - profit_minor;
    json!({ "version": version, "report": {
        "kind": "profit_and_loss", "title": "Ergebnisrechnung", "basis": "accrual", "currency": "EUR",
        "columns": [
            month("2026-10", "actual", "2026-10-01", "2026-10-31"),
            month("2026-09", "comparison", "2026-09-01", "2026-09-30"),
            month("2025-10", "comparison", "2025-10-01", "2025-10-31"),
        ],
        "rows": [
            { "label": "Erlöse", "kind": "section", "rows": [
                line("Umsatz", "8400", json!([125_000, 100_000, 90_000])),
                line("Dienste", "8500", json!([25_000, null, 10_000])),
                { "label": "Summe", "kind": "subtotal", "role": "income", "values_minor": [150_000, 100_000, 100_000] },
            ] },
            line("Kosten", "4000", json!([costs, 40_000, 35_000])),
            { "label": "Ergebnis", "kind": "total", "role": "net_profit", "values_minor": [profit_minor, 60_000, 65_000] },
        ],
    } })
}

/// A cashflow forecast whose closing cash is `lowest_minor` on 30 September 2026, and 7.00 more a month later.
#[must_use]
pub fn forecast(version: u64, lowest_minor: i64) -> Value {
    let mut body = report(version, 0);
    body["report"]["kind"] = json!("cashflow_forecast");
    for column in 0..3 {
        body["report"]["columns"][column]["kind"] = json!("forecast");
    }
    let values = json!([lowest_minor + 700, lowest_minor, null]);
    body["report"]["rows"] =
        json!([{ "label": "Kasse", "kind": "total", "role": "cash_closing", "values_minor": values }]);
    body
}

/// A balance sheet of 2,000 rows and as many columns as asked for, the most a report may have being 24.
#[must_use]
pub fn large_report(version: u64, columns: u32) -> Value {
    let column = |n: u32| json!({ "key": format!("c{n}"), "title": format!("Column {n}"), "kind": "actual", "at": format!("2026-10-{n:02}") });
    let row = |row: u32| {
        let values: Vec<u32> = (0..columns).map(|column| row * 100 + column).collect();
        json!({ "label": format!("Konto Ä {row}"), "kind": "line", "values_minor": values })
    };
    json!({ "version": version, "report": {
        "kind": "balance_sheet", "title": "Bilanz", "currency": "EUR",
        "columns": (1..=columns).map(column).collect::<Vec<Value>>(), "rows": (0..2_000).map(row).collect::<Vec<Value>>(),
    } })
}

fn path(company: &str, kind: &str, reference: &str) -> String {
    format!("/v1/ledger/companies/{company}/{kind}/{reference}")
}

/// The vendor's system that keeps referrals and subscriptions, signed in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Vendor {
    /// Its access token, with the scope `countersign/referrals`.
    pub access_token: String,
}

impl Bearer for Vendor {
    fn token(&self) -> &str {
        &self.access_token
    }

    fn called(&self) -> &'static str {
        "the vendor"
    }
}

impl Vendor {
    /// Exchanges the client's credentials for a token.
    ///
    /// # Panics
    /// When the identity provider refuses.
    pub async fn sign_in(kit: &Kit) -> Self {
        let stack = &kit.stack;
        let client = (stack.ledger_client_id.as_str(), stack.ledger_client_secret.as_str());
        Self { access_token: token(kit, client, "countersign/referrals").await }
    }
}
