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

/// Reads the bytes from an address on: as words where that can be, since the flash is slow.
pub fn read_bytes(mut address: u32, bytes: &mut [u8]) {
    let unaligned = bytes.len().min((address.wrapping_neg() % 4) as usize);
    let (first, rest) = bytes.split_at_mut(unaligned);
    let mut words = rest.chunks_exact_mut(4);
    for byte in first {
        *byte = read_byte(address);
        address += 1;
    }
    for chunk in words.by_ref() {
        chunk.copy_from_slice(&read(address).to_le_bytes());
        address += 4;
    }
    for byte in words.into_remainder() {
        *byte = read_byte(address);
        address += 1;
    }
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
