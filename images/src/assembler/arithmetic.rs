//! Macros that set, add, move, copy, compare and choose.

use super::{Assembler, Cell, Goal};

impl Assembler {
    /// Adds a constant; negative to subtract. One command per unit.
    pub fn add(&mut self, cell: Cell, amount: i32) {
        if amount != 0 {
            self.goto(cell);
            let command = if amount < 0 { "-" } else { "+" };
            self.raw(&command.repeat(amount.unsigned_abs() as usize));
        }
    }

    /// Makes the cell 0, whatever it was.
    pub fn clear(&mut self, cell: Cell) {
        self.goto(cell);
        self.raw("[-]");
    }

    /// Gives the cell a value, whatever it was.
    pub fn set(&mut self, cell: Cell, value: u8) {
        self.clear(cell);
        self.add(cell, i32::from(value));
    }

    /// Adds a constant with the help of a cell that is 0 before and after, by a product where that spares what the goal
    /// says.
    pub fn add_big(&mut self, cell: Cell, helper: Cell, amount: i32) {
        match product(amount, cell.offset.abs_diff(helper.offset) as i32, self.goal()) {
            None => self.add(cell, amount),
            Some((turns, each)) => {
                self.add(helper, turns);
                self.while_nz(helper, |a| {
                    a.add(helper, -1);
                    a.add(cell, each);
                });
                self.add(cell, amount - turns * each);
            }
        }
    }

    /// Adds a constant to each of several cells with the help of a cell that is 0 before and after, all by one product and
    /// what is missing then.
    pub fn add_each(&mut self, amounts: Vec<(Cell, u8)>, helper: Cell) {
        let parts = |turns: i32, amount: u8| {
            let each = (i32::from(amount) + turns / 2) / turns;
            (each, i32::from(amount) - turns * each)
        };
        let length = |turns: i32| -> i32 {
            let sum = |&(_, amount): &(Cell, u8)| {
                let (each, rest) = parts(turns, amount);
                each + rest.abs()
            };
            turns + amounts.iter().map(sum).sum::<i32>()
        };
        let turns = (1..=32).min_by_key(|&turns| length(turns)).expect("some turns");
        self.add(helper, turns);
        self.while_nz(helper, |a| {
            a.add(helper, -1);
            for &(cell, amount) in &amounts {
                a.add(cell, parts(turns, amount).0);
            }
        });
        for &(cell, amount) in amounts.iter().rev() {
            self.add(cell, parts(turns, amount).1);
        }
    }

    /// Adds the cell, times a factor each, to others, and leaves 0 in it.
    pub fn move_to(&mut self, from: Cell, to: &[(Cell, i32)]) {
        self.while_nz(from, |a| {
            a.add(from, -1);
            for &(cell, factor) in to {
                a.add(cell, factor);
            }
        });
    }

    /// Adds the cell to another with the help of a cell that is 0 before and after.
    pub fn copy(&mut self, from: Cell, to: Cell, helper: Cell) {
        let helper = self.nearest(from, helper, to);
        self.move_to(from, &[(helper, 1), (to, 1)]);
        self.move_to(helper, &[(from, 1)]);
    }

    /// Divides a number, in the first of six cells side by side, the others of which are 0, by 2 or more: the remainder is in the
    /// third, the quotient in the fourth one, and the others are 0. About ten commands a unit.
    pub fn divide(&mut self, number: Cell, divisor: i32) {
        assert!(divisor >= 2, "a divisor of 2 or more");
        self.add(number.at(1), divisor);
        self.divide_cells(number);
    }

    /// As [`Assembler::divide`], by a cell with 2 or more, with the help of another one that is 0 before and after.
    pub fn divide_by(&mut self, number: Cell, divisor: Cell, helper: Cell) {
        self.copy(divisor, number.at(1), helper);
        self.divide_cells(number);
    }

    fn divide_cells(&mut self, number: Cell) {
        self.goto(number);
        // The divisor counts down beside the remainder, which takes its place when it is 0. (A well-known idiom:
        // esolangs.org, "Brainfuck algorithms", divmod.)
        self.raw("[->-[>+>>]>[+[-<+>]>+>>]<<<<<]");
        self.clear(number.at(1));
    }

    /// Carries out the body if the flag, which is 0 or 1, is 1. It is 0 from the body's beginning on.
    pub fn if_flag(&mut self, flag: Cell, body: impl FnOnce(&mut Self)) {
        self.while_nz(flag, |a| {
            a.add(flag, -1);
            body(a);
        });
    }

    /// Carries out the body if the cell is not 0. It is 0 from the body's beginning on.
    pub fn if_nz(&mut self, cell: Cell, body: impl FnOnce(&mut Self)) {
        self.while_nz(cell, |a| {
            a.clear(cell);
            body(a);
        });
    }

    /// One of two bodies, by whether the cell is 0. The cell is 0 from the beginning of both on; the helper is 0 before,
    /// within and after.
    pub fn if_else(
        &mut self,
        cell: Cell,
        helper: Cell,
        then: impl FnOnce(&mut Self),
        otherwise: impl FnOnce(&mut Self),
    ) {
        let helper = self.nearest(cell, helper, cell);
        self.add(helper, 1);
        self.while_nz(cell, |a| {
            a.clear(cell);
            a.add(helper, -1);
            then(a);
        });
        self.if_flag(helper, otherwise);
    }

    /// `to`, which was 0, becomes 1 if the cell is 0. The helper is 0 before and after.
    pub fn zero(&mut self, cell: Cell, to: Cell, helper: Cell) {
        self.equals(cell, 0, to, helper);
    }

