//! Every macro of the assembler against Rust, on clean tapes and on dirty ones: only the cells that a macro says are 0 are 0.

use images::assembler::{lane, Assembler, Case, Cell, Flow, Goal, Palette, Space};
use images::machine::{EndOfInput, Limits, Stop};
use images::reference::{Program, Reference};
use proptest::prelude::*;

const CELLS: usize = 64;
const LIMITS: Limits = Limits { cells: CELLS as u32, depth: 64, words: 0 };

/// Runs a program on a tape.
fn run(text: &str, cells: &[u8], input: &[u8]) -> (Vec<u8>, Vec<u8>, usize) {
    let program = Program::new(text.as_bytes()).expect("balanced");
    let mut machine = Reference::new(LIMITS, input, EndOfInput::Zero);
    machine.cells[..cells.len()].copy_from_slice(cells);
    assert_eq!(machine.run(&program, 10_000_000), Stop::Halted, "{text}");
    (machine.cells, machine.output, machine.pointer)
}

/// Runs code on registers with these values and says what they are afterwards, the pointer at the first one.
fn registers(goal: Goal, values: &[u8], code: impl FnOnce(&mut Assembler, &[Cell])) -> Vec<u8> {
    let mut a = Assembler::new(goal);
    let cells: Vec<Cell> = values.iter().map(|_| a.cell()).collect();
    code(&mut a, &cells);
    a.goto(cells[0]);
    let (mut after, _, pointer) = run(&a.finish(), values, b"");
    assert_eq!(pointer, 0);
    assert!(
        after[values.len()..].iter().all(|&cell| cell == 0),
        "a macro has used a cell that is not its own"
    );
    after.truncate(values.len());
    after
}

const GOALS: [Goal; 2] = [Goal::Size, Goal::Steps];

