//! Enters, refreshes and leaves a context.

use api::{
    Answer, ApiResult, Body, Caller, ContextClaims, InAnyContext, Path, Problem,
    clock::new_uuid,
    context::{Act, LIFETIME_S, audience},
};
use axum::extract::State;
use domain::{
    AccessRequirement, ActingAs, CompanyId, Denied, FirmId, Grants, Name, Org, Reference, SessionId, UtcTime,
    context::{ContextSession, HeldContext, Place, Reason, left, seat_at_customer},
    context_list::Visit,
    org::User,
};
use serde::{Deserialize, Serialize};
use store::ChangeContext;
use utoipa::ToSchema;

use crate::App;

/// The context that was entered.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Context)]
pub(crate) struct ContextView {
    #[serde(flatten)]
    org: Org,
    name: Name,
    /// The seat: `member`, `firm_admin`, `bookkeeper`, `staff` or `contact`.
    via: &'static str,
    /// The role there.
    role: &'static str,
    /// The firm acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// The customer whose contact the caller is.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerView>,
    /// The current permissions. Every request proves them again.
    permissions: Grants,
    session: SessionId,
}

/// A customer of the company, for its contact.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CustomerOfContext)]
pub(crate) struct CustomerView {
    /// The customer's reference in the company.
    reference: Reference,
    /// The customer's name.
    name: Name,
}

impl CustomerView {
    /// The customer of a contact's place; `None` elsewhere.
    pub(crate) fn of(place: &Place) -> Option<Self> {
        let (_, reference) = place.acting_as.customer()?;
        Some(Self { reference: reference.clone(), name: place.customer_name.clone()? })
    }
}

/// A context and the token for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EnterContextResponse {
    /// For the `Countersign-Context` header.
    context_token: String,
    expires_at: UtcTime,
    context: ContextView,
}

/// Options for entering a context.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnterContext {
    /// The reason, shown beside everything that the caller does there. The vendor may require it from everyone,
    /// or from firms in a client's company.
    #[serde(default)]
    reason: Option<Reason>,
    /// The firm to act for. Default: the caller's own membership in the company if there is one, otherwise the
    /// first of the caller's firms that has access.
    #[serde(default)]
    firm: Option<FirmId>,
}

/// Enters a company or firm that the caller has access to.
///
/// The context token lasts ten minutes. It says what to check, not that the permissions still hold. This
/// route ignores `Idempotency-Key`: a second session does no harm, and the answer is a credential, which is
/// not stored.
#[utoipa::path(post, path = "/v1/contexts/{org}",
    params(("org" = String, Path, description = "A company's or firm's id")), request_body = EnterContext,
    responses((status = 200, body = EnterContextResponse)))]
pub(crate) async fn enter_context(
    State(app): State<App>,
    caller: Caller,
    Path(org): Path<String>,
    body: Body<EnterContext>,
) -> ApiResult {
    let org: Org = org.parse().map_err(|_| Problem::not_found())?;
    let EnterContext { reason, firm } = body.value;
    let own = app.api.store.for_user(caller.user.clone());
    let (user, held) = own.seat_into(&org, firm.as_ref(), caller.now).await?;
    enter(&app, caller, user, held, reason).await
}

/// Options for entering a customer's portal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EnterCustomerContext {
    /// The reason, shown beside everything that the caller does there. The vendor may require it from everyone.
    #[serde(default)]
    reason: Option<Reason>,
}

/// Enters the portal of a customer of a company, as a contact of that customer.
///
/// The context token serves this customer alone, and none of the routes of the company's own people. A person
/// who is a contact of several customers of one company enters each of them by itself. Like entering a company,
/// this route ignores `Idempotency-Key`.
#[utoipa::path(post, path = "/v1/contexts/{org}/customers/{reference}",
    params(
        ("org" = String, Path, description = "A company's id"),
        ("reference" = String, Path, description = "The customer's reference in the company"),
    ),
    request_body = EnterCustomerContext, responses((status = 200, body = EnterContextResponse)))]
pub(crate) async fn enter_customer_context(
    State(app): State<App>,
    caller: Caller,
    Path((company, customer)): Path<(String, String)>,
    body: Body<EnterCustomerContext>,
) -> ApiResult {
    let company: CompanyId = company.parse().map_err(|_| Problem::not_found())?;
    let customer: Reference = customer.parse().map_err(|_| Problem::not_found())?;
    let own = app.api.store.for_user(caller.user.clone());
    let (user, held) = own.held(&[seat_at_customer(company, customer)], caller.now).await?;
    enter(&app, caller, user, held.into_iter().next(), body.value.reason).await
}

