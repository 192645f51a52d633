//! The core is the language: random programs and the shipped ones, on both engines, against the reference machine.

use images::image::Image;
use images::machine::{Limits, Stop, BOARD};
use images::programs;
use images::reference::{Program, Reference};
use images::words::WordMachine;
use proptest::prelude::*;
use sim::model::{self, EngineKind, MachineKind, Shape};
use sim::session::{Buffers, Session, Stopped};
use tests::programs::{case, config, Case};

const LIMITS: Limits = BOARD;
/// Commands after which a random program is given up.
const COMMANDS: u64 = 20_000;

/// Both engines: these tests need Verilator.
const ENGINES: [EngineKind; 2] = [EngineKind::Rust, EngineKind::Verilator];

/// Cells without the zeros behind them: a failing test must fit on a screen.
fn used(mut cells: Vec<u8>) -> Vec<u8> {
    while cells.last() == Some(&0) {
        cells.pop();
    }
    cells
}

/// What can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    stop: String,
    output: Vec<u8>,
    cells: Vec<u8>,
}

fn on_reference(case: &Case) -> Option<Seen> {
    let program = Program::new(case.text.as_bytes()).expect("balanced");
    let mut machine = Reference::new(LIMITS, &case.input, case.mode);
    machine.cells[..case.cells.len()].copy_from_slice(&case.cells);
    let stop = match machine.run(&program, COMMANDS) {
        Stop::Limit => return None,
        Stop::Fault { fault, at, cell } => format!("{fault:?} at command {at}, cell {cell}"),
        stop => format!("{stop:?}"),
    };
    Some(Seen { stop, output: machine.output, cells: used(machine.cells) })
}

fn on_words(case: &Case, image: &Image) -> Seen {
    let mut machine = WordMachine::new(LIMITS, &case.input);
    machine.cells[..case.cells.len()].copy_from_slice(&case.cells);
    let stop = match machine.run(&image.words, 2 * COMMANDS) {
        Stop::Fault { fault, at, cell } => located(image, fault, at as u32, cell),
        stop => format!("{stop:?}"),
    };
    Seen { stop, output: machine.output, cells: used(machine.cells) }
}

fn located(image: &Image, fault: images::machine::Fault, address: u32, pointer: u32) -> String {
    let located = image.locate(fault, address, pointer, LIMITS.cells);
    let command = located.command.expect("every word has its commands");
    format!("{fault:?} at command {command}, cell {}", located.cell)
}

fn on_engine(case: &Case, image: &Image, engine: EngineKind, shape: Shape) -> Seen {
    let model = model::new(engine, MachineKind::Board, shape).expect("the engine is built");
    let mut session = Session::new(model, shape);
    session.model().load(&image.words);
    session.model().set_cells(&case.cells);
    session.switch_on();
    let mut console = Buffers::new(&case.input);
    let outcome = session.run(&mut console, u64::MAX).expect("memory does not fail");
    let stop = match outcome.stopped {
        Stopped::Fault { fault, address, pointer } => located(image, fault, address, pointer),
        stopped => format!("{stopped:?}"),
    };
    Seen { stop, output: console.output, cells: used(session.model().cells()) }
}

fn image(case: &Case) -> Image {
    let mut image = Image::from_text(case.text.as_bytes()).expect("encodes");
    image.set_end_of_input(case.mode);
    image
}

fn agree(case: &Case) {
    let Some(expected) = on_reference(case) else {
        return;
    };
    let image = image(case);
    if image.words.len() >= LIMITS.words as usize {
        return;
    }
    assert_eq!(on_words(case, &image), expected, "the words of {}", case.text);
    for engine in ENGINES {
        let seen = on_engine(case, &image, engine, Shape::Bare);
        assert_eq!(seen, expected, "the {engine} engine on {}", case.text);
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn the_core_does_what_the_commands_do(case in case()) {
        agree(&case);
    }
}

fn shipped(program: &programs::Program) -> Case {
    Case {
        text: String::from_utf8(program.text.to_vec()).expect("shipped programs are text"),
        input: program.input.to_vec(),
        mode: program.end_of_input,
        cells: Vec::new(),
    }
}

/// Commands above which a shipped program takes too long for the rust engine.
const SLOW: u64 = 2_000_000;

#[test]
fn shipped_programs_run_on_the_bare_core_of_both_engines() {
    for program in programs::ALL {
        let case = shipped(program);
        let image = image(&case);
        let reference = Program::new(program.text).expect("balanced");
        let mut machine = Reference::new(LIMITS, &case.input, case.mode);
        machine.run(&reference, SLOW);
        for engine in ENGINES {
            if engine == EngineKind::Rust && machine.executed >= SLOW {
                continue;
            }
            let seen = on_engine(&case, &image, engine, Shape::Bare);
            assert_eq!(seen.output, program.output, "{} on the {engine} engine", program.name);
            let fault = program.fault.map_or("", |fault| fault.name());
            assert_eq!(
                fault.is_empty(),
                !seen.stop.contains(" at command "),
                "{}: {}",
                program.name,
                seen.stop
            );
        }
    }
}

#[test]
fn shipped_programs_run_on_the_board_through_its_serial_pins() {
    for program in programs::ALL {
        let case = shipped(program);
        let image = image(&case);
        let bare = on_engine(&case, &image, EngineKind::Verilator, Shape::Bare);
        let board = on_engine(&case, &image, EngineKind::Verilator, Shape::Board);
        assert_eq!(board, bare, "{}", program.name);
    }
}

#[test]
fn the_board_runs_in_the_rust_engine() {
    for name in ["hello", "cat_zero", "fault_left"] {
        let program = programs::find(name).expect("shipped");
        let case = shipped(program);
        let seen = on_engine(&case, &image(&case), EngineKind::Rust, Shape::Board);
        assert_eq!(seen.output, program.output, "{name}");
    }
}

#[test]
fn a_multiplication_costs_its_words_and_not_its_turns() {
    let cycles = |text: &str| {
        let image = Image::from_text(text.as_bytes()).expect("encodes");
        let model = model::new(EngineKind::Rust, MachineKind::Board, Shape::Bare).expect("always there");
        let mut session = Session::new(model, Shape::Bare);
        session.model().load(&image.words);
        session.switch_on();
        session.run(&mut Buffers::new(b""), 10_000).expect("memory does not fail").cycles
    };
    let set = "-".repeat(55); // 201 turns
    let base = cycles(&set);
    assert_eq!(cycles(&format!("{set}[-]")) - base, 0, "a clear replaces what was added before it");
    assert_eq!(cycles(&format!("{set}>[-]")) - base, 1, "a clear is one word");
    assert_eq!(cycles(&format!("{set}[->+<]")) - base, 2, "a copy: its begin and its target");
    assert_eq!(cycles(&format!("{set}[->+>+<<]")) - base, 3);
    assert_eq!(cycles(&format!("{set}[->++++++++++<]")) - base, 3, "ten is two powers of two");
    assert_eq!(
        cycles(&format!("{set}>[-]<[>]")) - base - 1,
        4,
        "a scan of one step, and three to see its end"
    );
    // A loop of two words, 201 turns: open 2, but it takes the change before it along; a word and a close each
    // turn; two to leave.
    assert_eq!(cycles(&format!("{set}[>.<-]")) - base, 2 - 1 + 2 * 201 + 2);
}
