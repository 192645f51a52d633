//! The serial line, as the traits for drivers see it, and what is easier to write with.

use core::ops::RangeInclusive;

use embedded_hal_nb::nb::{self, block};
use embedded_hal_nb::serial::{self, ErrorKind, ErrorType};
use images::say::Printer;
use kernel::service::console::Line;
use map::uart::{owner, status, BASE, BIT_CYCLES, DATA, ENABLE, KEY, OWNER, STATUS};
use map::CLOCK_HZ;

use crate::{bus, interrupts};

/// The serial line of the board. There is one, and whoever has this may use it.
pub struct Uart;

/// What a read can meet beside a byte, in the order of time: behind the bytes that were received before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// Bytes were lost: they came faster than they were read.
    Overrun,
    /// Bytes were lost: they came without a stop bit.
    Framing,
    /// The line was low for longer than a byte.
    Break,
}

impl serial::Error for Error {
    fn kind(&self) -> ErrorKind {
        match self {
            Error::Overrun => ErrorKind::Overrun,
            Error::Framing => ErrorKind::FrameFormat,
            Error::Break => ErrorKind::Other,
        }
    }
}

impl ErrorType for Uart {
    type Error = Error;
}

fn set(register: u32, value: u32) {
    // SAFETY: a register of the UART, which is no memory.
    unsafe { bus::write(BASE + register, value) }
}

fn status_has(bit: u32) -> bool {
    bus::read(BASE + STATUS) >> bit & 1 != 0
}

impl serial::Read for Uart {
    fn read(&mut self) -> nb::Result<u8, Error> {
        // Once for all: what comes later is told later.
        let now = bus::read(BASE + STATUS);
        if now >> status::RECEIVED & 1 != 0 {
            return Ok(bus::read(BASE + DATA) as u8);
        }
        for (bit, error) in [
            (status::OVERRUN, Error::Overrun),
            (status::FRAMING, Error::Framing),
            (status::BREAK, Error::Break),
        ] {
            if now >> bit & 1 != 0 {
                set(STATUS, 1 << bit);
                return Err(nb::Error::Other(error));
            }
        }
        Err(nb::Error::WouldBlock)
    }
}

impl serial::Write for Uart {
    fn write(&mut self, byte: u8) -> nb::Result<(), Error> {
        if !status_has(status::ROOM) {
            return Err(nb::Error::WouldBlock);
        }
        set(DATA, byte.into());
        Ok(())
    }

    fn flush(&mut self) -> nb::Result<(), Error> {
        if status_has(status::SENT) {
            Ok(())
        } else {
            Err(nb::Error::WouldBlock)
        }
    }
}

impl Line for Uart {
    fn set_key(&mut self, key: u8) {
        set(KEY, key.into());
    }

    fn lend(&mut self) {
        set(OWNER, 1 << owner::CORE);
    }

    fn take_back(&mut self) {
        set(OWNER, 0);
    }

    fn take_lost(&mut self) -> bool {
        let lost = bus::read(BASE + STATUS) & (1 << status::OVERRUN | 1 << status::FRAMING);
        set(STATUS, lost);
        lost != 0
    }

    fn take_left(&mut self) -> bool {
        let is_left = status_has(status::LEFT);
        if is_left {
            set(STATUS, 1 << status::LEFT | 1 << status::BREAK);
        }
        is_left
    }

    fn listen(&mut self, received: bool, room: bool) {
        let bits =
            1 << status::LEFT | u32::from(received) << status::RECEIVED | u32::from(room) << status::ROOM;
        set(ENABLE, bits);
        interrupts::listen(map::interrupts::UART);
    }
}

impl Uart {
    /// Bits a second that it can have: the receiver wants 16 cycles for a bit, and counts 16 bits of them.
    pub const BAUDS: RangeInclusive<u32> = CLOCK_HZ.div_ceil(u16::MAX as u32)..=CLOCK_HZ / 16;

    /// Sets the bits a second, which are among those. What is being sent or received is lost.
    pub fn set_baud(&mut self, baud: u32) {
        // By subtraction: the companion cannot divide, and this takes a moment at the slowest speed only.
        let (mut cycles, mut rest) = (0, CLOCK_HZ + baud / 2);
        while rest >= baud {
            (cycles, rest) = (cycles + 1, rest - baud);
        }
        set(BIT_CYCLES, cycles);
    }
}

/// Output, which never fails: it waits for room.
impl Uart {
    /// Sends a byte.
    pub fn byte(&mut self, byte: u8) {
        let _: Result<(), Error> = block!(serial::Write::write(self, byte));
    }

    /// Sends a text.
    pub fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
    }

    /// Sends a number, as eight hexadecimal digits.
    pub fn hex(&mut self, number: u32) {
        for digit in (0..8).rev() {
            self.byte(hex_digit(number >> (4 * digit)));
        }
    }

    /// Waits until everything has left.
    pub fn finish(&mut self) {
        let _: Result<(), Error> = block!(serial::Write::flush(self));
    }
}

impl Printer for Uart {
    fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }
}

/// The digit for the lowest four bits.
fn hex_digit(number: u32) -> u8 {
    match (number & 0xF) as u8 {
        digit @ 0..=9 => b'0' + digit,
        digit => b'a' + digit - 10,
    }
}
