//! Templates of keys. Each key of the table is declared once, as a constant, by its kind and the types
//! of its parts; writers, readers and parsers all use that constant, so they cannot drift.
//!
//! ```text
//! const ASSIGNED: Item<Assignment, Org, (FirmId, UserId)> = Item::new("ASSIGNED");
//!
//! ASSIGNED.key(COMPANY.pk(company), (firm, user))   the item      COMPANY#c / ASSIGNED#f#u
//! ASSIGNED.list(COMPANY.pk(company), firm)          a list        COMPANY#c / ASSIGNED#f#…
//! ```
//!
//! Parts are joined with `#`. Only types whose text never holds a `#` may stand anywhere (see
//! [`KeyPart`]); free text is a `str`, and the types let it stand in the last place only, from where it
//! reaches into no other part.

use std::{fmt, marker::PhantomData, str::FromStr};

use super::key::Key;
use crate::{
    item::{IndexEntry, RawKey, Source},
    listing::Listing,
};

/// Types that a template is bound to without holding values of them.
type Mark<T> = PhantomData<fn(&T)>;

/// Separates the parts of a key.
const SEPARATOR: char = '#';

/// A part of a key whose text holds no `#`, or none that another value of the type could begin with.
pub(crate) trait KeyPart {
    /// Appends the text.
    fn append_to(&self, key: &mut String);
}

/// The last part of a key: a [`KeyPart`], or free text.
pub(crate) trait LastPart {
    /// Appends the text.
    fn append_last_to(&self, key: &mut String);
}

impl<T: KeyPart> LastPart for T {
    fn append_last_to(&self, key: &mut String) {
        self.append_to(key);
    }
}

/// Free text, as it came.
impl LastPart for str {
    fn append_last_to(&self, key: &mut String) {
        key.push_str(self);
    }
}

/// All the parts of a key with parts of the types `P`, by reference.
pub(crate) trait AllParts<P: ?Sized> {
    /// Appends them.
    fn append_all_to(&self, key: &mut String);
}

/// The first parts of a key with parts of the types `P`: none, or some of them, but not all.
pub(crate) trait FirstParts<P: ?Sized> {
    /// Appends them, each with the separator that follows it.
    fn append_first_to(&self, key: &mut String);
}

pub(super) fn append(part: &impl KeyPart, key: &mut String) {
    part.append_to(key);
    key.push(SEPARATOR);
}

impl AllParts<()> for () {
    fn append_all_to(&self, _: &mut String) {}
}

impl<A: LastPart + ?Sized> AllParts<A> for &A {
    fn append_all_to(&self, key: &mut String) {
        self.append_last_to(key);
    }
}

impl<A: KeyPart, B: LastPart + ?Sized> AllParts<(A, B)> for (&A, &B) {
    fn append_all_to(&self, key: &mut String) {
        append(self.0, key);
        self.1.append_last_to(key);
    }
}

impl<A: KeyPart, B: KeyPart, C: LastPart + ?Sized> AllParts<(A, B, C)> for (&A, &B, &C) {
    fn append_all_to(&self, key: &mut String) {
        append(self.0, key);
        append(self.1, key);
        self.2.append_last_to(key);
    }
}

impl<A: LastPart + ?Sized> FirstParts<A> for () {
    fn append_first_to(&self, _: &mut String) {}
}

impl<A, B: ?Sized> FirstParts<(A, B)> for () {
    fn append_first_to(&self, _: &mut String) {}
}

impl<A, B, C: ?Sized> FirstParts<(A, B, C)> for () {
    fn append_first_to(&self, _: &mut String) {}
}

impl<A: KeyPart, B: ?Sized> FirstParts<(A, B)> for &A {
    fn append_first_to(&self, key: &mut String) {
        append(*self, key);
    }
}

impl<A: KeyPart, B, C: ?Sized> FirstParts<(A, B, C)> for &A {
    fn append_first_to(&self, key: &mut String) {
        append(*self, key);
    }
}

impl<A: KeyPart, B: KeyPart, C: ?Sized> FirstParts<(A, B, C)> for (&A, &B) {
    fn append_first_to(&self, key: &mut String) {
        append(self.0, key);
        append(self.1, key);
    }
}

/// The kind, followed by a separator unless it is empty.
fn kind_prefix(kind: &str) -> String {
    if kind.is_empty() { String::new() } else { format!("{kind}{SEPARATOR}") }
}

