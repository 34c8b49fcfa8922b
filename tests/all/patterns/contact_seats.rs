//! A contact is let in, looks around, leaves, and is let in and switched off again.

use serde_json::json;
use tests::cast::{self, text};
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind, signed};
use super::{Places, Tale, letter_of, token};
use crate::faults::rig::by;

const CUSTOMER: &str = "CUS-9";
const SEAT_FIRST: Kind = Because(3, "what ends with a contact's access is only known once the contact was read");
const OWN_PEOPLE: Kind =
    Because(4, "whether a contact works for the company is only looked up once their address and who has it were read");
const LEAVING: Kind = Because(3, "which contact the caller is stands in their seat");

impl Tale {
    /// A contact's access from the letter to its end.
    pub(super) async fn contact_seats(&mut self, book: &mut Book<'_>, places: &Places) {
        let (owner, visitor) = (self.owner.clone(), self.visitor.clone());
        let here = |event: HttpEvent| by(event, &owner, &places.owner_here);
        book.call(CUSTOMER, "reference");
        let customer = json!({ "reference": CUSTOMER, "name": "Pattern Client", "currency": "EUR" });
        book.prepare(here(HttpEvent::post("/v1/customers").json(&customer))).await;
        let body = json!({ "name": "Vera Visit", "email": visitor.email });
        let contacts = format!("/v1/customers/{CUSTOMER}/contacts");
        let added = book.prepare(here(HttpEvent::post(&contacts).json(&body))).await;
        let access = cast::portal_access(CUSTOMER, &text(&added, "/contact/id"));

        let give = self.once(here(HttpEvent::post(&access).json(&json!({}))));
        book.ask("switch a contact's access on", OWN_PEOPLE, give).await;
        let created = letter_of(&book.events());
        book.invoke("the letter to a contact", "notify", "`invitation.created`", Background, &created).await;
        let body = json!({ "token": token(book, &visitor.email).await });
        book.prepare(signed(HttpEvent::post("/v1/invitations/accept").json(&body), &visitor)).await;

        let path = format!("/v1/contexts/{}/customers/{CUSTOMER}", places.company);
        let enter = signed(HttpEvent::post(&path).json(&json!({})), &visitor);
        let inside = cast::context(&book.ask("enter the portal of a customer", Mutation, enter).await);
        let home = by(HttpEvent::get("/v1/customer-portal"), &visitor, &inside);
        book.ask("the portal of a customer", Read, home).await;
        let leave = by(HttpEvent::delete("/v1/customer-portal/access"), &visitor, &inside);
        book.ask("leave as a contact", LEAVING, leave).await;

        let give = self.once(here(HttpEvent::post(&access).json(&json!({}))));
        book.prepare(give).await;
        book.ask("switch a contact's access off", SEAT_FIRST, here(HttpEvent::delete(&access))).await;
    }
}
