//! The part of a file that is being filled.

use export_bucket::FULL_PART_BYTES;

/// The bytes that are written and not uploaded yet.
#[derive(Debug, Default)]
pub(crate) struct Filling(Vec<u8>);

impl Filling {
    pub(crate) fn add(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The part, once it is full.
    pub(crate) fn take_full(&mut self) -> Option<Vec<u8>> {
        (self.0.len() >= FULL_PART_BYTES).then(|| std::mem::take(&mut self.0))
    }

    /// The remaining bytes.
    pub(crate) fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_together_are_the_file_and_none_but_the_last_is_small() {
        let line = "x".repeat(1023) + "\n";
        let (mut filling, mut parts, mut file) = (Filling::default(), Vec::new(), Vec::new());
        for _ in 0..20_000 {
            filling.add(&line);
            file.extend_from_slice(line.as_bytes());
            parts.extend(filling.take_full());
        }
        assert!(parts.len() == 2 && parts.iter().all(|part| part.len() >= 5 * 1024 * 1024));
        parts.push(filling.take_rest());
        assert!(parts.concat() == file);
        assert!(filling.take_rest().is_empty());
    }
}
