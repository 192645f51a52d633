//! An image that is passed through. Its header is kept back: it is written when all is there and right.

use heapless::Vec;
use images::file::{FileError, Header, HEADER_BYTES};

use super::words::WORD_BYTES;
use super::{Draft, LoadError, Seal, Words};

/// An image on its way.
#[derive(Debug)]
pub struct Passage {
    header: Vec<u8, HEADER_BYTES>,
}

impl Passage {
    /// Before the first byte.
    pub const fn new() -> Self {
        Passage { header: Vec::new() }
    }

    /// Takes the next bytes of the image.
    #[inline(never)]
    pub fn push<D: Draft>(&mut self, words: &mut Words<D>, bytes: &[u8]) -> Result<(), LoadError<D::Error>> {
        let missing = HEADER_BYTES - self.header.len();
        let (header, body) = bytes.split_at(missing.min(bytes.len()));
        self.header.extend(header.iter().copied());
        if self.header.len() < HEADER_BYTES {
            return Ok(());
        }
        let announced = length(&Header::from_bytes(&self.header)?);
        words.fits(announced)?;
        if body.len() as u64 > announced - u64::from(words.length()) {
            return Err(FileError::Damaged.into());
        }
        words.extend(body)
    }

    /// All bytes are there: an image file of this length.
    pub fn finish(&self, file: u32) -> Result<Seal, FileError> {
        let header = Header::from_bytes(&self.header)?;
        if u64::from(file) != length(&header) {
            return Err(FileError::Damaged);
        }
        Ok(Seal::check(header))
    }
}

/// Bytes of an image file with this header.
fn length(header: &Header) -> u64 {
    HEADER_BYTES as u64 + u64::from(WORD_BYTES) * u64::from(header.words)
}
