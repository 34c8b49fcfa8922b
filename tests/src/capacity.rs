//! What a DynamoDB request costs, computed from the request and its answer by AWS's rules.
//!
//! Emulators misreport `ConsumedCapacity` (above all for transactions), so the budgets of the
//! actions are held against this. What is counted:
//!
//! | action | read units | write units |
//! | --- | --- | --- |
//! | `GetItem`, each key of `BatchGetItem` | size / 4 KB, rounded up per item; half when eventually consistent; a missing item costs as the smallest | |
//! | `Query`, `Scan` | the sizes of the items summed, then / 4 KB rounded up; half when eventually consistent | |
//! | each item of `TransactGetItems` | twice a consistent read | |
//! | `PutItem`, `UpdateItem`, `DeleteItem`, each of `BatchWriteItem` | | size / 1 KB rounded up, of the larger of the item before and after |
//! | each `Put`, `Update`, `Delete`, `ConditionCheck` of `TransactWriteItems` | | twice that; a `ConditionCheck` is billed as a write too |
//! | the same transaction again under its `ClientRequestToken` | a transactional read per item | |
//! | a write whose item carries the keys of an index | | and once more per index entry put or deleted (`index_write`): two when the index key changes |
//!
//! Index entries are counted at the single rate within a transaction too: an index is maintained
//! after the commit, and AWS documents the doubling for the items of the transaction only. A write
//! refused by its condition costs as if it had been made, without its index entries. A request that
//! was throttled, or failed before it ran, costs nothing.
//!
//! The size of an item that a request only names (`Update`, `Delete`, `ConditionCheck`) is known if
//! a [`Meter`] has seen the item before; otherwise the least it can be is counted, and
//! [`Units::is_lower_bound`] says so. It also says so for a filtered or projected `Query`, which pays
//! for what it does not return.
//!
//! Sources: "DynamoDB read and write operations", "Item sizes and formats" and "Managing complex
//! workflows with transactions" in the DynamoDB developer guide. That a `ConditionCheck` costs two
//! write units, and a repeated transaction read units, was measured on AWS by M. Hicks ("What a
//! conditional DynamoDB transaction actually costs").

use std::{
    collections::{HashMap, HashSet},
    fmt,
    iter::Sum,
    ops::Add,
};

use serde_json::{Map, Value};

use crate::chaos::{Exchange, Outcome};

const READ_UNIT_BYTES: u64 = 4 * 1024;
const WRITE_UNIT_BYTES: u64 = 1024;
/// What a read costs in half units: eventually consistent, strongly consistent, transactional.
const EVENTUAL: u64 = 1;
const CONSISTENT: u64 = 2;
const TRANSACTIONAL_READ: u64 = 4;
/// The factor of a write in a transaction: one to prepare, one to commit.
const TRANSACTIONAL_WRITE: u64 = 2;

/// What requests cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Units {
    /// Read units, in halves: an eventually consistent read of up to 4 KB is 1.
    pub read_halves: u64,
    /// Write units on the table itself.
    pub write: u64,
    /// Write units on the indexes.
    pub index_write: u64,
    /// Whether the true cost may be higher, because a size could not be known.
    pub is_lower_bound: bool,
}

impl Units {
    const NOTHING: Self = Self { read_halves: 0, write: 0, index_write: 0, is_lower_bound: false };

    /// Write units on the table and its indexes together.
    #[must_use]
    pub const fn total_write(self) -> u64 {
        self.write.saturating_add(self.index_write)
    }
}

impl Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            read_halves: self.read_halves.saturating_add(other.read_halves),
            write: self.write.saturating_add(other.write),
            index_write: self.index_write.saturating_add(other.index_write),
            is_lower_bound: self.is_lower_bound || other.is_lower_bound,
        }
    }
}

impl Sum for Units {
    fn sum<I: Iterator<Item = Self>>(units: I) -> Self {
        units.fold(Self::NOTHING, Add::add)
    }
}

