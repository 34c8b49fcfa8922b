//! What somebody chooses about notifications, and what is in their inbox.

use serde_json::json;
use tests::cast::text;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind, signed};
use super::{Places, Tale};
use crate::faults::rig::by;
use crate::mail_preferences::unsubscribing;

const SEAT_FIRST: Kind = Because(2, "what applies in a place is read with the seat there, which has to be found first");
const SEAT_THEN_CHOICE: Kind =
    Because(3, "what applies in a place is read with the seat there, which has to be found first, and then written");

impl Tale {
    /// An owner chooses what is mailed, and reads what came so far.
    pub(super) async fn notifications(&mut self, book: &mut Book<'_>, places: &Places) {
        let owner = self.owner.clone();
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        let own = |event: HttpEvent| signed(event, &owner);
        let patch = |path: &str, body| own(HttpEvent::new("PATCH", path).json(&body));

        let settings = "/v1/notification-settings";
        let off = json!({ "categories": [{ "category": "sales", "mail": "none" }] });
        book.ask("choose what is mailed by category", Mutation, patch(settings, off)).await;
        book.ask("one's choices by category", Read, own(HttpEvent::get(settings))).await;
        let of_company = format!("{settings}/{}", places.company);
        let off = json!({ "types": [{ "type": "estimate.decided", "mail": "none" }] });
        book.ask("choose what is mailed in one place", SEAT_THEN_CHOICE, patch(&of_company, off)).await;
        book.ask("what is mailed in one place", SEAT_FIRST, own(HttpEvent::get(&of_company))).await;

        let settings = "/v1/client-notification-settings";
        let off = json!({ "types": [{ "type": "sales_document.viewed", "mail": "none" }] });
        let put = here(HttpEvent::put(settings).json(&off));
        book.ask("set what is mailed to a company's people", Mutation, put).await;
        book.ask("what is mailed to a company's people", Read, here(HttpEvent::get(settings))).await;

        let page = book.ask("one's notifications in a company", Read, here(HttpEvent::get("/v1/notifications"))).await;
        let newest = text(&page, "/notifications/0/id");
        let read = |path: &str| here(HttpEvent::post(path).json(&json!({})));
        let one = read(&format!("/v1/notifications/{newest}/read"));
        book.ask("read a notification", Mutation, one).await;
        book.ask("read all notifications", Mutation, read("/v1/notifications/read")).await;

        let mails = book.kit.mailbox.inbox(&owner.email).await;
        let is_about_approvals = |link: &String| link.contains(".approvals.");
        let link =
            mails.iter().filter_map(unsubscribing).find(is_about_approvals).expect("a letter that can be stopped");
        book.ask("what is mailed to the reader of a letter", Read, HttpEvent::get(&link)).await;
        let stop = HttpEvent::post(&link).form(&[("List-Unsubscribe", "One-Click")]);
        book.ask("stop a category by the link in a letter", Mutation, stop).await;
        let resume = HttpEvent::post(&format!("{link}/resumption")).form(&[]);
        book.ask("start it again", Mutation, resume).await;
        let choose = HttpEvent::post(&format!("{link}/choices")).form(&[("money", "in_digest")]);
        book.ask("choose what is mailed, without a sign-in", Mutation, choose).await;
        book.ask("the mails to oneself in a company", Read, here(HttpEvent::get("/v1/mails"))).await;
        let about = HttpEvent::get("/v1/sent-mails").query("subject_kind", "approval").query("subject_id", "REF-1");
        book.ask("the mails about a subject", Read, here(about)).await;

        let schedule = json!({ "schedule": "postponed_mail" });
        book.invoke("mail that waits, none of it due", "notify", "its schedule", Background, &schedule).await;
    }
}
