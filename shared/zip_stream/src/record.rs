//! Numbers and text in the order and with the byte order of the format.

/// Bytes that are being written; numbers have their lowest byte first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record(Vec<u8>);

impl Record {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn u16(&mut self, number: u16) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, number: u32) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    pub(crate) fn length(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap_or(u64::MAX)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
