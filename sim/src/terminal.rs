//! stdin and stdout as a console.
//!
//! On a terminal every key goes to the machine at once and nothing is echoed; only Ctrl-] stays here, and ends the
//! run. Lines still end as people expect: Enter is a line feed, and a line feed starts a new line. From a pipe or
//! a file, bytes are taken as they are.

use crate::session::{Console, Next};
use rustix::termios::{self, InputModes, LocalModes, OptionalActions, Termios};
use std::io::{self, IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::sync::Arc;
use std::time::Duration;

/// Ctrl-].
const QUIT_KEY: u8 = 0x1D;
/// Between two looks for a signal while the machine waits for a key.
pub(crate) const SIGNAL_POLL: Duration = Duration::from_millis(50);

/// stdin and stdout.
pub struct Terminal {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Bytes read and not yet wanted, last first.
    pending: Vec<u8>,
    ended: bool,
    quit: bool,
    interactive: bool,
    signalled: Arc<AtomicBool>,
    output: io::BufWriter<io::Stdout>,
    _raw: Option<RawMode>,
}

impl Terminal {
    /// Takes over stdin and stdout, until dropped.
    pub fn open() -> io::Result<Terminal> {
        let interactive = io::stdin().is_terminal();
        let raw = if interactive { Some(RawMode::enter()?) } else { None };
        Ok(Terminal {
            chunks: in_background(io::stdin()),
            pending: Vec::new(),
            ended: false,
            quit: false,
            interactive,
            signalled: signalled(),
            output: io::BufWriter::new(io::stdout()),
            _raw: raw,
        })
    }

    /// Sends what was written on its way.
    pub fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }

    fn take(&mut self, chunk: Vec<u8>) {
        if chunk.is_empty() {
            self.ended = true;
        }
        let keys = match chunk.iter().position(|key| *key == QUIT_KEY) {
            Some(at) if self.interactive => {
                self.quit = true;
                &chunk[..at]
            }
            _ => &chunk[..],
        };
        self.pending.splice(0..0, keys.iter().rev().copied());
    }

    fn stops(&self) -> bool {
        self.quit || self.signalled.load(Ordering::Relaxed)
    }
}

impl Console for Terminal {
    fn next(&mut self) -> io::Result<Next> {
        self.flush()?;
        loop {
            if self.stops() {
                return Ok(Next::Quit);
            }
            if let Some(byte) = self.pending.pop() {
                return Ok(Next::Byte(byte));
            }
            if self.ended {
                return Ok(Next::End);
            }
            match self.chunks.recv_timeout(SIGNAL_POLL) {
                Ok(chunk) => self.take(chunk?),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => self.ended = true,
            }
        }
    }

    fn wants_to_quit(&mut self) -> bool {
        if self.interactive {
            let _ = self.flush(); // a closed stdout shows at the next byte
            match self.chunks.try_recv() {
                Ok(Ok(chunk)) => self.take(chunk),
                Ok(Err(_)) | Err(TryRecvError::Disconnected) => self.ended = true,
                Err(TryRecvError::Empty) => {}
            }
        }
        self.stops()
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.output.write_all(&[byte])
    }
}

/// Set when somebody asks this process to end.
pub(crate) fn signalled() -> Arc<AtomicBool> {
    let signalled = Arc::new(AtomicBool::new(false));
    let flag = signalled.clone();
    // A second console in one process keeps the first one's handler.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    signalled
}

/// Reads on a thread of its own, so that nobody has to wait. The last chunk is empty, or an error.
pub(crate) fn in_background(mut source: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, chunks) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        loop {
            let chunk = match source.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                result => result.map(|length| buffer[..length].to_vec()),
            };
            let last = !matches!(&chunk, Ok(bytes) if !bytes.is_empty());
            if sender.send(chunk).is_err() || last {
                break;
            }
        }
    });
    chunks
}

/// The terminal's settings, put back when dropped.
struct RawMode {
    before: Termios,
}

impl RawMode {
    fn enter() -> io::Result<RawMode> {
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
