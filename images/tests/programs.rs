//! The shipped programs do on both software machines what their files say, and fit the board.

use std::collections::BTreeSet;
use std::path::Path;

use images::image::Image;
use images::machine::{EndOfInput, Stop, BOARD};
use images::programs::{self, Program, ALL};
use images::reference::{self, Reference};
use images::words::WordMachine;

/// More commands, or words, than any of the programs needs.
const BUDGET: u64 = 1_000_000_000;

/// The end of a run, with the place of a fault as the text has it.
fn as_written(program: &Program) -> (Stop, Vec<u8>) {
    let text = reference::Program::new(program.text).expect("balanced");
    let mut machine = Reference::new(BOARD, program.input, program.end_of_input);
    let stop = machine.run(&text, BUDGET);
    println!("{}: {} commands carried out", program.name, machine.executed);
    (stop, machine.output)
}

fn as_words(program: &Program) -> (Stop, Vec<u8>) {
    let image = image(program);
    let mut machine = WordMachine::new(BOARD, program.input);
    let stop = match machine.run(&image.words, BUDGET) {
        Stop::Fault { fault, at, cell } => {
            let located = image.locate(fault, at as u32, cell, BOARD.cells);
            Stop::Fault {
                fault,
                at: located.command.expect("every word has its commands").into(),
                cell: located.cell,
            }
        }
        stop => stop,
    };
    println!(
        "{}: {} commands in {} words, {} carried out",
        program.name,
        image.measure.commands,
        image.words.len(),
        machine.executed
    );
    (stop, machine.output)
}

fn image(program: &Program) -> Image {
    let mut image = Image::from_text(program.text).expect("encodes");
    image.set_end_of_input(program.end_of_input);
    image
}

#[test]
fn every_program_does_on_both_machines_what_its_files_say() {
    for program in ALL {
        let (stop, output) = as_written(program);
        assert_eq!(output, program.output, "{}", program.name);
        let waits = !program.input.is_empty() && program.end_of_input == EndOfInput::Wait;
        match (program.fault, stop) {
            (Some(expected), Stop::Fault { fault, .. }) => assert_eq!(fault, expected, "{}", program.name),
            (None, Stop::InputEnded) => assert!(waits, "{}", program.name),
            (None, Stop::Halted) => assert!(!waits, "{}", program.name),
            (_, stop) => panic!("{} stopped with {stop:?}", program.name),
        }
        assert_eq!(as_words(program), (stop, output), "{}", program.name);
    }
}

#[test]
fn every_program_fits_the_board_and_leaves_a_word_free() {
    for program in ALL {
        let words = image(program).words.len();
        assert!(words < BOARD.words as usize, "{}: {words} words", program.name);
    }
}

#[test]
fn the_fractal_is_work() {
    let program = programs::find("fractal").expect("shipped");
    let text = reference::Program::new(program.text).expect("balanced");
    let mut machine = Reference::new(BOARD, program.input, program.end_of_input);
    assert_eq!(machine.run(&text, 2_000_000), Stop::Limit);
}

#[test]
fn deep_is_200_loops_deep() {
    let program = programs::find("deep").expect("shipped");
    assert_eq!(image(program).measure.depth, 200);
}

#[test]
fn every_file_belongs_to_a_program_and_names_are_found() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs");
    let stems: BTreeSet<String> = std::fs::read_dir(folder)
        .expect("the folder of programs")
        .map(|entry| entry.expect("entry").path())
        .map(|path| path.file_stem().expect("stem").to_string_lossy().into_owned())
        .collect();
    let names: BTreeSet<String> = ALL.iter().map(|program| program.name.to_string()).collect();
    assert_eq!(stems, names);
    assert_eq!(names.len(), ALL.len(), "a name is there twice");
    for program in ALL {
        assert_eq!(programs::find(program.name).map(|found| found.text), Some(program.text));
    }
    assert!(programs::find("no such program").is_none());
}
