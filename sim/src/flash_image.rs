//! `brainfusion flash-image`: bitstream, firmware and files as one content of the flash, for simulators and programmers.

use crate::image_file::{self, FileError};
use crate::own_flash::{self, OwnFlashError};
use images::machine::COMPUTER;
use map::{FILES, FIRMWARE, FLASH_BYTES, SAVED};
use std::fs;
use std::path::PathBuf;

/// Programmers erase so many bytes at once: what they write before the saved cells leaves these alone.
const ERASED_AT_ONCE: u32 = 64 << 10;
const _: () = assert!(SAVED % ERASED_AT_ONCE == 0);

/// What goes into the flash. What is not given is left erased.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// The flash content to write
    pub out: PathBuf,
    /// What configures the chip, as `synth` makes it
    #[arg(long, value_name = "FILE")]
    pub bitstream: Option<PathBuf>,
    /// What the companion runs, as `make firmware` makes it
    #[arg(long, value_name = "FILE")]
    pub firmware: Option<PathBuf>,
    /// The Brainfuck program that starts by itself: text (.bf) or encoded image
    #[arg(long, value_name = "IMAGE")]
    pub program: Option<PathBuf>,
    /// The saved cells and files of another flash; the simulated board's is made if it is not there
    #[arg(long, value_name = "FLASH", conflicts_with = "program")]
    pub files: Option<PathBuf>,
    /// Leave out the end that is erased: a programmer does not touch what is there
    #[arg(long)]
    pub short: bool,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum FlashImageError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A part that does not fit its place.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The flash with the files, which cannot be made.
    #[error(transparent)]
    Own(#[from] OwnFlashError),
}

/// A part of the flash's content that does not fit its place.
#[derive(Debug, thiserror::Error)]
#[error("the {part} has {bytes} bytes, but its place in the flash has {room}; make it smaller")]
pub struct TooLong {
    /// What it is.
    part: &'static str,
    /// Its size.
    bytes: usize,
    /// The size of its place.
    room: usize,
}

/// The flash's content, of its whole size: the parts in their places, all else erased. The program is an encoded image.
pub fn contents(bitstream: &[u8], firmware: &[u8], program: &[u8]) -> Result<Vec<u8>, TooLong> {
    let mut flash = vec![0xFF; FLASH_BYTES as usize];
    for (part, content, place) in [
        ("bitstream", bitstream, 0..FIRMWARE),
        ("firmware", firmware, FIRMWARE..SAVED),
        ("program", program, FILES..FLASH_BYTES),
    ] {
        let room = &mut flash[place.start as usize..place.end as usize];
        let (bytes, size) = (content.len(), room.len());
        room.get_mut(..bytes).ok_or(TooLong { part, bytes, room: size })?.copy_from_slice(content);
    }
    Ok(flash)
}

/// Makes the content. The exit status.
pub fn flash_image(options: &Options) -> Result<u8, FlashImageError> {
    let read = |path: &Option<PathBuf>| match path {
        Some(path) => fs::read(path).map_err(|error| FileError::Io { path: path.clone(), error }),
        None => Ok(Vec::new()),
    };
    let program = match &options.program {
        Some(path) => image_file::read_image_for(path, COMPUTER)?.to_file(),
        None => Vec::new(),
    };
    let mut flash = contents(&read(&options.bitstream)?, &read(&options.firmware)?, &program)?;
    if let Some(path) = &options.files {
        let other = image_file::read_flash(&own_flash::prepare(Some(path))?)?;
        let kept = other.get(SAVED as usize..).unwrap_or_default();
        flash[SAVED as usize..][..kept.len()].copy_from_slice(kept);
    }
    if options.short {
        let used = flash.iter().rposition(|byte| *byte != 0xFF);
        flash.truncate(used.map_or(0, |last| last + 1));
    }
    image_file::write_whole(&options.out, &flash)?;
    Ok(0)
}
