//! Fusion: what makes a computer of the board.
//!
//! Everything that computes is a state machine that exchanges messages through capabilities; the flash is memory, and
//! files are regions of it. No hardware in here, nothing unsafe, nothing allocated: drivers come in through
//! `embedded-storage`, `embedded-hal-nb` and narrow traits, and every capacity is in a type. So all of it runs on the
//! host as well.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

pub mod capability;
pub mod command_line;
pub mod context;
pub mod faults;
pub mod files;
mod flash;
pub mod kernel;
pub mod line_editor;
pub mod loader;
pub mod machine;
pub mod memory;
pub mod message;
mod node;
pub mod region;
pub mod saved;
pub mod service;
pub mod signals;
pub mod system;
mod turns;
pub mod ymodem;
