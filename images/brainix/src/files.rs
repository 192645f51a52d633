//! Files: blocks of one owner, found by name, read and written from the beginning to the end.

use images::assembler::{Assembler, Cell};

use crate::message;
use crate::parser::MODE_APPEND;
use crate::stacks::{self, BLOCK, NEW, WORD};
use crate::store::{decide, different, drop_block, drop_head, Registers, KEEP, KEEP_NAME, NIBBLE};
use crate::system::{IoRegisters, Routines, System, HELD, TEMPORARIES};
use crate::tape::{BLOCK_BYTES, OPEN};

/// The routines of this part.
pub fn define(s: &mut System) {
    find_name(s);
    write_name(s);
    spell(s);
    make_file(s);
    open_output(s);
    read(s);
    copy(s);
    abandon(s);
    finish(s);
}

/// `flag` says whether a file has the name, as things will be after the transaction; `file` is its owner.
fn find_name(s: &mut System) {
    let (r, t, flag, file) = (s.store, s.temporary, s.flag, s.file);
    let (next_block, read_block) = (s.routines.next_block, s.routines.read_block);
    // Blocks that are not the name of this file; names are compared in it.
    let other = t[4];
    s.flow.define(s.routines.find_name, |f| {
        let found = f.cell();
        f.code(|a| {
            a.clear(file);
            a.clear(found);
        });
        f.while_nz(
            flag,
            |f| f.call(next_block),
            |f| {
                f.code(|a| {
                    a.add(other, 1);
                    a.if_flag(r.next, |a| a.add(other, -1));
                    a.if_nz(r.sequence, |a| a.add(other, 1));
                });
                f.if_else(
                    other,
                    |_| {},
                    |f| {
                        f.call(read_block);
                        f.code(|a| {
                            stacks::compare(a, other);
                            a.if_else(
                                other,
                                t[0],
                                |_| {},
                                |a| {
                                    a.move_to(r.owner, &[(file, 1)]);
                                    a.add(found, 1);
                                },
                            );
                        });
                    },
                );
            },
        );
        f.code(|a| a.move_to(found, &[(flag, 1)]));
    });
}

/// Writes the word as the name of `file`.
fn write_name(s: &mut System) {
    let (r, t, file) = (s.store, s.temporary, s.file);
    let write_block = s.routines.write_block;
    s.flow.define(s.routines.write_name, |f| {
        f.code(|a| {
            a.add(r.new_length, BLOCK_BYTES);
            a.add(t[0], BLOCK_BYTES);
            a.while_nz(t[0], |a| {
                a.add(t[0], -1);
                stacks::pass(a, WORD, NEW);
            });
            a.copy(file, r.new_owner, t[0]);
        });
        f.call(write_block);
    });
}

/// Sends the word.
fn spell(s: &mut System) {
    let put_bytes = s.routines.put_bytes;
    s.flow.define(s.routines.spell, |f| {
        f.code(|a| stacks::replace(a, WORD, BLOCK));
        f.call(put_bytes);
    });
}

/// Makes an empty file of the name: `file` is its owner.
fn make_file(s: &mut System) {
    let (r, t, flag, file, error) = (s.store, s.temporary, s.flag, s.file, s.error);
    let (next_block, write_name) = (s.routines.next_block, s.routines.write_name);
    s.flow.define(s.routines.make_file, |f| {
        let (again, taken) = (t[4], t[HELD]);
        f.code(|a| a.clear(file));
        // The first owner without a name.
        f.repeat(again, |f| {
            f.while_call(flag, next_block, |a| {
                let other = t[0];
                a.copy(file, t[1], t[2]);
                different(a, r.owner, t[1]);
                for cell in [r.owner, r.sequence] {
                    a.if_nz(cell, |a| a.add(other, 1));
                }
                a.add(other, 1);
                a.if_flag(r.next, |a| a.add(other, -1));
                a.not(other, t[1]);
                a.if_flag(t[1], |a| a.set(taken, 1));
            });
            f.code(|a| {
                a.if_flag(taken, |a| {
                    a.add(file, 1);
                    a.add(again, 1);
                });
            });
        });
        f.code(|a| {
            a.copy(file, t[0], t[1]);
            a.add(t[0], -NIBBLE);
            a.if_else(t[0], t[1], |a| a.add(t[4], 1), |a| a.set(error, message::NO_SPACE));
        });
        f.call_if(t[4], write_name);
    });
}

/// The output goes to the file of the name, which is made if there is none. What it held is dropped, unless `line.mode` says
/// that the output is appended.
fn open_output(s: &mut System) {
    let (r, t, flag, file, error, io) = (s.store, s.temporary, s.flag, s.file, s.error, s.io);
    let mode = s.line.mode;
    let Routines { find_name, make_file, drop_blocks, next_block, copy, .. } = s.routines;
    s.flow.define(s.routines.open_output, |f| {
        f.call(find_name);
        f.call_unless(flag, make_file);
        f.code(|a| {
            a.zero(error, t[4], t[1]);
            for cell in [io.out_owner, io.out_sequence, io.redirected] {
                a.clear(cell);
            }
        });
        f.if_nz(t[4], |f| {
            f.code(|a| {
                a.copy(file, io.out_owner, t[0]);
                a.add(io.out_sequence, 1);
                a.add(io.redirected, 1);
                a.equals(mode, i32::from(MODE_APPEND), t[4], t[0]);
            });
            f.if_else(
                t[4],
                |f| {
                    // Sequences have no gaps: as many blocks, as high is the last one.
                    f.code(|a| a.add(io.out_sequence, -1));
                    f.while_call(flag, next_block, |a| {
                        content_of(a, r, io.out_owner, t, t[4]);
                        a.if_flag(t[4], |a| a.add(io.out_sequence, 1));
                    });
                    f.code(|a| {
                        open_input(a, r, t, io, file);
                        a.copy(io.out_sequence, io.read_sequence, t[0]);
                        a.copy(io.out_sequence, t[1], t[0]);
                        a.if_else(
                            t[1],
                            t[0],
                            |a| {
                                a.add(io.read_sequence, -1);
                                a.add(t[4], 1);
                            },
                            |a| a.add(io.out_sequence, 1),
                        );
                        a.copy(t[4], io.replace, t[0]);
                    });
                    // The last block is replaced by one that begins with the same bytes.
                    f.call_if(t[4], copy);
                },
                |f| {
                    f.code(|a| {
                        a.copy(file, r.new_owner, t[0]);
                        a.add(t[KEEP], KEEP_NAME);
                    });
                    f.call(drop_blocks);
                },
            );
        });
    });
}

