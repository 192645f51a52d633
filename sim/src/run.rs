//! `brainfusion run`: a program on the core's board or on the bare core, or the whole computer from its flash.

use crate::boot;
use crate::image_file::{self, FileError};
use crate::model::{self, EngineKind, MachineKind, NoVerilator, Shape};
use crate::own_flash::OwnFlashError;
use crate::session::{Outcome, Session, Stopped};
use crate::terminal::Terminal;
use images::image::Image;
use images::machine::{EndOfInput, Limits};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};

/// What to run, and how.
#[derive(Clone, Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("core").args(["bare", "machine"]).multiple(true))]
pub struct Options {
    /// Program text (.bf) or encoded image. Without: the board starts with what its flash holds
    pub image: Option<PathBuf>,
    /// The flash of the board, a file that is changed as the chip is and made if it is not there, with kernel, braiNIX and
    /// programs (by default the one in the build folder, whose kernel is kept up to date)
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bare", "machine", "eof", "stats"])]
    pub flash: Option<PathBuf>,
    /// What happens to the flash
    #[command(flatten)]
    pub board: boot::FlashOptions,
    /// Only the core, its byte ports connected directly: fast
    #[arg(long, requires = "image")]
    pub bare: bool,
    /// Only the core, of this size, with its serial line; with --bare without it
    #[arg(long, value_enum, requires = "image")]
    pub machine: Option<MachineKind>,
    /// What runs the hardware
    #[arg(long, value_enum, default_value_t = EngineKind::best())]
    pub engine: EngineKind,
    /// What `,` does at the end of the input: 0, -1, unchanged or wait (by default what the image says, else wait).
    /// With only the core; on the board it is said to the shell
    #[arg(long, allow_hyphen_values = true, requires = "core")]
    pub eof: Option<EndOfInput>,
    /// On the board: begin with cells that are zero, not with those that the program has saved when it ran before
    #[arg(long, requires = "image", conflicts_with_all = ["bare", "machine"])]
    pub new: bool,
    /// Stop after so many clock cycles
    #[arg(long, value_name = "N")]
    pub max_cycles: Option<u64>,
    /// Cells to start with, and to keep at the end; the file is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub cells: Option<PathBuf>,
    /// Where to write what the run took, as JSON
    #[arg(long, value_name = "FILE", requires = "core")]
    pub stats: Option<PathBuf>,
}

/// What prevents a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The board's own flash.
    #[error(transparent)]
    Flash(#[from] OwnFlashError),
    /// An engine that this build does not have.
    #[error(transparent)]
    Engine(#[from] NoVerilator),
    /// stdin or stdout.
    #[error("the console: {0}")]
    Console(#[from] io::Error),
}

/// The report of `--stats`.
#[derive(Debug, Serialize)]
struct Stats {
    engine: EngineKind,
    machine: MachineKind,
    cycles: u64,
    words: u64,
    stopped: &'static str,
    fault: Option<FaultStats>,
}

#[derive(Debug, Serialize)]
struct FaultStats {
    name: &'static str,
    message: String,
    /// Number of the command, from 0.
    command: Option<u32>,
    line: Option<u32>,
    column: Option<u32>,
    cell: u32,
    /// Address of the instruction word.
    word: u32,
}

/// How a run ended, as the program's exit status: 2 is for what prevents a run.
pub mod status {
    /// The program halted, the input ended, or the user left.
    pub const DONE: u8 = 0;
    /// The program did what it cannot do.
    pub const FAULT: u8 = 3;
    /// Out of cycles.
    pub const CYCLE_LIMIT: u8 = 4;
    /// The power was cut.
    pub const POWER_CUT: u8 = 5;
    /// The flash was asked for what it cannot do.
    pub const FLASH_MISUSED: u8 = 6;
}

/// Tells the user why a run was stopped early.
pub(crate) fn tell_limit(cycles: u64) {
    eprintln!("brainfusion: stopped after {cycles} cycles, as --max-cycles says");
}

/// Runs. The exit status.
pub fn run(options: &Options) -> Result<u8, RunError> {
    match &options.image {
        Some(image) if options.bare || options.machine.is_some() => run_image(options, image),
        Some(image) => boot::boot_with(options, image),
        None => boot::boot(options),
    }
}

fn run_image(options: &Options, path: &Path) -> Result<u8, RunError> {
    let machine = options.machine.unwrap_or(MachineKind::Board);
    let limits = machine.limits();
    let mut image = image_file::read_image_for(path, limits)?;
    if image.measure.commands == 0 {
        eprintln!("brainfusion: {}: no commands, so there is nothing to run", path.display());
    }
    if let Some(mode) = options.eof {
        image.set_end_of_input(mode);
    }
    let cells = match &options.cells {
        Some(path) => image_file::read_cells(path, limits)?,
        None => Vec::new(),
    };
    let shape = if options.bare { Shape::Bare } else { Shape::Board };
    let mut session = Session::new(model::new(options.engine, machine, shape)?, shape);
    session.model().load(&image.words);
    session.model().set_cells(&cells);
    session.switch_on();

    let mut terminal = Terminal::open()?;
    let result = session
        .run(&mut terminal, options.max_cycles.unwrap_or(u64::MAX))
        .and_then(|outcome| terminal.flush().map(|()| outcome));
    drop(terminal);
    // Whatever became of the console, the cells are kept.
    if let Some(path) = &options.cells {
        image_file::write_whole(path, &session.model().cells())?;
    }
    let outcome = result?;
    let stats = stats(options, &image, limits, &outcome);
    if let Some(path) = &options.stats {
        let mut json = serde_json::to_vec_pretty(&stats).map_err(io::Error::from)?;
        json.push(b'\n');
        image_file::write_whole(path, &json)?;
    }
    Ok(match outcome.stopped {
        Stopped::Halted | Stopped::InputEnded | Stopped::Quit => status::DONE,
        Stopped::Fault { .. } => {
            tell(path, &stats);
            status::FAULT
        }
        Stopped::CycleLimit => {
            tell_limit(stats.cycles);
            status::CYCLE_LIMIT
        }
    })
}

fn stats(options: &Options, image: &Image, limits: Limits, outcome: &Outcome) -> Stats {
    let mut stats = Stats {
        engine: options.engine,
        machine: options.machine.unwrap_or(MachineKind::Board),
        cycles: outcome.cycles,
        words: outcome.words,
        stopped: match outcome.stopped {
            Stopped::Halted => "halted",
            Stopped::Fault { .. } => "fault",
            Stopped::InputEnded => "input-ended",
            Stopped::CycleLimit => "cycle-limit",
            Stopped::Quit => "quit",
        },
        fault: None,
    };
    if let Stopped::Fault { fault, address, pointer } = outcome.stopped {
        let located = image.locate(fault, address, pointer, limits.cells);
        stats.fault = Some(FaultStats {
            name: fault.name(),
            message: fault.to_string(),
            command: located.command,
            line: located.position.map(|position| position.line),
            column: located.position.map(|position| position.column),
            cell: located.cell,
            word: address,
        });
    }
    stats
}

/// Tells the user about a fault.
fn tell(path: &Path, stats: &Stats) {
    if let Some(fault) = &stats.fault {
        let place = match (fault.line, fault.column, fault.command) {
            (Some(line), Some(column), Some(command)) => {
                format!("line {line}, column {column} (command {command})")
            }
            _ => format!("word {}", fault.word),
        };
        eprintln!("brainfusion: {}: {place}: {}, at cell {}", path.display(), fault.message, fault.cell);
    }
}
