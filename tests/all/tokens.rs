//! Which tokens open the door (PROOF 8): nothing but ours, for us, of this person, now.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature, SigningKey, VerifyingKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::cast::{self, World, text};
use tests::http::Answer;
use tests::{Kit, aws, kit, people, run};

/// Asserts that a published key verifies a token.
#[track_caller]
pub(crate) fn verify(token: &str, key: &Value) {
    let point: Vec<u8> = [vec![4], bytes(&text(key, "/x")), bytes(&text(key, "/y"))].concat();
    let key = VerifyingKey::from_sec1_bytes(&point).expect("a published key is a point on P-256");
    let (signed, signature) = token.rsplit_once('.').expect("a JWT has three parts");
    let signature = Signature::from_slice(&bytes(signature)).expect("an ES256 signature has 64 bytes");
    key.verify(signed.as_bytes(), &signature).expect("the token verifies with the published key");
}

/// The RFC 7638 thumbprint of a published key.
pub(crate) fn thumbprint(key: &Value) -> String {
    let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, text(key, "/x"), text(key, "/y"));
    URL_SAFE_NO_PAD.encode(Sha256::digest(canonical))
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

fn part(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

async fn dashboard(kit: &Kit, world: &World, token: &str) -> Answer {
    kit.api.get("/v1/dashboard").by(&world.owner.person).context_token(token).send().await
}

/// Proves: 8
#[test]
fn no_identity_is_refused_at_the_gate() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let good = &world.owner.person.access_token;
        let (head, rest) = good.split_once('.').unwrap();
        let none = format!("{}.{}.", part(&json!({ "alg": "none", "typ": "JWT" })), rest.split('.').next().unwrap());
        let mut claims = people::claims(good);
        claims["sub"] = json!("00000000-0000-0000-0000-000000000000");
        let altered = format!("{head}.{}.{}", part(&claims), rest.split('.').nth(1).unwrap());
        for token in ["", "nonsense", "a.b.c", none.as_str(), altered.as_str()] {
            let answer = kit.api.get("/v1/me").bearer(token).send().await;
            assert_eq!(answer.status, 401, "{token}: {}", answer.text());
        }
        assert_eq!(kit.api.get("/v1/me").send().await.status, 401);
    });
}

/// Proves: 8, B11
#[test]
fn an_id_token_is_no_access_token() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        kit.api.get("/v1/me").bearer(&world.owner.person.id_token).refused(401, "not-signed-in").await;
        let call = kit.api.get("/v1/dashboard").bearer(&world.owner.person.id_token).within(&world.owner.here);
        call.refused(401, "not-signed-in").await;
    });
}

/// Proves: 8
#[test]
fn identity_and_context_tokens_do_not_stand_in_for_each_other() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let answer = kit.api.get("/v1/me").bearer(&world.owner.here.token).send().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        for token in [&world.owner.person.access_token, &world.owner.person.id_token] {
            dashboard(kit, world, token).await.refused(401, "invalid-context");
        }
    });
}

#[test]
fn a_context_is_needed_where_one_acts() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        kit.api.get("/v1/dashboard").by(&world.owner.person).refused(401, "invalid-context").await;
        for token in ["", "nonsense", "a.b.c", "..", "eyJ9.eyJ9.AA"] {
            dashboard(kit, world, token).await.refused(401, "invalid-context");
        }
    });
}

/// Proves: 8, B11
#[test]
fn a_context_of_another_user_is_refused() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (_, admin) = &world.members[0];
        let call = kit.api.get("/v1/dashboard").by(&admin.person).within(&world.owner.here);
        call.refused(401, "invalid-context").await;
    });
}

/// Proves: 8, B11
#[test]
fn a_context_of_another_company_shows_that_company_only() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let other = cast::owner(kit, "Otto Owner", "Owners Ltd").await;
        let path = format!("/v1/invoices/{}", world.reference);
        kit.api.get(&path).by(&other.person).within(&other.here).refused(404, "not-found").await;
        // Claiming the other company changes the token, and a changed token is no token.
        let (head, rest) = other.here.token.split_once('.').unwrap();
        let mut claims = people::claims(&other.here.token);
        claims["org"] = json!(world.owner.company.id);
        let altered = format!("{head}.{}.{}", part(&claims), rest.split('.').nth(1).unwrap());
        let call = kit.api.get(&path).by(&other.person).context_token(&altered);
        call.refused(401, "invalid-context").await;
    });
}

