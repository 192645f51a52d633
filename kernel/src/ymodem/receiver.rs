//! The session: what to answer, what to hand on, when to give up.

use super::block::{Block, Buffer, Progress, LONG, SHORT};
use super::header::{File, Malformed};
use super::{ACK, CAN, EOT, INVITATION, NAK, PADDING, SOH, STX};
use images::packed;
use images::say::{Printer, Say};

/// How often a sender is invited before the first block came, in milliseconds.
const INVITATION_MS: u32 = 1_000;
/// So many invitations are sent.
const INVITATIONS: u8 = 60;
/// After so long without a block the sender is reminded, in milliseconds; a lost answer would stop both sides. Also the
/// longest time that a block may take.
const REMINDER_MS: u32 = 3_000;
/// A sender that sends nothing for so long in the middle of a transfer is gone, in milliseconds.
const SILENCE_MS: u32 = 10_000;
/// The longest gap between two bytes of a block, in milliseconds.
const GAP_MS: u32 = 1_000;
/// The line is quiet when nothing came for so long, in milliseconds.
const QUIET_MS: u32 = 200;
/// The longest wait for a quiet line, in milliseconds. A long block takes 90.
const PURGE_MS: u32 = 1_000;
/// So many errors in a row end a transfer.
const ERRORS: u8 = 10;
/// Ctrl-C.
const INTERRUPT: u8 = 0x03;

/// Gives up, and takes the characters off a screen that shows them.
const CANCEL: [u8; 10] = [CAN, CAN, CAN, CAN, CAN, 8, 8, 8, 8, 8];

/// Why a transfer ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Nobody answered the invitations.
    NoSender,
    /// Ctrl-C was typed before the first block.
    Interrupted,
    /// The sender gave up.
    Cancelled,
    /// The caller did not want what came ([`Receiver::refuse`]); it knows why.
    Refused,
    /// Nothing came for 10 seconds in the middle of a transfer.
    Silent,
    /// Too many damaged or repeated blocks in a row.
    Noise,
    /// A block that is neither the next nor the last one again.
    Sequence {
        /// The number of the block that was due.
        expected: u8,
        /// The number of the block that came.
        received: u8,
    },
    /// The block before the file holds no name or no length that can be read.
    Header,
    /// The end came before the announced length.
    CutOff {
        /// Bytes that did not come.
        missing: u32,
    },
    /// More came than the announced length.
    TooLong,
}

impl Say for Error {
    fn say(&self, to: &mut dyn Printer) {
        let text = match self {
            Error::NoSender => {
                to.text(packed!("nobody sent a file for ")).number(INVITATIONS.into());
                packed!(" s; give the command again and then start the sender (`sb FILE`)")
            }
            Error::Interrupted => {
                packed!("stopped before a file came; give the command again to receive one")
            }
            Error::Cancelled => packed!("the sender gave up; send the file again"),
            Error::Refused => packed!("the file was refused; see why, and send it again"),
            Error::Silent => packed!("the sender fell silent; check the cable and send the file again"),
            Error::Noise => {
                to.number(ERRORS.into());
                packed!(" errors in a row on the line; check cable and speed and send the file again")
            }
            Error::Sequence { expected, received } => {
                to.text(packed!("block ")).number((*received).into());
                to.text(packed!(" came in place of block ")).number((*expected).into());
                packed!("; send the file again, with YMODEM (`sb FILE`)")
            }
            Error::Header => {
                packed!("the sender does not say what it sends; send the file again, with YMODEM (`sb FILE`)")
            }
            Error::CutOff { missing } => {
                to.text(packed!("the file ended ")).number(*missing);
                packed!(" bytes early; send it again")
            }
            Error::TooLong => {
                packed!("the file is longer than announced; send it again when nothing writes to it")
            }
        };
        to.text(text);
    }
}

images::said!(Error);

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A file begins: [`Receiver::file`]. Waits for the caller's answer.
    File,
    /// The next bytes of the file are there: [`Receiver::read`]. Waits for the caller's answer.
    Bytes,
    /// The file is complete. Waits for the caller's answer.
    FileEnd,
    /// The sender has no more files. The receiver is over.
    Done,
    /// The transfer failed, and the line is quiet again. The receiver is over.
    Failed(Error),
}

/// What the caller has to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[must_use]
pub struct Action {
    /// First send these bytes.
    pub send: &'static [u8],
    /// Then see to this.
    pub event: Option<Event>,
}

impl Action {
    const NOTHING: Action = Action { send: &[], event: None };

    fn send(send: &'static [u8]) -> Action {
        Action { send, event: None }
    }

