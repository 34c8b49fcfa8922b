//! The keys of one batch read, and the entities taken from its result.

use crate::{
    error::StoreError,
    item::{Entity, ItemsByKey, RawKey, from_item},
    keys::Key,
};

/// Keys that can be read together, and the result of reading them: `Option<T>` for a `Key<T>`.
pub trait BatchGet {
    /// The result of reading.
    type Found;

    /// Lists the keys.
    #[doc(hidden)]
    fn keys(&self, into: &mut Vec<RawKeyList>);

    /// Takes the entities out of the items that were found.
    ///
    /// # Errors
    /// [`StoreError::Unexpected`] for an item that is not what its key says.
    #[doc(hidden)]
    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError>;
}

/// A key among others; opaque outside this crate.
#[derive(Debug)]
pub struct RawKeyList(pub(crate) RawKey);

/// The items that a batch read found; opaque outside this crate.
#[derive(Debug)]
pub struct FoundItems(pub(crate) ItemsByKey);

impl<T: Entity> BatchGet for Key<T> {
    type Found = Option<T>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        into.push(RawKeyList(self.raw.clone()));
    }

    fn take(self, found: &mut FoundItems) -> Result<Option<T>, StoreError> {
        // Cloned, not removed: one item may be wanted twice, as access and as data.
        Ok(found.0.get(&self.raw).cloned().map(from_item).transpose()?)
    }
}

impl<W: BatchGet> BatchGet for Option<W> {
    type Found = Option<W::Found>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        if let Some(wanted) = self {
            wanted.keys(into);
        }
    }

    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
        self.map(|wanted| wanted.take(found)).transpose()
    }
}

impl<W: BatchGet> BatchGet for Vec<W> {
    type Found = Vec<W::Found>;

    fn keys(&self, into: &mut Vec<RawKeyList>) {
        for wanted in self {
            wanted.keys(into);
        }
    }

    fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
        self.into_iter().map(|wanted| wanted.take(found)).collect()
    }
}

macro_rules! batch_get_tuples {
    ($(($($name:ident),*))*) => {$(
        impl<$($name: BatchGet),*> BatchGet for ($($name,)*) {
            type Found = ($($name::Found,)*);

            #[allow(non_snake_case, unused_variables)]
            fn keys(&self, into: &mut Vec<RawKeyList>) {
                let ($($name,)*) = self;
                $($name.keys(into);)*
            }

            #[allow(non_snake_case, unused_variables, clippy::unused_unit)]
            fn take(self, found: &mut FoundItems) -> Result<Self::Found, StoreError> {
                let ($($name,)*) = self;
                Ok(($($name.take(found)?,)*))
            }
        }
    )*};
}

batch_get_tuples! { () (A) (A, B) (A, B, C) (A, B, C, D) (A, B, C, D, E) }
