//! Whose account a link may take: `/i/{token}/account` over every state that an account at the identity provider
//! can be in.

use serde_json::json;
use tests::cast::{self, text};
use tests::people::{self, PASSWORD};
use tests::{kit, run};

use crate::accept::{invited, members};

/// What the holder of a link chooses in these tests; nobody else's password.
const CHOSEN: &str = "Another-Horse-9-Battery";

/// Anybody can sign up with an address that is to be invited. It must neither lock the invited person out nor let
/// the stranger in.
/// Proves: S6, U10
#[test]
fn an_account_that_nobody_confirmed_goes_to_the_holder_of_the_link() {
    run(async {
        let kit = kit();
        let email = people::address("Vic Victim");
        people::sign_up_unconfirmed(kit, "Eve Squatter", &email, PASSWORD).await;
        let (owner, invited) = invited(kit, &email).await;
        let body = json!({ "name": "Vic Victim", "password": CHOSEN });
        let made = kit.api.post(&format!("{}/account", invited.link)).json(body).ok(201).await;
        let vic = people::sign_in(kit, "Vic Victim", &email, CHOSEN).await;
        assert_eq!(text(&made, "/user"), vic.user);
        assert_eq!(people::claims(&vic.id_token)["email_verified"].to_string().trim_matches('"'), "true");
        cast::enter(kit, &vic, &owner.company.id).await;
        // The stranger's password opens nothing, and no code makes it good again.
        assert!(people::try_sign_in(kit, &email, PASSWORD).await.is_err());
        let code = json!({ "ClientId": kit.stack.web_client_id, "Username": email, "ConfirmationCode": "123456" });
        assert!(people::cognito(kit, "ConfirmSignUp", &code).await.is_err());
        assert!(people::try_sign_in(kit, &email, PASSWORD).await.is_err());
    });
}

/// Support resets an active person's password; a link to their address that somebody forwarded is still open.
/// Proves: S6
#[test]
fn a_link_takes_over_no_account_with_a_profile_whatever_its_state() {
    run(async {
        let kit = kit();
        let temporary = json!({ "Password": "Temporary-Horse-3-Battery", "Permanent": false });
        for (operation, fields) in [
            ("AdminSetUserPassword", temporary),
            ("AdminResetUserPassword", json!({})),
            ("AdminDisableUser", json!({})),
        ] {
            let guest = people::sign_up(kit, "Gus Guest").await;
            let (owner, invited) = invited(kit, &guest.email).await;
            people::administer(kit, operation, &guest.email, fields).await;
            let body = json!({ "name": "Eve Evil", "password": CHOSEN });
            let refused = kit.api.post(&format!("{}/account", invited.link)).json(body).refused(409, "conflict").await;
            assert_eq!(text(&refused, "/state"), "account_exists", "{operation}");
            assert!(people::try_sign_in(kit, &guest.email, CHOSEN).await.is_err(), "{operation}");
            assert_eq!(members(kit, &owner).await, 1, "{operation}");
        }
    });
}

/// An account that waits for its first password is the person's for whom an administrator made it, unless we made it
/// through a link ourselves and were interrupted.
/// Proves: S6
#[test]
fn a_link_finishes_only_the_account_that_a_link_began() {
    run(async {
        let kit = kit();
        for (is_ours, status) in [(false, 409), (true, 201)] {
            let email = people::address("Nia New");
            let mut attributes =
                vec![json!({ "Name": "email", "Value": email }), json!({ "Name": "email_verified", "Value": "true" })];
            if is_ours {
                attributes.push(json!({ "Name": "custom:made_by", "Value": "invitation" }));
            }
            let account = json!({
                "MessageAction": "SUPPRESS", "TemporaryPassword": PASSWORD, "UserAttributes": attributes,
            });
            people::administer(kit, "AdminCreateUser", &email, account).await;
            let (_, invited) = invited(kit, &email).await;
            let body = json!({ "name": "Nia New", "password": CHOSEN });
            let answer = kit.api.post(&format!("{}/account", invited.link)).json(body).send().await;
            assert_eq!(answer.status, status, "ours: {is_ours}: {}", answer.text());
            assert_eq!(people::try_sign_in(kit, &email, CHOSEN).await.is_ok(), is_ours);
        }
    });
}
