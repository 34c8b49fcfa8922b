//! `/i/{token}`, `/i/{token}/account`, `/v1/invitations/accept`, `/v1/invitations/reject`.

use serde_json::json;
use tests::Kit;
use tests::cast::{self, Invited, Owner, list, text};
use tests::narrator::page_text;
use tests::people::{self, PASSWORD};
use tests::{kit, run};

use crate::support::{refused_input, with};

/// An owner and a client invitation to an address.
pub(crate) async fn invited(kit: &Kit, email: &str) -> (Owner, Invited) {
    let owner = cast::owner(kit, "Ines Inviter", "Inviters Ltd").await;
    let body = json!({ "kind": "member", "email": email, "role": "client" });
    let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
    (owner, invited)
}

pub(crate) async fn members(kit: &Kit, owner: &Owner) -> usize {
    let answer = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
    list(&answer, "members").len()
}

/// Proves: 12
#[test]
fn opening_the_link_changes_nothing_however_often_and_by_whom() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        // The letter may come before it is on record that it was sent.
        crate::reminders::sent(kit, &invited).await;
        let item = format!("INVITATION#{}", invited.id);
        let before = (kit.table.trace(&owner.company.id).await, kit.table.partition(&item).await);
        for agent in [
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1) SafeLinks",
            "Barracuda Sentinel (EE)",
            "Slackbot-LinkExpanding 1.0",
            "facebookexternalhit/1.1",
            "GoogleImageProxy",
            "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/120.0",
            "curl/8.5.0",
            "Proofpoint-URL-Defense",
            "Mimecast",
            "",
        ] {
            let page = kit.api.get(&invited.link).header("user-agent", agent).send().await;
            page.ok_page();
        }
        let head = kit.api.request("HEAD".parse().unwrap(), &invited.link).send().await;
        assert!(head.status < 500, "HEAD: {}", head.status);
        let after = (kit.table.trace(&owner.company.id).await, kit.table.partition(&item).await);
        assert!(before == after, "a GET changed the table");
        cast::accept(kit, &guest, &invited.token, None).await;
    });
}

#[test]
fn the_page_says_who_invites_whom_to_what_and_leaks_nothing_else() {
    run(async {
        let kit = kit();
        let (owner, invited) = invited(kit, &people::address("Gus Guest")).await;
        let page = kit.api.get(&invited.link).send().await;
        page.ok_page();
        let read = page_text(&page.text()).join(" ");
        for said in [&owner.person.name, &owner.company.name] {
            assert!(read.contains(said.as_str()), "the page does not say {said}: {read}");
        }
        assert!(!page.text().contains(&owner.person.user), "the page leaks an id");
        for (header, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff")] {
            assert!(
                page.header(header).is_some_and(|set| set.contains(value)),
                "{header} is {:?}",
                page.header(header)
            );
        }
        let policy = page.header("content-security-policy").unwrap_or_default();
        assert!(policy.contains("default-src 'none'"), "the page's policy is {policy}");
    });
}

#[test]
fn accept_makes_a_member_of_the_invited_role() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        let answer = cast::accept(kit, &guest, &invited.token, None).await;
        assert_eq!(text(&answer, "/outcome"), "accepted");
        assert_eq!(text(&answer, "/org/name"), owner.company.name);
        assert_eq!(text(&answer, "/org/kind"), "company");
        let answer = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        let found = with(list(&answer, "members"), "user", &guest.user);
        assert_eq!(text(found[0], "/role"), "client");
    });
}

/// Proves: 13
#[test]
fn accepting_again_says_so_and_changes_nothing() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        cast::accept(kit, &guest, &invited.token, None).await;
        let before = kit.table.trace(&owner.company.id).await;
        let again = cast::accept(kit, &guest, &invited.token, None).await;
        assert_eq!(text(&again, "/outcome"), "already_accepted");
        assert!(kit.table.trace(&owner.company.id).await == before, "the second accept wrote something");
    });
}

/// Proves: 13, B5
#[test]
fn accept_refuses_a_used_link_to_anyone_else() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let other = people::sign_up(kit, "Olaf Other").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        cast::accept(kit, &guest, &invited.token, None).await;
        let answer =
            kit.api.post("/v1/invitations/accept").by(&other).json(json!({ "token": invited.token })).send().await;
        answer.refused(403, "wrong-recipient");
        assert_eq!(members(kit, &owner).await, 2);
    });
}

/// Proves: 13, B6
#[test]
fn accept_refuses_another_emails_account() {
    run(async {
        let kit = kit();
        let (owner, invited) = invited(kit, &people::address("Gus Guest")).await;
        let other = people::sign_up(kit, "Olaf Other").await;
        let before = kit.table.trace(&owner.company.id).await;
        let call = kit.api.post("/v1/invitations/accept").by(&other).json(json!({ "token": invited.token }));
        call.refused(403, "wrong-recipient").await;
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused accept left a trace");
    });
}

