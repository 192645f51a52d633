//! Tools for a board on a serial port, or a simulated one on a pseudo-terminal.
//!
//! [`mod@line`] is the serial line as the others need it, [`port`] a real one. [`shell`] talks to the board's shell over a
//! line, [`ymodem_sender`] sends files to it. The rest are subcommands of `brainfusion`.

pub mod cells;
pub mod line;
pub mod load;
pub mod monitor;
pub mod port;
pub mod shell;
pub mod ymodem_sender;

use crate::image_file::FileError;
use cells::CellsError;
use line::LineError;
use load::LoadError;
use port::PortError;
use shell::ShellError;

/// Why a command did not do what it was to do, and what to do next.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// There is no port to use.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The port does not work any more.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The shell does not do what it was told.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Files did not arrive.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Cells were not read or written.
    #[error(transparent)]
    Cells(#[from] CellsError),
    /// A file of this machine that cannot be used.
    #[error("{0}; see to the file and give the command again")]
    File(#[from] FileError),
    /// The terminal or a pipe does not work.
    #[error("this terminal: {0}; give the command again in another one")]
    Terminal(std::io::Error),
}
