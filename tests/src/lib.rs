//! The test kit: what the demo, the benchmarks and the tests share.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test kit ends at the first surprise, with the place and what was seen"
)]

pub mod answer;
pub mod archive;
pub mod aws;
pub mod books;
pub mod camt;
pub mod capacity;
pub mod cast;
pub mod chaos;
pub mod checkout;
pub mod context;
pub mod counted;
pub mod deployed;
pub mod document;
pub mod feedback;
pub mod http;
pub mod kit;
pub mod lists;
pub mod machine;
pub mod mailbox;
pub mod narrator;
pub mod network;
pub mod news;
pub mod ordinary;
pub mod papers;
pub mod people;
pub mod postponed;
pub mod provider;
pub mod runtime_api;
pub mod selling;
pub mod stack;
pub mod story;
pub mod table;
pub mod uploads;
pub mod waiting;
pub mod wire;

pub use kit::{Kit, kit, run};
