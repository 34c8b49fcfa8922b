//! Making, changing and withdrawing a request.

use std::collections::HashSet;

use super::{
    event::{DocumentRequestPayload, count},
    item::{ItemState, RequestedItem},
    recurrence::{Every, Recurrence},
    request::{AskedPerson, DocumentRequest, DocumentRequestState},
};
use crate::{
    access::{ActingAs, GrantState},
    event::{NewEvent, kinds},
    id::{CompanyId, DocumentRequestId, UserId},
    org::Member,
    patch::Patch,
    permission::Permission,
    text::{Name, Note},
    time::{Day, UtcTime, Zone},
};

/// The most papers that one request asks for.
pub const MAX_ITEMS: usize = 50;
/// The most people whom one request asks.
pub const MAX_PEOPLE: usize = 20;
/// How far ahead a due day may be, in days.
const MAX_DAYS_AHEAD: i32 = 730;

/// A request, parsed and in scope.
#[derive(Debug, Clone)]
pub struct DocumentRequestDraft {
    /// The new request's id.
    pub id: DocumentRequestId,
    /// The company.
    pub company: CompanyId,
    /// What it is about.
    pub title: Name,
    /// What else is to be said.
    pub note: Option<Note>,
    /// The papers.
    pub items: Vec<Name>,
    /// Who is asked; see [`people_asked`].
    pub asked_of: Vec<AskedPerson>,
    /// The last day on which the papers are in time.
    pub due_on: Day,
    /// How often it repeats.
    pub every: Option<Every>,
    /// Who asks.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: Name,
    /// From which seat.
    pub acting_as: ActingAs,
}

/// Why a request is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DocumentRequestError {
    /// No paper is asked for, or too many are.
    #[error("must name 1 to {MAX_ITEMS} papers")]
    Items,
    /// A paper is asked for twice; its place in the list, from 0.
    #[error("is asked for twice")]
    ItemTwice(usize),
    /// Nobody is asked, or too many are.
    #[error("must name 1 to {MAX_PEOPLE} people")]
    People,
    /// A person is named twice; their place in the list, from 0.
    #[error("is named twice")]
    PersonTwice(usize),
    /// The person is no member of the company.
    #[error("is not a member of the company")]
    NotAMember(usize),
    /// The member may not upload documents.
    #[error("may not upload documents here")]
    MayNotUpload(usize),
    /// The due day is over where the company is.
    #[error("is in the past in the company's time zone")]
    DueInPast,
    /// The due day is too far ahead.
    #[error("is more than {MAX_DAYS_AHEAD} days ahead")]
    DueTooLate,
}

impl DocumentRequestError {
    /// The field that is wrong.
    #[must_use]
    pub fn field(self) -> String {
        match self {
            Self::Items => "items".to_owned(),
            Self::ItemTwice(at) => format!("items[{at}].title"),
            Self::People => "asked_of".to_owned(),
            Self::PersonTwice(at) | Self::NotAMember(at) | Self::MayNotUpload(at) => format!("asked_of[{at}]"),
            Self::DueInPast | Self::DueTooLate => "due_on".to_owned(),
        }
    }
}

/// Checks the lists of a request before anything is read for it.
///
/// # Errors
/// [`DocumentRequestError`] for an empty list, a long one, or one that names something twice.
pub fn check_size(items: Option<&[Name]>, people: Option<&[UserId]>) -> Result<(), DocumentRequestError> {
    if let Some(items) = items {
        if !(1..=MAX_ITEMS).contains(&items.len()) {
            return Err(DocumentRequestError::Items);
        }
        let mut seen = HashSet::new();
        if let Some(at) = items.iter().position(|item| !seen.insert(item.as_str().to_lowercase())) {
            return Err(DocumentRequestError::ItemTwice(at));
        }
    }
    if let Some(people) = people {
        if !(1..=MAX_PEOPLE).contains(&people.len()) {
            return Err(DocumentRequestError::People);
        }
        let mut seen = HashSet::new();
        if let Some(at) = people.iter().position(|person| !seen.insert(person)) {
            return Err(DocumentRequestError::PersonTwice(at));
        }
    }
    Ok(())
}

