//! Waiting without looking again and again: the companion sleeps until a device wants attention.
//!
//! Interrupts are not taken, they only wake it: whoever waits looks at the devices then.

use core::arch::asm;

use firmware::bus;

/// Sleeps until a byte or a break has been received, or the Brainfuck core has one of these bits of its status set.
/// If that is so already, it returns at once.
pub fn until(core_events: u32) {
    let line_events = 1 << map::uart::status::RECEIVED | 1 << map::uart::status::BREAK;
    // SAFETY: registers of devices, which are no memory.
    unsafe {
        bus::write(map::uart::BASE + map::uart::ENABLE, line_events);
        bus::write(map::core::BASE + map::core::ENABLE, core_events);
    }
    let awake = 1 << map::interrupts::UART | 1 << map::interrupts::CORE;
    // SAFETY: interrupts are disabled in `mstatus`, so what is enabled here only ends the sleep.
    unsafe { asm!("csrw mie, {}", "wfi", in(reg) awake, options(nomem, nostack, preserves_flags)) };
}