proptest! {
    #[test]
    fn set_and_clear(old: u8, value: u8, other: u8) {
        for goal in GOALS {
            prop_assert_eq!(registers(goal, &[old, other], |a, c| a.set(c[0], value)), [value, other]);
            prop_assert_eq!(registers(goal, &[old, other], |a, c| a.clear(c[0])), [0, other]);
        }
    }

    #[test]
    fn add(old: u8, amount in -255..256i32, distance in 1..20usize) {
        for goal in GOALS {
            let mut values = vec![0; distance + 1];
            values[distance] = old;
            let after = registers(goal, &values, |a, c| a.add_big(c[distance], c[0], amount));
            let mut expected = vec![0; distance + 1];
            expected[distance] = old.wrapping_add(amount as u8);
            prop_assert_eq!(&after, &expected);
            prop_assert_eq!(registers(goal, &values, |a, c| a.add(c[distance], amount)), expected);
        }
    }

    #[test]
    fn add_each(old: [u8; 5], amounts: [u8; 5]) {
        let values: Vec<u8> = old.into_iter().chain([0]).collect();
        let after = registers(Goal::Size, &values, |a, c| {
            a.add_each(c.iter().copied().zip(amounts).collect(), c[5]);
        });
        let sums = old.iter().zip(amounts).map(|(old, amount)| old.wrapping_add(amount));
        prop_assert_eq!(after, sums.chain([0]).collect::<Vec<u8>>());
    }

    #[test]
    fn move_and_copy(from: u8, to: u8, other: u8, factor in -3..4i32) {
        let product = other.wrapping_add(from.wrapping_mul(factor as u8));
        prop_assert_eq!(
            registers(Goal::Size, &[from, to, other], |a, c| a.move_to(c[0], &[(c[1], 1), (c[2], factor)])),
            [0, to.wrapping_add(from), product]
        );
        prop_assert_eq!(
            registers(Goal::Size, &[from, to, 0], |a, c| a.copy(c[0], c[1], c[2])),
            [from, to.wrapping_add(from), 0]
        );
        // A spare register may take the helper's place.
        let mut a = Assembler::new(Goal::Size);
        let [source, spare, target, helper] = [(); 4].map(|()| a.cell());
        a.spare(spare);
        a.copy(source, target, helper);
        let (after, ..) = run(&a.finish(), &[from, 0, to, 0], b"");
        prop_assert_eq!(&after[..4], [from, 0, to.wrapping_add(from), 0]);
    }

    #[test]
    fn conditions(cell: u8, flag in 0..2u8, counts: [u8; 2]) {
        let [first, second] = counts;
        let (yes, no) = (u8::from(cell != 0), u8::from(cell == 0));
        prop_assert_eq!(
            registers(Goal::Size, &[cell, first], |a, c| a.if_nz(c[0], |a| a.add(c[1], 1))),
            [0, first.wrapping_add(yes)]
        );
        prop_assert_eq!(
            registers(Goal::Size, &[flag, first], |a, c| a.if_flag(c[0], |a| a.add(c[1], 1))),
            [0, first.wrapping_add(flag)]
        );
        prop_assert_eq!(
            registers(Goal::Size, &[cell, 0, first, second], |a, c| {
                a.if_else(c[0], c[1], |a| a.add(c[2], 1), |a| a.add(c[3], 1));
            }),
            [0, 0, first.wrapping_add(yes), second.wrapping_add(no)]
        );
        prop_assert_eq!(registers(Goal::Size, &[cell, first], |a, c| a.not(c[0], c[1])), [0, no]);
        prop_assert_eq!(registers(Goal::Size, &[cell, 0, 0], |a, c| a.zero(c[0], c[1], c[2])), [cell, no, 0]);
        prop_assert_eq!(
            registers(Goal::Size, &[cell, 0, 0], |a, c| a.equals(c[0], i32::from(first), c[1], c[2])),
            [cell, u8::from(cell == first), 0]
        );
        prop_assert_eq!(
            registers(Goal::Size, &[0, cell, 0, first], |a, c| a.test_untouched(c[1], c[3])),
            [0, cell, 0, first.wrapping_add(yes)]
        );
    }

    #[test]
    fn loops(count: u8, sum: u8) {
        let after = registers(Goal::Size, &[count, sum], |a, c| {
            a.while_nz(c[0], |a| {
                a.add(c[1], 3);
                a.add(c[0], -1);
            });
        });
        prop_assert_eq!(after, [0, sum.wrapping_add(count.wrapping_mul(3))]);
    }

    #[test]
    fn division(number: u8, divisor in 2..256i32) {
        let after = registers(Goal::Size, &[number, 0, 0, 0, 0, 0], |a, c| a.divide(c[0], divisor));
        let number = i32::from(number);
        prop_assert_eq!(after, [0, 0, (number % divisor) as u8, (number / divisor) as u8, 0, 0]);
    }

    #[test]
    fn switch(value: u8, values in prop::collection::btree_set(any::<u8>(), 1..8), other: u8) {
        // What each case adds tells which one it was; the default adds 100.
        let expected = values.iter().position(|&case| case == value).map_or(100, |index| index as u8 + 1);
        let cases = |target: Cell| -> Vec<Case<'static>> {
            let case = |(index, &value): (usize, &u8)| -> Case<'static> {
                (value, Box::new(move |a: &mut Assembler| a.add(target, index as i32 + 1)))
            };
            values.iter().enumerate().map(case).collect()
        };
        let last = *values.last().expect("some values");
        let after = registers(Goal::Size, &[value, 0, other, 0], |a, c| {
            a.switch(c[0], c[1], &mut cases(c[2]), &mut |a| {
                a.add(c[2], 100);
                a.move_to(c[0], &[(c[3], 1)]);
            });
        });
        let rest = if expected == 100 { value.wrapping_sub(last) } else { 0 };
        prop_assert_eq!(after, [0, 0, other.wrapping_add(expected), rest]);

        // In place: the value stays in the default, and is what a case makes it.
        let after = registers(Goal::Size, &[value, 0, other, 0, 0], |a, c| {
            a.switch_in_place(c[0], c[1], c[3], &mut cases(c[2]), &mut |a| a.add(c[2], 100));
            assert_eq!(a.here(), c[3]);
        });
        let kept = if expected == 100 { value } else { 0 };
        prop_assert_eq!(after, [kept, 0, other.wrapping_add(expected), 0, 0]);
    }

    #[test]
    fn when_zero(value in prop_oneof![Just(0u8), any::<u8>()], other: u8) {
        for goal in GOALS {
            let after = registers(goal, &[value, 0, 0, other], |a, c| a.when_zero(c[0], |a| {
                a.add(c[3], 1);
                a.add(c[0], 2);
            }));
            let expected = if value == 0 { [2, 0, 0, other.wrapping_add(1)] } else { [value, 0, 0, other] };
            prop_assert_eq!(after, expected);
        }
    }

    #[test]
    fn print(text in "[ -~\n]{0,20}") {
        for goal in GOALS {
            let mut a = Assembler::new(goal);
            let cells = [a.cell(), a.cell()];
            a.print(cells[0], cells[1], &text);
            let (after, output, _) = run(&a.finish(), &[], b"");
            prop_assert_eq!(output, text.as_bytes());
            prop_assert_eq!(after, vec![0; CELLS]);
        }
    }

    #[test]
    fn print_long(text in "[ -~\n]{0,40}", other in "[ -~\n]{0,40}") {
        let mut a = Assembler::new(Goal::Size);
        let cells = a.array(8);
        a.print_long(cells, &text);
        let palette = Palette::new(&[&text, &other]);
        assert!(palette.cells() <= 8);
        for text in [&text, &other] {
            a.load_palette(cells, &palette);
            a.print_from(cells, &palette, text);
            a.clear_palette(cells, &palette);
        }
        let (after, output, _) = run(&a.finish(), &[], b"");
        prop_assert_eq!(String::from_utf8_lossy(&output), format!("{text}{text}{other}"));
        prop_assert_eq!(after, vec![0; CELLS]);
    }
}

