//! The open loops that follow from a position are those that the word machine has on its stack.

use images::image::Image;
use images::isa::{Factor, Op, Word, DISTANCE_UNIT};
use images::machine::{EndOfInput, Fault, Stop, BOARD, COMPUTER};
use images::open_loops::{OpenLoops, OpenLoopsError};
use images::words::WordMachine;
use proptest::prelude::*;

type Error = OpenLoopsError<u32>;

/// Reading behind the words is a test that fails.
fn open_loops(words: &[u16], position: u32) -> Result<Vec<u32>, Error> {
    OpenLoops::new(words.len() as u32, position, |number| Ok(words[number as usize]))?.collect()
}

fn program() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => "[<>]{1,3}",
        4 => "[+-]{1,4}",
        2 => Just(".".to_string()),
        1 => Just(",".to_string()),
        1 => Just("[-]".to_string()),
        1 => Just("[>]".to_string()),
        1 => Just("[->+++<<->]".to_string()),
        1 => Just("+".repeat(70)),
        1 => Just(">".repeat(40)),
    ];
    leaf.prop_recursive(5, 50, 7, |inner| {
        prop::collection::vec(inner, 1..7).prop_flat_map(|parts| {
            let body = parts.concat();
            prop_oneof![
                1 => Just(body.clone()),
                2 => Just(format!("[{body}]")),
                2 => Just(format!("+[{body}[-]]")),
                1 => Just(format!("[-{body}]")),
            ]
        })
    })
}

/// Runs word by word, from word `from` on at most `steps`, and compares at each.
fn compare(image: &Image, machine: &mut WordMachine, from: u64, steps: u64) -> Stop {
    let mut stop = machine.run(&image.words, from);
    for _ in 0..steps {
        assert_eq!(open_loops(&image.words, machine.next), Ok(machine.loops().to_vec()), "{}", machine.next);
        if stop != Stop::Limit {
            break;
        }
        stop = machine.run(&image.words, 1);
    }
    stop
}

proptest! {
    #[test]
    fn they_are_those_on_the_stack_of_the_word_machine(
        parts in prop::collection::vec(program(), 1..6),
        mode in prop::option::of(prop::sample::select(&EndOfInput::ALL[..])),
        cells in prop::collection::vec(0..4u8, 0..32),
        input in prop::collection::vec(any::<u8>(), 0..6),
    ) {
        let mut image = Image::from_text(parts.concat().as_bytes()).expect("balanced");
        if let Some(mode) = mode {
            image.set_end_of_input(mode);
        }
        let mut machine = WordMachine::new(BOARD, &input);
        machine.pointer = 100;
        machine.cells[100..][..cells.len()].copy_from_slice(&cells);
        compare(&image, &mut machine, 0, 3000);
    }

    /// Whatever the words are, the numbers grow up to the position, and there are not too many.
    #[test]
    fn damaged_words_are_harmless(
        words in prop::collection::vec(prop_oneof![
            2 => any::<u16>(),
            4 => (0..40u16).prop_map(|distance| distance),
            6 => Just(Word { step: 0, op: Op::Open(0) }.encode()),
            2 => Just(Word { step: 0, op: Op::Close(0) }.encode()),
            4 => Just(Word::NOTHING.encode()),
            1 => Just(Word { step: 1, op: Op::Check(3) }.encode()),
            1 => Just(Word { step: 1, op: Op::MulAdd(Factor::Nothing) }.encode()),
        ], 0..60),
        position in 0..70u32,
    ) {
        match open_loops(&words, position) {
            Ok(loops) => {
                prop_assert!(loops.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(loops.last().is_none_or(|last| *last <= position));
                prop_assert!(position < words.len() as u32);
            }
            Err(OpenLoopsError::Damaged { word }) => prop_assert!(word < position),
            Err(error) => prop_assert_eq!(error, OpenLoopsError::Position { position }),
        }
    }
}

#[test]
fn the_boundaries_are_where_the_words_are() {
    let image = Image::from_text(b".[.[.].].").expect("balanced");
    // out, open, distance, out, open, distance, out, close, out, close, out, halt
    let at = |position| open_loops(&image.words, position);
    let expected = [
        Ok(vec![]),
        Ok(vec![]),
        Err(OpenLoopsError::Position { position: 2 }),
        Ok(vec![3]),
        Ok(vec![3]),
        Err(OpenLoopsError::Position { position: 5 }),
        Ok(vec![3, 6]),
        Ok(vec![3, 6]),
        Ok(vec![3]),
        Ok(vec![3]),
        Ok(vec![]),
        Ok(vec![]),
        Err(OpenLoopsError::Position { position: 12 }),
    ];
    for (position, expected) in (0..).zip(expected) {
        assert_eq!(at(position), expected, "{position}");
    }
    assert_eq!(image.words.len(), 12);
    assert_eq!(at(u32::MAX), Err(OpenLoopsError::Position { position: u32::MAX }));
}

/// Distances of 32 K words and more are padded, behind the close.
#[test]
fn a_position_in_the_padding_is_outside() {
    for extra in 0..DISTANCE_UNIT as usize {
        let text = format!("+[...[{}-].].", ".".repeat(0x8000 + extra));
        let image = Image::from_text(text.as_bytes()).expect("balanced");
        let count = image.words.len() as u32;
        let closes: Vec<u32> = (count - 200..count)
            .filter(|&at| {
                matches!(Word::decode(image.words[at as usize]), Some(Word { op: Op::Close(_), .. }))
            })
            .collect();
        let [inner, outer] = closes[..] else { panic!("two loops end") };
        for position in inner - 9..count {
            let expected = match position {
                _ if position <= inner => vec![2, 7],
                _ if position <= outer => vec![2],
                _ => vec![],
            };
            assert_eq!(open_loops(&image.words, position), Ok(expected), "{extra}: {position} of {count}");
        }
        if extra % 16 == 0 {
            let mut machine = WordMachine::new(BOARD, &[]);
            assert_eq!(compare(&image, &mut machine, 0x8000 + extra as u64, 300), Stop::Halted);
        }
    }
}

#[test]
fn loops_are_reported_as_deep_as_the_machine_goes_and_no_deeper() {
    for (depth, fits) in [(COMPUTER.depth, true), (COMPUTER.depth + 1, false)] {
        let depth = depth as usize;
        let text = format!("+{}.{}", "[.".repeat(depth), "]".repeat(depth));
        let image = Image::from_text(text.as_bytes()).expect("balanced");
        let mut machine = WordMachine::new(COMPUTER, &[]);
        let stop = compare(&image, &mut machine, 0, 3 * depth as u64);
        let too_deep = matches!(stop, Stop::Fault { fault: Fault::LoopDepth, .. });
        assert_eq!(too_deep, !fits);
        let innermost = 3 * depth as u32 + 1;
        assert_eq!(open_loops(&image.words, innermost).is_ok(), fits);
        if !fits {
            assert_eq!(open_loops(&image.words, innermost), Err(OpenLoopsError::TooDeep));
        }
    }
}

#[test]
fn words_that_cannot_be_read_are_an_error_and_the_last_item() {
    let image = Image::from_text(b".[.[.].].").expect("balanced");
    let read = |number: u32| if number < 5 { Ok(image.words[number as usize]) } else { Err(number) };
    let mut loops = OpenLoops::new(image.words.len() as u32, 6, read).expect("is a position");
    // Behind the position it looks whether there is only padding before the outer loop's end.
    assert_eq!(loops.next(), Some(Err(OpenLoopsError::Read(6))));
    assert_eq!(loops.next(), None);
}