/// Proves: 13, F17, B5
#[test]
fn accept_refuses_an_expired_invitation() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        expire(kit, &invited).await;
        let before = kit.table.trace(&owner.company.id).await;
        let call = kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token }));
        call.refused(410, "gone").await;
        let page = kit.api.get(&invited.link).send().await;
        assert_eq!(page.status, 410, "{}", page.text());
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused accept left a trace");
    });
}

/// Makes the invitation's time pass, as the table holds it: expiry is judged in code, not by the TTL.
async fn expire(kit: &Kit, invited: &Invited) {
    let key = format!("INVITATION#{}", invited.id);
    let item = kit.table.item(&key, "INVITATION").await.expect("the invitation is in the table");
    let past = match item.get("expires_at").expect("an invitation expires") {
        aws_sdk_dynamodb::types::AttributeValue::N(_) => {
            aws_sdk_dynamodb::types::AttributeValue::N("1577836800".to_owned())
        }
        _ => aws_sdk_dynamodb::types::AttributeValue::S("2020-01-01T00:00:00Z".to_owned()),
    };
    kit.table.set(&key, "INVITATION", "expires_at", past).await;
}

/// Proves: 13, B5
#[test]
fn accept_refuses_a_forged_token() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        let last = invited.token.chars().last().unwrap();
        let flipped = if last == 'A' { 'E' } else { 'A' };
        let changed: String =
            invited.token.chars().rev().skip(1).collect::<String>().chars().rev().chain([flipped]).collect();
        for forged in [changed, "nonsense".to_owned(), format!("{}x", invited.token), invited.id.clone(), String::new()]
        {
            let answer =
                kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": forged })).send().await;
            answer.refused(404, "not-found");
            assert!(answer.slug().is_some(), "{}", answer.text());
        }
        let page = kit.api.get("/i/nonsense").send().await;
        assert_eq!(page.status, 404, "{}", page.text());
        assert_eq!(members(kit, &owner).await, 1);
    });
}

/// Proves: 13
#[test]
fn accept_needs_an_inviter_who_may_still_invite() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
        let path = format!("/v1/members/{}", admin.person.user);
        let removed = kit.api.delete(&path).by(&owner.person).within(&owner.here).send().await;
        assert!(removed.status < 300, "{}", removed.text());
        let answer =
            kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token })).send().await;
        answer.refused(410, "gone");
        assert_eq!(members(kit, &owner).await, 1, "someone without the right let a guest in");
    });
}

#[test]
fn what_is_sent_again_by_another_can_be_taken_although_the_first_inviter_has_left() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::member(kit, &owner, "Adam Admin", "admin", None).await;
        let guest = people::sign_up(kit, "Gus Guest").await;
        let body = json!({ "kind": "member", "email": guest.email, "role": "client" });
        let invited = cast::invite(kit, &admin.person, &admin.here, body).await;
        let path = format!("/v1/members/{}", admin.person.user);
        kit.api.delete(&path).by(&owner.person).within(&owner.here).ok(200).await;
        let path = format!("/v1/invitations/{}/resend", invited.id);
        let call = kit.api.post(&path).by(&owner.person).within(&owner.here).json(json!({}));
        let resent = call.ok(200).await;
        assert_eq!(text(&resent, "/invitation/invited_by"), owner.person.user, "the owner stands for it now");
        let path = format!("/v1/me/invitations/{}/accept", invited.id);
        kit.api.post(&path).by(&guest).json(json!({})).ok(200).await;
        assert_eq!(members(kit, &owner).await, 2);
    });
}

