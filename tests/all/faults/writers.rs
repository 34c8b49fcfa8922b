//! Many writers of one thing, and a right that ends while a write is under way.

use serde_json::{Value, json};
use tests::cast::{self, Contact, Context, FirmAdmin, Owner};
use tests::chaos::{Fault, Rule};
use tests::http::Answer;
use tests::machine::CUSTOMER;
use tests::people::{self, Person};
use tests::runtime_api::HttpEvent;
use tests::{Kit, kit, run};

use super::rig::{Rig, WAITING, asking, by, decision, decisions, refused, signed_in, waiting_approval};
use crate::hosted_documents::{LINKS, begun, opened, send};
use crate::organizations::firm_of_two;
use crate::support::call;

const COMMIT: &str = "TransactWriteItems";
const WRITERS: usize = 24;

/// F5: 24 writers have read the same version, and all of them commit.
/// Proves: F5
#[test]
fn of_24_writers_on_one_version_one_wins() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let approve = Rig::of(kit, "approve").await;
        let crowd = approve.crowd(WRITERS).await;
        let held = approve.table.place(Rule::on(COMMIT, Fault::Hold));
        let asked: Vec<_> = crowd
            .iter()
            .zip(["approved", "rejected"].iter().cycle())
            .map(|(function, verdict)| asking(function, &decision(&owner.person, &owner.here, None, verdict)))
            .collect();
        held.reached(WRITERS).await;
        held.release();
        let mut answers = Vec::new();
        for answer in asked {
            answers.push(answer.await.expect("nothing panics").expect("the function answers"));
        }
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert_eq!((won.len(), lost.len()), (1, WRITERS - 1), "{answers:?}");
        for answer in lost {
            refused(answer, 409, "conflict");
        }
        assert_eq!(decisions(kit, &owner).await, 1);
        let stored = kit.table.item(&format!("COMPANY#{}", owner.company.id), &format!("APPROVAL#{WAITING}")).await;
        let status = stored.as_ref().and_then(|item| tests::table::text(item, "status"));
        assert_eq!(status, won[0].json().pointer("/approval/status").and_then(Value::as_str));
    });
}

/// Everything that a firm's bookkeeper's right to decide rests on.
struct Books {
    owner: Owner,
    admin: FirmAdmin,
    bookkeeper: Person,
    inside: Context,
}

impl Books {
    async fn open(kit: &Kit) -> Self {
        let (owner, admin) = tokio::join!(waiting_approval(kit), cast::firm_admin(kit, "Ada Admin", "Adas Firm"));
        let grants: &[&str] = &["approvals.view", "approvals.decide", "dashboard.view"];
        let ((), bookkeeper) = tokio::join!(
            cast::connect(kit, &owner, &admin, Some(grants)),
            cast::staff(kit, &admin, "Bea Bookkeeper", "bookkeeper"),
        );
        cast::assign(kit, &admin, &owner.company.id, &bookkeeper.user, Some(grants)).await;
        let inside = cast::enter(kit, &bookkeeper, &owner.company.id).await;
        Self { owner, admin, bookkeeper, inside }
    }
}

/// A change whose right ends while its commit is on the way to the table.
struct Racing<'a> {
    /// The function that makes it.
    function: &'a str,
    request: HttpEvent,
    /// The company in which it would be made.
    owner: &'a Owner,
    /// The type of the event that it would record.
    event: &'a str,
    /// The status and the problem with which it is refused.
    refusal: (u16, &'a str),
}

impl Racing<'_> {
    /// Sends the change, ends its right while the commit is on its way, lets the commit go on, and expects that it was
    /// refused and left nothing.
    async fn against(self, kit: &Kit, ending: impl Future<Output = Answer>) {
        let Self { function, request, owner, event, refusal: (status, problem) } = self;
        let rig = Rig::of(kit, function).await;
        let function = rig.start().await;
        let held = rig.table.place(Rule::on(COMMIT, Fault::Hold).times(1));
        let asked = asking(&function, &request);
        held.reached(1).await;
        let ended = ending.await;
        assert!(ended.status < 300, "{}: {} {}", ended.line, ended.status, ended.text());
        let before = kit.table.trace(&owner.company.id).await;
        held.release();
        let answer = asked.await.expect("nothing panics").expect("the function answers");
        let problem = refused(&answer, status, problem);
        assert!(kit.table.trace(&owner.company.id).await == before, "a write outlived its right: {problem}");
        assert_eq!(tests::story::events_of_type(kit, &owner.company.id, event).await, 0);
    }
}

