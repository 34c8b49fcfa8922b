//! What is measured: one request per line. Add a line to [`WORKLOADS`] and it is measured too.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{
    Kit,
    cast::{self, Contact, Context, FirmAdmin, Owner},
    document::operation_by_id,
    machine::{self, Ledger, Module},
    ordinary,
    people::{self, Person},
    runtime_api::HttpEvent,
    uploads::{self, Declared, Report},
};

use crate::replay::FRESH_KEY;

/// What a request is, which decides what is aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The yardstick: no table, no stack.
    Hello,
    /// It changes nothing.
    Read,
    /// It changes something.
    Mutation,
    /// A message of a queue, about which nobody waits.
    Message,
}

/// One request to one function, made again and again.
#[derive(Debug)]
pub(crate) struct Workload {
    /// The operation of `docs/openapi.json`; the yardstick and messages have none.
    operation: Option<&'static str>,
    pub(crate) kind: Kind,
    /// What it may answer; any other status ends the benchmark. A message has no status: it must not come again.
    pub(crate) statuses: &'static [u16],
    event: Event,
}

#[derive(Debug)]
enum Event {
    /// It needs nothing.
    Bare(fn() -> HttpEvent),
    /// The n-th request in a scene.
    InScene(fn(&Scene, u64) -> HttpEvent),
    /// A message of a queue: the function, what the report calls it, and its batch.
    Message(&'static str, &'static str, fn(&Scene) -> Value),
}

/// The yardstick.
pub(crate) const HELLO: Workload =
    Workload { operation: None, kind: Kind::Hello, statuses: &[200], event: Event::Bare(|| HttpEvent::get("/")) };

