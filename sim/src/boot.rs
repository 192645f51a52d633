//! `brainfusion run --flash`: the whole computer, from what is in its flash.

use crate::computer::{Computer, Stopped};
use crate::flash::{self, Cut, Flash};
use crate::image_file;
use crate::model::MachineKind;
use crate::run::{self, RunError};
use crate::terminal::Terminal;
use std::path::PathBuf;

/// The board around the chip.
#[derive(Clone, Debug, clap::Args)]
pub struct FlashOptions {
    /// Run the whole computer with this flash content, and keep it there at the end; `flash-image` makes one
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bare", "machine", "eof", "stats"])]
    pub flash: Option<PathBuf>,
    /// Erasing and programming take so many times as long as they typically do
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, requires = "flash")]
    pub flash_time: f64,
    /// Cut the power after so many programmed bytes
    #[arg(long, value_name = "N", requires = "flash", conflicts_with = "cut_in_erase")]
    pub cut_after_bytes: Option<u64>,
    /// Cut the power in the middle of the N-th erasure
    #[arg(long, value_name = "N", requires = "flash")]
    pub cut_in_erase: Option<u32>,
}

/// The exit status of a run that ended with a power cut.
const POWER_CUT: u8 = 5;
/// The exit status of a run that was out of cycles.
const CYCLE_LIMIT: u8 = 4;

/// Runs. The exit status.
pub fn boot(options: &run::Options) -> Result<u8, RunError> {
    let board = &options.board;
    let Some(path) = &board.flash else {
        return Ok(0);
    };
    let cut = match (board.cut_after_bytes, board.cut_in_erase) {
        (Some(bytes), _) => Some(Cut::AfterBytes(bytes)),
        (None, erase) => erase.map(Cut::InErase),
    };
    let flash =
        Flash::load(path, flash::Options { time_scale: board.flash_time, cut, ..Default::default() })?;
    let mut computer = Computer::new(options.engine, flash)?;
    if let Some(path) = &options.cells {
        let cells = image_file::read_cells(path, MachineKind::Board.limits())?;
        computer.engine().set_cells(&cells);
    }
    let mut terminal = Terminal::open()?;
    let result = computer
        .run(&mut terminal, options.max_cycles.unwrap_or(u64::MAX))
        .and_then(|stopped| terminal.flush().map(|()| stopped));
    drop(terminal);
    // Whatever became of the console, the memories are kept.
    if let Some(path) = &options.cells {
        image_file::write_whole(path, &computer.engine().cells())?;
    }
    computer.flash().save(path)?;
    for error in computer.flash().errors() {
        eprintln!("brainfusion: flash: {error}");
    }
    Ok(match result? {
        Stopped::InputEnded | Stopped::Quit => 0,
        Stopped::CycleLimit => {
            eprintln!("brainfusion: stopped after {} cycles, as --max-cycles says", computer.cycles());
            CYCLE_LIMIT
        }
        Stopped::PowerCut => {
            eprintln!("brainfusion: the power was cut after {} cycles", computer.cycles());
            POWER_CUT
        }
    })
}
