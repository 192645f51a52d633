//! The end of loading: a draft full of words becomes an image.

use images::crc32::Crc32;
use images::file::{FileError, Header, HEADER_BYTES};
use images::text::Measure;

use super::words::WORD_BYTES;
use super::{Draft, LoadError, Summary};

/// Bytes that one step reads.
const STEP_BYTES: usize = 64;

/// Reads the words of a draft once more, for their CRC, and then writes the header.
///
/// The words of a text do not leave in the order of their addresses, so their CRC can only be had at the end. That of
/// an image is compared with what its header says: what counts is what was stored.
pub struct Seal {
    words: u32,
    measure: Measure,
    /// The CRC that an image promised.
    promised: Option<u32>,
    crc: Crc32,
    /// Where the next bytes are read.
    offset: u32,
}

impl Seal {
    /// Seals the words of a text.
    pub(super) fn measured(words: u32, measure: Measure) -> Seal {
        Seal { words, measure, promised: None, crc: Crc32::new(), offset: HEADER_BYTES as u32 }
    }

    /// Seals the words of an image, if they are what its header promises.
    pub(super) fn check(header: Header) -> Seal {
        let Header { words, commands, depth, body_crc } = header;
        Seal { promised: Some(body_crc), ..Seal::measured(words, Measure { commands, depth }) }
    }

    /// Does a small part of it, with the draft that the words were written to: reads 64 bytes, or writes the header.
    /// The summary when all is done. After that, and after an error, there is no further step.
    #[inline(never)]
    pub fn step<D: Draft>(&mut self, draft: &mut D) -> Result<Option<Summary>, LoadError> {
        let length = HEADER_BYTES as u32 + WORD_BYTES * self.words;
        let mut buffer = [0; STEP_BYTES];
        let part = buffer.len().min((length - self.offset) as usize);
        let part = &mut buffer[..part];
        if !part.is_empty() {
            draft.read(self.offset, part)?;
            self.crc.update(part);
            self.offset += part.len() as u32;
            return Ok(None);
        }
        let body_crc = self.crc.value();
        if self.promised.is_some_and(|promised| promised != body_crc) {
            return Err(FileError::Damaged.into());
        }
        let Measure { commands, depth } = self.measure;
        let header = Header { words: self.words, commands, depth, body_crc };
        draft.write(0, &header.to_bytes())?;
        Ok(Some(Summary { commands, depth, words: self.words, length }))
    }
}
