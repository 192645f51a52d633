//! `brainfusion flash-image`: bitstream, firmware and files as one content of the flash.

use crate::image_file::{self, FileError};
use images::machine::BIG;
use map::{FILES, FIRMWARE, FLASH_BYTES, SAVED};
use std::path::PathBuf;
use std::{fs, io};

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
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum FlashImageError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file that cannot be read.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Its name.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// A part that does not fit its place.
    #[error("{path}: {bytes} bytes, but its place in the flash has {room}; make it smaller", path = path.display())]
    TooLong {
        /// Its name.
        path: PathBuf,
        /// Its size.
        bytes: usize,
        /// The size of its place.
        room: usize,
    },
}

/// Makes the content. The exit status.
pub fn flash_image(options: &Options) -> Result<u8, FlashImageError> {
    let read =
        |path: &PathBuf| fs::read(path).map_err(|error| FlashImageError::Io { path: path.clone(), error });
    let program = |path: &PathBuf| -> Result<Vec<u8>, FlashImageError> {
        Ok(image_file::read_image_for(path, BIG)?.to_file())
    };
    let mut flash = vec![0xFF; FLASH_BYTES as usize];
    let mut place = |path: &Option<PathBuf>, content: Option<Vec<u8>>, from: u32, to: u32| {
        let (Some(path), Some(content)) = (path, content) else {
            return Ok(());
        };
        let room = &mut flash[from as usize..to as usize];
        if content.len() > room.len() {
            let (bytes, room) = (content.len(), room.len());
            return Err(FlashImageError::TooLong { path: path.clone(), bytes, room });
        }
        room[..content.len()].copy_from_slice(&content);
        Ok(())
    };
    place(&options.bitstream, options.bitstream.as_ref().map(read).transpose()?, 0, FIRMWARE)?;
    place(&options.firmware, options.firmware.as_ref().map(read).transpose()?, FIRMWARE, SAVED)?;
    place(&options.program, options.program.as_ref().map(program).transpose()?, FILES, FLASH_BYTES)?;
    image_file::write_whole(&options.out, &flash)?;
    Ok(0)
}
