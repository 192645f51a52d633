//! A transparent march: tests memory and leaves it as it was.
//!
//! M. Nicolaidis, "Transparent BIST for RAMs", ITC 1992: a march whose data is what the memory holds. Up through the
//! memory each datum is read and replaced by its complement, down again the other way round. A bit that is stuck is
//! found where it is. Two addresses that are one cell, or a write that changes another cell, are found because the
//! data read on the way differs in sum from what was there before.

use core::arch::asm;

use images::machine::BOARD;
use map::core::{status, BASE, STATUS};

use firmware::bus;
use firmware::uart::Uart;

/// What was found wrong.
enum Fault {
    /// A word or byte does not keep what is written.
    Stuck(u32),
    /// Addresses are not independent.
    Coupled,
}

/// Memory to test, `step` bytes at a time, 4 or 1.
#[derive(Clone, Copy)]
struct Region {
    begin: u32,
    end: u32,
    step: u32,
}

impl Region {
    fn read(self, address: u32) -> u32 {
        if self.step == 1 {
            bus::read_byte(address).into()
        } else {
            bus::read(address)
        }
    }

    /// Replaces a datum by its complement and returns what it was.
    ///
    /// # Safety
    /// There is no object of Rust's at the address.
    unsafe fn complement(self, address: u32) -> Result<u32, Fault> {
        let datum = self.read(address);
        let wanted = self.complement_of(datum);
        // SAFETY: the caller says so.
        unsafe {
            if self.step == 1 {
                bus::write_byte(address, wanted as u8);
            } else {
                bus::write(address, wanted);
            }
        }
        if self.read(address) == wanted {
            Ok(datum)
        } else {
            Err(Fault::Stuck(address))
        }
    }

    fn complement_of(self, datum: u32) -> u32 {
        if self.step == 1 {
            datum ^ 0xFF
        } else {
            !datum
        }
    }

    /// # Safety
    /// There is no object of Rust's in the region.
    unsafe fn march(self) -> Result<(), Fault> {
        let addresses = || (self.begin..self.end).step_by(self.step as usize);
        let before = addresses().map(|address| self.read(address)).fold(0, u32::wrapping_add);
        let (mut up, mut down) = (0u32, 0u32);
        for address in addresses() {
            // SAFETY: the caller says so.
            up = up.wrapping_add(unsafe { self.complement(address) }?);
        }
        for address in addresses().rev() {
            // SAFETY: the caller says so.
            let datum = unsafe { self.complement(address) }?;
            down = down.wrapping_add(self.complement_of(datum));
        }
        if up == before && down == before {
            Ok(())
        } else {
            Err(Fault::Coupled)
        }
    }

    /// Tests, and prints a line about it.
    ///
    /// # Safety
    /// There is no object of Rust's in the region.
    unsafe fn report(self, uart: &mut Uart, name: &str) {
        // SAFETY: the caller says so.
        let result = unsafe { self.march() };
        uart.text(name);
        uart.text(" from ");
        uart.hex(self.begin);
        uart.text(" to ");
        uart.hex(self.end - 1);
        match result {
            Ok(()) => uart.text(": good"),
            Err(Fault::Stuck(address)) => {
                uart.text(": BAD at ");
                uart.hex(address);
            }
            Err(Fault::Coupled) => uart.text(": BAD, addresses disturb each other"),
        }
        if result.is_err() {
            uart.text("; try test again, and another board if it stays");
        }
        uart.text("\r\n");
    }
}

/// Bytes below the stack pointer that the test leaves to itself.
const OWN_STACK: u32 = 256;

/// Tests the companion's RAM between the firmware's variables and its stack, and prints the result.
pub fn ram(uart: &mut Uart) {
    let (begin, stack): (u32, u32);
    // SAFETY: reads a register and a linker's symbol.
    unsafe {
        asm!("la {}, _bss_end", "mv {}, sp", out(reg) begin, out(reg) stack, options(nomem, nostack, preserves_flags))
    };
    let region = Region { begin, end: (stack - OWN_STACK) & !3, step: 4 };
    // SAFETY: the variables end before it, and the stack grows by less than OWN_STACK in here.
    unsafe { region.report(uart, "RAM") }
}

/// Tests the cells, if the Brainfuck core is stopped, and prints the result.
pub fn cells(uart: &mut Uart) {
    if bus::read(BASE + STATUS) >> status::RUNNING & 1 != 0 {
        uart.text("the cells are in use: stop the Brainfuck core, then test again\r\n");
        return;
    }
    let region = Region { begin: map::CELLS, end: map::CELLS + BOARD.cells, step: 1 };
    // SAFETY: Rust keeps nothing in cells.
    unsafe { region.report(uart, "cells") }
}
