//! A sequence of steps, played on the stack and on the model.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tests::cast::{self, Context, Organisation, text};
use tests::http::Call;
use tests::people::{self, Person};
use tests::{Kit, aws};

use super::customers;
use super::rules::{Invitation, Model, Offer, Place, Seat};
use super::steps::{self, FOUNDERS_OF_COMPANIES, FOUNDERS_OF_FIRMS, Step, Who, opening};
use super::world::Grants;
use crate::matrix::preset;

/// The people, who are the same in every sequence.
pub(super) async fn signed_up(kit: &Kit) -> Vec<Person> {
    let (a, b, c, d, e) = tokio::join!(
        people::sign_up(kit, "Mona Model"),
        people::sign_up(kit, "Moritz Model"),
        people::sign_up(kit, "Mila Model"),
        people::sign_up(kit, "Max Model"),
        people::sign_up(kit, "Mats Model"),
    );
    let people = vec![a, b, c, d, e];
    for person in &people {
        may_be_invited_often(kit, &person.email).await;
    }
    people
}

/// A mailbox may be sent some ten invitations a day. These people's counters begin far below zero,
/// today's and tomorrow's.
pub(super) async fn may_be_invited_often(kit: &Kit, email: &str) {
    const DAY_S: i64 = 86_400;
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(email));
    let today_s = jiff::Timestamp::now().as_second().div_euclid(DAY_S) * DAY_S;
    for window_s in [today_s, today_s + DAY_S] {
        let pk = format!("LIMIT#invitations_per_recipient#{}#{window_s}", &digest[..22]);
        kit.table.put(&pk, "LIMIT", "times", AttributeValue::N("-1000000".to_owned())).await;
    }
}

/// One sequence on the stack and on the model.
pub(super) struct Play<'a> {
    pub(super) kit: &'static Kit,
    pub(super) people: &'a [Person],
    pub(super) link_key: &'a str,
    pub(super) companies: Vec<Organisation>,
    pub(super) firms: Vec<Organisation>,
    /// The ids of contacts, by company, customer and person.
    pub(super) contacts: BTreeMap<(usize, usize, usize), String>,
    pub(super) model: Model,
    /// Tokens from earlier steps, each with when the stay began that it is for, and whether it is a firm's admin's.
    pub(super) tokens: Vec<(usize, Seat, Context, (usize, bool))>,
    pub(super) turn: usize,
}

/// How many steps were allowed, in all sequences.
pub(super) static CHANGES: AtomicUsize = AtomicUsize::new(0);

/// What was not as the model says.
pub(super) type Difference = String;

impl<'a> Play<'a> {
    pub(super) async fn begin(kit: &'static Kit, people: &'a [Person], link_key: &'a str) -> Self {
        let mut companies = Vec::new();
        for person in FOUNDERS_OF_COMPANIES {
            companies.push(cast::register_company(kit, &people[person], "Model Ltd").await);
        }
        let mut firms = Vec::new();
        for person in FOUNDERS_OF_FIRMS {
            firms.push(cast::register_firm(kit, &people[person], "Model Firm").await);
        }
        let contacts = customers::of_customers(kit, people, &companies).await;
        Self { kit, people, link_key, companies, firms, contacts, model: Model::begun(), tokens: Vec::new(), turn: 0 }
    }

