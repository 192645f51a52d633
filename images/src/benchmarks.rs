//! Long runs, written with the assembler: what later work on performance is measured by. Their texts and outputs are among
//! the shipped [`crate::programs`]; a test assembles them again and compares.

use crate::assembler::{lane, Assembler, Cell, Goal, Space};

/// All of them by name.
pub fn all() -> [(&'static str, String); 2] {
    [("factors", factors()), ("hanoi", hanoi())]
}

/// The prime factors of the numbers from 2 to 255, by trial division.
pub fn factors() -> String {
    let mut a = Assembler::new(Goal::Size);
    let [number, rest, factor, not_one, helper] = [(); 5].map(|()| a.cell());
    let division = a.array(6);
    let (remainder, quotient) = (division.at(2), division.at(3));
    a.add(number, 2);
    a.while_nz(number, |a| {
        a.copy(number, rest, helper);
        decimal(a, rest, division);
        a.print(not_one, helper, ":");
        a.copy(number, rest, helper);
        a.add(factor, 2);
        a.add(not_one, 1);
        a.while_nz(not_one, |a| {
            a.clear(not_one);
            a.copy(rest, division, helper);
            a.divide_by(division, factor, helper);
            a.if_else(
                remainder,
                helper,
                |a| {
                    a.clear(quotient);
                    a.add(factor, 1);
                },
                |a| {
                    a.clear(rest);
                    a.move_to(quotient, &[(rest, 1)]);
                    a.print(not_one, helper, " ");
                    a.copy(factor, not_one, helper);
                    decimal(a, not_one, division);
                },
            );
            a.copy(rest, not_one, helper);
            a.add(not_one, -1);
        });
        for cell in [rest, factor] {
            a.clear(cell);
        }
        a.print(not_one, helper, "\n");
        a.add(number, 1);
    });
    a.finish()
}

/// Prints a number, which is 0 afterwards. The cells of the division are 0 before and after.
fn decimal(a: &mut Assembler, number: Cell, division: Cell) {
    let (remainder, quotient) = (division.at(2), division.at(3));
    let (hundreds, tens) = (division.at(4), division.at(5));
    // The division needs its last two cells to be 0, so the lowest digit waits in the number.
    a.move_to(number, &[(division, 1)]);
    a.divide(division, 10);
    a.move_to(remainder, &[(number, 1)]);
    a.move_to(quotient, &[(division, 1)]);
    a.divide(division, 10);
    a.move_to(remainder, &[(tens, 1)]);
    a.move_to(quotient, &[(hundreds, 1)]);
    // A zero is only printed behind another digit.
    a.while_nz(hundreds, |a| {
        a.move_to(hundreds, &[(division, 1)]);
        a.add_big(division, division.at(1), 48);
        a.output(division);
        a.clear(division);
        // The tens are printed in any case.
        a.add_big(tens, division.at(1), 48);
        a.output(tens);
        a.clear(tens);
    });
    a.while_nz(tens, |a| {
        a.add_big(tens, division, 48);
        a.output(tens);
        a.clear(tens);
    });
    a.add_big(number, division, 48);
    a.output(number);
    a.clear(number);
}

/// Disks of the tower.
const DISKS: i32 = 12;

/// The Towers of Hanoi with 12 disks: every move, as disk, peg, peg.
///
/// A binary counter says which disk is next: the number of ones at its low end. A disk always moves in the same direction, an even
/// one and an odd one in different ones.
pub fn hanoi() -> String {
    // A frame for each disk: a mark, its bit of the counter, its peg, its letter, its direction, and a scratch cell.
    const STRIDE: i32 = 6;
    const DISK: Space = Space(1);
    let [mark, bit, peg, letter, step, scratch] = [0, 1, 2, 3, 4, 5].map(|offset| lane(DISK, offset));
    let mut a = Assembler::new(Goal::Size);
    let edge = a.cell();
    for disk in 0..DISKS {
        let frame = edge.at(STRIDE * (disk + 1));
        a.add(frame, 1);
        a.add_big(frame.at(3), frame.at(1), i32::from(b'a') + disk);
        // So that the smallest disk begins towards the last peg.
        a.add(frame.at(4), if disk % 2 == DISKS % 2 { 1 } else { 2 });
    }
    // Behind the last disk the mark is 0: there the moves end.
    let first = edge.at(STRIDE);
    a.goto(first);
    a.arrive(mark);
    a.while_nz(mark, |a| {
        // Over the ones, which become zeros, to the first disk that has none.
        a.while_nz(bit, |a| {
            a.add(bit, -1);
            a.goto(bit.at(STRIDE));
            a.arrive(bit);
        });
        a.add(bit, 1);
        // Beyond the last disk there is no mark.
        a.copy(mark, scratch, lane(DISK, -1));
        a.if_flag(scratch, |a| {
            a.output(letter);
            let print_peg = |a: &mut Assembler| {
                a.add_big(peg, scratch, 49);
                a.output(peg);
                a.add_big(peg, scratch, -49);
            };
            print_peg(a);
            a.copy(step, peg, scratch);
            // Three is the first peg again.
            a.copy(peg, scratch, lane(DISK, -1));
            a.add(scratch, -3);
            let less = lane(DISK, -1);
            a.add(less, 1);
            a.if_nz(scratch, |a| a.add(less, -1));
            a.if_flag(less, |a| a.clear(peg));
            a.copy(peg, scratch, less);
            a.add(scratch, -4);
            a.add(less, 1);
            a.if_nz(scratch, |a| a.add(less, -1));
            a.if_flag(less, |a| a.set(peg, 1));
            print_peg(a);
            a.print(scratch, less, "\n");
            // Back to the first disk, past its mark to the edge, and one on.
            a.goto(mark);
            a.scan(-STRIDE);
            a.step(STRIDE);
            a.arrive(mark);
        });
    });
    a.finish()
}
