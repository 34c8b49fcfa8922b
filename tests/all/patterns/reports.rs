//! Reports, from the push to the correction of what was published.

use serde_json::{Value, json};
use tests::cast::text;
use tests::machine;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind};
use super::{Places, REFERENCE, Tale, WITHDRAWN, letter_of};
use crate::faults::rig::{by, by_ledger};

/// A forecast, beside the profit and loss.
const FORECAST: &str = "PATTERN-FC";

const IN_FULL: Kind =
    Because(2, "which version to read, and in how many parts, is only known once the report was read");

impl Tale {
    /// The ledger pushes reports, and an owner publishes, reads and corrects them.
    pub(super) async fn reports(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let path = places.ledger_path("reports", REFERENCE);
        let push = |version, profit| by_ledger(HttpEvent::put(&path).json(&machine::report(version, profit)), &ledger);
        book.ask("push a report", Mutation, push(1, 110_000)).await;
        book.ask("push a version in place of a draft", Mutation, push(2, 110_000)).await;
        book.ask("a report, for the ledger", IN_FULL, by_ledger(HttpEvent::get(&path), &ledger)).await;
        let other = places.ledger_path("reports", WITHDRAWN);
        book.prepare(by_ledger(HttpEvent::put(&other).json(&machine::report(1, 60_000)), &ledger)).await;

        book.ask("reports by reference", Read, here(HttpEvent::get("/v1/reports"))).await;
        let list = here(HttpEvent::get("/v1/reports").query("kind", "profit_and_loss"));
        book.ask("reports of one kind, the latest period first", Read, list).await;
        let one = format!("/v1/reports/{REFERENCE}");
        book.ask("a report in full", IN_FULL, here(HttpEvent::get(&one))).await;
        book.ask("a report as CSV", IN_FULL, here(HttpEvent::get(&format!("{one}/csv")))).await;
        let compare = here(HttpEvent::get(&format!("{one}/comparison")));
        book.ask("a report compared with a column of it", IN_FULL, compare).await;
        let compare = here(HttpEvent::get(&format!("{one}/comparison")).query("with", WITHDRAWN));
        book.ask("a report compared with another", IN_FULL, compare).await;

        let publish = |body: Value| here(HttpEvent::post("/v1/publications").json(&body));
        let october =
            |version: u64| json!({ "month": "2026-10", "reports": [{ "reference": REFERENCE, "version": version }] });
        let first = self.once(publish(october(2)));
        let published = book.ask("publish the accounts of a month", Mutation, first).await;
        let ready = letter_of(&book.events());
        book.invoke("letters about published accounts", "notify", "`accounts.published`", Background, &ready).await;
        let id = text(&published, "/publication/id");
        book.prepare(push(3, 109_000)).await;
        let mut correction = october(3);
        correction["corrects"] = json!(id);
        let correct = self.once(publish(correction));
        book.ask("correct the accounts of a month", Mutation, correct).await;
        book.ask("publications", Read, here(HttpEvent::get("/v1/publications"))).await;
        let one = here(HttpEvent::get(&format!("/v1/publications/{id}")));
        book.ask("a publication", Read, one).await;
        self.forecasts(book, places).await;
        self.facts(book, places).await;
    }

    /// A forecast is published below a threshold of the owner's.
    async fn forecasts(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, ledger) = (self.owner.clone(), self.ledger.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let path = places.ledger_path("reports", FORECAST);
        let push =
            |version, lowest| by_ledger(HttpEvent::put(&path).json(&machine::forecast(version, lowest)), &ledger);
        let month = |month: &str, version: u64| {
            let reports = json!([{ "reference": FORECAST, "version": version }]);
            here(HttpEvent::post("/v1/publications").json(&json!({ "month": month, "reports": reports })))
        };
        book.call(FORECAST, "reference");
        book.prepare(push(1, 500)).await;
        let first = self.once(month("2026-08", 1));
        book.ask("publish a forecast", Mutation, first).await;
        let own = "/v1/cashflow-forecast/own-thresholds";
        let thresholds = json!({ "thresholds": [{ "threshold_minor": 100 }] });
        let set = here(HttpEvent::put(own).json(&thresholds));
        book.ask("set thresholds of one's own for the forecast", Mutation, set).await;
        book.ask("thresholds of one's own for the forecast", Read, here(HttpEvent::get(own))).await;
        book.prepare(push(2, -200)).await;
        let second = self.once(month("2026-09", 2));
        book.ask("publish a forecast below a threshold", Mutation, second).await;
        let schedule = json!({ "schedule": "thresholds" });
        book.invoke("a forecast below a threshold", "notify", "its schedule", Background, &schedule).await;
        let below = letter_of(&book.events());
        let source = "`forecast.below_threshold`";
        book.invoke("letters about a forecast", "notify", source, Background, &below).await;
    }

    /// The ledger states what it knows, once and many at once.
    async fn facts(&mut self, book: &mut Book<'_>, places: &Places) {
        let (ledger, path) = (self.ledger.clone(), places.ledger_path("facts", REFERENCE));
        let fact = json!({
            "kind": "vat_return_filed", "period_from": "2026-07-01", "period_until": "2026-09-30", "date": "2026-10-29",
        });
        book.ask("state a fact", Mutation, by_ledger(HttpEvent::put(&path).json(&fact), &ledger)).await;
        let stated = letter_of(&book.events());
        book.invoke("letters about a fact", "notify", "`vat_return.filed`", Background, &stated).await;
        book.ask("a fact, for the ledger", Read, by_ledger(HttpEvent::get(&path), &ledger)).await;
        let row = |reference: &str| {
            let mut row = fact.clone();
            row["company"] = json!(places.company);
            row["reference"] = json!(reference);
            row
        };
        let rows = json!({ "facts": [row(REFERENCE), row(WITHDRAWN)] });
        let push = by_ledger(HttpEvent::post("/v1/ledger/facts").json(&rows), &ledger);
        book.ask("state many facts", Mutation, push).await;
    }
}
