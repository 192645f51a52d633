//! Our braiNIX: an operating system that is one Brainfuck program.
//!
//! The image is written with [`images::assembler`]; each module is a part of the system and says what it does on the tape.
//! Read [`tape`] first, then [`boot`], [`editor`], [`parser`], [`dispatch`], the [`commands`], and [`stacks`] and [`store`]
//! below [`files`].
#![forbid(unsafe_code)]

pub mod boot;
pub mod commands;
pub mod dispatch;
pub mod editor;
pub mod files;
pub mod left;
pub mod message;
pub mod output;
pub mod parser;
pub mod stacks;
pub mod store;
pub mod system;
pub mod tape;

use images::assembler::Layout;
use images::requirements::{kilobytes, Requirements};
use images::text::measure;
use system::System;

/// The commands of the image.
pub fn image() -> String {
    // Where the registers lie decides which helpers are near, and which are used decides where the registers should lie.
    let mut layout = Layout::default();
    let images = (0..ROUNDS).map(|_| {
        let (image, used) = write(layout.clone());
        layout = used.improved();
        image
    });
    images.min_by_key(String::len).expect("some rounds")
}

/// How often the registers are placed anew.
const ROUNDS: usize = 6;

fn write(layout: Layout) -> (String, Layout) {
    let mut s = System::new(layout);
    let (boot, shell) = (s.flow.label(), s.flow.label());
    store::define(&mut s);
    files::define(&mut s);
    output::define(&mut s);
    parser::define(&mut s);
    commands::define(&mut s);
    dispatch::define(&mut s, shell);
    s.flow.place(boot);
    boot::recover(&mut s, shell);
    let spare = tape::HOME_CELLS - s.flow.layout().length();
    assert!(spare >= 0, "{} cells more at home", -spare);
    s.flow.array(spare as usize);
    let prologue = boot::prologue(&s);
    let asm = s.flow.finish(boot);
    let layout = asm.layout().clone();
    (prologue + &asm.finish(), layout)
}

/// The name of the image's file, with what it needs.
pub fn file_name(image: &str) -> String {
    let measure = measure(image.as_bytes()).expect("the assembler closes what it opens");
    let requires = Requirements {
        kilobytes: kilobytes(measure.commands),
        depth: measure.depth,
        cells: tape::TAPE_CELLS as u32,
    };
    let version = env!("CARGO_PKG_VERSION");
    format!("brainix_v{version}+{}.{}.{}.bf", requires.kilobytes, requires.depth, requires.cells)
}

/// The text of the image's file: the commands in lines.
pub fn file_text(image: &str) -> String {
    let lines: Vec<&str> =
        image.as_bytes().chunks(100).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    lines.join("\n") + "\n"
}
