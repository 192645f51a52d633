//! The chip in numbers.

/// Bytes of the chip: 4 MiB (W25Q32JV data sheet, Features).
pub const SIZE: usize = 4 << 20;
/// Bytes of a page, the most that one command programs (W25Q32JV data sheet, Features).
pub const PAGE: usize = 256;
/// Bytes of a sector, the least that one command erases (W25Q32JV data sheet, Features).
pub const SECTOR: usize = 4 << 10;

/// Manufacturer, memory type and capacity (W25Q32JV data sheet, Manufacturer and Device Identification).
pub const JEDEC_ID: [u8; 3] = [0xef, 0x40, 0x16];
/// The answer to ABh and 90h (W25Q32JV data sheet, Manufacturer and Device Identification).
pub const DEVICE_ID: u8 = 0x15;
/// Each chip has its own; this is the model's.
pub const UNIQUE_ID: [u8; 8] = [0xd1, 0x62, 0x20, 0x44, 0x13, 0x5b, 0x2f, 0x26];
/// Status 2: Quad Enable, as the parts with this JEDEC id leave the factory (W25Q32JV data sheet, Status Registers).
pub const STATUS_2: u8 = 0x02;
/// Status 3: the weakest output driver, the factory's default (W25Q32JV data sheet, Status Registers).
pub const STATUS_3: u8 = 0x60;

/// Nanoseconds of a page program: tPP, typical (W25Q32JV data sheet, AC characteristics). The model takes as long for
/// a single byte.
pub const PAGE_PROGRAM_NS: u64 = 400_000;
/// Nanoseconds of a sector erase: tSE, typical (W25Q32JV data sheet, AC characteristics).
pub const SECTOR_ERASE_NS: u64 = 45_000_000;
/// Nanoseconds of a 32 KB block erase: tBE1, typical (W25Q32JV data sheet, AC characteristics).
pub const BLOCK_32K_ERASE_NS: u64 = 120_000_000;
/// Nanoseconds of a 64 KB block erase: tBE2, typical (W25Q32JV data sheet, AC characteristics).
pub const BLOCK_64K_ERASE_NS: u64 = 150_000_000;
/// Nanoseconds of a chip erase: tCE, typical (W25Q32JV data sheet, AC characteristics).
pub const CHIP_ERASE_NS: u64 = 10_000_000_000;
/// Nanoseconds from B9h to power-down: tDP, at most (W25Q32JV data sheet, AC characteristics).
pub const POWER_DOWN_NS: u64 = 3_000;
/// Nanoseconds from ABh until commands are accepted: tRES1, at most (W25Q32JV data sheet, AC characteristics).
pub const RELEASE_NS: u64 = 3_000;
/// Nanoseconds from 99h until commands are accepted: tRST (W25Q32JV data sheet, AC characteristics).
pub const RESET_NS: u64 = 30_000;
/// Nanoseconds for which select stays high after a read: tSHSL1, at least (W25Q32JV data sheet, AC characteristics).
pub const DESELECT_READ_NS: u64 = 10;
/// Nanoseconds for which select stays high after "Erase or Program or Write", taken here as all that is no read:
/// tSHSL2, at least (W25Q32JV data sheet, AC characteristics).
pub const DESELECT_NS: u64 = 50;
