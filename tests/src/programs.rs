//! Random programs: balanced, nested, with the shapes that are fused and shapes that are nearly so, with and without
//! faults.

use images::machine::EndOfInput;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// A program, what is typed into it, and the cells it starts on.
#[derive(Clone, Debug)]
pub struct Case {
    /// The program.
    pub text: String,
    /// Its input.
    pub input: Vec<u8>,
    /// What the end of the input does.
    pub mode: EndOfInput,
    /// The first cells.
    pub cells: Vec<u8>,
}

/// So many random cases, unless `PROPTEST_CASES` says otherwise. Counter-examples are kept beside the test and tried
/// first.
pub fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases },
        // A case that takes long takes longer to be made small; what fails must say so in time.
        max_shrink_time: 60_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..default
    }
}

/// Random cases.
pub fn case() -> impl Strategy<Value = Case> {
    let value = prop_oneof![Just(0u8), 0..4u8, any::<u8>()];
    (
        prop::collection::vec(program(), 1..5),
        prop::collection::vec(any::<u8>(), 0..6),
        prop::sample::select(&EndOfInput::ALL[..]),
        prop::collection::vec(value, 0..64),
        prop_oneof![8 => Just(0usize), 1 => 4060..4100usize],
    )
        .prop_map(|(parts, input, mode, cells, start)| Case {
            // Some begin at the right end of the tape, as far as the board's goes.
            text: ">".repeat(start) + &parts.concat(),
            input,
            mode,
            cells,
        })
}

fn repeated(up: char, down: char, most: usize) -> impl Strategy<Value = String> {
    (1..=most, any::<bool>())
        .prop_map(move |(count, is_up)| String::from(if is_up { up } else { down }).repeat(count))
}

fn program() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => "[<>]{1,4}",
        6 => "[+-]{1,4}",
        2 => Just(".".to_string()),
        1 => Just(",".to_string()),
        1 => Just("[-]".to_string()),
        1 => Just("[+]".to_string()),
        1 => repeated('>', '<', 9).prop_map(|steps| format!("[{steps}]")),
        2 => repeated('>', '<', 40),
        1 => repeated('+', '-', 140),
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
}

/// A loop of moves and changes that comes back to its cell.
fn multiply() -> impl Strategy<Value = String> {
    let targets = prop::collection::vec((-6..7i32, -9..10i32), 1..4);
    (targets, 0..4usize, any::<bool>()).prop_map(|(targets, place, detour)| {
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
    })
}
