//! The letter to a firm whose link or code brought a client.

use askama::Template;

use super::{Brand, Page, RenderError, named};
use crate::{
    inert::Line,
    message::{Envelope, Kind, Message},
    url::HttpUrl,
};

/// What a company registered through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignupSource {
    /// A registration link.
    Link,
    /// A signup code.
    Code,
}

/// A company registered through a firm's link or code, and is connected to it.
#[derive(Debug, Clone, Copy)]
pub struct ClientRegistered<'a> {
    /// The company's name.
    pub company: &'a str,
    /// The firm's name.
    pub firm: &'a str,
    /// What it came through.
    pub through: SignupSource,
    /// What the firm calls that.
    pub label: Option<&'a str>,
    /// The name of who registered it.
    pub registered_by: Option<&'a str>,
    /// The firm's clients in the portal.
    pub link: &'a HttpUrl,
}

struct ClientRegisteredView<'a> {
    company: Line,
    firm: Line,
    through: SignupSource,
    label: Option<Line>,
    registered_by: Option<Line>,
    link: &'a HttpUrl,
}

/// Tells someone of a firm that a client came through one of its links or codes.
///
/// # Errors
/// [`RenderError`].
pub fn client_registered(
    brand: &Brand<'_>,
    envelope: &Envelope<'_>,
    what: &ClientRegistered<'_>,
) -> Result<Message, RenderError> {
    let (company, firm) = (Line::subject_name(what.company), Line::subject_name(what.firm));
    let subject = format!("New client of {firm}: {company}");
    let it = ClientRegisteredView {
        company: Line::new(what.company),
        firm: Line::new(what.firm),
        through: what.through,
        label: named(what.label),
        registered_by: named(what.registered_by),
        link: what.link,
    };
    render!(
        "client-registered.txt",
        "client-registered.html",
        ClientRegisteredView,
        Kind::ClientRegistered,
        brand,
        envelope,
        subject,
        it
    )
}
