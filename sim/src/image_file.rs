//! Images, cells and the flash's content in the host's files.

use crate::flash;
use images::image::{Image, ImageError};
use images::machine::Limits;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The system says no.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The bytes are no program.
    #[error("{path}: {error}", path = path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: ImageError,
    },
    /// The program has too many words.
    #[error("{path}: the program has {words} words, the machine holds {limit}; try --machine big", path = path.display())]
    TooManyWords {
        /// The file.
        path: PathBuf,
        /// Words of the program.
        words: usize,
        /// Words of the machine.
        limit: u32,
    },
    /// A cells file of another machine.
    #[error("{path}: {bytes} cells, but the machine has {limit}; try --machine big, or another file", path = path.display())]
    TooManyCells {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
        /// Cells of the machine.
        limit: u32,
    },
    /// A file that is no content of the flash.
    #[error("{path}: {bytes} bytes, but the flash has {limit}; use a shorter file, or one that is not there yet", path = path.display())]
    TooLongForFlash {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
        /// Bytes of the flash.
        limit: usize,
    },
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> FileError + '_ {
    |error| FileError::Io { path: path.to_owned(), error }
}

/// Reads a whole file.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, FileError> {
    fs::read(path).map_err(io_error(path))
}

/// Reads a program, text or encoded.
pub fn read_image(path: &Path) -> Result<Image, FileError> {
    let bytes = read_bytes(path)?;
    Image::read(&bytes).map_err(|error| FileError::Image { path: path.to_owned(), error })
}

/// Reads a program that fits a machine, with a word more for the end-of-input mode.
pub fn read_image_for(path: &Path, limits: Limits) -> Result<Image, FileError> {
    let image = read_image(path)?;
    if image.words.len() >= limits.words as usize {
        return Err(FileError::TooManyWords {
            path: path.to_owned(),
            words: image.words.len(),
            limit: limits.words - 1,
        });
    }
    Ok(image)
}

/// Reads the cells of an earlier run; none if the file does not exist yet.
pub fn read_cells(path: &Path, limits: Limits) -> Result<Vec<u8>, FileError> {
    let cells = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(io_error(path))?,
    };
    if cells.len() > limits.cells as usize {
        return Err(FileError::TooManyCells {
            path: path.to_owned(),
            bytes: cells.len(),
            limit: limits.cells,
        });
    }
    Ok(cells)
}

/// Reads the content of a flash; none if the file does not exist yet.
pub fn read_flash(path: &Path) -> Result<Vec<u8>, FileError> {
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(io_error(path))?,
    };
    if bytes.len() > flash::SIZE {
        return Err(FileError::TooLongForFlash {
            path: path.to_owned(),
            bytes: bytes.len(),
            limit: flash::SIZE,
        });
    }
    Ok(bytes)
}

/// Writes a file whole or not at all: the old one stays until the new one is complete.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        // As readable as any file that the user makes.
        let permissions = fs::Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new().permissions(permissions).tempfile_in(folder)?;
        io::Write::write_all(&mut file, bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(io_error(path))
}

/// Where our braiNIX is, if it has been assembled.
pub fn brainix() -> Result<Option<PathBuf>, FileError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../images");
    let entries = fs::read_dir(&folder).map_err(io_error(&folder))?;
    let mut paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    Ok(paths
        .find(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("brainix_v"))))
}

/// A program that is shipped with this one.
///
/// # Panics
/// If there is none of that name: the names are constants of this crate.
pub fn shipped(name: &str) -> Image {
    let program = images::programs::find(name).expect("a shipped program");
    Image::read(program.text).expect("shipped programs are sound")
}
