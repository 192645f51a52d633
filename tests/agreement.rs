//! The language, three times: as written, as words, and as words decoded and encoded again. And its page in the docs.

use images::image::Image;
use images::machine::{EndOfInput, Fault, Limits, Stop};
use images::reference::{Program, Reference};
use images::words::WordMachine;
use proptest::prelude::*;
use tests::programs::{case, config};

const LIMITS: Limits = Limits { cells: 64, depth: 256, words: 1 << 16 };
const BUDGET: u64 = 20_000;

/// What can be seen of a run.
#[derive(Debug, PartialEq)]
struct Seen {
    stop: String,
    output: Vec<u8>,
    cells: Vec<u8>,
}

fn as_written(text: &[u8], input: &[u8], mode: EndOfInput, start: &[u8]) -> Option<Seen> {
    let program = Program::new(text).expect("balanced");
    let mut machine = Reference::new(LIMITS, input, mode);
    machine.cells[..start.len()].copy_from_slice(start);
    let stop = match machine.run(&program, BUDGET) {
        Stop::Limit => return None,
        Stop::Fault { fault, at, cell } => format!("{fault:?} at {at} cell {cell}"),
        stop => format!("{stop:?}"),
    };
    Some(Seen { stop, output: machine.output, cells: machine.cells })
}

fn as_words(image: &Image, input: &[u8], mode: EndOfInput, start: &[u8]) -> Seen {
    let mut image = image.clone();
    image.set_end_of_input(mode);
    let mut machine = WordMachine::new(LIMITS, input);
    machine.cells[..start.len()].copy_from_slice(start);
    let stop = match machine.run(&image.words, 2 * BUDGET) {
        Stop::Fault { fault, at, cell } => {
            let located = image.locate(fault, at as u32, cell, LIMITS.cells);
            let command = located.command.expect("every word has its commands");
            format!("{fault:?} at {command} cell {}", located.cell)
        }
        stop => format!("{stop:?}"),
    };
    Seen { stop, output: machine.output, cells: machine.cells }
}

/// The decoded text may count its commands differently.
fn without_command(seen: Seen) -> Seen {
    let stop = match seen.stop.split_once(" at ") {
        Some((fault, rest)) => format!("{fault} {}", rest.split_once(' ').unwrap().1),
        None => seen.stop,
    };
    Seen { stop, ..seen }
}

fn check(text: &[u8], input: &[u8], mode: EndOfInput, start: &[u8]) {
    let Some(expected) = as_written(text, input, mode, start) else {
        return;
    };
    let image = Image::from_text(text).expect("encodes");
    let words = as_words(&image, input, mode, start);
    assert_eq!(words, expected, "words of {}", String::from_utf8_lossy(text));
    let file = Image::read(&image.to_file()).unwrap_or_else(|e| {
        panic!(
            "{e} {} {:?}",
            String::from_utf8_lossy(text),
            image.words.iter().map(|w| images::isa::Word::decode(*w)).collect::<Vec<_>>()
        )
    });
    assert_eq!(file.words, image.words);
    let again = Image::from_text(file.text()).expect("decoded text");
    let again = as_words(&again, input, mode, start);
    assert_eq!(
        without_command(again),
        without_command(expected),
        "decoded {} of {}",
        String::from_utf8_lossy(file.text()),
        String::from_utf8_lossy(text)
    );
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn words_do_what_the_commands_do(case in case()) {
        check(case.text.as_bytes(), &case.input, case.mode, &case.cells);
    }
}

/// Programs that once went wrong, as random tests found and shrank them.
#[test]
fn kept_counter_examples() {
    for text in [
        "[>>>+++++><<<<<++++++++><>-]<><[<][+++><<<]",
        ">>>>>>>>>>>>>>>>>>>>>>>>><<<<<<<>,[<<<<-><>>>-><>-]<>><<[<]-[-]>>>>",
        "+[-[<>-]<>]",
    ] {
        for mode in EndOfInput::ALL {
            for cells in [&[][..], &[1, 0, 3], &[0, 1, 2, 3, 4, 5, 6, 7]] {
                check(text.as_bytes(), &[199], mode, cells);
            }
        }
    }
}

#[test]
fn a_move_and_its_return_is_tested_at_the_far_cell() {
    let far = ">".repeat(64) + &"<".repeat(64);
    check(far.as_bytes(), b"", EndOfInput::Wait, &[]);
    check((">".repeat(63) + &"<".repeat(63)).as_bytes(), b"", EndOfInput::Wait, &[]);
}

#[test]
fn a_multiply_loop_that_reaches_over_the_end_does_its_first_turn() {
    for text in ["[-<+>]", "[<+>-]", ">[-<<+>>]", ">[>+<-<<+>>]", ">[<<+>>-]", ">[->+<<<+>>]"] {
        for value in [0, 1, 5] {
            check(text.as_bytes(), b"", EndOfInput::Wait, &[value; 2]);
        }
    }
}

#[test]
fn loops_at_the_machine_s_depth_fault_even_if_they_could_be_fused() {
    for (extra, inner) in [(255, "[-]"), (256, "[-]"), (256, "[>]"), (256, "[->+<]"), (257, "")] {
        let text = format!("+{}{inner}{}", "[".repeat(extra), "]".repeat(extra));
        check(text.as_bytes(), b"", EndOfInput::Wait, &[]);
        assert_eq!(
            as_written(text.as_bytes(), b"", EndOfInput::Wait, &[])
                .map(|seen| seen.stop.contains(&format!("{:?}", Fault::LoopDepth))),
            if text.contains("[-]") && extra == 255 { Some(false) } else { Some(true) },
            "{extra} {inner}"
        );
    }
}

#[test]
fn a_loop_longer_than_a_near_distance_is_skipped_exactly() {
    let body = "+.".repeat(0x4000) + "><".repeat(0x2001).as_str();
    for start in [0u8, 1] {
        let text = format!("[{body}[-]]+.");
        check_long(text.as_bytes(), start);
    }
}

fn check_long(text: &[u8], start: u8) {
    let image = Image::from_text(text).expect("encodes");
    let mut machine = WordMachine::new(LIMITS, b"");
    machine.cells[0] = start;
    assert_eq!(machine.run(&image.words, 1 << 20), Stop::Halted);
    assert_eq!(machine.cells[0], 1);
    assert_eq!(machine.output.last(), Some(&1));
}

/// The first picture in a file's documentation.
fn picture(source: &str) -> String {
    let lines = source.lines().skip_while(|line| *line != "//! ```text").skip(1);
    let lines = lines.take_while(|line| *line != "//! ```");
    lines.map(|line| format!("{}\n", line.strip_prefix("//! ").unwrap_or_default())).collect()
}

#[test]
fn the_docs_have_the_words_and_the_image_file_as_the_code_has_them() {
    let page = include_str!("../docs/instruction-set.md");
    for source in [include_str!("../images/src/isa.rs"), include_str!("../images/src/file.rs")] {
        let picture = picture(source);
        assert!(picture.lines().count() > 5);
        assert!(page.contains(&format!("```text\n{picture}```\n")), "copy this there:\n{picture}");
    }
}
