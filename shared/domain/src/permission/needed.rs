//! Needed permissions as types: the compiler reads them from a signature, and so does the code that lists what each
//! route needs.

use std::marker::PhantomData;

use super::{Permission, Permitted};

/// Which permissions something needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// Each of these, named in this order where they are missing. None: being there is enough.
    All(&'static [Permission]),
    /// One of these; the request says which.
    OneOf(&'static [Permission]),
}

impl Needed {
    /// The permissions that it names.
    #[must_use]
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::All(permissions) | Self::OneOf(permissions) => permissions,
        }
    }
}

/// A type that says which permissions are needed: one of [`may`](super::may), several of them as a tuple, which
/// needs each, `()`, which needs none, or [`OneOf`] several.
pub trait Needs {
    /// The needed permissions.
    const NEEDED: Needed;
}

/// A type that needs the same permissions of every request.
pub trait NeedsAll: Needs {
    /// The permissions, the one to name first where several are missing first.
    const ALL: &'static [Permission];
}

/// Needs one of several permissions; the request says which.
#[derive(Debug, Clone, Copy)]
pub struct OneOf<T>(PhantomData<T>);

impl<P: Permitted> Needs for P {
    const NEEDED: Needed = Needed::All(Self::ALL);
}

impl<P: Permitted> NeedsAll for P {
    const ALL: &'static [Permission] = &[P::PERMISSION];
}

impl Needs for () {
    const NEEDED: Needed = Needed::All(Self::ALL);
}

impl NeedsAll for () {
    const ALL: &'static [Permission] = &[];
}

macro_rules! tuples {
    ($($($name:ident)+;)*) => {$(
        impl<$($name: Permitted),+> Needs for ($($name,)+) {
            const NEEDED: Needed = Needed::All(Self::ALL);
        }

        impl<$($name: Permitted),+> NeedsAll for ($($name,)+) {
            const ALL: &'static [Permission] = &[$($name::PERMISSION,)+];
        }

        impl<$($name: Permitted),+> Needs for OneOf<($($name,)+)> {
            const NEEDED: Needed = Needed::OneOf(&[$($name::PERMISSION,)+]);
        }
    )*};
}

tuples! {
    A B;
    A B C;
    A B C D;
}
