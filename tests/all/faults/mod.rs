//! What breaks, broken on purpose (PROOF, F1 to F9, F16, F17, F19, F24).
//!
//! Each test starts the binaries that are deployed, with the environment they were deployed with, and
//! comes between them and a service: requests are held, refused, answered late or not at all, and
//! processes are killed in the middle. Nothing waits for time to pass: what must happen first is waited
//! for by name, and leases and expiries are moved into the past.

pub(crate) mod rig;

mod balances;
mod digests;
mod expiry;
mod letters;
mod relaying;
mod retries;
mod schedules;
mod writers;
