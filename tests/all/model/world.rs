//! How large the world of a sequence is.

use std::collections::BTreeSet;

pub(super) const COMPANIES: usize = 2;
pub(super) const FIRMS: usize = 2;
pub(super) const PEOPLE: usize = 5;
/// Of each company.
pub(super) const CUSTOMERS: usize = 2;
/// How many earlier tokens are tried after each step.
pub(super) const OLD_TOKENS: usize = 3;

pub(super) type Grants = BTreeSet<&'static str>;
