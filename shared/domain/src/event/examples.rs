//! Examples of event types, made by the code that records them. Each type implements [`Example`]: beside its decision, or
//! here where several types tell one story.

use uuid::Uuid;

use super::{Actor, Event, EventKind as _, EventType, Example, NewEvent, kinds, types::event_types};
use crate::{
    Grants, Org, Patch, Permission,
    acceptor::Acceptor,
    access::ActingAs,
    access_request::{self, AccessRequestDraft, Decider},
    approval::{self, ApprovalVerdict, Transaction},
    client,
    client::{ClientDetails, ClientUpdate},
    comment::{self, CommentAuthor, CommentVisibility, NewComment, Topic},
    consent::{Agreement, ConsentTerms, Given},
    context::{self, ContextSession, HeldContext, Place},
    customer,
    delivery::{DeliveryReport, DeliveryState, hear, remind},
    document,
    event_filter::EventFilter,
    export::{Export, ExportFormat},
    id::{
        AccessRequestId, ClientId, CommentId, ContactId, EventId, ExportId, InvitationId, PaymentId,
        RegistrationLinkId, SessionId, SignupCodeId,
    },
    invitation::{Acceptance, Invitation, Invite, Inviter, Offer, invite},
    invoice,
    language::Reader,
    ledger_report::Recording,
    membership::{self, ConnectionOrigin, NewMembership, start_connection},
    notification,
    org::{Company, Connection, Firm, Member, Staff, Status, User},
    org_details::{MainAddress, update_company, update_firm},
    payment::{self, NewPayment, Outcome, Payment, PaymentStart, ProviderStatus, Settlement, SettlementChange},
    report,
    role::{MemberRole, StaffRole},
    samples::{company, firm, user},
    signup_source::SignupSourceRef,
    team,
    temporary_grants::TemporaryGrants,
    time::{UtcTime, Zone},
};

mod bank;
mod sales;
mod signups;

const DAY_S: i64 = 86_400;

fn now() -> UtcTime {
    "2026-11-21T18:19:00Z".parse().unwrap()
}

/// Implements [`Example`] for the event types whose examples one function makes, because they tell one story.
macro_rules! examples {
    ($($make:path: $($variant:ident)+;)*) => {
        $($(
            impl Example for kinds::$variant {
                fn examples() -> Vec<NewEvent> {
                    $make().into_iter().filter(|event| event.kind() == Self::TYPE).collect()
                }
            }
        )+)*
    };
}

examples! {
    registrations: CompanyRegistered FirmRegistered CompanyUpdated FirmUpdated;
    contexts: ContextEntered ContextLeft;
    invitations: InvitationCreated InvitationResent InvitationRevoked InvitationAccepted InvitationRejected
        InvitationDelivered InvitationBounced InvitationComplained InvitationReminded;
    members: MemberAdded MemberChanged MemberRemoved;
    staff: StaffAdded StaffChanged StaffRemoved;
    connections: ConnectionStarted ConnectionChanged ConnectionEnded AssignmentChanged AssignmentRemoved;
    customer::seat::examples::events: ContactAccessStarted ContactAccessEnded;
    access_requests: AccessRequested AccessGranted AccessRefused AccessWithdrawn;
    approvals: ApprovalRequested ApprovalWaived ApprovalDecided ApprovalWithdrawn ApprovalPolicyChanged;
    sales::events: InvoiceRecorded InvoiceSent InvoiceReminded InvoicePaid InvoiceVoided CreditNoteRecorded CreditNoteSent
        CreditNoteVoided EstimateRecorded EstimateSent EstimateReworked EstimateDecided EstimateDecisionUndone
        EstimateInvoiced DocumentLinkMade DocumentLinkRenewed DocumentLinkRevoked SalesDocumentViewed
        SalesDocumentResent StatementSent;
    comments: CommentAdded;
    customer::examples::events: CustomerRecorded CustomerAdded CustomerChanged CustomerChangeRequested
        CustomerChangeDecided ContactAdded ContactChanged ContactRemoved PortalSettingsChanged;
    document::examples::events: DocumentDeclared DocumentRefused DocumentReceived DocumentQuarantined DocumentReleased
        DocumentDownloaded DocumentUpdated DocumentDeleted DocumentRestored DocumentPurged DocumentHeld DocumentHoldLifted;
    document_requests: DocumentRequestMade DocumentRequestChanged DocumentRequestFulfilled DocumentRequestSentBack
        DocumentRequestAccepted DocumentRequestCompleted DocumentRequestOverdue DocumentRequestReminded
        DocumentRequestWithdrawn;
    crate::document_export::every_event: DocumentExportRequested DocumentExportFinished DocumentExportFailed
        DocumentExportDownloaded;
    payments: PaymentStarted PaymentSucceeded PaymentFailed PaymentRefunded PaymentDisputed;
    bank::events: BankAccountRecorded ThresholdSet OwnThresholdsSet BalanceBelowThreshold BalanceRecovered
        BankStatementRead BankStatementRefused BankAccountNumberUnknown BankAccountNumberMapped;
    report::examples::events: ReportRecorded AccountsPublished ForecastThresholdsSet ForecastBelowThreshold
        ForecastRecovered;
    notification::examples::events: ClientNotificationSettingsChanged;
    crate::ledger_fact::tests::every_event: VatReturnFiled VatReturnDue PayrollReady;
    clients: ClientAdded ClientChanged ClientRemoved;
    signups::sources: RegistrationLinkCreated RegistrationLinkRevoked SignupCodeCreated SignupCodeRevoked;
    signups::referrals: ReferralAgreementSet ReferralRegistered ReferralChanged BonusEarned BonusReversed BonusPaid;
    signups::bills: BillingChanged BillingOffered BillingOfferWithdrawn;
    exports: ExportRequested;
}