    fn event(event: Event) -> Action {
        Action { send: &[], event: Some(event) }
    }
}

/// Where in a block, or between blocks, the receiver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between blocks.
    Waiting,
    /// Inside of a block.
    Block,
    /// After a damaged block: what is left of it runs out before it is asked for again.
    Purging,
    /// The caller has to answer.
    Offering(Offer),
    /// The transfer was cancelled: what the sender still sends must not look like typed commands.
    Cancelling(Error),
    /// The transfer is over.
    Over,
}

/// What the caller has to answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Offer {
    File,
    /// What looked like padding, until more followed.
    Held,
    Block,
    FileEnd,
}

/// What is due from the sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    FirstFile,
    NextFile,
    FirstBlock,
    NextBlock,
}

impl Due {
    /// What makes the sender send it, once more.
    fn request(self) -> &'static [u8] {
        match self {
            Due::NextBlock => &[NAK],
            _ => &[INVITATION],
        }
    }

    /// The answer to the block before it.
    fn answer(self) -> &'static [u8] {
        match self {
            Due::FirstBlock => &[ACK, INVITATION],
            _ => &[ACK],
        }
    }
}

/// Receives files.
///
/// Everything comes in through [`bytes`](Receiver::bytes) and [`tick`](Receiver::tick); both say what to do. Blocks are kept in a
/// [`Buffer`], always the same. After
/// [`Event::File`], [`Event::Bytes`] and [`Event::FileEnd`] the receiver waits, as long as it takes, for
/// [`accept`](Receiver::accept) or [`refuse`](Receiver::refuse), and the sender waits with it. (Senders have patience
/// for about 10 seconds.) Bytes that come in meanwhile are dropped.
///
/// With a block's [`Event::Bytes`] the answer to the sender is already to be sent: the next block comes while the caller is busy
/// with this one, if the caller's line can keep what comes. When that was too much, or something else is lost, the rest of
/// the file's blocks are answered after `accept`.
///
/// A file's bytes arrive exactly once and in order, as far as a CRC of 16 bits can tell. The padding of the last
/// block is cut off by the announced length. If a sender announces none, all bytes 1Ah at the end are taken for
/// padding: then a file that really ends with them is cut short.
///
/// ```
/// use kernel::ymodem::{Event, Receiver};
/// let mut receiver = Receiver::new();
/// assert_eq!(receiver.tick(0).send, b"C");
/// # let crc = crc::Crc::<u16>::new(&crc::CRC_16_XMODEM);
/// # let mut block = [0; 128];
/// # block[..10].copy_from_slice(b"hello.bf\x005");
/// # let mut buffer = [0; 1024];
/// # let mut bytes = vec![1, 0, 255];
/// # bytes.extend(block);
/// # bytes.extend(crc.checksum(&block).to_be_bytes());
/// let last = bytes.iter().map(|byte| receiver.byte(*byte, &mut buffer)).last(); // block 0: "hello.bf", NUL, "5"
/// assert_eq!(last.unwrap().event, Some(Event::File));
/// assert_eq!(receiver.file(&mut buffer, &mut [0; 128]).unwrap().name, b"hello.bf");
/// assert_eq!(receiver.accept().send, b"\x06C");
/// ```
pub struct Receiver {
    state: State,
    due: Due,
    block: Block,
    /// Number of the next block of the file.
    next: u8,
    /// Bytes of the block's content that belong to the file.
    used: usize,
    /// Bytes of the file to come, if that was announced.
    remaining: Option<u32>,
    /// Bytes that are padding if nothing follows.
    held: u32,
    /// Blocks are answered only when the caller has accepted them: something was lost since the file began, maybe because it
    /// came too fast.
    slow: bool,
    errors: u8,
    invitations: u8,
    /// The last byte between blocks.
    last: u8,
    /// Time since the last byte, in milliseconds.
    quiet: u32,
    /// Time since the last block, answer or change of state, in milliseconds.
    waited: u32,
}

impl Default for Receiver {
    fn default() -> Self {
        Receiver::new()
    }
}

impl Receiver {
    /// A receiver that will invite the sender with the first tick.
    pub fn new() -> Receiver {
        Receiver {
            state: State::Waiting,
            due: Due::FirstFile,
            block: Block::new(),
            next: 0,
            used: 0,
            remaining: None,
            held: 0,
            slow: false,
            errors: 0,
            invitations: 0,
            last: 0,
            quiet: 0,
            waited: INVITATION_MS,
        }
    }

    /// Takes a byte from the line.
    pub fn byte(&mut self, byte: u8, buffer: &mut dyn Buffer) -> Action {
        self.bytes(&[byte], buffer).1
    }

