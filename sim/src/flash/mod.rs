//! The board's flash, a Winbond W25Q32JV, at its SPI pins.
//!
//! A design that drives the flash cannot be tested without one: it must wake a chip that sleeps, wait for one that is
//! busy, and lose nothing when the power fails. This is the chip as its data sheet describes it, with its times. What
//! the real chip ignores silently is recorded here as a [`FlashError`].
//!
//! The pins are those of single SPI, modes 0 and 3: the chip takes MOSI at the rising edge of the clock and changes
//! MISO at the falling edge. There are no status register writes, no suspend, no security registers, and nothing on
//! two or four data lines.
//!
//! A chip is its [content](Flash::content): to switch it on again after a cut, make a new one with it.

mod array;
mod command;
mod data_sheet;
mod error;

pub use data_sheet::*;
pub use error::{FlashError, Misuse};

use crate::image_file::{self, FileError};
use array::{Array, Operation, Progress, Work};
use command::Command;
use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Errors that are kept: the first ones tell what is wrong.
const MAX_ERRORS: usize = 1000;

/// When the power fails. Both count from power-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Right after so many programmed bytes; after none, when the first page program begins.
    AfterBytes(u64),
    /// In the middle of this erase; the first is 1.
    InErase(u32),
}

/// What the chip does when the design starts: it may have been on before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// It waits for commands.
    #[default]
    Ready,
    /// It is in power-down.
    Asleep,
    /// It is busy with something that does not change its content any more.
    Busy {
        /// For so many nanoseconds.
        ns: u64,
    },
}

/// How a chip behaves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Options {
    /// Programs and erases take this many times their typical time.
    pub time_scale: f64,
    /// When the power fails, if ever.
    pub cut: Option<Cut>,
    /// What the chip does at power-up.
    pub start: Start,
}

impl Default for Options {
    /// Typical times, no cut, ready.
    fn default() -> Options {
        Options { time_scale: 1.0, cut: None, start: Start::Ready }
    }
}

/// The levels at the chip's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// Chip select, active low.
    pub select_n: bool,
    /// SCK.
    pub clock: bool,
    /// Data into the chip.
    pub mosi: bool,
}

enum State {
    Ready,
    Asleep,
    /// It goes into power-down, comes out of it, or resets: it accepts nothing.
    Changing {
        until_ns: u64,
        asleep: bool,
    },
    Busy(Operation),
    Off,
}

/// What came since select went low.
#[derive(Default)]
struct Selection {
    bits: u64,
    /// The last eight bits.
    shift: u8,
    /// The first byte.
    code: u8,
    /// `None` before it is whole, and when it was refused.
    command: Option<Command>,
    /// From the three bytes behind the code; the upper two bits do not count.
    address: usize,
    /// For a page program: the last 256 bytes, by their number modulo 256.
    data: Vec<u8>,
    /// What goes out in the next eight clocks; nothing drives the line without it.
    answer: Option<u8>,
}

/// The chip.
pub struct Flash {
    array: Array,
    time_scale: f64,
    state: State,
    write_enabled: bool,
    /// The last command was 66h.
    reset_enabled: bool,
    pins: Pins,
    selection: Option<Selection>,
    miso: bool,
    /// When select was last released, and for how long it must stay so.
    released: Option<(u64, u64)>,
    errors: Vec<FlashError>,
    /// The file that keeps the content, and whether it could.
    file: Option<io::Result<File>>,
}

impl Flash {
    /// A chip that is switched on. Content that is shorter than the chip is followed by erased bytes; what is longer
    /// is cut off.
    pub fn new(content: Vec<u8>, options: Options) -> Flash {
        let state = match options.start {
            Start::Ready => State::Ready,
            Start::Asleep => State::Asleep,
            Start::Busy { ns } => State::Busy(Operation { work: Work::Unknown, start_ns: 0, end_ns: ns }),
        };
        Flash {
            array: Array::new(content, options.cut),
            time_scale: options.time_scale,
            state,
            write_enabled: false,
            reset_enabled: false,
            // "After power-up, /CS must transition from high to low before a new instruction will be accepted"
            // (W25Q32JV data sheet, Chip Select).
            pins: Pins { select_n: false, clock: false, mosi: false },
            selection: None,
            miso: true,
            released: None,
            errors: Vec::new(),
            file: None,
        }
    }

    /// A chip with the content of a file; without the file, an erased one.
    pub fn load(path: &Path, options: Options) -> Result<Flash, FileError> {
        Ok(Flash::new(image_file::read_flash(path)?, options))
    }

    /// As [`load`](Flash::load), and what is erased or programmed is so in the file too, at once: it is there even if
    /// this process ends without a word. The file is made if it is not there.
    pub fn open(path: &Path, options: Options) -> Result<Flash, FileError> {
        let mut flash = Flash::load(path, options)?;
        let error = |error| FileError::Io { path: path.to_owned(), error };
        if !path.metadata().is_ok_and(|file| file.len() == SIZE as u64) {
            image_file::write_whole(path, flash.content())?;
        }
        flash.file = Some(Ok(OpenOptions::new().write(true).open(path).map_err(error)?));
        Ok(flash)
    }