    /// `to`, which was 0, becomes 1 if the cell has the value. The helper is 0 before and after.
    pub fn equals(&mut self, cell: Cell, value: i32, to: Cell, helper: Cell) {
        self.copy(cell, to, helper);
        self.add(to, -value);
        let helper = self.nearest(to, helper, to);
        self.add(helper, 1);
        self.if_nz(to, |a| a.add(helper, -1));
        self.if_flag(helper, |a| a.add(to, 1));
    }

    /// Carries out the body if a cell is 0. The two cells to the right of it are 0 before, in the body and after.
    pub fn when_zero(&mut self, cell: Cell, body: impl FnOnce(&mut Self)) {
        let (flag, zero) = (cell.at(1), cell.at(2));
        self.add(flag, 1);
        self.goto(cell);
        // From the cell to the flag, which becomes 0, or not at all; so this ends at the flag if the cell is 0, else to the
        // right of it.
        self.raw("[>-]>");
        self.arrive(flag);
        self.if_flag(flag, |a| {
            body(a);
            a.goto(zero);
            a.arrive(flag);
        });
        self.arrive(zero);
    }

    /// `to` becomes 1 if the cell is 0, else 0; both were anything, and the cell is 0 afterwards.
    pub fn not(&mut self, cell: Cell, to: Cell) {
        self.set(to, 1);
        self.if_nz(cell, |a| a.clear(to));
    }

    /// Adds 1 to the count if a cell is not 0: [`Assembler::when_untouched`].
    pub fn test_untouched(&mut self, cell: Cell, count: Cell) {
        self.when_untouched(cell, |a| a.add(count, 1));
    }

    /// Carries out the body if a cell is not 0, and never changes the cell: power may fail at any command.
    ///
    /// Its two neighbours must be 0. Ends at the left one.
    pub fn when_untouched(&mut self, cell: Cell, body: impl FnOnce(&mut Self)) {
        self.goto(cell);
        self.raw("[");
        body(self);
        self.goto(cell.at(1));
        // Here the pointer is one to the right of where it is without the body.
        self.raw("]<[<]");
        self.arrive(cell.at(-1));
    }

    /// Chooses by the value of a cell. Cases are values, in rising order, with bodies; the flag is 0 before and after.
    ///
    /// The cell is 0 at the beginning of a case. The default finds the value less the last case's, and the cell may be
    /// anything after it. All of them are written in place: the loops nest as deep as there are cases.
    pub fn switch(
        &mut self,
        cell: Cell,
        flag: Cell,
        cases: &mut [Case<'_>],
        default: &mut dyn FnMut(&mut Self),
    ) {
        self.add(flag, 1);
        self.cases(cell, flag, 0, cases, default);
    }

    fn cases(
        &mut self,
        cell: Cell,
        flag: Cell,
        from: u8,
        cases: &mut [Case<'_>],
        default: &mut dyn FnMut(&mut Self),
    ) {
        let Some(((value, body), rest)) = cases.split_first_mut() else {
            self.add(flag, -1);
            default(self);
            self.clear(cell);
            return;
        };
        assert!(*value >= from, "cases rise");
        self.add(cell, -i32::from(*value - from));
        self.goto(cell);
        self.raw("[");
        self.cases(cell, flag, *value, rest, default);
        self.goto(cell);
        self.raw("]");
        self.if_flag(flag, |a| body(a));
    }

    /// As [`Assembler::switch`], but the default finds the value as it was, and whatever a body leaves in the cell stays there.
    /// Nothing is moved: it costs twice the highest case and the bodies.
    ///
    /// It ends at the exit cell, which must be 0 like the one that is as far from it as the flag from the cell: the
    /// loops that are still open when the value is found are left there.
    pub fn switch_in_place(
        &mut self,
        cell: Cell,
        flag: Cell,
        exit: Cell,
        cases: &mut [Case<'_>],
        default: &mut dyn FnMut(&mut Self),
    ) {
        let beside_exit = exit.at(flag.offset - cell.offset);
        self.add(flag, 1);
        let mut from = 0;
        for (value, _) in cases.iter() {
            assert!(*value >= from, "cases rise");
            self.add(cell, -i32::from(*value - from));
            self.goto(cell);
            self.raw("[");
            from = *value;
        }
        self.add(flag, -1);
        self.add(cell, i32::from(from));
        default(self);
        self.goto(exit);
        for (_, body) in cases.iter_mut().rev() {
            self.raw("]");
            // Either here or at the exit.
            self.arrive(cell);
            self.goto(flag);
            self.raw("[-");
            body(self);
            self.goto(beside_exit);
            self.raw("]");
            self.arrive(flag);
            self.goto(cell);
        }
        self.flush();
        self.arrive(exit);
    }
}

/// A value and what to do if the cell has it.
pub type Case<'a> = (u8, Box<dyn FnMut(&mut Assembler) + 'a>);

/// The factors of a product that is better than so many single commands: turns of a loop, and units each turn.
fn product(amount: i32, distance: i32, goal: Goal) -> Option<(i32, i32)> {
    if goal == Goal::Steps {
        return None;
    }
    let direct = amount.abs();
    (2..=16)
        .map(|turns| {
            let each = (amount + amount.signum() * turns / 2) / turns;
            let rest = (amount - turns * each).abs();
            (turns + each.abs() + rest + 4 * distance + 3, turns, each)
        })
        .min()
        .filter(|&(length, _, each)| length < direct && each != 0)
        .map(|(_, turns, each)| (turns, each))
}
