//! An image that is passed through. Its header is kept back: it is written when all is there and right.

use heapless::Vec;
use images::file::{FileError, Header, HEADER_BYTES};

use super::words::WORD_BYTES;
use super::{Draft, LoadError, Seal, Words};

/// An image on its way.
pub struct Passage<'a, D> {
    words: &'a mut Words<D>,
    header: Vec<u8, HEADER_BYTES>,
}

impl<'a, D: Draft> Passage<'a, D> {
    /// Before the first byte.
    pub fn new(words: &'a mut Words<D>) -> Self {
        Passage { words, header: Vec::new() }
    }

    /// Takes the next bytes of the image.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError<D::Error>> {
        let missing = HEADER_BYTES - self.header.len();
        let (header, words) = bytes.split_at(missing.min(bytes.len()));
        self.header.extend(header.iter().copied());
        if self.header.len() < HEADER_BYTES {
            return Ok(());
        }
        let announced = length(&Header::from_bytes(&self.header)?);
        self.words.fits(announced)?;
        if words.len() as u64 > announced - u64::from(self.words.length()) {
            return Err(FileError::Damaged.into());
        }
        self.words.extend(words)
    }

    /// All bytes are there.
    pub fn finish(self) -> Result<Seal, LoadError<D::Error>> {
        let header = Header::from_bytes(&self.header)?;
        if u64::from(self.words.length()) != length(&header) {
            return Err(FileError::Damaged.into());
        }
        Ok(Seal::check(header))
    }
}

/// Bytes of an image file with this header.
fn length(header: &Header) -> u64 {
    HEADER_BYTES as u64 + u64::from(WORD_BYTES) * u64::from(header.words)
}