/// Writes [`of_every_type`] from the table of event types.
macro_rules! of_every_type {
    ($($variant:ident $row:tt: $text:literal version $version:literal, $scope:ident, $subject:literal, $sentence:literal
        $(, letter to $recipients:literal)?;)*) => {
        /// The examples of every event type, in the order of the table. A type without one does not compile.
        fn of_every_type() -> Vec<NewEvent> {
            let of_types: &[(EventType, fn() -> Vec<NewEvent>)] =
                &[$((EventType::$variant, <kinds::$variant as Example>::examples),)*];
            let of_type = |(kind, examples): &(EventType, fn() -> Vec<NewEvent>)| {
                let examples = examples();
                assert!(!examples.is_empty() && examples.iter().all(|event| event.kind() == *kind), "{kind}");
                examples
            };
            of_types.iter().flat_map(of_type).collect()
        }
    };
}

event_types!(of_every_type);

/// The events of [`of_every_type`], recorded.
pub(crate) fn all() -> Vec<Event> {
    let recorded = |(n, event): (usize, NewEvent)| {
        let actor = Actor::person(user("olga"), Some("Olga Reis".parse().unwrap()));
        let id = EventId::from_uuid(Uuid::from_u128(n as u128 + 1));
        event.recorded(id, now(), actor, "JKJaXmPLvHcESHA=".to_owned())
    };
    of_every_type().into_iter().enumerate().map(recorded).collect()
}

fn text<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

fn id<T>(n: u128, make: impl Fn(Uuid) -> T) -> T {
    make(Uuid::from_u128(n))
}

fn grants<const N: usize>(permissions: [Permission; N]) -> Grants {
    permissions.into_iter().collect()
}

fn a_company() -> Company {
    Company {
        id: company(1),
        name: text("Loja Azul"),
        currency: text("EUR"),
        time_zone: Zone::utc(),
        owner_count: 2,
        created_at: now(),
    }
}

fn a_firm() -> Firm {
    Firm { id: firm(2), name: text("Contas e Cia"), email: None, email_holder: None, admin_count: 2, created_at: now() }
}

fn a_person() -> User {
    User {
        id: user("mia"),
        email: text("mia@shop.example"),
        name: text("Mia Luz"),
        time_zone: Zone::utc(),
        language: None,
        created_at: now(),
        version: 1,
    }
}

fn a_member() -> Member {
    let owner = (user("olga"), text("Olga Reis"), text("olga@shop.example"));
    let (_, owner, _) = team::register_company(a_company(), owner, None);
    Member { user: user("mia"), role: MemberRole::Client, grants: grants([Permission::BankView]), ..owner }
}

fn a_bookkeeper() -> Staff {
    let admin = (user("ada"), text("Ada Vaz"), text("ada@firm.example"));
    let (_, admin, _) = team::register_firm(a_firm(), admin);
    Staff { user: user("ben"), role: StaffRole::Bookkeeper, grants: StaffRole::Bookkeeper.preset(), ..admin }
}