    /// Takes bytes from the line, as many as lead to the next action: at least one. How many.
    #[inline(never)]
    pub fn bytes(&mut self, bytes: &[u8], buffer: &mut dyn Buffer) -> (usize, Action) {
        let Some(first) = bytes.first() else { return (0, Action::NOTHING) };
        self.quiet = 0;
        match self.state {
            State::Waiting => (1, self.between_blocks(*first)),
            State::Block => {
                let (taken, progress) = self.block.bytes(bytes, buffer);
                let action = match progress {
                    Progress::More => Action::NOTHING,
                    Progress::Bad => self.enter(State::Purging),
                    Progress::Complete => self.judge(buffer),
                };
                (taken, action)
            }
            State::Purging | State::Offering(_) | State::Cancelling(_) | State::Over => {
                (bytes.len(), Action::NOTHING)
            }
        }
    }

    /// So many milliseconds have passed.
    pub fn tick(&mut self, milliseconds: u32) -> Action {
        self.quiet = self.quiet.saturating_add(milliseconds);
        self.waited = self.waited.saturating_add(milliseconds);
        match self.state {
            State::Waiting if self.due == Due::FirstFile => match self.waited {
                0..INVITATION_MS => Action::NOTHING,
                _ => self.invite(),
            },
            State::Waiting if self.quiet >= SILENCE_MS => self.cancel(Error::Silent),
            State::Waiting if self.waited >= REMINDER_MS => self.again(self.due.request()),
            State::Block if self.quiet >= GAP_MS || self.waited >= REMINDER_MS => {
                self.again(self.due.request())
            }
            State::Purging if self.quiet >= QUIET_MS || self.waited >= PURGE_MS => {
                self.again(self.due.request())
            }
            State::Cancelling(error) if self.quiet >= QUIET_MS || self.waited >= PURGE_MS => {
                self.state = State::Over;
                Action::event(Event::Failed(error))
            }
            _ => Action::NOTHING,
        }
    }

    /// The caller is done with the event and wants to go on.
    pub fn accept(&mut self) -> Action {
        let State::Offering(offer) = self.state else {
            return Action::NOTHING;
        };
        match offer {
            Offer::File => {
                (self.next, self.held, self.slow) = (0, 0, false);
                self.progress(Due::FirstBlock)
            }
            Offer::Held => {
                self.held -= self.held.min(SHORT as u32);
                self.offer_block()
            }
            Offer::Block => {
                if let Some(remaining) = &mut self.remaining {
                    *remaining -= self.used as u32;
                } else {
                    self.held = (self.block.length() - self.used) as u32;
                }
                let answered = !self.slow;
                let action = self.progress(Due::NextBlock);
                if answered {
                    Action::NOTHING
                } else {
                    action
                }
            }
            Offer::FileEnd => {
                self.go_on(Due::NextFile);
                Action::send(&[ACK, INVITATION])
            }
        }
    }

    /// The caller does not want the rest. [`Event::Failed`] follows when the line is quiet.
    pub fn refuse(&mut self) -> Action {
        match self.state {
            State::Offering(_) => self.cancel(Error::Refused),
            _ => Action::NOTHING,
        }
    }

