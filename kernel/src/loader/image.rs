//! An image that is passed through. Its header is kept back: it is written when all is there and right.

use heapless::Vec;
use images::file::{FileError, Header, HEADER_BYTES};

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
    pub fn push<D: Draft>(&mut self, words: &mut Words<D>, bytes: &[u8]) -> Result<(), LoadError> {
        let missing = HEADER_BYTES - self.header.len();
        let (header, body) = bytes.split_at(missing.min(bytes.len()));
        self.header.extend(header.iter().copied());
        if self.header.len() < HEADER_BYTES {
            return Ok(());
        }
        let announced = length(&Header::from_bytes(&self.header)?);
        words.fits(announced).map_err(|error| words.refused(error))?;
        if body.len() as u32 > announced - words.length() {
            return Err(FileError::Damaged.into());
        }
        words.extend(body).map_err(|error| words.refused(error))
    }

    /// All bytes are there: an image file of this length.
    pub fn finish(&self, file: u32) -> Result<Seal, FileError> {
        let header = Header::from_bytes(&self.header)?;
        if file != length(&header) {
            return Err(FileError::Damaged);
        }
        Ok(Seal::check(header))
    }
}

/// Bytes of an image file with this header; `u32::MAX` if it is more than that: no memory is so large.
fn length(header: &Header) -> u32 {
    header.words.saturating_add(header.words).saturating_add(HEADER_BYTES as u32)
}
