//! The flash chip, a W25Q32: erased and programmed through the registers, read through the window.
//!
//! While the firmware holds the chip nothing can be read of it, no instruction either. So what runs then, [`command_in_ram`],
//! is in RAM, and what it sends comes from RAM. Interrupts are held off meanwhile.

use core::arch::global_asm;

use embedded_storage::nor_flash::{
    check_erase, check_read, check_write, ErrorType, MultiwriteNorFlash, NorFlash, NorFlashErrorKind,
    ReadNorFlash,
};
use map::flash::{control, status, BASE, CONTROL, DATA, FORGET, STATUS};
use map::w25q32::{BUSY, PAGE_BYTES, PAGE_PROGRAM, READ_ID, READ_STATUS, SECTOR_ERASE, WRITE_ENABLE};
use map::{CLOCK_HZ, FLASH, FLASH_BYTES, RAM, RAM_BYTES, SECTOR_BYTES};

use crate::bus;
use crate::interrupts::held_off;

/// Bytes that are copied to RAM at a time if they are in the flash: constants, which are short.
const COPIED_BYTES: usize = 8;
/// A command and its address.
const HEAD_BYTES: usize = 4;
/// The longest time that the chip may be busy: the data sheet has 400 ms for a sector.
const BUSY_MS: u32 = 1000;
/// Cycles of a turn of the loop that asks for the status, at least: two bytes of 16 cycles each.
const TURN_CYCLES: u32 = 32;
/// Turns until then.
const TURNS: u32 = CLOCK_HZ / 1000 * BUSY_MS / TURN_CYCLES;

/// The chip, as `embedded-storage` knows such chips. All of these are the same one.
#[derive(Clone, Copy)]
pub struct Flash;

impl Flash {
    /// Manufacturer, type and size, as JEDEC numbers them.
    pub fn id(&mut self) -> [u8; 3] {
        let mut answer = [0; 3];
        command([READ_ID, 0, 0, 0], 1, &[], &mut answer, false);
        answer
    }

    /// Sends what changes something, waits until the chip has done it, and lets the caches forget what was there.
    fn change(&mut self, head: [u8; HEAD_BYTES], bytes: &[u8], offset: u32) -> Result<(), NorFlashErrorKind> {
        let done = command(head, HEAD_BYTES, bytes, &mut [], true);
        // SAFETY: a register of the flash controller.
        unsafe { bus::write(BASE + FORGET, FLASH + offset) };
        while bus::read(BASE + STATUS) >> status::FORGETTING & 1 != 0 {}
        if done {
            Ok(())
        } else {
            Err(NorFlashErrorKind::Other)
        }
    }
}

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        check_read(self, offset, bytes.len())?;
        bus::read_bytes(FLASH + offset, bytes);
        Ok(())
    }

    fn capacity(&self) -> usize {
        FLASH_BYTES as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = SECTOR_BYTES as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        check_erase(self, from, to)?;
        for sector in (from..to).step_by(Self::ERASE_SIZE) {
            self.change(head(SECTOR_ERASE, sector), &[], sector)?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        check_write(self, offset, bytes.len())?;
        let (mut at, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            // The chip goes on at the beginning of the page when it comes to its end.
            let room = (PAGE_BYTES - at % PAGE_BYTES) as usize;
            let most = if is_in_ram(rest) { room } else { room.min(COPIED_BYTES) };
            let (part, behind) = rest.split_at(rest.len().min(most));
            let mut copy = [0; COPIED_BYTES];
            let sent = if is_in_ram(part) {
                part
            } else {
                let copy = &mut copy[..part.len()];
                copy.copy_from_slice(part);
                copy
            };
            self.change(head(PAGE_PROGRAM, at), sent, at)?;
            at += part.len() as u32;
            rest = behind;
        }
        Ok(())
    }
}

/// A bit that is 0 stays 0, one that is 1 can be programmed later.
impl MultiwriteNorFlash for Flash {}

/// A command and the address it is for.
fn head(command: u8, offset: u32) -> [u8; HEAD_BYTES] {
    let [a, b, c, _] = offset.to_le_bytes();
    [command, c, b, a]
}

/// Whether bytes are in RAM: what is in the flash cannot be read while it is held.
fn is_in_ram(bytes: &[u8]) -> bool {
    bytes.is_empty() || (bytes.as_ptr() as u32) < RAM + RAM_BYTES
}

