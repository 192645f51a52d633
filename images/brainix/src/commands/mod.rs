//! The commands, one to a file. Each is a block that begins after its name was read: the next words are its arguments, its
//! output goes where the line says, and an error undoes what it has written.

mod bf;
mod cat;
mod clear;
mod cp;
mod du;
mod echo;
mod help;
mod ls;
mod mv;
mod pwd;
mod rm;
mod status;
mod touch;
mod whoami;

use images::assembler::{Flow, Routine};

use crate::message;
use crate::system::System;

/// A command.
pub struct Command {
    /// What is typed.
    pub name: &'static str,
    /// Writes its code; none if it only leaves the shell.
    pub write: Option<fn(&mut System)>,
}

/// All of them.
pub const COMMANDS: [Command; 17] = [
    Command { name: "bf", write: Some(bf::write) },
    Command { name: "cat", write: Some(cat::write) },
    Command { name: "clear", write: Some(clear::write) },
    Command { name: "cp", write: Some(cp::write) },
    Command { name: "du", write: Some(du::write) },
    Command { name: "echo", write: Some(echo::write) },
    Command { name: "exit", write: None },
    Command { name: "logout", write: None },
    Command { name: "false", write: Some(status::write_false) },
    Command { name: "help", write: Some(help::write) },
    Command { name: "ls", write: Some(ls::write) },
    Command { name: "mv", write: Some(mv::write) },
    Command { name: "pwd", write: Some(pwd::write) },
    Command { name: "rm", write: Some(rm::write) },
    Command { name: "touch", write: Some(touch::write) },
    Command { name: "true", write: Some(status::write_true) },
    Command { name: "whoami", write: Some(whoami::write) },
];

/// The routines that fetch arguments.
pub fn define(s: &mut System) {
    next_name(s);
    next_file(s);
    two_names(s);
    bf::define(s);
}

/// The next argument in the name register: `flag`. None after an error; `named` says whether there was any.
fn next_name(s: &mut System) {
    let (t, flag, long, error, named) = (s.temporary, s.flag, s.long, s.error, s.named);
    let word = s.routines.word;
    s.flow.define(s.routines.next_name, |f| {
        f.call(word);
        f.code(|a| {
            a.if_flag(flag, |a| {
                a.set(named, 1);
                // Of several mistakes the first one is reported.
                a.zero(error, t[1], t[0]);
                a.if_nz(long, |a| a.if_flag(t[1], |a| a.set(error, message::LONG_NAME)));
                a.move_to(t[1], &[(t[2], 1)]);
            });
            a.move_to(t[2], &[(flag, 1)]);
        });
    });
}

/// As `next_name`, for files that exist: their owner in the file register.
fn next_file(s: &mut System) {
    let (flag, error) = (s.flag, s.error);
    let (next_name, find_name) = (s.routines.next_name, s.routines.find_name);
    s.flow.define(s.routines.next_file, |f| {
        f.call(next_name);
        f.if_nz(flag, |f| {
            f.call(find_name);
            f.code(|a| {
                a.if_else(
                    flag,
                    s.temporary[0],
                    |a| a.add(s.temporary[1], 1),
                    |a| a.set(error, message::NO_FILE),
                );
                a.move_to(s.temporary[1], &[(flag, 1)]);
            });
        });
    });
}

/// A command that changes files, and prints nothing, first writes what is already in the block of a `>>`: it needs the block for
/// names and contents of its own, and it may be that very file which it moves or removes.
fn change_files(s: &mut System) {
    s.flow.call(s.routines.flush);
}

/// Does something for each argument that a routine fetches.
fn each(s: &mut System, fetch: Routine, body: impl FnOnce(&mut Flow)) {
    let (flag, named) = (s.flag, s.named);
    s.flow.code(|a| a.clear(named));
    s.flow.while_nz(flag, |f| f.call(fetch), body);
}

/// The owner of the file that the first argument names in the first local register, the second argument in the name register:
/// `flag`.
fn two_names(s: &mut System) {
    let (flag, file, named, from) = (s.flag, s.file, s.named, s.local[0]);
    let (next_name, next_file) = (s.routines.next_name, s.routines.next_file);
    s.flow.define(s.routines.two_names, |f| {
        f.code(|a| a.clear(named));
        f.call(next_file);
        f.if_nz(flag, |f| {
            f.code(|a| {
                a.clear(from);
                a.move_to(file, &[(from, 1)]);
                a.clear(named);
            });
            f.call(next_name);
            f.code(|a| a.move_to(flag, &[(s.temporary[4], 1)]));
        });
        f.code(|a| a.move_to(s.temporary[4], &[(flag, 1)]));
    });
}
