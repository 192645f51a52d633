//! Tests the flash in a sector that holds nothing, and leaves it so.

use embedded_storage::nor_flash::{NorFlash, NorFlashErrorKind};
use map::{FLASH, FLASH_BYTES, SECTOR_BYTES};

use firmware::bus;
use firmware::flash::Flash;
use firmware::uart::Uart;

/// What an erased word reads as.
const BLANK: u32 = u32::MAX;
/// Where in the sector the pattern begins: it goes over the end of a page.
const PATTERN: u32 = 0x1FC;
/// Its second word, in the next page.
const PATTERN_END: u32 = PATTERN + 4;

/// Tests, and prints a line about it.
pub fn run(uart: &mut Uart) {
    let id = Flash.id();
    uart.text("flash ");
    uart.hex(u32::from_be_bytes([0, id[0], id[1], id[2]]));
    if 1usize.checked_shl(id[2].into()) != Some(FLASH_BYTES as usize) {
        uart.text(": not a chip of 4 MB; look at its wires\r\n");
        return;
    }
    let is_blank = |sector: &u32| words(*sector).all(|address| bus::read(address) == BLANK);
    let Some(sector) = (0..FLASH_BYTES).step_by(SECTOR_BYTES as usize).rev().find(is_blank) else {
        uart.text(": no sector is empty, so nothing was tested\r\n");
        return;
    };
    uart.text(" at ");
    uart.hex(FLASH + sector);
    uart.text(match test(sector) {
        Ok(true) => ": good\r\n",
        Ok(false) => ": BAD, it does not keep what is written; try again, and another board if it stays\r\n",
        Err(_) => ": BAD, it stays busy; switch the board off and on, then try again\r\n",
    });
}

/// The addresses of a sector's words.
fn words(sector: u32) -> impl Iterator<Item = u32> {
    (FLASH + sector..FLASH + sector + SECTOR_BYTES).step_by(4)
}

/// Writes a pattern, reads it, erases it, and looks whether it is gone.
fn test(sector: u32) -> Result<bool, NorFlashErrorKind> {
    Flash.write(sector + PATTERN, &0x0123_4567_89AB_CDEF_u64.to_le_bytes())?;
    let kept = words(sector).all(|address| {
        bus::read(address)
            == match address - FLASH - sector {
                PATTERN => 0x89AB_CDEF,
                PATTERN_END => 0x0123_4567,
                _ => BLANK,
            }
    });
    Flash.erase(sector, sector + SECTOR_BYTES)?;
    Ok(kept && words(sector).all(|address| bus::read(address) == BLANK))
}
