//! Received bytes to an image file, on the way into the flash: no program is ever in memory.
//!
//! The first bytes decide what comes ([`images::file::MAGIC`]): an image is passed through, any other file is program
//! text, which is checked and encoded. Either way the words go to a [`Draft`] as they come, and when the
//! file has ended a [`Seal`] makes an image of them.

mod draft;
mod image;
mod seal;
mod text;
mod words;

use images::file::{FileError, HEADER_BYTES, MAGIC};
use images::packed;
use images::say::{Printer, Say};
use images::text::{BracketError, Position};

pub use draft::{Draft, DraftError};
pub use seal::Seal;
pub use text::{most_bytes, DEPTH};
use words::Words;

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

/// Why some bytes are no program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// A text with brackets that do not match.
    Brackets(BracketError),
    /// More loops are open than [`DEPTH`].
    TooDeep {
        /// Where the `[` that is one too many stands.
        position: Position,
        /// Loops that can be open.
        limit: usize,
    },
    /// A loop spans more words than the machine can skip.
    LoopTooLong(Position),
    /// An image that is damaged, cut off or too new.
    Image(FileError),
    /// The image does not fit into the draft.
    NoRoom {
        /// Bytes of the draft.
        capacity: u32,
    },
    /// The storage failed.
    Storage,
    /// The loader is asked to go on after an error.
    Over,
}

impl Say for LoadError {
    fn say(&self, to: &mut dyn Printer) {
        match self {
            LoadError::Brackets(error) => to.say(error),
            LoadError::TooDeep { position, limit } => {
                to.say(position).text(packed!(": loops nested deeper than ")).number(*limit as u32);
                to.text(packed!(", more than this machine can open; nest fewer loops"))
            }
            LoadError::LoopTooLong(position) => to
                .say(position)
                .text(packed!(": the loop that ends here is too long for the machine; make it shorter")),
            LoadError::Image(error) => to.say(error),
            LoadError::NoRoom { capacity } => {
                to.text(packed!("the image takes more than the ")).number(*capacity);
                to.text(packed!(" bytes that are free for it; remove files or send a shorter program"))
            }
            LoadError::Storage => to.text(packed!("the image could not be stored; load it again")),
            LoadError::Over => to.text(packed!("loading ended with an error before; load the program again")),
        };
    }
}

images::said!(LoadError);

impl From<BracketError> for LoadError {
    fn from(error: BracketError) -> Self {
        LoadError::Brackets(error)
    }
}

impl From<DraftError> for LoadError {
    fn from(_: DraftError) -> Self {
        LoadError::Storage
    }
}

impl From<FileError> for LoadError {
    fn from(error: FileError) -> Self {
        LoadError::Image(error)
    }
}

/// Turns the bytes of a file into words in a draft, however the bytes are cut into pieces.
///
/// Until the [`Seal`] is done the draft is no image: it has no header. After an error it never becomes one.
///
/// ```
/// # use kernel::loader::{Draft, DraftError};
/// # struct Flash(Vec<u8>);
/// # impl Draft for Flash {
/// #     fn capacity(&self) -> u32 { self.0.len() as u32 }
/// #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), DraftError> {
/// #         self.0[at as usize..][..bytes.len()].copy_from_slice(bytes);
/// #         Ok(())
/// #     }
/// #     fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), DraftError> {
/// #         bytes.copy_from_slice(&self.0[at as usize..][..bytes.len()]);
/// #         Ok(())
/// #     }
/// # }
/// # let mut flash = Flash(vec![0xFF; 100]);
/// use kernel::loader::Loader;
/// let mut loader = Loader::new();
/// loader.push(&mut flash, b"clear: [").unwrap();
/// loader.push(&mut flash, b"-]").unwrap();
/// let mut seal = loader.finish(&mut flash).unwrap();
/// let summary = loop {
///     if let Some(summary) = seal.step(&mut flash).unwrap() {
///         break summary;
///     }
/// };
/// assert_eq!((summary.commands, summary.words, summary.length), (3, 2, 28));
/// ```
pub struct Loader {
    form: Form,
    /// How much of the magic has come.
    magic: usize,
    /// Bytes of the image so far, its header's included.
    length: u32,
    image: image::Passage,
    text: text::Translation,
}

/// What comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Undecided,
    Image,
    Text,
    /// There was an error.
    Over,
}

impl Default for Loader {
    fn default() -> Self {
        Loader::new()
    }
}

impl Loader {
    /// A loader at the beginning of a file.
    pub fn new() -> Self {
        Loader {
            form: Form::Undecided,
            magic: 0,
            length: HEADER_BYTES as u32,
            image: image::Passage::new(),
            text: text::Translation::new(),
        }
    }

    /// Takes the next bytes of the file. The draft is always the same.
    pub fn push<D: Draft>(&mut self, draft: &mut D, bytes: &[u8]) -> Result<(), LoadError> {
        let result = self.take(draft, bytes);
        if result.is_err() {
            self.form = Form::Over;
        }
        result
    }

    /// The file has ended. What is left is to [`Seal`] the draft.
    #[inline(never)]
    pub fn finish<D: Draft>(&mut self, draft: &mut D) -> Result<Seal, LoadError> {
        if self.form == Form::Undecided {
            self.decide(draft)?;
        }
        match core::mem::replace(&mut self.form, Form::Over) {
            Form::Image => Ok(self.image.finish(self.length)?),
            Form::Text => self.text.finish(&mut Words::new(draft, &mut self.length)),
            Form::Undecided | Form::Over => Err(LoadError::Over),
        }
    }

    fn take<D: Draft>(&mut self, draft: &mut D, mut bytes: &[u8]) -> Result<(), LoadError> {
        if self.form == Form::Undecided {
            let alike =
                MAGIC[self.magic..].iter().zip(bytes).take_while(|(magic, byte)| magic == byte).count();
            self.magic += alike;
            bytes = &bytes[alike..];
            if bytes.is_empty() {
                return Ok(());
            }
            self.decide(draft)?;
        }
        self.pass_on(draft, bytes)
    }

    /// The magic is complete or something else has come: begins with what there is of it.
    fn decide<D: Draft>(&mut self, draft: &mut D) -> Result<(), LoadError> {
        self.form = if self.magic == MAGIC.len() { Form::Image } else { Form::Text };
        self.pass_on(draft, &MAGIC[..self.magic])
    }

    fn pass_on<D: Draft>(&mut self, draft: &mut D, bytes: &[u8]) -> Result<(), LoadError> {
        let words = &mut Words::new(draft, &mut self.length);
        match self.form {
            Form::Image => self.image.push(words, bytes),
            Form::Text => self.text.push(words, bytes),
            Form::Undecided | Form::Over => Err(LoadError::Over),
        }
    }
}
