//! Programs of many parts: labels, branches and routines that are written once and called from anywhere.
//!
//! Brainfuck has no jump. A flow is one big loop around a choice between blocks; each block ends by naming the next. The name
//! of a block has three digits, so that the choice is short and nests only as deep as three digits need. A caller of a
//! routine says by a number who it is, in a register that the routine shares with those of its level: a routine may only call
//! others of lower levels.

use super::{Assembler, Cell, Layout};

/// Digits of a label, and values of a digit.
const DIGITS: usize = 3;
const BASE: usize = 7;

/// A block, perhaps still to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// A block that returns to whoever called it.
#[derive(Clone, Copy, Debug)]
pub struct Routine {
    entry: Label,
    exit: Label,
    /// Number of the caller, from 1 on; 0 while nobody calls.
    caller: Cell,
    /// Number of the routine.
    index: usize,
    level: usize,
}

/// The blocks of a program.
pub struct Flow {
    asm: Assembler,
    /// Digits of the block that runs next; 0 in the first ends the flow.
    next: [Cell; DIGITS],
    /// The same digits while the choice is made, all 0 within a block, and the flags of the choice.
    digits: [Cell; DIGITS],
    flags: [Cell; DIGITS],
    blocks: Vec<Option<String>>,
    current: Option<Label>,
    /// Where the callers of each routine go on, and the routine.
    callers: Vec<(Routine, Vec<Label>)>,
    /// For each level the register that names the caller.
    levels: Vec<Cell>,
    /// Level of the routine that is written; that of the main part is above all.
    level: usize,
}

impl Flow {
    /// A flow that uses registers of the assembler, all 0 when it begins.
    pub fn new(mut asm: Assembler) -> Self {
        let first = asm.array(3 * DIGITS);
        // Each digit of the choice beside its flag, then the digits of the next block.
        let cells =
            |start: usize, step: usize| std::array::from_fn(|digit| first.at((start + step * digit) as i32));
        Flow {
            asm,
            digits: cells(0, 2),
            flags: cells(1, 2),
            next: cells(2 * DIGITS, 1),
            blocks: Vec::new(),
            current: None,
            callers: Vec::new(),
            levels: Vec::new(),
            level: usize::MAX,
        }
    }

    /// Where the pointer is when the flow begins.
    pub fn origin(&self) -> Cell {
        self.next[0]
    }

    /// A new register.
    pub fn cell(&mut self) -> Cell {
        self.asm.cell()
    }

    /// So many new registers side by side.
    pub fn array(&mut self, length: usize) -> Cell {
        self.asm.array(length)
    }

    /// The registers as they were placed and used.
    pub fn layout(&self) -> &Layout {
        self.asm.layout()
    }

    /// A block to be placed later.
    pub fn label(&mut self) -> Label {
        self.blocks.push(None);
        Label(self.blocks.len() - 1)
    }

    /// Begins the block; whatever was being written goes on to it.
    pub fn place(&mut self, label: Label) {
        if self.current.is_some() {
            self.jump(label);
        }
        assert!(self.blocks[label.0].is_none(), "a label is placed once");
        let start = self.flags[DIGITS - 1];
        let rest = self.asm.take(start);
        assert!(rest.is_empty(), "nothing is written between blocks");
        self.current = Some(label);
    }

    /// Code within the block.
    pub fn code(&mut self, code: impl FnOnce(&mut Assembler)) {
        assert!(self.current.is_some(), "code belongs to a block");
        code(&mut self.asm);
    }

    /// Ends the block: the other one is next.
    pub fn jump(&mut self, label: Label) {
        self.name(label);
        self.end();
    }

    /// Ends the block and the flow.
    pub fn exit(&mut self) {
        self.end();
    }

    /// Ends the block: one of two is next, by whether the cell is 0, which it is afterwards.
    pub fn branch(&mut self, cell: Cell, then: Label, otherwise: Label) {
        let next = self.next;
        let (a, b) = (digits(then), digits(otherwise));
        for digit in 0..DIGITS {
            self.asm.add(next[digit], b[digit]);
        }
        self.asm.if_nz(cell, |asm| {
            for digit in 0..DIGITS {
                asm.add(next[digit], a[digit] - b[digit]);
            }
        });
        self.end();
    }

    /// Ends the block: the first label is next if the cell is 0, else the one of the others with its number, from 1 on. The cell
    /// is 0 afterwards.
    pub fn choose(&mut self, cell: Cell, zero: Label, labels: &[Label]) {
        let all: Vec<Label> = std::iter::once(zero).chain(labels.iter().copied()).collect();
        self.name_one(cell, &all);
        self.end();
    }

