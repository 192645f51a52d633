//! Output: to the console, or into the blocks of a file.

use crate::message;
use crate::stacks::{self, BLOCK, CARRY, NEW};
use crate::store::NIBBLE;
use crate::system::System;
use crate::tape::BLOCK_BYTES;

/// The routines of this part.
pub fn define(s: &mut System) {
    put(s);
    put_bytes(s);
    flush(s);
}

/// Sends the byte, which is 0 afterwards. After an error nothing more is written to a file.
fn put(s: &mut System) {
    let (r, io, t, byte, error) = (s.store, s.io, s.temporary, s.byte, s.error);
    let flush = s.routines.flush;
    s.flow.define(s.routines.put, |f| {
        f.code(|a| {
            a.zero(io.redirected, t[1], t[0]);
            a.if_flag(t[1], |a| a.output(byte));
            // The block is full.
            a.equals(r.new_length, BLOCK_BYTES, t[4], t[0]);
        });
        f.call_if(t[4], flush);
        f.code(|a| {
            a.zero(error, t[0], t[1]);
            a.copy(io.redirected, t[1], t[2]);
            a.if_flag(t[0], |a| {
                a.if_flag(t[1], |a| {
                    a.move_to(byte, &[(CARRY, 1)]);
                    stacks::push(a, NEW);
                    a.add(r.new_length, 1);
                });
            });
            a.clear(t[1]);
            a.clear(byte);
        });
    });
}

/// Sends the bytes of the block that was read, up to the first 0.
fn put_bytes(s: &mut System) {
    let (t, byte) = (s.temporary, s.byte);
    let put = s.routines.put;
    s.flow.define(s.routines.put_bytes, |f| {
        f.while_nz(
            t[4],
            |f| f.code(|a| stacks::when_top(a, BLOCK, |a| a.add(t[4], 1))),
            |f| {
                f.code(|a| stacks::pop(a, BLOCK, byte));
                f.call(put);
            },
        );
    });
}

/// Writes the block that is being filled, if there is something in it.
fn flush(s: &mut System) {
    let (r, io, t, error) = (s.store, s.io, s.temporary, s.error);
    let write_block = s.routines.write_block;
    s.flow.define(s.routines.flush, |f| {
        f.code(|a| a.copy(r.new_length, t[4], t[0]));
        f.if_nz(t[4], |f| {
            f.code(|a| {
                a.copy(io.out_owner, r.new_owner, t[0]);
                a.copy(io.out_sequence, r.new_sequence, t[0]);
                a.equals(io.out_sequence, NIBBLE, t[1], t[0]);
                a.if_flag(t[1], |a| a.set(error, message::NO_SPACE));
                a.zero(error, t[4], t[1]);
                a.add(io.out_sequence, 1);
            });
            f.call_if(t[4], write_block);
        });
    });
}
