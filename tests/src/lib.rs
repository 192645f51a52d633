//! What the system tests share.

pub mod assembler;
#[path = "../../hdl/tests/common/code.rs"]
pub mod code;
pub mod cosimulation;
pub mod hart;
pub mod icarus;
pub mod programs;
pub mod shell;
