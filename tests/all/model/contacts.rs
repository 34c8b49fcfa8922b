//! Contacts: they are let in and out, and the settings and the customer stand above every seat.

use serde_json::json;
use tests::cast::{self, text};

use super::customers::{At, REFERENCES};
use super::play::{Acting, Difference, Play};
use super::steps::{of_rights, seat_grants};
use super::world::Grants;
use crate::matrix::preset;

impl Play<'_> {
    pub(super) async fn let_in(&mut self, acting: Acting, at: At, seat: usize) -> Result<(), Difference> {
        let (company, customer, to) = at;
        let narrowed: Option<Grants> = seat_grants(seat);
        let within_settings = narrowed.as_ref().is_none_or(|grants| grants.is_subset(&self.model.rights[company]));
        let allowed = acting.may.contains("customers.manage")
            && within_settings
            && !self.model.archived.contains(&(company, customer))
            && !self.model.contacts.contains_key(&at)
            && !self.model.works_at(company, to);
        let body = narrowed.as_ref().map_or_else(|| json!({}), |grants| json!({ "permissions": grants }));
        let path = cast::portal_access(REFERENCES[customer], &self.contacts[&at]);
        let answer = self.send(self.call(self.kit.api.post(&path), &acting).json(body), allowed).await?;
        if !allowed {
            return Ok(());
        }
        let token = self.link(&text(&answer, "/invitation"), to).await;
        let accept = self.kit.api.post("/v1/invitations/accept").by(&self.people[to]).json(json!({ "token": token }));
        self.send(accept, true).await?;
        let begun = self.model.now();
        self.model.contacts.insert(at, (narrowed.unwrap_or_else(|| preset("contact")), begun));
        Ok(())
    }

    pub(super) async fn switch_off(&mut self, acting: Acting, at: At) -> Result<(), Difference> {
        let allowed = acting.may.contains("customers.manage") && self.model.contacts.contains_key(&at);
        let path = cast::portal_access(REFERENCES[at.1], &self.contacts[&at]);
        self.send(self.call(self.kit.api.delete(&path), &acting), allowed).await?;
        if allowed {
            self.model.contacts.remove(&at);
        }
        Ok(())
    }

    pub(super) async fn set_rights(
        &mut self,
        acting: Acting,
        company: usize,
        rights: &'static [&'static str],
    ) -> Result<(), Difference> {
        let allowed = acting.may.contains("customers.manage");
        let put = self.call(self.kit.api.put("/v1/customer-portal-settings"), &acting);
        self.send(put.json(json!({ "rights": rights })), allowed).await?;
        if allowed {
            self.model.rights[company] = of_rights(rights);
        }
        Ok(())
    }

    pub(super) async fn archive(
        &mut self,
        acting: Acting,
        at: (usize, usize),
        archived: bool,
    ) -> Result<(), Difference> {
        let allowed = acting.may.contains("customers.manage");
        let path = format!("/v1/customers/{}", REFERENCES[at.1]);
        let status = if archived { "archived" } else { "active" };
        let patch = self.call(self.kit.api.patch(&path), &acting).json(json!({ "status": status }));
        self.send(patch, allowed).await?;
        match (allowed, archived) {
            (false, _) => {}
            (true, true) => drop(self.model.archived.insert(at)),
            (true, false) => drop(self.model.archived.remove(&at)),
        }
        Ok(())
    }
}
