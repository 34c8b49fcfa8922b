//! Digests of stored events: what a seal fixes.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::seal::Digest;

use crate::item::Item;

/// What a digest covers, as it is written; another way of writing has another number.
const LAYOUT: &[u8] = b"countersign/event-item/1\n";

/// Digests an item. The item is digested as it is stored, not as today's code reads it: a field that is
/// added to the type of events one day must not make every old event look altered.
pub(crate) fn digest(item: &Item) -> Digest {
    let mut text = LAYOUT.to_vec();
    write_map(item, &mut text);
    Digest::of(&text)
}

/// Writes a value so that no two different values are written the same: what it is, how long, and then
/// itself. Maps and sets go by the order of their names and members.
fn write(value: &AttributeValue, text: &mut Vec<u8>) {
    match value {
        AttributeValue::S(s) => write_bytes(b's', s.as_bytes(), text),
        AttributeValue::N(n) => write_bytes(b'n', n.as_bytes(), text),
        AttributeValue::Bool(b) => text.push(if *b { b't' } else { b'f' }),
        AttributeValue::Null(_) => text.push(b'0'),
        AttributeValue::B(b) => write_bytes(b'b', b.as_ref(), text),
        AttributeValue::L(list) => {
            write_count(b'l', list.len(), text);
            list.iter().for_each(|value| write(value, text));
        }
        AttributeValue::M(map) => write_map(map, text),
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => {
            let mut members: Vec<&String> = set.iter().collect();
            members.sort_unstable();
            write_count(b'u', members.len(), text);
            members.into_iter().for_each(|member| write_bytes(b's', member.as_bytes(), text));
        }
        // Nothing of ours writes any other kind.
        _ => text.push(b'?'),
    }
}

fn write_map(map: &Item, text: &mut Vec<u8>) {
    let mut names: Vec<&String> = map.keys().collect();
    names.sort_unstable();
    write_count(b'm', names.len(), text);
    for name in names {
        write_bytes(b's', name.as_bytes(), text);
        if let Some(value) = map.get(name) {
            write(value, text);
        }
    }
}

fn write_bytes(kind: u8, bytes: &[u8], text: &mut Vec<u8>) {
    write_count(kind, bytes.len(), text);
    text.extend_from_slice(bytes);
}

fn write_count(kind: u8, count: usize, text: &mut Vec<u8>) {
    text.push(kind);
    text.extend_from_slice(count.to_string().as_bytes());
    text.push(b':');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s(text: &str) -> AttributeValue {
        AttributeValue::S(text.to_owned())
    }

    fn item(pairs: &[(&str, AttributeValue)]) -> Item {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_digest_is_the_same_whatever_the_order_and_another_for_any_other_item() {
        let data = AttributeValue::M(item(&[("b", AttributeValue::N("1".to_owned())), ("a", s("x"))]));
        let one = item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("1"), s("2")]))]);
        let mut pairs: Vec<_> = one.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        pairs.sort_by(|one, other| other.0.cmp(one.0));
        assert_eq!(digest(&one), digest(&item(&pairs)));
        let sets =
            |members: &[&str]| item(&[("set", AttributeValue::Ss(members.iter().map(|m| (*m).to_owned()).collect()))]);
        assert_eq!(digest(&sets(&["a", "b"])), digest(&sets(&["b", "a"])));
        let others = [
            item(&[]),
            item(&[("pk", s("p"))]),
            item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("2"), s("1")]))]),
            item(&[("pk", s("p")), ("data", data.clone()), ("list", AttributeValue::L(vec![s("12")]))]),
            item(&[("pk", s("p")), ("data", data), ("more", s("")), ("list", AttributeValue::L(vec![s("1"), s("2")]))]),
            item(&[("pk", AttributeValue::N("1".to_owned()))]),
            item(&[("pk", s("1"))]),
            item(&[("pk", AttributeValue::Null(true))]),
            item(&[("pk", AttributeValue::Bool(true))]),
            item(&[("pk", AttributeValue::Bool(false))]),
        ];
        let mut digests: Vec<Digest> = others.iter().map(digest).chain([digest(&one)]).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), others.len() + 1);
    }
}
