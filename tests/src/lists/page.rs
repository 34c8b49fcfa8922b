//! One page of a list, and what it took.

use crate::capacity::{Meter, Units};
use crate::chaos::Chaos;
use crate::context::Context;
use crate::people::{self, Person};
use crate::runtime_api::{Function, HttpEvent};

/// The largest page.
const LARGEST: usize = 100;

/// What one page took.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page {
    /// What was asked for.
    pub what: &'static str,
    /// How many entries it held.
    pub entries: usize,
    /// Requests to the table: the caller's proof and the query go out side by side.
    pub requests: usize,
    /// What they cost.
    pub units: Units,
}

/// A list behind a running function, and the person who pages through it.
#[derive(Debug, Clone, Copy)]
pub(super) struct PagedList<'l> {
    pub(super) function: &'l Function,
    pub(super) table: &'l Chaos,
    pub(super) path: &'l str,
    /// The member of the answer that holds the entries.
    pub(super) entries: &'l str,
    pub(super) by: &'l Person,
    pub(super) here: &'l Context,
}

impl PagedList<'_> {
    /// The cursor behind so many entries, reached page by page as a person would.
    pub(super) async fn cursor_behind(&self, entries: usize) -> String {
        let (mut left, mut cursor) = (entries, String::new());
        let mut meter = Meter::new();
        while left > 0 {
            let limit = left.min(LARGEST);
            let limit_text = limit.to_string();
            let mut query = vec![("limit", limit_text.as_str())];
            if !cursor.is_empty() {
                query.push(("cursor", &cursor));
            }
            let (_, next) = self.ask(&mut meter, "on the way", &query, limit).await;
            cursor = next.expect("there is more");
            left -= limit;
        }
        cursor
    }

    /// Asks for one page, and answers what it took and the cursor of the next.
    pub(super) async fn ask(
        &self,
        meter: &mut Meter,
        what: &'static str,
        query: &[(&str, &str)],
        limit: usize,
    ) -> (Page, Option<String>) {
        let mut event = HttpEvent::get(self.path);
        for (name, value) in query {
            event = event.query(name, value);
        }
        let token = &self.by.access_token;
        let event = event
            .header("authorization", &format!("Bearer {token}"))
            .claims(&people::claims(token))
            .header("countersign-context", &self.here.token);
        let _before = self.table.take_exchanges();
        let answer = self.function.request(&event).await.unwrap_or_else(|e| panic!("{what}: {e}"));
        assert_eq!(answer.status, 200, "{what} ({query:?}): {}", answer.text());
        let body = answer.json();
        let entries = body[self.entries].as_array().map_or(0, Vec::len);
        assert!(entries <= limit, "{what}: {entries} entries on a page of {limit}");
        let exchanges = self.table.take_exchanges();
        let units = meter.measure_all(&exchanges);
        (Page { what, entries, requests: exchanges.len(), units }, body["next_cursor"].as_str().map(str::to_owned))
    }
}
