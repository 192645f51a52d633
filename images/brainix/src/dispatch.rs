//! From a line to commands, and from a command's name to its code.

use images::assembler::{Assembler, Case, Cell, Label, Palette};

use crate::commands::COMMANDS;
use crate::editor::{self, kinds};
use crate::message;
use crate::parser;
use crate::stacks::{self, WORD};
use crate::system::{System, LETTERS, TEMPORARIES};

/// What the user sees first.
pub const PROMPT: &str = "root@braiNIX:/# ";

/// The shell: prompt, line, commands, and again. Begins at `start`, ends with the flow.
pub fn define(s: &mut System, start: Label) {
    let (l, t, division, io, error, status, flag, letters, named) =
        (s.line, s.temporary, s.division, s.io, s.error, s.status, s.flag, s.letters, s.named);
    let routines = s.routines;
    let (next_command, run, finish, skip, done, exit) =
        (s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label());

    s.flow.place(start);
    s.flow.code(|a| a.print_long(division, PROMPT));
    editor::edit(s);
    s.flow.code(|a| {
        parser::rewind(a);
        a.clear(l.terminator);
        a.set(named, 1);
        // A line that is not whole is not carried out.
        a.copy(error, t[3], t[0]);
        a.if_nz(t[3], |a| {
            a.add(l.terminator, i32::from(terminator(kinds::END)));
            a.add(t[4], 1);
        });
    });
    s.flow.branch(t[4], finish, next_command);

    s.flow.place(next_command);
    s.flow.code(|a| {
        for cell in [error, io.redirected, io.has_input] {
            a.clear(cell);
        }
        // After `&&` a failure, after `||` a success leaves the command out.
        let mut cases: Vec<Case<'_>> = vec![
            (terminator(kinds::AND), Box::new(|a| a.copy(status, t[4], t[1]))),
            (terminator(kinds::OR), Box::new(|a| a.zero(status, t[4], t[1]))),
        ];
        a.switch(l.terminator, t[0], &mut cases, &mut |_| {});
    });
    s.flow.branch(t[4], skip, run);

    s.flow.place(run);
    s.flow.call(routines.redirections);
    s.flow.code(|a| {
        a.zero(error, t[4], t[0]);
    });
    s.flow.if_nz(t[4], |f| {
        f.call(routines.word);
        f.code(|a| {
            // A redirection alone succeeds as well.
            a.copy(flag, t[0], t[1]);
            a.copy(io.redirected, t[0], t[1]);
            a.if_nz(t[0], |a| a.clear(status));
            a.move_to(flag, &[(t[4], 1)]);
        });
    });
    let (known, unknown) = (s.flow.label(), s.flow.label());
    s.flow.branch(t[4], known, finish);
    s.flow.place(known);
    let labels: Vec<Label> = COMMANDS.iter().map(|_| s.flow.label()).collect();
    let (flag, number) = (letters.at(-1), letters.at(-2));
    s.flow.code(|a| {
        fetch_letters(a, letters, t[0]);
        a.clear(flag);
        a.clear(number);
        let entries: Vec<(&str, i32)> = COMMANDS.iter().map(|command| command.name).zip(1..).collect();
        by_name(a, letters, flag, number, 0, &entries);
    });
    s.flow.choose(number, unknown, &labels);
    s.flow.place(unknown);
    s.flow.code(|a| a.set(error, message::NOT_FOUND));
    s.flow.jump(finish);
    for (command, label) in COMMANDS.iter().zip(&labels) {
        s.flow.place(*label);
        match command.write {
            None => s.flow.jump(exit),
            Some(write) => {
                write(s);
                s.flow.jump(finish);
            }
        }
    }

    s.flow.place(finish);
    s.flow.code(|a| a.if_else(named, t[0], |_| {}, |a| a.set(error, message::NO_NAME)));
    s.flow.call(routines.finish);
    s.flow.code(|a| {
        report(a, error, status, t, division);
        // What is left out needs no name.
        a.set(named, 1);
    });
    s.flow.jump(skip);

    // What is left of the command, and to the next one.
    s.flow.place(skip);
    s.flow.while_nz(
        t[4],
        |f| {
            f.code(|a| {
                a.zero(l.terminator, t[4], t[0]);
            });
        },
        |f| f.call(routines.word),
    );
    s.flow.code(|a| {
        a.copy(l.terminator, t[0], t[1]);
        a.add(t[0], -i32::from(terminator(kinds::END)));
        a.if_nz(t[0], |a| a.add(t[4], 1));
    });
    s.flow.branch(t[4], next_command, done);

    s.flow.place(done);
    s.flow.code(parser::remove_line);
    s.flow.jump(start);

    s.flow.place(exit);
    s.flow.exit();
}

