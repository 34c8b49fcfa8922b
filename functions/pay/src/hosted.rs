//! Payment of an invoice by the holder of a hosted link to it, who is not signed in. They pay on a page of the
//! provider's, since the pages of hosted links have no script. The route is here since only this function and the
//! schedule have the provider's key.
//!
//! What the page behind the link shows of it is in `hosted-documents`.

mod answer;
mod page;

use api::{Answer, ApiError, Path, Problem, ProblemBody, Public, RequestReader, clock};
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use domain::{
    PaymentId, Permission,
    invoice::PayingLink,
    language::Reader,
    payment::{
        AtProvider, PayError, Payment, PaymentStart, PaymentStatus, PendingPaymentAction, Progress, WholePayment,
        start_whole,
    },
};
use hosted_links::{Hosted, Ours};
use html::Visitor;
use payments::{ExposeSecret, NewSession, Session, SessionStatus, is_chargeable, minimum_minor};
use store::{Attempt, StoreError, retry_on_conflict};

use self::answer::{HostedCheckout, HostedPayment, HostedPaymentResponse, Stop};
use crate::{
    App,
    provider::{PROVIDER, description, end, give_up, not_created, problem, record, wanted},
};

/// How many payments one request may find or start: one that has ended in the meantime, and the one after it.
const MAX_PAYMENTS: u8 = 2;

/// Starts a payment of the invoice behind a hosted link, or resumes the link's pending one.
///
/// It pays all that is due, on a page of the payment provider's to which the answer leads. The company lets contacts pay, and so
/// do the seats behind the link. A page is answered with a page, JSON with JSON. A link has one pending payment of its
/// invoice: asking again answers the same page as long as it is open, so there is no `Idempotency-Key`. After a `503`
/// the payment may have been started: send the same request again to complete it.
#[utoipa::path(post, path = "/h/{token}/payments", params(("token" = String, Path)),
    responses(
        (status = 201, description = "The page of the payment provider",
            content((HostedPaymentResponse = "application/json"), (String = "text/html"))),
        (status = 403, description = "The link does not let its holder pay",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 404, description = "No such link",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 409, description = "It is no invoice, or it cannot be paid online now",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 410, description = "The link opens nothing any more",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
        (status = 503, description = "The payment provider does not answer",
            content((ProblemBody = "application/problem+json"), (String = "text/html"))),
    ))]
pub(crate) async fn pay_hosted_invoice(
    State(app): State<App>,
    caller: Public,
    Path(token): Path<String>,
    visitor: Visitor,
    RequestReader(browser): RequestReader,
) -> Response {
    match (pay(&app, &token, &caller).await, visitor) {
        (Ok(ready), Visitor::Program) => Answer::created(&ready).into_response(),
        (Err(stop), Visitor::Program) => ApiError::from(stop).into_response(),
        (paid, Visitor::Person) => {
            // Who reads the page; a link that opens nothing says nothing about its addressee.
            let opened = app.links.open(&token, caller.now).await;
            let reader = opened.map_or_else(|_| browser.clone(), |opened| opened.reader(&browser));
            match paid {
                Ok(ready) => page::ready(&reader, &ready).into_response(),
                Err(stop) => refused(&reader, stop),
            }
        }
    }
}

/// The page that says why nothing can be paid.
fn refused(reader: &Reader, stop: Stop) -> Response {
    let mut response = page::refused(reader, &stop).into_response();
    if let Some(after) = ApiError::from(stop).into_response().headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, after.clone());
    }
    response
}

/// Starts or resumes a payment, until there is a page on which it can be paid.
async fn pay(app: &App, token: &str, caller: &Public) -> Result<HostedPaymentResponse, Stop> {
    for _ in 0..MAX_PAYMENTS {
        let (ours, payment) = retry_on_conflict(async || begin(app, token, caller).await).await?;
        match session(app, &ours, caller, &payment).await? {
            Found::Open(session) => return given_out(&payment, &session),
            Found::Over(PaymentStatus::Canceled) => {}
            Found::Over(status @ (PaymentStatus::Pending | PaymentStatus::Succeeded)) => {
                return Err(Stop::Over(status));
            }
        }
    }
    Err(StoreError::Conflict.into())
}