fn joined<P: ?Sized>(kind: &str, parts: impl AllParts<P>) -> String {
    let mut text = String::new();
    parts.append_all_to(&mut text);
    // A key without parts is its kind.
    if text.is_empty() { kind.to_owned() } else { kind_prefix(kind) + &text }
}

/// A partition key, of a partition that holds what belongs to an `L`.
pub(crate) struct Pk<L> {
    text: String,
    of: Mark<L>,
}

impl<L> Pk<L> {
    const fn new(text: String) -> Self {
        Self { text, of: PhantomData }
    }
}

impl<L> fmt::Display for Pk<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A partition that is named after another one.
impl<L> LastPart for Pk<L> {
    fn append_last_to(&self, key: &mut String) {
        key.push_str(&self.text);
    }
}

/// The template of the keys of partitions: `KIND#part#part`. Each holds what belongs to an `L`.
pub(crate) struct Partition<L, P: ?Sized> {
    kind: &'static str,
    types: Mark<(L, P)>,
}

impl<L, P: ?Sized> Partition<L, P> {
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self { kind, types: PhantomData }
    }

    /// What the name of every partition of the template begins with.
    pub(crate) fn prefix(&self) -> String {
        kind_prefix(self.kind)
    }

    /// One of the partitions.
    pub(crate) fn pk(&self, parts: impl AllParts<P>) -> Pk<L> {
        Pk::new(joined(self.kind, parts))
    }
}

/// The template of an entity `T` that has a partition of its own: `KIND#part / KIND`.
pub(crate) struct Single<T, P: ?Sized> {
    kind: &'static str,
    types: Mark<(T, P)>,
}

impl<T, P: ?Sized> Single<T, P> {
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self { kind, types: PhantomData }
    }

    /// The partition, for what lies beside the entity.
    pub(crate) fn pk(&self, parts: impl AllParts<P>) -> Pk<T> {
        Pk::new(joined(self.kind, parts))
    }

    /// The key of one entity.
    pub(crate) fn key(&self, parts: impl AllParts<P>) -> Key<T> {
        Key::new(RawKey { pk: self.pk(parts).text, sk: self.kind.to_owned() })
    }
}

/// Marks the templates of keys of the table itself.
pub(crate) enum InTable {}
/// Marks the templates of keys of `gsi1`.
pub(crate) enum InGsi1 {}
/// Marks the templates of keys of `gsi2`.
pub(crate) enum InGsi2 {}

/// The table or one of its indexes.
pub(crate) trait In {
    const SOURCE: Source;
}

impl In for InTable {
    const SOURCE: Source = Source::Table;
}

impl In for InGsi1 {
    const SOURCE: Source = Source::Gsi1;
}

impl In for InGsi2 {
    const SOURCE: Source = Source::Gsi2;
}

/// A marker of an index.
pub(crate) trait Index: In {}

impl Index for InGsi1 {}
impl Index for InGsi2 {}

/// The template of the sort keys `KIND#part#part` of entities `T`, in the partitions that hold what
/// belongs to an `L`.
pub(crate) struct SortKey<I, T, L, P: ?Sized> {
    kind: &'static str,
    types: Mark<(I, T, L, P)>,
}

/// The template of an entity's own key.
pub(crate) type Item<T, L, P> = SortKey<InTable, T, L, P>;
/// The template of an entity's key in the inverse index.
pub(crate) type Gsi1<T, L, P> = SortKey<InGsi1, T, L, P>;
/// The template of an entity's key in the look-up index.
pub(crate) type Gsi2<T, L, P> = SortKey<InGsi2, T, L, P>;

impl<I: In, T, L, P: ?Sized> SortKey<I, T, L, P> {
    pub(crate) const fn new(kind: &'static str) -> Self {
        Self { kind, types: PhantomData }
    }

    /// Keys that are their parts alone, in a partition that holds nothing else.
    pub(crate) const fn without_kind() -> Self {
        Self::new("")
    }

    /// The sort key with these parts.
    pub(crate) fn sk(&self, parts: impl AllParts<P>) -> String {
        joined(self.kind, parts)
    }

    /// What every sort key of the template begins with.
    pub(crate) fn prefix(&self) -> String {
        kind_prefix(self.kind)
    }

