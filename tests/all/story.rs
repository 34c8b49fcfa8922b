//! The main job, silently.

use tests::{books, kit, network, news, papers, run, selling, story};

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

/// Proves: CP4, CP5, CP7, CP11, H1
#[test]
fn the_fourth_act() {
    run(async {
        let ending = selling::tell(kit()).await;
        assert_eq!(ending.closing, "100.00 EUR");
    });
}

/// Proves: R2, R4, U43, O1
#[test]
fn the_fifth_act() {
    run(async {
        let ending = books::tell(kit()).await;
        assert_eq!(ending.balances_minor, [1_843_210, 402_077]);
    });
}

/// Proves: 28, U18, NT7, NT8
#[test]
fn the_sixth_act() {
    run(async {
        let ending = news::tell(kit()).await;
        assert_eq!(ending.unread, 0);
        assert!(ending.in_inbox >= 8, "{ending:?}");
    });
}