/// The payment that is pending through the link; a new one, with its amount reserved, if there is none.
async fn begin(app: &App, token: &str, caller: &Public) -> Result<(Ours, Payment), Attempt<Stop>> {
    let opened = app.links.open(token, caller.now).await.map_err(Stop::from)?;
    let (ours, link) = (&opened.ours, &opened.ours.link);
    let Hosted::Invoice(invoice) = &opened.document else {
        return Err(Stop::from(Problem::conflict("only an invoice is paid", "no_invoice")).into());
    };
    if !ours.lets(Permission::PaymentsPay) {
        return Err(Stop::from(Problem::not_granted(Permission::PaymentsPay)).into());
    }
    let new = WholePayment {
        id: &PaymentId::from_uuid(clock::new_uuid()),
        provider_minimum_minor: minimum_minor(invoice.terms.content.currency),
        through: &PayingLink { link: link.id.clone(), contact: link.contact.clone() },
        contact_name: &link.contact_name,
        at: caller.now,
    };
    if !is_chargeable(invoice.terms.content.currency, invoice.due_minor.max(0)) {
        return Err(Stop::Refused(PayError::NotOnline).into());
    }
    let authority = ours.authority();
    let (reserved, payment, event) = match start_whole(invoice, &new).map_err(Stop::Refused)? {
        PaymentStart::Started(started) => *started,
        PaymentStart::Resumed(pending) => {
            let known: Option<Payment> =
                app.api.store.load(&authority, caller.now, |tenant| tenant.payment(&pending.id)).await?;
            // One that ended after the invoice was read: the invoice says now what is due.
            let known = known.filter(|payment| payment.status == PaymentStatus::Pending);
            return Ok((opened.ours, known.ok_or(StoreError::Conflict)?));
        }
    };
    let change_context = ours.change_context(caller.now, caller.request_id.clone());
    let mut change = app.api.store.change(&authority, change_context);
    // The link still opens the invoice and lets its holder pay when the amount is reserved.
    opened.require(&mut change);
    // The lines that are kept beside it are as they were.
    change.put_sales_document(|tenant, reference| tenant.invoice(reference), Some(invoice.version), &reserved);
    change.put(|tenant| tenant.payment(&payment.id), None, &payment);
    change.record(event);
    change.commit().await?;
    Ok((opened.ours, payment))
}

/// What the provider has for a pending payment.
enum Found {
    /// The payer may pay in it.
    Open(Box<Session>),
    /// Nobody can pay in it any more; the status of the payment then.
    Over(PaymentStatus),
}

/// Creates or finds the session of a payment.
///
/// INVARIANT: the address of its page is given out only after the session's id is on record in the payment, as the
/// client secret of an intent.
async fn session(app: &App, ours: &Ours, caller: &Public, payment: &Payment) -> Result<Found, Stop> {
    let change_context = || ours.change_context(caller.now, caller.request_id.clone());
    let stripe = app.provider.at(caller.now).await.map_err(|error| problem(error, payment.status))?;
    let known = match payment.progress() {
        Progress::Open(AtProvider::Session(known)) => known,
        Progress::Unopened if payment.pending_payment_action(caller.now) == PendingPaymentAction::Abandon => {
            // The provider would take the end of its session no more.
            give_up(app, change_context(), payment).await?;
            return Ok(Found::Over(PaymentStatus::Canceled));
        }
        Progress::Unopened => {
            let description = description(payment);
            let new = NewSession {
                intent: wanted(payment, &description),
                return_url: &ours.token.url(&app.public_url),
                expires_at: payment.session_ends_at(),
            };
            let session = match stripe.create_session(&new).await {
                Ok(session) => session,
                Err(error) => return Err(not_created(app, change_context(), payment, error).await.into()),
            };
            record(app, &ours.authority(), change_context(), payment, AtProvider::Session(&session.id)).await?;
            return Ok(Found::Open(Box::new(session)));
        }
        Progress::Open(AtProvider::Intent(_)) | Progress::Ended => {
            return Err(Problem::internal("a payment through a link without a session").into());
        }
    };
    let session = stripe.session_by_id(known).await.map_err(|error| problem(error, payment.status))?;
    if session.status == SessionStatus::Open && session.url.is_some() {
        return Ok(Found::Open(Box::new(session)));
    }
    Ok(Found::Over(end(app, &stripe, change_context(), payment, &session.into()).await?.status))
}

fn given_out(payment: &Payment, session: &Session) -> Result<HostedPaymentResponse, Stop> {
    let url = session.url.as_ref().ok_or_else(|| Problem::internal("a session without an address"))?;
    Ok(HostedPaymentResponse {
        payment: HostedPayment {
            id: payment.id.clone(),
            amount_minor: payment.amount_minor,
            currency: payment.currency,
            started_at: payment.started_at,
        },
        provider: HostedCheckout {
            name: PROVIDER,
            url: url.expose_secret().to_owned(),
            expires_at: session.expires_at,
        },
    })
}