fn a_connection() -> Connection {
    Connection {
        company: company(1),
        company_name: text("Loja Azul"),
        firm: firm(2),
        firm_name: text("Contas e Cia"),
        grants: grants([Permission::InvoicesView, Permission::BankView]),
        lent: TemporaryGrants::default(),
        status: Status::Active,
        expires_at: None,
        since: now(),
        version: 1,
    }
}

fn registrations() -> Vec<NewEvent> {
    let owner = (user("olga"), text("Olga Reis"), text("olga@shop.example"));
    let through = SignupSourceRef::RegistrationLink(id(3, RegistrationLinkId::from_uuid));
    let admin = (user("ada"), text("Ada Vaz"), text("ada@firm.example"));
    let (_, renamed) = update_company(&a_company(), Some(text("Loja Verde")), None).unwrap();
    let address = MainAddress::Taken(user("ada"), text("ada@firm.example"));
    let (_, moved) = update_firm(&a_firm(), None, address).unwrap();
    vec![
        team::register_company(a_company(), owner, Some(&through)).2,
        team::register_firm(a_firm(), admin).2,
        renamed,
        moved,
    ]
}

fn contexts() -> Vec<NewEvent> {
    let name = text("Loja Azul");
    let acting_as = ActingAs::Bookkeeper { firm: firm(2), company: company(1) };
    let stay = ContextSession {
        session: id(5, SessionId::from_uuid),
        user: user("ben"),
        name: text("Ben Books"),
        held: HeldContext {
            place: Place { acting_as: acting_as.clone(), role: "bookkeeper", name, customer_name: None },
            grants: Grants::default(),
            since: now(),
            until: None,
        },
        reason: Some(text("VAT return")),
    };
    vec![stay.entered(), context::left(&acting_as, "bookkeeper", &stay.session)]
}

fn invited(offer: Offer, acting_as: ActingAs) -> (Invitation, NewEvent) {
    let command = Invite {
        id: id(9, InvitationId::from_uuid),
        offer,
        org_name: text("Loja Azul"),
        email: text("mia@shop.example"),
        name: None,
        message: None,
        locale: None,
        expires_in_days: 7,
        invited_by: user("olga"),
        invited_by_name: text("Olga Reis"),
        acting_as,
        held_since: now(),
    };
    invite(command, now()).unwrap()
}

fn a_firms_invitation() -> (Invitation, NewEvent) {
    let offer = Offer::Firm {
        company: company(1),
        grants: grants([Permission::InvoicesView, Permission::BankView]),
        replaces: Some(firm(7)),
    };
    invited(offer, ActingAs::Member { company: company(1) })
}

fn invitations() -> Vec<NewEvent> {
    let role = MemberRole::Client;
    let offer = Offer::Member { company: company(1), role, grants: grants([Permission::BankView]) };
    let (invitation, created) = invited(offer, ActingAs::Member { company: company(1) });
    let acting_as = ActingAs::Member { company: company(1) };
    let by = Inviter { user: user("olga"), name: text("Olga Reis"), acting_as, held_since: now() };
    let reason = text("I know nobody there.");
    let (for_firm, _) = a_firms_invitation();
    let taken = for_firm.accept(1, &user("ada"), &for_firm.email, &Acceptor::Firm(firm(2)), now()).unwrap();
    let Acceptance::Accepted(_, accepted) = taken else { panic!("{taken:?}") };
    let heard = |state| {
        let report = DeliveryReport { generation: 1, state, at: now(), message_id: None };
        hear(&invitation, None, &report).unwrap()
    };
    let (delivered, told) = heard(DeliveryState::Delivered);
    vec![
        created,
        invitation.resend(by, None, None, now()).unwrap().1,
        invitation.revoke().unwrap().1,
        accepted,
        invitation.reject(1, &invitation.email, Some(&reason), now()).unwrap().1,
        told.unwrap(),
        heard(DeliveryState::Bounced).1.unwrap(),
        heard(DeliveryState::Complained).1.unwrap(),
        remind(&invitation, &delivered, 2 * DAY_S, now().plus_s(6 * DAY_S)).unwrap().1,
    ]
}