impl fmt::Display for Units {
    /// `1.5 RCU`, `8+2 WCU`, both, or `0`; a leading `≥` marks a lower bound.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if self.read_halves > 0 {
            let half = if self.read_halves % 2 == 1 { ".5" } else { "" };
            parts.push(format!("{}{half} RCU", self.read_halves / 2));
        }
        match (self.write, self.index_write) {
            (0, 0) => {}
            (write, 0) => parts.push(format!("{write} WCU")),
            (write, index) => parts.push(format!("{write}+{index} WCU")),
        }
        if parts.is_empty() {
            parts.push("0".to_owned());
        }
        let bound = if self.is_lower_bound { "≥" } else { "" };
        f.pad(&format!("{bound}{}", parts.join(", ")))
    }
}

/// The size of an attribute value in bytes, by AWS's "Item sizes and formats".
#[must_use]
pub fn value_bytes(value: &Value) -> u64 {
    let Some((kind, content)) = value.as_object().and_then(|typed| typed.iter().next()) else {
        return 0;
    };
    let texts = |content: &Value, size: fn(&str) -> u64| -> u64 {
        content.as_array().into_iter().flatten().filter_map(Value::as_str).map(size).sum()
    };
    match kind.as_str() {
        "S" => content.as_str().map_or(0, text_bytes),
        "N" => content.as_str().map_or(0, number_bytes),
        "B" => content.as_str().map_or(0, binary_bytes),
        "BOOL" | "NULL" => 1,
        "SS" => texts(content, text_bytes),
        "NS" => texts(content, number_bytes),
        "BS" => texts(content, binary_bytes),
        // 3 bytes for the list or map, 1 for each element or pair in it.
        "L" => content
            .as_array()
            .into_iter()
            .flatten()
            .map(|element| value_bytes(element).saturating_add(1))
            .sum::<u64>()
            .saturating_add(3),
        "M" => content
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, element)| text_bytes(name).saturating_add(value_bytes(element)).saturating_add(1))
            .sum::<u64>()
            .saturating_add(3),
        _ => 0,
    }
}

/// The size of an item in bytes: its attributes' names and values.
#[must_use]
pub fn item_bytes(item: &Map<String, Value>) -> u64 {
    item.iter().map(|(name, value)| text_bytes(name).saturating_add(value_bytes(value))).sum()
}

fn text_bytes(text: &str) -> u64 {
    text.len().try_into().unwrap_or(u64::MAX)
}

/// One byte per two significant digits and one more; one for a minus sign.
fn number_bytes(number: &str) -> u64 {
    let mantissa = number.split(['e', 'E']).next().unwrap_or(number);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    let sign = u64::from(number.starts_with('-'));
    text_bytes(significant).div_ceil(2).saturating_add(1).saturating_add(sign)
}

fn binary_bytes(base64: &str) -> u64 {
    text_bytes(base64.trim_end_matches('=')).saturating_mul(3).checked_div(4).unwrap_or(0)
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen {
    bytes: u64,
    /// The key values of each index the item is in, by index.
    entries: HashMap<String, (Value, Value)>,
}

type ItemKey = (String, String);

/// Counts units over a series of exchanges, and remembers the items it has seen pass, so that a
/// later request which only names one is charged its true size.
///
/// Its table has the key `pk`, `sk` and indexes named by their prefix: index `gsi1` has the key
/// `gsi1pk`, `gsi1sk`. All of them project every attribute.
#[derive(Debug, Clone)]
pub struct Meter {
    indexes: Vec<String>,
    seen: HashMap<ItemKey, Seen>,
    tokens: HashSet<String>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { indexes: vec!["gsi1".to_owned(), "gsi2".to_owned()], seen: HashMap::new(), tokens: HashSet::new() }
    }
}

