//! A request and its schedule, as the table holds them: makes time pass, and fulfils items without an upload.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::UtcTime;
use domain::document::{
    Arrival, Checksum, DocumentKind, FileDeclaration, FileType, ScanVerdict, Uploader, VersionNumber,
};
use serde_json::{Value, json};
use tests::table::Table;

/// A day so many days from now: a day more or less, wherever a company is, makes no difference to the tests.
pub(crate) fn day(days: i64) -> String {
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * days);
    at.strftime("%Y-%m-%d").to_string()
}

fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(yes) => AttributeValue::Bool(*yes),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(all) => AttributeValue::L(all.iter().map(attribute).collect()),
        Value::Object(all) => {
            AttributeValue::M(all.iter().map(|(name, value)| (name.clone(), attribute(value))).collect())
        }
    }
}

/// A request and its schedule, as the table holds them.
pub(crate) struct Kept<'k> {
    table: &'k Table,
    pk: String,
    id: String,
}

impl<'k> Kept<'k> {
    pub(crate) fn new(table: &'k Table, company: &str, id: &str) -> Self {
        Self { table, pk: format!("COMPANY#{company}"), id: id.to_owned() }
    }

    pub(super) async fn set(&self, sk: &str, attribute: &str, value: AttributeValue) {
        self.table.set(&self.pk, &format!("{sk}#{}", self.id), attribute, value).await;
    }

    /// Makes time pass: the request was due so many days ago, and something is due now.
    pub(crate) async fn pass(&self, due_days: i64) {
        self.set("DOCREQUEST", "due_on", AttributeValue::S(day(-due_days))).await;
        self.due().await;
    }

    /// The schedule looks at the request in its next run.
    pub(super) async fn due(&self) {
        let now = AttributeValue::S(format!("{:.3}", jiff::Timestamp::now() - jiff::SignedDuration::from_secs(60)));
        for attribute in ["next_at", "gsi2sk"] {
            self.set("DOCSCHEDULE", attribute, now.clone()).await;
        }
        let shard = self.id.bytes().last().unwrap_or_default() % 4;
        self.set("DOCSCHEDULE", "gsi2pk", AttributeValue::S(format!("DUE#document-requests#{shard}"))).await;
    }

    /// Puts an item into a state, as the inspection of an upload does.
    async fn put_item(&self, number: usize, state: &[(&str, &str)]) {
        let item = self.table.item(&self.pk, &format!("DOCREQUEST#{}", self.id)).await.expect("the request");
        let mut items = item["items"].as_l().expect("a list").clone();
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let state = state.iter().map(|(name, value)| ((*name).to_owned(), text(value))).collect();
        let mut one = items[number - 1].as_m().expect("a map").clone();
        one.insert("state".to_owned(), AttributeValue::M(state));
        items[number - 1] = AttributeValue::M(one);
        self.set("DOCREQUEST", "items", AttributeValue::L(items)).await;
    }

    /// Fulfils an item with a clean document, whose id is returned.
    pub(crate) async fn fulfil(&self, number: usize) -> String {
        let document = self.put_document().await;
        self.put_item(number, &[("status", "fulfilled"), ("document", &document)]).await;
        document
    }

    /// Puts a document that was uploaded and scanned into the company.
    async fn put_document(&self) -> String {
        let now = UtcTime::from_unix_ms(jiff::Timestamp::now().as_millisecond());
        let digest: [u8; 16] = *uuid::Uuid::new_v4().as_bytes();
        let file = FileDeclaration {
            name: "Paper.pdf".parse().expect("a name"),
            size: 1_000.try_into().expect("a size"),
            file_type: FileType::Pdf,
            sha256: Checksum::of([digest, digest].concat().try_into().expect("32 bytes")),
            uploaded_by: Uploader::person("mia".parse().expect("an id"), "Mia".parse().expect("a name"), None),
            expires_at: now.plus_s(300),
        };
        let company = self.pk.trim_start_matches("COMPANY#").parse().expect("a company");
        let id = domain::DocumentId::from_uuid(uuid::Uuid::new_v4());
        let declared = domain::document::declare(id.clone(), &company, None, file, DocumentKind::Other, None, now);
        let arrival = Arrival { object_version: "v".to_owned(), size: 1_000, sha256: None, at: now };
        let first = VersionNumber::FIRST;
        let declared = declared.expect("it is new").document;
        let (received, _) = declared.arrived(first, arrival, Ok(FileType::Pdf), now).expect("it arrives");
        let (clean, _) = received.scanned(first, "v", ScanVerdict::Clean, now).expect("it is scanned");
        let mut item = serde_json::to_value(&clean).expect("an object");
        let keys = json!({ "pk": self.pk, "sk": format!("DOCUMENT#{id}"), "entity": "document", "v": 1 });
        item.as_object_mut().expect("an object").extend(keys.as_object().expect("an object").clone());
        let AttributeValue::M(item) = attribute(&item) else { unreachable!("an object is a map") };
        let put = self.table.client.put_item().table_name(&self.table.name).set_item(Some(item));
        put.send().await.expect("the table takes the document");
        id.to_string()
    }
}
