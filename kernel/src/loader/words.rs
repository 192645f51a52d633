//! The words of an image, on their way into a draft, behind the place of the header.

use images::encode::{Origin, Sink};
use images::file::HEADER_BYTES;
use images::isa::ERASED;

use super::{Draft, DraftError, LoadError};

/// Bytes of a word.
pub const WORD_BYTES: u32 = 2;
/// Bytes that are read at a time, to find an erased word.
const PIECE_BYTES: u32 = 16;

/// Why a word is not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
// As wide as what it stands in place of: results are in registers then.
#[repr(u32)]
pub enum WordError {
    /// There is no room for it.
    NoRoom,
    /// The draft failed.
    Storage,
}

impl From<DraftError> for WordError {
    fn from(_: DraftError) -> Self {
        WordError::Storage
    }
}

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
    pub fn fits(&self, length: u32) -> Result<(), WordError> {
        match length <= self.draft.capacity() {
            true => Ok(()),
            false => Err(WordError::NoRoom),
        }
    }

    /// What an error is for who loads.
    pub fn refused(&self, error: WordError) -> LoadError {
        match error {
            WordError::NoRoom => LoadError::NoRoom { capacity: self.draft.capacity() },
            WordError::Storage => LoadError::Storage,
        }
    }

    /// Writes the next bytes.
    pub fn extend(&mut self, bytes: &[u8]) -> Result<(), WordError> {
        let end = self.length.saturating_add(bytes.len() as u32);
        self.fits(end)?;
        self.draft.write(*self.length, bytes)?;
        *self.length = end;
        Ok(())
    }
}

impl<D: Draft> Sink for Words<'_, D> {
    type Error = WordError;

    fn append(&mut self, word: u16, _: Origin) -> Result<(), Self::Error> {
        if word != ERASED {
            return self.extend(&word.to_le_bytes());
        }
        let end = self.length.saturating_add(WORD_BYTES);
        self.fits(end)?;
        *self.length = end;
        Ok(())
    }

    fn last_erased(&mut self) -> Result<Option<u32>, Self::Error> {
        // From the end back: loops nest, so this reads a word no more often than loops are open around it.
        let mut end = *self.length;
        while end > HEADER_BYTES as u32 {
            let mut buffer = [0; PIECE_BYTES as usize];
            let begin = end.saturating_sub(PIECE_BYTES).max(HEADER_BYTES as u32);
            let piece = &mut buffer[..(end - begin) as usize];
            self.draft.read(begin, piece)?;
            if let Some(word) = piece.chunks_exact(2).rposition(|word| word == ERASED.to_le_bytes()) {
                return Ok(Some((begin - HEADER_BYTES as u32) / WORD_BYTES + word as u32));
            }
            end = begin;
        }
        Ok(None)
    }

    fn patch(&mut self, address: u32, word: u16) -> Result<(), Self::Error> {
        let offset = HEADER_BYTES as u32 + WORD_BYTES * address;
        Ok(self.draft.write(offset, &word.to_le_bytes())?)
    }
}
