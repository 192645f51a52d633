//! Image files: encoded programs with their measure and their checksums.
//!
//! ```text
//!   0  magic     89 42 46 57  (a byte that no text begins with, "BFW")
//!   4  version   1
//!   5  unused    FF
//!   6  depth     u16: loops open at the same time, FFFF: more
//!   8  words     u32: instruction words that follow the header
//!  12  commands  u32: commands of the program text
//!  16  body crc  u32: CRC-32 (ISO-HDLC) of the words
//!  20  head crc  u32: CRC-32 of the 20 bytes before
//!  24  the words, u16 each
//! ```
//!
//! All numbers are little-endian. The header can be written last: on a flash it stays erased until then, and an
//! erased header is no image.

use crate::crc32::crc32;
use crate::packed;
use crate::record::{is_sealed, number, put, seal};
use crate::say::{Printer, Say};

/// How an image file begins.
pub const MAGIC: [u8; 4] = [0x89, b'B', b'F', b'W'];
/// The only version there is.
pub const VERSION: u8 = 1;
/// Bytes before the first word.
pub const HEADER_BYTES: usize = 24;

/// What the header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Instruction words.
    pub words: u32,
    /// Commands of the text they came from.
    pub commands: u32,
    /// Loops open at the same time; `u16::MAX` and above are stored as `u16::MAX`.
    pub depth: u32,
    /// CRC of the words' bytes.
    pub body_crc: u32,
}

/// Bytes that are no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    /// Not even the magic.
    NoImage,
    /// Written by a later version of these tools.
    Version(u8),
    /// Header or words were damaged or are cut off.
    Damaged,
}

impl Say for FileError {
    fn say(&self, to: &mut dyn Printer) {
        match self {
            FileError::NoImage => to.text(packed!("this is not an image file")),
            FileError::Version(version) => {
                to.text(packed!("image version ")).number((*version).into());
                to.text(packed!(" is not known here; encode the program again with this version"))
            }
            FileError::Damaged => {
                to.text(packed!("the image is damaged or cut off; encode the program again"))
            }
        };
    }
}

crate::said!(FileError);

impl Header {
    /// The bytes of the header.
    pub fn to_bytes(self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0xFF; HEADER_BYTES];
        bytes[..4].copy_from_slice(&MAGIC);
        bytes[4] = VERSION;
        let depth = self.depth.min(u16::MAX.into()) as u16;
        bytes[6..8].copy_from_slice(&depth.to_le_bytes());
        put(&mut bytes, 8, self.words);
        put(&mut bytes, 12, self.commands);
        put(&mut bytes, 16, self.body_crc);
        seal(&mut bytes);
        bytes
    }

    /// Reads a header, without looking at the words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Header, FileError> {
        if !bytes.starts_with(&MAGIC) {
            return Err(FileError::NoImage);
        }
        let bytes: &[u8; HEADER_BYTES] = bytes.first_chunk().ok_or(FileError::Damaged)?;
        if bytes[4] != VERSION {
            return Err(FileError::Version(bytes[4]));
        }
        if !is_sealed(bytes) {
            return Err(FileError::Damaged);
        }
        Ok(Header {
            words: number(bytes, 8),
            commands: number(bytes, 12),
            depth: number(bytes, 4) >> 16,
            body_crc: number(bytes, 16),
        })
    }
}

/// The words of an image file, checked against its header.
pub fn words(file: &[u8]) -> Result<impl Iterator<Item = u16> + '_, FileError> {
    let header = Header::from_bytes(file)?;
    let body = &file[HEADER_BYTES..];
    if body.len() as u64 != 2 * u64::from(header.words) || crc32(body) != header.body_crc {
        return Err(FileError::Damaged);
    }
    Ok(body.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])))
}
