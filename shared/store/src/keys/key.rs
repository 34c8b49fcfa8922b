//! The key of an item, together with what the item holds.

use std::{fmt, marker::PhantomData};

use crate::item::RawKey;

/// The primary key of an item that holds a `T`.
pub struct Key<T> {
    pub(crate) raw: RawKey,
    entity: PhantomData<fn() -> T>,
}

impl<T> Key<T> {
    pub(super) const fn new(raw: RawKey) -> Self {
        Self { raw, entity: PhantomData }
    }
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        Self::new(self.raw.clone())
    }
}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