fn members() -> Vec<NewEvent> {
    let offer = Offer::Member { company: company(1), role: MemberRole::Client, grants: a_member().grants };
    let (invitation, _) = invited(offer, ActingAs::Member { company: company(1) });
    let membership = NewMembership { invitation: &invitation, person: &a_person(), at: now() };
    let until = Patch::Set(now().plus_s(30 * DAY_S));
    vec![
        membership.company(&a_company(), MemberRole::Client, &a_member().grants, None).unwrap().2,
        team::change_member(&a_company(), &a_member(), Some(MemberRole::ReadOnly), None, until, now()).unwrap().2,
        team::remove_member(&a_company(), &a_member(), now()).unwrap().2,
    ]
}

fn staff() -> Vec<NewEvent> {
    let offer = Offer::Staff { firm: firm(2), role: StaffRole::Bookkeeper };
    let (invitation, _) = invited(offer, ActingAs::Staff { firm: firm(2) });
    let membership = NewMembership { invitation: &invitation, person: &a_person(), at: now() };
    let role = Some(StaffRole::Admin);
    vec![
        membership.firm(&a_firm(), StaffRole::Bookkeeper, None).unwrap().2,
        team::change_staff(&a_firm(), &a_bookkeeper(), role, Patch::Keep, now()).unwrap().2,
        team::remove_staff(&a_firm(), &a_bookkeeper(), now()).unwrap().2,
    ]
}

fn connections() -> Vec<NewEvent> {
    let connection = a_connection();
    let (invitation, _) = a_firms_invitation();
    let membership = NewMembership { invitation: &invitation, person: &a_person(), at: now() };
    let wider = Some(grants([Permission::InvoicesView, Permission::BankView, Permission::VatView]));
    let narrower = Some(grants([Permission::InvoicesView]));
    let (assignment, assigned) =
        team::assign(&connection, &a_bookkeeper(), None, narrower, Patch::Keep, now()).unwrap();
    let firm_name = a_firm().name;
    let consent_terms = ConsentTerms { firm: &firm_name, grants: &connection.grants };
    let text = consent_terms.text(&Reader::default());
    let agreement = Agreement { version: text.version.clone(), digest: text.digest.clone() };
    let given = Given { company: company(1), firm: firm(2), at: now(), by: user("olga") };
    let consent = consent_terms.agreed(Some(&agreement), given).unwrap();
    let origin = ConnectionOrigin::SignupCode { signup_code: id(4, SignupCodeId::from_uuid) };
    let terms =
        membership::ConnectionTerms { grants: &connection.grants, consent: Some(&consent), origin: &origin, at: now() };
    vec![
        membership.connection(&a_company(), &a_firm(), (&connection.grants, None), None).unwrap().1,
        start_connection(&a_company(), &a_firm(), terms, None).unwrap().1,
        team::change_connection(&connection, wider, Patch::Keep, now()).unwrap().1,
        team::end_connection(&connection, &Org::Company(company(1)), now()).unwrap().1,
        assigned,
        team::unassign(&assignment).unwrap().1,
    ]
}

fn access_requests() -> Vec<NewEvent> {
    let acting_as = ActingAs::FirmAdmin { firm: firm(2), company: company(1) };
    let command = AccessRequestDraft {
        id: id(6, AccessRequestId::from_uuid),
        target: access_request::target(&acting_as, None).unwrap(),
        acting_as,
        asked_by: user("ada"),
        asked_by_name: text("Ada Vaz"),
        permissions: grants([Permission::VatView, Permission::PayrollView]),
        reason: Some(text("The return is due.")),
        for_hours: 8,
    };
    let (request, asked) = access_request::create(command, &a_connection().grants, now()).unwrap();
    let (user, name) = (user("olga"), text("Olga Reis"));
    let by = || Decider { user: &user, name: &name };
    vec![
        asked,
        request.grant(by(), Some(grants([Permission::VatView])), None, now()).unwrap().2,
        request.refuse(by(), None, now()).unwrap().1,
        request.withdraw(now()).unwrap().1,
    ]
}

