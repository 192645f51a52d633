//! stdin and stdout as a console.
//!
//! On a terminal every key goes to the machine at once and nothing is echoed; only Ctrl-] stays here, and ends the
//! run. Lines still end as people expect: Enter is a line feed, and a line feed starts a new line. From a pipe or
//! a file, bytes are taken as they are, and when the machine waits for them.

use crate::incoming::Incoming;
use crate::session::{Console, Next, Waited};
use rustix::termios::{self, InputModes, LocalModes, OptionalActions, Termios};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

/// Ctrl-].
pub(crate) const QUIT_KEY: u8 = 0x1D;

/// stdin and stdout.
pub struct Terminal {
    incoming: Incoming,
    interactive: bool,
    output: io::BufWriter<io::Stdout>,
    _raw: Option<RawMode>,
}

impl Terminal {
    /// Takes over stdin and stdout, until dropped.
    pub fn open() -> io::Result<Terminal> {
        let interactive = io::stdin().is_terminal();
        let raw = if interactive { Some(RawMode::enter()?) } else { None };
        Ok(Terminal {
            incoming: Incoming::new(io::stdin(), interactive.then_some(QUIT_KEY)),
            interactive,
            output: io::BufWriter::new(io::stdout()),
            _raw: raw,
        })
    }

    /// Sends what was written on its way.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

impl Console for Terminal {
    fn next(&mut self) -> io::Result<Next> {
        self.flush()?;
        loop {
            if self.incoming.wants_to_quit() {
                return Ok(Next::Quit);
            }
            if let Some(byte) = self.incoming.pop() {
                return Ok(Next::Byte(byte));
            }
            if self.incoming.has_ended() {
                return Ok(Next::End);
            }
            self.incoming.wait(Duration::MAX)?;
        }
    }

    /// A key is on the line at once, as on a board. What comes from a pipe or a file waits until it is wanted, so that
    /// it is taken in the same cycle in every run.
    fn poll(&mut self) -> io::Result<Option<u8>> {
        if !self.interactive {
            return Ok(None);
        }
        self.incoming.look()?;
        Ok(self.incoming.pop())
    }

    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        self.flush()?;
        let takes = self.interactive || wanted;
        let waited = if takes { self.incoming.wait(most)? } else { Duration::ZERO };
        if self.incoming.wants_to_quit() {
            return Ok(Waited { passed: Duration::ZERO, next: Some(Next::Quit) });
        }
        Ok(match if takes { self.incoming.pop() } else { None } {
            Some(byte) => {
                // How long a file takes to be read is nothing to the machine.
                let passed = if self.interactive { waited } else { Duration::ZERO };
                Waited { passed, next: Some(Next::Byte(byte)) }
            }
            None if takes && !self.incoming.has_ended() => Waited { passed: waited, next: None },
            None => Waited { passed: most, next: None },
        })
    }

    fn wants_to_quit(&mut self) -> bool {
        if self.interactive {
            let _ = self.flush(); // a closed stdout shows at the next byte
            let _ = self.incoming.look(); // a closed stdin shows when a byte is wanted
        }
        self.incoming.wants_to_quit()
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.output.write_all(&[byte])
    }
}

/// The terminal's settings, put back when dropped.
pub(crate) struct RawMode {
    before: Termios,
}

impl RawMode {
    /// Every key comes at once, and nothing is echoed.
    pub(crate) fn enter() -> io::Result<RawMode> {
        let before = termios::tcgetattr(rustix::stdio::stdin())?;
        let mut raw = before.clone();
        raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG | LocalModes::IEXTEN;
        raw.input_modes -= InputModes::IXON;
        termios::tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &raw)?;
        Ok(RawMode { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nothing is left to be done if the terminal is gone.
        let _ = termios::tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    /// A terminal, or a pipe, and the end at which bytes are put in.
    fn terminal(interactive: bool) -> (Terminal, UnixStream) {
        let (host, source) = UnixStream::pair().expect("sockets");
        let incoming = Incoming::new(source, interactive.then_some(QUIT_KEY));
        (Terminal { incoming, interactive, output: io::BufWriter::new(io::stdout()), _raw: None }, host)
    }

    /// What comes first, however long it takes.
    fn first(terminal: &mut Terminal, wanted: bool) -> Waited {
        loop {
            let waited = terminal.wait(HOUR, wanted).expect("open");
            if waited.next.is_some() {
                return waited;
            }
        }
    }

    const HOUR: Duration = Duration::from_secs(3600);
    const MOMENT: Duration = Duration::from_millis(2);

    #[test]
    fn a_pipe_keeps_its_bytes_until_they_are_wanted() {
        let (mut terminal, mut host) = terminal(false);
        host.write_all(b"a\x1Db").expect("open");
        let all = Waited { passed: HOUR, next: None };
        assert_eq!(terminal.poll().expect("open"), None, "nobody wants it yet");
        assert_eq!(terminal.wait(HOUR, false).expect("open"), all, "nobody wants it yet");
        for byte in *b"a\x1Db" {
            assert_eq!(terminal.poll().expect("open"), None, "nobody wants it yet");
            let taken = Waited { passed: Duration::ZERO, next: Some(Next::Byte(byte)) };
            assert_eq!(first(&mut terminal, true), taken, "no time passes in between");
        }
        let waited = terminal.wait(MOMENT, true).expect("open");
        assert!(waited.passed >= MOMENT && waited.next.is_none(), "one may come: {waited:?}");
        drop(host);
        assert_eq!(terminal.next().expect("open"), Next::End);
        assert_eq!(terminal.wait(HOUR, true).expect("open"), all, "none will come");
    }

    #[test]
    fn a_key_is_on_the_line_at_once_and_the_quit_key_is_not() {
        let (mut terminal, mut host) = terminal(true);
        let waited = terminal.wait(MOMENT, false).expect("open");
        assert!(waited.passed >= MOMENT && waited.next.is_none(), "so long as a clock says: {waited:?}");
        host.write_all(b"abc").expect("open");
        assert_eq!(first(&mut terminal, false).next, Some(Next::Byte(b'a')), "whether it is wanted or not");
        assert_eq!(first(&mut terminal, true).next, Some(Next::Byte(b'b')));
        assert_eq!(terminal.poll().expect("open"), Some(b'c'), "while the machine runs");
        host.write_all(b"\x1Dx").expect("open");
        assert_eq!(first(&mut terminal, false).next, Some(Next::Quit));
        assert_eq!(terminal.poll().expect("open"), None, "what is behind the quit key is lost");
        assert!(terminal.wants_to_quit());
    }
}