/// How the parser names the end of a command.
fn terminator(kind: u8) -> u8 {
    kinds::number(kind) + 1
}

/// Fetches the letters of the word, numbered.
fn fetch_letters(a: &mut Assembler, letters: Cell, count: Cell) {
    stacks::number_letters(a);
    for index in 0..LETTERS {
        a.clear(letters.at(index));
    }
    a.add(count, LETTERS);
    a.while_nz(count, |a| {
        a.add(count, -1);
        for index in 1..LETTERS {
            a.move_to(letters.at(index), &[(letters.at(index - 1), 1)]);
        }
        stacks::pop(a, WORD, letters.at(LETTERS - 1));
    });
}

/// Finds out which command the letters name: its number, from 1 on, or 0. Uses up the letters; the flag is 0 before and
/// after.
fn by_name(a: &mut Assembler, letters: Cell, flag: Cell, number: Cell, index: i32, entries: &[(&str, i32)]) {
    let cell = |index: i32| letters.at(index);
    let letter_at = |entry: &(&str, i32), index: i32| -> u8 {
        entry.0.as_bytes().get(index as usize).map_or(0, |letter| letter - b'a' + 1)
    };
    if let [entry] = entries {
        // What is left of the only candidate, and the end, must be the same.
        let last = entry.0.len() as i32;
        for index in index..=last {
            a.add(cell(index), -i32::from(letter_at(entry, index)));
        }
        for index in (index..last).rev() {
            a.if_nz(cell(index + 1), |a| a.set(cell(index), 1));
        }
        a.if_else(cell(index), flag, |_| {}, |a| a.add(number, entry.1));
        return;
    }
    let mut letters_here: Vec<u8> = entries.iter().map(|entry| letter_at(entry, index)).collect();
    letters_here.sort_unstable();
    letters_here.dedup();
    let mut cases: Vec<Case<'_>> = letters_here
        .into_iter()
        .map(|value| -> Case<'_> {
            let rest: Vec<(&str, i32)> =
                entries.iter().filter(|entry| letter_at(entry, index) == value).copied().collect();
            (value, Box::new(move |a| by_name(a, letters, flag, number, index + 1, &rest)))
        })
        .collect();
    a.switch(cell(index), flag, &mut cases, &mut |_| {});
}

/// Prints the message of the error, if any, and makes the command a failure. The error is 0 afterwards.
fn report(a: &mut Assembler, error: Cell, status: Cell, t: [Cell; TEMPORARIES], cells: Cell) {
    a.copy(error, t[0], t[1]);
    a.if_nz(t[0], |a| a.set(status, 1));
    let palette = &Palette::new(&message::TEXTS);
    // The first cell is 0 again when the others are loaded.
    let (flag, number) = (cells, cells.at(palette.cells() as i32));
    a.load_palette(cells, palette);
    a.move_to(error, &[(number, 1)]);
    let mut cases: Vec<Case<'_>> = message::TEXTS
        .into_iter()
        .zip(1..)
        .map(|(text, number)| -> Case<'_> {
            (number, Box::new(move |a: &mut Assembler| a.print_from(cells, palette, text)))
        })
        .collect();
    a.switch(number, flag, &mut cases, &mut |_| {});
    a.clear_palette(cells, palette);
}