impl Meter {
    /// A meter that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What the exchanges cost together.
    pub fn measure_all<'a>(&mut self, exchanges: impl IntoIterator<Item = &'a Exchange>) -> Units {
        exchanges.into_iter().map(|exchange| self.measure(exchange)).sum()
    }

    /// What one exchange cost. One that is still pending, or that never reached the table, costs
    /// nothing; one whose reply was lost costs what it cost the table.
    pub fn measure(&mut self, exchange: &Exchange) -> Units {
        let (status, response) = match &exchange.outcome {
            Outcome::Pending | Outcome::HungUp { committed: None } => return Units::NOTHING,
            Outcome::Answered { status, response, .. } => (*status, response),
            Outcome::HungUp { committed: Some((status, response)) } => (*status, response),
        };
        self.cost(&exchange.action, &exchange.request, status, response)
    }

    /// What a request cost, given the status and the JSON of its answer.
    pub fn cost(&mut self, action: &str, request: &Value, status: u16, response: &Value) -> Units {
        let ran = match status {
            200 => Ran::Done,
            _ if refused_by_condition(response) => Ran::Refused,
            _ => return Units::NOTHING,
        };
        match action {
            "GetItem" => self.get(request, response),
            "BatchGetItem" => self.batch_get(request, response),
            "TransactGetItems" => self.transact_get(response),
            "Query" | "Scan" => self.query(request, response),
            "PutItem" => self.write("Put", request, ran, 1),
            "UpdateItem" => self.write("Update", request, ran, 1),
            "DeleteItem" => self.write("Delete", request, ran, 1),
            "BatchWriteItem" => self.batch_write(request, ran),
            "TransactWriteItems" => self.transact_write(request, ran),
            _ => Units::NOTHING,
        }
    }

    fn get(&mut self, request: &Value, response: &Value) -> Units {
        let rate = read_rate(request);
        let projected = is_projected(request);
        match response.get("Item").and_then(Value::as_object) {
            None => read_units(0, rate, false),
            Some(item) => {
                let (bytes, known) = self.returned(item, projected);
                read_units(bytes, rate, !known)
            }
        }
    }

    fn batch_get(&mut self, request: &Value, response: &Value) -> Units {
        let tables = request.get("RequestItems").and_then(Value::as_object);
        tables
            .into_iter()
            .flatten()
            .map(|(table, asked)| {
                let rate = read_rate(asked);
                let projected = is_projected(asked);
                let returned = response.get("Responses").and_then(|tables| tables.get(table)).and_then(Value::as_array);
                let found: Vec<&Map<String, Value>> =
                    returned.into_iter().flatten().filter_map(Value::as_object).collect();
                let unprocessed =
                    response.get("UnprocessedKeys").and_then(|tables| tables.get(table)).map_or(0, key_count);
                let missing = key_count(asked).saturating_sub(unprocessed).saturating_sub(found.len());
                let of_found: Units = found
                    .into_iter()
                    .map(|item| {
                        let (bytes, known) = self.returned(item, projected);
                        read_units(bytes, rate, !known)
                    })
                    .sum();
                let of_missing = std::iter::repeat_n(read_units(0, rate, false), missing).sum();
                of_found + of_missing
            })
            .sum()
    }

    fn transact_get(&mut self, response: &Value) -> Units {
        let items = response.get("Responses").and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .map(|answer| match answer.get("Item").and_then(Value::as_object) {
                None => read_units(0, TRANSACTIONAL_READ, false),
                Some(item) => {
                    let (bytes, _known) = self.returned(item, false);
                    read_units(bytes, TRANSACTIONAL_READ, false)
                }
            })
            .sum()
    }

    fn query(&mut self, request: &Value, response: &Value) -> Units {
        let projected = is_projected(request);
        let filtered =
            ["FilterExpression", "QueryFilter", "ScanFilter"].iter().any(|filter| request.get(filter).is_some());
        let items = response.get("Items").and_then(Value::as_array);
        let mut bytes = 0_u64;
        let mut all_known = !filtered && request.get("Select").is_none();
        for item in items.into_iter().flatten().filter_map(Value::as_object) {
            let (size, known) = self.returned(item, projected);
            bytes = bytes.saturating_add(size);
            all_known &= known;
        }
        read_units(bytes, read_rate(request), !all_known)
    }

    fn batch_write(&mut self, request: &Value, ran: Ran) -> Units {
        let tables = request.get("RequestItems").and_then(Value::as_object);
        let writes = tables
            .into_iter()
            .flatten()
            .filter_map(|(_table, writes)| writes.as_array())
            .flatten()
            .filter_map(Value::as_object)
            .flatten();
        let mut units = Units::NOTHING;
        for (kind, write) in writes {
            let kind = kind.trim_end_matches("Request");
            units = units + self.write(kind, write, ran, 1);
        }
        units
    }

    fn transact_write(&mut self, request: &Value, ran: Ran) -> Units {
        let actions: Vec<(&String, &Value)> = request
            .get("TransactItems")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object)
            .flatten()
            .collect();
        let token = request.get("ClientRequestToken").and_then(Value::as_str);
        if let (Some(token), Ran::Done) = (token, ran)
            && !self.tokens.insert(token.to_owned())
        {
            return actions
                .iter()
                .map(|(_kind, action)| {
                    let known = self.named(action);
                    read_units(known.as_ref().map_or(0, |seen| seen.bytes), TRANSACTIONAL_READ, known.is_none())
                })
                .sum();
        }
        actions.into_iter().map(|(kind, action)| self.write(kind, action, ran, TRANSACTIONAL_WRITE)).sum()
    }

    fn write(&mut self, kind: &str, write: &Value, ran: Ran, factor: u64) -> Units {
        let before = self.named(write);
        let new_item = write.get("Item").and_then(Value::as_object);
        let mut known = before.is_some();
        let (after, entries) = match (kind, new_item) {
            ("Put", Some(item)) => {
                // An item put over one we have not seen: it is taken to be new.
                known = true;
                let after = Seen { bytes: item_bytes(item), entries: self.entries_of(item) };
                let entries = changed_entries(before.as_ref(), &after);
                (Some(after), entries)
            }
            ("Update", _) => {
                // So is one that an update may make.
                let condition = write.get("ConditionExpression").and_then(Value::as_str).unwrap_or_default();
                known |= condition.contains("attribute_not_exists(pk)");
                // An update that names the entity makes it.
                let names = write.get("ExpressionAttributeNames").and_then(Value::as_object);
                known |= names.is_some_and(|names| names.values().any(|name| name == "entity"));
                self.updated(write, before.as_ref())
            }
            ("Delete", _) => (None, before.as_ref().map_or(0, |seen| count(&seen.entries))),
            // A condition that nothing is there reads nothing where it holds.
            _ => {
                let condition = write.get("ConditionExpression").and_then(Value::as_str).unwrap_or_default();
                known |= condition.contains("attribute_not_exists(pk)");
                (before.clone(), 0)
            }
        };
        let bytes = before.as_ref().map_or(0, |seen| seen.bytes).max(after.as_ref().map_or(0, |seen| seen.bytes));
        let per_write = bytes.div_ceil(WRITE_UNIT_BYTES).max(1);
        let done = matches!(ran, Ran::Done);
        if done && let Some(key) = key_of(write) {
            match after {
                Some(seen) if kind == "Put" || known => {
                    self.seen.insert(key, seen);
                }
                _ if kind == "Delete" => {
                    self.seen.remove(&key);
                }
                _ => {}
            }
        }
        Units {
            read_halves: 0,
            write: per_write.saturating_mul(factor),
            index_write: if done { per_write.saturating_mul(entries) } else { 0 },
            is_lower_bound: !known,
        }
    }

    /// The item after an update, as far as it can be known, and the index entries written for it.
    fn updated(&self, update: &Value, before: Option<&Seen>) -> (Option<Seen>, u64) {
        let key = update.get("Key").and_then(Value::as_object);
        let values = update.get("ExpressionAttributeValues").and_then(Value::as_object);
        let least = key
            .map_or(0, item_bytes)
            .saturating_add(values.into_iter().flatten().map(|(_placeholder, value)| value_bytes(value)).sum());
        let mut after = before.cloned().unwrap_or_default();
        after.bytes = after.bytes.max(least);
        let touched = touched_names(update);
        let entries = self
            .indexes
            .iter()
            .map(|index| {
                let carried = after.entries.contains_key(index);
                let rekeyed = touched
                    .iter()
                    .any(|name| name.strip_prefix(index.as_str()).is_some_and(|part| part == "pk" || part == "sk"));
                match (carried, rekeyed) {
                    (true, true) => 2,
                    (true, false) | (false, true) => 1,
                    (false, false) => 0,
                }
            })
            .sum();
        (Some(after), entries)
    }

    /// The size to charge for an item that an answer returned, and whether it is the true one.
    fn returned(&mut self, item: &Map<String, Value>, projected: bool) -> (u64, bool) {
        let key = key_of_item(item);
        if projected {
            let known = key.and_then(|key| self.seen.get(&key));
            return match known {
                Some(seen) => (seen.bytes, true),
                None => (item_bytes(item), false),
            };
        }
        let bytes = item_bytes(item);
        if let Some(key) = key {
            let entries = self.entries_of(item);
            self.seen.insert(key, Seen { bytes, entries });
        }
        (bytes, true)
    }

    fn named(&self, write: &Value) -> Option<Seen> {
        key_of(write).and_then(|key| self.seen.get(&key)).cloned()
    }

    fn entries_of(&self, item: &Map<String, Value>) -> HashMap<String, (Value, Value)> {
        self.indexes
            .iter()
            .filter_map(|index| {
                let pk = item.get(&format!("{index}pk"))?;
                let sk = item.get(&format!("{index}sk"))?;
                Some((index.clone(), (pk.clone(), sk.clone())))
            })
            .collect()
    }
}

