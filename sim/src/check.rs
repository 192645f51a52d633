//! `brainfusion check`, `encode` and `decode`: what a program needs, and its two forms.

use crate::image_file::{self, FileError};
use crate::report;
use images::image::Image;
use images::machine::{EndOfInput, Limits, Stop, BIG, BOARD, COMPUTER};
use images::reference::{Program, Reference};
use images::requirements::{kilobytes, Name, Requirements};
use images::text::BracketError;
use std::io::{self, Write};
use std::path::PathBuf;

/// Commands in which a program must have asked for its first byte, for its cells to be counted.
const BOOT_COMMANDS: u64 = 10_000_000;

/// What to look at.
#[derive(Clone, Debug, clap::Args)]
pub struct CheckOptions {
    /// Program text (.bf) or encoded image
    pub image: PathBuf,
}

/// What to convert.
#[derive(Clone, Debug, clap::Args)]
pub struct ConvertOptions {
    /// The program to read
    pub input: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// What `,` does at the end of the input: the encoded image begins by saying it
    #[arg(long, allow_hyphen_values = true)]
    pub eof: Option<EndOfInput>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// Its commands do not match.
    #[error(transparent)]
    Brackets(#[from] BracketError),
    /// What it needs cannot be printed.
    #[error("the report cannot be printed: {0}; print it to another place")]
    Report(#[from] io::Error),
}

/// Prints what a program needs. The exit status: 0 if some machine can run it and its name keeps its promise,
/// else 1.
pub fn check(options: &CheckOptions) -> Result<u8, CheckError> {
    let image = image_file::read_image(&options.image)?;
    let measure = image.measure;
    let mut out = Vec::new();
    writeln!(out, "commands  {}", measure.commands)?;
    writeln!(out, "words     {}", image.words.len())?;
    writeln!(out, "depth     {}", measure.depth)?;
    if measure.commands == 0 {
        writeln!(out, "note      there is not one command in this file")?;
    }
    let boot = boot_cells(&image)?;
    match boot {
        Some(cells) => writeln!(out, "boot      {cells} cells until its first input or its end"),
        None => writeln!(
            out,
            "boot      no input and no end within {BOOT_COMMANDS} commands: its cells were not counted"
        ),
    }?;
    let mut good = true;
    let name = options.image.file_name().and_then(|name| name.to_str()).and_then(Name::parse);
    match name {
        Some(name) => {
            let measured = Requirements {
                kilobytes: kilobytes(measure.commands),
                depth: measure.depth,
                cells: boot.unwrap_or(u32::MAX),
            };
            let promised = name.requires;
            let kept = promised.covers(measured);
            good &= kept;
            writeln!(
                out,
                "name      promises {} KB, depth {}, {} cells; measured {} KB, depth {}, {} cells: {}",
                promised.kilobytes,
                promised.depth,
                promised.cells,
                measured.kilobytes,
                measured.depth,
                boot.map_or("unknown".into(), |cells| cells.to_string()),
                if kept { "true" } else { "NOT TRUE; rename the file or change the program" }
            )?;
        }
        None => writeln!(out, "name      promises nothing (name_vA.B.C+X.Y.Z.bf would)")?,
    }
    let mut runs = false;
    for (machine, limits) in [("board", BOARD), ("computer", COMPUTER), ("big", BIG)] {
        let mut misses = misses(&image, boot, limits);
        if let Some(Err(miss)) = name.map(|name| name.requires.fits(limits)) {
            misses.push(format!("by its name it {miss}"));
        }
        runs |= misses.is_empty();
        if misses.is_empty() {
            writeln!(out, "{machine:9} can run it")?;
        } else {
            writeln!(out, "{machine:9} cannot run it: {}", misses.join("; "))?;
        }
    }
    report::print(out)?;
    Ok(u8::from(!(good && runs)))
}

/// What a machine lacks for this program.
fn misses(image: &Image, boot: Option<u32>, limits: Limits) -> Vec<String> {
    let mut misses = Vec::new();
    if image.words.len() >= limits.words as usize {
        misses.push(format!("it holds {} words", limits.words - 1));
    }
    if image.measure.depth > limits.depth {
        misses.push(format!("it opens {} loops", limits.depth));
    }
    if boot.is_some_and(|cells| cells > limits.cells) {
        misses.push(format!("it has {} cells", limits.cells));
    }
    misses
}

/// The cells that the program has used when it first waits for input, or ends.
fn boot_cells(image: &Image) -> Result<Option<u32>, CheckError> {
    const TAPE: u32 = 1 << 20;
    let limits = Limits { cells: TAPE, depth: u32::MAX, words: u32::MAX };
    let program = Program::new(image.text())?;
    let mut machine = Reference::new(limits, b"", EndOfInput::Wait);
    let stop = machine.run(&program, BOOT_COMMANDS);
    Ok((stop != Stop::Limit).then_some(machine.highest as u32 + 1))
}

/// Writes an encoded image.
pub fn encode(options: &ConvertOptions) -> Result<u8, FileError> {
    let mut image = image_file::read_image(&options.input)?;
    if let Some(mode) = options.eof {
        image.set_end_of_input(mode);
    }
    image_file::write_whole(&options.output, &image.to_file())?;
    Ok(0)
}

/// Writes a program text.
pub fn decode(options: &ConvertOptions) -> Result<u8, FileError> {
    let image = image_file::read_image(&options.input)?;
    let mut text = image.text().to_vec();
    text.push(b'\n');
    image_file::write_whole(&options.output, &text)?;
    Ok(0)
}
