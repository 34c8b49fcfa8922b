//! Answers whether a person may do something in a company or firm now.

use api::{
    Answer, ApiResult, Body, Machine, Problem,
    context::{Context, MAX_TOKEN_BYTES, TOKEN_TYPE, Unverified},
    scope,
};
use axum::extract::State;
use domain::{
    FirmId, Org, UserId, UtcTime,
    access::ActingAs,
    authorization::{self, OrgId, PermissionDecision, RequestedPermissions},
    context::candidates_into,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;

/// A module's question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthorizeRequest {
    /// The context token of the person's request; or, outside any context, the person's access token
    /// together with `org`.
    token: String,
    /// The company or firm. Required with an access token; with a context token it must be the one
    /// that the token is for.
    #[serde(default)]
    org: Option<OrgId>,
    /// The firm that the person acts for. With an access token and no `firm`, only the person's own
    /// membership counts. With a context token it must be the firm that the token names.
    #[serde(default)]
    firm: Option<FirmId>,
    /// The permissions to check, 1–50.
    permissions: RequestedPermissions,
}

/// The answer. It holds for the moment of the request: do not cache it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuthorizationResponse {
    /// Whether every requested permission is granted.
    allowed: bool,
    /// One result for each permission, in the order of the request.
    permissions: Vec<PermissionDecision>,
    /// The person that the token was issued to: the `sub` of the identity provider. The module must check
    /// that this is the person whose request it serves.
    subject: UserId,
    /// The company or firm.
    org: Org,
    /// The seat that grants it: `member`, `firm_admin`, `bookkeeper` or `staff`. Absent when none
    /// holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    via: Option<&'static str>,
    /// The firm acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// When the presented token expires.
    expires_at: UtcTime,
}

/// The person and the accesses that a token names.
struct Presented {
    user: UserId,
    org: Org,
    /// The accesses that could grant the permissions; the first active one counts.
    candidates: Vec<ActingAs>,
    expires_at: UtcTime,
}

/// Checks whether a person may do something in a company or firm now.
///
/// For machine clients with the scope `countersign/authorize`. An access that has ended is an answer
/// (`allowed: false`), not an error. A token that is not acceptable is refused with `422 invalid-field` on
/// `token`.
#[utoipa::path(post, path = "/v1/authorize", request_body = AuthorizeRequest,
    responses((status = 200, body = AuthorizationResponse)))]
pub(crate) async fn authorize(
    State(app): State<App>,
    module: Machine<scope::Authorize>,
    body: Body<AuthorizeRequest>,
) -> ApiResult {
    let now = module.now;
    let AuthorizeRequest { token, org, firm, permissions } = body.value;
    let (org, firm) = (org.map(Org::from), firm.as_ref());
    let presented = match kind_of(&token)? {
        Kind::Context => {
            let context = app.api.verifier.verify_presented(&token, now, &app.api.store).await.map_err(unverified)?;
            of_context(&context, org.as_ref(), firm)?
        }
        Kind::Access => {
            let person = app.identities.verify(&token, now).await?;
            of_person(person.user, person.expires_at, org, firm)?
        }
    };
    let grants = app.api.store.grants_by_acting_as(&presented.user, &presented.candidates, now).await?;
    let found = authorization::authorize(&presented.candidates, &grants, &permissions);
    Answer::ok(&AuthorizationResponse {
        allowed: found.allowed(),
        via: found.acting_as.map(ActingAs::via),
        firm: found.acting_as.and_then(ActingAs::firm).cloned(),
        permissions: found.answers,
        subject: presented.user.clone(),
        org: presented.org.clone(),
        expires_at: presented.expires_at,
    })
}

/// The two kinds of tokens that are accepted.
#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Context,
    Access,
}

/// The kind that a token claims to be: it decides only which keys must verify the token.
fn kind_of(token: &str) -> Result<Kind, Problem> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(not_acceptable("it is too long"));
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| not_acceptable("it is not a token"))?;
    Ok(if header.typ.as_deref() == Some(TOKEN_TYPE) { Kind::Context } else { Kind::Access })
}

/// A token that is not acceptable, and why.
pub(crate) fn not_acceptable(why: &str) -> Problem {
    Problem::field("token", why)
}

fn unverified(unverified: Unverified) -> Problem {
    match unverified {
        Unverified::Refused(why) => not_acceptable(why),
        Unverified::Store(_) => unverified.into(),
    }
}

fn of_context(context: &Context, org: Option<&Org>, firm: Option<&FirmId>) -> Result<Presented, Problem> {
    let acting_as = context.acting_as().clone();
    // A module that reads only whether something is allowed would take them for one of the company's people.
    if acting_as.customer().is_some() {
        return Err(not_acceptable("it is a contact's: modules serve the people of companies and firms"));
    }
    if org.is_some_and(|org| *org != acting_as.org()) {
        return Err(Problem::field("org", "is not the one that the token is for"));
    }
    if firm.is_some() && firm != acting_as.firm() {
        return Err(Problem::field("firm", "is not the one that the token is for"));
    }
    let claims = context.claims();
    Ok(Presented {
        user: claims.sub.clone(),
        org: acting_as.org(),
        candidates: vec![acting_as],
        expires_at: UtcTime::from_unix_ms(claims.exp.saturating_mul(1000)),
    })
}

fn of_person(user: UserId, expires_at: UtcTime, org: Option<Org>, firm: Option<&FirmId>) -> Result<Presented, Problem> {
    let org = org.ok_or_else(|| Problem::field("org", "is required with an access token"))?;
    // Only an index that may lag lists a person's firms, so a firm counts only if the question names it.
    let candidates = candidates_into(&org, firm, &[]);
    if candidates.is_empty() {
        return Err(Problem::field("firm", "is not the firm asked about"));
    }
    Ok(Presented { user, org, candidates, expires_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserId {
        "u".parse().unwrap()
    }

    fn org(text: &str) -> Org {
        text.parse().unwrap()
    }

    const COMPANY: &str = "co_00000000000000000000000000000001";
    const FIRM: &str = "fm_00000000000000000000000000000002";

    #[test]
    fn an_access_token_stands_for_ones_own_place_unless_a_firm_is_named() {
        let firm: FirmId = FIRM.parse().unwrap();
        let vias = |place: &str, firm: Option<&FirmId>| -> Vec<&'static str> {
            let presented =
                of_person(user(), UtcTime::EPOCH, Some(org(place)), firm).unwrap_or_else(|p| panic!("{p:?}"));
            presented.candidates.iter().map(ActingAs::via).collect()
        };
        assert_eq!(vias(COMPANY, None), ["member"]);
        assert_eq!(vias(COMPANY, Some(&firm)), ["firm_admin", "bookkeeper"]);
        assert_eq!(vias(FIRM, None), ["staff"]);
        assert!(of_person(user(), UtcTime::EPOCH, None, None).is_err(), "a person is nowhere by themselves");
        let other: FirmId = "fm_00000000000000000000000000000003".parse().unwrap();
        assert!(of_person(user(), UtcTime::EPOCH, Some(org(FIRM)), Some(&other)).is_err());
    }

    #[test]
    fn what_is_no_token_is_refused_by_name() {
        let long = "x".repeat(MAX_TOKEN_BYTES + 1);
        for text in ["", "nonsense", "a.b.c", long.as_str()] {
            let problem = serde_json::to_value(kind_of(text).unwrap_err()).unwrap();
            assert_eq!(problem["errors"][0]["field"], "token", "{problem}");
        }
    }
}
