//! Received bytes to an image file, on the way into the flash: no program is ever in memory.
//!
//! The first bytes decide what comes ([`images::file::MAGIC`]): an image is passed through, any other file is program
//! text, which is checked and encoded. Either way the words go to a [`Draft`] as they come ([`Words`]), and when the
//! file has ended a [`Seal`] makes an image of them.

mod draft;
mod image;
mod seal;
mod text;
mod words;

use images::file::{FileError, MAGIC};
use images::text::{BracketError, Position};

pub use draft::Draft;
pub use seal::Seal;
pub use text::{most_bytes, DEPTH};
pub use words::Words;

/// What was loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Commands of the program.
    pub commands: u32,
    /// Loops open at the same time, counted in the text; an image says no more than `u16::MAX`.
    pub depth: u32,
    /// Instruction words.
    pub words: u32,
    /// Bytes of the image file.
    pub length: u32,
}

/// Why some bytes are no program. `E` is the error of the [`Draft`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError<E> {
    /// A text with brackets that do not match.
    #[error(transparent)]
    Brackets(BracketError),
    /// More loops are open than the loader was given memory for.
    #[error("{position}: loops nested deeper than {limit}, more than can be loaded here; nest fewer loops")]
    TooDeep {
        /// Where the `[` that is one too many stands.
        position: Position,
        /// Loops that can be open.
        limit: usize,
    },
    /// A loop spans more words than the machine can skip.
    #[error("{0}: the loop that ends here is too long for the machine; make it shorter")]
    LoopTooLong(Position),
    /// An image that is damaged, cut off or too new.
    #[error(transparent)]
    Image(FileError),
    /// The image does not fit into the draft.
    #[error("the image takes more than the {capacity} bytes that are free for it; remove files or send a shorter program")]
    NoRoom {
        /// Bytes of the draft.
        capacity: u32,
    },
    /// The storage failed.
    #[error("the image could not be stored; load it again")]
    Storage(E),
    /// The loader is asked to go on after an error.
    #[error("loading ended with an error before; load the program again")]
    Over,
}

impl<E> From<BracketError> for LoadError<E> {
    fn from(error: BracketError) -> Self {
        LoadError::Brackets(error)
    }
}

impl<E> From<FileError> for LoadError<E> {
    fn from(error: FileError) -> Self {
        LoadError::Image(error)
    }
}

/// Turns the bytes of a file into words in a draft, however the bytes are cut into pieces.
///
/// Until the [`Seal`] is done the draft is no image: it has no header. After an error it never becomes one.
///
/// ```
/// # use kernel::loader::Draft;
/// # struct Flash(Vec<u8>);
/// # impl Draft for Flash {
/// #     type Error = std::convert::Infallible;
/// #     fn capacity(&self) -> u32 { self.0.len() as u32 }
/// #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error> {
/// #         self.0[at as usize..][..bytes.len()].copy_from_slice(bytes);
/// #         Ok(())
/// #     }
/// #     fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
/// #         bytes.copy_from_slice(&self.0[at as usize..][..bytes.len()]);
/// #         Ok(())
/// #     }
/// # }
/// # let mut flash = Flash(vec![0xFF; 100]);
/// use kernel::loader::{Loader, Words};
/// let mut opens = [0; 16];
/// let mut words = Words::new(&mut flash);
/// let mut loader = Loader::new(&mut words, &mut opens);
/// loader.push(b"clear: [").unwrap();
/// loader.push(b"-]").unwrap();
/// let mut seal = loader.finish().unwrap();
/// let summary = loop {
///     if let Some(summary) = seal.step(&mut flash).unwrap() {
///         break summary;
///     }
/// };
/// assert_eq!((summary.commands, summary.words, summary.length), (3, 2, 28));
/// ```
pub struct Loader<'a, D: Draft> {
    /// How much of the magic has come.
    magic: usize,
    /// What the form will work with, until it is decided.
    place: Option<Place<'a, D>>,
    form: Option<Form<'a, D>>,
}

struct Place<'a, D> {
    words: &'a mut Words<D>,
    opens: &'a mut [u32],
}

/// What comes in. There is nothing to box the larger one in.
#[allow(clippy::large_enum_variant)]
enum Form<'a, D: Draft> {
    Image(image::Passage<'a, D>),
    Text(text::Translation<'a, D>),
}

impl<'a, D: Draft> Loader<'a, D> {
    /// A loader at the beginning of a file. `opens` bounds how deep the loops of a text may nest: 4 bytes for each
    /// level, of which no more than [`DEPTH`] are used. The memory is needed until the file has ended, and only then:
    /// what belongs to a running program can lend it.
    pub fn new(words: &'a mut Words<D>, opens: &'a mut [u32]) -> Self {
        Loader { magic: 0, place: Some(Place { words, opens }), form: None }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LoadError<D::Error>> {
        let result = self.take(bytes);
        if result.is_err() {
            (self.place, self.form) = (None, None);
        }
        result
    }

    /// The file has ended. What is left is to [`Seal`] the draft.
    pub fn finish(mut self) -> Result<Seal, LoadError<D::Error>> {
        self.decide()?;
        match self.form {
            Some(Form::Image(image)) => image.finish(),
            Some(Form::Text(text)) => text.finish(),
            None => Err(LoadError::Over),
        }
    }

    fn take(&mut self, mut bytes: &[u8]) -> Result<(), LoadError<D::Error>> {
        if self.place.is_some() {
            let alike =
                MAGIC[self.magic..].iter().zip(bytes).take_while(|(magic, byte)| magic == byte).count();
            self.magic += alike;
            bytes = &bytes[alike..];
            if bytes.is_empty() {
                return Ok(());
            }
            self.decide()?;
        }
        match &mut self.form {
            Some(Form::Image(image)) => image.push(bytes),
            Some(Form::Text(text)) => text.push(bytes),
            None => Err(LoadError::Over),
        }
    }

    /// The magic is complete or something else has come: begins with what there is of it.
    fn decide(&mut self) -> Result<(), LoadError<D::Error>> {
        let Some(Place { words, opens }) = self.place.take() else {
            return Ok(());
        };
        let start = &MAGIC[..self.magic];
        if self.magic == MAGIC.len() {
            let mut image = image::Passage::new(words);
            image.push(start)?;
            self.form = Some(Form::Image(image));
        } else {
            let mut text = text::Translation::new(words, opens);
            text.push(start)?;
            self.form = Some(Form::Text(text));
        }
        Ok(())
    }
}
