//! From a line to commands, and from a command's name to its code.

use images::assembler::{Assembler, Case, Cell, Label};

use crate::commands::COMMANDS;
use crate::editor::{self, kinds};
use crate::files;
use crate::message;
use crate::parser;
use crate::system::{System, TEMPORARIES};
use crate::tape::BLOCK_BYTES;

/// What the user sees first.
pub const PROMPT: &str = "root@braiNIX:/# ";

/// The shell: prompt, line, commands, and again. Begins at `start`, ends with the flow.
pub fn define(s: &mut System, start: Label) {
    let (l, t, io, error, status, flag, name, long, named) =
        (s.line, s.temporary, s.io, s.error, s.status, s.flag, s.name, s.long, s.named);
    let routines = s.routines;
    let (next_command, run, finish, skip, done, exit) =
        (s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label(), s.flow.label());

    s.flow.place(start);
    s.flow.code(|a| a.print(t[0], t[1], PROMPT));
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
            // No command is so long.
            a.if_nz(long, |a| a.set(name, 1));
        });
    });
    let (known, unknown) = (s.flow.label(), s.flow.label());
    s.flow.branch(t[4], known, finish);
    s.flow.place(known);
    let entries: Vec<(&str, Label)> = COMMANDS.iter().map(|command| (command.name, s.flow.label())).collect();
    s.flow.choose(unknown, |a, go| {
        number_letters(a, name, t);
        by_name(a, name, t[0], t[1], 0, &entries, go);
    });
    s.flow.place(unknown);
    s.flow.code(|a| a.set(error, message::NOT_FOUND));
    s.flow.jump(finish);
    for (command, (_, label)) in COMMANDS.iter().zip(&entries) {
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
        report(a, error, status, t);
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

/// Small letters of a name become 1 to 26, so that choosing between them is short; 0 stays 0.
fn number_letters(a: &mut Assembler, name: Cell, t: [Cell; TEMPORARIES]) {
    a.add(t[0], BLOCK_BYTES);
    a.while_nz(t[0], |a| {
        a.add(t[0], -1);
        a.copy(name, t[1], t[2]);
        a.if_nz(t[1], |a| a.add_big(name, t[2], 1 - i32::from(b'a')));
        files::rotate(a, name, t[1]);
    });
}

/// Chooses by the letters of the name, numbered, from this one on. Uses up the name.
fn by_name(
    a: &mut Assembler,
    name: Cell,
    flag: Cell,
    miss: Cell,
    index: usize,
    entries: &[(&str, Label)],
    go: &dyn Fn(&mut Assembler, Label),
) {
    let letter_at = |entry: &(&str, Label), index: usize| -> u8 {
        entry.0.as_bytes().get(index).map_or(0, |letter| letter - b'a' + 1)
    };
    if let [entry] = entries {
        // What is left of the only candidate must be the same.
        for index in index..=entry.0.len() {
            let cell = name.at(index as i32);
            a.add(cell, -i32::from(letter_at(entry, index)));
            a.if_nz(cell, |a| a.add(miss, 1));
        }
        a.if_else(miss, flag, |_| {}, |a| go(a, entry.1));
        return;
    }
    let letter = |entry: &(&str, Label)| letter_at(entry, index);
    let mut letters: Vec<u8> = entries.iter().map(letter).collect();
    letters.sort_unstable();
    letters.dedup();
    let mut cases: Vec<Case<'_>> = letters
        .into_iter()
        .map(|value| -> Case<'_> {
            let rest: Vec<(&str, Label)> =
                entries.iter().filter(|entry| letter(entry) == value).copied().collect();
            (value, Box::new(move |a| by_name(a, name, flag, miss, index + 1, &rest, go)))
        })
        .collect();
    a.switch(name.at(index as i32), flag, &mut cases, &mut |_| {});
}

/// Prints the message of the error, if any, and makes the command a failure. The error is 0 afterwards.
fn report(a: &mut Assembler, error: Cell, status: Cell, t: [Cell; TEMPORARIES]) {
    let mut cases: Vec<Case<'_>> = vec![(0, Box::new(|_| {}))];
    for (index, text) in message::TEXTS.iter().enumerate() {
        cases.push((
            index as u8 + 1,
            Box::new(move |a| {
                a.set(status, 1);
                a.print(t[1], t[2], text);
            }),
        ));
    }
    a.switch(error, t[0], &mut cases, &mut |_| {});
}
