//! Opens a hosted link: whether it is ours, which document it is for, and what its holder may do.
//!
//! A link that is not ours gets the same answer whether its MAC is wrong or it is unknown.

mod document;

use api::{ApiError, ApiResult, ConfigError, Problem, ProblemType, env_var};
use domain::{
    Actor, Email, Grants, Org, Permission, UtcTime,
    customer::{Contact, Customer, CustomerStatus, PortalSettings, seat::ContactSeat},
    language::Reader,
    org::Company,
    sales::{DocumentLink, LinkError, SalesDocument},
};
use links::{DocumentLinkSigner, DocumentToken, KmsError};
use store::{Authority, Change, ChangeContext, Entity, SdkConfig, Store, StoreError, Tenant};

pub use self::document::Hosted;

/// Opens hosted links. Made once, in `main`; cheap to clone.
#[derive(Debug, Clone)]
pub struct HostedLinks {
    store: Store,
    signer: DocumentLinkSigner,
}

/// A link that we wrote. It may open nothing any more.
#[derive(Debug)]
pub struct Ours {
    /// The token, whose MAC is ours.
    pub token: DocumentToken,
    /// The link, as it was read.
    pub link: DocumentLink,
    /// Whose document it is.
    pub company: Company,
    /// What the company lets contacts do, as it was read.
    pub settings: Option<PortalSettings>,
    /// What its holder may do: nothing until the seats behind it were read.
    grants: Grants,
}

/// A link that opens its document now.
#[derive(Debug)]
pub struct Opened {
    /// The link.
    pub ours: Ours,
    /// The customer, who is not archived.
    pub customer: Customer,
    /// The contact whom it is for.
    pub contact: Contact,
    /// The seats that bound the link, as they were read.
    pub seats: Vec<ContactSeat>,
    /// The document, with its lines.
    pub document: Hosted,
}

/// Why a link opens nothing.
#[derive(Debug)]
pub enum Closed {
    /// It is not ours.
    Forged,
    /// It was ours, once.
    Dead(LinkError),
    /// The table or KMS did not answer.
    Stopped(ApiError),
}

impl From<Closed> for ApiError {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Forged => Problem::not_found().into(),
            Closed::Dead(error) => dead(error).into(),
            Closed::Stopped(stop) => stop,
        }
    }
}

impl From<StoreError> for Closed {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.into())
    }
}

impl From<Problem> for Closed {
    fn from(problem: Problem) -> Self {
        Self::Stopped(problem.into())
    }
}

/// The link opens nothing any more.
fn dead(error: LinkError) -> Problem {
    let state = match error {
        LinkError::Revoked => "revoked",
        LinkError::Expired => "expired",
        LinkError::Replaced => "replaced",
        LinkError::StillOpen => return Problem::conflict(error, "open"),
    };
    Problem::new(ProblemType::Gone).detail(error).state(state)
}

impl HostedLinks {
    /// Makes the client of KMS, with the key that the template names in `LINK_KEY_ID`.
    ///
    /// # Errors
    /// [`ConfigError`] without that name.
    pub fn from_environment(store: Store, config: &SdkConfig) -> Result<Self, ConfigError> {
        let signer = DocumentLinkSigner::new(aws_sdk_kms::Client::new(config), env_var("LINK_KEY_ID")?);
        Ok(Self { store, signer })
    }

    /// The link behind a token: one strongly consistent read and one `kms:VerifyMac`.
    ///
    /// # Errors
    /// [`Closed`].
    pub async fn ours(&self, text: &str, now: UtcTime) -> Result<Ours, Closed> {
        let token = DocumentToken::parse(text).map_err(|_| Closed::Forged)?;
        let authority = Authority::System(Org::Company(token.company().clone()));
        let (link, company, settings) = self
            .store
            .load(&authority, now, |tenant| {
                (tenant.document_link(token.link()), tenant.company(), tenant.portal_settings())
            })
            .await?;
        // An unknown link costs the work of a wrong MAC, so the time does not tell which ids there are.
        let email = link.as_ref().map_or_else(nobody, |link: &DocumentLink| Ok(link.email.clone()));
        let email = email.map_err(Closed::Stopped)?;
        let is_ours = self.signer.verify(&token, &email).await.map_err(unverified)?;
        match link.zip(company) {
            Some((link, company)) if is_ours => Ok(Ours { token, link, company, settings, grants: Grants::default() }),
            Some(_) | None => Err(Closed::Forged),
        }
    }

    /// The document behind a link that opens it now, as it is now, with its lines.
    ///
    /// A link ends with its contact, with the access of that contact or of the one who forwarded it, and while its
    /// customer is archived.
    ///
    /// # Errors
    /// [`Closed`].
    pub async fn open(&self, text: &str, now: UtcTime) -> Result<Opened, Closed> {
        let ours = self.ours(text, now).await?;
        ours.is_open(now)?;
        self.document(ours, now).await
    }

