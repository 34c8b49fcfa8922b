//! Adds a comment, or says why it is refused.

use std::collections::BTreeSet;

use super::{AuthorKind, Comment, CommentAuthor, CommentVisibility, Topic};
use crate::{
    access::GrantState,
    event::NewEvent,
    id::{CommentId, CompanyId, UserId},
    org::{Assignment, Member},
    text::{Note, Reference},
    time::UtcTime,
};

/// The most people that one comment names.
pub const MAX_MENTIONS: usize = 10;

/// A comment to be added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewComment {
    /// Its id, drawn now.
    pub id: CommentId,
    /// The company.
    pub company: CompanyId,
    /// The kind of item that it is on.
    pub topic: Topic,
    /// Which one.
    pub on: Reference,
    /// The customer to whom the sales document is addressed.
    pub customer: Option<Reference>,
    /// Whether that customer sees it.
    pub visibility: CommentVisibility,
    /// The text.
    pub text: Note,
    /// The comment that it answers.
    pub reply_to: Option<CommentId>,
    /// The company's people whom it names.
    pub mentions: Vec<UserId>,
    /// Who writes it.
    pub author: CommentAuthor,
    /// When.
    pub at: UtcTime,
}

/// Why a comment is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CommentError {
    /// Somebody of the customer wants to write an internal comment.
    #[error("is for the company's own people")]
    InternalByCustomer,
    /// The comment that is answered is not on this document, or the author does not see it.
    #[error("is not a comment on this document")]
    UnknownReply,
    /// A comment that the customer sees would answer an internal one.
    #[error("is an internal comment; its answer must be internal too")]
    RepliesToInternal,
    /// Somebody of the customer names people of the company.
    #[error("is for the company's own people")]
    MentionByCustomer,
    /// Too many people are named.
    #[error("must be at most {MAX_MENTIONS} people")]
    TooManyMentions,
    /// One who is named is none of the company's people: the place in the list.
    #[error("is no member of the company, and no bookkeeper who is assigned to it")]
    UnknownMention(usize),
}

impl CommentError {
    /// The field that is refused.
    #[must_use]
    pub fn field(self) -> String {
        match self {
            Self::InternalByCustomer => "visibility".to_owned(),
            Self::UnknownReply | Self::RepliesToInternal => "reply_to".to_owned(),
            Self::MentionByCustomer | Self::TooManyMentions => "mentions".to_owned(),
            Self::UnknownMention(place) => format!("mentions[{place}]"),
        }
    }
}

/// The company's people whom a comment may name at `now`: of these, the members and the bookkeepers who are assigned to it
/// then.
#[must_use]
pub fn mentionable(members: &[Member], assigned: &[Assignment], now: UtcTime) -> BTreeSet<UserId> {
    let members = members.iter().filter(|one| GrantState::from(*one).holds_at(now)).map(|one| &one.user);
    let assigned = assigned.iter().filter(|one| GrantState::from(*one).holds_at(now)).map(|one| &one.user);
    members.chain(assigned).cloned().collect()
}

/// Adds a comment. `answered` is the comment that [`NewComment::reply_to`] names, if there is one on that document;
/// `may_be_mentioned` tells the company's people.
///
/// # Errors
/// [`CommentError`].
pub fn add(
    new: NewComment,
    answered: Option<&Comment>,
    may_be_mentioned: impl Fn(&UserId) -> bool,
) -> Result<(Comment, NewEvent), CommentError> {
    let by_customer = new.author.kind.is_of_customer();
    if by_customer && new.visibility == CommentVisibility::Internal {
        return Err(CommentError::InternalByCustomer);
    }
    if let Some(id) = &new.reply_to {
        check_reply(&new, answered.filter(|answered| answered.id == *id))?;
    }
    if by_customer && !new.mentions.is_empty() {
        return Err(CommentError::MentionByCustomer);
    }
    if new.mentions.len() > MAX_MENTIONS {
        return Err(CommentError::TooManyMentions);
    }
    if let Some(place) = new.mentions.iter().position(|user| !may_be_mentioned(user)) {
        return Err(CommentError::UnknownMention(place));
    }
    let mut mentions = new.mentions;
    mentions.sort();
    mentions.dedup();
    let comment = Comment {
        id: new.id,
        company: new.company,
        topic: new.topic,
        on: new.on,
        customer: new.customer,
        visibility: new.visibility,
        text: new.text,
        reply_to: new.reply_to,
        mentions,
        author: new.author,
        at: new.at,
        internal_to: None,
    };
    let event = comment.event();
    Ok((comment, event))
}

