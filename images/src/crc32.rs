//! CRC-32, the one of Ethernet and ZIP: CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
//!
//! Four bits at a time. The companion executes from a slow flash through a cache of a kilobyte: a table of bytes does not fit in
//! there, and bit by bit is four times as many instructions. Libraries have these two only.

/// What four bits add.
const TABLE: [u32; 16] = {
    let mut table = [0; 16];
    let mut nibble = 0;
    while nibble < table.len() {
        let mut crc = nibble as u32;
        let mut bit = 0;
        while bit < 4 {
            crc = crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg());
            bit += 1;
        }
        table[nibble] = crc;
        nibble += 1;
    }
    table
};

/// The CRC of the bytes so far.
///
/// ```
/// let mut crc = images::crc32::Crc32::new();
/// crc.update(b"12345");
/// crc.update(b"6789");
/// assert_eq!(crc.value(), 0xCBF4_3926); // the check value of the catalogue
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crc32(u32);

impl Crc32 {
    /// The CRC of no bytes.
    pub const fn new() -> Crc32 {
        Crc32(u32::MAX)
    }

    /// Adds bytes.
    #[inline(never)] // Small is fast where code comes out of a slow flash.
    pub fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 ^= u32::from(*byte);
            for _ in 0..2 {
                self.0 = self.0 >> 4 ^ TABLE[(self.0 & 0xF) as usize];
            }
        }
    }

    /// The CRC.
    pub const fn value(self) -> u32 {
        !self.0
    }
}

impl Default for Crc32 {
    fn default() -> Self {
        Crc32::new()
    }
}

/// The CRC of these bytes.
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc32::new();
    crc.update(bytes);
    crc.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crc::{Crc, CRC_32_ISO_HDLC};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_that_of_the_catalogue(bytes in proptest::collection::vec(any::<u8>(), 0..100), cut in 0..100usize) {
            let (first, second) = bytes.split_at(cut.min(bytes.len()));
            let mut crc = Crc32::new();
            crc.update(first);
            crc.update(second);
            prop_assert_eq!(crc.value(), Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes));
        }
    }
}
