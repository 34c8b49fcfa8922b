//! Who may do what: written from the specification, a few maps.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{FOUNDERS_OF_COMPANIES, FOUNDERS_OF_FIRMS, at_firm};
use super::world::{COMPANIES, FIRMS, Grants};
use crate::matrix::preset;

/// Where a person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seat {
    /// In a company, as its member.
    Member { company: usize },
    /// In a company, for a firm.
    For { company: usize, firm: usize },
    /// In a firm's own affairs.
    Staff { firm: usize },
    /// In the portal of a customer, as its contact.
    Contact { company: usize, customer: usize },
}

/// What an open invitation offers.
#[derive(Debug, Clone)]
pub(super) enum Offer {
    Member { company: usize, role: &'static str },
    Firm { company: usize, grants: Grants },
    Staff { firm: usize, role: &'static str },
}

impl Offer {
    pub(super) fn needs(&self) -> &'static str {
        match self {
            Self::Member { .. } => "team.manage",
            Self::Firm { .. } => "connections.manage",
            Self::Staff { .. } => "staff.manage",
        }
    }

    pub(super) fn grants(&self) -> Grants {
        match self {
            Self::Member { role, .. } => preset(role),
            Self::Firm { grants, .. } => grants.clone(),
            Self::Staff { role, .. } => at_firm(role),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Invitation {
    pub(super) id: String,
    pub(super) offer: Offer,
    pub(super) to: usize,
    pub(super) inviter: (usize, Seat),
    /// When the inviter's stay in that seat began, and whether they were there as a firm's admin.
    pub(super) since: usize,
    pub(super) as_admin: bool,
    /// The firm that bounds the inviter, and so whom they invite.
    pub(super) firm: Option<usize>,
    /// How many places had ended when it was made.
    pub(super) made: usize,
}

/// A member's place.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) role: &'static str,
    pub(super) grants: Grants,
    /// The firm that invited them.
    pub(super) firm: Option<usize>,
    /// When they came.
    pub(super) begun: usize,
}

/// A place that somebody may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Member { company: usize, person: usize },
    Staff { firm: usize, person: usize },
    Connection { company: usize, firm: usize },
}

/// Everything there is to know.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) members: BTreeMap<(usize, usize), Member>,
    /// Each with when it began, and so below.
    pub(super) staff: BTreeMap<(usize, usize), (&'static str, usize)>,
    pub(super) connections: BTreeMap<(usize, usize), (Grants, usize)>,
    pub(super) assignments: BTreeMap<(usize, usize, usize), (Grants, usize)>,
    /// What the seat of each contact grants.
    pub(super) contacts: BTreeMap<(usize, usize, usize), (Grants, usize)>,
    /// What each company's settings give to contacts.
    pub(super) rights: [Grants; COMPANIES],
    pub(super) archived: BTreeSet<(usize, usize)>,
    pub(super) invitations: Vec<Invitation>,
    /// Counts beginnings.
    pub(super) clock: usize,
    /// Places that ended, in the order in which they did.
    pub(super) ended: Vec<Place>,
}

impl Model {
    pub(super) fn begun() -> Self {
        let mut model = Self { rights: std::array::from_fn(|_| preset("contact")), ..Self::default() };
        for (company, person) in FOUNDERS_OF_COMPANIES.into_iter().enumerate() {
            let owner = Member { role: "owner", grants: preset("owner"), firm: None, begun: 0 };
            model.members.insert((company, person), owner);
        }
        for (firm, person) in FOUNDERS_OF_FIRMS.into_iter().enumerate() {
            model.staff.insert((firm, person), ("admin", 0));
        }
        model
    }

    pub(super) fn now(&mut self) -> usize {
        self.clock += 1;
        self.clock
    }

    /// What someone may do from a seat, and when their stay in it began; `None` when it is not theirs.
    pub(super) fn stay(&self, person: usize, seat: Seat) -> Option<(Grants, usize)> {
        match seat {
            Seat::Member { company } => {
                let member = self.members.get(&(company, person))?;
                let Some(firm) = member.firm else { return Some((member.grants.clone(), member.begun)) };
                // Whom a firm invited is there while its connection is, and with no more.
                let (most, connected) = self.connections.get(&(company, firm))?;
                let grants = member.grants.intersection(most).copied().collect();
                (member.begun >= *connected).then_some((grants, member.begun))
            }
            Seat::Staff { firm } => self.staff.get(&(firm, person)).map(|(role, begun)| (at_firm(role), *begun)),
            Seat::For { company, firm } => self.stay_for(person, (company, firm), self.is_admin(person, seat)),
            // A contact may do what their seat and the settings both grant, while the customer is active.
            Seat::Contact { company, customer } => {
                let (grants, begun) = self.contacts.get(&(company, customer, person))?;
                let may = grants.intersection(&self.rights[company]).copied().collect();
                (!self.archived.contains(&(company, customer))).then_some((may, *begun))
            }
        }
    }

    /// Whether someone would act from a seat as the admin of a firm.
    pub(super) fn is_admin(&self, person: usize, seat: Seat) -> bool {
        matches!(seat, Seat::For { firm, .. } if self.staff.get(&(firm, person)).is_some_and(|(role, _)| *role == "admin"))
    }

    /// As [`Model::stay`], for a firm, as its admin or as a bookkeeper.
    pub(super) fn stay_for(
        &self,
        person: usize,
        (company, firm): (usize, usize),
        as_admin: bool,
    ) -> Option<(Grants, usize)> {
        let (most, connected) = self.connections.get(&(company, firm))?;
        let (role, hired) = self.staff.get(&(firm, person))?;
        let both = *connected.max(hired);
        if as_admin {
            return (*role == "admin").then(|| (most.clone(), both));
        }
        // An assignment from an earlier stay grants nothing.
        let (assigned, begun) = self.assignments.get(&(firm, company, person))?;
        (*begun >= both).then(|| (assigned.intersection(most).copied().collect(), *begun))
    }

    /// As [`Model::stay`], for someone who came into the seat as a firm's admin, or not.
    pub(super) fn stay_as(&self, person: usize, seat: Seat, as_admin: bool) -> Option<(Grants, usize)> {
        match seat {
            Seat::For { company, firm } => self.stay_for(person, (company, firm), as_admin),
            Seat::Member { .. } | Seat::Staff { .. } | Seat::Contact { .. } => self.stay(person, seat),
        }
    }

    /// What someone may do from a seat; `None` when it is not theirs.
    pub(super) fn may(&self, person: usize, seat: Seat) -> Option<Grants> {
        self.stay(person, seat).map(|(grants, _)| grants)
    }

    /// The firm that bounds what is done from a seat.
    pub(super) fn bounded_by(&self, person: usize, seat: Seat) -> Option<usize> {
        match seat {
            Seat::Member { company } => self.members.get(&(company, person))?.firm,
            Seat::For { firm, .. } => Some(firm),
            Seat::Staff { .. } | Seat::Contact { .. } => None,
        }
    }

    /// Whether something that is given from a seat would outlast it, where the receiver is bounded by another firm or by
    /// none.
    pub(super) fn outlasts(&self, (person, seat): (usize, Seat), bounded_by: Option<usize>) -> bool {
        self.bounded_by(person, seat).is_some_and(|firm| bounded_by != Some(firm))
    }

    /// From where someone acts in a company: as themselves, else for the first firm that lets them.
    pub(super) fn seat_in(&self, company: usize, person: usize) -> Option<Seat> {
        let own = Seat::Member { company };
        let for_firms = (0..FIRMS).map(|firm| Seat::For { company, firm });
        std::iter::once(own).chain(for_firms).find(|seat| self.may(person, *seat).is_some())
    }

    /// Whether someone is a member of a company, be it through a firm that is gone, or on the staff of a firm that is
    /// connected to it.
    pub(super) fn works_at(&self, company: usize, person: usize) -> bool {
        let connected = |firm: usize| self.connections.contains_key(&(company, firm));
        self.members.contains_key(&(company, person))
            || (0..FIRMS).any(|firm| connected(firm) && self.staff.contains_key(&(firm, person)))
    }

    pub(super) fn owners(&self, company: usize) -> usize {
        self.members.iter().filter(|((of, _), member)| *of == company && member.role == "owner").count()
    }

    pub(super) fn admins(&self, firm: usize) -> usize {
        self.staff.iter().filter(|((of, _), (role, _))| *of == firm && *role == "admin").count()
    }

    /// Whether a member may be given these, or nothing at all, in the stead of what they have.
    pub(super) fn replaceable(&self, company: usize, of: usize, by: &Grants, role: Option<(&str, &Grants)>) -> bool {
        let Some(Member { role: was, grants: held, firm, .. }) = self.members.get(&(company, of)) else { return false };
        let last = *was == "owner" && self.owners(company) == 1 && role.is_none_or(|(role, _)| role != "owner");
        // No owner is there only while a firm is, and who is not there is changed by nobody.
        let unfit = role.is_some_and(|(role, _)| role == "owner" && firm.is_some())
            || role.is_some() && self.may(of, Seat::Member { company }).is_none();
        !last && !unfit && held.is_subset(by) && role.is_none_or(|(_, grants)| grants.is_subset(by))
    }

    /// The same for staff.
    pub(super) fn replaceable_staff(&self, firm: usize, of: usize, by: &Grants, role: Option<&str>) -> bool {
        let Some((was, _)) = self.staff.get(&(firm, of)) else { return false };
        let last = *was == "admin" && self.admins(firm) == 1 && role != Some("admin");
        !last && at_firm(was).is_subset(by) && role.is_none_or(|role| at_firm(role).is_subset(by))
    }

    /// Takes an offer; answers whether it was to be had.
    pub(super) fn take(&mut self, invitation: &Invitation, by: usize, firm: usize) -> bool {
        let free = match &invitation.offer {
            // The company's own invitation makes a member whom a firm invited the company's own.
            Offer::Member { company, .. } => {
                let becomes_own = invitation.firm.is_none();
                self.may(by, Seat::Member { company: *company }).is_none()
                    || becomes_own && self.bounded_by(by, Seat::Member { company: *company }).is_some()
            }
            Offer::Staff { firm, .. } => !self.staff.contains_key(&(*firm, by)),
            Offer::Firm { company, .. } => {
                let administers = self.staff.get(&(firm, by)).is_some_and(|(role, _)| *role == "admin");
                administers && !self.connections.contains_key(&(*company, firm))
            }
        };
        let place = match invitation.offer {
            Offer::Member { company, .. } => Place::Member { company, person: by },
            Offer::Staff { firm, .. } => Place::Staff { firm, person: by },
            Offer::Firm { company, .. } => Place::Connection { company, firm },
        };
        // Nobody who was removed comes back by an older invitation.
        let ended_since = self.ended.iter().skip(invitation.made).any(|ended| *ended == place);
        let has_place =
            matches!(place, Place::Member { company, person } if self.members.contains_key(&(company, person)));
        let ended_since = ended_since && !has_place;
        if by != invitation.to || !free || ended_since {
            return false;
        }
        let (inviter, seat) = invitation.inviter;
        let of_this_stay = |(grants, since): (Grants, usize)| (since <= invitation.since).then_some(grants);
        let held = self.stay_as(inviter, seat, invitation.as_admin).and_then(of_this_stay).unwrap_or_default();
        if !held.contains(invitation.offer.needs()) || !invitation.offer.grants().is_subset(&held) {
            return false;
        }
        let begun = self.now();
        match &invitation.offer {
            Offer::Member { company, role } => {
                let member = Member { role, grants: preset(role), firm: invitation.firm, begun };
                self.members.insert((*company, by), member);
            }
            Offer::Staff { firm, role } => drop(self.staff.insert((*firm, by), (*role, begun))),
            Offer::Firm { company, grants } => drop(self.connections.insert((*company, firm), (grants.clone(), begun))),
        }
        true
    }
}
