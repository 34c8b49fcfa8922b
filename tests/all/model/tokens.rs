//! What tokens from earlier steps are good for, and what everyone may do in the end.

use super::play::{Difference, Play};
use super::rules::Seat;
use super::world::{COMPANIES, CUSTOMERS, FIRMS, OLD_TOKENS, PEOPLE};

/// What a contact owed in a month.
const A_STATEMENT: &str = "/v1/customer-portal/statement?from=2026-01-01&until=2026-01-31";

impl Play<'_> {
    /// Tries tokens from earlier steps: they are good for what their holders may do now, in the same stay.
    pub(super) async fn old_tokens(&mut self) -> Result<(), Difference> {
        for _ in 0..OLD_TOKENS.min(self.tokens.len()) {
            self.turn += 1;
            let (person, seat, here, (since, as_admin)) = &self.tokens[(self.turn * 7) % self.tokens.len()];
            // Where anyone goes, and what each of them asks of those who go there.
            let (path, needs) = match (seat, self.turn % 5) {
                (Seat::Staff { .. }, n) if n % 2 == 0 => ("/v1/staff", "staff.view"),
                (Seat::Staff { .. }, _) => ("/v1/connections", "clients.view"),
                (Seat::Contact { .. }, 0) => ("/v1/customer-portal/invoices", "invoices.view"),
                (Seat::Contact { .. }, 1) => ("/v1/customer-portal/estimates", "estimates.view"),
                (Seat::Contact { .. }, 2 | 3) => (A_STATEMENT, "statements.view"),
                // No route of the company's people is theirs.
                (Seat::Contact { .. }, _) => ("/v1/invoices", "invoices.manage"),
                (_, 0) => ("/v1/invoices", "invoices.view"),
                (_, 1) => ("/v1/dashboard", "dashboard.view"),
                (_, 2) => ("/v1/members", "team.view"),
                (_, 3) => ("/v1/approvals", "approvals.view"),
                (_, _) => ("/v1/access/payroll.manage", "payroll.manage"),
            };
            let stay = self.model.stay_as(*person, *seat, *as_admin);
            let may = stay.is_some_and(|(may, began)| began <= *since && may.contains(needs));
            let answer = self.kit.api.get(path).by(&self.people[*person]).within(here).send().await;
            if answer.status != if may { 200 } else { 403 } {
                let said = format!("{}: {} {}", answer.line, answer.status, answer.text());
                return Err(format!("an earlier token of {person} in {seat:?}: {said}, the model allows it: {may}"));
            }
        }
        Ok(())
    }

    /// Everyone, everywhere.
    pub(super) async fn everyone(&mut self) -> Result<(), Difference> {
        for person in 0..PEOPLE {
            for firm in 0..FIRMS {
                self.enter(person, Seat::Staff { firm }).await?;
            }
            for company in 0..COMPANIES {
                self.enter(person, Seat::Member { company }).await?;
                for customer in 0..CUSTOMERS {
                    self.enter(person, Seat::Contact { company, customer }).await?;
                }
                for firm in 0..FIRMS {
                    self.enter(person, Seat::For { company, firm }).await?;
                }
            }
        }
        Ok(())
    }
}