#[test]
fn a_palette_makes_a_text_shorter() {
    let text = "a text that is longer\nthan one line\n";
    let print = |long: bool| {
        let mut a = Assembler::new(Goal::Size);
        let cells = a.array(8);
        if long {
            a.print_long(cells, text);
        } else {
            a.print(cells, cells.at(1), text);
        }
        a.finish().len()
    };
    assert!(print(true) * 3 < print(false) * 2, "{} and {}", print(true), print(false));
}

#[test]
fn input_and_output() {
    let mut a = Assembler::new(Goal::Size);
    let cell = a.cell();
    a.input(cell);
    a.output(cell);
    assert_eq!(run(&a.finish(), &[7], b"x").1, b"x");
}

#[test]
fn a_scan_leads_to_the_first_zero_of_its_lane() {
    let frame = Space(1);
    let mut a = Assembler::new(Goal::Size);
    let first = a.cell();
    a.goto(first);
    a.scan(3);
    a.arrive(lane(frame, 0));
    a.add(lane(frame, 1), 5);
    a.goto(lane(frame, 0));
    let (cells, _, pointer) = run(&a.finish(), &[1, 9, 9, 2, 9, 9, 0, 9, 9], b"");
    assert_eq!((cells[7], pointer), (14, 6));
}

#[test]
#[should_panic(expected = "only a scan leaves a space")]
fn a_block_that_ends_elsewhere_is_a_mistake() {
    let mut a = Assembler::new(Goal::Size);
    let cell = a.cell();
    a.while_nz(cell, |a| a.arrive(lane(Space(1), 0)));
}

/// Counts down from a number, calls a routine for each, and in it another one: the letters that it prints.
fn flow(start: u8) -> Vec<u8> {
    let asm = Assembler::new(Goal::Size);
    let mut f = Flow::new(asm);
    let [count, letter, flag, helper] = [(); 4].map(|()| f.cell());
    let (inner, outer) = (f.routine(0), f.routine(1));
    f.define(inner, |f| f.code(|a| a.output(letter)));
    f.define(outer, |f| {
        f.code(|a| a.set(letter, b'a'));
        f.call(inner);
        f.code(|a| a.zero(count, flag, helper));
        // Another letter for the last one.
        f.if_else(flag, |f| f.code(|a| a.set(letter, b'z')), |f| f.code(|a| a.set(letter, b'b')));
        f.call(inner);
    });
    let begin = f.label();
    f.place(begin);
    f.code(|a| a.set(count, start));
    f.while_nz(
        flag,
        |f| f.code(|a| a.copy(count, flag, helper)),
        |f| {
            f.code(|a| a.add(count, -1));
            f.call(outer);
        },
    );
    f.code(|a| a.set(count, 2));
    f.repeat(flag, |f| {
        f.code(|a| {
            a.add(count, -1);
            a.set(letter, b'.');
        });
        f.call_unless(flag, inner);
        f.code(|a| a.copy(count, flag, helper));
        f.call_if(flag, inner);
        f.code(|a| a.copy(count, flag, helper));
    });
    f.code(|a| a.set(count, start % 3));
    let choices = [(); 3].map(|()| f.label());
    f.choose(count, choices[0], &choices[1..]);
    for (label, sign) in choices.into_iter().zip(b'0'..) {
        f.place(label);
        f.code(|a| {
            a.set(letter, sign);
            a.output(letter);
        });
        f.exit();
    }
    let to_origin = ">".repeat(f.origin().offset as usize);
    run(&(to_origin + &f.finish(begin).finish()), &[], b"").1
}

#[test]
fn routines_return_to_their_callers() {
    assert_eq!(flow(0), b"...0");
    assert_eq!(flow(1), b"az...1");
    assert_eq!(flow(2), b"abaz...2");
    assert_eq!(flow(3), b"ababaz...0");
}

#[test]
fn a_better_layout_means_the_same_and_is_shorter() {
    let write = |layout| {
        let mut a = Assembler::with_layout(Goal::Size, layout);
        let fixed = a.array(3);
        a.fix_layout(vec![fixed.offset + 1]);
        let cells: Vec<Cell> = (0..30).map(|_| a.cell()).collect();
        // One of them lies in the gap.
        assert_eq!(cells.iter().filter(|cell| cell.offset == fixed.offset + 1).count(), 1);
        assert_eq!(a.layout().length(), 32);
        a.set(cells[0], 65);
        for _ in 0..5 {
            a.move_to(cells[0], &[(cells[29], 1)]);
            a.move_to(cells[29], &[(cells[0], 1)]);
        }
        a.output(cells[0]);
        let layout = a.layout().clone();
        (a.finish(), layout)
    };
    let (first, used) = write(Default::default());
    let (second, _) = write(used.improved());
    assert!(second.len() < first.len() / 2, "{} and {}", first.len(), second.len());
    for text in [first, second] {
        assert_eq!(run(&text, &[], b"").1, b"A");
    }
}
