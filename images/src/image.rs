//! A program ready to run, on the host: its words, and what is needed to say where in the text it stopped.

use std::convert::Infallible;

use crate::crc32::crc32;
use crate::decode::{self, DecodeError};
use crate::encode::{EncodeError, Encoder, Origin, Sink};
use crate::file::{self, FileError, Header};
use crate::isa::{Op, Word, ERASED};
use crate::machine::{EndOfInput, Fault};
use crate::text::{self, BracketError, Command, Measure, Position};

/// A program ready to run.
#[derive(Clone, Debug)]
pub struct Image {
    /// The instruction words, `halt` included.
    pub words: Vec<u16>,
    /// Measure of the program.
    pub measure: Measure,
    /// For each word the commands it stands for.
    origins: Vec<Origin>,
    /// The program text: as it was read, or decoded from the words.
    text: Vec<u8>,
}

/// Why some bytes are no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// A text with brackets that do not match.
    #[error(transparent)]
    Brackets(#[from] BracketError),
    /// An encoded image that was damaged.
    #[error(transparent)]
    File(#[from] FileError),
    /// An encoded image whose words are no program.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A text that cannot be encoded.
    #[error(transparent)]
    Encode(#[from] EncodeError<Infallible>),
    /// A loop spans more words than a distance word can say.
    #[error("command {command}: this loop's body is longer than the machine can skip")]
    TooLong {
        /// The `]` of that loop, counted from 0.
        command: usize,
    },
}

#[derive(Default)]
struct Words {
    words: Vec<u16>,
    origins: Vec<Origin>,
    /// Addresses of the erased words.
    opens: Vec<u32>,
}

impl Sink for Words {
    type Error = Infallible;

    fn append(&mut self, word: u16, origin: Origin) -> Result<(), Infallible> {
        if word == ERASED {
            self.opens.push(self.words.len() as u32);
        }
        self.words.push(word);
        self.origins.push(origin);
        Ok(())
    }

    fn last_erased(&mut self) -> Result<Option<u32>, Infallible> {
        Ok(self.opens.last().copied())
    }

    fn patch(&mut self, address: u32, word: u16) -> Result<(), Infallible> {
        self.words[address as usize] = word;
        self.opens.pop();
        Ok(())
    }
}

/// Encodes a text. With a mode, the first word sets it.
fn encode(text: &[u8]) -> Result<Words, ImageError> {
    let mut words = Words::default();
    let mut encoder = Encoder::new();
    for (number, command) in text.iter().copied().filter_map(Command::from_byte).enumerate() {
        encoder.command(&mut words, command).map_err(|error| match error {
            EncodeError::TooLong => ImageError::TooLong { command: number },
            error => error.into(),
        })?;
    }
    encoder.finish(&mut words)?;
    Ok(words)
}

impl Image {
    /// Reads a program: an encoded image if it begins like one, text otherwise.
    pub fn read(bytes: &[u8]) -> Result<Image, ImageError> {
        if !bytes.starts_with(&file::MAGIC) {
            return Image::from_text(bytes);
        }
        let words: Vec<u16> = file::words(bytes)?.collect();
        let text = decode::text(&words)?;
        let measure = text::measure(&text)?;
        // Which commands a word stands for is known when the decoded text is encoded once more. It gives the same
        // words, unless another encoder wrote them: then the image runs as it is, and faults name words only.
        let again = encode(&text)?;
        let origins = if again.words == strip_mode(&words) {
            let prefix = words.len() - again.words.len();
            let mut origins = vec![Origin::default(); prefix];
            origins.extend(again.origins);
            origins
        } else {
            Vec::new()
        };
        Ok(Image { words, measure, origins, text })
    }

    /// Encodes a program text.
    pub fn from_text(text: &[u8]) -> Result<Image, ImageError> {
        let measure = text::measure(text)?;
        let Words { words, origins, .. } = encode(text)?;
        Ok(Image { words, measure, origins, text: text.to_vec() })
    }

    /// The image file.
    pub fn to_file(&self) -> Vec<u8> {
        let body: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let header = Header {
            words: self.words.len() as u32,
            commands: self.measure.commands,
            depth: self.measure.depth,
            body_crc: crc32(&body),
        };
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend(body);
        bytes
    }

    /// The program text: as it was read, or decoded.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Begins the program with the word that says what the end of the input does, in place of one that is there.
    pub fn set_end_of_input(&mut self, mode: EndOfInput) {
        let word = Word { step: 0, op: Op::Mode(mode) };
        if strip_mode(&self.words).len() == self.words.len() {
            self.words.insert(0, 0);
            if !self.origins.is_empty() {
                self.origins.insert(0, Origin::default());
            }
        }
        self.words[0] = word.encode();
    }

    /// Which command stopped with this fault, and at which cell, when the core stopped at the word at `address`
    /// with its pointer at `pointer` on a tape of `cells`. The command is `None` if no text belongs to the word.
    pub fn locate(&self, fault: Fault, address: u32, pointer: u32, cells: u32) -> Located {
        let origin = self.origins.get(address as usize);
        let (command, cell) = match fault {
            Fault::LeftEnd => (origin.map(|o| o.moving_command(pointer, cells, false)), 0),
            Fault::RightEnd => (origin.map(|o| o.moving_command(pointer, cells, true)), cells - 1),
            _ => (origin.map(|o| o.command), pointer),
        };
        Located {
            command,
            position: command.and_then(|command| text::position_of(&self.text, command.into())),
            cell,
        }
    }
}

/// Where a program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// Number of the command, from 0.
    pub command: Option<u32>,
    /// Its place in the text.
    pub position: Option<Position>,
    /// The cell at which the pointer stands.
    pub cell: u32,
}

fn strip_mode(words: &[u16]) -> &[u16] {
    match words.first().copied().and_then(Word::decode) {
        Some(Word { step: 0, op: Op::Mode(_) }) => &words[1..],
        _ => words,
    }
}
