//! What waits in a firm's clients: written behind the scenes, listed, and removed with the connection.

use tests::runtime_api::HttpEvent;

use super::book::Kind::{Background, Because};
use super::book::{Book, Kind};
use super::{Places, REFERENCE, Tale};
use crate::faults::rig::by;
use crate::overview::about;

const OVERVIEW: Kind =
    Because(2, "which relationships let one of a firm's staff see an entry is only known once the page was read");

impl Tale {
    /// Something else waits in a client, and the firm looks at its list.
    pub(super) async fn overview(&mut self, book: &mut Book<'_>, places: &Places) {
        let requested = about(&places.company, "approval.requested", ("approval", REFERENCE));
        let name = "what waits in a client, for the first time";
        book.invoke(name, "overview", "`approval.requested`", Background, &requested).await;
        let name = "what waits in a client, written anew";
        book.invoke(name, "overview", "`approval.requested`, redelivered", Background, &requested).await;
        let list = by(HttpEvent::get("/v1/clients/overview"), &self.admin, &places.admin_here);
        book.ask("what waits across a firm's clients", OVERVIEW, list).await;
    }

    /// What waited in a client that is not connected any more.
    pub(super) async fn overview_without_client(&mut self, book: &mut Book<'_>, places: &Places) {
        let ended = about(&places.company, "connection.ended", ("connection", places.firm.as_str()));
        let name = "what waits in a client, when its connection has ended";
        book.invoke(name, "overview", "`connection.ended`", Background, &ended).await;
    }
}
