//! The steps that people take, chosen at random.

use proptest::prelude::*;

use super::world::{COMPANIES, CUSTOMERS, FIRMS, Grants, PEOPLE};
use crate::matrix::preset;

/// Who takes a step: the person who registered the company or firm, or anyone.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who {
    Founder,
    Person(usize),
}

/// One step. Those about an invitation name it by its place among the open ones; a contact who is let in accepts at once.
#[derive(Debug, Clone)]
pub(super) enum Step {
    InviteMember { company: usize, by: Who, to: usize, role: &'static str },
    InviteFirm { company: usize, by: Who, to: usize, grants: usize },
    InviteStaff { firm: usize, by: Who, to: usize, role: &'static str },
    Accept { nth: usize, firm: usize, stranger: Option<usize> },
    Reject { nth: usize },
    Revoke { nth: usize, by: Who },
    ChangeRole { company: usize, by: Who, of: usize, role: &'static str },
    ChangeGrants { company: usize, by: Who, of: usize, grants: usize },
    RemoveMember { company: usize, by: Who, of: usize },
    ChangeStaff { firm: usize, by: Who, of: usize, role: &'static str },
    RemoveStaff { firm: usize, by: Who, of: usize },
    ChangeConnection { company: usize, by: Who, firm: usize, grants: usize },
    Disconnect { company: usize, firm: usize, by: Who, from_the_firm: bool },
    Assign { firm: usize, company: usize, by: Who, to: usize, grants: usize },
    Unassign { firm: usize, company: usize, by: Who, from: usize, from_the_firm: bool },
    LetIn { company: usize, customer: usize, by: Who, to: usize, seat: usize },
    SwitchOff { company: usize, customer: usize, by: Who, of: usize },
    SetRights { company: usize, by: Who, rights: usize },
    Archive { company: usize, customer: usize, by: Who, archived: bool },
}

/// What a contact is given: with `None`, all that there is.
pub(super) fn seat_grants(n: usize) -> Option<Grants> {
    match n {
        0 => None,
        1 => Some(["invoices.view", "payments.view", "payments.pay"].into()),
        _ => Some(["estimates.view", "estimates.decide"].into()),
    }
}

const SEATS: usize = 3;

/// Rights that a company's settings give to contacts.
pub(super) fn rights(n: usize) -> &'static [&'static str] {
    match n {
        0 => &["comment", "accept", "pay", "forward", "edit_details", "see_statements"],
        1 => &["comment", "pay"],
        2 => &["accept", "see_statements"],
        _ => &[],
    }
}

const RIGHT_SETS: usize = 4;

/// The permissions that rights stand for.
pub(super) fn of_rights(rights: &[&str]) -> Grants {
    let of = |right: &&str| -> &'static [&'static str] {
        match *right {
            "comment" => &["invoices.comment", "estimates.comment"],
            "accept" => &["estimates.decide"],
            "pay" => &["payments.view", "payments.pay"],
            "forward" => &["sales.forward"],
            "edit_details" => &["details.edit"],
            "see_statements" => &["statements.view"],
            other => panic!("no such right: {other}"),
        }
    };
    ["invoices.view", "estimates.view"].into_iter().chain(rights.iter().flat_map(of).copied()).collect()
}

/// Sets of permissions that steps choose from.
pub(super) fn grants(n: usize) -> Grants {
    match n {
        0 => ["dashboard.view", "invoices.view"].into(),
        1 => ["dashboard.view", "team.view", "team.manage"].into(),
        2 => ["dashboard.view", "invoices.view", "connections.view", "connections.manage"].into(),
        3 => preset("accountant"),
        // With these a firm invites members.
        _ => preset("client").into_iter().chain(["team.view", "team.manage"]).collect(),
    }
}

pub(super) const GRANT_SETS: usize = 5;

pub(super) fn at_firm(role: &str) -> Grants {
    preset(if role == "admin" { "staff admin" } else { "staff bookkeeper" })
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let (company, firm, person) = (0..COMPANIES, 0..FIRMS, 0..PEOPLE);
    let who = prop_oneof![2 => Just(Who::Founder), 1 => person.clone().prop_map(Who::Person)];
    let role = prop::sample::select(vec!["owner", "admin", "accountant", "client", "read-only"]);
    let staff_role = prop::sample::select(vec!["admin", "bookkeeper"]);
    let set = 0..GRANT_SETS;
    let nth = 0_usize..8;
    let in_company = (company.clone(), who.clone(), person.clone());
    let in_firm = (firm.clone(), who.clone(), person.clone());
    let client = (firm.clone(), company.clone(), who.clone(), person.clone());
    let (customer, seat, rights) = (0..CUSTOMERS, 0..SEATS, 0..RIGHT_SETS);
    let of_customer = (company.clone(), customer, who.clone());
    let stranger = prop::option::weighted(0.1, person.clone());
    prop_oneof![
        3 => (in_company.clone(), role.clone())
            .prop_map(|((company, by, to), role)| Step::InviteMember { company, by, to, role }),
        3 => (in_company.clone(), set.clone())
            .prop_map(|((company, by, to), grants)| Step::InviteFirm { company, by, to, grants }),
        2 => (in_firm.clone(), staff_role.clone())
            .prop_map(|((firm, by, to), role)| Step::InviteStaff { firm, by, to, role }),
        8 => (nth.clone(), firm.clone(), stranger)
            .prop_map(|(nth, firm, stranger)| Step::Accept { nth, firm, stranger }),
        1 => nth.clone().prop_map(|nth| Step::Reject { nth }),
        1 => (nth, who.clone()).prop_map(|(nth, by)| Step::Revoke { nth, by }),
        2 => (in_company.clone(), role).prop_map(|((company, by, of), role)| Step::ChangeRole { company, by, of, role }),
        1 => (in_company.clone(), set.clone())
            .prop_map(|((company, by, of), grants)| Step::ChangeGrants { company, by, of, grants }),
        2 => in_company.prop_map(|(company, by, of)| Step::RemoveMember { company, by, of }),
        2 => (in_firm.clone(), staff_role).prop_map(|((firm, by, of), role)| Step::ChangeStaff { firm, by, of, role }),
        1 => in_firm.prop_map(|(firm, by, of)| Step::RemoveStaff { firm, by, of }),
        2 => (company.clone(), who.clone(), firm.clone(), set.clone())
            .prop_map(|(company, by, firm, grants)| Step::ChangeConnection { company, by, firm, grants }),
        4 => (of_customer.clone(), person.clone(), seat).prop_map(|((company, customer, by), to, seat)| {
            Step::LetIn { company, customer, by, to, seat }
        }),
        1 => (of_customer.clone(), person)
            .prop_map(|((company, customer, by), of)| Step::SwitchOff { company, customer, by, of }),
        1 => (company.clone(), who.clone(), rights)
            .prop_map(|(company, by, rights)| Step::SetRights { company, by, rights }),
        1 => (of_customer, any::<bool>())
            .prop_map(|((company, customer, by), archived)| Step::Archive { company, customer, by, archived }),
        1 => (company, firm, who, any::<bool>())
            .prop_map(|(company, firm, by, from_the_firm)| Step::Disconnect { company, firm, by, from_the_firm }),
        3 => (client.clone(), set)
            .prop_map(|((firm, company, by, to), grants)| Step::Assign { firm, company, by, to, grants }),
        2 => (client, any::<bool>()).prop_map(|((firm, company, by, from), from_the_firm)| {
            Step::Unassign { firm, company, by, from, from_the_firm }
        }),
    ]
}

/// What every sequence begins with, so that there is something to change: a connection, a bookkeeper,
/// an assignment, a contact.
pub(super) fn opening() -> Vec<Step> {
    let by = Who::Founder;
    let accept = || Step::Accept { nth: 0, firm: 0, stranger: None };
    vec![
        Step::InviteFirm { company: 0, by, to: FOUNDERS_OF_FIRMS[0], grants: 3 },
        accept(),
        Step::InviteStaff { firm: 0, by, to: 4, role: "bookkeeper" },
        accept(),
        Step::Assign { firm: 0, company: 0, by, to: 4, grants: 0 },
        Step::LetIn { company: 1, customer: 0, by, to: 4, seat: 0 },
    ]
}

pub(super) const FOUNDERS_OF_COMPANIES: [usize; COMPANIES] = [0, 1];
pub(super) const FOUNDERS_OF_FIRMS: [usize; FIRMS] = [2, 3];
