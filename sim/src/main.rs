//! `brainfusion`: the machine on the host, and the tools for a real one.

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use sim::host::{cells, load, monitor, port};
use sim::{bench, boot, check, cost, flash_image, registers, report, run, synth, trace};
use std::error::Error;
use std::process::ExitCode;

/// A Brainfuck computer: run programs on its hardware, cycle by cycle, and build that hardware.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a program. Its bytes are stdin and stdout; Ctrl-] quits
    Run(run::Options),
    /// Run the whole computer with its serial line as a pseudo-terminal, for terminal programs and file transfers
    Board(boot::BoardOptions),
    /// Say what a program needs, and which machines can run it
    Check(check::CheckOptions),
    /// Turn a program text into an encoded image
    Encode(check::ConvertOptions),
    /// Turn an encoded image into a program text
    Decode(check::ConvertOptions),
    /// Record every signal of the machine for a window of cycles
    Trace(trace::Options),
    /// Measure the shipped programs
    Bench(bench::Options),
    /// Synthesise the hardware for the Alchitry Cu
    Synth(synth::Options),
    /// Put bitstream, firmware and a program together as the content of the flash
    FlashImage(flash_image::Options),
    /// Print what the firmware costs in flash and RAM, part by part
    Cost,
    /// Print the registers of all devices, as a table in Markdown
    Registers,
    /// List the serial ports, and which may be a board
    Ports,
    /// Talk to a board; Ctrl-] opens a menu
    Monitor(monitor::MonitorOptions),
    /// Send programs to a board
    Load(load::LoadOptions),
    /// Save a board's cells in a file
    SaveCells(cells::CellsOptions),
    /// Write a file into a board's cells
    RestoreCells(cells::CellsOptions),
    /// Print what a shell needs to complete the commands of this program
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Prints what a command has found out. The exit status.
fn print(found: impl AsRef<[u8]>) -> Result<u8, Box<dyn Error>> {
    report::print(found)?;
    Ok(0)
}

fn main() -> ExitCode {
    let result: Result<u8, Box<dyn Error>> = match Arguments::parse().command {
        Command::Run(options) => run::run(&options).map_err(Into::into),
        Command::Board(options) => boot::board(&options).map_err(Into::into),
        Command::Check(options) => check::check(&options).map_err(Into::into),
        Command::Encode(options) => check::encode(&options).map_err(Into::into),
        Command::Decode(options) => check::decode(&options).map_err(Into::into),
        Command::Trace(options) => trace::trace(&options).map_err(Into::into),
        Command::Bench(options) => bench::bench(&options).map_err(Into::into),
        Command::Synth(options) => synth::synth(&options).map_err(Into::into),
        Command::FlashImage(options) => flash_image::flash_image(&options).map_err(Into::into),
        Command::Cost => cost::cost().map_err(Into::into).and_then(print),
        Command::Registers => print(registers::table()),
        Command::Ports => port::ports().map_err(Into::into).and_then(print),
        Command::Monitor(options) => monitor::monitor(&options).map_err(Into::into),
        Command::Load(options) => load::load(&options).map_err(Into::into),
        Command::SaveCells(options) => cells::save_cells(&options).map_err(Into::into),
        Command::RestoreCells(options) => cells::restore_cells(&options).map_err(Into::into),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "brainfusion", &mut script);
            print(script)
        }
    };
    match result {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            eprintln!("brainfusion: {error}");
            ExitCode::from(2)
        }
    }
}
