//! The board's serial line as a pseudo-terminal, for terminal programs and for those that send files.
//!
//! What is typed there is on the line at once, whether the machine waits for it or not, as on a board.

use crate::session::{Console, Next};
use crate::terminal::{in_background, signalled, SIGNAL_POLL};
use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, OptionalActions};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError};
use std::sync::Arc;

/// One end of the pair; the other one is a file of this machine.
pub struct Pty {
    output: File,
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Bytes read and not yet on the line, last first.
    pending: Vec<u8>,
    signalled: Arc<AtomicBool>,
    path: PathBuf,
    /// Open as long as this end is: else it would end with each program that uses it.
    _other: File,
}

impl Pty {
    /// A new pair.
    pub fn open() -> io::Result<Pty> {
        let master = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        pty::grantpt(&master)?;
        pty::unlockpt(&master)?;
        let name = pty::ptsname(&master, Vec::new())?;
        let path = PathBuf::from(name.into_string().map_err(io::Error::other)?);
        let other = OpenOptions::new().read(true).write(true).open(&path)?;
        // A wire: no echo, no line editing, no translation.
        let mut raw = termios::tcgetattr(&other)?;
        raw.make_raw();
        termios::tcsetattr(&other, OptionalActions::Now, &raw)?;
        let output = File::from(master);
        let chunks = in_background(output.try_clone()?);
        Ok(Pty { output, chunks, pending: Vec::new(), signalled: signalled(), path, _other: other })
    }

    /// The file that others open.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn take(&mut self, chunk: io::Result<Vec<u8>>) -> io::Result<()> {
        self.pending.splice(0..0, chunk?.iter().rev().copied());
        Ok(())
    }
}

impl Console for Pty {
    fn next(&mut self) -> io::Result<Next> {
        loop {
            if self.wants_to_quit() {
                return Ok(Next::Quit);
            }
            if let Some(byte) = self.pending.pop() {
                return Ok(Next::Byte(byte));
            }
            match self.chunks.recv_timeout(SIGNAL_POLL) {
                Ok(chunk) => self.take(chunk)?,
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(Next::Quit),
            }
        }
    }

    fn poll(&mut self) -> io::Result<Option<u8>> {
        if self.pending.is_empty() {
            match self.chunks.try_recv() {
                Ok(chunk) => self.take(chunk)?,
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => {}
            }
        }
        Ok(self.pending.pop())
    }

    fn wants_to_quit(&mut self) -> bool {
        self.signalled.load(Ordering::Relaxed)
    }

    /// If nobody reads what was sent before, the byte is lost, as on a line that leads nowhere.
    fn put(&mut self, byte: u8) -> io::Result<()> {
        let mut writable = [PollFd::new(&self.output, PollFlags::OUT)];
        if event::poll(&mut writable, Some(&Timespec::default()))? > 0 {
            self.output.write_all(&[byte])?;
        }
        Ok(())
    }
}
