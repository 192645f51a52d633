//! The companion: a small RV32IC processor with machine mode.
//!
//! [`rv32`] is the processor, made of the [`expander`], the [`decoder`], the [`adder`] and the [`alu`]; [`csr`] names its control and status
//! registers. It talks to everything else over one bus: memory, flash and devices.

pub mod adder;
pub mod alu;
pub mod csr;
pub mod decoder;
pub mod expander;
pub mod rv32;
