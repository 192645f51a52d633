//! `bf [name]`: runs a program, typed or from a file.
//!
//! The program and its cells lie in the left array behind the line:
//!
//! ```text
//!  .. cells | cell 0 | fence | end | commands .. | start | line .. | 0
//! ```
//!
//! A command is a frame with its number, 1 to 8 in the order of [`SIGNS`], as character; the start and the end have 0. The fence
//! has another kind than the cells: a program that moves onto it ends. Cells are made when they are reached, until the guard is
//! near. So a program can reach nothing but its cells. The heads are, from home: the line's cursor, the command, the cell.

use images::assembler::{Assembler, Case, Cell};

use crate::files::open_input;
use crate::left::{home, out, NEAR, NEAR_FLAG};
use crate::message;
use crate::system::{System, TEMPORARIES};
use crate::tape::{character, kind, mark, LINE_STRIDE};

/// The commands by value.
const SIGNS: [u8; 8] = *b"+,-.<>[]";
const INPUT: u8 = 2;
const OUTPUT: u8 = 4;
const LEFT: u8 = 5;
const RIGHT: u8 = 6;
const OPEN: u8 = 7;
const CLOSE: u8 = 8;

/// Why a program pauses.
const PAUSE_OUTPUT: u8 = 1;
const PAUSE_INPUT: u8 = 2;

/// Marks of 0 on the way to the command and to the cell, and, before there are these heads, to the array's end.
const COMMAND: usize = 2;
const CELL: usize = 3;
const END: usize = 2;

/// Takes a head to the next frame out, or back.
fn move_head(a: &mut Assembler, marks: usize, by: i32) {
    out(a, marks);
    a.add(mark(0), 1);
    a.add(mark(by), -1);
    a.goto(mark(by));
    a.arrive(mark(0));
    home(a, marks);
}

/// Adds a head's character to a register.
fn look(a: &mut Assembler, marks: usize, register: Cell) {
    out(a, marks);
    a.while_nz(character(0), |a| {
        a.add(character(0), -1);
        a.add(kind(0), 1);
        home(a, marks);
        a.add(register, 1);
        out(a, marks);
    });
    a.move_to(kind(0), &[(character(0), 1)]);
    home(a, marks);
}

/// A clean frame at the array's end. It is an error if only one frame is left before the guard: that one must stay free.
fn clean(a: &mut Assembler, marks: usize, error: Cell) {
    out(a, marks);
    for cell in [character(0), kind(0)] {
        a.clear(cell);
    }
    a.while_nz(mark(2), |a| {
        a.add(mark(2), -1);
        a.add(kind(0), 1);
        home(a, marks);
        a.set(error, message::NO_CELLS);
        out(a, marks);
    });
    a.move_to(kind(0), &[(mark(2), 1)]);
    home(a, marks);
}

/// Appends a frame with the command in `NEAR`, which is 0 afterwards.
pub fn define(s: &mut System) {
    let error = s.error;
    s.flow.define(s.routines.append, |f| {
        f.code(|a| {
            clean(a, END, error);
            a.while_nz(NEAR, |a| {
                a.add(NEAR, -1);
                out(a, END);
                a.add(character(0), 1);
                home(a, END);
            });
            // Without room the frame stays the array's end.
            a.zero(error, NEAR_FLAG, NEAR);
            a.if_flag(NEAR_FLAG, |a| {
                out(a, END);
                a.add(mark(0), 1);
                home(a, END);
            });
        });
    });
}

