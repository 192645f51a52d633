//! Program text that is checked and encoded as it comes.

use images::encode::{EncodeError, Encoder};
use images::file::HEADER_BYTES;
use images::isa::DISTANCE_UNIT;
use images::machine::COMPUTER;
use images::text::{BracketError, Command, Position, Scanner};

use super::words::{WordError, WORD_BYTES};
use super::{Draft, LoadError, Seal, Words};

/// Loops of a text that can be open at most: a program that opens more stops with a fault.
pub const DEPTH: usize = COMPUTER.depth as usize;

/// From this length on, in words, a loop is padded to a multiple of [`DISTANCE_UNIT`] (see [`images::isa`]).
const LONG_LOOP: u32 = 0x8000;

/// The bytes that the image of a text of so many bytes takes at most.
///
/// A command makes no more than one word, a `[` two: its own and the distance; with as many `]`, 3 words for 2
/// commands. Then `halt`, and for a text that turns out to be wrong the distances of the loops that it leaves open.
/// Long loops are padded: those that are as deep as each other share no words, so of W words in all there are at most
/// [`DEPTH`] W / 8000h of them, each padded with at most 63 words: less than half of all.
///
/// `u32::MAX` if it is more than that: no memory is so large.
pub const fn most_bytes(text_length: u32) -> u32 {
    let words = text_length.saturating_add(text_length / 2).saturating_add(1 + DEPTH as u32 / 2);
    let words = if words < LONG_LOOP { words } else { words.saturating_add(words) };
    words.saturating_add(words).saturating_add(HEADER_BYTES as u32)
}

const _: () = assert!(DEPTH as u32 * (DISTANCE_UNIT - 1) <= LONG_LOOP / 2 && WORD_BYTES == 2);

/// A text on its way.
pub struct Translation {
    scanner: Scanner,
    encoder: Encoder,
    /// Loops that are open.
    depth: usize,
}

impl Translation {
    /// Before the first byte.
    pub fn new() -> Self {
        Translation { scanner: Scanner::new(), encoder: Encoder::new(), depth: 0 }
    }

    /// Takes the next bytes of the text.
    #[inline(never)]
    pub fn push<D: Draft>(&mut self, words: &mut Words<D>, bytes: &[u8]) -> Result<(), LoadError> {
        for byte in bytes {
            let Some(command) = self.scanner.byte(*byte)? else {
                continue;
            };
            let position = self.scanner.position();
            match command {
                Command::Open if self.depth == DEPTH => {
                    return Err(LoadError::TooDeep { position, limit: DEPTH })
                }
                Command::Open => self.depth += 1,
                // The scanner has seen to it that there is one.
                Command::Close => self.depth -= 1,
                _ => {}
            }
            self.encoder.command(words, command).map_err(|error| located(words, error, position))?;
        }
        Ok(())
    }

    /// All bytes are there.
    pub fn finish<D: Draft>(&mut self, words: &mut Words<D>) -> Result<Seal, LoadError> {
        let position = self.scanner.position();
        let measure = self.scanner.finish()?;
        let count = self.encoder.finish(words).map_err(|error| located(words, error, position))?;
        Ok(Seal::measured(count, measure))
    }
}

/// What went wrong with the command at this position.
fn located<D: Draft>(words: &Words<D>, error: EncodeError<WordError>, position: Position) -> LoadError {
    match error {
        EncodeError::Sink(error) => words.refused(error),
        EncodeError::TooLong => LoadError::LoopTooLong(position),
        EncodeError::Brackets => BracketError::Unopened(position).into(),
    }
}
