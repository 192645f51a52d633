//! The flash chip, as hardware and firmware speak to it. From the data sheet of the W25Q32JV, table of instructions.

/// Reads from an address on.
pub const READ: u8 = 0x03;
/// The fastest clock at which [`READ`] works, in Hz (fR; the other instructions stand more).
pub const READ_HZ: u32 = 50_000_000;
/// Clears bits of a page, from an address on.
pub const PAGE_PROGRAM: u8 = 0x02;
/// Asks for the first status byte.
pub const READ_STATUS: u8 = 0x05;
/// Allows the next command to change something.
pub const WRITE_ENABLE: u8 = 0x06;
/// Erases a sector, [`crate::SECTOR_BYTES`].
pub const SECTOR_ERASE: u8 = 0x20;
/// Asks for manufacturer, type and size.
pub const READ_ID: u8 = 0x9F;
/// Wakes the chip up.
pub const RELEASE_POWER_DOWN: u8 = 0xAB;

/// The bit of the first status byte that says that the chip erases or programs.
pub const BUSY: u32 = 0;
/// Bytes that one program command reaches at most: behind the end of the page it goes on at its beginning.
pub const PAGE_BYTES: u32 = 256;