/// The people who can be asked: members of the company who may upload documents at `now`. `members` are the places
/// that were found, in the order in which the people were named, each as [`crate::team::bounded`] leaves it.
///
/// # Errors
/// [`DocumentRequestError::NotAMember`] and [`DocumentRequestError::MayNotUpload`].
pub fn people_asked(members: &[Option<Member>], now: UtcTime) -> Result<Vec<AskedPerson>, DocumentRequestError> {
    let asked = |(at, member): (usize, &Option<Member>)| {
        let member = member.as_ref().filter(|member| GrantState::from(*member).holds_at(now));
        let member = member.ok_or(DocumentRequestError::NotAMember(at))?;
        if !GrantState::from(member).grants_at(now).contains(Permission::DocumentsUpload) {
            return Err(DocumentRequestError::MayNotUpload(at));
        }
        Ok(AskedPerson { user: member.user.clone(), name: member.name.clone() })
    };
    members.iter().enumerate().map(asked).collect()
}

fn check_due(due_on: Day, zone: &Zone, now: UtcTime) -> Result<(), DocumentRequestError> {
    let today = now.day_in(zone);
    if due_on < today {
        Err(DocumentRequestError::DueInPast)
    } else if due_on > today.plus_days(MAX_DAYS_AHEAD) {
        Err(DocumentRequestError::DueTooLate)
    } else {
        Ok(())
    }
}

/// Asks for documents. The due day is judged by the company's time zone.
///
/// # Errors
/// [`DocumentRequestError`].
pub fn request_documents(
    command: DocumentRequestDraft,
    zone: &Zone,
    now: UtcTime,
) -> Result<(DocumentRequest, NewEvent), DocumentRequestError> {
    let people: Vec<UserId> = command.asked_of.iter().map(|person| person.user.clone()).collect();
    check_size(Some(&command.items), Some(&people))?;
    check_due(command.due_on, zone, now)?;
    let recurrence = command.every.map(|every| Recurrence::starting(every, now.day_in(zone), command.due_on));
    let items = command.items.into_iter().enumerate();
    let request = DocumentRequest {
        id: command.id,
        company: command.company,
        title: command.title,
        note: command.note,
        items: items
            .map(|(at, title)| RequestedItem { number: count(at + 1), title, state: ItemState::Open })
            .collect(),
        asked_of: command.asked_of,
        due_on: command.due_on,
        asked_by: command.asked_by,
        asked_by_name: command.asked_by_name,
        acting_as: command.acting_as,
        asked_at: now,
        state: DocumentRequestState::Open,
        recurrence,
        follows: None,
        followed_by: None,
        version: 1,
    };
    let event = request.event_by(&request.acting_as, kinds::DocumentRequestMade::of((&request).into()));
    Ok((request, event))
}

/// A change to an open request.
#[derive(Debug, Clone, Default)]
pub struct DocumentRequestUpdate {
    /// A new title.
    pub title: Option<Name>,
    /// A new note, or none.
    pub note: Patch<Note>,
    /// Another due day.
    pub due_on: Option<Day>,
    /// Other people; see [`people_asked`].
    pub asked_of: Option<Vec<AskedPerson>>,
    /// Another recurrence, or none.
    pub every: Patch<Every>,
}

/// Why a request is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChangeRequestError {
    /// It is complete or withdrawn.
    #[error("it is no longer open")]
    NotOpen(DocumentRequestState),
    /// The next request was made: that one repeats.
    #[error("the next request is made already: change that one")]
    Followed,
    /// Nothing changes.
    #[error("name what is to change")]
    NothingToChange,
    /// A value is not valid.
    #[error(transparent)]
    Invalid(#[from] DocumentRequestError),
}

impl DocumentRequest {
    fn open(&self) -> Result<(), DocumentRequestState> {
        if self.state == DocumentRequestState::Open { Ok(()) } else { Err(self.state) }
    }

