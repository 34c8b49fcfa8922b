//! The table from the inside, for what no route shows: that nothing was written, or exactly one thing.
//!
//! Keys are spelled here from DESIGN.md, on purpose not taken from `store`: a test that shares the
//! code's own key builder cannot see it drift.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_dynamodb::{Client, Config};

use serde_json::json;

use crate::aws::{self, ROOT_KEY};
use crate::stack::Stack;

/// One item, as the table holds it.
pub type Item = BTreeMap<String, AttributeValue>;

/// The stack's table, read as the account's root.
#[derive(Debug, Clone)]
pub struct Table {
    /// The plain client, for questions not foreseen here.
    pub client: Client,
    /// The table's name.
    pub name: String,
}

impl Table {
    /// A reader of the stack's table.
    #[must_use]
    pub fn new(stack: &Stack) -> Self {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(stack.region.clone()))
            .endpoint_url(&stack.endpoint)
            .credentials_provider(Credentials::new(ROOT_KEY.0, ROOT_KEY.1, None, None, "local root"))
            .build();
        Self { client: Client::from_conf(config), name: stack.table.clone() }
    }

    /// Makes a table as the template describes it, without stream and protection: for what would disturb, or be
    /// disturbed by, other tests.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn create(stack: &Stack, http: &reqwest::Client, purpose: &str) -> Self {
        let name = format!("countersign-{purpose}-{}", uuid::Uuid::new_v4().simple());
        let key = |name: &str, kind: &str| json!({ "AttributeName": name, "KeyType": kind });
        let index = |name: &str| {
            json!({
                "IndexName": name,
                "KeySchema": [key(&format!("{name}pk"), "HASH"), key(&format!("{name}sk"), "RANGE")],
                "Projection": { "ProjectionType": "ALL" },
            })
        };
        let attributes = ["pk", "sk", "gsi1pk", "gsi1sk", "gsi2pk", "gsi2sk"];
        let body = json!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "AttributeDefinitions":
                attributes.map(|name| json!({ "AttributeName": name, "AttributeType": "S" })),
            "GlobalSecondaryIndexes": [index("gsi1"), index("gsi2")],
        });
        let made = aws::call(stack, http, "dynamodb", "DynamoDB_20120810.CreateTable", &body).await;
        made.expect("a table can be made");
        Self { name, ..Self::new(stack) }
    }

    /// Removes a table that was made by [`Table::create`].
    ///
    /// # Panics
    /// When it cannot be removed.
    pub async fn remove(self, stack: &Stack, http: &reqwest::Client) {
        let body = json!({ "TableName": self.name });
        let removed = aws::call(stack, http, "dynamodb", "DynamoDB_20120810.DeleteTable", &body).await;
        removed.expect("the table can be removed");
    }

    /// Every item under a partition key, strongly consistent.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn partition(&self, pk: &str) -> Vec<Item> {
        self.query(None, "pk", pk, None).await
    }

    /// Every item under a partition key of an index (`gsi1`, `gsi2`).
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn index(&self, index: &str, pk: &str) -> Vec<Item> {
        self.query(Some(index), &format!("{index}pk"), pk, None).await
    }

    /// Everything that an organisation left in the table: its own items, its events, and what an index
    /// finds under it. Two equal traces mean that nothing happened in between. What people hear of earlier events is left
    /// out: it comes by itself, and later.
    ///
    /// # Panics
    /// When there is nothing: keys are spelled otherwise than here, and nothing would ever be seen.
    pub async fn trace(&self, organisation: &str) -> BTreeMap<String, Item> {
        let kind = if organisation.starts_with("co_") { "COMPANY" } else { "FIRM" };
        let key = format!("{kind}#{organisation}");
        let (own, events, found) =
            tokio::join!(self.partition(&key), self.events(organisation), self.index("gsi1", &key));
        assert!(!own.is_empty() && !events.is_empty(), "{key} left nothing in the table");
        let is_heard = |item: &Item| {
            let sk = text(item, "sk").unwrap_or_default();
            ["INBOX#", "UNREAD#", "POSTPONED#", "MAIL#"].iter().any(|kind| sk.starts_with(kind))
        };
        let left = own.into_iter().chain(events).chain(found).filter(|item| !is_heard(item));
        left.map(|item| (address(&item), item)).collect()
    }

    /// The record of a mail about an event in the log of a company or firm.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn mail(&self, organisation: &str, event: &str, recipient: &str) -> Option<Item> {
        let kind = if organisation.starts_with("co_") { "COMPANY" } else { "FIRM" };
        let end = format!("#{event}#{recipient}");
        let is_it = |item: &Item| {
            let sk = text(item, "sk").unwrap_or_default();
            sk.starts_with("MAIL#") && sk.ends_with(&end)
        };
        self.partition(&format!("{kind}#{organisation}")).await.into_iter().find(is_it)
    }

    /// The event items of a company or firm, oldest first.
    pub async fn events(&self, organisation: &str) -> Vec<Item> {
        let kind = if organisation.starts_with("co_") { "COMPANY" } else { "FIRM" };
        self.partition(&format!("EVENTS#{kind}#{organisation}")).await
    }

    /// One item by its keys, strongly consistent.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn item(&self, pk: &str, sk: &str) -> Option<Item> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .consistent_read(true)
            .send()
            .await
            .expect("the table answers");
        answer.item.map(|item| item.into_iter().collect())
    }

    /// Puts an item of a partition and sort key and one more attribute, whatever was there.
    ///
    /// # Panics
    /// When the table does not take it.
    pub async fn put(&self, pk: &str, sk: &str, attribute: &str, value: AttributeValue) {
        self.client
            .put_item()
            .table_name(&self.name)
            .item("pk", AttributeValue::S(pk.to_owned()))
            .item("sk", AttributeValue::S(sk.to_owned()))
            .item(attribute, value)
            .send()
            .await
            .expect("the table takes an item");
    }

    /// Sets one string attribute of an item that exists: how a test makes time pass for it.
    ///
    /// # Panics
    /// When there is no such item.
    pub async fn set(&self, pk: &str, sk: &str, attribute: &str, value: AttributeValue) {
        self.client
            .update_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .update_expression("SET #attribute = :value")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .expect("the item exists");
    }

    /// Deletes an item, as no function does.
    ///
    /// # Panics
    /// When the table does not answer.
    pub async fn delete(&self, pk: &str, sk: &str) {
        self.client
            .delete_item()
            .table_name(&self.name)
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .send()
            .await
            .expect("the table answers");
    }

    async fn query(&self, index: Option<&str>, attribute: &str, key: &str, start: Option<Item>) -> Vec<Item> {
        let mut found = Vec::new();
        let mut start = start;
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .set_index_name(index.map(str::to_owned))
                .consistent_read(index.is_none())
                .key_condition_expression("#key = :key")
                .expression_attribute_names("#key", attribute)
                .expression_attribute_values(":key", AttributeValue::S(key.to_owned()))
                .set_exclusive_start_key(start.map(|item| item.into_iter().collect()))
                .send()
                .await
                .unwrap_or_else(|e| panic!("the table does not answer a query of {key}: {e:?}"));
            found.extend(answer.items.unwrap_or_default().into_iter().map(|item| item.into_iter().collect::<Item>()));
            match answer.last_evaluated_key {
                Some(last) if !last.is_empty() => start = Some(last.into_iter().collect()),
                _ => return found,
            }
        }
    }
}

/// A string attribute of an item.
#[must_use]
pub fn text<'a>(item: &'a Item, attribute: &str) -> Option<&'a str> {
    item.get(attribute).and_then(|value| value.as_s().ok()).map(String::as_str)
}

fn address(item: &Item) -> String {
    format!("{} / {}", text(item, "pk").unwrap_or_default(), text(item, "sk").unwrap_or_default())
}