/// Enters the seat that was found to hold.
async fn enter(
    app: &App,
    caller: Caller,
    user: Option<User>,
    held: Option<HeldContext>,
    reason: Option<Reason>,
) -> ApiResult {
    // No access and no such company, firm or customer get the same answer.
    let held = held.ok_or_else(Problem::not_found)?;
    let user = user.ok_or_else(Problem::no_profile)?;
    app.reasons.check(&held.place.acting_as, reason.as_ref()).map_err(|missing| Problem::field("reason", missing))?;

    let session = ContextSession {
        session: SessionId::from_uuid(new_uuid()),
        user: user.id,
        name: user.name,
        held,
        reason: reason.map(Into::into),
    };
    // Signed before it is recorded and returned only after: every session in the audit log has a token,
    // and every token that a caller holds is in the audit log.
    let answer = answer(app, &session, caller.now).await?;
    let acting_as = session.held.place.acting_as.clone();
    let access = AccessRequirement::to_enter(caller.user.clone(), acting_as.clone());
    let access = access.held_since(session.held.since);
    let change_context = ChangeContext { at: caller.now, actor: session.actor(), request_id: caller.request_id };
    // The write checks the access once more, so nobody is recorded as entering after their access ended.
    let mut change = app.api.store.change(&access.into(), change_context);
    change.record(session.entered());
    let customer = acting_as.customer().map(|(_, customer)| customer.clone());
    change.put_visit(&acting_as, &Visit { user: caller.user, org: acting_as.org(), customer, at: caller.now });
    change.commit().await?;
    Ok(answer)
}

/// Issues a new context token for the same session, with the current permissions.
///
/// `403 not-granted` when the caller no longer has access to the company or firm.
#[utoipa::path(post, path = "/v1/contexts/refresh",
    responses((status = 200, body = EnterContextResponse)))]
pub(crate) async fn refresh_context(State(app): State<App>, caller: InAnyContext, _: Body<Nothing>) -> ApiResult {
    let claims = caller.context.claims();
    let candidates = [caller.context.acting_as().clone()];
    let (user, held) = app.api.store.for_user(claims.sub.clone()).held(&candidates, caller.now()).await?;
    // The session is of the stay that the token is for. A person who came back since enters again.
    let is_of_this_stay = |held: &HeldContext| held.since <= caller.context.since();
    let held = held.into_iter().next().filter(is_of_this_stay).ok_or_else(|| Problem::from(Denied::NoRelation))?;
    let session = ContextSession {
        session: claims.sid.clone(),
        user: claims.sub.clone(),
        name: user.map_or_else(|| claims.name.clone(), |user| user.name),
        held,
        reason: claims.reason.clone(),
    };
    answer(&app, &session, caller.now()).await
}

/// Records that the caller has left the context.
///
/// The context token stays valid until it expires.
#[utoipa::path(post, path = "/v1/contexts/leave", responses((status = 204)))]
pub(crate) async fn leave_context(State(app): State<App>, caller: InAnyContext, body: Body<Nothing>) -> ApiResult {
    let (claims, acting_as) = (caller.context.claims(), caller.context.acting_as());
    let access = caller.context.present();
    let idempotency = body.idempotent.by(&caller.caller.user);
    let mut change = app.api.store.change(&access.into(), caller.change_context());
    change.record(left(acting_as, &claims.role, &claims.sid));
    Ok(Answer::nothing().commit(change, idempotency.as_ref()).await??)
}

/// A body without fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

async fn answer(app: &App, session: &ContextSession, now: UtcTime) -> ApiResult {
    let claims = claims(&app.issuer, session, now);
    let context_token = app.keys.sign(&claims).await?;
    let place = &session.held.place;
    Answer::ok(&EnterContextResponse {
        context_token,
        expires_at: UtcTime::from_unix_ms(claims.exp.saturating_mul(1000)),
        context: ContextView {
            org: place.acting_as.org(),
            name: place.name.clone(),
            via: place.acting_as.via(),
            role: place.role,
            firm: place.acting_as.firm().cloned(),
            customer: CustomerView::of(place),
            permissions: session.held.grants.clone(),
            session: session.session.clone(),
        },
    })
}

/// The claims of a token that is issued now.
pub(crate) fn claims(issuer: &str, session: &ContextSession, now: UtcTime) -> ContextClaims {
    let place = &session.held.place;
    let firm = place.acting_as.firm().cloned();
    ContextClaims {
        iss: issuer.to_owned(),
        aud: audience(&place.acting_as).to_owned(),
        sub: session.user.clone(),
        name: session.name.clone(),
        org: place.acting_as.org().to_string(),
        org_name: place.name.clone(),
        via: place.acting_as.via().to_owned(),
        role: place.role.to_owned(),
        act: firm.clone().map(|sub| Act { sub }),
        firm,
        customer: place.acting_as.customer().map(|(_, customer)| customer.clone()),
        inviting_firm: match &place.acting_as {
            ActingAs::BoundedMember { firm, .. } => Some(firm.clone()),
            ActingAs::Member { .. }
            | ActingAs::FirmAdmin { .. }
            | ActingAs::Bookkeeper { .. }
            | ActingAs::Staff { .. }
            | ActingAs::Contact { .. } => None,
        },
        since: Some(session.held.since),
        permissions: session.held.grants.clone(),
        sid: session.session.clone(),
        reason: session.reason.clone(),
        iat: now.unix_s(),
        nbf: now.unix_s(),
        exp: expiry_unix_s(session, now),
    }
}