/// Proves: 8
#[test]
fn a_context_token_is_taken_in_one_algorithm_from_one_key_only() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let good = &world.owner.here.token;
        dashboard(kit, world, good).await.ok(200);
        let header = people::header(good);
        let claims = people::claims(good);
        let keys = kit.api.get("/.well-known/jwks.json").ok(200).await;
        let published = &keys["keys"][0];
        let point: Vec<u8> = [vec![4], bytes(&text(published, "/x")), bytes(&text(published, "/y"))].concat();

        let own = SigningKey::from_slice(&Sha256::digest(people::unique())).expect("a scalar");
        let own_point = own.verifying_key().to_sec1_point(false);
        let own_jwk = json!({
            "kty": "EC", "crv": "P-256", "x": URL_SAFE_NO_PAD.encode(own_point.x().unwrap()),
            "y": URL_SAFE_NO_PAD.encode(own_point.y().unwrap()),
        });
        let es256 = |header: &Value| {
            let signed = format!("{}.{}", part(header), part(&claims));
            let signature: Signature = own.sign(signed.as_bytes());
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
        };
        let hs256 = |key: &[u8]| {
            let mut header = header.clone();
            header["alg"] = json!("HS256");
            let signed = format!("{}.{}", part(&header), part(&claims));
            format!("{signed}.{}", URL_SAFE_NO_PAD.encode(aws::mac(key, signed.as_bytes())))
        };
        let with = |name: &str, value: Value| {
            let mut header = header.clone();
            header[name] = value;
            header
        };
        let signature = good.rsplit('.').next().unwrap();
        let unsigned = |algorithm: &str| format!("{}.{}.", part(&with("alg", json!(algorithm))), part(&claims));
        for (what, token) in [
            ("alg none", unsigned("none")),
            ("alg None", unsigned("None")),
            ("no signature", format!("{}.{}.", part(&header), part(&claims))),
            ("HS256 over the public point", hs256(&point)),
            ("HS256 over the published key's JSON", hs256(published.to_string().as_bytes())),
            ("HS256 over nothing", hs256(b"")),
            ("another key under our kid", es256(&header)),
            ("another key in jwk", es256(&with("jwk", own_jwk.clone()))),
            ("another key behind jku", es256(&with("jku", json!("https://evil.example/jwks.json")))),
            ("another key behind x5u", es256(&with("x5u", json!("https://evil.example/cert.pem")))),
            ("another kid", es256(&with("kid", json!(thumbprint(&own_jwk))))),
            ("a kid that is a path", es256(&with("kid", json!("../../dev/null")))),
            ("alg ES384", format!("{}.{}.{signature}", part(&with("alg", json!("ES384"))), part(&claims))),
            ("a zero signature", format!("{}.{}.{}", part(&header), part(&claims), URL_SAFE_NO_PAD.encode([0_u8; 64]))),
            ("trailing bytes", format!("{good}A")),
        ] {
            let answer = dashboard(kit, world, &token).await;
            assert_eq!(
                (answer.status, answer.slug().as_deref()),
                (401, Some("invalid-context")),
                "{what}: {}",
                answer.text()
            );
        }
    });
}

