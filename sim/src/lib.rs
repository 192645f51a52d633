//! The virtual board, and the tools around it.
//!
//! An engine ([`model`]) runs a machine cycle by cycle; a [`session`] connects it with a console. [`companion`] runs the
//! other processor, for its tests. Everything else is a subcommand of `brainfusion`.

pub mod bench;
pub mod boot;
pub mod check;
pub mod companion;
pub mod computer;
pub mod cost;
pub mod flash;
pub mod flash_files;
pub mod flash_image;
pub mod host;
pub mod image_file;
mod incoming;
pub mod model;
pub mod own_flash;
pub mod pty;
pub mod registers;
pub mod report;
pub mod run;
mod rust_model;
pub mod serial;
pub mod session;
pub mod synth;
pub mod terminal;
pub mod trace;
#[cfg(verilator)]
mod verilator_model;
