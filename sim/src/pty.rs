//! The board's serial line as a pseudo-terminal, for terminal programs and for those that send files.
//!
//! What is typed there is on the line at once, whether the machine waits for it or not, as on a board.

use crate::incoming::Incoming;
use crate::session::{Console, Next, Waited};
use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, OptionalActions};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// One end of the pair; the other one is a file of this machine.
pub struct Pty {
    output: File,
    incoming: Incoming,
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
        let incoming = Incoming::new(output.try_clone()?, None);
        Ok(Pty { output, incoming, path, _other: other })
    }

    /// The file that others open.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Console for Pty {
    fn next(&mut self) -> io::Result<Next> {
        loop {
            // Its end is open as long as this one: nothing but an error ends it.
            if self.wants_to_quit() || self.incoming.has_ended() {
                return Ok(Next::Quit);
            }
            if let Some(byte) = self.incoming.pop() {
                return Ok(Next::Byte(byte));
            }
            self.incoming.wait(Duration::MAX)?;
        }
    }

    fn poll(&mut self) -> io::Result<Option<u8>> {
        self.incoming.look()?;
        Ok(self.incoming.pop())
    }

    fn wait(&mut self, most: Duration, _wanted: bool) -> io::Result<Waited> {
        let passed = self.incoming.wait(most)?;
        let next = if self.wants_to_quit() || self.incoming.has_ended() {
            Some(Next::Quit)
        } else {
            self.incoming.pop().map(Next::Byte)
        };
        Ok(Waited { passed, next })
    }

    fn wants_to_quit(&mut self) -> bool {
        self.incoming.wants_to_quit()
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
