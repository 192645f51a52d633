//! The address map of the board: what hardware and firmware must agree on, written once.
//!
//! One map of 32 bits, the same for everyone. [`DEVICES`] is the same as the modules, as a table to be printed
//! (`brainfusion registers`).
#![no_std]
#![forbid(unsafe_code)]

mod registers;
mod table;
pub mod w25q32;

pub use registers::*;
pub use table::{Access, Device, Field, Register};

/// The logic's clock in Hz: what the timer and the core's counters count.
pub const CLOCK_HZ: u32 = 50_000_000;
/// Bits a second on the serial line, until the firmware changes it.
pub const BAUD: u32 = 115_200;

/// Block RAM of the companion.
pub const RAM: u32 = 0x0000_0000;
/// Its size in bytes.
pub const RAM_BYTES: u32 = 4096;

/// The flash, to be read. Flash address 0 is here.
pub const FLASH: u32 = 0x2000_0000;
/// Its size in bytes: that of a W25Q32.
pub const FLASH_BYTES: u32 = 4 << 20;
/// What the flash erases at least, and what caches forget at once, in bytes.
pub const SECTOR_BYTES: u32 = 4096;

/// The cells of the Brainfuck core, while it is stopped.
pub const CELLS: u32 = 0x4000_0000;

/// Numbers of the interrupts: their bits in the companion's `mie` and `mip`, and their codes in `mcause`.
pub mod interrupts {
    /// The timer: the number that the manual gives it.
    pub const TIMER: u32 = 7;
    /// The serial line: numbers from 16 on are the platform's.
    pub const UART: u32 = 16;
    /// The Brainfuck core.
    pub const CORE: u32 = 17;
}

/// Flash address of the firmware, behind the bitstream. Its first word is the companion's first instruction.
pub const FIRMWARE: u32 = 0x04_0000;
/// Flash address of the saved cells; here the firmware ends.
pub const SAVED: u32 = 0x08_0000;
/// Flash address of the files; here the saved cells end. A Brainfuck image file (`images::file`) that begins here is
/// started by the firmware.
pub const FILES: u32 = 0x10_0000;
