//! The flash of the simulated board, a file that is kept between runs.
//!
//! It is made with the kernel, braiNIX and the shipped programs when it is needed for the first time. Later the kernel in it is
//! brought up to date, and the files and saved cells stay.

use crate::flash_files;
use crate::flash_image::{self, TooLong};
use crate::image_file::{self, FileError};
use images::machine::COMPUTER;
use images::programs;
use kernel::files::FilesError;
use map::{FIRMWARE, FLASH_BYTES, SAVED};
use std::fs;
use std::path::{Path, PathBuf};

/// What prevents it.
#[derive(Debug, thiserror::Error)]
pub enum OwnFlashError {
    /// A file of this machine that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The kernel was not built.
    #[error("{}: {error}; build the kernel with `make firmware`", path.display())]
    Kernel {
        /// Where it should be.
        path: PathBuf,
        /// What was wrong.
        error: std::io::Error,
    },
    /// A kernel that does not fit.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// A file of the board that cannot be written.
    #[error("the board's file {name}: {error}")]
    Files {
        /// Its name.
        name: String,
        /// Why.
        error: FilesError,
    },
    /// A name that no file can have.
    #[error("{}: the board has no name for it; give the file a name of ASCII characters", .0.display())]
    Name(PathBuf),
}

/// A file in the folder of what was built.
pub(crate) fn built(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../build").join(name)
}

/// The board's flash.
pub fn path() -> PathBuf {
    built("board.flash")
}

/// Files of the board: names and encoded images.
type Files = Vec<(String, Vec<u8>)>;

/// What every board has from the beginning, and the name of the program that starts by itself.
fn shipped() -> Result<(Files, Option<String>), FileError> {
    let mut files = Vec::new();
    let mut start = None;
    if let Some(path) = image_file::brainix()? {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.push((name.clone(), image_file::read_image_for(&path, COMPUTER)?.to_file()));
        start = Some(name);
    }
    for program in programs::ALL.iter().filter(|program| program.fault.is_none()) {
        let mut image = image_file::shipped(program.name);
        image.set_end_of_input(program.end_of_input);
        files.push((format!("{}.bf", program.name), image.to_file()));
    }
    Ok((files, start))
}

/// Makes a flash if it is not there; the own one, if none is named, gets today's kernel. Where it is.
pub fn prepare(named: Option<&Path>) -> Result<PathBuf, OwnFlashError> {
    if let Some(path) = named.filter(|path| path.exists()) {
        return Ok(path.to_owned());
    }
    let path = named.map_or_else(path, Path::to_owned);
    let kernel_path = built("firmware.bin");
    let kernel =
        fs::read(&kernel_path).map_err(|error| OwnFlashError::Kernel { path: kernel_path, error })?;
    let mut flash = image_file::read_flash(&path)?;
    let before = flash.clone();
    let is_new = flash.is_empty();
    flash.resize(FLASH_BYTES as usize, 0xFF);
    let place = FIRMWARE as usize..SAVED as usize;
    flash[place.clone()].copy_from_slice(&flash_image::contents(&[], &kernel, &[])?[place]);
    if is_new {
        let (files, start) = shipped()?;
        for (name, image) in &files {
            put(&mut flash, name, image)?;
        }
        if let Some(name) = start {
            flash_files::set_start(&mut flash, &name)
                .map_err(|error| OwnFlashError::Files { name, error })?;
        }
    }
    if flash != before {
        image_file::write_whole(&path, &flash)?;
    }
    Ok(path)
}

/// Writes a program into the files. Where the flash is, and what the program is called there.
pub fn install(named: Option<&Path>, image: &Path) -> Result<(PathBuf, String), OwnFlashError> {
    let bytes = image_file::read_image_for(image, COMPUTER)?.to_file();
    let name = image.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| OwnFlashError::Name(image.to_owned()))?.to_owned();
    let path = prepare(named)?;
    let mut flash = image_file::read_flash(&path)?;
    // The same file once more would only wear the flash.
    if !matches!(flash_files::read(&mut flash, &name), Ok(old) if old == bytes) {
        put(&mut flash, &name, &bytes)?;
        image_file::write_whole(&path, &flash)?;
    }
    Ok((path, name))
}

fn put(flash: &mut [u8], name: &str, image: &[u8]) -> Result<(), OwnFlashError> {
    flash_files::install(flash, name, image)
        .map_err(|error| OwnFlashError::Files { name: name.to_owned(), error })
}