#[derive(Debug, Clone, Copy)]
enum Ran {
    Done,
    Refused,
}

fn refused_by_condition(response: &Value) -> bool {
    let error = response.get("__type").and_then(Value::as_str).unwrap_or_default();
    if error.ends_with("ConditionalCheckFailedException") {
        return true;
    }
    error.ends_with("TransactionCanceledException")
        && response
            .get("CancellationReasons")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .any(|reason| reason.get("Code").and_then(Value::as_str) == Some("ConditionalCheckFailed"))
}

fn changed_entries(before: Option<&Seen>, after: &Seen) -> u64 {
    let Some(before) = before else {
        return count(&after.entries);
    };
    let put = after
        .entries
        .iter()
        .map(|(index, key)| match before.entries.get(index) {
            Some(old) if old != key => 2,
            _ => 1_u64,
        })
        .sum::<u64>();
    let removed = before.entries.keys().filter(|index| !after.entries.contains_key(*index)).count();
    put.saturating_add(removed.try_into().unwrap_or(u64::MAX))
}

fn count<K, V>(map: &HashMap<K, V>) -> u64 {
    map.len().try_into().unwrap_or(u64::MAX)
}

/// The attributes that an update expression assigns or removes, placeholders resolved.
fn touched_names(update: &Value) -> Vec<String> {
    let expression = update.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default();
    let names = update.get("ExpressionAttributeNames");
    expression
        .split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | ':')))
        .filter(|word| !word.is_empty() && !word.starts_with(':'))
        .map(|word| names.and_then(|names| names.get(word)).and_then(Value::as_str).unwrap_or(word).to_owned())
        .collect()
}

