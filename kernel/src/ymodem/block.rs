//! One block: number, complement of the number, content, CRC.

use super::PADDING;

/// Bytes of the content of a short block.
pub const SHORT: usize = 128;
/// Bytes of the content of a long block.
pub const LONG: usize = 1024;

const CRC_BYTES: usize = 2;

/// The CRC, CRC-16/XMODEM in the catalogue of parametrised CRC algorithms, with these bytes added. It is 0 at first.
// Bit by bit: a table would be a hundredth of the kernel, and the line is much slower.
#[inline(never)]
fn crc16(mut crc: u16, bytes: &[u8]) -> u16 {
    for byte in bytes {
        crc ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            let is_high = crc >> 15 != 0;
            crc <<= 1;
            if is_high {
                crc ^= 0x1021;
            }
        }
    }
    crc
}

/// What a byte did for its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The block goes on.
    More,
    /// The block is damaged.
    Bad,
    /// The block is complete and its CRC is right.
    Complete,
}

/// Where the content of a block is kept: at least [`LONG`] bytes, of which nobody else changes any meanwhile. A receiver has none of
/// its own, since a kilobyte is much of a small machine's memory.
pub trait Buffer {
    /// Keeps bytes, from `at` on.
    fn put(&mut self, at: usize, bytes: &[u8]);

    /// Gives back bytes that were kept, from `at` on.
    fn get(&mut self, at: usize, bytes: &mut [u8]);
}

impl Buffer for [u8; LONG] {
    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.iter_mut().skip(at).zip(bytes).for_each(|(kept, byte)| *kept = *byte);
    }

    fn get(&mut self, at: usize, bytes: &mut [u8]) {
        bytes.iter_mut().zip(self.iter().skip(at)).for_each(|(byte, kept)| *byte = *kept);
    }
}

/// The block that comes in. Begins with the byte after SOH or STX.
pub struct Block {
    number: Option<u8>,
    numbered: bool,
    /// Bytes of the content.
    length: usize,
    /// Bytes that are there, of the content and the CRC.
    filled: usize,
    /// Bytes of the content up to the last one that is not padding.
    used: usize,
    crc: u16,
}

impl Block {
    /// No block yet.
    pub fn new() -> Block {
        Block { number: None, numbered: false, length: 0, filled: 0, used: 0, crc: 0 }
    }

    /// A block begins, with so many bytes of content: [`SHORT`] or [`LONG`].
    pub fn begin(&mut self, length: usize) {
        *self = Block { length, ..Block::new() };
    }

    /// Takes the next bytes of the block that began, as many as are its own and belong together: at least one. How many.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8], buffer: &mut dyn Buffer) -> (usize, Progress) {
        let Some(first) = bytes.first() else { return (0, Progress::More) };
        let Some(number) = self.number else {
            self.number = Some(*first);
            return (1, Progress::More);
        };
        if !self.numbered {
            self.numbered = true;
            return (1, if *first == !number { Progress::More } else { Progress::Bad });
        }
        let end = if self.filled < self.length { self.length } else { self.length + CRC_BYTES };
        let part = &bytes[..bytes.len().min(end - self.filled)];
        if self.filled < self.length {
            buffer.put(self.filled, part);
            if let Some(last) = part.iter().rposition(|byte| *byte != PADDING) {
                self.used = self.filled + last + 1;
            }
        }
        self.crc = crc16(self.crc, part);
        self.filled += part.len();
        // The CRC of bytes that end with their CRC is 0.
        let progress = match self.crc {
            _ if self.filled < self.length + CRC_BYTES => Progress::More,
            0 => Progress::Complete,
            _ => Progress::Bad,
        };
        (part.len(), progress)
    }

    /// The number of the block; it counts modulo 256.
    pub fn number(&self) -> u8 {
        self.number.unwrap_or(0)
    }

    /// Bytes of the content, with its padding.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Bytes of the content up to the last one that is not padding.
    pub fn used(&self) -> usize {
        self.used
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(block: &mut Block, bytes: &[u8]) -> Progress {
        bytes.iter().fold(Progress::More, |_, byte| block.bytes(&[*byte], &mut [0; LONG]).1)
    }

    #[test]
    fn a_block_is_complete_with_the_last_byte_of_its_crc() {
        for length in [SHORT, LONG] {
            let mut content = vec![b'x'; length];
            content[length - 2..].fill(PADDING);
            let mut buffer = [0; LONG];
            let mut block = Block::new();
            block.begin(length);
            assert_eq!(feed(&mut block, &[7, !7]), Progress::More);
            for byte in &content {
                assert_eq!(block.bytes(&[*byte], &mut buffer).1, Progress::More);
            }
            let crc = crc16(0, &content).to_be_bytes();
            assert_eq!(block.bytes(&crc[0..=0], &mut buffer).1, Progress::More);
            assert_eq!(block.bytes(&crc[1..=1], &mut buffer).1, Progress::Complete);
            assert_eq!((block.number(), block.length(), block.used()), (7, length, length - 2));
            assert_eq!(buffer[..length], content);
            assert_eq!(buffer[length..], vec![0; LONG - length]);
        }
    }

    #[test]
    fn a_number_that_differs_from_its_complement_is_bad_at_once() {
        let mut block = Block::new();
        block.begin(SHORT);
        assert_eq!(feed(&mut block, &[7, 7]), Progress::Bad);
    }

    #[test]
    fn any_flipped_bit_of_content_or_crc_is_bad() {
        let content = [0x5A; SHORT];
        let mut right = content.to_vec();
        right.extend(crc16(0, &content).to_be_bytes());
        for bit in 0..8 * right.len() {
            let mut wrong = right.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            let mut block = Block::new();
            block.begin(SHORT);
            feed(&mut block, &[1, !1]);
            assert_eq!(feed(&mut block, &wrong), Progress::Bad, "bit {bit}");
        }
    }

    #[test]
    fn the_crc_is_that_of_xmodem() {
        // Check value of CRC-16/XMODEM in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc16(0, b"123456789"), 0x31C3);
    }
}