pub(crate) const WORKLOADS: &[Workload] = &[
    Workload {
        operation: Some("get_invoice"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.owner_asks(HttpEvent::get(&format!("/v1/invoices/{REFERENCE}")))),
    },
    Workload {
        operation: Some("show_dashboard"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            inside(HttpEvent::get("/v1/dashboard"), &scene.ordinary.person, &scene.ordinary.here)
        }),
    },
    // 2,000 rows.
    Workload {
        operation: Some("get_report"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.owner_asks(HttpEvent::get(&format!("/v1/reports/{BALANCE_SHEET}")))),
    },
    Workload {
        operation: Some("list_publications"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.owner_asks(HttpEvent::get("/v1/publications"))),
    },
    Workload {
        operation: Some("list_bank_account_balances"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            scene.owner_asks(HttpEvent::get(&format!("/v1/bank-accounts/{REFERENCE}/balances")))
        }),
    },
    Workload {
        operation: Some("list_members"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.owner_asks(HttpEvent::get("/v1/members"))),
    },
    Workload {
        operation: Some("list_clients"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.admin_asks(HttpEvent::get("/v1/clients"))),
    },
    Workload {
        operation: Some("list_documents"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.owner_asks(HttpEvent::get("/v1/documents"))),
    },
    Workload {
        operation: Some("declare_documents"),
        kind: Kind::Mutation,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            let file = json!({
                "name": "Receipt.pdf", "size_bytes": 1000, "file_type": "application/pdf", "kind": "receipt",
                "sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            });
            scene.owner_asks(HttpEvent::post("/v1/documents").json(&json!({ "documents": [file] })))
        }),
    },
    Workload {
        operation: Some("authorize"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            let question =
                json!({ "token": scene.owner.here.token, "permissions": ["payroll.manage", "journals.manage"] });
            signed_in(HttpEvent::post("/v1/authorize").json(&question), &scene.module.access_token)
                .scopes(&["countersign/authorize"])
        }),
    },
    Workload {
        operation: Some("decide_approval"),
        kind: Kind::Mutation,
        statuses: &[200],
        event: Event::InScene(|scene, nth| {
            let path = format!("/v1/approvals/{REFERENCE}/decision");
            scene.owner_does(HttpEvent::post(&path).json(&json!({ "decision": "approved" })), nth)
        }),
    },
    Workload {
        operation: Some("put_policy"),
        kind: Kind::Mutation,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            let policy = json!({ "enabled": true, "threshold_minor": 200_000, "currency": "EUR" });
            scene.owner_asks(HttpEvent::put("/v1/approval-policy").json(&policy))
        }),
    },
    Workload {
        operation: Some("create_invitation"),
        kind: Kind::Mutation,
        statuses: &[201],
        event: Event::InScene(|scene, nth| {
            let invitation = json!({ "kind": "member", "email": "invited@example.com", "role": "client" });
            scene.owner_does(HttpEvent::post("/v1/invitations").json(&invitation), nth)
        }),
    },
    Workload {
        operation: Some("show_customer_portal"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.contact_asks(HttpEvent::get("/v1/customer-portal"))),
    },
    Workload {
        operation: Some("list_customer_invoices"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| scene.contact_asks(HttpEvent::get("/v1/customer-portal/invoices"))),
    },
    Workload {
        operation: Some("get_customer_estimate"),
        kind: Kind::Read,
        statuses: &[200],
        event: Event::InScene(|scene, _nth| {
            scene.contact_asks(HttpEvent::get(&format!("/v1/customer-portal/estimates/{REFERENCE}")))
        }),
    },
    Workload {
        operation: Some("decide_customer_estimate"),
        kind: Kind::Mutation,
        statuses: &[200],
        event: Event::InScene(|scene, nth| {
            let path = format!("/v1/customer-portal/estimates/{REFERENCE}/decision");
            let decision = json!({ "decision": "accepted", "digest": scene.estimate_digest });
            scene.contact_does(HttpEvent::post(&path).json(&decision), nth)
        }),
    },
    Workload {
        operation: Some("comment_on_customer_invoice"),
        kind: Kind::Mutation,
        statuses: &[201],
        event: Event::InScene(|scene, nth| {
            let path = format!("/v1/customer-portal/invoices/{REFERENCE}/comments");
            scene.contact_does(HttpEvent::post(&path).json(&json!({ "text": "Which shop is this for?" })), nth)
        }),
    },
    Workload {
        operation: Some("put_transaction"),
        kind: Kind::Mutation,
        statuses: &[200, 201],
        event: Event::InScene(|scene, _nth| {
            let company = &scene.owner.company.id;
            let path = format!("/v1/ledger/companies/{company}/transactions/{REFERENCE}-2");
            let transaction = machine::transaction(1_000, None);
            signed_in(HttpEvent::put(&path).json(&transaction), &scene.ledger.access_token)
                .scopes(&["countersign/ledger"])
        }),
    },
    Workload {
        operation: None,
        kind: Kind::Message,
        statuses: &[],
        event: Event::Message("inspect", "an upload, both ends of it read", |scene| {
            let (declared, version) = &scene.uploaded;
            batch_of(&uploads::upload_message(&scene.kit, declared, version))
        }),
    },
    Workload {
        operation: None,
        kind: Kind::Message,
        statuses: &[],
        event: Event::Message("inspect", "the result of a scan", |scene| {
            let (declared, version) = &scene.uploaded;
            batch_of(&uploads::scan_message(&scene.kit, declared, version, "NO_THREATS_FOUND"))
        }),
    },
    // 2,000 rows and 24 columns: parsed, checked and stored.
    Workload {
        operation: Some("put_report"),
        kind: Kind::Mutation,
        statuses: &[200, 201],
        event: Event::InScene(|scene, _nth| {
            let company = &scene.owner.company.id;
            let path = format!("/v1/ledger/companies/{company}/reports/{REFERENCE}");
            let report = machine::large_report(1, 24);
            signed_in(HttpEvent::put(&path).json(&report), &scene.ledger.access_token).scopes(&["countersign/ledger"])
        }),
    },
];

/// What single requests are aimed at, besides what all of their kind are.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OwnAims {
    /// The most read units of a warm invocation.
    pub(crate) read_units: Option<u64>,
    /// The most CPU of a warm invocation, in place of a ratio: what it does grows with its body.
    pub(crate) warm_cpu: Option<Duration>,
}

/// A report of 2,000 rows and 24 columns is parsed, checked and stored in this time.
const REPORT_CPU_MAX: Duration = Duration::from_millis(20);
/// A photo that is longer than both its ends.
const PHOTO_BYTES: usize = 150_000;

