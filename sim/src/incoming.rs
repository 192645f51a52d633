//! Bytes from a terminal, a pipe or a file, read on a thread of its own, so that nobody waits longer than they want.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, TryRecvError};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Between two looks for a signal while nothing comes.
const SIGNAL_POLL: Duration = Duration::from_millis(50);

/// What comes from there.
pub(crate) struct Incoming {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Bytes read and not yet wanted, last first.
    pending: Vec<u8>,
    ended: bool,
    /// The byte that is for us.
    quit_key: Option<u8>,
    quit: bool,
    signalled: Arc<AtomicBool>,
}

impl Incoming {
    /// Reads from there. The quit key is not for the machine: it ends the run, as a signal does.
    pub(crate) fn new(source: impl Read + Send + 'static, quit_key: Option<u8>) -> Incoming {
        Incoming {
            chunks: in_background(source),
            pending: Vec::new(),
            ended: false,
            quit_key,
            quit: false,
            signalled: signalled(),
        }
    }

    /// The quit key was pressed, or somebody asks this process to end.
    pub(crate) fn wants_to_quit(&self) -> bool {
        self.quit || self.signalled.load(Ordering::Relaxed)
    }

    /// Nothing more will come.
    pub(crate) fn has_ended(&self) -> bool {
        self.ended && self.pending.is_empty()
    }

    /// The next byte of those that were taken.
    pub(crate) fn pop(&mut self) -> Option<u8> {
        self.pending.pop()
    }

    /// Takes what has been read.
    pub(crate) fn look(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            match self.chunks.try_recv() {
                Ok(chunk) => self.take(chunk)?,
                Err(TryRecvError::Disconnected) => self.ended = true,
                Err(TryRecvError::Empty) => {}
            }
        }
        Ok(())
    }

    /// Takes what has been read, and waits for it if nothing is there and more may come: for `most`, or until it is
    /// time to look for a signal. How long that was.
    pub(crate) fn wait(&mut self, most: Duration) -> io::Result<Duration> {
        if self.ended || !self.pending.is_empty() {
            return Ok(Duration::ZERO);
        }
        let start = Instant::now();
        match self.chunks.recv_timeout(most.min(SIGNAL_POLL)) {
            Ok(chunk) => self.take(chunk)?,
            Err(RecvTimeoutError::Disconnected) => self.ended = true,
            Err(RecvTimeoutError::Timeout) => {}
        }
        Ok(start.elapsed())
    }

    fn take(&mut self, chunk: io::Result<Vec<u8>>) -> io::Result<()> {
        let chunk = chunk?;
        self.ended = chunk.is_empty();
        let quits_at = chunk.iter().position(|byte| Some(*byte) == self.quit_key);
        self.quit |= quits_at.is_some();
        let bytes = &chunk[..quits_at.unwrap_or(chunk.len())];
        self.pending.splice(0..0, bytes.iter().rev().copied());
        Ok(())
    }
}

/// Set when somebody asks this process to end.
fn signalled() -> Arc<AtomicBool> {
    let signalled = Arc::new(AtomicBool::new(false));
    let flag = signalled.clone();
    // A second console in one process keeps the first one's handler.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    signalled
}

/// The last chunk is empty, or an error.
fn in_background(mut source: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
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
