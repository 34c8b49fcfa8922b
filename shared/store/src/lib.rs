//! The one table: keys, items, access proofs and transactions.