fn check_reply(new: &NewComment, answered: Option<&Comment>) -> Result<(), CommentError> {
    let answered = answered
        .filter(|answered| (answered.topic, &answered.on) == (new.topic, &new.on))
        .ok_or(CommentError::UnknownReply)?;
    let firm = new.author.firm.as_ref();
    let is_seen = match new.author.kind {
        AuthorKind::Contact | AuthorKind::Link => answered.shown_to().is_some(),
        AuthorKind::Member | AuthorKind::Staff => answered.is_visible_to(firm),
    };
    match new.visibility {
        _ if !is_seen => Err(CommentError::UnknownReply),
        CommentVisibility::Customer if answered.shown_to().is_none() => Err(CommentError::RepliesToInternal),
        CommentVisibility::Customer | CommentVisibility::Internal => Ok(()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        id::ContactId,
        samples::{at, company, user},
    };

    fn id(n: u128) -> CommentId {
        CommentId::from_uuid(Uuid::from_u128(n))
    }

    fn member() -> CommentAuthor {
        let name = Some("Otto Owner".parse().unwrap());
        CommentAuthor { kind: AuthorKind::Member, by: Some(user("otto")), by_name: name, firm: None, contact: None }
    }

    fn contact() -> CommentAuthor {
        CommentAuthor::contact(ContactId::from_uuid(Uuid::from_u128(9)), user("cleo"), "Cleo Contact".parse().unwrap())
    }

    /// A comment of a member on invoice INV-1 of customer CUS-1, which the customer sees.
    pub(in crate::comment) fn new_comment() -> NewComment {
        NewComment {
            id: id(1),
            company: company(1),
            topic: Topic::Invoice,
            on: "INV-1".parse().unwrap(),
            customer: Some("CUS-1".parse().unwrap()),
            visibility: CommentVisibility::Customer,
            text: "Which shop is this for?".parse().unwrap(),
            reply_to: None,
            mentions: Vec::new(),
            author: member(),
            at: at(0),
        }
    }

    fn added(new: NewComment) -> Comment {
        add(new, None, |_| true).unwrap().0
    }

    /// Proves: CP2
    #[test]
    fn nobody_of_the_customer_comments_as_internal_or_names_the_companys_people() {
        for author in [
            contact(),
            CommentAuthor::through_link(
                "ct_00000000000000000000000000000009".parse().unwrap(),
                "Cleo".parse().unwrap(),
            ),
        ] {
            let new = NewComment { author: author.clone(), ..new_comment() };
            assert!(add(new.clone(), None, |_| true).is_ok());
            let internal = NewComment { visibility: CommentVisibility::Internal, ..new.clone() };
            assert_eq!(add(internal, None, |_| true).unwrap_err(), CommentError::InternalByCustomer);
            let naming = NewComment { mentions: vec![user("otto")], ..new };
            assert_eq!(add(naming, None, |_| true).unwrap_err(), CommentError::MentionByCustomer);
        }
    }

    /// Proves: CP1, CP2
    #[test]
    fn an_answer_to_an_internal_comment_stays_internal_and_a_contact_finds_none_to_answer() {
        let shown = added(new_comment());
        let internal = added(NewComment { visibility: CommentVisibility::Internal, ..new_comment() });
        let answer =
            |visibility, author| NewComment { id: id(2), reply_to: Some(id(1)), visibility, author, ..new_comment() };
        let added = |new, answered: &Comment| add(new, Some(answered), |_| true).map(|_| ());
        let (customer, own) = (CommentVisibility::Customer, CommentVisibility::Internal);
        for (visibility, author, answered, result) in [
            (customer, member(), &shown, Ok(())),
            (own, member(), &shown, Ok(())),
            (own, member(), &internal, Ok(())),
            (customer, member(), &internal, Err(CommentError::RepliesToInternal)),
            (customer, contact(), &shown, Ok(())),
            (customer, contact(), &internal, Err(CommentError::UnknownReply)),
        ] {
            assert_eq!(added(answer(visibility, author), answered), result);
        }
        let elsewhere = Comment { on: "INV-2".parse().unwrap(), ..shown.clone() };
        assert_eq!(added(answer(customer, member()), &elsewhere), Err(CommentError::UnknownReply));
        let other = Comment { id: id(7), ..shown };
        assert_eq!(added(answer(customer, member()), &other), Err(CommentError::UnknownReply));
        assert_eq!(add(answer(customer, member()), None, |_| true).unwrap_err(), CommentError::UnknownReply);
    }

    #[test]
    fn only_the_companys_people_are_named_and_each_once() {
        let naming =
            |names: &[&str]| NewComment { mentions: names.iter().map(|name| user(name)).collect(), ..new_comment() };
        let known = |of: &UserId| of.as_str() != "stranger";
        let (comment, event) = add(naming(&["otto", "ana", "otto"]), None, known).unwrap();
        assert_eq!(comment.mentions, [user("ana"), user("otto")]);
        assert_eq!(
            serde_json::to_value(event.payload.into_data()).unwrap()["mentions"],
            serde_json::json!(["ana", "otto"])
        );
        let refused = add(naming(&["otto", "stranger"]), None, known).unwrap_err();
        assert_eq!((refused, refused.field().as_str()), (CommentError::UnknownMention(1), "mentions[1]"));
        let refused = add(naming(&["otto"; MAX_MENTIONS + 1]), None, known).unwrap_err();
        assert_eq!(refused, CommentError::TooManyMentions);
    }
}