fn approvals() -> Vec<NewEvent> {
    let threshold = 100_000.try_into().unwrap();
    let (policy, changed) = approval::set_policy(&company(1), None, true, threshold, text("EUR"));
    let sent = |reference: &str, amount_minor: i64| {
        let transaction = Transaction {
            reference: text(reference),
            kind: text("payment"),
            payee: text("Landlord"),
            amount_minor: amount_minor.try_into().unwrap(),
            currency: text("EUR"),
            description: None,
            prepared_by: Some(user("ben")),
        };
        match approval::submit(&company(1), transaction, Some(&policy), None, now()).unwrap() {
            Recording::Recorded(approval, event) => (approval, event),
            Recording::Unchanged(_) => panic!("it is new"),
        }
    };
    let (approval, requested) = sent("TX-1042", 480_000);
    let (_, waived) = sent("TX-1043", 9_900);
    let reason = Some(text("Twice the agreed rent."));
    let (_, decided) = approval.decide(ApprovalVerdict::Rejected, reason, None, &user("olga"), None, now()).unwrap();
    let (_, withdrawn) = approval.withdraw(Some(text("Entered twice.")), now()).unwrap().unwrap();
    vec![requested, waived, decided, withdrawn, changed]
}

fn comments() -> Vec<NewEvent> {
    let comment = NewComment {
        id: id(8, CommentId::from_uuid),
        company: company(1),
        topic: Topic::Invoice,
        on: text("INV-17"),
        customer: Some(text("CUS-7")),
        visibility: CommentVisibility::Customer,
        text: text("Which shop is this for?"),
        reply_to: None,
        mentions: Vec::new(),
        author: CommentAuthor::contact(id(9, ContactId::from_uuid), user("cleo"), text("Cleo Contact")),
        at: now(),
    };
    vec![comment::add(comment, None, |_| false).unwrap().1]
}

fn document_requests() -> Vec<NewEvent> {
    crate::document_request::every_event(&a_member(), now())
}

fn payments() -> Vec<NewEvent> {
    let (amount, currency) = (123_456.try_into().unwrap(), text("EUR"));
    let new = NewPayment {
        id: &id(10, PaymentId::from_uuid),
        amount_minor: amount,
        currency,
        provider_minimum_minor: 50,
        user: &user("mia"),
        user_name: &text("Mia Member"),
        at: now(),
    };
    let (invoice, payment, started) = match payment::start(&sales::an_invoice().0, &new).unwrap() {
        PaymentStart::Started(started) => *started,
        PaymentStart::Resumed(_) => panic!("it is new"),
    };
    let report = |outcome, refunded_minor, disputed_minor| ProviderStatus {
        provider_id: Some("pi_1".to_owned()),
        session_id: None,
        amount_minor: amount.minor(),
        currency,
        outcome,
        refunded_minor,
        disputed_minor,
    };
    let settled = |invoice: &invoice::Invoice, payment: &Payment, report: &ProviderStatus| -> SettlementChange {
        match payment::settle(invoice, payment, report, now()).unwrap() {
            Settlement::Changed(change) => *change,
            Settlement::Unchanged => panic!("it changes"),
        }
    };
    let paid = settled(&invoice, &payment, &report(Outcome::Succeeded, 0, 0));
    let refunded = settled(&paid.invoice, &paid.payment, &report(Outcome::Succeeded, 20_000, 0));
    let disputed = settled(&refunded.invoice, &refunded.payment, &report(Outcome::Succeeded, 20_000, 103_456));
    let canceled = settled(&invoice, &payment, &report(Outcome::Canceled, 0, 0));
    let ended = [paid, canceled, refunded, disputed];
    [started].into_iter().chain(ended.into_iter().flat_map(|change| change.events)).collect()
}

fn clients() -> Vec<NewEvent> {
    let details = ClientDetails {
        name: text("Loja Azul"),
        email: Some(text("office@shop.example")),
        language: Some("pt-PT".to_owned().try_into().unwrap()),
        reference: Some(text("C-17")),
    };
    let (client, added) = client::add(id(11, ClientId::from_uuid), firm(2), details, now());
    let edit = ClientUpdate { name: Some(text("Loja Verde")), reference: Patch::Clear, ..ClientUpdate::default() };
    vec![added, client.edit(edit).unwrap().1, client.remove(now()).unwrap()]
}

fn exports() -> Vec<NewEvent> {
    let asked =
        (ExportFormat::Csv, None, EventFilter { from: Some(now().plus_s(-30 * DAY_S)), ..EventFilter::default() });
    vec![Export::request(id(12, ExportId::from_uuid), &Org::Company(company(1)), asked, &user("olga"), now()).1]
}
