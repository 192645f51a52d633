//! The address space as the kernel reaches it: reads are reads, and a write to the flash programs it.

use embedded_storage::nor_flash::NorFlash;
use kernel::memory::{Memory, MemoryError};
use map::{FLASH, FLASH_BYTES};

use crate::bus;
use crate::flash::Flash;

/// All of it.
pub struct Space;

impl Memory for Space {
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> Result<(), MemoryError> {
        bus::read_bytes(address, bytes);
        Ok(())
    }

    fn write(&mut self, address: u32, bytes: &[u8]) -> Result<(), MemoryError> {
        if (FLASH..FLASH + FLASH_BYTES).contains(&address) {
            return Flash.write(address - FLASH, bytes).map_err(|_| MemoryError);
        }
        for (byte, address) in bytes.iter().zip(address..) {
            // SAFETY: the kernel writes within regions that `main` has given it: the page, which nobody else refers to,
            // and the cells, which are no memory of Rust's.
            unsafe { bus::write_byte(address, *byte) };
        }
        Ok(())
    }
}
