//! The language, three times: as written, as words, and as words decoded and encoded again.

use images::image::Image;
use images::machine::{EndOfInput, Fault, Limits, Stop};
use images::reference::{Program, Reference};
use images::words::WordMachine;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

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

/// Program text, balanced, with the shapes that are fused and shapes that are nearly so.
pub fn program() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => "[<>]{1,4}",
        6 => "[+-]{1,4}",
        2 => Just(".".to_string()),
        1 => Just(",".to_string()),
        1 => Just("[-]".to_string()),
        1 => Just("[+]".to_string()),
        1 => (1..9usize, any::<bool>()).prop_map(|(n, r)| format!("[{}]", if r { ">" } else { "<" }.repeat(n))),
        2 => (1..40usize, any::<bool>()).prop_map(|(n, r)| if r { ">" } else { "<" }.repeat(n)),
        1 => (1..140usize, any::<bool>()).prop_map(|(n, r)| if r { "+" } else { "-" }.repeat(n)),
        3 => multiply(),
    ];
    leaf.prop_recursive(4, 60, 8, |inner| {
        prop::collection::vec(inner, 1..8).prop_flat_map(|parts| {
            let body = parts.concat();
            prop_oneof![
                2 => Just(body.clone()),
                3 => Just(format!("[{body}]")),
                2 => Just(format!("[{body}[-]]")),
                1 => Just(format!("[-{body}]")),
            ]
        })
    })
    .prop_flat_map(|text| prop::collection::vec(Just(text), 1..2).prop_map(|v| v.concat()))
}

/// A loop of moves and changes that comes back to its cell.
fn multiply() -> impl Strategy<Value = String> {
    (prop::collection::vec((-6..7i32, -9..10i32), 1..4), 0..4usize, any::<bool>()).prop_map(
        |(targets, place, detour)| {
            let mut text = String::from("[");
            let mut at = 0;
            let count = targets.len();
            let go = |text: &mut String, from: i32, to: i32| {
                let step = if to < from { "<" } else { ">" };
                text.push_str(&step.repeat(from.abs_diff(to) as usize));
            };
            for (number, (offset, amount)) in targets.into_iter().enumerate() {
                if number == place {
                    go(&mut text, at, 0);
                    at = 0;
                    text.push('-');
                }
                go(&mut text, at, offset);
                at = offset;
                let change = if amount < 0 { "-" } else { "+" };
                text.push_str(&change.repeat(amount.unsigned_abs() as usize));
                if detour {
                    text.push_str("><");
                }
            }
            go(&mut text, at, 0);
            if place >= count {
                text.push('-');
            }
            text.push(']');
            text
        },
    )
}

fn mode() -> impl Strategy<Value = EndOfInput> {
    prop::sample::select(&EndOfInput::ALL[..])
}

/// Counter-examples are kept beside this file and tried first.
fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 4000,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn words_do_what_the_commands_do(
        parts in prop::collection::vec(program(), 1..6),
        input in prop::collection::vec(any::<u8>(), 0..6),
        mode in mode(),
        start in prop::collection::vec(prop_oneof![Just(0u8), 0..4u8, any::<u8>()], 0..64),
    ) {
        check(parts.concat().as_bytes(), &input, mode, &start);
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
