//! Registration links, signup codes, referrals and billing.

use serde_json::{Value, json};
use tests::cast::{self, Context, text, token_in};
use tests::machine::Vendor;
use tests::people::Person;
use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because, Mutation, Read};
use super::book::{Book, Kind, signed};
use super::{Places, Tale, letter_of};
use crate::faults::rig::{by, by_vendor};

const PAGE: Kind = Because(2, "whose name to show is only known once the link was read");
const REGISTER: Kind = Because(3, "which firm a link or a code leads to is only known once it was read");
const BILLING: Kind = Because(2, "whose connections to look at is only known once the offers were read");
const OFFERS: Kind = Because(2, "whose connections and choices to look at is only known once the offers were read");
const CHOOSE: Kind = Because(3, "whose connections to look at is only known once the offers were read");
const REVERSE: Kind = Because(3, "in which currency was earned is only known once the entry was read");
const NAMES: Kind = Because(2, "what companies are called now is their own items, known once the page was read");
const EARN: Kind = Because(3, "in which currency a referral earns is only known once the agreement was read");

impl Tale {
    /// A link and a code are made, someone comes through each, and both are revoked.
    pub(super) async fn registrations(&mut self, book: &mut Book<'_>, places: &Places) -> Newcomer {
        let (admin, guest) = (self.admin.clone(), self.guest.clone());
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let body = json!({ "label": "Pattern", "max_uses": 9, "billing_owner": "firm" });
        let new = self.once(firm(HttpEvent::post("/v1/registration-links").json(&body)));
        let made = book.ask("make a registration link", Mutation, new).await;
        let (link, token) = (text(&made, "/registration_link/id"), token_in(&text(&made, "/url")));
        let new = self.once(firm(HttpEvent::post("/v1/signup-codes").json(&json!({ "label": "Pattern" }))));
        let made = book.ask("make a signup code", Mutation, new).await;
        let (code, typed) = (text(&made, "/signup_code/id"), text(&made, "/code"));

        let open = HttpEvent::get(&format!("/r/{token}"));
        book.ask("the page behind a registration link", PAGE, open).await;
        let shown = json!({ "token": token });
        let preview = signed(HttpEvent::post("/v1/registrations/preview").json(&shown), &guest);
        let seen = book.ask("what registering would bring", PAGE, preview).await;
        let company = json!({ "name": "Newcomer Ltd", "currency": "EUR", "time_zone": "Europe/Lisbon" });
        let agreed =
            |seen: &Value| json!({ "version": seen["consent"]["version"], "digest": seen["consent"]["digest"] });
        let body = json!({ "token": token, "company": company, "consent": agreed(&seen) });
        let register = self.once(signed(HttpEvent::post("/v1/registrations").json(&body), &guest));
        let made = book.ask("register through a link", REGISTER, register).await;
        let newcomer = text(&made, "/company/id");
        let registered = letter_of(&book.events());
        let name = "letters about a client that registered";
        book.invoke(name, "notify", "`referral.registered`", Background, &registered).await;
        let shown = signed(HttpEvent::post("/v1/registrations/preview").json(&json!({ "code": typed })), &guest);
        let seen = book.prepare(shown).await;
        let body = json!({ "code": typed, "company": company, "consent": agreed(&seen) });
        let register = self.once(signed(HttpEvent::post("/v1/registrations").json(&body), &guest));
        let made = book.ask("register with a code", REGISTER, register).await;
        let second = text(&made, "/company/id");

        let list = firm(HttpEvent::get("/v1/registration-links").query("limit", "5"));
        book.ask("registration links", Read, list).await;
        let path = format!("/v1/registration-links/{link}");
        let get = firm(HttpEvent::get(&path).query("limit", "5"));
        book.ask("a registration link and who came", NAMES, get).await;
        let draw = firm(HttpEvent::get(&format!("{path}/qr")));
        book.ask("a link's QR code", Read, draw).await;
        let revoke = self.once(firm(HttpEvent::post(&format!("{path}/revoke")).json(&json!({}))));
        book.ask("revoke a registration link", Mutation, revoke).await;
        let list = firm(HttpEvent::get("/v1/signup-codes").query("limit", "5"));
        book.ask("signup codes", Read, list).await;
        let path = format!("/v1/signup-codes/{code}");
        let get = firm(HttpEvent::get(&path).query("limit", "5"));
        book.ask("a signup code and who came", NAMES, get).await;
        let revoke = self.once(firm(HttpEvent::post(&format!("{path}/revoke")).json(&json!({}))));
        book.ask("revoke a signup code", Mutation, revoke).await;

        // The context's function knows nothing of the newcomer yet.
        let enter = signed(HttpEvent::post(&format!("/v1/contexts/{newcomer}")).json(&json!({})), &guest);
        let inside = book.prepare(enter).await;
        Newcomer { person: guest, company: newcomer, second, here: cast::context(&inside) }
    }

