//! Entering a context, staying in it, and leaving.

use axum::extract::State;
use domain::{
    Access, Denied, FirmId, Grants, Name, Org, SessionId, UtcTime,
    context::{Held, Reason, Stay, left, seats_into},
    org::User,
    switcher::Visit,
};
use edge::{
    Answer, Body, Caller, ContextClaims, InContext, Outcome, Path, Problem,
    clock::new_uuid,
    context::{AUDIENCE, Act, LIFETIME_S},
    paging::page_request,
};
use serde::{Deserialize, Serialize};
use store::{Own, Stamp};
use utoipa::ToSchema;

use crate::App;

/// How many of a person's firms are tried when they do not say for which one they act. Three items
/// a firm, and two more: what one `BatchGetItem` takes.
const MAX_FIRMS_TRIED: u16 = 32;

/// The context that was entered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ContextView {
    #[serde(flatten)]
    org: Org,
    name: Name,
    /// The seat: `member`, `firm_admin`, `bookkeeper` or `staff`.
    via: &'static str,
    /// The role there.
    role: &'static str,
    /// The firm acted for.
    #[serde(skip_serializing_if = "Option::is_none")]
    firm: Option<FirmId>,
    /// What is granted now. Every request proves it again.
    permissions: Grants,
    session: SessionId,
}

/// A context and the token for it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Entered {
    /// For the `Countersign-Context` header.
    context_token: String,
    expires_at: UtcTime,
    context: ContextView,
}

/// How to enter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enter {
    /// Why; shown beside everything one does there. The vendor may require it, of everyone or of
    /// firms in a client's company.
    #[serde(default)]
    reason: Option<Reason>,
    /// The firm to act for, where one could act in several ways. Without it one's own place in the
    /// company comes first, then one's firms.
    #[serde(default)]
    firm: Option<FirmId>,
}

/// Enters a company or firm that one has a seat in. The token lasts ten minutes, and says what to
/// check, never that it still holds.
///
/// An `Idempotency-Key` is not kept here: a second stay does no harm, and the answer is a
/// credential, which the table does not store.
#[utoipa::path(post, path = "/v1/contexts/{org}", tag = "switch-context",
    params(("org" = String, Path, description = "A company's or firm's id")), request_body = Enter,
    responses((status = 200, body = Entered)))]
pub(crate) async fn enter_context(
    State(app): State<App>,
    caller: Caller,
    Path(org): Path<String>,
    body: Body<Enter>,
) -> Outcome {
    let org: Org = org.parse().map_err(|_| Problem::not_found())?;
    let Enter { reason, firm } = body.value;
    let own = app.edge.store.own(caller.user.clone());
    let (user, held) = seat_into(&own, &org, firm.as_ref(), caller.now).await?;
    // No seat there, and no such place: the same answer.
    let held = held.ok_or_else(Problem::not_found)?;
    let user = user.ok_or_else(Problem::no_profile)?;
    app.reasons.check(&held.place.seat, reason.as_ref()).map_err(|missing| Problem::field("reason", missing))?;

    let session = SessionId::from_uuid(new_uuid());
    let stay = Stay { session, user: user.id, name: user.name, held, reason: reason.map(Into::into) };
    // Signed before it is recorded and told only after: a stay in the audit trail had a token, and
    // a token that anyone holds is in the audit trail.
    let answer = answer(&app, &stay, caller.now).await?;
    let access = Access::to_enter(caller.user.clone(), stay.held.place.seat.clone());
    let stamp = Stamp { at: caller.now, actor: stay.actor(), request_id: caller.request_id };
    // The write checks the seat that was taken once more, so nobody is recorded as having entered
    // after they were shut out.
    let mut change = app.edge.store.change(&access.into(), stamp);
    change.record(stay.entered());
    change.put_visit(&Visit { user: caller.user, org, at: caller.now });
    change.commit().await?;
    Ok(answer)
}