    /// A routine to be placed later, which only calls routines of lower levels.
    pub fn routine(&mut self, level: usize) -> Routine {
        while self.levels.len() <= level {
            let cell = self.asm.cell();
            self.levels.push(cell);
        }
        let routine = Routine {
            entry: self.label(),
            exit: self.label(),
            caller: self.levels[level],
            index: self.callers.len(),
            level,
        };
        self.callers.push((routine, Vec::new()));
        routine
    }

    /// Writes a routine.
    pub fn define(&mut self, routine: Routine, body: impl FnOnce(&mut Self)) {
        assert!(self.current.is_none(), "a routine begins where nothing goes on");
        self.level = routine.level;
        self.place(routine.entry);
        body(self);
        if self.current.is_some() {
            self.jump(routine.exit);
        }
        self.level = usize::MAX;
    }

    /// Calls a routine, and goes on afterwards.
    pub fn call(&mut self, routine: Routine) {
        let after = self.label();
        let caller = self.new_caller(routine, after);
        self.asm.add(routine.caller, caller);
        self.jump(routine.entry);
        self.place(after);
    }

    /// Calls a routine if the cell is not 0, which it is afterwards.
    pub fn call_if(&mut self, cell: Cell, routine: Routine) {
        let after = self.label();
        self.call_and_go_on(cell, routine, after, after, |_| {});
        self.place(after);
    }

    /// Calls a routine if the cell is 0, which it is afterwards.
    pub fn call_unless(&mut self, cell: Cell, routine: Routine) {
        let after = self.label();
        let caller = self.new_caller(routine, after);
        let (entry, skip) = (digits(routine.entry), digits(after));
        let next = self.next;
        self.asm.add(routine.caller, caller);
        self.name(routine.entry);
        self.asm.if_nz(cell, |asm| {
            asm.add(routine.caller, -caller);
            for digit in 0..DIGITS {
                asm.add(next[digit], skip[digit] - entry[digit]);
            }
        });
        self.end();
        self.place(after);
    }

    /// Calls a routine again and again, with the body after each call, as long as it leaves something other than 0 in the cell,
    /// which is 0 in the body and afterwards.
    pub fn while_call(&mut self, cell: Cell, routine: Routine, body: impl FnOnce(&mut Assembler)) {
        let (check, after) = (self.label(), self.label());
        let caller = self.new_caller(routine, check);
        self.asm.add(routine.caller, caller);
        self.jump(routine.entry);
        self.place(check);
        self.call_and_go_on(cell, routine, check, after, body);
        self.place(after);
    }

    /// The body at least once, and as long as it leaves something other than 0 in the cell, which is 0 afterwards.
    pub fn repeat(&mut self, cell: Cell, body: impl FnOnce(&mut Self)) {
        let (again, after) = (self.label(), self.label());
        self.place(again);
        body(self);
        self.branch(cell, again, after);
        self.place(after);
    }

    /// Ends the block: if the cell is not 0, the body and then the routine, which comes back to a label; else another label.
    fn call_and_go_on(
        &mut self,
        cell: Cell,
        routine: Routine,
        back: Label,
        otherwise: Label,
        body: impl FnOnce(&mut Assembler),
    ) {
        // The same caller as the one that goes on there, if there is one.
        let known = self.callers[routine.index].1.iter().position(|&label| label == back);
        let caller = known.map_or_else(|| self.new_caller(routine, back), |index| index as i32 + 1);
        let (entry, skip) = (digits(routine.entry), digits(otherwise));
        let next = self.next;
        self.name(otherwise);
        self.asm.if_nz(cell, |asm| {
            body(asm);
            asm.add(routine.caller, caller);
            for digit in 0..DIGITS {
                asm.add(next[digit], entry[digit] - skip[digit]);
            }
        });
        self.end();
    }

    /// The number of a caller that goes on at the label.
    fn new_caller(&mut self, routine: Routine, label: Label) -> i32 {
        assert!(routine.level < self.level, "a routine calls lower ones");
        let callers = &mut self.callers[routine.index].1;
        callers.push(label);
        callers.len() as i32
    }

    /// The end of a routine: the choice between its callers.
    fn write_exit(&mut self, routine: Routine, callers: &[Label]) {
        self.place(routine.exit);
        self.asm.add(routine.caller, -1);
        self.name_one(routine.caller, callers);
        self.end();
    }

