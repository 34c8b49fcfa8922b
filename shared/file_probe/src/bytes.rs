//! Looking for bytes, and reading numbers, without leaving the slice.

/// Where a piece begins first.
pub(crate) fn find(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).position(|window| window == piece)
}

/// Where a piece begins last.
pub(crate) fn find_last(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).rposition(|window| window == piece)
}

/// Whether any of the pieces is there, in upper or lower case. The pieces are in lower case.
pub(crate) fn has_any(bytes: &[u8], pieces: &[&[u8]]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    pieces.iter().any(|piece| find(&lower, piece).is_some())
}

/// Two bytes as a number, the lowest first.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// Four bytes as a number, the lowest first.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
