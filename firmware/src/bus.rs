//! Reads and writes of the one address space. Where nothing is they trap, and [`crate::trap`] says so.
//!
//! They are instructions and no accesses of Rust's: any address will do, 0 and those of no object included.

use core::arch::asm;

/// Reads a word. The address is a multiple of 4, else it traps.
pub fn read(address: u32) -> u32 {
    let word;
    // SAFETY: a load changes no memory of Rust's, and an address where nothing is leaves this code for good.
    unsafe { asm!("lw {}, 0({})", out(reg) word, in(reg) address, options(nostack, preserves_flags)) };
    word
}

/// Reads a byte.
pub fn read_byte(address: u32) -> u8 {
    let byte: u32;
    // SAFETY: as in `read`.
    unsafe { asm!("lbu {}, 0({})", out(reg) byte, in(reg) address, options(nostack, preserves_flags)) };
    byte as u8
}

/// Writes a word. The address is a multiple of 4, else it traps.
///
/// # Safety
/// There is no object of Rust's at the address, or it may be overwritten.
pub unsafe fn write(address: u32, word: u32) {
    // SAFETY: what the store changes is the caller's responsibility.
    unsafe { asm!("sw {}, 0({})", in(reg) word, in(reg) address, options(nostack, preserves_flags)) };
}

/// Writes a byte.
///
/// # Safety
/// As for [`write`].
pub unsafe fn write_byte(address: u32, byte: u8) {
    // SAFETY: what the store changes is the caller's responsibility.
    unsafe {
        asm!("sb {}, 0({})", in(reg) u32::from(byte), in(reg) address, options(nostack, preserves_flags))
    };
}
