//! The Brainfuck language, as a machine made of gates knows it.
//!
//! Text becomes commands ([`text`]), commands become instruction words ([`encode`], [`isa`]), words become
//! commands again ([`decode`]), and an image file carries the words with their measure and checksum ([`file`](mod@file)).
//! Two slow and simple machines say what a program means: [`reference`](mod@reference) runs the eight commands as written,
//! [`words`] runs instruction words. The hardware must agree with both.
//!
//! Everything that the kernel will use on the companion allocates nothing; what allocates is behind the
//! feature `host`.
#![cfg_attr(not(feature = "host"), no_std)]
#![forbid(unsafe_code)]

#[cfg(feature = "host")]
pub mod assembler;
#[cfg(feature = "host")]
pub mod benchmarks;
pub mod crc32;
#[cfg(feature = "host")]
pub mod decode;
pub mod digits;
pub mod encode;
pub mod file;
#[cfg(feature = "host")]
pub mod image;
pub mod isa;
pub mod machine;
pub mod open_loops;
pub mod packed;
#[cfg(feature = "host")]
pub mod programs;
pub mod record;
#[cfg(feature = "host")]
pub mod reference;
pub mod requirements;
pub mod say;
pub mod text;
#[cfg(feature = "host")]
pub mod words;