/// Writes the command.
pub fn write(s: &mut System) {
    let (r, l, t, division, io) = (s.store, s.line, s.temporary, s.division, s.io);
    let (flag, byte, error, file, named) = (s.flag, s.byte, s.error, s.file, s.named);
    // Open brackets, then those to be passed over; the direction in which they are; why the program pauses.
    let (depth, back, pause) = (l.letter, l.blank, l.redirection);
    let command = NEAR;
    let (from_file, line_feed, going) = (l.mode, l.number, l.going);
    // While the program runs, these take the place of the temporary registers: they lie nearer.
    let near = [l.kind, l.end, l.room];
    let routines = s.routines;
    let f = &mut s.flow;
    let (load, done) = (f.label(), f.label());
    f.code(|a| a.clear(named));
    f.call(routines.next_file);
    f.code(|a| {
        for cell in [depth, back, command, pause, from_file, line_feed].into_iter().chain(near) {
            a.clear(cell);
        }
        a.if_flag(flag, |a| {
            open_input(a, r, t, io, file);
            a.add(from_file, 1);
        });
        a.set(named, 1);
        // A name that no file has.
        a.copy(error, t[4], t[0]);
    });
    f.branch(t[4], done, load);
    f.place(load);
    f.code(|a| {
        banner(a, from_file, t, division, "\nEnter program:\n\n");
    });
    f.call(routines.append);
    f.while_nz(
        flag,
        |f| {
            f.code(|a| a.copy(from_file, t[4], t[0]));
            f.if_else(
                t[4],
                |f| f.call(routines.read),
                |f| f.code(|a| type_byte(a, byte, flag, line_feed, t)),
            );
        },
        |f| {
            f.code(|a| translate(a, byte, [command, depth, error], t));
            f.call_if(t[4], routines.append);
        },
    );
    // The end, the fence and the first cell.
    for _ in 0..3 {
        f.call(routines.append);
    }
    f.code(|a| {
        a.clear(byte);
        // What was wrong first is what is said.
        a.copy(error, t[4], t[0]);
        a.if_nz(t[4], |a| a.clear(depth));
        a.if_nz(depth, |a| a.set(error, message::BRACKETS));
        a.zero(error, t[4], t[0]);
        a.copy(t[4], t[3], t[0]);
        a.if_flag(t[3], |a| {
            banner(a, from_file, t, division, "Running...\n\n");
            a.copy(io.has_input, t[3], t[0]);
            a.if_flag(t[3], |a| open_input(a, r, t, io, io.input));
            out(a, END);
            a.add(mark(-1), -1);
            a.add(kind(-2), 1);
            // Back over the commands to the start.
            a.goto(character(-4));
            a.scan(LINE_STRIDE);
            a.arrive(character(0));
            a.add(mark(0), -1);
            home(a, COMMAND);
        });
    });
    f.if_nz(t[4], |f| {
        f.repeat(pause, |f| {
            f.code(|a| {
                a.zero(error, going, t[0]);
                a.while_nz(going, |a| {
                    let [n, helper, _] = near;
                    a.copy(back, n, helper);
                    a.if_else(n, helper, |a| move_head(a, COMMAND, -1), |a| move_head(a, COMMAND, 1));
                    look(a, COMMAND, command);
                    a.copy(depth, n, helper);
                    a.if_else(
                        n,
                        helper,
                        |a| pass_over(a, [command, depth, back], near),
                        |a| {
                            carry_out(
                                a,
                                [command, depth, back, going, pause],
                                [byte, error, io.has_input],
                                near,
                            )
                        },
                    );
                });
                a.copy(pause, t[0], t[1]);
                a.clear(flag);
                let mut cases: Vec<Case<'_>> = vec![
                    (PAUSE_OUTPUT, Box::new(|a| a.add(flag, 1))),
                    (PAUSE_INPUT, Box::new(|a| a.add(t[4], 1))),
                ];
                a.switch(t[0], t[1], &mut cases, &mut |_| {});
            });
            f.call_if(flag, routines.put);
            f.if_nz(t[4], |f| {
                f.call(routines.read);
                f.code(|a| {
                    out(a, CELL);
                    a.clear(character(0));
                    home(a, CELL);
                    a.while_nz(byte, |a| {
                        a.add(byte, -1);
                        out(a, CELL);
                        a.add(character(0), 1);
                        home(a, CELL);
                    });
                    a.clear(flag);
                });
            });
        });
        f.code(|a| {
            a.zero(error, t[3], t[0]);
            a.if_flag(t[3], |a| banner(a, from_file, t, division, "\n\nSuccess!\n\n"));
            for marks in [CELL, COMMAND] {
                out(a, marks);
                a.add(mark(0), 1);
                home(a, marks);
            }
        });
    });
    f.place(done);
}

/// Prints what a program that is typed is accompanied by.
fn banner(a: &mut Assembler, from_file: Cell, t: [Cell; TEMPORARIES], division: Cell, text: &str) {
    a.zero(from_file, t[2], t[0]);
    a.if_flag(t[2], |a| a.print_long(division, text));
}

/// Reads and echoes a byte of a program: `flag` is 0 at its end, an empty line.
fn type_byte(a: &mut Assembler, byte: Cell, flag: Cell, line_feed: Cell, t: [Cell; TEMPORARIES]) {
    a.set(flag, 1);
    a.clear(byte);
    a.input(byte);
    // The end of the input looks like a byte that is dropped.
    a.add(byte, 1);
    a.zero(byte, t[2], t[0]);
    a.if_flag(t[2], |a| a.add(byte, 1));
    a.add(byte, -1);
    a.copy(byte, t[2], t[0]);
    a.if_nz(t[2], |a| {
        a.output(byte);
        a.equals(byte, i32::from(b'\n'), t[2], t[0]);
        a.move_to(t[2], &[(t[3], 1)]);
        a.if_else(
            t[3],
            t[0],
            |a| {
                a.if_flag(line_feed, |a| {
                    a.clear(flag);
                    a.add(t[3], 1);
                });
                a.not(t[3], line_feed);
            },
            |a| a.clear(line_feed),
        );
    });
}

