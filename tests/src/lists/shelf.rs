//! Items in memory, before a real table.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::chaos::{Answer, ChaosError, Endpoint, Upstream, UpstreamError};
use crate::wire::Request;

/// Sort key to item, as JSON: so many parsed ones would not fit into memory.
type Partition = BTreeMap<String, Arc<str>>;

/// Answers what is asked about the items that it holds, as the table would, and passes everything else on.
#[derive(Debug)]
pub struct Shelf {
    endpoint: Endpoint,
    /// By index (`table`, `gsi1`, `gsi2`) and partition key.
    partitions: BTreeMap<(&'static str, String), Partition>,
}

impl Shelf {
    /// Puts items, as DynamoDB's JSON, on a shelf before the table at `endpoint`.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn holding(endpoint: &str, items: impl IntoIterator<Item = Value>) -> Result<Self, ChaosError> {
        let mut partitions: BTreeMap<(&'static str, String), Partition> = BTreeMap::new();
        for item in items {
            let written: Arc<str> = item.to_string().into();
            for (index, pk, sk) in [("table", "pk", "sk"), ("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk")] {
                if let (Some(pk), Some(sk)) = (text(&item, pk), text(&item, sk)) {
                    partitions.entry((index, pk)).or_default().insert(sk, Arc::clone(&written));
                }
            }
        }
        Ok(Self { endpoint: Endpoint::new(endpoint)?, partitions })
    }

    /// The answer to a query of items that are here; `None` for any other.
    fn query(&self, request: &Value) -> Option<Value> {
        let index = match request.get("IndexName").and_then(Value::as_str) {
            Some("gsi1") => "gsi1",
            Some("gsi2") => "gsi2",
            _ => "table",
        };
        let (pk_name, sk_name) = match index {
            "table" => ("pk".to_owned(), "sk".to_owned()),
            other => (format!("{other}pk"), format!("{other}sk")),
        };
        let value = |name: &str| request.pointer(&format!("/ExpressionAttributeValues/:{name}/S"));
        let pk = value("pk")?.as_str()?;
        let partition = self.partitions.get(&(index, pk.to_owned()))?;
        let prefix = value("prefix").and_then(Value::as_str).unwrap_or_default();
        // Other items of a company or firm are in the table.
        if !partition.range(prefix.to_owned()..).next().is_some_and(|(sk, _)| sk.starts_with(prefix)) {
            return None;
        }
        let limit = usize::try_from(request.get("Limit")?.as_u64()?).ok()?;
        let forward = request.get("ScanIndexForward").and_then(Value::as_bool).unwrap_or(true);
        let start = request.pointer(&format!("/ExclusiveStartKey/{sk_name}/S")).and_then(Value::as_str);
        // The character behind all that a key holds.
        let end = format!("{prefix}\u{10ffff}");
        let found: Vec<Value> = if forward {
            let range = partition.range(start.map_or(prefix.to_owned(), |start| format!("{start}\0"))..end);
            range.map(|(_, item)| parsed(item)).take(limit).collect()
        } else {
            let range = partition.range(prefix.to_owned()..start.map_or(end, str::to_owned));
            range.rev().map(|(_, item)| parsed(item)).take(limit).collect()
        };
        let mut answer = json!({ "Items": found, "Count": found.len(), "ScannedCount": found.len() });
        if let (Some(last), true) = (found.last(), found.len() == limit) {
            let names = ["pk", "sk", pk_name.as_str(), sk_name.as_str()];
            let key: serde_json::Map<String, Value> =
                names.into_iter().map(|name| (name.to_owned(), last[name].clone())).collect();
            answer["LastEvaluatedKey"] = Value::Object(key);
        }
        Some(answer)
    }

    /// Adds to the table's answer to a read of many items those that are here.
    fn beside(&self, request: &Value, mut answer: Value) -> Value {
        for (table, asked) in request["RequestItems"].as_object().into_iter().flatten() {
            let keys = asked["Keys"].as_array().into_iter().flatten();
            let here = keys.filter_map(|key| {
                let partition = self.partitions.get(&("table", text(key, "pk")?))?;
                partition.get(&text(key, "sk")?).map(|item| parsed(item))
            });
            let here: Vec<Value> = here.collect();
            if let Some(found) = answer.pointer_mut(&format!("/Responses/{table}")).and_then(Value::as_array_mut) {
                found.extend(here);
            }
        }
        answer
    }
}

fn text(item: &Value, attribute: &str) -> Option<String> {
    item.pointer(&format!("/{attribute}/S")).and_then(Value::as_str).map(str::to_owned)
}

fn parsed(item: &str) -> Value {
    serde_json::from_str(item).expect("it was written as JSON")
}

impl Upstream for Shelf {
    fn answer<'a>(
        &'a self,
        request: &'a Request,
        action: &'a str,
        parsed: &'a Value,
    ) -> Pin<Box<dyn Future<Output = Result<Answer, UpstreamError>> + Send + 'a>> {
        Box::pin(async move {
            if let ("Query", Some(answer)) = (action, self.query(parsed)) {
                return Ok(Answer { status: 200, body: Bytes::from(answer.to_string()) });
            }
            let answer = self.endpoint.answer(request, action, parsed).await?;
            match serde_json::from_slice(&answer.body) {
                Ok(found) if action == "BatchGetItem" && answer.status == 200 => {
                    Ok(Answer { body: Bytes::from(self.beside(parsed, found).to_string()), ..answer })
                }
                _ => Ok(answer),
            }
        })
    }
}