    /// Changes an open request. Of a request that is complete, only the recurrence can be ended.
    ///
    /// # Errors
    /// [`ChangeRequestError`].
    pub fn change(
        &self,
        actor: &ActingAs,
        update: DocumentRequestUpdate,
        zone: &Zone,
        now: UtcTime,
    ) -> Result<(Self, NewEvent), ChangeRequestError> {
        let DocumentRequestUpdate { title, note, due_on, asked_of, every } = update;
        let only_ends_recurrence =
            every == Patch::Clear && title.is_none() && note == Patch::Keep && due_on.is_none() && asked_of.is_none();
        if self.state != DocumentRequestState::Complete || !only_ends_recurrence {
            self.open().map_err(ChangeRequestError::NotOpen)?;
        }
        if every != Patch::Keep && self.followed_by.is_some() {
            return Err(ChangeRequestError::Followed);
        }
        if let Some(due_on) = due_on {
            check_due(due_on, zone, now)?;
        }
        let due_on = due_on.unwrap_or(self.due_on);
        let recurrence = match every {
            Patch::Keep => self.recurrence.clone(),
            Patch::Clear => None,
            Patch::Set(every) => match &self.recurrence {
                Some(recurrence) if recurrence.every == every => Some(recurrence.clone()),
                Some(_) | None => Some(Recurrence::starting(every, self.asked_at.day_in(zone), due_on)),
            },
        };
        let changed = Self {
            title: title.unwrap_or_else(|| self.title.clone()),
            note: note.after(self.note.clone()),
            due_on,
            asked_of: asked_of.unwrap_or_else(|| self.asked_of.clone()),
            recurrence,
            ..self.clone()
        };
        if changed == *self {
            return Err(ChangeRequestError::NothingToChange);
        }
        let changed = changed.next_version();
        let event = DocumentRequestPayload { added: changed.asked_since(self), ..(&changed).into() };
        let event = changed.event_by(actor, kinds::DocumentRequestChanged::of(event));
        Ok((changed, event))
    }

    /// The people who are asked, and were not before.
    #[must_use]
    pub fn asked_since(&self, before: &Self) -> Vec<UserId> {
        self.asked_of.iter().map(|person| &person.user).filter(|user| !before.asks(user)).cloned().collect()
    }

    /// Withdraws an open request, and ends its recurrence.
    ///
    /// # Errors
    /// The state that it has instead.
    pub fn withdraw(&self, actor: &ActingAs) -> Result<(Self, NewEvent), DocumentRequestState> {
        self.open()?;
        let withdrawn = Self { state: DocumentRequestState::Withdrawn, recurrence: None, ..self.next_version() };
        let event = withdrawn.event_by(actor, kinds::DocumentRequestWithdrawn::of((&withdrawn).into()));
        Ok((withdrawn, event))
    }

    /// Ends the recurrence, since nobody who asked may ask any more.
    pub(super) fn stop_repeating(&self) -> (Self, NewEvent) {
        let stopped = Self { recurrence: None, ..self.next_version() };
        let event = stopped.event(kinds::DocumentRequestChanged::of((&stopped).into()));
        (stopped, event)
    }

    /// Makes the request of the next period: the same papers, asked of the same people.
    pub(super) fn make_next(
        &self,
        id: DocumentRequestId,
        recurrence: Recurrence,
        now: UtcTime,
    ) -> (Self, Self, NewEvent) {
        let again = |item: &RequestedItem| RequestedItem { state: ItemState::Open, ..item.clone() };
        let next = Self {
            id: id.clone(),
            items: self.items.iter().map(again).collect(),
            due_on: recurrence.due_on(),
            recurrence: Some(recurrence),
            asked_at: now,
            state: DocumentRequestState::Open,
            follows: Some(self.id.clone()),
            followed_by: None,
            version: 1,
            ..self.clone()
        };
        let followed = Self { followed_by: Some(id), ..self.next_version() };
        let event = next.event(kinds::DocumentRequestMade::of((&next).into()));
        (followed, next, event)
    }
}
