//! Long runs, written with the assembler: what later work on performance is measured by. Their texts and outputs are among
//! the shipped [`crate::programs`]; a test assembles them again and compares.

use crate::assembler::{lane, Assembler, Cell, Goal, Space};

/// All of them by name.
pub fn all() -> [(&'static str, String); 3] {
    [("factors", factors()), ("hanoi", hanoi()), ("mandelbrot", mandelbrot())]
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

/// The unit of the Mandelbrot set's numbers: they are fractions of this denominator.
pub const UNIT: i32 = 16;
/// Its columns, from -2 on, and how far each is from the next.
pub const COLUMNS: (i32, i32) = (40, 1);
/// Its rows, from -5/4 on, and how far each is from the next.
pub const ROWS: (i32, i32) = (21, 2);
/// Where the columns and the rows begin: so far below 0.
pub const BEFORE: (i32, i32) = (2 * UNIT, 5 * UNIT / 4);
/// Steps after which a point belongs to the set.
pub const STEPS: i32 = 26;

/// The Mandelbrot set: a letter for each point, the number of steps of `z * z + c` after which it has escaped, or a space.
///
/// A number is a magnitude, in units of 1/16, and a sign. Products are cut off towards 0.
pub fn mandelbrot() -> String {
    let mut a = Assembler::new(Goal::Size);
    let [rows, columns, real, imaginary, steps, letter, escaped, helper, flag, count] =
        [(); 10].map(|()| a.cell());
    // The number z, and what its next one is made of.
    let [x, x_minus, y, y_minus] = [(); 4].map(|()| a.cell());
    let [xx, yy, xy, plus] = [(); 4].map(|()| a.cell());
    let division = a.array(6);
    // A cell between two that are 0.
    let minus = a.array(3).at(1);
    let (remainder, quotient) = (division.at(2), division.at(3));

    // Adds the quotient of a number, which is 0 afterwards, to a cell.
    let at_least = |a: &mut Assembler, number: Cell, limit: i32, to: Cell| {
        a.copy(number, division, helper);
        a.divide(division, limit);
        a.clear(remainder);
        a.move_to(quotient, &[(to, 1)]);
    };
    // The product of two magnitudes: what is left of each multiple beyond whole units is carried on.
    let multiply = |a: &mut Assembler, one: Cell, other: Cell, to: Cell| {
        a.copy(one, count, helper);
        a.while_nz(count, |a| {
            a.add(count, -1);
            a.move_to(remainder, &[(division, 1)]);
            a.copy(other, division, helper);
            a.divide(division, UNIT);
            a.move_to(quotient, &[(to, 1)]);
        });
        a.clear(remainder);
    };
    // The difference of `plus` and `minus`, which are 0 afterwards.
    let subtract = |a: &mut Assembler, magnitude: Cell, negative: Cell| {
        a.while_nz(plus, |a| {
            a.add(plus, -1);
            a.test_untouched(minus, flag);
            a.if_else(flag, helper, |a| a.add(minus, -1), |a| a.add(magnitude, 1));
        });
        a.test_untouched(minus, negative);
        a.move_to(minus, &[(magnitude, 1)]);
    };

    a.add(rows, ROWS.0);
    a.while_nz(rows, |a| {
        a.add(rows, -1);
        a.add(columns, COLUMNS.0);
        a.while_nz(columns, |a| {
            a.add(columns, -1);
            a.add(steps, STEPS);
            a.add_big(letter, helper, i32::from(b'a'));
            a.while_nz(steps, |a| {
                a.add(steps, -1);
                // Farther than 2 from 0; the squares are small enough for a cell if neither part is.
                at_least(a, x, 2 * UNIT, escaped);
                at_least(a, y, 2 * UNIT, escaped);
                a.copy(escaped, flag, helper);
                a.if_else(
                    flag,
                    helper,
                    |_| {},
                    |a| {
                        multiply(a, x, x, xx);
                        multiply(a, y, y, yy);
                        a.copy(xx, plus, helper);
                        a.copy(yy, plus, helper);
                        at_least(a, plus, 4 * UNIT + 1, escaped);
                        a.clear(plus);
                        multiply(a, x, y, xy);
                    },
                );
                for cell in [x, y] {
                    a.clear(cell);
                }
                // The signs of x and y are of no use any more after their product's.
                a.if_flag(x_minus, |a| {
                    a.add(flag, 1);
                    a.if_flag(y_minus, |a| a.add(flag, -1));
                });
                a.if_flag(y_minus, |a| a.add(flag, 1));
                a.if_else(flag, helper, |a| a.move_to(xy, &[(minus, 2)]), |a| a.move_to(xy, &[(plus, 2)]));
                a.copy(imaginary, plus, helper);
                a.add_big(minus, helper, BEFORE.1);
                subtract(a, y, y_minus);
                a.move_to(xx, &[(plus, 1)]);
                a.move_to(yy, &[(minus, 1)]);
                a.copy(real, plus, helper);
                a.add_big(minus, helper, BEFORE.0);
                subtract(a, x, x_minus);
                a.copy(escaped, flag, helper);
                a.if_else(flag, helper, |a| a.clear(steps), |a| a.add(letter, 1));
                // The last step: it belongs to the set.
                a.copy(escaped, flag, helper);
                a.copy(steps, flag, helper);
                a.if_else(flag, helper, |_| {}, |a| a.set(letter, b' '));
            });
            a.output(letter);
            for cell in [letter, escaped, x, x_minus, y, y_minus] {
                a.clear(cell);
            }
            a.add(real, COLUMNS.1);
        });
        a.clear(real);
        a.print(letter, helper, "\n");
        a.add(imaginary, ROWS.1);
    });
    a.finish()
}
