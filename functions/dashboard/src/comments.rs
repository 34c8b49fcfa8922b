//! Comments that the caller has not read, of the modules that they see.

use domain::{
    FirmId, Permission,
    comment::{Comment, CommentMarker, CommentModule, CommentReader, count_unread, looked_at},
};
use serde::Serialize;
use store::{Authority, FoundSeat, Page, PageRequest, Part, Queries, StoreError};
use utoipa::ToSchema;

/// How many comments of each module are looked at.
const NEWEST: u16 = 20;
/// How many of the reader's markers: as many as the comments.
const MARKERS: u16 = 60;

/// Comments of others that the caller has not read: of the newest 20 on invoices and credit notes, on estimates, and on
/// documents, each as far as the caller may view them.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub(crate) struct UnreadCommentSummary {
    unread_count: usize,
    /// Whether there are more than were looked at.
    more: bool,
}

/// The newest comments of each module, and the caller's newest markers.
pub(crate) struct ReadComments {
    of_modules: [Option<Part<Page<Comment>>>; 3],
    markers: Page<CommentMarker>,
}

/// Reads the comments of each module whose permission `may` tries.
pub(crate) async fn read(
    queries: &Queries<'_>,
    reader: &CommentReader,
    may: impl Fn(Permission) -> Option<Authority>,
) -> Result<ReadComments, StoreError> {
    let (newest, marked) = (PageRequest::first(NEWEST), PageRequest::first(MARKERS));
    let of = |module: CommentModule| {
        let page = queries.page(move |tenant| tenant.comments_of_module(module), &newest);
        queries.part(may(module.permission()), page)
    };
    let [one, two, three] = CommentModule::ALL;
    let (one, two, three, markers) =
        tokio::try_join!(of(one), of(two), of(three), queries.page(|tenant| tenant.comment_markers(reader), &marked))?;
    Ok(ReadComments { of_modules: [one, two, three], markers })
}

impl ReadComments {
    /// The summary of what the seat sees; `None` if that is nothing.
    pub(crate) fn opened_by(
        self,
        seat: &FoundSeat,
        firm: Option<&FirmId>,
        reader: &CommentReader,
    ) -> Option<UnreadCommentSummary> {
        let opened: Vec<Page<Comment>> = self.of_modules.into_iter().filter_map(|part| seat.open(part)).collect();
        (!opened.is_empty()).then(|| unread(opened, &self.markers, firm, reader))
    }
}

fn unread(
    modules: Vec<Page<Comment>>,
    markers: &Page<CommentMarker>,
    firm: Option<&FirmId>,
    reader: &CommentReader,
) -> UnreadCommentSummary {
    let oldest = markers.next.as_ref().and(markers.items.last());
    let mut summary = UnreadCommentSummary { unread_count: 0, more: false };
    for page in modules {
        let seen: Vec<Comment> = page.items.into_iter().filter(|comment| comment.is_visible_to(firm)).collect();
        let seen_count = seen.len();
        let known = looked_at(seen, oldest);
        summary.more |= page.next.is_some() || known.len() < seen_count;
        summary.unread_count += count_unread(reader, &known, &markers.items);
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
