//! `brainfusion run --flash` and `brainfusion board`: the whole computer, from what is in its flash.

use crate::computer::{Computer, Stopped};
use crate::flash::{self, Cut, Flash};
use crate::image_file;
use crate::model::EngineKind;
use crate::own_flash;
use crate::pty::Pty;
use crate::run::{self, status, RunError};
use crate::session::Typed;
use crate::terminal::Terminal;
use images::machine::COMPUTER;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What happens to the flash.
#[derive(Clone, Debug, clap::Args)]
pub struct FlashOptions {
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

/// The board, on a line that others use.
#[derive(Clone, Debug, clap::Args)]
pub struct BoardOptions {
    /// The flash content, changed as the chip's is; `flash-image` makes one
    #[arg(long, value_name = "FILE")]
    pub flash: PathBuf,
    /// What happens to the flash
    #[command(flatten)]
    pub options: FlashOptions,
    /// Offer the serial line as a pseudo-terminal, and say which
    #[arg(long, required = true)]
    pub pty: bool,
    /// What runs the hardware
    #[arg(long, value_enum, default_value_t = EngineKind::best())]
    pub engine: EngineKind,
    /// Stop after so many clock cycles
    #[arg(long, value_name = "N")]
    pub max_cycles: Option<u64>,
    /// Cells to start with, and to keep at the end; the file is made if it is not there
    #[arg(long, value_name = "FILE")]
    pub cells: Option<PathBuf>,
}

/// Runs at the terminal, and types a command first. The exit status.
fn at_terminal(options: &run::Options, flash: &Path, command: &[u8]) -> Result<u8, RunError> {
    let mut computer = switched_on(flash, &options.board, options.engine, options.cells.as_deref())?;
    let mut console = Typed::new(command, Terminal::open()?);
    let result = computer.run(&mut console, options.max_cycles.unwrap_or(u64::MAX));
    let mut terminal = console.into_inner();
    let result = result.and_then(|stopped| terminal.flush().map(|()| stopped));
    drop(terminal);
    switched_off(&mut computer, options.cells.as_deref(), result)
}

/// Runs the board with what its flash holds, at the terminal. The exit status.
pub fn boot(options: &run::Options) -> Result<u8, RunError> {
    at_terminal(options, &own_flash::prepare(options.flash.as_deref())?, b"")
}

/// Writes a program into the files of the board's flash and starts it. The exit status.
pub fn boot_with(options: &run::Options, image: &Path) -> Result<u8, RunError> {
    let (flash, name) = own_flash::install(options.flash.as_deref(), image)?;
    let new = if options.new { "-n " } else { "" };
    // A key, so that nothing else starts by itself.
    at_terminal(options, &flash, format!(" run {new}\"{name}\"\r").as_bytes())
}

/// Runs with the serial line for others to use. The exit status.
pub fn board(options: &BoardOptions) -> Result<u8, RunError> {
    let BoardOptions { flash, options: around, engine, cells, .. } = options;
    let mut computer = switched_on(flash, around, *engine, cells.as_deref())?;
    let mut pty = Pty::open()?;
    println!("{}", pty.path().display());
    io::stdout().flush()?;
    let result = computer.run(&mut pty, options.max_cycles.unwrap_or(u64::MAX));
    switched_off(&mut computer, cells.as_deref(), result)
}

fn switched_on(
    path: &Path,
    options: &FlashOptions,
    engine: EngineKind,
    cells: Option<&Path>,
) -> Result<Computer, RunError> {
    let cut = match (options.cut_after_bytes, options.cut_in_erase) {
        (Some(bytes), _) => Some(Cut::AfterBytes(bytes)),
        (None, erase) => erase.map(Cut::InErase),
    };
    let options = flash::Options { time_scale: options.flash_time, cut, ..Default::default() };
    let mut computer = Computer::new(engine, Flash::open(path, options)?)?;
    if let Some(path) = cells {
        let cells = image_file::read_cells(path, COMPUTER)?;
        computer.engine().set_cells(&cells);
    }
    Ok(computer)
}

/// Whatever became of the console, the memories are kept: the cells now, the flash has been all the time. The exit status.
fn switched_off(
    computer: &mut Computer,
    cells: Option<&Path>,
    result: io::Result<Stopped>,
) -> Result<u8, RunError> {
    if let Some(path) = cells {
        image_file::write_whole(path, &computer.engine().cells())?;
    }
    let kept = computer.switch_off();
    for error in computer.flash().errors() {
        eprintln!("brainfusion: flash: {error}");
    }
    kept?;
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
