//! One partition of the flash, by offsets from its start.
//!
//! Nothing outside of the partition is ever touched. Writes go over the ends of pages, which is the driver's to see to,
//! as `embedded-storage` has it. Sectors are erased only where they are not erased already.

use core::ops::Range;

use embedded_storage::nor_flash::MultiwriteNorFlash;
use images::crc32::Crc32;

/// Bytes of a page: what comes before a content is given one of its own.
pub const PAGE_BYTES: u32 = 256;
/// A byte that is erased.
pub const ERASED: u8 = 0xFF;
/// A byte that is programmed, all of it.
pub const MARK: u8 = 0;
/// What is read at once: so much of the stack is taken.
pub(crate) const CHUNK_BYTES: u32 = 64;

/// The flash did not obey, or was asked for something that is not in the partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlashError;

/// A part of the flash `F`, which must allow bits to be cleared in bytes that are programmed already, and have
/// sectors (`ERASE_SIZE`) of whole pages.
pub(crate) struct Partition<F> {
    flash: F,
    addresses: Range<u32>,
}

impl<F: MultiwriteNorFlash> Partition<F> {
    /// Bytes that are erased at once.
    pub const SECTOR_BYTES: u32 = {
        assert!(F::WRITE_SIZE == 1 && F::READ_SIZE == 1, "bytes are read and programmed one by one");
        assert!(F::ERASE_SIZE % PAGE_BYTES as usize == 0, "sectors are made of pages");
        F::ERASE_SIZE as u32
    };

    /// The partition at these addresses.
    pub const fn new(flash: F, addresses: Range<u32>) -> Self {
        Self { flash, addresses }
    }

    /// The flash that it is a part of.
    pub fn flash(&mut self) -> &mut F {
        &mut self.flash
    }

    /// Address of its first byte.
    pub fn start(&self) -> u32 {
        self.addresses.start
    }

    /// Number of whole sectors.
    #[inline(never)]
    pub fn sectors(&self) -> u32 {
        self.addresses.end.saturating_sub(self.addresses.start) / Self::SECTOR_BYTES
    }

    /// Address of `length` bytes at an offset.
    #[inline(never)]
    pub fn address(&self, offset: u32, length: u32) -> Result<u32, FlashError> {
        let start = self.addresses.start.checked_add(offset).ok_or(FlashError)?;
        let end = start.checked_add(length).ok_or(FlashError)?;
        Some(start).filter(|_| end <= self.addresses.end).ok_or(FlashError)
    }

    /// Reads bytes.
    #[inline(never)]
    pub fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        let address = self.address(offset, bytes.len() as u32)?;
        self.flash.read(address, bytes).map_err(|_| FlashError)
    }

    /// The first of the places from `at` to `end` whose first byte is this one, or `end`. A place has so many bytes.
    // What takes time when there is much flash, so it does little.
    #[inline(never)]
    pub fn next_begun(&mut self, at: u32, end: u32, place_bytes: u32, first: u8) -> Result<u32, FlashError> {
        let mut address = self.addresses.start + at * place_bytes;
        for place in at..end {
            let mut byte = [0];
            self.flash.read(address, &mut byte).map_err(|_| FlashError)?;
            if byte[0] == first {
                return Ok(place);
            }
            address += place_bytes;
        }
        Ok(end)
    }

    /// Programs bytes, from the first to the last. Bits are only cleared.
    #[inline(never)]
    pub fn program(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        let address = self.address(offset, bytes.len() as u32)?;
        self.flash.write(address, bytes).map_err(|_| FlashError)
    }

    /// Programs one byte completely, a mark.
    #[inline(never)]
    pub fn mark(&mut self, offset: u32) -> Result<(), FlashError> {
        self.program(offset, &[MARK])
    }

    /// Makes a sector blank.
    pub fn erase(&mut self, sector: u32) -> Result<(), FlashError> {
        let offset = sector.checked_mul(Self::SECTOR_BYTES).ok_or(FlashError)?;
        let address = self.address(offset, Self::SECTOR_BYTES)?;
        if self.is_blank(offset)? {
            return Ok(());
        }
        self.flash.erase(address, address + Self::SECTOR_BYTES).map_err(|_| FlashError)
    }

    fn is_blank(&mut self, offset: u32) -> Result<bool, FlashError> {
        let mut buffer = [0; CHUNK_BYTES as usize];
        for (at, length) in chunks(Self::SECTOR_BYTES) {
            let bytes = &mut buffer[..length];
            self.read(offset + at, bytes)?;
            if !is_erased(bytes) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Are these the bytes at an offset?
    pub fn holds(&mut self, offset: u32, bytes: &[u8]) -> Result<bool, FlashError> {
        let mut buffer = [0; CHUNK_BYTES as usize];
        let there = buffer.get_mut(..bytes.len()).ok_or(FlashError)?;
        self.read(offset, there)?;
        Ok(there == bytes)
    }

    /// CRC-32 of `length` bytes.
    pub fn crc(&mut self, offset: u32, length: u32) -> Result<u32, FlashError> {
        let mut buffer = [0; CHUNK_BYTES as usize];
        let mut crc = Crc32::new();
        for (at, length) in chunks(length) {
            let bytes = &mut buffer[..length];
            self.read(offset + at, bytes)?;
            crc.update(bytes);
        }
        Ok(crc.value())
    }
}

/// Where the chunks of `length` bytes begin, and how many bytes each has.
pub(crate) fn chunks(length: u32) -> impl Iterator<Item = (u32, usize)> {
    let mut end = 0;
    core::iter::from_fn(move || {
        let at = end;
        end += (length - at).min(CHUNK_BYTES);
        (at < end).then_some((at, (end - at) as usize))
    })
}

/// Is nothing written to these bytes?
#[inline(never)]
pub(crate) fn is_erased(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == ERASED)
}

/// Is this byte a mark? By most of its bits, so that none can make or unmake one alone.
#[inline(never)]
pub(crate) fn is_mark(byte: u8) -> bool {
    byte.count_zeros() > 4
}
