//! The board as the shell sees it: why it started, what has failed, how much stack is left.

use core::arch::asm;
use core::ops::RangeInclusive;
use core::ptr::addr_of;

use firmware::bus;
use firmware::uart::Uart;
use images::packed;
use images::packed::Packed;
use kernel::service::shell::{self, Crash};
use map::board::{reset_cause, BASE, RESET, RESET_CAUSE};

use crate::kept;

/// What the stack is filled with before it is used: what is left of it was never used.
const UNUSED: u32 = 0xA5A5_A5A5;

/// The board. There is one, and whoever has this may use it.
pub struct Board;

extern "C" {
    static _stack: u32;
    static _stack_end: u32;
}

/// Starts the board again, when everything has been printed.
pub fn reset() -> ! {
    Uart.finish();
    loop {
        // SAFETY: a register of the board, and nothing of this run is wanted any more.
        unsafe { bus::write(BASE + RESET, 1) };
    }
}

/// Fills what is not used of the stack yet, so that it can be seen how far it was.
pub fn fill_stack() {
    // SAFETY: below the stack's pointer is nothing that anybody wants.
    unsafe {
        asm!(
            "2:",
            "bgeu {at}, sp, 3f",
            "sw {unused}, 0({at})",
            "addi {at}, {at}, 4",
            "j 2b",
            "3:",
            at = inout(reg) addr_of!(_stack_end) => _,
            unused = in(reg) UNUSED,
            options(nostack),
        );
    }
}

/// The stack has never grown into what lies below it: it ends at the first word that was never used.
pub fn is_stack_whole() -> bool {
    bus::read(addr_of!(_stack_end) as u32) == UNUSED
}

fn has_started_by(cause: u32) -> bool {
    bus::read(BASE + RESET_CAUSE) >> cause & 1 != 0
}

impl shell::Board for Board {
    fn cause(&self) -> Packed {
        if has_started_by(reset_cause::POWER) {
            packed!("power")
        } else if has_started_by(reset_cause::BUTTON) {
            packed!("the button")
        } else {
            packed!("itself")
        }
    }

    fn crash(&self) -> Option<Crash> {
        // What RAM holds at power-up is no record.
        if has_started_by(reset_cause::POWER) {
            None
        } else {
            kept::crash()
        }
    }

    fn stack(&self) -> (u32, u32) {
        let (end, begin) = (addr_of!(_stack_end) as u32, addr_of!(_stack) as u32);
        let mut used = end;
        while used < begin && bus::read(used) == UNUSED {
            used += 4;
        }
        (begin - used, begin - end)
    }

    fn bauds(&self) -> RangeInclusive<u32> {
        Uart::BAUDS
    }

    fn set_baud(&mut self, baud: u32) {
        Uart.finish();
        Uart.set_baud(baud);
    }

    fn reset(&mut self) {
        kept::forget();
        reset()
    }
}