/// Somebody signs off a transaction while what they may do ends.
async fn decide_while(kit: &Kit, owner: &Owner, who: &Person, here: &Context, ending: impl Future<Output = Answer>) {
    let request = decision(who, here, None, "approved");
    let refusal = (403, "not-granted");
    let racing = Racing { function: "approve", request, owner, event: "approval.decided", refusal };
    racing.against(kit, ending).await;
}

/// F5, security 9: a member is removed while their write is on its way to the table.
/// Proves: 9
#[test]
fn a_member_removed_on_the_way_writes_nothing() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let member = cast::member(kit, &owner, "Mara Member", "admin", None).await;
        let path = format!("/v1/members/{}", member.person.user);
        let remove = kit.api.delete(&path).by(&owner.person).within(&owner.here).send();
        decide_while(kit, &owner, &member.person, &member.here, remove).await;
    });
}

/// Security 9: a member keeps their place and loses the one permission.
/// Proves: 9
#[test]
fn a_member_whose_grant_is_taken_on_the_way_writes_nothing() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let member = cast::member(kit, &owner, "Mara Member", "admin", None).await;
        let path = format!("/v1/members/{}", member.person.user);
        let demote =
            kit.api.patch(&path).by(&owner.person).within(&owner.here).json(json!({ "role": "client" })).send();
        decide_while(kit, &owner, &member.person, &member.here, demote).await;
    });
}

/// Security 9: each of the three things that a bookkeeper's right rests on ends in its turn.
/// Proves: 9
#[test]
fn a_bookkeeper_whose_assignment_place_or_firm_is_gone_on_the_way_writes_nothing() {
    run(async {
        let kit = kit();
        let (one, two, three) = tokio::join!(Books::open(kit), Books::open(kit), Books::open(kit));

        let Books { owner, admin, bookkeeper, inside } = &one;
        let path = format!("/v1/assignments/{}/{}", owner.company.id, bookkeeper.user);
        let unassign = kit.api.delete(&path).by(&admin.person).within(&admin.here).send();
        decide_while(kit, owner, bookkeeper, inside, unassign).await;

        let Books { owner, admin, bookkeeper, inside } = &two;
        let path = format!("/v1/staff/{}", bookkeeper.user);
        let dismiss = kit.api.delete(&path).by(&admin.person).within(&admin.here).send();
        decide_while(kit, owner, bookkeeper, inside, dismiss).await;

        let Books { owner, admin, bookkeeper, inside } = &three;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let disconnect = kit.api.delete(&path).by(&owner.person).within(&owner.here).send();
        decide_while(kit, owner, bookkeeper, inside, disconnect).await;
    });
}

/// Security 9: what a firm's invitation gave a member rests on the firm's connection, in the commit too.
/// Proves: 9, 25, S2
#[test]
fn a_member_whom_a_firm_invited_writes_nothing_when_the_firm_is_disconnected_on_the_way() {
    run(async {
        let kit = kit();
        let (owner, admin, planted) = tokio::join!(
            waiting_approval(kit),
            cast::firm_admin(kit, "Ada Admin", "Adas Firm"),
            people::sign_up(kit, "Petra Planted"),
        );
        let grants = ["approvals.view", "approvals.decide", "dashboard.view", "team.view", "team.manage"];
        cast::connect(kit, &owner, &admin, Some(&grants)).await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        let body = json!({ "kind": "member", "email": planted.email, "role": "custom", "permissions": &grants[..3] });
        let invited = cast::invite(kit, &admin.person, &inside, body).await;
        cast::accept(kit, &planted, &invited.token, None).await;
        let here = cast::enter(kit, &planted, &owner.company.id).await;
        let path = format!("/v1/connections/{}", admin.firm.id);
        let disconnect = kit.api.delete(&path).by(&owner.person).within(&owner.here).send();
        decide_while(kit, &owner, &planted, &here, disconnect).await;
    });
}