    /// Whether the file has all that it should keep. Asked once, at the end.
    pub fn close(&mut self) -> io::Result<()> {
        match self.file.take() {
            Some(file) => file?.sync_all(),
            None => Ok(()),
        }
    }

    /// Keeps what an operation has changed.
    fn keep(&mut self, changed: Range<usize>) {
        if let Some(Ok(file)) = &self.file {
            if let Err(error) = file.write_all_at(&self.array.bytes[changed.clone()], changed.start as u64) {
                self.file = Some(Err(error));
            }
        }
    }

    /// Takes the levels of the inputs in a cycle of the computer, where a high clock means a pulse in its second half, which ends with
    /// the cycle. The level of MISO at the end of this cycle. To be called for each cycle with a pulse, and the one behind it.
    pub fn cycle(&mut self, pins: Pins, now_ns: u64) -> bool {
        let miso = self.tick(Pins { clock: false, ..pins }, now_ns);
        if pins.clock {
            self.tick(pins, now_ns)
        } else {
            miso
        }
    }

    /// Takes the levels of the inputs and gives the level of MISO, high while nothing drives it. To be called when
    /// an input may have changed; the time, in nanoseconds since power-up, never goes back.
    pub fn tick(&mut self, pins: Pins, now_ns: u64) -> bool {
        self.advance(now_ns);
        let before = std::mem::replace(&mut self.pins, pins);
        if self.is_powered() {
            match (before.select_n, pins.select_n) {
                (true, false) => self.select(now_ns),
                (false, true) => self.release(now_ns),
                (false, false) if !before.clock && pins.clock => self.rising_edge(now_ns),
                (false, false) if before.clock && !pins.clock => self.falling_edge(),
                _ => {}
            }
        }
        self.miso
    }

    /// Whether the power is still there.
    pub fn is_powered(&self) -> bool {
        !matches!(self.state, State::Off)
    }

    /// The power fails. What goes on is left in the middle; nothing is accepted any more.
    pub fn cut_power(&mut self) {
        if let State::Busy(operation) = std::mem::replace(&mut self.state, State::Off) {
            self.abort(operation);
        }
        self.selection = None;
        self.miso = true;
    }

    /// All [`SIZE`] bytes, as they were at the last [`Flash::tick`].
    pub fn content(&self) -> &[u8] {
        &self.array.bytes
    }

    /// What was not allowed, in the order of time. The first 1000 are kept.
    pub fn errors(&self) -> &[FlashError] {
        &self.errors
    }

    fn abort(&mut self, operation: Operation) {
        let changed = operation.region();
        self.array.abort(operation);
        self.keep(changed);
    }