    /// What a link of ours is for.
    ///
    /// # Errors
    /// [`Closed`].
    pub async fn document(&self, mut ours: Ours, now: UtcTime) -> Result<Opened, Closed> {
        let authority = ours.authority();
        let link = &ours.link;
        let forwarder = link.forwarded_by.as_ref().map(|forwarder| &forwarder.user);
        let (found, customer, contact, forwarding) = self
            .store
            .load(&authority, now, |tenant| {
                let about = (tenant.customer(&link.customer), tenant.contact(&link.customer, &link.contact));
                let seat = forwarder.map(|user| tenant.contact_seat(&link.customer, user));
                (Hosted::keys(tenant, link), about.0, about.1, seat)
            })
            .await?;
        let customer = customer.filter(|customer: &Customer| customer.status == CustomerStatus::Active);
        let contact = contact.filter(|contact: &Contact| link.is_for(contact));
        let (Some(document), Some(customer), Some(contact)) = (Hosted::of(found, link), customer, contact) else {
            return Err(Closed::Dead(LinkError::Revoked));
        };
        let mut seats: Vec<ContactSeat> = forwarding.flatten().into_iter().collect();
        // Who has access as the contact is only known now; most contacts of links have none.
        if let Some(user) = contact.user().filter(|user| Some(*user) != forwarder) {
            let key = |tenant: &Tenant| tenant.contact_seat(&link.customer, user);
            seats.extend(self.store.load(&authority, now, key).await?);
        }
        let grants = link.grants(ours.settings.as_ref(), &contact, &seats, now);
        ours.grants = grants.ok_or(Closed::Dead(LinkError::Revoked))?;
        let document = match document {
            Hosted::Invoice(it) => Hosted::Invoice(self.with_lines(&authority, now, it).await?),
            Hosted::CreditNote(it) => Hosted::CreditNote(self.with_lines(&authority, now, it).await?),
            Hosted::Estimate(it) => Hosted::Estimate(Box::new(self.with_lines(&authority, now, *it).await?)),
        };
        Ok(Opened { ours, customer, contact, seats, document })
    }

    async fn with_lines<T: Entity + SalesDocument>(
        &self,
        authority: &Authority,
        now: UtcTime,
        document: T,
    ) -> Result<T, Closed> {
        Ok(self.store.with_lines(authority, now, document).await?)
    }
}

impl Ours {
    /// Whether it opens its document now, as far as the link itself says.
    ///
    /// # Errors
    /// [`Closed::Dead`].
    pub fn is_open(&self, now: UtcTime) -> Result<(), Closed> {
        self.link.open(self.token.generation(), &self.company.time_zone, now).map_err(Closed::Dead)
    }

    /// The link is the authority: it was made for this address, and each change requires that it still opens.
    #[must_use]
    pub fn authority(&self) -> Authority {
        Authority::System(Org::Company(self.link.company.clone()))
    }

    /// Whether the holder may do something: the company lets contacts, and so do the seats behind the link.
    #[must_use]
    pub fn lets(&self, permission: Permission) -> bool {
        self.grants.contains(permission)
    }

    /// Stamps a change that the holder of the link makes.
    #[must_use]
    pub fn change_context(&self, at: UtcTime, request_id: String) -> ChangeContext {
        let actor = Actor::through_link(self.link.contact_name.clone(), self.link.customer.clone());
        ChangeContext { at, actor, request_id }
    }
}

impl Opened {
    /// Who reads its pages: the contact in their language, else in their customer's, else in their browser's.
    #[must_use]
    pub fn reader(&self, browser: &Reader) -> Reader {
        browser.in_first_of([self.contact.details.language.as_ref(), self.customer.details.language.as_ref()])
    }

    /// Requires in a change that the link still opens, and that its holder still may do what they do.
    pub fn require(&self, change: &mut Change<'_>) {
        let link = &self.ours.link;
        change.unchanged(|tenant| tenant.document_link(&link.id), link.version);
        self.require_bounds(change);
    }

    /// Requires in a change that all on which the link rests is as it was read.
    pub fn require_bounds(&self, change: &mut Change<'_>) {
        let Ours { link, settings, .. } = &self.ours;
        change.unchanged(|tenant| tenant.customer(&link.customer), self.customer.version);
        change.unchanged(|tenant| tenant.contact(&link.customer, &link.contact), self.contact.version);
        let version = settings.as_ref().map(|settings| settings.version);
        change.require_version(|tenant| tenant.portal_settings(), version);
        for seat in &self.seats {
            change.unchanged(|tenant| tenant.contact_seat(&link.customer, &seat.user), seat.version);
        }
    }
}

/// An address that no link is sent to (RFC 2606).
fn nobody() -> ApiResult<Email> {
    Ok("nobody@example.invalid".parse().map_err(Problem::internal)?)
}

fn unverified(error: KmsError) -> Problem {
    match error {
        KmsError::Unavailable { .. } => {
            tracing::warn!(%error, "a link could not be verified");
            Problem::new(ProblemType::Unavailable)
        }
        KmsError::Misconfigured { .. } => Problem::internal(error),
    }
}