/// The person, and the first of their seats in a place that holds.
///
/// One's own place needs one strongly consistent read, beside which one's firms are looked up in an
/// index: candidates only. A second read, of all that could let one in for them, is made only when
/// there is no place of one's own and no firm was named.
async fn seat_into(
    own: &Own<'_>,
    org: &Org,
    through: Option<&FirmId>,
    now: UtcTime,
) -> Outcome<(Option<User>, Option<Held>)> {
    let some_firms = page_request(Some(MAX_FIRMS_TRIED), None)?;
    let firms = async {
        match (org, through) {
            (Org::Firm(_), _) | (Org::Company(_), Some(_)) => Ok(Vec::new()),
            (Org::Company(_), None) => own.places_on_staff(&some_firms).await.map(|page| page.items),
        }
    };
    let direct = seats_into(org, through, &[]);
    let ((user, held), firms) = tokio::try_join!(own.held(&direct, now), firms)?;
    let held = held.into_iter().next();
    if held.is_some() || firms.is_empty() {
        return Ok((user, held));
    }
    let firms: Vec<FirmId> = firms.into_iter().map(|staff| staff.firm).collect();
    let for_firms: Vec<_> = seats_into(org, None, &firms).into_iter().filter(|seat| !direct.contains(seat)).collect();
    let (_, held) = own.held(&for_firms, now).await?;
    Ok((user, held.into_iter().next()))
}

/// Gives a new token for the same stay, with what is granted now. `403 not-granted` when the seat
/// no longer holds.
#[utoipa::path(post, path = "/v1/contexts/refresh", tag = "switch-context",
    responses((status = 200, body = Entered)))]
pub(crate) async fn refresh_context(State(app): State<App>, caller: InContext, _: Body<Nothing>) -> Outcome {
    let claims = caller.context.claims();
    let seats = [caller.context.seat().clone()];
    let (user, held) = app.edge.store.own(claims.sub.clone()).held(&seats, caller.now()).await?;
    let held = held.into_iter().next().ok_or_else(|| Problem::from(Denied::NoRelation))?;
    let stay = Stay {
        session: claims.sid.clone(),
        user: claims.sub.clone(),
        name: user.map_or_else(|| claims.name.clone(), |user| user.name),
        held,
        reason: claims.reason.clone(),
    };
    answer(&app, &stay, caller.now()).await
}

/// Records that one is done. The token runs out by itself.
#[utoipa::path(post, path = "/v1/contexts/leave", tag = "switch-context", responses((status = 204)))]
pub(crate) async fn leave_context(State(app): State<App>, caller: InContext, body: Body<Nothing>) -> Outcome {
    let (claims, seat) = (caller.context.claims(), caller.context.seat());
    let access = Access::to_enter(claims.sub.clone(), seat.clone());
    let idempotency = body.idempotent.by(&caller.caller.user);
    let mut change = app.edge.store.change(&access.into(), caller.stamp());
    change.record(left(seat, &claims.role, &claims.sid));
    let answer = Answer::nothing();
    change.answer(idempotency.as_ref(), answer.status(), answer.body());
    change.commit().await?;
    Ok(answer)
}

/// A body without fields.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

async fn answer(app: &App, stay: &Stay, now: UtcTime) -> Outcome {
    let claims = claims(&app.issuer, stay, now);
    let context_token = app.keys.sign(&claims).await?;
    let place = &stay.held.place;
    Answer::ok(&Entered {
        context_token,
        expires_at: UtcTime::from_unix_ms(claims.exp.saturating_mul(1000)),
        context: ContextView {
            org: place.seat.org(),
            name: place.name.clone(),
            via: place.seat.via(),
            role: place.role,
            firm: place.seat.firm().cloned(),
            permissions: stay.held.grants.clone(),
            session: stay.session.clone(),
        },
    })
}

