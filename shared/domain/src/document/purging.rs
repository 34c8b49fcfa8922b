//! Removing the files of a deleted document for good, once it can no longer be restored.

use super::state::Document;
use crate::{
    event::{NewEvent, kinds},
    time::UtcTime,
};

/// For how long after the last moment of its restoration the files are left, in seconds: the clocks of two functions
/// differ, and a restoration that was begun ends long before.
const LEFT_S: i64 = 3_600;

impl Document {
    /// When its files are to be removed; `None` while it is there, and once they are.
    ///
    /// INVARIANT: never for a document under a legal hold.
    #[must_use]
    pub fn purge_at(&self) -> Option<UtcTime> {
        let deletion = self.deleted.as_ref().filter(|deletion| deletion.purged_at.is_none() && self.hold.is_none());
        deletion.map(|deletion| deletion.restorable_until.plus_s(LEFT_S))
    }

    /// The document after its files were removed, and the event; `None` if it is not the time for it.
    #[must_use]
    pub fn purge(&self, now: UtcTime) -> Option<(Self, NewEvent)> {
        self.purge_at().filter(|at| *at <= now)?;
        let mut purged = self.changed();
        if let Some(deletion) = &mut purged.deleted {
            deletion.purged_at = Some(now);
        }
        let event = self.event(kinds::DocumentPurged::of(self.named()));
        Some((purged, event))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{
        DocumentState,
        examples::{NOW, clean, deletion, hold},
    };

    const DAY_S: i64 = 86_400;

    fn deleted() -> Document {
        clean().delete(deletion()).unwrap().unwrap().0
    }

    #[test]
    fn files_are_removed_once_and_only_after_the_last_moment_of_a_restoration() {
        let (purged, _) = deleted().purge(NOW.plus_s(DAY_S + LEFT_S)).unwrap();
        assert_eq!((purged.state(), purged.version), (DocumentState::Deleted, deleted().version + 1));
        assert!(purged.purge_at().is_none() && purged.purge(NOW.plus_s(9 * DAY_S)).is_none());
        assert!(purged.restore(NOW.plus_s(9 * DAY_S)).is_err());
        assert!(purged.to_download(None).is_none());
        assert!(clean().purge_at().is_none(), "a document that is there");
    }

    #[test]
    fn a_hold_stops_the_removal() {
        // Neither can be reached with the other: this is the second lock of the same door.
        let held = Document { hold: Some(hold()), ..deleted() };
        assert!(held.purge_at().is_none() && held.purge(NOW.plus_s(9 * DAY_S)).is_none());
    }

    proptest! {
        #[test]
        fn what_can_be_restored_is_never_purged(after_s in 0..3 * DAY_S) {
            let now = NOW.plus_s(after_s);
            prop_assert!(deleted().restore(now).is_err() || deleted().purge(now).is_none());
        }
    }
}
