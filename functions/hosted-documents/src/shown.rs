//! The document behind a link, with its attachments and the comments on it.

use domain::{UtcTime, comment::Comment};
use hosted_links::{Closed, Opened};
use store::{Page, PageRequest, Tenant};

use crate::{
    App,
    attachment::{HostedAttachment, attachments},
};

/// How often a change is tried again, when others change the document at the same time.
pub(crate) const TRIES: u8 = 3;

/// A document that its link opens now.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) opened: Opened,
    /// The attached files that can be downloaded, in the versions that are attached.
    pub(crate) attachments: Vec<HostedAttachment>,
    /// The newest comments that its customer sees, oldest first: at most 100.
    ///
    /// INVARIANT: no internal comment is among them.
    pub(crate) comments: Vec<Comment>,
    /// Whether its customer sees older ones.
    pub(crate) has_older_comments: bool,
}

/// The document behind a link that opens it now; the comments are read beside it.
///
/// # Errors
/// [`Closed`].
pub(crate) async fn open(app: &App, token: &str, now: UtcTime) -> Result<Shown, Closed> {
    let ours = app.links.ours(token, now).await?;
    ours.is_open(now)?;
    let (authority, link) = (ours.authority(), ours.link.clone());
    let comments = app.api.store.query_authorized(&authority, now, async |queries| {
        let sees = |comment: &Comment| comment.is_visible_to_customer(&link.customer);
        let newest = |tenant: &Tenant| tenant.comments(link.topic, &link.document).backwards();
        let Page { items, next } = queries.page_matching(newest, &PageRequest::largest(), sees).await?;
        // The list may go on with internal comments alone, of which the customer learns nothing.
        let has_older = match next {
            Some(next) => {
                let before = PageRequest::first(1).starting_at(next);
                !queries.page_matching(newest, &before, sees).await?.items.is_empty()
            }
            None => false,
        };
        Ok((items, has_older))
    });
    let (opened, comments) = tokio::join!(app.links.document(ours, now), comments);
    // Why a link opens nothing comes first.
    let opened = opened?;
    let (mut comments, has_older_comments) = comments?;
    comments.reverse();
    let attachments = attachments(app, &opened, now).await?;
    Ok(Shown { opened, attachments, comments, has_older_comments })
}