/// What a token issued now says of a stay.
pub(crate) fn claims(issuer: &str, stay: &Stay, now: UtcTime) -> ContextClaims {
    let place = &stay.held.place;
    let firm = place.seat.firm().cloned();
    ContextClaims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: stay.user.clone(),
        name: stay.name.clone(),
        org: place.seat.org().to_string(),
        org_name: place.name.clone(),
        via: place.seat.via().to_owned(),
        role: place.role.to_owned(),
        act: firm.clone().map(|sub| Act { sub }),
        firm,
        permissions: stay.held.grants.clone(),
        sid: stay.session.clone(),
        reason: stay.reason.clone(),
        iat: now.unix_s(),
        nbf: now.unix_s(),
        exp: expiry_unix_s(stay, now),
    }
}

/// Whoever verifies a token offline asks nobody whether its permissions still hold, so it does not
/// outlast any of them that is known to end.
fn expiry_unix_s(stay: &Stay, now: UtcTime) -> i64 {
    let longest = now.unix_s().saturating_add(LIFETIME_S);
    stay.held.until.map_or(longest, |until| longest.min(until.unix_s()))
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, access::Seat, context::Place};
    use uuid::Uuid;

    use super::*;

    fn stay(seat: Seat, name: &str, reason: Option<String>) -> Stay {
        let place = Place { seat, role: "bookkeeper", name: name.parse().unwrap() };
        Stay {
            session: SessionId::from_uuid(Uuid::from_u128(5)),
            user: "7d1f3b1e-5c70-4a7c-9f52-0a6f6c1f0e11".parse().unwrap(),
            name: name.parse().unwrap(),
            held: Held { place, grants: Grants::whole_company(), until: None },
            reason: reason.map(|text| Reason::try_from(text).unwrap().into()),
        }
    }

    fn seats() -> [Seat; 4] {
        let company = CompanyId::from_uuid(Uuid::from_u128(1));
        let firm = FirmId::from_uuid(Uuid::from_u128(2));
        [
            Seat::Member { company: company.clone() },
            Seat::FirmAdmin { firm: firm.clone(), company: company.clone() },
            Seat::Bookkeeper { firm: firm.clone(), company },
            Seat::Staff { firm },
        ]
    }

    #[test]
    fn a_token_names_the_seat_it_was_issued_for_and_the_firm_acted_for() {
        let now = UtcTime::from_unix_ms(1_800_000_000_999);
        for seat in seats() {
            let claims = claims("https://api.example", &stay(seat.clone(), "Berta", None), now);
            assert_eq!(claims.seat(), Some(seat.clone()));
            assert_eq!(claims.act.map(|act| act.sub), seat.firm().cloned());
            assert_eq!((claims.iat, claims.nbf, claims.exp), (1_800_000_000, 1_800_000_000, 1_800_000_600));
        }
    }

    #[test]
    fn a_token_outlasts_nothing_that_it_says() {
        let now = UtcTime::from_unix_ms(1_800_000_000_999);
        let exp = |until: Option<UtcTime>| {
            let mut stay = stay(seats()[0].clone(), "Berta", None);
            stay.held.until = until;
            claims("https://api.example", &stay, now).exp
        };
        assert_eq!(exp(Some(now.plus_s(60))), 1_800_000_060);
        assert_eq!(exp(Some(now.plus_s(86_400))), 1_800_000_600);
    }

    #[test]
    fn the_longest_token_still_fits_into_a_header() {
        // Four bytes a character, and nothing but characters that JSON writes as two.
        let name = "\u{1F4DA}".repeat(Name::MAX_CHARS);
        for reason in ["\u{1F4DA}", "\""] {
            for seat in seats() {
                let stay = stay(seat, &name, Some(reason.repeat(Reason::MAX_CHARS)));
                let json = serde_json::to_vec(&claims("https://api.example", &stay, UtcTime::EPOCH)).unwrap();
                let token_bytes = json.len().div_ceil(3) * 4 + 300;
                assert!(token_bytes < 8 * 1024, "{token_bytes}");
            }
        }
    }
}
