//! `brainfusion run --flash`: the whole computer, from what is in its flash.

use crate::computer::{Computer, Stopped};
use crate::flash::{self, Cut, Flash};
use crate::image_file;
use crate::run::{self, status, RunError};
use crate::terminal::Terminal;
use images::machine::COMPUTER;
use std::path::{Path, PathBuf};

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

/// Runs. The exit status.
pub fn boot(options: &run::Options, path: &Path) -> Result<u8, RunError> {
    let board = &options.board;
    let cut = match (board.cut_after_bytes, board.cut_in_erase) {
        (Some(bytes), _) => Some(Cut::AfterBytes(bytes)),
        (None, erase) => erase.map(Cut::InErase),
    };
    let flash =
        Flash::load(path, flash::Options { time_scale: board.flash_time, cut, ..Default::default() })?;
    let mut computer = Computer::new(options.engine, flash)?;
    if let Some(path) = &options.cells {
        let cells = image_file::read_cells(path, COMPUTER)?;
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
    let stopped = result?;
    match stopped {
        Stopped::PowerCut => eprintln!("brainfusion: the power was cut after {} cycles", computer.cycles()),
        Stopped::CycleLimit => run::tell_limit(computer.cycles()),
        Stopped::InputEnded | Stopped::Quit => {}
    }
    Ok(status(stopped, !computer.flash().errors().is_empty()))
}

/// How a run ended, as the program's exit status. A flash that was misused is worse than what ended the run, if it was not a cut.
fn status(stopped: Stopped, misused: bool) -> u8 {
    match stopped {
        Stopped::PowerCut => status::POWER_CUT,
        _ if misused => status::FLASH_MISUSED,
        Stopped::InputEnded | Stopped::Quit => status::DONE,
        Stopped::CycleLimit => status::CYCLE_LIMIT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misused_flash_is_told_by_the_exit_status() {
        for stopped in [Stopped::InputEnded, Stopped::Quit, Stopped::CycleLimit] {
            assert_eq!(status(stopped, true), 6, "{stopped:?}");
        }
        assert_eq!(status(Stopped::PowerCut, true), 5);
        assert_eq!(status(Stopped::Quit, false), 0);
    }
}
