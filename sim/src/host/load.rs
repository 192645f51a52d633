//! `brainfusion load`: sends programs to the board, and shows how far it is.

use super::line::{Line, Wire};
use super::port::{OpenPort, PortOptions};
use super::shell::{Shell, ShellError};
use super::ymodem_sender::{Outgoing, SendError, Sender, Step};
use super::HostError;
use crate::image_file::{self, FileError};
use images::machine::COMPUTER;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::files::{Name, NAME_BYTES};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to send.
#[derive(Clone, Debug, clap::Args)]
pub struct LoadOptions {
    /// Programs, texts or encoded images; texts are encoded here, so that the board only has to keep them
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// Send the files as they are: the board encodes texts
    #[arg(long)]
    pub text: bool,
    /// Which board
    #[command(flatten)]
    pub port: PortOptions,
}

/// Why files are not on the board.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file of this machine that cannot be used.
    #[error("{0}; nothing was sent: see to the file and give the command again")]
    File(#[from] FileError),
    /// A name that no file of the board can have.
    #[error(
        "{}: the board has no such name, only 1 to {NAME_BYTES} ASCII characters without spaces; nothing was sent: \
         rename the file and give the command again", .0.display()
    )]
    Name(PathBuf),
    /// The shell does not do what it was told.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// The transfer has failed.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The board does not want a file, or has lost too much of it.
    #[error("{name}: the board says: {said}; see to that and give the command again")]
    Refused {
        /// The file with which it ended.
        name: String,
        /// What the board says.
        said: String,
    },
}

/// Where the tool is, for its user.
pub struct Phases {
    bar: ProgressBar,
}

impl Phases {
    /// Nothing to be seen yet. It is to be seen on a terminal only.
    #[allow(clippy::new_without_default)]
    pub fn new() -> Phases {
        Phases { bar: ProgressBar::new_spinner() }
    }

    /// Something that takes an unknown time.
    pub fn enter(&self, phase: &str) {
        self.bar.set_style(ProgressStyle::default_spinner());
        self.bar.set_message(phase.to_owned());
        self.bar.enable_steady_tick(Duration::from_millis(100));
    }

    /// So much of something is done.
    pub fn count(&self, phase: &str, done: u64, all: u64) {
        // A pattern of ours: it is sound.
        if let Ok(style) = ProgressStyle::with_template("{percent:>3}% {bar:30} {msg} {eta}") {
            self.bar.set_style(style);
        }
        self.bar.disable_steady_tick();
        self.bar.set_message(phase.to_owned());
        self.bar.set_length(all);
        self.bar.set_position(done);
    }

    /// Takes it off the screen.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

impl Drop for Phases {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Opens the port and leads the board to its prompt.
pub(super) fn shell_at(options: &PortOptions, phases: &Phases) -> Result<Shell<OpenPort>, HostError> {
    let port = options.find()?;
    let line = OpenPort::open(&port, options.baud)?;
    let mut shell = Shell::new(Wire::new(line, options.patience_at(&port)));
    phases.enter(&format!("waiting for the board at {port}"));
    shell.bring_to_prompt()?;
    Ok(shell)
}

/// A file as it is sent.
pub fn outgoing(path: &Path, as_it_is: bool) -> Result<Outgoing, LoadError> {
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| Name::new(name).is_ok());
    let name = name.ok_or_else(|| LoadError::Name(path.to_owned()))?.to_owned();
    let bytes = match as_it_is {
        true => image_file::read_bytes(path)?,
        false => image_file::read_image_for(path, COMPUTER)?.to_file(),
    };
    Ok(Outgoing { name, bytes })
}

/// Sends files to the shell, which is at its prompt. What it says about them.
pub fn send<L: Line>(
    shell: &mut Shell<L>,
    files: &[Outgoing],
    told: &mut dyn FnMut(Step<'_>),
) -> Result<String, LoadError> {
    shell.begin_load()?;
    let mut name = String::new();
    let mut told = |step: Step<'_>| {
        if let Step::Announcing(file) = step {
            name.clone_from(&file.name);
        }
        told(step);
    };
    let sent = Sender::new(shell.wire()).send(files, &mut told);
    match sent {
        Ok(()) => match shell.answer("load")? {
            said if said.starts_with("loaded") => Ok(said),
            said => Err(LoadError::Refused { name, said }),
        },
        Err(SendError::Ended) => match shell.answer("load") {
            Ok(said) if !said.is_empty() => Err(LoadError::Refused { name, said }),
            _ => Err(SendError::Ended.into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Sends files to the board. The exit status.
pub fn load(options: &LoadOptions) -> Result<u8, HostError> {
    // All of them before the first one is sent: a mistake is told at once.
    let files = options.files.iter().map(|path| outgoing(path, options.text));
    let files = files.collect::<Result<Vec<Outgoing>, LoadError>>()?;
    let phases = Phases::new();
    let mut shell = shell_at(&options.port, &phases)?;
    let (mut name, mut length) = (String::new(), 0);
    let said = send(&mut shell, &files, &mut |step| match step {
        Step::Announcing(file) => {
            (name, length) = (file.name.clone(), file.bytes.len() as u64);
            phases.enter(&format!("{name}: the board makes room"));
        }
        Step::Sent(bytes) => phases.count(&format!("{name}: sending"), bytes as u64, length),
        Step::Completing => phases.enter(&format!("{name}: the board completes it")),
    })?;
    phases.clear();
    println!("{said}");
    Ok(0)
}