/// Security 9: each of the three things that a contact's right rests on ends in its turn.
/// Proves: 9, N1, CP7
#[test]
fn a_contact_whose_seat_right_or_customer_is_gone_on_the_way_decides_nothing() {
    run(async {
        let kit = kit();
        let (owner, ledger, _, _) = begun(kit).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 70_000).await;
        let one = cast::contact(kit, &owner, CUSTOMER, "Cleo Contact").await;
        let other = cast::contact(kit, &owner, CUSTOMER, "Clara Contact").await;
        let path = "/v1/customer-portal/estimates/EST-1";
        let shown = kit.api.get(path).by(&one.person).within(&one.here).ok(200).await;
        let accept = json!({ "decision": "accepted", "digest": cast::text(&shown, "/estimate/digest") });
        let racing = |who: &Contact| Racing {
            function: "customer-portal",
            request: by(HttpEvent::post(&format!("{path}/decision")).json(&accept), &who.person, &who.here),
            owner: &owner,
            event: "estimate.decided",
            refusal: (403, "not-granted"),
        };
        let ours = |method: &str, path: &str| call(&kit.api, method, path).by(&owner.person).within(&owner.here);

        let seat = ours("DELETE", &cast::portal_access(CUSTOMER, &one.id)).send_owned();
        racing(&one).against(kit, seat).await;

        let settings = "/v1/customer-portal-settings";
        let rights = ours("PUT", settings).json(json!({ "rights": ["comment"] })).send_owned();
        racing(&other).against(kit, rights).await;
        ours("PUT", settings).json(json!({ "rights": ["accept"] })).ok(200).await;

        let customer = format!("/v1/customers/{CUSTOMER}");
        let archive = ours("PATCH", &customer).json(json!({ "status": "archived" })).send_owned();
        racing(&other).against(kit, archive).await;
    });
}

/// Security 9: a link that the company ends decides nothing any more.
/// Proves: 9, H1
#[test]
fn a_link_that_is_ended_on_the_way_decides_nothing() {
    run(async {
        let kit = kit();
        let (owner, ledger, person, contact) = begun(kit).await;
        ledger.estimate(kit, &owner.company.id, "EST-1", 70_000).await;
        let link = send(kit, &owner, ("estimate", "EST-1"), &contact, &person.email).await;
        let digest = cast::text(&opened(kit, &link.path).await, "/digest");
        let accept = json!({ "decision": "accepted", "digest": digest });
        let request = HttpEvent::post(&link.below("decision")).json(&accept);
        let refusal = (409, "conflict");
        let racing =
            Racing { function: "hosted-documents", request, owner: &owner, event: "estimate.decided", refusal };
        let path = format!("{LINKS}/{}", link.id);
        racing.against(kit, kit.api.delete(&path).by(&owner.person).within(&owner.here).send()).await;
        kit.api.post(&link.below("decision")).json(accept).refused(410, "gone").await;
    });
}

/// Security 9: a firm is reached at its main address only while its holder administers it, in the commit of the
/// acceptance too.
/// Proves: 9, S3
#[test]
fn a_firm_whose_main_address_loses_its_holder_on_the_way_accepts_nothing() {
    run(async {
        let kit = kit();
        let (owner, (holder, other)) = tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), firm_of_two(kit));
        let body = json!({ "kind": "firm", "email": holder.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let accept = HttpEvent::post(&format!("/v1/me/invitations/{}/accept", invited.id));
        let accept = accept.json(&json!({ "firm": holder.firm.id }));
        let racing = Racing {
            function: "accept",
            request: signed_in(accept, &other.access_token),
            owner: &owner,
            event: "connection.started",
            refusal: (404, "not-found"),
        };
        let path = format!("/v1/staff/{}", holder.person.user);
        racing.against(kit, kit.api.delete(&path).by(&holder.person).within(&holder.here).send()).await;
    });
}

/// Security 9, the other order: what committed before the removal stands, whenever its answer comes.
/// Proves: 9
#[test]
fn a_write_that_committed_before_the_removal_stands() {
    run(async {
        let kit = kit();
        let owner = waiting_approval(kit).await;
        let member = cast::member(kit, &owner, "Mara Member", "admin", None).await;
        let approve = Rig::of(kit, "approve").await;
        let function = approve.start().await;
        let held = approve.table.place(Rule::on(COMMIT, Fault::HoldReply).times(1));
        let asked = asking(&function, &decision(&member.person, &member.here, None, "approved"));
        held.reached(1).await;
        let path = format!("/v1/members/{}", member.person.user);
        let removed = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(removed.status < 300, "{}", removed.text());
        held.release();
        let answer = asked.await.expect("nothing panics").expect("the function answers");
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(decisions(kit, &owner).await, 1);
        let again = function.request(&decision(&member.person, &member.here, None, "approved")).await;
        refused(&again.expect("the function answers"), 403, "not-granted");
    });
}