    /// The vendor's reports about signups, the firm's view of them, and who pays.
    pub(super) async fn referrals(&mut self, book: &mut Book<'_>, places: &Places, newcomer: &Newcomer) {
        let vendor = Vendor::sign_in(book.kit).await;
        let admin = self.admin.clone();
        let said = |event: HttpEvent| by_vendor(event, &vendor);
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let of = |path: &str| format!("/v1/vendor/firms/{}{path}", places.firm);

        let path = "/v1/vendor/signup-codes/FAIR-1";
        let put = said(HttpEvent::put(path).json(&json!({ "referrer": places.firm })));
        book.ask("make a code of the vendor's", Mutation, put).await;
        book.ask("a code of the vendor's", Read, said(HttpEvent::get(path))).await;
        let revoke = said(HttpEvent::post(&format!("{path}/revoke")).json(&json!({})));
        book.ask("revoke a code of the vendor's", Mutation, revoke).await;
        let lift = HttpEvent::post("/v1/vendor/suppressions/lift").json(&json!({ "email": admin.email }));
        book.ask("have letters to somebody sent again", Mutation, said(lift)).await;

        let bonus = json!({ "bonus": { "amount_minor": 5_000, "currency": "EUR" } });
        let put = said(HttpEvent::put(&of("/referral-agreement")).json(&bonus));
        book.ask("agree on a bonus", Mutation, put).await;
        book.ask("a firm's agreement", Read, said(HttpEvent::get(&of("/referral-agreement")))).await;
        let get = firm(HttpEvent::get("/v1/referral-agreement"));
        book.ask("one's agreement", Read, get).await;

        let referral = of(&format!("/referrals/{}", newcomer.company));
        let put = said(HttpEvent::put(&referral).json(&json!({ "state": "active" })));
        book.ask("a referral that earns", EARN, put).await;
        let second = of(&format!("/referrals/{}", newcomer.second));
        book.prepare(said(HttpEvent::put(&second).json(&json!({ "state": "active" })))).await;
        let put = said(HttpEvent::put(&format!("{referral}/reversal")).json(&json!({})));
        book.ask("take a bonus back", REVERSE, put).await;
        let put = said(HttpEvent::put(&of("/payouts/OUT-1")).json(&json!({ "amount_minor": 500, "currency": "EUR" })));
        book.ask("record a payout", Mutation, put).await;
        let list = firm(HttpEvent::get("/v1/referrals").query("limit", "5"));
        book.ask("one's referrals", NAMES, list).await;
        let list = said(HttpEvent::get(&of("/referrals")).query("limit", "5"));
        book.ask("a firm's referrals", NAMES, list).await;
        let list = firm(HttpEvent::get("/v1/bonuses").query("limit", "5"));
        book.ask("one's bonuses", Read, list).await;
        let list = said(HttpEvent::get(&of("/bonuses")).query("limit", "5"));
        book.ask("a firm's bonuses", Read, list).await;
        self.billing(book, places, newcomer, &vendor).await;
    }

    async fn billing(&mut self, book: &mut Book<'_>, places: &Places, newcomer: &Newcomer, vendor: &Vendor) {
        let admin = self.admin.clone();
        let inside = |event: HttpEvent| by(event, &newcomer.person, &newcomer.here);
        let firm = |event: HttpEvent| by(event, &admin, &places.admin_here);
        let get = inside(HttpEvent::get("/v1/billing"));
        book.ask("who pays", BILLING, get).await;
        let get = by_vendor(HttpEvent::get(&format!("/v1/vendor/companies/{}/billing", newcomer.company)), vendor);
        book.ask("who pays for a company", BILLING, get).await;
        let put = inside(HttpEvent::put("/v1/billing").json(&json!({ "owner": "company" })));
        book.ask("choose who pays", CHOOSE, put).await;
        let offer = format!("/v1/billing-offers/{}", newcomer.company);
        book.ask("take an offer to pay back", Mutation, firm(HttpEvent::delete(&offer))).await;
        let put = firm(HttpEvent::put(&offer).json(&json!({})));
        book.ask("offer to pay", Mutation, put).await;
        let list = firm(HttpEvent::get("/v1/billing-offers").query("limit", "5"));
        book.ask("whom a firm offers to pay for", OFFERS, list).await;
    }
}

/// Someone who came through a registration link, standing in their company.
pub(super) struct Newcomer {
    pub(super) person: Person,
    pub(super) company: String,
    /// The other company that they registered, with a code.
    pub(super) second: String,
    pub(super) here: Context,
}