/// A person who was removed, or whose place expired, does not come back by an invitation that was still open.
#[test]
fn an_older_invitation_does_not_bring_back_a_removed_person() {
    run(async {
        let kit = kit();
        let (owner, admin) =
            tokio::join!(cast::owner(kit, "Otto Owner", "Owners Ltd"), cast::firm_admin(kit, "Ada Admin", "Admins"),);
        let guest = people::sign_up(kit, "Gus Guest").await;
        let accept =
            |id: &str| kit.api.post(&format!("/v1/me/invitations/{id}/accept")).by(&guest).json(json!({})).send_owned();
        let cases = [
            (
                &owner.person,
                &owner.here,
                json!({ "kind": "member", "email": guest.email, "role": "client" }),
                "members",
            ),
            (
                &admin.person,
                &admin.here,
                json!({ "kind": "staff", "email": guest.email, "role": "bookkeeper" }),
                "staff",
            ),
        ];
        for (by, here, body, place) in cases {
            let older = cast::invite(kit, by, here, body.clone()).await;
            let taken = cast::invite(kit, by, here, body).await;
            accept(&taken.id).await.ok(200);
            let path = format!("/v1/{place}/{}", guest.user);
            kit.api.delete(&path).by(by).within(here).ok(200).await;
            let refused = accept(&older.id).await.refused(410, "gone");
            assert_eq!(text(&refused, "/state"), "ended", "{place}: {refused}");
            // Sent again it is a new decision.
            let path = format!("/v1/invitations/{}/resend", older.id);
            kit.api.post(&path).by(by).within(here).json(json!({})).ok(200).await;
            accept(&older.id).await.ok(200);
        }

        // The same of a firm: ended, it does not connect itself anew.
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let older = cast::invite(kit, &owner.person, &owner.here, body.clone()).await;
        let taken = cast::invite(kit, &owner.person, &owner.here, body).await;
        let path = |id: &str| format!("/v1/me/invitations/{id}/accept");
        kit.api.post(&path(&taken.id)).by(&admin.person).json(json!({})).ok(200).await;
        let connection = format!("/v1/connections/{}", admin.firm.id);
        kit.api.delete(&connection).by(&owner.person).within(&owner.here).ok(200).await;
        kit.api.post(&path(&older.id)).by(&admin.person).json(json!({})).refused(410, "gone").await;
    });
}

#[test]
fn a_rejected_invitation_cannot_be_accepted_later() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        let body = json!({ "token": invited.token, "reason": "Wrong person" });
        let rejected = kit.api.post("/v1/invitations/reject").by(&guest).json(body).send().await;
        rejected.ok(200);
        let answer =
            kit.api.post("/v1/invitations/accept").by(&guest).json(json!({ "token": invited.token })).send().await;
        answer.refused(410, "gone");
        assert_eq!(members(kit, &owner).await, 1);
        let trail = tests::story::audit_trail(kit, &owner.person, &owner.here).await;
        assert!(crate::support::types(&trail).contains(&"invitation.rejected"));
    });
}

#[test]
fn only_the_recipient_rejects() {
    run(async {
        let kit = kit();
        let (_, invited) = invited(kit, &people::address("Gus Guest")).await;
        let other = people::sign_up(kit, "Olaf Other").await;
        let call = kit.api.post("/v1/invitations/reject").by(&other).json(json!({ "token": invited.token }));
        call.refused(403, "wrong-recipient").await;
    });
}

#[test]
fn the_page_makes_an_account_whose_address_the_link_verified() {
    run(async {
        let kit = kit();
        let email = people::address("Nia New");
        let (owner, invited) = invited(kit, &email).await;
        let body = json!({ "name": "Nia New", "password": PASSWORD });
        let answer = kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        assert_eq!(text(&answer, "/email"), email);
        let nia = people::sign_in(kit, "Nia New", &email, PASSWORD).await;
        assert_eq!(text(&answer, "/user"), nia.user);
        let claims = people::claims(&nia.id_token);
        assert_eq!(claims.get("email_verified").map(ToString::to_string).unwrap_or_default().trim_matches('"'), "true");
        cast::enter(kit, &nia, &owner.company.id).await;
        assert!(!answer.to_string().contains(PASSWORD));
    });
}

#[test]
fn the_page_makes_no_account_twice_and_none_for_a_weak_password() {
    run(async {
        let kit = kit();
        let email = people::address("Nia New");
        let (owner, invited) = invited(kit, &email).await;
        let post = |body| kit.api.post(&format!("{}/account", invited.link)).json(body).send_owned();
        let before = kit.table.trace(&owner.company.id).await;
        refused_input(&post(json!({ "name": "Nia New", "password": "short" })).await, "password");
        refused_input(&post(json!({ "name": "", "password": PASSWORD })).await, "name");
        refused_input(&post(json!({ "name": "Nia New", "password": PASSWORD, "role": "owner" })).await, "role");
        assert!(kit.table.trace(&owner.company.id).await == before, "a refused account left a trace");
        assert!(people::try_sign_in(kit, &email, PASSWORD).await.is_err(), "a refused account exists");

        post(json!({ "name": "Nia New", "password": PASSWORD })).await.ok(201);
        let again = post(json!({ "name": "Eve Evil", "password": "Another-Horse-9-Battery" })).await;
        again.refused(410, "gone");
        people::sign_in(kit, "Nia New", &email, PASSWORD).await;
        assert_eq!(members(kit, &owner).await, 2);
    });
}

#[test]
fn the_page_takes_over_no_existing_account() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let (owner, invited) = invited(kit, &guest.email).await;
        let body = json!({ "name": "Eve Evil", "password": "Another-Horse-9-Battery" });
        let answer = kit.api.post(&format!("{}/account", invited.link)).json(body).send().await;
        answer.refused(409, "conflict");
        people::sign_in(kit, "Gus Guest", &guest.email, PASSWORD).await;
        assert_eq!(members(kit, &owner).await, 1);
    });
}

