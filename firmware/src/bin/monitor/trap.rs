//! Traps: reported on the serial line; then the monitor begins anew, on an empty stack.
//!
//! Nothing is returned to, so a trap may come from anywhere: the monitor's own `peek`, or a program that it ran.

use core::arch::global_asm;

use crate::monitor;
use firmware::traps;
use firmware::uart::Uart;
use images::say::Say;

global_asm!(
    // `mtvec` wants a multiple of 4.
    ".pushsection .text.trap, \"ax\"",
    ".balign 4",
    ".global enter",
    "enter:",
    "la sp, _stack",
    // What has trapped may have set another one.
    "la t0, enter",
    "csrw mtvec, t0",
    "csrr a0, mcause",
    "csrr a1, mepc",
    "csrr a2, mtval",
    "j {report}",
    ".popsection",
    report = sym report,
);

/// Says what has trapped and goes on with the monitor.
extern "C" fn report(cause: u32, place: u32, value: u32) -> ! {
    let mut uart = Uart;
    uart.text("\r\n");
    let (name, before_value) = traps::name(cause);
    name.say(&mut uart);
    if let Some(before) = before_value {
        before.say(&mut uart);
        uart.hex(value);
    }
    uart.text(", cause ");
    uart.hex(cause);
    uart.text(", in the instruction at ");
    uart.hex(place);
    uart.text("; help says what is where\r\n");
    monitor::run(&mut uart)
}
