//! `brainfusion bench`: the shipped programs, measured on the bare machine; or the whole computer.

use crate::computer::Computer;
use crate::flash::{self, Flash};
use crate::image_file;
use crate::model::{self, EngineKind, MachineKind, NoVerilator, Shape};
use crate::session::{Buffers, Outcome, Session};
use images::image::Image;
use images::machine::EndOfInput;
use images::programs;
use images::reference::{Program, Reference};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Commands after which the reference machine gives up counting.
const COMMANDS: u64 = 20_000_000_000;

/// What to measure, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Programs to measure; by default those that are shipped
    pub images: Vec<PathBuf>,
    /// What runs the hardware
    #[arg(long, value_enum, default_value_t = EngineKind::best())]
    pub engine: EngineKind,
    /// Repeat each program until so many cycles have been simulated, for a steady rate
    #[arg(long, value_name = "N", default_value_t = 10_000_000)]
    pub cycles: u64,
    /// Measure the whole computer with this flash content instead, for `--cycles` or until it waits for input
    #[arg(long, value_name = "FILE", conflicts_with = "images")]
    pub flash: Option<PathBuf>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] image_file::FileError),
    /// An engine that this build does not have.
    #[error(transparent)]
    Engine(#[from] NoVerilator),
    /// Cannot happen: the console is memory.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// A program with all it needs.
struct Subject {
    name: String,
    image: Image,
    input: Vec<u8>,
    mode: EndOfInput,
    machine: MachineKind,
}

/// Prints a table.
pub fn bench(options: &Options) -> Result<u8, BenchError> {
    match &options.flash {
        Some(path) => bench_computer(options, path),
        None => bench_programs(options),
    }
}

fn bench_computer(options: &Options, path: &Path) -> Result<u8, BenchError> {
    let mut computer = Computer::new(options.engine, Flash::load(path, flash::Options::default())?)?;
    let start = Instant::now();
    computer.run(&mut Buffers::new(b""), options.cycles)?;
    let rate = computer.cycles() as f64 / start.elapsed().as_secs_f64();
    println!("engine {}, the computer", options.engine);
    println!("{:>14}{:>14}{:>12}", "cycles", "instructions", "M cycles/s");
    println!("{:>14}{:>14}{:>12.2}", computer.cycles(), computer.wires().instructions, rate / 1e6);
    Ok(0)
}

fn bench_programs(options: &Options) -> Result<u8, BenchError> {
    println!("engine {}, the bare machine", options.engine);
    println!(
        "{:<16}{:>14}{:>8}{:>14}{:>14}{:>10}{:>12}",
        "program", "commands run", "words", "words run", "cycles", "cyc/cmd", "M cycles/s"
    );
    for subject in subjects(options)? {
        let commands = commands(&subject);
        let (outcome, rate) = measure(&subject, options)?;
        println!(
            "{:<16}{:>14}{:>8}{:>14}{:>14}{:>10}{:>12.2}",
            subject.name,
            commands.map_or("more".into(), |commands| commands.to_string()),
            subject.image.words.len(),
            outcome.words,
            outcome.cycles,
            match commands {
                Some(commands) if commands > 0 => format!("{:.3}", outcome.cycles as f64 / commands as f64),
                _ => "".into(),
            },
            rate / 1e6
        );
    }
    Ok(0)
}

fn subjects(options: &Options) -> Result<Vec<Subject>, BenchError> {
    let mut subjects = Vec::new();
    if options.images.is_empty() {
        for program in programs::ALL {
            let mut image = image_file::shipped(program.name);
            image.set_end_of_input(program.end_of_input);
            subjects.push(Subject {
                name: program.name.into(),
                image,
                input: program.input.to_vec(),
                mode: program.end_of_input,
                machine: MachineKind::Board,
            });
        }
    }
    for path in &options.images {
        subjects.push(Subject {
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            image: image_file::read_image_for(path, MachineKind::Big.limits())?,
            input: Vec::new(),
            mode: EndOfInput::Wait,
            machine: MachineKind::Big,
        });
    }
    Ok(subjects)
}

/// Commands that the program executes as written; `None` if they are too many to count.
fn commands(subject: &Subject) -> Option<u64> {
    let program = Program::new(subject.image.text()).ok()?;
    let mut machine = Reference::new(subject.machine.limits(), &subject.input, subject.mode);
    machine.run(&program, COMMANDS);
    (machine.executed < COMMANDS).then_some(machine.executed)
}

/// One run's outcome, and simulated cycles a second over as many runs as the cycles asked for take.
fn measure(subject: &Subject, options: &Options) -> Result<(Outcome, f64), BenchError> {
    let mut simulated = 0;
    let mut seconds = 0.0;
    loop {
        let model = model::new(options.engine, subject.machine, Shape::Bare)?;
        let mut session = Session::new(model, Shape::Bare);
        session.model().load(&subject.image.words);
        session.switch_on();
        let start = Instant::now();
        let outcome = session.run(&mut Buffers::new(&subject.input), u64::MAX)?;
        seconds += start.elapsed().as_secs_f64();
        simulated += outcome.cycles;
        if simulated >= options.cycles || outcome.cycles * 1000 < options.cycles {
            return Ok((outcome, simulated as f64 / seconds));
        }
    }
}
