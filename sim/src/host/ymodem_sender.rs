//! Sends files by YMODEM: blocks of a kilobyte, with CRCs. The protocol: [`kernel::ymodem`].

use super::line::{cancels, Line, LineError, Wire};
use crc::{Crc, CRC_16_XMODEM};
use kernel::ymodem::{ACK, BLOCK_BYTES, CAN, EOT, HEADER_BYTES, INVITATION, NAK, PADDING, SOH, STX};
use std::time::Duration;

/// So often a block is sent before the sender gives up.
pub const TRIES: u32 = 10;
/// The answer to a block comes in this time. A receiver that has lost something says so after 3 s; a file's place in the
/// flash is erased before its first block.
pub const ANSWER: Duration = Duration::from_secs(5);
/// After a repeated block a second answer may come: all have come when none came for so long.
const SETTLE: Duration = Duration::from_millis(300);
/// The longest wait for that.
const MOST_SETTLE: Duration = Duration::from_secs(2);
/// What the receiver's user sees when all is over.
const PROMPT: &[u8] = b"\n> ";

static CRC: Crc<u16> = Crc::<u16>::new(&CRC_16_XMODEM);

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// Its name on the board.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What the sender does now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The receiver makes room for this file.
    Announcing(&'a Outgoing),
    /// So many bytes of the file have arrived.
    Sent(usize),
    /// The receiver completes the file.
    Completing,
}

/// Why files did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum SendError {
    /// The port does not work any more.
    #[error(transparent)]
    Line(#[from] LineError),
    /// No answer came.
    #[error("the board does not answer ({TRIES} tries); press its reset button and give the command again")]
    Silent,
    /// Nothing but complaints came.
    #[error("{TRIES} errors in a row on the line; check cable and speed and give the command again")]
    Noise,
    /// The receiver has ended the transfer. Why is what it prints next.
    #[error("the board has ended the transfer; see what it says and give the command again")]
    Ended,
    /// A name for which the first block has no room.
    #[error("the name {0} is too long to be sent; rename the file and give the command again")]
    Name(String),
}

/// What came back.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Taken,
    Again,
    Ended,
    Nothing,
}

/// A sender on a line, whose other side has already asked for files.
pub struct Sender<'a, L> {
    wire: &'a mut Wire<L>,
    /// The last block was sent more than once.
    repeated: bool,
}

impl<'a, L: Line> Sender<'a, L> {
    /// Sends on this line.
    pub fn new(wire: &'a mut Wire<L>) -> Self {
        Sender { wire, repeated: false }
    }

    /// Sends all files, and says that there are no more.
    pub fn send(&mut self, files: &[Outgoing], told: &mut dyn FnMut(Step<'_>)) -> Result<(), SendError> {
        for file in files {
            told(Step::Announcing(file));
            let header = header(file)?;
            self.deliver(&header)?;
            self.wait_for_invitation()?;
            let mut sent = 0;
            for (number, part) in file.bytes.chunks(BLOCK_BYTES).enumerate() {
                self.deliver(&block(number.wrapping_add(1) as u8, part))?;
                sent += part.len();
                told(Step::Sent(sent));
            }
            told(Step::Completing);
            self.deliver(&[EOT])?;
            self.wait_for_invitation()?;
        }
        self.finish()
    }

    /// Sends bytes until the receiver has taken them.
    fn deliver(&mut self, bytes: &[u8]) -> Result<(), SendError> {
        let mut complaints = false;
        for tried in 0..TRIES {
            // What came before is no answer to this, unless it is the end.
            let quiet = if self.repeated { SETTLE } else { Duration::ZERO };
            self.pass_over(quiet)?;
            self.repeated = tried > 0;
            self.wire.write(bytes)?;
            match self.answer()?.0 {
                Answer::Taken => return Ok(()),
                Answer::Again => complaints = true,
                Answer::Ended => return Err(SendError::Ended),
                Answer::Nothing => {}
            }
            self.repeated = true;
        }
        Err(if complaints { SendError::Noise } else { SendError::Silent })
    }

    /// Takes what comes until the line is quiet, which must not be the receiver's end.
    fn pass_over(&mut self, quiet: Duration) -> Result<(), SendError> {
        let came = self.wire.drain(quiet, MOST_SETTLE)?;
        if cancels(&came) || came.ends_with(PROMPT) {
            self.wire.put_back(&came);
            return Err(SendError::Ended);
        }
        Ok(())
    }

    /// The receiver's next answer, and what came that is none.
    fn answer(&mut self) -> Result<(Answer, Vec<u8>), SendError> {
        let until = self.wire.after(ANSWER);
        let mut other = Vec::new();
        while let Some(byte) = self.wire.byte(until)? {
            match byte {
                ACK => return Ok((Answer::Taken, other)),
                NAK | INVITATION => return Ok((Answer::Again, other)),
                CAN if other.ends_with(&[CAN]) => return Ok((Answer::Ended, other)),
                _ => other.push(byte),
            }
            // There is no receiver any more, and what it has said is for the user.
            if other.ends_with(PROMPT) {
                self.wire.put_back(&other);
                return Ok((Answer::Ended, other));
            }
        }
        Ok((Answer::Nothing, other))
    }

    /// The receiver asks for what comes next, after a file's announcement and after its end. If that is lost it asks again;
    /// one that does not ask is content with the block.
    fn wait_for_invitation(&mut self) -> Result<(), SendError> {
        let until = self.wire.after(ANSWER);
        let mut last = 0;
        while let Some(byte) = self.wire.byte(until)? {
            match byte {
                INVITATION => break,
                CAN if last == CAN => return Err(SendError::Ended),
                _ => last = byte,
            }
        }
        Ok(())
    }

    /// Says that there are no more files. All of them are there already: if the answer is lost, what the receiver's user is
    /// told is answer enough.
    fn finish(&mut self) -> Result<(), SendError> {
        let end = block(0, &[0; HEADER_BYTES]);
        for _ in 0..TRIES {
            let quiet = if self.repeated { SETTLE } else { Duration::ZERO };
            self.pass_over(quiet)?;
            self.wire.write(&end)?;
            match self.answer()? {
                (Answer::Taken, _) => return Ok(()),
                (Answer::Ended, other) if other.ends_with(PROMPT) => return Ok(()),
                (Answer::Ended, _) => return Err(SendError::Ended),
                (Answer::Nothing, other) => {
                    self.wire.put_back(&other);
                    return Ok(());
                }
                (Answer::Again, _) => self.repeated = true,
            }
        }
        Err(SendError::Noise)
    }
}

/// The block that announces a file.
fn header(file: &Outgoing) -> Result<Vec<u8>, SendError> {
    let mut content = file.name.clone().into_bytes();
    content.push(0);
    content.extend(file.bytes.len().to_string().bytes());
    // A NUL is behind the length.
    if content.len() >= HEADER_BYTES || file.name.is_empty() {
        return Err(SendError::Name(file.name.clone()));
    }
    content.resize(HEADER_BYTES, 0);
    Ok(block(0, &content))
}

/// A block with this content, at most [`BLOCK_BYTES`], filled up.
fn block(number: u8, content: &[u8]) -> Vec<u8> {
    let (start, length) =
        if content.len() <= HEADER_BYTES { (SOH, HEADER_BYTES) } else { (STX, BLOCK_BYTES) };
    let mut bytes = vec![start, number, !number];
    bytes.extend(content);
    bytes.resize(3 + length, PADDING);
    bytes.extend(CRC.checksum(&bytes[3..]).to_be_bytes());
    bytes
}