#[test]
fn a_firm_invitation_is_accepted_on_behalf_of_ones_own_firm_only() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Fay Firm", "Fays Firm").await;
        let world = cast::world(kit).await;
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let body = json!({ "token": invited.token, "firm": world.admin.firm.id });
        let answer = kit.api.post("/v1/invitations/accept").by(&admin.person).json(body).send().await;
        answer.refused(403, "not-granted");
        cast::accept(kit, &admin.person, &invited.token, Some(&admin.firm.id)).await;
    });
}

#[test]
fn a_bookkeeper_cannot_commit_their_firm() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let body = json!({ "kind": "firm", "email": world.bookkeeper.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let body = json!({ "token": invited.token, "firm": world.admin.firm.id });
        let answer = kit.api.post("/v1/invitations/accept").by(&world.bookkeeper).json(body).send().await;
        answer.refused(403, "not-granted");
    });
}

#[test]
fn an_address_is_the_same_in_any_case() {
    run(async {
        let kit = kit();
        let guest = people::sign_up(kit, "Gus Guest").await;
        let owner = cast::owner(kit, "Ines Inviter", "Inviters Ltd").await;
        let body = json!({ "kind": "member", "email": guest.email.to_uppercase(), "role": "client" });
        let answer = kit.api.post("/v1/invitations").by(&owner.person).within(&owner.here).json(body).ok(201).await;
        assert_eq!(text(&answer, "/invitation/email"), guest.email);
        let mail = cast::invitation_mail(kit, &guest.email, None).await;
        cast::accept(kit, &guest, &cast::token_in(&mail.link("/i/")), None).await;
    });
}

#[test]
fn an_admin_of_two_firms_names_the_one_that_accepts() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Fay Firm", "Fays Firm").await;
        let second = cast::register_firm(kit, &admin.person, "Fays Other Firm").await;
        let body = json!({ "kind": "firm", "email": admin.person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let accept = |body| kit.api.post("/v1/invitations/accept").by(&admin.person).json(body).send_owned();
        accept(json!({ "token": invited.token })).await.refused_field(422, "invalid-field", "firm");
        let nobodys = json!({ "token": invited.token, "firm": "fm_00000000000070008000000000000000" });
        accept(nobodys).await.refused(403, "not-granted");
        accept(json!({ "token": invited.token, "firm": second.id })).await.ok(200);
        let connections = kit.api.get("/v1/connections").by(&owner.person).within(&owner.here).ok(200).await;
        let firms: Vec<String> = list(&connections, "connections").iter().map(|one| text(one, "/firm/id")).collect();
        assert_eq!(firms, [second.id]);
    });
}

#[test]
fn a_person_without_a_firm_accepts_for_none() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let person = people::sign_up(kit, "Norbert Nofirm").await;
        let body = json!({ "kind": "firm", "email": person.email });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let call = kit.api.post("/v1/invitations/accept").by(&person).json(json!({ "token": invited.token }));
        assert_eq!(text(&call.refused(409, "conflict").await, "/state"), "no_firm");
    });
}

#[test]
fn a_second_invitation_of_a_member_changes_neither_role_nor_number() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let member = cast::member(kit, &owner, "Mara Member", "client", None).await;
        let body = json!({ "kind": "member", "email": member.person.email, "role": "admin" });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let call = kit.api.post("/v1/invitations/accept").by(&member.person).json(json!({ "token": invited.token }));
        call.refused(409, "conflict").await;
        let answer = kit.api.get("/v1/members").by(&owner.person).within(&owner.here).ok(200).await;
        let found = with(list(&answer, "members"), "user", &member.person.user);
        assert_eq!((found.len(), text(found[0], "/role").as_str()), (1, "client"), "{answer}");
    });
}

#[test]
fn a_firm_that_is_connected_cannot_be_connected_again() {
    run(async {
        let kit = kit();
        let owner = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let admin = cast::firm_admin(kit, "Fay Firm", "Fays Firm").await;
        cast::connect(kit, &owner, &admin, Some(&["dashboard.view"])).await;
        let body =
            json!({ "kind": "firm", "email": admin.person.email, "permissions": ["dashboard.view", "team.manage"] });
        let invited = cast::invite(kit, &owner.person, &owner.here, body).await;
        let body = json!({ "token": invited.token, "firm": admin.firm.id });
        let call = kit.api.post("/v1/invitations/accept").by(&admin.person).json(body);
        call.refused(409, "conflict").await;
        let inside = cast::enter(kit, &admin.person, &owner.company.id).await;
        assert_eq!(inside.permissions, ["dashboard.view"]);
    });
}
