//! The main job, silently.

use tests::{kit, network, papers, run, story};

/// Proves: 10, M1
#[test]
fn the_ten_steps() {
    run(async {
        let ending = story::tell(kit()).await;
        assert!(!ending.trail.is_empty());
    });
}

#[test]
fn the_second_act() {
    run(async {
        let ending = network::tell(kit()).await;
        assert_eq!(ending.clients.len(), 3);
    });
}

/// Proves: 17
#[test]
fn the_third_act() {
    run(async {
        let ending = papers::tell(kit()).await;
        assert_eq!(ending.documents.len(), 5);
    });
}
