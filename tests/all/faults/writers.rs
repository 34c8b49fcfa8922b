//! Many writers of one thing, and a right that ends while a write is under way.

use serde_json::{Value, json};
use tests::cast::{self, Context, FirmAdmin, Owner};
use tests::chaos::{Fault, Rule};
use tests::http::Answer;
use tests::people::Person;
use tests::{Kit, kit, run};

use super::rig::{Rig, WAITING, asking, decision, decisions, refused, waiting_approval};

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

/// Has someone decide, ends their right while the commit is on its way, lets the commit go on, and
/// expects that it was refused and left nothing.
async fn decide_while(kit: &Kit, owner: &Owner, who: &Person, here: &Context, ending: impl Future<Output = Answer>) {
    let approve = Rig::of(kit, "approve").await;
    let function = approve.start().await;
    let held = approve.table.place(Rule::on(COMMIT, Fault::Hold).times(1));
    let asked = asking(&function, &decision(who, here, None, "approved"));
    held.reached(1).await;
    let ended = ending.await;
    assert!(ended.status < 300, "{}: {} {}", ended.line, ended.status, ended.text());
    let before = kit.table.trace(&owner.company.id).await;
    held.release();
    let answer = asked.await.expect("nothing panics").expect("the function answers");
    let problem = refused(&answer, 403, "not-granted");
    assert!(kit.table.trace(&owner.company.id).await == before, "a write outlived its right: {problem}");
    assert_eq!(decisions(kit, owner).await, 0);
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
