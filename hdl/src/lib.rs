//! The hardware, in rust-hdl: every block with what it promises, smallest first.
#![forbid(unsafe_code)]

pub mod bare;
pub mod core;
pub mod ram;
pub mod word;