    fn record(&mut self, at_ns: u64, misuse: Misuse) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(FlashError { at_ns, misuse });
        }
    }

    /// Does what time alone does.
    fn advance(&mut self, now_ns: u64) {
        match &mut self.state {
            State::Changing { until_ns, asleep } if now_ns >= *until_ns => {
                self.state = if *asleep { State::Asleep } else { State::Ready };
            }
            State::Busy(operation) => match self.array.advance(operation, now_ns) {
                Progress::Going => {}
                Progress::Done => {
                    let changed = operation.region();
                    self.state = State::Ready;
                    self.write_enabled = false;
                    self.keep(changed);
                }
                Progress::Cut => self.cut_power(),
            },
            _ => {}
        }
    }

    fn select(&mut self, now_ns: u64) {
        self.selection = Some(Selection::default());
        if let Some((since_ns, needed_ns)) = self.released {
            let high_ns = now_ns.saturating_sub(since_ns);
            if high_ns < needed_ns {
                self.record(now_ns, Misuse::SelectedTooSoon { high_ns, needed_ns });
            }
        }
    }

    fn rising_edge(&mut self, now_ns: u64) {
        let Some(mut selection) = self.selection.take() else {
            return;
        };
        selection.shift = selection.shift << 1 | u8::from(self.pins.mosi);
        selection.bits += 1;
        if selection.bits % 8 == 0 {
            if let Err(misuse) = self.take_byte(&mut selection) {
                self.record(now_ns, misuse);
            }
            selection.answer = self.answer(&selection);
        }
        self.selection = Some(selection);
    }

    fn falling_edge(&mut self) {
        if let Some(selection) = &self.selection {
            self.miso = selection.answer.is_none_or(|byte| byte >> (7 - selection.bits % 8) & 1 != 0);
        }
    }

    /// Takes a byte that is whole.
    fn take_byte(&self, selection: &mut Selection) -> Result<(), Misuse> {
        let byte = selection.shift;
        let number = selection.bits / 8 - 1;
        match selection.command {
            None if number == 0 => {
                selection.code = byte;
                selection.command = Some(self.decode(byte)?);
            }
            None => {}
            Some(_) if number <= 3 => {
                selection.address = (selection.address << 8 | usize::from(byte)) % SIZE;
            }
            Some(Command::Program) => {
                let index = (number - 4) as usize % PAGE;
                match selection.data.get_mut(index) {
                    Some(place) => *place = byte,
                    None => selection.data.push(byte),
                }
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// The command of a code, if it is accepted now.
    fn decode(&self, code: u8) -> Result<Command, Misuse> {
        let command = Command::from_code(code).ok_or(Misuse::UnknownCommand { code })?;
        match &self.state {
            State::Busy(operation) if !command.is_for_busy() => {
                Err(Misuse::Busy { code, until_ns: operation.end_ns })
            }
            State::Asleep if command != Command::Release => Err(Misuse::Asleep { code }),
            State::Changing { until_ns, .. } => Err(Misuse::NotReady { code, until_ns: *until_ns }),
            _ => Ok(command),
        }
    }

    /// What the chip says behind the bytes that it has got.
    fn answer(&self, selection: &Selection) -> Option<u8> {
        let command = selection.command?;
        let index = (selection.bits / 8).checked_sub(command.head())? as usize;
        match command {
            Command::JedecId => JEDEC_ID.get(index).copied(),
            Command::DeviceId => {
                let ids = [JEDEC_ID[0], DEVICE_ID];
                Some(ids[(selection.address + index) % ids.len()])
            }
            Command::UniqueId => UNIQUE_ID.get(index).copied(),
            Command::Status1 => {
                let busy = matches!(self.state, State::Busy(_));
                Some(u8::from(busy) | u8::from(self.write_enabled) << 1)
            }
            Command::Status2 => Some(STATUS_2),
            Command::Status3 => Some(STATUS_3),
            Command::Read | Command::FastRead => Some(self.array.bytes[(selection.address + index) % SIZE]),
            // Behind three dummies.
            Command::Release => (index >= 3).then_some(DEVICE_ID),
            _ => None,
        }
    }

    fn release(&mut self, now_ns: u64) {
        let Some(selection) = self.selection.take() else {
            return;
        };
        self.miso = true;
        self.released = Some((now_ns, selection.command.map_or(DESELECT_READ_NS, Command::deselect_ns)));
        // Select alone, without a clock, says nothing.
        if selection.bits > 0 {
            let reset_enabled = std::mem::take(&mut self.reset_enabled);
            if let Err(misuse) = self.finish(selection, reset_enabled, now_ns) {
                self.record(now_ns, misuse);
            }
        }
    }

    /// Ends a command: most take effect here.
    fn finish(&mut self, selection: Selection, reset_enabled: bool, now_ns: u64) -> Result<(), Misuse> {
        let Selection { bits, code, address, data, .. } = selection;
        let (sent, is_whole) = (bits / 8, bits % 8 == 0);
        if sent == 0 {
            return Err(Misuse::PartOfByte { bits });
        }
        let Some(command) = selection.command else {
            return Ok(());
        };
        let needed = command.head();
        if !is_whole && (sent < needed || !command.answers()) {
            return Err(Misuse::PartOfByte { bits });
        }
        if sent < needed {
            return Err(Misuse::TooShort { code, sent, needed });
        }
        if sent > needed && !command.answers() && command != Command::Program {
            return Err(Misuse::TooLong { code, sent, needed });
        }
        match command {
            Command::WriteEnable => self.write_enabled = true,
            Command::WriteDisable => self.write_enabled = false,
            Command::Program | Command::Erase { .. } if !self.write_enabled => {
                return Err(Misuse::NotWriteEnabled { code });
            }
            Command::Program if data.is_empty() => return Err(Misuse::NoData),
            Command::Program => {
                self.begin(Work::Program { address, data, done: 0 }, PAGE_PROGRAM_NS, now_ns);
            }
            Command::Erase { bytes, ns } => {
                let start = address / bytes * bytes;
                self.array.begin_erase();
                self.begin(Work::Erase { region: start..start + bytes }, ns, now_ns);
            }
            Command::PowerDown => {
                self.state = State::Changing { until_ns: now_ns + POWER_DOWN_NS, asleep: true };
            }
            Command::Release if matches!(self.state, State::Asleep) => {
                self.state = State::Changing { until_ns: now_ns + RELEASE_NS, asleep: false };
            }
            Command::EnableReset => self.reset_enabled = true,
            Command::Reset if !reset_enabled => return Err(Misuse::ResetNotEnabled),
            Command::Reset => {
                let changing = State::Changing { until_ns: now_ns + RESET_NS, asleep: false };
                if let State::Busy(operation) = std::mem::replace(&mut self.state, changing) {
                    self.abort(operation);
                }
                self.write_enabled = false;
            }
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self, work: Work, typical_ns: u64, now_ns: u64) {
        let ns = (typical_ns as f64 * self.time_scale) as u64;
        self.state = State::Busy(Operation { work, start_ns: now_ns, end_ns: now_ns.saturating_add(ns) });
    }
}