    /// The file that begins, between [`Event::File`] and the caller's answer. The bytes are to hold its name.
    pub fn file<'a>(&self, buffer: &mut dyn Buffer, bytes: &'a mut [u8; SHORT]) -> Option<File<'a>> {
        match self.state {
            State::Offering(Offer::File) => self.parse(buffer, bytes).ok().flatten(),
            _ => None,
        }
    }

    /// The next bytes of the file, between [`Event::Bytes`] and the caller's answer: those from `at` on. How many of `bytes` they
    /// fill: none behind the last one, and at other times.
    pub fn read(&self, buffer: &mut dyn Buffer, at: usize, bytes: &mut [u8]) -> usize {
        let there = match self.state {
            State::Offering(Offer::Block) => self.used,
            State::Offering(Offer::Held) => SHORT.min(self.held as usize),
            _ => 0,
        };
        let length = bytes.len().min(there.saturating_sub(at));
        let bytes = &mut bytes[..length];
        match self.state {
            State::Offering(Offer::Held) => bytes.fill(PADDING),
            _ => buffer.get(at, bytes),
        }
        length
    }

    /// What the block says that comes before a file.
    fn parse<'a>(
        &self,
        buffer: &mut dyn Buffer,
        bytes: &'a mut [u8; SHORT],
    ) -> Result<Option<File<'a>>, Malformed> {
        // In a long one too all that is used comes first.
        buffer.get(0, bytes);
        File::parse(bytes)
    }

    fn enter(&mut self, state: State) -> Action {
        (self.state, self.waited) = (state, 0);
        Action::NOTHING
    }

    fn invite(&mut self) -> Action {
        if self.invitations == INVITATIONS {
            return self.cancel(Error::NoSender);
        }
        self.invitations += 1;
        self.waited = 0;
        Action::send(self.due.request())
    }

    fn between_blocks(&mut self, byte: u8) -> Action {
        let twice = byte == self.last;
        self.last = byte;
        match byte {
            SOH => self.begin(SHORT),
            STX => self.begin(LONG),
            EOT => self.end_of_file(twice),
            CAN if twice => self.cancel(Error::Cancelled),
            INTERRUPT if self.due == Due::FirstFile => self.cancel(Error::Interrupted),
            _ => Action::NOTHING,
        }
    }

    fn begin(&mut self, length: usize) -> Action {
        self.block.begin(length);
        self.enter(State::Block)
    }

    /// A single byte of noise must not end a file: without a length to compare with, the sender has to say it twice.
    fn end_of_file(&mut self, twice: bool) -> Action {
        match (self.due, self.remaining) {
            (Due::FirstFile, _) => Action::NOTHING,
            (Due::NextFile, _) => self.again(&[ACK, INVITATION]),
            (_, Some(0)) => self.offer(Offer::FileEnd, Event::FileEnd),
            (_, None) if twice => self.offer(Offer::FileEnd, Event::FileEnd),
            (_, Some(missing)) if twice => self.cancel(Error::CutOff { missing }),
            _ => self.again(&[NAK]),
        }
    }

    /// A block came whose CRC is right.
    fn judge(&mut self, buffer: &mut dyn Buffer) -> Action {
        let received = self.block.number();
        let (expected, a_file) = match self.due {
            Due::FirstFile | Due::NextFile => (0, true),
            Due::FirstBlock | Due::NextBlock => (self.next, false),
        };
        if received == expected {
            return if a_file { self.header(buffer) } else { self.data() };
        }
        if self.due != Due::FirstFile && received == self.next.wrapping_sub(1) {
            return self.again(self.due.answer());
        }
        self.cancel(Error::Sequence { expected, received })
    }

    // A frame of its own: it holds a block's beginning.
    #[inline(never)]
    fn header(&mut self, buffer: &mut dyn Buffer) -> Action {
        let length = self.parse(buffer, &mut [0; SHORT]).map(|file| file.map(|file| file.length));
        match length {
            Ok(Some(length)) => {
                self.remaining = length;
                self.offer(Offer::File, Event::File)
            }
            Ok(None) => {
                self.state = State::Over;
                Action { send: &[ACK], event: Some(Event::Done) }
            }
            Err(_) => self.cancel(Error::Header),
        }
    }

    fn data(&mut self) -> Action {
        let length = self.block.length();
        self.used = match self.remaining {
            Some(0) => return self.cancel(Error::TooLong),
            Some(remaining) => length.min(remaining as usize),
            None => self.block.used(),
        };
        if self.used == 0 {
            self.held = self.held.saturating_add(length as u32);
            return self.progress(Due::NextBlock);
        }
        self.offer_block()
    }

    fn offer_block(&mut self) -> Action {
        let offer = if self.held > 0 { Offer::Held } else { Offer::Block };
        let action = self.offer(offer, Event::Bytes);
        match offer {
            Offer::Block if !self.slow => Action { send: Due::NextBlock.answer(), ..action },
            _ => action,
        }
    }

    fn offer(&mut self, offer: Offer, event: Event) -> Action {
        self.state = State::Offering(offer);
        Action::event(event)
    }

    /// The block is done with; the next is due.
    fn progress(&mut self, due: Due) -> Action {
        self.next = self.next.wrapping_add(1);
        self.go_on(due);
        Action::send(due.answer())
    }

    fn go_on(&mut self, due: Due) {
        (self.state, self.due) = (State::Waiting, due);
        (self.errors, self.quiet, self.waited) = (0, 0, 0);
    }

    /// Nothing new came: counts an error, and says so to the sender.
    #[inline(never)]
    fn again(&mut self, answer: &'static [u8]) -> Action {
        self.errors += 1;
        self.slow = true;
        if self.errors == ERRORS {
            return self.cancel(Error::Noise);
        }
        (self.state, self.waited) = (State::Waiting, 0);
        Action::send(answer)
    }

    #[inline(never)]
    fn cancel(&mut self, error: Error) -> Action {
        (self.state, self.quiet, self.waited) = (State::Cancelling(error), 0, 0);
        Action::send(&CANCEL)
    }
}