/// An offline verifier cannot check whether the permissions still hold, so the token expires no later than
/// any of them.
fn expiry_unix_s(session: &ContextSession, now: UtcTime) -> i64 {
    let longest = now.unix_s().saturating_add(LIFETIME_S);
    session.held.until.map_or(longest, |until| longest.min(until.unix_s()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(acting_as: ActingAs, name: &str, reason: Option<String>) -> ContextSession {
        let place = Place { acting_as, role: "bookkeeper", name: name.parse().unwrap(), customer_name: None };
        ContextSession {
            session: SessionId::from_uuid(Uuid::from_u128(5)),
            user: "7d1f3b1e-5c70-4a7c-9f52-0a6f6c1f0e11".parse().unwrap(),
            name: name.parse().unwrap(),
            held: HeldContext { place, grants: Grants::whole_company(), since: UtcTime::EPOCH, until: None },
            reason: reason.map(|text| Reason::try_from(text).unwrap().into()),
        }
    }

    fn candidates() -> [ActingAs; 6] {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        [
            ActingAs::Member { company: company.clone() },
            ActingAs::BoundedMember { firm: firm.clone(), company: company.clone() },
            ActingAs::FirmAdmin { firm: firm.clone(), company: company.clone() },
            ActingAs::Bookkeeper { firm: firm.clone(), company: company.clone() },
            ActingAs::Staff { firm },
            ActingAs::Contact { company, customer: "C".repeat(64).parse().unwrap() },
        ]
    }

    #[test]
    fn a_token_names_the_seat_it_was_issued_for_and_the_firm_acted_for() {
        let now = UtcTime::from_unix_ms(1_800_000_000_999);
        for acting_as in candidates() {
            let claims = claims("https://api.example", &session(acting_as.clone(), "Berta", None), now);
            assert_eq!(claims.acting_as(), Some(acting_as.clone()));
            assert_eq!(claims.act.map(|act| act.sub), acting_as.firm().cloned());
            assert_eq!((claims.iat, claims.nbf, claims.exp), (1_800_000_000, 1_800_000_000, 1_800_000_600));
        }
    }

    /// A module that verifies tokens offline knows one audience. A contact's token has another, whatever else it reads.
    /// Proves: 8
    #[test]
    fn a_contacts_token_has_an_audience_of_its_own_and_no_other_token_has_it() {
        for acting_as in candidates() {
            let mut claims = claims("https://api.example", &session(acting_as.clone(), "Berta", None), UtcTime::EPOCH);
            assert_eq!(claims.aud == api::context::CUSTOMER_AUDIENCE, acting_as.customer().is_some());
            claims.aud = if acting_as.customer().is_some() { "countersign" } else { "countersign-customer" }.to_owned();
            assert_eq!(claims.acting_as(), None, "{acting_as:?}");
        }
    }

    /// Proves: 8
    #[test]
    fn a_token_that_names_a_customer_stands_for_a_contact_or_for_nobody() {
        for acting_as in candidates() {
            let mut claims = claims("https://api.example", &session(acting_as.clone(), "Berta", None), UtcTime::EPOCH);
            claims.customer = acting_as.customer().is_none().then(|| "C-1".parse().unwrap());
            assert_eq!(claims.acting_as(), None, "{acting_as:?}");
            if acting_as.customer().is_some() {
                claims.via = "member".to_owned();
                assert_eq!(claims.acting_as(), None, "its audience is a contact's");
            }
        }
    }

    #[test]
    fn a_token_outlasts_nothing_that_it_says() {
        let now = UtcTime::from_unix_ms(1_800_000_000_999);
        let exp = |until: Option<UtcTime>| {
            let mut session = session(candidates()[0].clone(), "Berta", None);
            session.held.until = until;
            claims("https://api.example", &session, now).exp
        };
        assert_eq!(exp(Some(now.plus_s(60))), 1_800_000_060);
        assert_eq!(exp(Some(now.plus_s(86_400))), 1_800_000_600);
    }

    #[test]
    fn the_longest_token_still_fits_into_a_header() {
        // Four bytes a character, and nothing but characters that JSON writes as two.
        let name = "\u{1F4DA}".repeat(Name::MAX_CHARS);
        for reason in ["\u{1F4DA}", "\""] {
            for acting_as in candidates() {
                let session = session(acting_as, &name, Some(reason.repeat(Reason::MAX_CHARS)));
                let json = serde_json::to_vec(&claims("https://api.example", &session, UtcTime::EPOCH)).unwrap();
                let token_bytes = json.len().div_ceil(3) * 4 + 300;
                assert!(token_bytes < 8 * 1024, "{token_bytes}");
            }
        }
    }
}