const REFERENCE: &str = "BENCH-1";
const CUSTOMER: &str = "BENCH-CUS";
/// A report of 2,000 rows.
const BALANCE_SHEET: &str = "BENCH-BS";
/// A report that is published.
const PROFIT_AND_LOSS: &str = "BENCH-PL";
/// A context token lives ten minutes.
const RENEW_AFTER: Duration = Duration::from_secs(5 * 60);

/// The people and objects that the requests are about, made once through the deployed API.
#[derive(Debug)]
pub(crate) struct Scene {
    kit: Kit,
    owner: Owner,
    /// The owner of a company with as much in each module as its dashboard is measured with.
    ordinary: Owner,
    admin: FirmAdmin,
    contact: Contact,
    /// The digest of the estimate as the contact sees it.
    estimate_digest: String,
    ledger: Ledger,
    module: Module,
    /// A file whose upload and scan the deployed functions have not heard of, and the version of its object.
    uploaded: (Declared, String),
    entered_at: Instant,
}

impl Scene {
    /// Makes a company with an owner, a customer's contact, an invoice, an estimate, a payment that waits for a decision, and
    /// published accounts, and a firm.
    pub(crate) async fn set(kit: &Kit) -> Self {
        let owner = cast::owner(kit, "Bea Bench", "Bench Boutique").await;
        let ordinary = ordinary::company(kit).await;
        let admin = cast::firm_admin(kit, "Finn Bench", "Bench & Partners").await;
        let (ledger, module) = (Ledger::sign_in(kit).await, Module::sign_in(kit).await);
        cast::approval_policy(kit, &owner, 100_000).await;
        let company = &owner.company.id;
        cast::customer(kit, &owner, CUSTOMER, "Bench Buyers").await;
        let contact = cast::contact(kit, &owner, CUSTOMER, "Cleo Bench").await;
        for (kind, mut body) in
            [("invoices", machine::invoice(REFERENCE, 50_000)), ("estimates", machine::estimate(REFERENCE, 50_000))]
        {
            if let Some(members) = body.as_object_mut() {
                members.insert("customer".to_owned(), json!(CUSTOMER));
            }
            ledger.put(kit, company, kind, REFERENCE, body).await.ok(201);
        }
        let path = format!("/v1/customer-portal/estimates/{REFERENCE}");
        let shown = kit.api.get(&path).by(&contact.person).within(&contact.here).ok(200).await;
        let estimate_digest = cast::text(&shown, "/estimate/digest");
        ledger.transaction(kit, company, REFERENCE, 500_000, None).await;
        ledger.balance(kit, company, REFERENCE, 900_000).await;
        ledger.put(kit, company, "reports", BALANCE_SHEET, machine::large_report(1, 3)).await.ok(201);
        ledger.report(kit, company, PROFIT_AND_LOSS, 1, 110_000).await;
        let october = json!({ "month": "2026-10", "reports": [{ "reference": PROFIT_AND_LOSS, "version": 1 }] });
        kit.api.post("/v1/publications").by(&owner.person).within(&owner.here).json(october).ok(201).await;
        let uploaded = upload_in_silence(kit, &owner).await;
        let entered_at = Instant::now();
        Self {
            kit: kit.clone(),
            owner,
            ordinary,
            admin,
            contact,
            estimate_digest,
            ledger,
            module,
            uploaded,
            entered_at,
        }
    }

    /// Keeps the tokens of the scene valid.
    pub(crate) async fn keep_fresh(&mut self) {
        if self.entered_at.elapsed() < RENEW_AFTER {
            return;
        }
        for owner in [&mut self.owner, &mut self.ordinary] {
            owner.here = cast::enter(&self.kit, &owner.person, &owner.company.id).await;
        }
        self.admin.here = cast::enter(&self.kit, &self.admin.person, &self.admin.firm.id).await;
        let (contact, company) = (&self.contact, &self.owner.company.id);
        self.contact.here = cast::enter_portal(&self.kit, &contact.person, company, &contact.customer).await;
        self.entered_at = Instant::now();
    }

    fn owner_asks(&self, event: HttpEvent) -> HttpEvent {
        inside(event, &self.owner.person, &self.owner.here)
    }

