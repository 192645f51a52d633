//! Fusion: what makes a computer of the board.
//!
//! Everything that computes is a state machine that exchanges messages through capabilities; the flash is memory, and
//! files are regions of it. No hardware in here, nothing unsafe, nothing allocated: drivers come in through
//! `embedded-storage`, `embedded-hal-nb` and narrow traits, and every capacity is in a type. So all of it runs on the
//! host as well.
#![no_std]
#![forbid(unsafe_code)]

pub mod files;
mod flash;
pub mod saved;
