//! Interrupts: each device has one of its own, which is held off from when it comes until somebody listens again.

use core::arch::asm;

/// Lets the interrupt with this number in: at once, if the device wants something already.
pub fn listen(number: u32) {
    // SAFETY: what it lets in is handled, and returns.
    unsafe { asm!("csrs mie, {}", in(reg) 1 << number, options(nomem, nostack, preserves_flags)) };
}

/// The bit of `mstatus` that lets interrupts in.
const ENABLED: u32 = 1 << 3;

/// Lets interrupts in from now on.
///
/// # Safety
/// `mtvec` leads to a handler that returns, and changes nothing that is used meanwhile.
pub unsafe fn enable() {
    // SAFETY: the caller's responsibility.
    unsafe { asm!("csrsi mstatus, {}", const ENABLED, options(nomem, nostack, preserves_flags)) };
}

/// Does something while no interrupt comes.
pub fn held_off<T>(action: impl FnOnce() -> T) -> T {
    let before: u32;
    // SAFETY: interrupts that are held off come later.
    unsafe {
        asm!("csrrci {}, mstatus, {}", out(reg) before, const ENABLED, options(nostack, preserves_flags))
    };
    let result = action();
    // SAFETY: they are let in only if they were before.
    unsafe { asm!("csrs mstatus, {}", in(reg) before & ENABLED, options(nostack, preserves_flags)) };
    result
}
