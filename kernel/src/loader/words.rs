//! The words of an image, on their way into a draft, behind the place of the header.

use images::encode::{Origin, Sink};
use images::file::HEADER_BYTES;
use images::isa::ERASED;

use super::{Draft, LoadError};

/// Bytes of a word.
pub const WORD_BYTES: u32 = 2;
/// Bytes that are read at a time, to find an erased word.
const PIECE_BYTES: u32 = 16;

/// The words of a draft. What an encoder appends as erased is not written, so that it can be patched.
pub struct Words<'a, D> {
    draft: &'a mut D,
    /// Bytes of the image file so far, the header's included.
    length: &'a mut u32,
}

impl<'a, D: Draft> Words<'a, D> {
    /// Behind what there is of an image: its header's place at least.
    pub fn new(draft: &'a mut D, length: &'a mut u32) -> Self {
        Words { draft, length }
    }

    /// Bytes of the image file so far, the header's included.
    pub fn length(&self) -> u32 {
        *self.length
    }

    /// An error if an image of so many bytes does not fit.
    pub fn fits(&self, length: u64) -> Result<(), LoadError<D::Error>> {
        let capacity = self.draft.capacity();
        match length <= capacity.into() {
            true => Ok(()),
            false => Err(LoadError::NoRoom { capacity }),
        }
    }

    /// Writes the next bytes.
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), LoadError<D::Error>> {
        self.fits(u64::from(*self.length) + bytes.len() as u64)?;
        self.draft.write(*self.length, bytes).map_err(LoadError::Storage)?;
        *self.length += bytes.len() as u32;
        Ok(())
    }
}

impl<D: Draft> Sink for Words<'_, D> {
    type Error = LoadError<D::Error>;

    fn append(&mut self, word: u16, _: Origin) -> Result<(), Self::Error> {
        if word != ERASED {
            return self.extend(&word.to_le_bytes());
        }
        self.fits(u64::from(*self.length) + u64::from(WORD_BYTES))?;
        *self.length += WORD_BYTES;
        Ok(())
    }

    fn last_erased(&mut self) -> Result<Option<u32>, Self::Error> {
        // From the end back: loops nest, so this reads a word no more often than loops are open around it.
        let mut end = *self.length;
        while end > HEADER_BYTES as u32 {
            let mut buffer = [0; PIECE_BYTES as usize];
            let begin = end.saturating_sub(PIECE_BYTES).max(HEADER_BYTES as u32);
            let piece = &mut buffer[..(end - begin) as usize];
            self.draft.read(begin, piece).map_err(LoadError::Storage)?;
            if let Some(word) = piece.chunks_exact(2).rposition(|word| word == ERASED.to_le_bytes()) {
                return Ok(Some((begin - HEADER_BYTES as u32) / WORD_BYTES + word as u32));
            }
            end = begin;
        }
        Ok(None)
    }

    fn patch(&mut self, address: u32, word: u16) -> Result<(), Self::Error> {
        let offset = HEADER_BYTES as u32 + WORD_BYTES * address;
        self.draft.write(offset, &word.to_le_bytes()).map_err(LoadError::Storage)
    }
}
