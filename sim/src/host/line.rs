//! A serial line, as far as its users need it.

use kernel::ymodem::CAN;
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// A serial line. It has a clock, so that tests need not wait.
pub trait Line {
    /// Takes bytes that have come, and waits for some if there are none. How many: 0 if none came in the time `most`.
    fn read(&mut self, bytes: &mut [u8], most: Duration) -> io::Result<usize>;

    /// Sends bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Time since some moment, always the same.
    fn now(&mut self) -> Duration;
}

impl<L: Line + ?Sized> Line for &mut L {
    fn read(&mut self, bytes: &mut [u8], most: Duration) -> io::Result<usize> {
        (**self).read(bytes, most)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        (**self).write(bytes)
    }

    fn now(&mut self) -> Duration {
        (**self).now()
    }
}

/// The line does not work any more.
#[derive(Debug, thiserror::Error)]
#[error("the port is gone ({0}); plug the board in again, look for it with `brainfusion ports`, and give the command again")]
pub struct LineError(#[from] pub io::Error);

/// A line that is read byte by byte.
pub struct Wire<L> {
    line: L,
    /// Bytes that have come and were not taken yet.
    come: VecDeque<u8>,
    patience: u32,
}

impl<L: Line> Wire<L> {
    /// A wire on this line. All waits are `patience` times as long as they are for a board.
    pub fn new(line: L, patience: u32) -> Wire<L> {
        Wire { line, come: VecDeque::new(), patience: patience.max(1) }
    }

    /// The moment when so much time has passed, in the line's time. Patience makes it later.
    pub fn after(&mut self, time: Duration) -> Duration {
        self.line.now().saturating_add(time.saturating_mul(self.patience))
    }

    /// The next byte; none if none comes until this moment, or if the moment has passed.
    pub fn byte(&mut self, until: Duration) -> Result<Option<u8>, LineError> {
        loop {
            if let Some(byte) = self.come.pop_front() {
                return Ok(Some(byte));
            }
            let most = until.saturating_sub(self.line.now());
            if most.is_zero() {
                return Ok(None);
            }
            self.look(most)?;
        }
    }

    /// Takes from the line what there is, or comes in this time. Whether that was anything.
    fn look(&mut self, most: Duration) -> Result<bool, LineError> {
        let mut bytes = [0; 1024];
        let count = self.line.read(&mut bytes, most)?;
        self.come.extend(&bytes[..count]);
        Ok(count > 0)
    }

    /// Sends bytes.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        Ok(self.line.write(bytes)?)
    }

    /// Puts back bytes that were taken last.
    pub fn put_back(&mut self, bytes: &[u8]) {
        for byte in bytes.iter().rev() {
            self.come.push_front(*byte);
        }
    }

    /// Takes all that comes until nothing has come for the time `quiet`; not for longer than `most`.
    pub fn drain(&mut self, quiet: Duration, most: Duration) -> Result<Vec<u8>, LineError> {
        let end = self.after(most);
        let mut bytes = Vec::new();
        loop {
            // What is there is taken even if there is no time to wait.
            let came = self.look(Duration::ZERO)?;
            bytes.extend(self.come.drain(..));
            if self.line.now() >= end {
                return Ok(bytes);
            }
            if !came {
                let until = self.after(quiet).min(end);
                match self.byte(until)? {
                    Some(byte) => bytes.push(byte),
                    None => return Ok(bytes),
                }
            }
        }
    }
}

/// Whether the other side has given up: a single byte may be noise.
pub(crate) fn cancels(bytes: &[u8]) -> bool {
    bytes.windows(2).any(|pair| pair == [CAN, CAN])
}
