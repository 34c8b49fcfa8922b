//! Who may do what, after any history of the people's making: random sequences of invitations, answers, changes of
//! role and grant, removals, reconnections, assignments and contacts who are let in, played on the deployed stack and
//! on a model of a few maps. After every step both must agree on whether it was allowed, on what the person who took it
//! may do, and on what tokens from earlier steps are still good for.
//!
//! The model is written from the specification; nothing of it comes from the product's code. A failing
//! sequence is shrunk and printed. `COUNTERSIGN_MODEL_SEED` tries other sequences than the usual.

mod contacts;
mod customers;
mod play;
mod rules;
mod steps;
mod tokens;
mod world;

use std::sync::atomic::Ordering;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use tests::{deployed, kit, run};

use self::play::{CHANGES, Play, signed_up};
use self::steps::step;

/// Sequences are tried side by side, each thread its own.
const THREADS: u8 = 3;
const SEQUENCES_EACH: u32 = 2;
const STEPS: usize = 24;
/// How many steps of a sequence must have changed something, on average: else it tries nothing.
const CHANGES_EACH: usize = 9;

/// Proves: 4, N1
#[test]
fn whatever_people_do_to_each_others_access_the_stack_and_a_simple_model_agree() {
    let seed = std::env::var("COUNTERSIGN_MODEL_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(21_u64);
    let kit = kit();
    let (people, link_key) = run(async {
        let (people, environment) =
            tokio::join!(signed_up(kit), deployed::environment(&kit.stack, &kit.http, "accept"));
        (people, environment.get("LINK_KEY_ID").cloned().expect("links are made with a key"))
    });
    let sequences = |thread: u8| {
        let mut bytes = [thread; 32];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let config =
            Config { cases: SEQUENCES_EACH, failure_persistence: None, max_shrink_iters: 40, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
        runner.run(&prop::collection::vec(step(), STEPS), |steps| {
            let played = run(async { Play::begin(kit, &people, &link_key).await.play(&steps).await });
            played.map_err(TestCaseError::fail)
        })
    };
    let failures: Vec<String> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || sequences(thread))).collect();
        let finished = running.into_iter().map(|thread| thread.join().expect("no sequence panics"));
        finished.filter_map(|result| result.err().map(|error| error.to_string())).collect()
    });
    assert!(failures.is_empty(), "with COUNTERSIGN_MODEL_SEED={seed}:\n{}", failures.join("\n"));
    let (changes, sequences) = (CHANGES.load(Ordering::Relaxed), usize::from(THREADS) * SEQUENCES_EACH as usize);
    assert!(changes >= CHANGES_EACH * sequences, "{sequences} sequences changed only {changes} things");
}
