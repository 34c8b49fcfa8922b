//! Guards: who may call a route. The first parameter of a handler after its state is its guard. It refuses
//! everybody else, hands out the tenant and the authority to act there, and declares both to the route
//! ([`Guard::AUDIENCE`]), so that they are declared once.

use std::{marker::PhantomData, ops::Deref};

use axum::{
    extract::{FromRef, FromRequestParts},
    http::request::Parts,
};
use domain::{
    AccessRequirement, CompanyId, FirmId, Org, Permission, Reference, UtcTime,
    access::ActingAs,
    customer::OfCustomer,
    permission::{Needed, Needs, NeedsAll},
};
use store::{Authority, ChangeContext};

use crate::{
    answer::ApiError,
    caller::{Caller, Machine, Public, Scope},
    context::Context,
    problem::{Problem, ProblemType},
    serve::Api,
};

/// The header that carries the context token.
pub const CONTEXT_HEADER: &str = "countersign-context";

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Anybody, signed in or not.
    Public,
    /// A signed-in person.
    Person,
    /// A signed-in person in a context.
    Context {
        /// The permissions in a company's context; `None` if the route does not exist there.
        company: Option<Needed>,
        /// The permissions in a firm's own context; `None` if the route does not exist there.
        firm: Option<Needed>,
        /// The permissions in a contact's context; `None` if the route does not exist there.
        customer: Option<Needed>,
    },
    /// A machine client whose token has this scope.
    Machine(&'static str),
}

/// A parameter that says who may call its handler, and refuses everybody else.
pub trait Guard {
    /// Who may call.
    const AUDIENCE: Audience;
}

impl Guard for Public {
    const AUDIENCE: Audience = Audience::Public;
}

impl Guard for Caller {
    const AUDIENCE: Audience = Audience::Person;
}

impl<S: Scope> Guard for Machine<S> {
    const AUDIENCE: Audience = Audience::Machine(S::SCOPE);
}

/// A signed-in person in a company's or a firm's context, with any permissions. A contact's context is refused.
#[derive(Debug, Clone)]
pub struct InContext {
    /// The person.
    pub caller: Caller,
    /// Where, and as what.
    pub context: Context,
}

impl Guard for InContext {
    const AUDIENCE: Audience =
        Audience::Context { company: Some(Needed::All(&[])), firm: Some(Needed::All(&[])), customer: None };
}

impl InContext {
    /// The caller in whatever context their token names, a contact's too: the guards refuse what is not theirs.
    async fn in_any<S>(parts: &mut Parts, state: &S) -> Result<Self, ApiError>
    where
        S: Send + Sync,
        Api: FromRef<S>,
    {
        let caller = Caller::from_request_parts(parts, state).await?;
        let api = Api::from_ref(state);
        let missing =
            || Problem::new(ProblemType::InvalidContext).detail("send one context token in Countersign-Context");
        // Two tokens name two contexts, so the request is refused. A gateway may have joined two headers with a
        // comma, which no token contains.
        let mut tokens = parts.headers.get_all(CONTEXT_HEADER).iter();
        let (Some(token), None) = (tokens.next(), tokens.next()) else { return Err(missing().into()) };
        let token = token.to_str().map_err(|_| missing())?.trim().to_owned();
        let context = api.verifier.verify(&token, &caller.user, caller.now, &api.store).await?;
        Ok(Self { caller, context })
    }

    /// Refuses a contact: the routes of companies and firms do not exist for them.
    fn of_own_people(self, needed: Needed) -> Result<Self, Problem> {
        if self.context.acting_as().customer().is_some() { Err(not_here(needed)) } else { Ok(self) }
    }

    /// When the request arrived.
    #[must_use]
    pub const fn now(&self) -> UtcTime {
        self.caller.now
    }

    /// The authority of being here with another permission than the route's own, or with the one that the
    /// request names.
    #[must_use]
    pub fn needs(&self, permission: Permission) -> Authority {
        self.context.needs(permission)
    }

    /// Stamps a change made in this context.
    #[must_use]
    pub fn change_context(&self) -> ChangeContext {
        ChangeContext { at: self.caller.now, actor: self.context.actor(), request_id: self.caller.request_id.clone() }
    }

    fn access(&self, permissions: &[Permission]) -> AccessRequirement {
        self.context.access_to_all(permissions)
    }
}

impl<S> FromRequestParts<S> for InContext
where
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self::in_any(parts, state).await?.of_own_people(Needed::All(&[]))?)
    }
}