/// The command that the byte is, if it is one and if nothing is wrong so far, and whether it is. The byte is 0 afterwards.
fn translate(a: &mut Assembler, byte: Cell, [command, depth, error]: [Cell; 3], t: [Cell; TEMPORARIES]) {
    let mut cases: Vec<Case<'_>> = SIGNS
        .iter()
        .enumerate()
        .map(|(index, &sign)| -> Case<'_> { (sign, Box::new(move |a| a.add(t[2], index as i32 + 1))) })
        .collect();
    a.switch(byte, t[0], &mut cases, &mut |_| {});
    a.copy(error, t[0], t[1]);
    a.if_nz(t[0], |a| a.clear(t[2]));
    a.copy(t[2], t[0], t[1]);
    let mut cases: Vec<Case<'_>> = vec![
        (
            OPEN,
            Box::new(|a| {
                // More than a cell can count.
                a.add(depth, 1);
                a.zero(depth, t[3], t[1]);
                a.if_flag(t[3], |a| a.set(error, message::NO_CELLS));
            }),
        ),
        (
            CLOSE,
            Box::new(|a| {
                // One too many leaves a depth that is not 0, whatever follows.
                a.zero(depth, t[3], t[1]);
                a.if_flag(t[3], |a| a.set(error, message::BRACKETS));
                a.add(depth, -1);
            }),
        ),
    ];
    a.switch(t[0], t[1], &mut cases, &mut |_| {});
    a.move_to(t[2], &[(command, 1), (t[4], 1)]);
}

/// Counts brackets until the one that is looked for is found.
fn pass_over(a: &mut Assembler, [command, depth, back]: [Cell; 3], near: [Cell; 3]) {
    let count = |a: &mut Assembler, outward: i32| {
        a.copy(back, near[1], near[2]);
        a.add(depth, outward);
        a.if_flag(near[1], |a| a.add(depth, -2 * outward));
    };
    let mut cases: Vec<Case<'_>> =
        vec![(OPEN, Box::new(|a| count(a, 1))), (CLOSE, Box::new(|a| count(a, -1)))];
    a.switch(command, NEAR_FLAG, &mut cases, &mut |_| {});
    a.zero(depth, near[1], near[0]);
    a.if_flag(near[1], |a| a.clear(back));
}

/// Carries out a command. The end clears `going`; so does what is to be done outside, for which `pause` says why.
fn carry_out(
    a: &mut Assembler,
    [command, depth, back, going, pause]: [Cell; 5],
    [byte, error, has_input]: [Cell; 3],
    near: [Cell; 3],
) {
    let change = |by: i32| -> Box<dyn FnMut(&mut Assembler)> {
        Box::new(move |a| {
            out(a, CELL);
            a.add(character(0), by);
            home(a, CELL);
        })
    };
    // Adds 1 to a register if the cell is not 0. Its neighbours, the head's mark and the kind, are 0.
    let test = |a: &mut Assembler, register: Cell| {
        out(a, CELL);
        a.when_untouched(character(0), |a| {
            home(a, CELL);
            a.add(register, 1);
            out(a, CELL);
        });
        home(a, CELL);
    };
    let mut cases: Vec<Case<'_>> = vec![
        (0, Box::new(|a| a.clear(going))),
        (1, change(1)),
        (
            INPUT,
            Box::new(|a| {
                a.copy(has_input, NEAR_FLAG, near[2]);
                a.if_else(
                    NEAR_FLAG,
                    command,
                    |a| {
                        a.clear(going);
                        a.add(pause, i32::from(PAUSE_INPUT));
                    },
                    |a| {
                        out(a, CELL);
                        a.input(character(0));
                        home(a, CELL);
                    },
                );
            }),
        ),
        (3, change(-1)),
        (
            OUTPUT,
            Box::new(|a| {
                look(a, CELL, byte);
                a.clear(going);
                a.add(pause, i32::from(PAUSE_OUTPUT));
            }),
        ),
        (
            LEFT,
            Box::new(|a| {
                move_head(a, CELL, -1);
                // The fence.
                out(a, CELL);
                a.while_nz(kind(0), |a| {
                    a.add(kind(0), -1);
                    home(a, CELL);
                    a.clear(going);
                    out(a, CELL);
                });
                home(a, CELL);
            }),
        ),
        (
            RIGHT,
            Box::new(|a| {
                out(a, CELL);
                a.add(mark(0), 1);
                a.goto(mark(1));
                a.arrive(mark(0));
                // A cell that is there has a mark.
                a.while_nz(mark(0), |a| {
                    a.add(mark(0), -1);
                    home(a, CELL);
                    a.add(NEAR_FLAG, 1);
                    out(a, CELL);
                });
                home(a, CELL);
                a.if_else(
                    NEAR_FLAG,
                    command,
                    |_| {},
                    |a| {
                        clean(a, CELL, error);
                        a.copy(error, NEAR_FLAG, near[2]);
                        a.if_nz(NEAR_FLAG, |a| a.clear(going));
                    },
                );
            }),
        ),
        (
            OPEN,
            Box::new(|a| {
                test(a, NEAR_FLAG);
                a.if_else(NEAR_FLAG, command, |_| {}, |a| a.add(depth, 1));
            }),
        ),
        (
            CLOSE,
            Box::new(|a| {
                test(a, NEAR_FLAG);
                a.if_flag(NEAR_FLAG, |a| {
                    a.add(depth, 1);
                    a.add(back, 1);
                });
            }),
        ),
    ];
    a.switch(command, NEAR_FLAG, &mut cases, &mut |_| {});
}