    /// Steps into a seat and compares what may be done there; `None` when it is not theirs.
    pub(super) async fn enter(&mut self, person: usize, seat: Seat) -> Result<Option<(Context, Grants)>, Difference> {
        let (org, body) = match seat {
            Seat::Member { company } => (&self.companies[company].id, json!({})),
            Seat::For { company, firm } => (&self.companies[company].id, json!({ "firm": self.firms[firm].id })),
            Seat::Staff { firm } => (&self.firms[firm].id, json!({})),
            Seat::Contact { company, .. } => (&self.companies[company].id, json!({})),
        };
        let portal = match seat {
            Seat::Contact { customer, .. } => format!("/customers/{}", customers::REFERENCES[customer]),
            Seat::Member { .. } | Seat::For { .. } | Seat::Staff { .. } => String::new(),
        };
        let stay = self.model.stay(person, seat);
        let (may, since) = stay.map_or((None, 0), |(may, since)| (Some(may), since));
        // Without a place of their own they would be let in for a firm.
        if may.is_none() && matches!(seat, Seat::Member { company } if self.model.seat_in(company, person).is_some()) {
            return Ok(None);
        }
        let answer =
            self.kit.api.post(&format!("/v1/contexts/{org}{portal}")).by(&self.people[person]).json(body).send().await;
        let said = format!("{person} into {seat:?}: {} {}", answer.status, answer.text());
        match (may, answer.status) {
            (None, 404) => Ok(None),
            (Some(may), 200 | 201) => {
                let here = cast::context(&answer.json());
                let held: BTreeSet<&str> = here.permissions.iter().map(String::as_str).collect();
                if held != may {
                    return Err(format!("{said}, the model says {may:?}"));
                }
                self.tokens.push((person, seat, here.clone(), (since, self.model.is_admin(person, seat))));
                Ok(Some((here, may)))
            }
            (may, _) => Err(format!("{said}, the model says {may:?}")),
        }
    }

    pub(super) fn who(&self, by: Who, org: Result<usize, usize>) -> usize {
        match (by, org) {
            (Who::Person(person), _) => person,
            (Who::Founder, Ok(company)) => FOUNDERS_OF_COMPANIES[company],
            (Who::Founder, Err(firm)) => FOUNDERS_OF_FIRMS[firm],
        }
    }

    pub(super) async fn in_company(&mut self, by: Who, company: usize) -> Result<Option<Acting>, Difference> {
        let person = self.who(by, Ok(company));
        let seat = self.model.seat_in(company, person).unwrap_or(Seat::Member { company });
        let entered = self.enter(person, seat).await?;
        Ok(entered.map(|(here, may)| Acting { person, seat, here, may }))
    }

    pub(super) async fn in_firm(&mut self, by: Who, firm: usize) -> Result<Option<Acting>, Difference> {
        let (person, seat) = (self.who(by, Err(firm)), Seat::Staff { firm });
        let entered = self.enter(person, seat).await?;
        Ok(entered.map(|(here, may)| Acting { person, seat, here, may }))
    }

    /// Sends a step and compares whether it was allowed.
    pub(super) async fn send(&self, call: Call<'_>, allowed: bool) -> Result<Value, Difference> {
        let answer = call.send().await;
        CHANGES.fetch_add(usize::from(allowed), Ordering::Relaxed);
        let agreed = if allowed { answer.status < 300 } else { (400..500).contains(&answer.status) };
        if agreed {
            Ok(answer.json())
        } else {
            Err(format!("{}: {} {}, the model allows it: {allowed}", answer.line, answer.status, answer.text()))
        }
    }

    pub(super) fn call<'c>(&'c self, call: Call<'c>, acting: &Acting) -> Call<'c> {
        call.by(&self.people[acting.person]).within(&acting.here)
    }

    pub(super) async fn invite(&mut self, acting: Acting, offer: Offer, to: usize) -> Result<(), Difference> {
        let email = &self.people[to].email;
        let body = match &offer {
            Offer::Member { role, .. } => json!({ "kind": "member", "email": email, "role": role }),
            Offer::Firm { grants, .. } => json!({ "kind": "firm", "email": email, "permissions": grants }),
            Offer::Staff { role, .. } => json!({ "kind": "staff", "email": email, "role": role }),
        };
        let firm = self.model.bounded_by(acting.person, acting.seat);
        let owner_by_firm = matches!(offer, Offer::Member { role: "owner", .. }) && firm.is_some();
        let held = acting.may.contains(offer.needs()) && offer.grants().is_subset(&acting.may);
        // The connection of a firm that another firm invited would outlast the other's.
        let firm_by_firm = matches!(offer, Offer::Firm { .. }) && firm.is_some();
        let allowed = held && !owner_by_firm && !firm_by_firm;
        let answer = self.send(self.call(self.kit.api.post("/v1/invitations"), &acting).json(body), allowed).await?;
        if allowed {
            let id = text(&answer, "/invitation/id");
            let (inviter, made) = ((acting.person, acting.seat), self.model.ended.len());
            let since = self.model.stay(acting.person, acting.seat).map_or(0, |(_, since)| since);
            let as_admin = self.model.is_admin(acting.person, acting.seat);
            self.model.invitations.push(Invitation { id, offer, to, inviter, since, as_admin, firm, made });
        }
        Ok(())
    }

