//! Runs Brainfuck programs: the core executes the image where it lies in the flash, its bytes are those of the serial
//! line.

use embedded_hal_nb::nb;
use embedded_hal_nb::serial::Read;
use heapless::Deque;
use images::file::{self, FileError, Header, HEADER_BYTES};
use images::machine::Fault;
use map::core::{
    control, mode, status, BASE, CONTROL, INPUT, LENGTH, MODE, OUTPUT, POINTER, POSITION, PROGRAM, STATUS,
};

use crate::sleep;
use firmware::bus;
use firmware::uart::{Error, Uart};

/// The byte that stops a program, Ctrl-].
const STOP: u8 = 0x1D;
/// Bytes that may be typed ahead of what the program reads.
const TYPED_AHEAD: usize = 256;

/// A program in the flash.
pub struct Program {
    /// Where its image file is, in the flash window.
    address: u32,
    header: Header,
}

/// Why there is no program to run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Unusable {
    /// The address is none in the flash, or odd.
    Address,
    /// There is no image at the address.
    None,
    /// There is one of a later version.
    Version,
    /// It is damaged or cut off.
    Damaged,
}

impl From<FileError> for Unusable {
    fn from(error: FileError) -> Unusable {
        match error {
            FileError::NoImage => Unusable::None,
            FileError::Version(_) => Unusable::Version,
            FileError::Damaged => Unusable::Damaged,
        }
    }
}

impl Unusable {
    /// What is wrong and what to do, to stand behind the address.
    pub fn text(self) -> &'static str {
        match self {
            Unusable::Address => " is no even address in the flash; help says where that is",
            Unusable::None => " has no program; write an image file there, or say bf ADDR",
            Unusable::Version => " has a program for a later firmware; encode it with the tools of this one",
            Unusable::Damaged => " has a program that is damaged; write its image file there again",
        }
    }
}

/// Some bytes of the flash window.
fn flash(address: u32, bytes: usize) -> Option<&'static [u8]> {
    let offset = address.checked_sub(map::FLASH)?;
    let end = offset.checked_add(u32::try_from(bytes).ok()?)?;
    if end > map::FLASH_BYTES {
        return None;
    }
    // SAFETY: the bytes are in the flash window, and nothing of this firmware writes to the flash.
    Some(unsafe { core::slice::from_raw_parts(address as *const u8, bytes) })
}

impl Program {
    /// The program whose image file is at this address. Only the header is checked: it is written last, so that a
    /// file that was cut off has none. To check the words, at 3 us each, would delay every start: the core stops
    /// itself at a damaged word, or the program at least cannot leave its cells.
    pub fn at(address: u32) -> Result<Program, Unusable> {
        let bytes = flash(address, HEADER_BYTES).filter(|_| address % 2 == 0).ok_or(Unusable::Address)?;
        let header = Header::from_bytes(bytes)?;
        let program = Program { address, header };
        program.file().map(|_| program).ok_or(Unusable::Damaged)
    }

    /// Checks the words too.
    pub fn check(&self) -> Result<(), Unusable> {
        Ok(file::words(self.file().ok_or(Unusable::Damaged)?).map(drop)?)
    }

    fn file(&self) -> Option<&'static [u8]> {
        let words = usize::try_from(self.header.words).ok()?;
        flash(self.address, words.checked_mul(2)?.checked_add(HEADER_BYTES)?)
    }

    /// Runs the program until it ends or Ctrl-] is typed, and says how it ended.
    pub fn run(&self, uart: &mut Uart) {
        set(CONTROL, 1 << control::CLEAR);
        set(PROGRAM, self.address + HEADER_BYTES as u32);
        set(LENGTH, self.header.words);
        set(CONTROL, 1 << control::START);
        let lost = bridge(uart);
        if lost {
            uart.text("\r\nsome typed bytes were lost; send them more slowly");
        }
        let now = bus::read(BASE + STATUS);
        if now >> status::HALTED & 1 != 0 {
            uart.text("\r\nthe program has ended");
        } else if now >> status::FAULT & 1 != 0 {
            uart.text("\r\nthe program has failed: ");
            uart.text(
                Fault::from_code((now >> status::FAULT_CODE & 7) as u8).map_or("unknown fault", Fault::name),
            );
            place(uart);
        } else {
            uart.text("\r\nthe program was stopped");
            place(uart);
            set(CONTROL, 1 << control::CLEAR);
        }
        uart.text("; bf starts it again\r\n");
    }
}

/// Carries bytes between line and core, until the core or the user stops the program. Whether input was lost.
fn bridge(uart: &mut Uart) -> bool {
    let mut typed: Deque<u8, TYPED_AHEAD> = Deque::new();
    let (mut lost, mut ended) = (false, false);
    loop {
        let now = bus::read(BASE + STATUS);
        if now >> status::OUTPUT & 1 != 0 {
            uart.byte(bus::read(BASE + OUTPUT) as u8);
        } else if now >> status::RUNNING & 1 == 0 {
            return lost;
        }
        let wanted = now >> status::INPUT & 1 != 0;
        if wanted {
            if let Some(byte) = typed.pop_front() {
                set(INPUT, byte.into());
                continue;
            }
        }
        // Taken from the line even if the program reads nothing: STOP may be among it.
        match uart.read() {
            Ok(STOP) => return lost,
            Ok(byte) => lost |= typed.push_back(byte).is_err(),
            Err(nb::Error::Other(Error::Break)) => ended = true,
            Err(nb::Error::Other(_)) => lost = true,
            Err(nb::Error::WouldBlock) if wanted && ended => {
                // A program that waits at the end of the input knows no end: what comes later is more input.
                let mode = bus::read(BASE + MODE);
                if mode & 3 != 0 {
                    set(MODE, mode | 1 << mode::END);
                }
                ended = false;
            }
            Err(nb::Error::WouldBlock) => {
                let events = 1 << status::OUTPUT | 1 << status::HALTED | 1 << status::FAULT;
                sleep::until(events | u32::from(!wanted) << status::INPUT);
            }
        }
    }
}

/// Where the core stands.
fn place(uart: &mut Uart) {
    uart.text(" at word ");
    uart.hex(bus::read(BASE + POSITION));
    uart.text(", cell ");
    uart.hex(bus::read(BASE + POINTER));
}

fn set(register: u32, value: u32) {
    // SAFETY: a register of the core, which is no memory. The core writes only to its cells.
    unsafe { bus::write(BASE + register, value) }
}
