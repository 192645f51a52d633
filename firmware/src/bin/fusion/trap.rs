//! Traps. An interrupt only posts its signal, and is held off until its device is listened to again. Any other trap is a
//! mistake in the firmware: it is reported, kept, and the board starts again.

use core::arch::{asm, global_asm};

use firmware::uart::Uart;
use images::packed;
use images::say::Printer;
use kernel::service::console::Line;
use kernel::signals::{Signals, Sleep};
use kernel::system::signal;
use map::interrupts::{CORE, TIMER, UART};

use crate::{board, kept};

/// What interrupts have posted.
#[no_mangle]
pub static SIGNALS: Signals<{ signal::COUNT }> = Signals::new();

// The handler counts on it.
const _: () = assert!(signal::LINE == 0 && signal::CLOCK == 1 && signal::CORE == 2);
const _: () = assert!(TIMER == 7 && UART == 16 && CORE == 17);

global_asm!(
    // `mtvec` wants a multiple of 4.
    ".pushsection .text.trap, \"ax\"",
    ".balign 4",
    ".global enter",
    "enter:",
    "addi sp, sp, -16",
    "sw t0, 0(sp)",
    "sw t1, 4(sp)",
    "csrr t0, mcause",
    "bgez t0, 2f",
    "li t1, 1",
    "sll t1, t1, t0",
    "csrc mie, t1",
    // The number of the signal: 0 for 16, 1 for 7, 2 for 17.
    "andi t0, t0, 31",
    "li t1, {timer}",
    "bne t0, t1, 1f",
    "li t0, {uart} + {clock}",
    "j 3f",
    "1:",
    "li t1, {uart}",
    "beq t0, t1, 3f",
    "li t0, {uart} + {core}",
    "3:",
    "la t1, SIGNALS - {uart}",
    "add t1, t1, t0",
    "li t0, 1",
    "sb t0, 0(t1)",
    "lw t0, 0(sp)",
    "lw t1, 4(sp)",
    "addi sp, sp, 16",
    "mret",
    "2:",
    "la sp, _stack",
    "mv a0, t0",
    "csrr a1, mepc",
    "csrr a2, mtval",
    "j {report}",
    ".popsection",
    timer = const TIMER,
    uart = const UART,
    clock = const signal::CLOCK,
    core = const signal::CORE,
    report = sym report,
);

/// Says what has trapped, keeps it, and starts the board again.
extern "C" fn report(cause: u32, place: u32, value: u32) -> ! {
    let mut uart = Uart;
    uart.take_back();
    kept::keep(cause, place, value);
    let out: &mut dyn Printer = &mut uart;
    out.text(packed!("\r\nthe firmware has failed: "));
    if let Some(crash) = kept::crash() {
        out.say(&crash);
    }
    out.text(packed!("; starting again\r\n"));
    board::reset()
}

/// A mistake in the firmware, where it was found.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    // SAFETY: the trap leaves this code for good.
    unsafe { asm!("ebreak", options(noreturn)) }
}

/// Reports that the stack has grown into what lies below it.
pub fn stack_overflow() -> ! {
    // SAFETY: the trap leaves this code for good.
    unsafe { asm!("ecall", options(noreturn)) }
}

/// The companion, which sleeps.
pub struct Companion;

impl Sleep for Companion {
    fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool) {
        firmware::interrupts::held_off(|| {
            if is_idle() {
                // SAFETY: an interrupt ends it, also one that is held off.
                unsafe { asm!("wfi", options(nomem, nostack, preserves_flags)) };
            }
        });
    }
}