/// Sends a command's head and its bytes, which are in RAM, and takes as many as `answer` wants. If it `changes` the chip: with the
/// write enabled before, and waits until the chip is not busy. Whether it became so in time.
fn command(
    head: [u8; HEAD_BYTES],
    head_bytes: usize,
    bytes: &[u8],
    answer: &mut [u8],
    changes: bool,
) -> bool {
    extern "C" {
        static _ram_code: u8;
        static _ram_code_source: u8;
        fn command_in_ram();
    }
    type Command = extern "C" fn(*const u8, usize, *const u8, usize, *mut u8, usize, bool) -> bool;
    let here = command_in_ram as unsafe extern "C" fn() as usize;
    let offset = here - (&raw const _ram_code_source as usize);
    let there = &raw const _ram_code as usize + offset;
    // SAFETY: the reset code has copied it there. It reaches nothing but registers and its arguments, and it does not matter
    // where it is. The arguments are as it wants them, below.
    let command = unsafe { core::mem::transmute::<usize, Command>(there) };
    held_off(|| {
        let (sent, taken) = ((bytes.as_ptr(), bytes.len()), (answer.as_mut_ptr(), answer.len()));
        command(head.as_ptr(), head_bytes, sent.0, sent.1, taken.0, taken.1, changes)
    })
}

// See `command`: sends the bytes from a0 on, a1 of them, and from a2 on, a3 of them, which are in RAM, and takes as many for a4 as a5
// says. If a6 is not 0: as what changes the chip. Nobody calls it where it is. In assembly, because it is in RAM, of which there is
// little: 51 instructions.
global_asm!(
    ".pushsection .ram_code, \"ax\"",
    ".global command_in_ram",
    "command_in_ram:",
    "li a7, {base}",
    "li t0, {hold}",
    "li t1, {select}",
    "sw t0, {control}(a7)",
    "1:",
    "lw t2, {status}(a7)",
    "andi t2, t2, {owned}",
    "beqz t2, 1b",
    "beqz a6, 2f",
    "sw t1, {control}(a7)",
    "li t3, {write_enable}",
    "jal t5, 20f",
    // The chip wants 50 ns between two commands: less than an instruction takes.
    "sw t0, {control}(a7)",
    "2:",
    "sw t1, {control}(a7)",
    "add a1, a0, a1",
    "add a3, a2, a3",
    "add a5, a4, a5",
    "j 4f",
    "3:",
    "lbu t3, 0(a0)",
    "addi a0, a0, 1",
    "jal t5, 20f",
    "4:",
    "bltu a0, a1, 3b",
    "j 6f",
    "5:",
    "lbu t3, 0(a2)",
    "addi a2, a2, 1",
    "jal t5, 20f",
    "6:",
    "bltu a2, a3, 5b",
    "j 8f",
    "7:",
    "jal t5, 20f",
    "sb t3, 0(a4)",
    "addi a4, a4, 1",
    "8:",
    "bltu a4, a5, 7b",
    "sw t0, {control}(a7)",
    "li a0, 1",
    "beqz a6, 11f",
    // Until it is not busy, or for too long.
    "sw t1, {control}(a7)",
    "li t3, {read_status}",
    "jal t5, 20f",
    "li a1, {turns}",
    "9:",
    "jal t5, 20f",
    "andi t3, t3, {is_busy}",
    "beqz t3, 10f",
    "addi a1, a1, -1",
    "bnez a1, 9b",
    "li a0, 0",
    "10:",
    "sw t0, {control}(a7)",
    "11:",
    "sw zero, {control}(a7)",
    "ret",
    // Sends t3, and gives what came in.
    "20:",
    "sw t3, {data}(a7)",
    "21:",
    "lw t3, {status}(a7)",
    "andi t3, t3, {transferring}",
    "bnez t3, 21b",
    "lw t3, {data}(a7)",
    "jr t5",
    ".popsection",
    base = const BASE,
    control = const CONTROL,
    status = const STATUS,
    data = const DATA,
    hold = const 1 << control::HOLD,
    select = const 1 << control::HOLD | 1 << control::SELECT,
    owned = const 1 << status::OWNED,
    transferring = const 1 << status::BUSY,
    write_enable = const WRITE_ENABLE,
    read_status = const READ_STATUS,
    is_busy = const 1 << BUSY,
    turns = const TURNS,
);
