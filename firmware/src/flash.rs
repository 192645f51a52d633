//! The flash chip, a W25Q32: erased and programmed through the registers, read through the window.
//!
//! While the firmware holds the chip nothing can be read of it, no instruction either. So what runs then, [`command_in_ram`],
//! is in RAM, calls nothing that is not, and what it sends comes from RAM. Interrupts are held off meanwhile.

use core::arch::asm;

use embedded_storage::nor_flash::{
    check_erase, check_read, check_write, ErrorType, MultiwriteNorFlash, NorFlash, NorFlashErrorKind,
    ReadNorFlash,
};
use heapless::Vec;
use map::flash::{control, status, BASE, CONTROL, DATA, FORGET, STATUS};
use map::w25q32::{BUSY, PAGE_BYTES, PAGE_PROGRAM, READ_ID, READ_STATUS, SECTOR_ERASE, WRITE_ENABLE};
use map::{CLOCK_HZ, FLASH, FLASH_BYTES, SECTOR_BYTES};

use crate::bus;
use crate::interrupts::held_off;

/// Bytes that go over the stack at a time: a part of a page.
const CHUNK_BYTES: usize = 64;
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
        command(&[READ_ID], &[], &mut answer, false);
        answer
    }

    /// Sends what changes something, waits until the chip has done it, and lets the caches forget what was there.
    fn change(&mut self, head: [u8; HEAD_BYTES], bytes: &[u8], offset: u32) -> Result<(), NorFlashErrorKind> {
        let done = command(&head, bytes, &mut [], true);
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
            let (part, behind) = rest.split_at(rest.len().min(CHUNK_BYTES).min(room));
            self.change(head(PAGE_PROGRAM, at), part, at)?;
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

/// Sends a command's head and its bytes, and takes as many as `answer` wants. If it `changes` the chip: with the write enabled
/// before, and waits until the chip is not busy. Whether it became so in time.
fn command(head: &[u8], bytes: &[u8], answer: &mut [u8], changes: bool) -> bool {
    // A constant is in the flash.
    let mut sent = Vec::<u8, { HEAD_BYTES + CHUNK_BYTES }>::new();
    if sent.extend_from_slice(head).is_err() || sent.extend_from_slice(bytes).is_err() {
        return false;
    }
    extern "C" {
        static _ram_code: u8;
        static _ram_code_source: u8;
    }
    type Command = fn(&[u8], &mut [u8], bool) -> bool;
    let here = command_in_ram as Command as usize;
    let offset = here - (&raw const _ram_code_source as usize);
    let there = &raw const _ram_code as usize + offset;
    // SAFETY: the reset code has copied it there. It reaches nothing but registers, its arguments and itself, so it does not
    // matter where it is.
    let command = unsafe { core::mem::transmute::<usize, Command>(there) };
    held_off(|| command(&sent, answer, changes))
}

/// See [`command`]: sends what is in RAM. Nobody calls it where it is.
#[inline(never)]
#[link_section = ".ram_code"]
fn command_in_ram(send: &[u8], answer: &mut [u8], changes: bool) -> bool {
    let mut is_done = true;
    set_control(1 << control::HOLD);
    while status() >> status::OWNED & 1 == 0 {}
    if changes {
        select();
        exchange(WRITE_ENABLE);
        deselect();
    }
    select();
    for byte in send {
        exchange(*byte);
    }
    for byte in answer {
        *byte = exchange(0);
    }
    deselect();
    if changes {
        let mut turns = 0;
        select();
        exchange(READ_STATUS);
        while exchange(0) >> BUSY & 1 != 0 && is_done {
            turns += 1;
            is_done = turns < TURNS;
        }
        deselect();
    }
    set_control(0);
    is_done
}

// What follows becomes a part of `command_in_ram`, wherever it is called.

#[inline(always)]
fn set_control(value: u32) {
    // SAFETY: a register of the flash controller.
    unsafe { asm!("sw {}, 0({})", in(reg) value, in(reg) BASE + CONTROL, options(nostack, preserves_flags)) };
}

#[inline(always)]
fn status() -> u32 {
    let word;
    // SAFETY: a register of the flash controller; reading it changes nothing.
    unsafe { asm!("lw {}, 0({})", out(reg) word, in(reg) BASE + STATUS, options(nostack, preserves_flags)) };
    word
}

#[inline(always)]
fn select() {
    set_control(1 << control::HOLD | 1 << control::SELECT);
}

/// The chip wants 50 ns between two commands: less than an instruction takes.
#[inline(always)]
fn deselect() {
    set_control(1 << control::HOLD);
}

/// Sends a byte, and gives the one that came in.
#[inline(always)]
fn exchange(byte: u8) -> u8 {
    let address = BASE + DATA;
    let received: u32;
    // SAFETY: a register of the flash controller.
    unsafe {
        asm!("sw {}, 0({})", in(reg) u32::from(byte), in(reg) address, options(nostack, preserves_flags))
    };
    while status() >> status::BUSY & 1 != 0 {}
    // SAFETY: as above; reading it changes nothing.
    unsafe { asm!("lw {}, 0({})", out(reg) received, in(reg) address, options(nostack, preserves_flags)) };
    received as u8
}