fn is_projected(request: &Value) -> bool {
    ["ProjectionExpression", "AttributesToGet"].iter().any(|projection| request.get(projection).is_some())
}

fn read_rate(request: &Value) -> u64 {
    match request.get("ConsistentRead").and_then(Value::as_bool) {
        Some(true) => CONSISTENT,
        _ => EVENTUAL,
    }
}

fn read_units(bytes: u64, rate: u64, is_lower_bound: bool) -> Units {
    let units = bytes.div_ceil(READ_UNIT_BYTES).max(1);
    Units { read_halves: units.saturating_mul(rate), is_lower_bound, ..Units::NOTHING }
}

fn key_count(asked: &Value) -> usize {
    asked.get("Keys").and_then(Value::as_array).map_or(0, Vec::len)
}

/// The key of the item that a write names, by its `Key` or by the `Item` it puts.
fn key_of(write: &Value) -> Option<ItemKey> {
    let key = write.get("Key").or_else(|| write.get("Item"))?;
    key_of_item(key.as_object()?)
}

fn key_of_item(item: &Map<String, Value>) -> Option<ItemKey> {
    let part = |name: &str| Some(item.get(name)?.get("S")?.as_str()?.to_owned());
    Some((part("pk")?, part("sk")?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(length: usize) -> Value {
        json!({ "S": "x".repeat(length) })
    }

    /// An item of exactly `bytes` bytes.
    fn item(pk: &str, bytes: usize) -> Value {
        let base = json!({ "pk": { "S": pk }, "sk": { "S": "S" }, "body": { "S": "" } });
        let size = usize::try_from(item_bytes(base.as_object().unwrap())).unwrap();
        let mut item = base;
        item["body"] = text(bytes - size);
        assert_eq!(item_bytes(item.as_object().unwrap()), bytes as u64);
        item
    }

    fn cost(action: &str, request: Value, response: Value) -> Units {
        Meter::new().cost(action, &request, 200, &response)
    }

    #[test]
    fn values_have_the_documented_sizes() {
        for (value, bytes) in [
            (json!({ "S": "é#a" }), 4),
            (json!({ "N": "0" }), 1),
            (json!({ "N": "7" }), 2),
            (json!({ "N": "1200" }), 2),
            (json!({ "N": "123" }), 3),
            (json!({ "N": "-123.45" }), 5),
            (json!({ "B": "AAEC" }), 3),
            (json!({ "B": "AA==" }), 1),
            (json!({ "BOOL": true }), 1),
            (json!({ "NULL": true }), 1),
            (json!({ "SS": ["ab", "c"] }), 3),
            (json!({ "L": [] }), 3),
            (json!({ "L": [{ "S": "ab" }, { "BOOL": true }] }), 8),
            (json!({ "M": { "ab": { "S": "c" } } }), 7),
        ] {
            assert_eq!(value_bytes(&value), bytes, "{value}");
        }
    }

    #[test]
    fn a_read_rounds_up_to_four_kilobytes() {
        for (bytes, consistent, halves) in [(4096, false, 1), (4096, true, 2), (4097, false, 2), (4097, true, 4)] {
            let units = cost("GetItem", json!({ "ConsistentRead": consistent }), json!({ "Item": item("P", bytes) }));
            assert_eq!(units.read_halves, halves, "{bytes} {consistent}");
            assert!(!units.is_lower_bound);
        }
    }

    #[test]
    fn a_missing_item_costs_the_least_read() {
        let units = cost("GetItem", json!({ "ConsistentRead": true }), json!({}));
        assert_eq!(units.to_string(), "1 RCU");
    }

    #[test]
    fn a_batch_rounds_each_item_and_charges_the_missing() {
        let units = cost(
            "BatchGetItem",
            json!({ "RequestItems": { "t": { "ConsistentRead": true, "Keys": [{}, {}, {}, {}] } } }),
            json!({
                "Responses": { "t": [item("A", 100), item("B", 5000)] },
                "UnprocessedKeys": { "t": { "Keys": [{}] } },
            }),
        );
        // 1 + 2 for the two found, 1 for the missing one, nothing for the unprocessed one.
        assert_eq!(units.read_halves, 8);
    }

    #[test]
    fn a_query_sums_before_it_rounds() {
        let items = [item("A", 1000), item("B", 1000), item("C", 1000)];
        let units = cost("Query", json!({}), json!({ "Items": items }));
        assert_eq!(units.to_string(), "0.5 RCU");
        let units =
            cost("Query", json!({ "ConsistentRead": true }), json!({ "Items": [item("A", 3000), item("B", 3000)] }));
        assert_eq!(units.to_string(), "2 RCU");
    }

    #[test]
    fn a_filtered_query_is_a_lower_bound() {
        let units = cost("Query", json!({ "FilterExpression": "a" }), json!({ "Items": [] }));
        assert_eq!(units.to_string(), "≥0.5 RCU");
    }

    #[test]
    fn a_transactional_read_costs_double() {
        let units = cost("TransactGetItems", json!({}), json!({ "Responses": [{ "Item": item("A", 4097) }, {}] }));
        assert_eq!(units.to_string(), "6 RCU");
    }

    #[test]
    fn a_write_rounds_up_to_one_kilobyte_and_a_transaction_doubles_it() {
        let single = cost("PutItem", json!({ "Item": item("A", 1025) }), json!({}));
        assert_eq!(single.to_string(), "2 WCU");
        let transaction = cost(
            "TransactWriteItems",
            json!({ "TransactItems": [
                { "Put": { "Item": item("A", 1025) } },
                { "Put": { "Item": item("B", 1024) } },
            ] }),
            json!({}),
        );
        assert_eq!(transaction.to_string(), "6 WCU");
    }

    #[test]
    fn a_condition_check_is_billed_as_a_write_of_the_item_it_checks() {
        let mut meter = Meter::new();
        let check = json!({ "TransactItems": [
            { "ConditionCheck": { "Key": { "pk": { "S": "A" }, "sk": { "S": "S" } } } },
        ] });
        let unseen = meter.cost("TransactWriteItems", &check, 200, &json!({}));
        assert_eq!(unseen.to_string(), "≥2 WCU");
        let read = json!({ "Item": item("A", 2000) });
        meter.cost("GetItem", &json!({}), 200, &read);
        let seen = meter.cost("TransactWriteItems", &check, 200, &json!({}));
        assert_eq!(seen.to_string(), "4 WCU");
    }

    #[test]
    fn index_entries_are_charged_once_each() {
        let mut indexed = item("A", 500);
        indexed["gsi1pk"] = json!({ "S": "USER#1" });
        indexed["gsi1sk"] = json!({ "S": "COMPANY#1" });
        // Half a key is no entry: the index is sparse.
        indexed["gsi2pk"] = json!({ "S": "EMAIL#1" });
        let mut meter = Meter::new();
        let put = json!({ "TransactItems": [{ "Put": { "Item": indexed } }] });
        let units = meter.cost("TransactWriteItems", &put, 200, &json!({}));
        assert_eq!(units.to_string(), "2+1 WCU");

        let update = |expression: &str, names: Value| {
            json!({
                "Key": { "pk": { "S": "A" }, "sk": { "S": "S" } },
                "UpdateExpression": expression,
                "ExpressionAttributeNames": names,
            })
        };
        let plain = update("SET #s = :s", json!({ "#s": "status" }));
        let units = meter.cost("UpdateItem", &plain, 200, &json!({}));
        assert_eq!(units.to_string(), "1+1 WCU");
        let rekeyed = update("SET #k = :s", json!({ "#k": "gsi1sk" }));
        let units = meter.cost("UpdateItem", &rekeyed, 200, &json!({}));
        assert_eq!(units.to_string(), "1+2 WCU");
        let delete = json!({ "Key": { "pk": { "S": "A" }, "sk": { "S": "S" } } });
        let units = meter.cost("DeleteItem", &delete, 200, &json!({}));
        assert_eq!(units.to_string(), "1+1 WCU");
    }

    #[test]
    fn a_repeated_transaction_is_charged_as_a_read() {
        let mut meter = Meter::new();
        let request = json!({
            "ClientRequestToken": "t-1",
            "TransactItems": [{ "Put": { "Item": item("A", 100) } }],
        });
        let first = meter.cost("TransactWriteItems", &request, 200, &json!({}));
        let second = meter.cost("TransactWriteItems", &request, 200, &json!({}));
        assert_eq!(first.to_string(), "2 WCU");
        assert_eq!(second.to_string(), "2 RCU");
    }

    #[test]
    fn a_refused_condition_is_charged_and_a_throttle_is_not() {
        let mut indexed = item("A", 100);
        indexed["gsi1pk"] = json!({ "S": "u" });
        indexed["gsi1sk"] = json!({ "S": "c" });
        let put = json!({ "TransactItems": [{ "Put": { "Item": indexed } }] });
        let cancelled = |code: &str| {
            json!({
                "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
                "CancellationReasons": [{ "Code": code }],
            })
        };
        let mut meter = Meter::new();
        let refused = cancelled("ConditionalCheckFailed");
        let units = meter.cost("TransactWriteItems", &put, 400, &refused);
        assert_eq!(units.to_string(), "2 WCU");
        let conflict = cancelled("TransactionConflict");
        let units = meter.cost("TransactWriteItems", &put, 400, &conflict);
        assert_eq!(units, Units::NOTHING);
        assert_eq!(units.to_string(), "0");
    }
}
