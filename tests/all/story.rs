//! The main job, silently.

use tests::{kit, run, story};

#[test]
fn the_ten_steps() {
    run(async {
        let ending = story::tell(kit()).await;
        assert!(!ending.trail.is_empty());
    });
}