    fn admin_asks(&self, event: HttpEvent) -> HttpEvent {
        inside(event, &self.admin.person, &self.admin.here)
    }

    fn contact_asks(&self, event: HttpEvent) -> HttpEvent {
        inside(event, &self.contact.person, &self.contact.here)
    }

    fn contact_does(&self, event: HttpEvent, nth: u64) -> HttpEvent {
        self.contact_asks(event).header("idempotency-key", &format!("{FRESH_KEY}{nth}"))
    }

    /// A change that is asked for under a key of its own, as the portal does.
    fn owner_does(&self, event: HttpEvent, nth: u64) -> HttpEvent {
        self.owner_asks(event).header("idempotency-key", &format!("{FRESH_KEY}{nth}"))
    }
}

impl Workload {
    /// The aims of its own that it has.
    pub(crate) fn aims(&self) -> OwnAims {
        match self.operation {
            Some("show_dashboard") => OwnAims { read_units: Some(ordinary::DASHBOARD_READ_UNITS_MAX), warm_cpu: None },
            Some("put_report") => OwnAims { read_units: None, warm_cpu: Some(REPORT_CPU_MAX) },
            Some(_) | None => OwnAims::default(),
        }
    }

    /// The function, which is the folder and the binary.
    pub(crate) fn function(&self) -> &'static str {
        match self.event {
            Event::Message(function, ..) => function,
            Event::Bare(_) | Event::InScene(_) => self.operation.map_or("hello", |id| &operation_by_id(id).function),
        }
    }

    /// How the report calls it.
    pub(crate) fn title(&self) -> String {
        if let Event::Message(_, title, _) = self.event {
            return title.to_owned();
        }
        self.operation.map(operation_by_id).map_or_else(
            || "GET / (hello, world)".to_owned(),
            |operation| format!("{} {}", operation.method, operation.path),
        )
    }

    /// The n-th event; none where the scene that it needs was not set.
    pub(crate) fn event(&self, scene: Option<&Scene>, nth: u64) -> Option<Value> {
        match (&self.event, scene) {
            (Event::Bare(event), _) => Some(event().to_json()),
            (Event::InScene(event), Some(scene)) => Some(event(scene, nth).to_json()),
            (Event::Message(_, _, event), Some(scene)) => Some(event(scene)),
            (Event::InScene(_) | Event::Message(..), None) => None,
        }
    }

    /// Whether it needs the stack.
    pub(crate) fn needs_scene(&self) -> bool {
        matches!(self.event, Event::InScene(_) | Event::Message(..))
    }
}

/// Uploads a photo of which no event goes out: what is measured hears of it first.
async fn upload_in_silence(kit: &Kit, owner: &Owner) -> (Declared, String) {
    let mut photo = b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
    photo.resize(PHOTO_BYTES, 0x7F);
    photo.extend([0xFF, 0xD9]);
    let declared = uploads::declare(kit, owner, "receipt.jpg", "image/jpeg", &photo).await;
    uploads::hold(kit, &declared, Report::Upload).await;
    uploads::hold(kit, &declared, Report::Scan).await;
    let version = uploads::post(kit, &declared, &photo, &[]).await.version.unwrap_or_default();
    (declared, version)
}

/// A batch of one message, as Lambda hands it over.
fn batch_of(message: &str) -> Value {
    json!({ "Records": [{
        "messageId": "m-1", "receiptHandle": "handle", "body": message, "attributes": { "ApproximateReceiveCount": "1" },
        "messageAttributes": {}, "md5OfBody": "00000000000000000000000000000000", "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:countersign-inspect", "awsRegion": "eu-central-1",
    }] })
}

/// As the portal sends it, by someone who stepped into a place.
fn inside(event: HttpEvent, person: &Person, here: &Context) -> HttpEvent {
    signed_in(event, &person.access_token)
        .header("countersign-context", &here.token)
        .header("origin", "https://portal.countersign.test")
}

/// What the gateway's authorizer hands over beside the header it has checked.
fn signed_in(event: HttpEvent, token: &str) -> HttpEvent {
    event.header("authorization", &format!("Bearer {token}")).claims(&people::claims(token))
}
