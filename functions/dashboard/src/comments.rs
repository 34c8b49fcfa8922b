//! Comments that the caller has not read, of the modules that they see.

use std::{
    collections::{BTreeSet, HashSet},
    future::ready,
};

use domain::{
    DocumentId, FirmId, Permission,
    comment::{self, Comment, CommentMarker, CommentModule, CommentReader, count_unread, looked_at},
    document::Document,
};
use serde::Serialize;
use store::{Authority, FoundSeat, Page, PageRequest, Part, Queries, StoreError};
use utoipa::ToSchema;

/// How many comments of each module are looked at, and as many that are internal to the caller's firm.
const NEWEST: u16 = 20;
/// How many of the reader's markers: as many as the comments that everybody sees.
const MARKERS: u16 = 60;

/// Comments of others that the caller has not read: of the newest 20 on invoices and credit notes, on estimates, and on
/// documents that are not deleted, each as far as the caller may view them. For a firm's people, also of the newest 20 of each
/// that are internal to the firm.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct UnreadCommentSummary {
    unread_count: usize,
    /// Whether there are more than were looked at.
    more: bool,
}

/// The newest comments of each module, those that are internal to the caller's firm on a page of their own, and the caller's
/// newest markers.
pub(crate) struct ReadComments {
    of_modules: [Option<Part<Vec<Page<Comment>>>>; 3],
    markers: Page<CommentMarker>,
}

/// Reads the comments of each module whose permission `may` tries.
pub(crate) async fn read(
    queries: &Queries<'_>,
    reader: &CommentReader,
    firm: Option<&FirmId>,
    may: impl Fn(Permission) -> Option<Authority>,
) -> Result<ReadComments, StoreError> {
    let of = |module: CommentModule| queries.part(may(module.permission()), read_module(queries, module, firm));
    let documents = async {
        let authority = may(CommentModule::Documents.permission());
        let pages = async {
            match authority {
                Some(_) => read_module(queries, CommentModule::Documents, firm).await,
                None => Ok(Vec::new()),
            }
        };
        let marked = PageRequest::first(MARKERS);
        let markers = queries.page(|tenant| tenant.comment_markers(reader), &marked);
        let (mut pages, markers) = tokio::try_join!(pages, markers)?;
        leave_out_deleted(queries, &mut pages, &markers, reader).await?;
        Ok::<_, StoreError>((queries.part(authority, ready(Ok(pages))).await?, markers))
    };
    let (invoices, estimates, (documents, markers)) =
        tokio::try_join!(of(CommentModule::Invoices), of(CommentModule::Estimates), documents)?;
    Ok(ReadComments { of_modules: [invoices, estimates, documents], markers })
}

/// Leaves out the comments on documents that are deleted, of those that the reader has not read. The documents are read after
/// the comments, and only where there are such.
async fn leave_out_deleted(
    queries: &Queries<'_>,
    pages: &mut [Page<Comment>],
    markers: &Page<CommentMarker>,
    reader: &CommentReader,
) -> Result<(), StoreError> {
    let unread = pages.iter().flat_map(|page| comment::unread(reader, None, &page.items, &markers.items));
    let ids: BTreeSet<&str> = unread.map(|comment| comment.on.as_str()).collect();
    let ids: Vec<DocumentId> = ids.into_iter().filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let found = queries.get_eventually(|tenant| ids.iter().map(|id| tenant.document(id)).collect::<Vec<_>>()).await?;
    let is_gone = |document: Option<Document>| document.is_none_or(|document| document.deleted.is_some());
    let gone = ids.iter().zip(found).filter_map(|(id, document)| is_gone(document).then_some(id.as_str()));
    let gone: HashSet<&str> = gone.collect();
    for page in pages {
        page.items.retain(|comment| !gone.contains(comment.on.as_str()));
    }
    Ok(())
}

/// The newest comments that all see who see the module, and those that the firm's people alone see.
async fn read_module(
    queries: &Queries<'_>,
    module: CommentModule,
    firm: Option<&FirmId>,
) -> Result<Vec<Page<Comment>>, StoreError> {
    let newest = PageRequest::first(NEWEST);
    let of_all = queries.page(|tenant| tenant.comments_of_module(module), &newest);
    let Some(firm) = firm else { return Ok(vec![of_all.await?]) };
    let of_firm = queries.page(|tenant| tenant.internal_comments_of_module(firm, module), &newest);
    let (of_all, of_firm) = tokio::try_join!(of_all, of_firm)?;
    Ok(vec![of_all, of_firm])
}

impl ReadComments {
    /// The summary of what the seat sees; `None` if that is nothing.
    pub(crate) fn opened_by(
        self,
        seat: &FoundSeat,
        firm: Option<&FirmId>,
        reader: &CommentReader,
    ) -> Option<UnreadCommentSummary> {
        let opened: Vec<Page<Comment>> =
            self.of_modules.into_iter().filter_map(|part| seat.open(part)).flatten().collect();
        (!opened.is_empty()).then(|| unread(opened, &self.markers, firm, reader))
    }
}

