//! Records as they are stored: little-endian numbers in bytes, and in the end the CRC-32 of all before it.
//!
//! Functions, not inlined: small is fast where code comes out of a slow flash.

use crate::crc32::crc32;

/// Bytes of a number, and of the CRC.
const NUMBER_BYTES: usize = 4;

/// The number of 32 bits at an index of bytes that reach that far.
#[inline(never)]
pub fn number(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(|bytes| bytes.first_chunk()).map_or(u32::MAX, |four| u32::from_le_bytes(*four))
}

/// Puts a number of 32 bits at an index of bytes that reach that far.
#[inline(never)]
pub fn put(bytes: &mut [u8], at: usize, number: u32) {
    if let Some(four) = bytes.get_mut(at..).and_then(|bytes| bytes.first_chunk_mut()) {
        *four = number.to_le_bytes();
    }
}

/// Ends a record with its CRC.
#[inline(never)]
pub fn seal(record: &mut [u8]) {
    let at = record.len().saturating_sub(NUMBER_BYTES);
    let crc = crc32(record.get(..at).unwrap_or_default());
    put(record, at, crc);
}

/// Whether a record ends with its CRC.
#[inline(never)]
pub fn is_sealed(record: &[u8]) -> bool {
    let at = record.len().saturating_sub(NUMBER_BYTES);
    record.get(..at).is_some_and(|bytes| crc32(bytes) == number(record, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_is_so_until_a_bit_changes() {
        let mut record = *b"12345\0\0\0\0";
        put(&mut record, 1, 0x0403_0201);
        assert_eq!((&record[..5], number(&record, 1)), (&b"1\x01\x02\x03\x04"[..], 0x0403_0201));
        seal(&mut record);
        assert!(is_sealed(&record));
        for bit in 0..8 * record.len() {
            let mut wrong = record;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_sealed(&wrong), "bit {bit}");
        }
    }
}
