//! The loops that are open where a program goes on.
//!
//! They follow from the program and the position: a loop is open if the position lies behind its `open` and not behind
//! its `close`. So whoever saves a stopped program need not save them.

use crate::isa::{self, Op, Word, DISTANCE_UNIT};
use crate::machine::COMPUTER;

/// Why the open loops are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenLoopsError<E> {
    /// A word could not be read.
    #[error("the words could not be read")]
    Read(E),
    /// No program goes on here: behind the last word, or at a distance.
    #[error("the program does not go on at word {position}; start it from its beginning")]
    Position {
        /// The position.
        position: u32,
    },
    /// A word that means nothing, or a loop that does not end where it should.
    #[error("the image is damaged at word {word}; encode the program again")]
    Damaged {
        /// Number of the word.
        word: u32,
    },
    /// More open loops than the machine can remember: it was never here.
    #[error("more than {} loops are open here, the program never was", COMPUTER.depth)]
    TooDeep,
}

/// For each open loop, the outermost first, the number of its first word: what the core's loop stack holds.
///
/// Reads words one by one, by their numbers, and keeps none. Loops that are over are not read.
///
/// ```
/// # use images::{image::Image, open_loops::OpenLoops};
/// let image = Image::from_text(b"+[>[.]<.]").unwrap(); // opens and distances: words 0 to 3
/// let read = |number: u32| Ok::<u16, ()>(image.words[number as usize]);
/// let loops: Result<Vec<u32>, _> = OpenLoops::new(image.words.len() as u32, 5, read).unwrap().collect();
/// assert_eq!(loops, Ok(vec![2, 4]));
/// ```
pub struct OpenLoops<R> {
    read: R,
    position: u32,
    /// The word to look at next.
    at: u32,
    /// The word behind what is being looked at: the program, or the innermost open loop so far.
    end: u32,
    depth: u32,
}

impl<E, R: FnMut(u32) -> Result<u16, E>> OpenLoops<R> {
    /// The open loops of a program of so many words that goes on at the word with number `position`.
    pub fn new(words: u32, position: u32, read: R) -> Result<Self, OpenLoopsError<E>> {
        if position < words {
            Ok(OpenLoops { read, position, at: 0, end: words, depth: 0 })
        } else {
            Err(OpenLoopsError::Position { position })
        }
    }

    fn read(&mut self, number: u32) -> Result<u16, OpenLoopsError<E>> {
        (self.read)(number).map_err(OpenLoopsError::Read)
    }

    /// The next open loop: its first word.
    fn enter(&mut self) -> Result<Option<u32>, OpenLoopsError<E>> {
        while self.at < self.position {
            let damaged = OpenLoopsError::Damaged { word: self.at };
            match Word::decode(self.read(self.at)?).map(|word| word.op) {
                Some(Op::Open(_)) => {
                    let first = self.at + 2;
                    if self.position < first {
                        return Err(OpenLoopsError::Position { position: self.position });
                    }
                    let distance = isa::decode_distance(self.read(self.at + 1)?);
                    // Something follows every loop: the close of the one around it, or a halt.
                    let end = first.checked_add(distance).filter(|&end| end < self.end).ok_or(damaged)?;
                    if self.is_over(end)? {
                        self.at = end;
                        continue;
                    }
                    if self.depth == COMPUTER.depth {
                        return Err(OpenLoopsError::TooDeep);
                    }
                    (self.at, self.end, self.depth) = (first, end, self.depth + 1);
                    return Ok(Some(first));
                }
                // A loop whose close lies before the position was jumped over.
                Some(Op::Close(_)) | None => return Err(damaged),
                Some(_) => self.at += 1,
            }
        }
        Ok(None)
    }

    /// Does the loop that is left at `end` close before the position? Behind its close there may be words that do
    /// nothing, fewer than a unit.
    fn is_over(&mut self, end: u32) -> Result<bool, OpenLoopsError<E>> {
        if end.saturating_sub(self.position) >= DISTANCE_UNIT {
            return Ok(false);
        }
        for number in self.position..end {
            if self.read(number)? != Word::NOTHING.encode() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl<E, R: FnMut(u32) -> Result<u16, E>> Iterator for OpenLoops<R> {
    type Item = Result<u32, OpenLoopsError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        let entered = self.enter();
        if entered.is_err() {
            self.at = self.position;
        }
        entered.transpose()
    }
}