/// Proves: 8
#[test]
fn a_context_token_is_for_this_audience_issuer_type_and_time() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let good = &world.owner.here.token;
        let (header, claims) = (people::header(good), people::claims(good));
        dashboard(kit, world, &signed(kit, &header, &claims).await).await.ok(200);
        let claim = |name: &str, value: Value| {
            let mut claims = claims.clone();
            claims[name] = value;
            (header.clone(), claims)
        };
        let without = |name: &str| {
            let mut claims = claims.clone();
            claims.as_object_mut().unwrap().remove(name);
            (header.clone(), claims)
        };
        let typ = |typ: &str| {
            let mut header = header.clone();
            header["typ"] = json!(typ);
            (header, claims.clone())
        };
        let long = {
            let (header, mut claims) = claim("iat", json!(now() - 5));
            claims["exp"] = json!(now() + 86_400);
            (header, claims)
        };
        for (what, (header, claims)) in [
            ("another audience", claim("aud", json!("somewhere-else"))),
            ("another issuer", claim("iss", json!("https://evil.example"))),
            ("another type", typ("JWT")),
            ("the type of an access token", typ("at+jwt")),
            ("an expiry long ago", claim("exp", json!(now() - 3_600))),
            ("an expiry ten minutes ago", claim("exp", json!(now() - 601))),
            ("a beginning in ten minutes", claim("nbf", json!(now() + 600))),
            ("no expiry", without("exp")),
            ("no audience", without("aud")),
            ("no issuer", without("iss")),
            ("no subject", without("sub")),
            ("another subject", claim("sub", json!(world.bookkeeper.user))),
            ("a via that does not exist", claim("via", json!("emperor"))),
            ("an org that is not an id", claim("org", json!("COMPANY#x"))),
            ("a day of life", long),
        ] {
            let answer = dashboard(kit, world, &signed(kit, &header, &claims).await).await;
            assert_eq!(
                (answer.status, answer.slug().as_deref()),
                (401, Some("invalid-context")),
                "{what}: {}",
                answer.text()
            );
        }
    });
}

/// Proves: 8
#[test]
fn a_token_that_claims_too_much_gets_no_more_than_the_table_says() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let (_, client) = world.members.iter().find(|(role, _)| *role == "client").unwrap();
        let mut claims = people::claims(&client.here.token);
        claims["role"] = json!("owner");
        claims["permissions"] = json!(world.owner.here.permissions);
        let token = signed(kit, &people::header(&client.here.token), &claims).await;
        let call = kit.api.get("/v1/members").by(&client.person).context_token(&token);
        call.refused(403, "not-granted").await;
        // A client's token that says it is a firm admin's.
        claims["via"] = json!("firm_admin");
        claims["firm"] = json!(world.admin.firm.id);
        claims["act"] = json!({ "sub": world.admin.firm.id });
        let token = signed(kit, &people::header(&client.here.token), &claims).await;
        let answer = kit.api.get("/v1/dashboard").by(&client.person).context_token(&token).send().await;
        answer.refused(403, "not-granted");
    });
}

/// Proves: F15
#[test]
fn clocks_may_differ_by_a_minute() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let good = &world.owner.here.token;
        let (header, mut claims) = (people::header(good), people::claims(good));
        for seconds in [-45, 45] {
            let issued = now() + seconds;
            claims["iat"] = json!(issued);
            claims["nbf"] = json!(issued);
            claims["exp"] = json!(issued + 600);
            dashboard(kit, world, &signed(kit, &header, &claims).await).await.ok(200);
        }
        claims["iat"] = json!(now() - 640);
        claims["nbf"] = json!(now() - 640);
        claims["exp"] = json!(now() - 40);
        dashboard(kit, world, &signed(kit, &header, &claims).await).await.ok(200);
    });
}

/// Proves: 8
#[test]
fn two_tokens_at_once_are_none() {
    run(async {
        let kit = kit();
        let world = cast::world(kit).await;
        let call = kit.api.get("/v1/dashboard").by(&world.owner.person).within(&world.owner.here);
        let answer = call.context_token(&world.admin_inside.token).send().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    });
}

/// Signs any header and claims with the real key, as only the account's root can.
pub(crate) async fn signed(kit: &Kit, header: &Value, claims: &Value) -> String {
    let text = format!("{}.{}", part(header), part(claims));
    let body = json!({
        "KeyId": context_key(kit).await, "SigningAlgorithm": "ECDSA_SHA_256", "MessageType": "RAW",
        "Message": base64::engine::general_purpose::STANDARD.encode(&text),
    });
    let answer = aws::call(&kit.stack, &kit.http, "kms", "TrentService.Sign", &body).await.expect("KMS signs");
    let der = base64::engine::general_purpose::STANDARD.decode(answer["Signature"].as_str().unwrap()).unwrap();
    let signature = Signature::from_der(&der).expect("KMS answers DER");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The id of the key that signs context tokens, as `switch-context` was deployed with it.
async fn context_key(kit: &Kit) -> String {
    let environment = tests::deployed::environment(&kit.stack, &kit.http, "switch-context").await;
    environment.get("CONTEXT_KEY_ID").expect("switch-context knows its key").clone()
}