    /// The secret in the link, made as the mail step makes it: no mail has to arrive.
    pub(super) async fn link(&self, invitation: &str, to: usize) -> String {
        let email = self.people[to].email.as_str();
        let mut message = Vec::new();
        for part in ["countersign/invitation/1", invitation, "1", email] {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part.as_bytes());
        }
        let body =
            json!({ "KeyId": self.link_key, "MacAlgorithm": "HMAC_SHA_256", "Message": STANDARD.encode(message) });
        let made = aws::call(&self.kit.stack, &self.kit.http, "kms", "TrentService.GenerateMac", &body).await;
        let mac = text(&made.expect("KMS makes a MAC"), "/Mac");
        let mac = URL_SAFE_NO_PAD.encode(STANDARD.decode(mac).expect("a MAC is base64"));
        format!("{invitation}.1.{mac}")
    }

    pub(super) fn open(&self, nth: usize) -> Option<usize> {
        let open = self.model.invitations.len();
        (open > 0).then(|| nth % open)
    }

    pub(super) async fn accept(&mut self, nth: usize, firm: usize, stranger: Option<usize>) -> Result<(), Difference> {
        let Some(at) = self.open(nth) else { return Ok(()) };
        let invitation = self.model.invitations[at].clone();
        let by = stranger.unwrap_or(invitation.to);
        let mut body = json!({ "token": self.link(&invitation.id, invitation.to).await });
        if matches!(invitation.offer, Offer::Firm { .. }) {
            body["firm"] = json!(self.firms[firm].id);
        }
        let taken = self.model.take(&invitation, by, firm);
        let call = self.kit.api.post("/v1/invitations/accept").by(&self.people[by]).json(body);
        self.send(call, taken).await?;
        if taken {
            self.model.invitations.remove(at);
        }
        Ok(())
    }

    pub(super) async fn change_member(
        &mut self,
        acting: Acting,
        (company, of): (usize, usize),
        (role, grants): (&'static str, Grants),
        body: Value,
    ) -> Result<(), Difference> {
        let outlasts = self.model.members.get(&(company, of)).is_some_and(|before| {
            let gains = !grants.is_subset(&before.grants) || role == "owner" && before.role != "owner";
            gains && self.model.outlasts((acting.person, acting.seat), before.firm)
        });
        let allowed = acting.may.contains("team.manage")
            && !outlasts
            && self.model.replaceable(company, of, &acting.may, Some((role, &grants)));
        let path = format!("/v1/members/{}", self.people[of].user);
        self.send(self.call(self.kit.api.patch(&path), &acting).json(body), allowed).await?;
        if allowed {
            let member = self.model.members.get_mut(&(company, of)).expect("it was replaceable");
            (member.role, member.grants) = (role, grants);
        }
        Ok(())
    }

    pub(super) async fn take(&mut self, step: Step) -> Result<(), Difference> {
        match step {
            Step::InviteMember { company, by, to, role } => match self.in_company(by, company).await? {
                Some(acting) => self.invite(acting, Offer::Member { company, role }, to).await,
                None => Ok(()),
            },
            Step::InviteFirm { company, by, to, grants } => match self.in_company(by, company).await? {
                Some(acting) => self.invite(acting, Offer::Firm { company, grants: steps::grants(grants) }, to).await,
                None => Ok(()),
            },
            Step::InviteStaff { firm, by, to, role } => match self.in_firm(by, firm).await? {
                Some(acting) => self.invite(acting, Offer::Staff { firm, role }, to).await,
                None => Ok(()),
            },
            Step::Accept { nth, firm, stranger } => self.accept(nth, firm, stranger).await,
            Step::Reject { nth } => {
                let Some(at) = self.open(nth) else { return Ok(()) };
                let invitation = self.model.invitations.remove(at);
                let body = json!({ "token": self.link(&invitation.id, invitation.to).await });
                let call = self.kit.api.post("/v1/invitations/reject").by(&self.people[invitation.to]).json(body);
                self.send(call, true).await.map(drop)
            }
            Step::Revoke { nth, by } => self.revoke(nth, by).await,
            Step::ChangeRole { company, by, of, role } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                self.change_member(acting, (company, of), (role, preset(role)), json!({ "role": role })).await
            }
            Step::ChangeGrants { company, by, of, grants } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let grants = steps::grants(grants);
                let body = json!({ "permissions": grants });
                self.change_member(acting, (company, of), ("custom", grants), body).await
            }
            Step::RemoveMember { company, by, of } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let leaves = acting.person == of && acting.seat == Seat::Member { company };
                // A member leaves with whatever they hold.
                let by = match self.model.members.get(&(company, of)) {
                    Some(own) if leaves => own.grants.clone(),
                    Some(_) | None => acting.may.clone(),
                };
                let allowed =
                    (leaves || acting.may.contains("team.manage")) && self.model.replaceable(company, of, &by, None);
                let path = format!("/v1/members/{}", self.people[of].user);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.members.remove(&(company, of));
                    self.model.ended.push(Place::Member { company, person: of });
                }
                Ok(())
            }
            Step::ChangeStaff { firm, by, of, role } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let allowed = acting.may.contains("staff.manage")
                    && self.model.replaceable_staff(firm, of, &acting.may, Some(role));
                let path = format!("/v1/staff/{}", self.people[of].user);
                let call = self.call(self.kit.api.patch(&path), &acting).json(json!({ "role": role }));
                self.send(call, allowed).await?;
                if allowed {
                    self.model.staff.get_mut(&(firm, of)).expect("it was replaceable").0 = role;
                }
                Ok(())
            }
            Step::RemoveStaff { firm, by, of } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let allowed = (acting.person == of || acting.may.contains("staff.manage"))
                    && self.model.replaceable_staff(firm, of, &acting.may, None);
                let path = format!("/v1/staff/{}", self.people[of].user);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.staff.remove(&(firm, of));
                    self.model.ended.push(Place::Staff { firm, person: of });
                }
                Ok(())
            }
            Step::ChangeConnection { company, by, firm, grants } => {
                let Some(acting) = self.in_company(by, company).await? else { return Ok(()) };
                let grants = steps::grants(grants);
                let allowed = acting.may.contains("connections.manage")
                    && self.model.connections.get(&(company, firm)).is_some_and(|(most, _)| {
                        let mut gained = grants.difference(most);
                        let outlasts = self.model.outlasts((acting.person, acting.seat), Some(firm));
                        gained.all(|gained| acting.may.contains(gained) && !outlasts)
                    });
                let path = format!("/v1/connections/{}", self.firms[firm].id);
                let call = self.call(self.kit.api.patch(&path), &acting).json(json!({ "permissions": grants }));
                self.send(call, allowed).await?;
                if allowed {
                    self.model.connections.get_mut(&(company, firm)).expect("it is there").0 = grants;
                }
                Ok(())
            }
            Step::Disconnect { company, firm, by, from_the_firm } => {
                let (acting, needs, other) = if from_the_firm {
                    (self.in_firm(by, firm).await?, "clients.manage", self.companies[company].id.clone())
                } else {
                    (self.in_company(by, company).await?, "connections.manage", self.firms[firm].id.clone())
                };
                let Some(acting) = acting else { return Ok(()) };
                let allowed = acting.may.contains(needs) && self.model.connections.contains_key(&(company, firm));
                let path = format!("/v1/connections/{other}");
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.connections.remove(&(company, firm));
                    self.model.ended.push(Place::Connection { company, firm });
                }
                Ok(())
            }
            Step::Assign { firm, company, by, to, grants } => {
                let Some(acting) = self.in_firm(by, firm).await? else { return Ok(()) };
                let grants = steps::grants(grants);
                let allowed = acting.may.contains("staff.manage")
                    && self.model.staff.get(&(firm, to)).is_some_and(|(role, _)| *role == "bookkeeper")
                    && self.model.connections.get(&(company, firm)).is_some_and(|(most, _)| grants.is_subset(most));
                let path = format!("/v1/assignments/{}/{}", self.companies[company].id, self.people[to].user);
                let call = self.call(self.kit.api.put(&path), &acting).json(json!({ "permissions": grants }));
                self.send(call, allowed).await?;
                if allowed {
                    // A change of one that counts leaves it in its stay.
                    let stay = self.model.stay(to, Seat::For { company, firm });
                    let begun = stay.map_or_else(|| self.model.now(), |(_, since)| since);
                    self.model.assignments.insert((firm, company, to), (grants, begun));
                }
                Ok(())
            }
            Step::Unassign { firm, company, by, from, from_the_firm } => {
                let acting =
                    if from_the_firm { self.in_firm(by, firm).await? } else { self.in_company(by, company).await? };
                let Some(acting) = acting else { return Ok(()) };
                let may = match from_the_firm {
                    true => acting.person == from || acting.may.contains("staff.manage"),
                    false => acting.may.contains("connections.manage"),
                };
                let allowed = may && self.model.assignments.contains_key(&(firm, company, from));
                let of = format!("{}/{}", self.companies[company].id, self.people[from].user);
                let path = format!("/v1/assignments/{of}?firm={}", self.firms[firm].id);
                self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
                if allowed {
                    self.model.assignments.remove(&(firm, company, from));
                }
                Ok(())
            }
            Step::LetIn { company, customer, by, to, seat } => match self.in_company(by, company).await? {
                Some(acting) => self.let_in(acting, (company, customer, to), seat).await,
                None => Ok(()),
            },
            Step::SwitchOff { company, customer, by, of } => match self.in_company(by, company).await? {
                Some(acting) => self.switch_off(acting, (company, customer, of)).await,
                None => Ok(()),
            },
            Step::SetRights { company, by, rights } => match self.in_company(by, company).await? {
                Some(acting) => self.set_rights(acting, company, steps::rights(rights)).await,
                None => Ok(()),
            },
            Step::Archive { company, customer, by, archived } => match self.in_company(by, company).await? {
                Some(acting) => self.archive(acting, (company, customer), archived).await,
                None => Ok(()),
            },
        }
    }

    pub(super) async fn revoke(&mut self, nth: usize, by: Who) -> Result<(), Difference> {
        let Some(at) = self.open(nth) else { return Ok(()) };
        let invitation = self.model.invitations[at].clone();
        let acting = match invitation.offer {
            Offer::Member { company, .. } | Offer::Firm { company, .. } => self.in_company(by, company).await?,
            Offer::Staff { firm, .. } => self.in_firm(by, firm).await?,
        };
        let Some(acting) = acting else { return Ok(()) };
        let allowed = acting.may.contains(invitation.offer.needs());
        let path = format!("/v1/invitations/{}/revoke", invitation.id);
        self.send(self.call(self.kit.api.post(&path), &acting).json(json!({})), allowed).await?;
        if allowed {
            self.model.invitations.remove(at);
        }
        Ok(())
    }

    pub(super) async fn play(&mut self, steps: &[Step]) -> Result<(), Difference> {
        for (n, step) in opening().into_iter().chain(steps.iter().cloned()).enumerate() {
            let said = format!("step {n}, {step:?}");
            self.take(step).await.map_err(|difference| format!("{said}: {difference}"))?;
            self.old_tokens().await.map_err(|difference| format!("after {said}: {difference}"))?;
        }
        self.everyone().await.map_err(|difference| format!("in the end: {difference}"))
    }
}

/// Someone about to take a step.
pub(super) struct Acting {
    pub(super) person: usize,
    pub(super) seat: Seat,
    pub(super) here: Context,
    pub(super) may: Grants,
}
