//! The board's devices, as drivers see them, and what happens before `main`.
//!
//! Three programs for the companion are made of it: `fusion`, the kernel with all its services, `monitor`, which looks
//! at the bare hardware, and `exchange`, which measures the kernel. Each has its own `main` and its own `enter`, where traps go.
#![no_std]

pub mod bus;
pub mod clock;
mod copy;
pub mod core;
pub mod flash;
mod frame;
pub mod interrupts;
pub mod memory;
pub mod start;
pub mod traps;
pub mod uart;