/// Declares the guard of one kind of context: its tenant, its audience, and how the tenant is read from the seat.
macro_rules! in_one_kind {
    ($(#[$docs:meta])* $name:ident { $(#[$field_docs:meta])* $field:ident: $tenant:ty }, $audience:expr, $tenant_of:expr) => {
        $(#[$docs])*
        #[derive(Debug, Clone)]
        pub struct $name<N> {
            here: InContext,
            $(#[$field_docs])*
            pub $field: $tenant,
            needs: PhantomData<N>,
        }

        impl<N: Needs> Guard for $name<N> {
            const AUDIENCE: Audience = $audience;
        }

        impl<N: NeedsAll> $name<N> {
            /// The access to this context with the permissions that the route needs.
            #[must_use]
            pub fn access(&self) -> AccessRequirement {
                self.here.access(N::ALL)
            }

            /// The authority in this context with the permissions that the route needs.
            #[must_use]
            pub fn authority(&self) -> Authority {
                self.access().into()
            }
        }

        impl<N> Deref for $name<N> {
            type Target = InContext;

            fn deref(&self) -> &InContext {
                &self.here
            }
        }

        impl<S, N> FromRequestParts<S> for $name<N>
        where
            S: Send + Sync,
            N: Needs,
            Api: FromRef<S>,
        {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
                let here = InContext::in_any(parts, state).await?.of_own_people(N::NEEDED)?;
                let tenant_of: fn(&ActingAs) -> Option<&$tenant> = $tenant_of;
                let $field = tenant_of(here.context.acting_as()).cloned().ok_or_else(|| not_here(N::NEEDED))?;
                Ok(Self { here, $field, needs: PhantomData })
            }
        }
    };
}

in_one_kind! {
    /// A signed-in person in a company's context, where the route needs `N`.
    InCompany {
        /// The company.
        company: CompanyId
    },
    Audience::Context { company: Some(N::NEEDED), firm: None, customer: None },
    ActingAs::company
}

in_one_kind! {
    /// A signed-in person in a firm's own context, where the route needs `N`.
    InFirm {
        /// The firm.
        firm: FirmId
    },
    Audience::Context { company: None, firm: Some(N::NEEDED), customer: None },
    |seat| match seat {
        ActingAs::Staff { firm } => Some(firm),
        ActingAs::Member { .. }
        | ActingAs::BoundedMember { .. }
        | ActingAs::FirmAdmin { .. }
        | ActingAs::Bookkeeper { .. }
        | ActingAs::Contact { .. } => None,
    }
}

/// A signed-in person in a company's context, where the route needs `C`, or in a firm's own context,
/// where it needs `F`.
#[derive(Debug, Clone)]
pub struct InOrg<C, F> {
    here: InContext,
    /// The company or firm.
    pub org: Org,
    needs: PhantomData<(C, F)>,
}

impl<C: Needs, F: Needs> Guard for InOrg<C, F> {
    const AUDIENCE: Audience = Audience::Context { company: Some(C::NEEDED), firm: Some(F::NEEDED), customer: None };
}

impl<C: NeedsAll, F: NeedsAll> InOrg<C, F> {
    /// The access to this context with the permissions that the route needs here.
    #[must_use]
    pub fn access(&self) -> AccessRequirement {
        self.here.access(match self.org {
            Org::Company(_) => C::ALL,
            Org::Firm(_) => F::ALL,
        })
    }

    /// The authority in this context with the permissions that the route needs here.
    #[must_use]
    pub fn authority(&self) -> Authority {
        self.access().into()
    }
}

impl<C, F> Deref for InOrg<C, F> {
    type Target = InContext;

    fn deref(&self) -> &InContext {
        &self.here
    }
}

impl<S, C, F> FromRequestParts<S> for InOrg<C, F>
where
    S: Send + Sync,
    C: Needs,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let here = InContext::in_any(parts, state).await?.of_own_people(C::NEEDED)?;
        let org = here.context.acting_as().org();
        Ok(Self { here, org, needs: PhantomData })
    }
}

/// A signed-in contact in the context of one customer of a company, where the route needs `N`. Members, staff and
/// contacts of other customers are refused.
#[derive(Debug, Clone)]
pub struct InCustomer<N> {
    here: InContext,
    /// The company that sells.
    pub company: CompanyId,
    /// The customer whose contact the caller is. What belongs to another one does not exist for them.
    pub customer: Reference,
    needs: PhantomData<N>,
}

impl<N: Needs> Guard for InCustomer<N> {
    const AUDIENCE: Audience = Audience::Context { company: None, firm: None, customer: Some(N::NEEDED) };
}

impl<N: NeedsAll> InCustomer<N> {
    /// The access to this context with the permissions that the route needs.
    #[must_use]
    pub fn access(&self) -> AccessRequirement {
        self.here.access(N::ALL)
    }

    /// The authority in this context with the permissions that the route needs.
    #[must_use]
    pub fn authority(&self) -> Authority {
        self.access().into()
    }
}

impl<N> InCustomer<N> {
    /// What was found, if it is of the caller's own customer.
    ///
    /// # Errors
    /// `404 not-found`, the same for what is not there and for what is another customer's.
    pub fn own<T: OfCustomer>(&self, found: Option<T>) -> Result<T, Problem> {
        found.filter(|found| *found.customer() == self.customer).ok_or_else(Problem::not_found)
    }
}

impl<N> Deref for InCustomer<N> {
    type Target = InContext;

    fn deref(&self) -> &InContext {
        &self.here
    }
}

impl<S, N> FromRequestParts<S> for InCustomer<N>
where
    S: Send + Sync,
    N: Needs,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let here = InContext::in_any(parts, state).await?;
        let (company, customer) = here.context.acting_as().customer().ok_or_else(|| not_here(N::NEEDED))?;
        let (company, customer) = (company.clone(), customer.clone());
        Ok(Self { here, company, customer, needs: PhantomData })
    }
}

/// A signed-in person in any context, a contact's too: to renew and to leave it.
#[derive(Debug, Clone)]
pub struct InAnyContext(InContext);

impl Guard for InAnyContext {
    const AUDIENCE: Audience = Audience::Context {
        company: Some(Needed::All(&[])),
        firm: Some(Needed::All(&[])),
        customer: Some(Needed::All(&[])),
    };
}

impl Deref for InAnyContext {
    type Target = InContext;

    fn deref(&self) -> &InContext {
        &self.0
    }
}

impl<S> FromRequestParts<S> for InAnyContext
where
    S: Send + Sync,
    Api: FromRef<S>,
{
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        Ok(Self(InContext::in_any(parts, state).await?))
    }
}

/// The route does not exist in this kind of context, so its permissions are not held here.
fn not_here(needed: Needed) -> Problem {
    match needed.permissions().first() {
        Some(permission) => Problem::not_granted(*permission),
        None => Problem::new(ProblemType::NotGranted),
    }
}