    /// Names the label that has the cell's number, from 0 on, with the cells of the choice, all 0 within a block.
    fn name_one(&mut self, cell: Cell, labels: &[Label]) {
        let (next, number, flag) = (self.next, self.digits[DIGITS - 1], self.flags[DIGITS - 1]);
        self.asm.move_to(cell, &[(number, 1)]);
        choose(&mut self.asm, number, flag, labels, &mut |asm, label| {
            for (cell, digit) in next.into_iter().zip(digits(*label)) {
                asm.add(cell, digit);
            }
        });
    }

    /// Calls one of two bodies, by whether the cell is 0, which it is from then on.
    pub fn if_else(&mut self, cell: Cell, then: impl FnOnce(&mut Self), otherwise: impl FnOnce(&mut Self)) {
        let (yes, no, after) = (self.label(), self.label(), self.label());
        self.branch(cell, yes, no);
        self.place(yes);
        then(self);
        if self.current.is_some() {
            self.jump(after);
        }
        self.place(no);
        otherwise(self);
        if self.current.is_some() {
            self.jump(after);
        }
        self.place(after);
    }

    /// The body if the cell is not 0; it is 0 from then on.
    pub fn if_nz(&mut self, cell: Cell, then: impl FnOnce(&mut Self)) {
        let (yes, after) = (self.label(), self.label());
        self.branch(cell, yes, after);
        self.place(yes);
        then(self);
        self.place(after);
    }

    /// The body again and again as long as the head leaves something other than 0 in the cell, which is 0 afterwards.
    pub fn while_nz(&mut self, cell: Cell, head: impl FnOnce(&mut Self), body: impl FnOnce(&mut Self)) {
        let (again, inside, after) = (self.label(), self.label(), self.label());
        self.place(again);
        head(self);
        self.branch(cell, inside, after);
        self.place(inside);
        body(self);
        self.jump(again);
        self.place(after);
    }

    /// All of it: blocks, choice and loop, beginning with the given block.
    pub fn finish(mut self, start: Label) -> Assembler {
        assert!(self.current.is_none(), "the last block ends");
        for (routine, callers) in std::mem::take(&mut self.callers) {
            self.write_exit(routine, &callers);
        }
        let (next, digits, flags) = (self.next, self.digits, self.flags);
        self.asm.take(next[0]);
        let start = self::digits(start);
        let blocks: Vec<String> =
            self.blocks.into_iter().map(|block| block.expect("every label is placed")).collect();
        let asm = &mut self.asm;
        for digit in 0..DIGITS {
            asm.add(next[digit], start[digit]);
        }
        asm.while_nz(next[0], |asm| {
            for digit in 0..DIGITS {
                asm.move_to(next[digit], &[(digits[digit], 1)]);
            }
            asm.add(digits[0], -1);
            let planes: Vec<&[String]> = blocks.chunks(BASE * BASE).collect();
            choose(asm, digits[0], flags[0], &planes, &mut |asm, plane| {
                let rows: Vec<&[String]> = plane.chunks(BASE).collect();
                choose(asm, digits[1], flags[1], &rows, &mut |asm, row| {
                    choose(asm, digits[2], flags[2], row, &mut |asm, block| {
                        asm.goto(flags[2]);
                        asm.raw(block);
                    });
                });
            });
        });
        self.asm
    }

    fn name(&mut self, label: Label) {
        let digits = digits(label);
        for (cell, digit) in self.next.into_iter().zip(digits) {
            self.asm.add(cell, digit);
        }
    }

    fn end(&mut self) {
        let label = self.current.take().expect("a block ends once");
        let start = self.flags[DIGITS - 1];
        self.asm.goto(start);
        self.blocks[label.0] = Some(self.asm.take(start));
    }
}

/// The first digit is never 0: 0 is the end.
fn digits(label: Label) -> [i32; DIGITS] {
    [label.0 / BASE / BASE + 1, label.0 / BASE % BASE, label.0 % BASE].map(|digit| digit as i32)
}

/// One of many by the value of a cell, from 0 on. The cell is 0 afterwards, the flag before and after.
fn choose<T>(
    asm: &mut Assembler,
    cell: Cell,
    flag: Cell,
    items: &[T],
    body: &mut dyn FnMut(&mut Assembler, &T),
) {
    asm.add(flag, 1);
    choose_from(asm, cell, flag, items, body);
}

fn choose_from<T>(
    asm: &mut Assembler,
    cell: Cell,
    flag: Cell,
    items: &[T],
    body: &mut dyn FnMut(&mut Assembler, &T),
) {
    let Some((item, rest)) = items.split_first() else { return };
    if !rest.is_empty() {
        asm.while_nz(cell, |asm| {
            asm.add(cell, -1);
            choose_from(asm, cell, flag, rest, body);
        });
    }
    asm.if_flag(flag, |asm| body(asm, item));
}