    /// The entities in a partition whose keys begin with these parts; `()` for all.
    pub(crate) fn list(&self, pk: Pk<L>, first: impl FirstParts<P>) -> Listing<T> {
        let mut prefix = self.prefix();
        first.append_first_to(&mut prefix);
        Listing::new(I::SOURCE, pk.text, prefix)
    }

    /// The part that a sort key with one part names.
    pub(crate) fn part_of(&self, sk: &str) -> Option<P>
    where
        P: KeyPart + FromStr,
    {
        sk.strip_prefix(&self.prefix())?.parse().ok()
    }
}

impl<I: In, T, L> SortKey<I, T, L, ()> {
    /// The entities in a partition with the one sort key that the template has.
    pub(crate) fn all(&self, pk: Pk<L>) -> Listing<T> {
        Listing::new(I::SOURCE, pk.text, self.sk(()))
    }
}

impl<T, L, P: ?Sized> Item<T, L, P> {
    /// The key of one entity.
    pub(crate) fn key(&self, pk: Pk<L>, parts: impl AllParts<P>) -> Key<T> {
        Key::new(RawKey { pk: pk.text, sk: self.sk(parts) })
    }
}

impl<I: Index, T, L, P: ?Sized> SortKey<I, T, L, P> {
    /// Where the index finds one entity.
    pub(crate) fn entry(&self, pk: Pk<L>, parts: impl AllParts<P>) -> IndexEntry {
        IndexEntry { source: I::SOURCE, pk: pk.text, sk: self.sk(parts) }
    }
}

#[cfg(test)]
mod tests {
    use domain::{CompanyId, FirmId, UserId};

    use super::*;
    use crate::keys::parts::{Beginning, SortName};

    const PLACE: Partition<(), CompanyId> = Partition::new("PLACE");
    const SEAT: Item<(), (), (FirmId, UserId)> = Item::new("SEAT");
    const NOTE: Item<(), (), (UserId, str)> = Item::new("NOTE");
    const NAMED: Gsi1<(), (), (UserId, SortName, CompanyId)> = Gsi1::new("NAMED");
    const BARE: Gsi2<(), (), (SortName, CompanyId)> = Gsi2::without_kind();
    const WHOLE: Item<(), (), ()> = Item::new("WHOLE");

    fn company() -> CompanyId {
        "co_00000000000000000000000000000001".parse().unwrap()
    }

    fn firm() -> FirmId {
        "fm_00000000000000000000000000000002".parse().unwrap()
    }

    fn user(name: &str) -> UserId {
        name.parse().unwrap()
    }

    #[test]
    fn a_list_holds_the_items_that_the_same_template_writes() {
        let key = SEAT.key(PLACE.pk(&company()), (&firm(), &user("u-1"))).raw;
        assert_eq!(format!("{key:?}"), format!("PLACE#{} / SEAT#{}#u-1", company(), firm()));
        for list in [SEAT.list(PLACE.pk(&company()), ()), SEAT.list(PLACE.pk(&company()), &firm())] {
            assert!(list.pk == key.pk && key.sk.starts_with(&list.prefix) && list.prefix.ends_with('#'));
        }
        // One user's name may begin with another's.
        let of = |name: &str| NAMED.list(PLACE.pk(&company()), &user(name)).prefix;
        assert!(!NAMED.sk((&user("u-1"), &SortName::of("x"), &company())).starts_with(&of("u")));
        assert_eq!(WHOLE.sk(()), "WHOLE");
    }

    #[test]
    fn a_list_may_be_cut_off_within_a_name() {
        let pk = || PLACE.pk(&company());
        assert_eq!(NAMED.list(pk(), (&user("u"), Beginning("Az#"))).prefix, "NAMED#u#az ");
        assert_eq!(BARE.list(pk(), Beginning("Az")).prefix, "az");
        assert_eq!(BARE.sk((&SortName::of("Azul"), &company())), format!("azul#{}", company()));
        assert_eq!(BARE.list(pk(), ()).prefix, "");
    }

    #[test]
    fn free_text_comes_last() {
        assert_eq!(NOTE.sk((&user("u"), "a#b")), "NOTE#u#a#b");
        let whole: Single<(), str> = Single::new("ONE");
        assert_eq!(format!("{:?}", whole.key("a#b").raw), "ONE#a#b / ONE");
    }
}
