//! What the system tests share.

pub mod cosimulation;
pub mod icarus;
pub mod programs;
pub mod shell;