/// The flag, which was 0, says whether the head's block will be content of the owner. Uses up owner, sequence and next.
fn content_of(a: &mut Assembler, r: Registers, owner: Cell, t: [Cell; TEMPORARIES], flag: Cell) {
    let against = t[0];
    a.copy(owner, t[1], t[2]);
    different(a, r.owner, t[1]);
    a.if_nz(r.owner, |a| a.add(against, 1));
    a.add(against, 2);
    a.if_flag(r.next, |a| a.add(against, -1));
    a.if_nz(r.sequence, |a| a.add(against, -1));
    a.not(against, flag);
}

/// The next byte of the file that is read: `flag` and `byte`; `flag` 0 at its end.
fn read(s: &mut System) {
    let (r, t, flag, io, byte) = (s.store, s.temporary, s.flag, s.io, s.byte);
    let Routines { next_block, read_block, .. } = s.routines;
    s.flow.define(s.routines.read, |f| {
        f.code(|a| {
            a.zero(r.length, t[4], t[0]);
        });
        f.if_nz(t[4], |f| {
            f.code(|a| a.add(io.read_sequence, 1));
            // The live block with this number.
            let (search, compare, found, end) = (f.label(), f.label(), f.label(), f.label());
            f.place(search);
            f.call(next_block);
            f.branch(flag, compare, end);
            f.place(compare);
            f.code(|a| {
                let other = t[0];
                for (wanted, cell) in [(io.reader, r.owner), (io.read_sequence, r.sequence)] {
                    a.copy(wanted, t[1], t[2]);
                    different(a, cell, t[1]);
                    a.if_nz(cell, |a| a.add(other, 1));
                }
                a.add(other, 1);
                a.if_flag(r.live, |a| a.add(other, -1));
                a.not(other, t[4]);
            });
            f.branch(t[4], found, search);
            f.place(found);
            f.call(read_block);
            f.code(|a| {
                a.if_flag(io.replace, drop_block);
                drop_head(a);
                a.clear(r.remaining);
            });
            f.place(end);
        });
        f.code(|a| {
            a.copy(r.length, t[0], t[1]);
            a.clear(flag);
            a.clear(byte);
            a.if_nz(t[0], |a| {
                a.add(r.length, -1);
                stacks::pop(a, BLOCK, byte);
                a.add(flag, 1);
            });
        });
    });
}

/// Sends the rest of the file that is read to the output.
fn copy(s: &mut System) {
    let (flag, routines) = (s.flag, s.routines);
    s.flow.define(s.routines.copy, |f| {
        f.while_nz(flag, |f| f.call(routines.read), |f| f.call(routines.put));
    });
}

/// What was not yet written to a block is forgotten.
fn forget(a: &mut Assembler, r: Registers) {
    for cell in [r.new_owner, r.new_sequence, r.new_length] {
        a.clear(cell);
    }
    stacks::clear(a, &[NEW]);
}

/// Nothing of what the command has written stays.
fn abandon(s: &mut System) {
    let r = s.store;
    let settle = s.routines.settle;
    s.flow.define(s.routines.abandon, |f| {
        f.code(|a| forget(a, r));
        f.call(settle);
    });
}

/// The command is done: all that it has written stays, or nothing if there is an error.
fn finish(s: &mut System) {
    let (r, t, io, error) = (s.store, s.temporary, s.io, s.error);
    let (flush, settle) = (s.routines.flush, s.routines.settle);
    s.flow.define(s.routines.finish, |f| {
        f.code(|a| {
            a.zero(error, t[4], t[0]);
        });
        f.call_if(t[4], flush);
        f.code(|a| {
            forget(a, r);
            for cell in [io.redirected, io.has_input] {
                a.clear(cell);
            }
            a.test_untouched(OPEN, t[4]);
            a.copy(t[4], t[0], t[1]);
            a.copy(error, t[2], t[1]);
            a.if_nz(t[2], |a| a.clear(t[0]));
            a.if_flag(t[0], decide);
        });
        f.call_if(t[4], settle);
    });
}

/// A command finds this file as its input.
pub fn open_input_of(a: &mut Assembler, io: IoRegisters, file: Cell, t: [Cell; TEMPORARIES]) {
    a.set(io.has_input, 1);
    a.clear(io.input);
    a.copy(file, io.input, t[0]);
}

/// `read` begins with the first byte of this file.
pub fn open_input(a: &mut Assembler, r: Registers, t: [Cell; TEMPORARIES], io: IoRegisters, file: Cell) {
    for cell in [r.length, io.reader, io.read_sequence, io.replace] {
        a.clear(cell);
    }
    a.copy(file, io.reader, t[0]);
}
