//! The hardware, in rust-hdl: every block with what it promises, smallest first.
//!
//! [`ram`] and [`word`] are what the [`core`](mod@core) is made of; [`bare`] gives it a program; [`uart`], [`fifo`]
//! and [`pll`] make a [`board`] of it. [`core_top`] is there to be measured. [`line_cache`] and [`flash_controller`]
//! read the flash. [`companion`] and the core with all of these are the
//! [`system`].
#![forbid(unsafe_code)]

pub mod bare;
pub mod board;
pub mod budget;
pub mod byte_ram;
pub mod clock_pin;
pub mod companion;
pub mod companion_top;
pub mod core;
pub mod core_top;
pub mod fifo;
pub mod flash_controller;
pub mod line_cache;
pub mod local;
pub mod machines;
pub mod pins;
pub mod pll;
pub mod processes;
pub mod ram;
pub mod register;
pub mod system;
pub mod uart;
pub mod verilog;
pub mod word;