fn unread(
    pages: Vec<Page<Comment>>,
    markers: &Page<CommentMarker>,
    firm: Option<&FirmId>,
    reader: &CommentReader,
) -> UnreadCommentSummary {
    let oldest = markers.next.as_ref().and(markers.items.last());
    let mut summary = UnreadCommentSummary { unread_count: 0, more: false };
    for page in pages {
        // Whatever list it is in, a comment that is internal to another firm is not counted.
        let seen: Vec<Comment> = page.items.into_iter().filter(|comment| comment.is_visible_to(firm)).collect();
        let seen_count = seen.len();
        let known = looked_at(seen, oldest);
        summary.more |= page.next.is_some() || known.len() < seen_count;
        summary.unread_count += count_unread(reader, None, &known, &markers.items);
    }
    summary
}

#[cfg(test)]
mod tests {
    use domain::{
        UserId, UtcTime,
        comment::{CommentAuthor, CommentVisibility, Topic},
    };
    use store::Cursor;

    use super::*;

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    fn reader() -> CommentReader {
        CommentReader::Company { user: user("mia") }
    }

    fn firm() -> FirmId {
        "fm_00000000000000000000000000000002".parse().unwrap()
    }

    fn comment(n: u8, on: &str, by: &str) -> Comment {
        let company = "co_00000000000000000000000000000001".parse().unwrap();
        let seat = domain::access::ActingAs::Member { company };
        Comment {
            id: format!("cm_000000000000000000000000000000{n:02}").parse().unwrap(),
            company: "co_00000000000000000000000000000001".parse().unwrap(),
            topic: Topic::Invoice,
            on: on.parse().unwrap(),
            customer: None,
            visibility: CommentVisibility::Internal,
            text: "Which shop?".parse().unwrap(),
            reply_to: None,
            mentions: Vec::new(),
            author: CommentAuthor::of_company(&seat, user(by), "Otto".parse().unwrap()),
            at: UtcTime::EPOCH,
            internal_to: None,
        }
    }

    fn whole<T>(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }

    fn cut<T>(items: Vec<T>) -> Page<T> {
        Page { items, next: Some(Cursor::new("there is more".to_owned())) }
    }

    fn read_up_to(comment: &Comment) -> CommentMarker {
        CommentMarker::moved(None, reader(), comment).unwrap()
    }

    /// Proves: DB1
    #[test]
    fn comments_of_others_after_the_marker_are_counted_and_those_of_another_firm_are_not() {
        let all = [comment(1, "INV-1", "otto"), comment(2, "INV-1", "otto"), comment(3, "INV-2", "mia")];
        let internal = Comment { internal_to: Some(firm()), ..comment(4, "INV-2", "ada") };
        let newest = || whole(vec![internal.clone(), all[2].clone(), all[1].clone(), all[0].clone()]);
        let markers = whole(vec![read_up_to(&all[0])]);
        let count = |firm: Option<&FirmId>| unread(vec![newest()], &markers, firm, &reader()).unread_count;
        assert_eq!((count(None), count(Some(&firm()))), (1, 2));
    }

    /// A firm may say more to itself than is looked at: the company's people still see what they have not read, and no sign of it.
    /// Proves: DB1
    #[test]
    fn internal_comments_are_counted_beside_the_others() {
        let of_all = || whole(vec![comment(1, "INV-1", "otto")]);
        let internal = |n: u8| Comment { internal_to: Some(firm()), ..comment(n, "INV-1", "ada") };
        let of_firm = cut((2..22).rev().map(internal).collect());
        let members = unread(vec![of_all()], &whole(Vec::new()), None, &reader());
        assert_eq!(members, UnreadCommentSummary { unread_count: 1, more: false });
        let firms = unread(vec![of_all(), of_firm], &whole(Vec::new()), Some(&firm()), &reader());
        assert_eq!(firms, UnreadCommentSummary { unread_count: 21, more: true });
    }

    /// Proves: DB1
    #[test]
    fn what_an_older_marker_may_cover_is_not_counted_and_said_to_be_more() {
        let all = [comment(1, "INV-1", "otto"), comment(5, "INV-2", "otto"), comment(6, "INV-3", "otto")];
        let newest = || whole(vec![all[2].clone(), all[1].clone(), all[0].clone()]);
        let some = cut(vec![read_up_to(&all[1])]);
        let summary = unread(vec![newest()], &some, None, &reader());
        assert_eq!(summary, UnreadCommentSummary { unread_count: 1, more: true });
        let every = whole(vec![read_up_to(&all[1])]);
        let summary = unread(vec![newest()], &every, None, &reader());
        assert_eq!(summary, UnreadCommentSummary { unread_count: 2, more: false });
    }
}
