//! `ls [name..]`: the names of all files, or of those that are named, one a line.

use images::assembler::Flow;

use crate::store::drop_head;
use crate::system::System;

/// Prints names.
pub fn write(s: &mut System) {
    let (byte, named) = (s.byte, s.named);
    let routines = s.routines;
    let line_feed = |f: &mut Flow| {
        f.code(|a| a.set(byte, b'\n'));
        f.call(routines.put);
    };
    super::each(s, routines.next_file, |f| {
        f.call(routines.spell);
        line_feed(f);
    });
    let (all_files, end) = (s.flow.label(), s.flow.label());
    let t = s.temporary;
    s.flow.code(|a| {
        a.copy(named, t[4], t[0]);
        // No name is no error.
        a.set(named, 1);
    });
    s.flow.branch(t[4], end, all_files);
    s.flow.place(all_files);
    all(s, line_feed);
    s.flow.place(end);
}

/// As many steps through the store as there are blocks before each name: in between, its name goes to the output, which may be
/// a file that needs the store's head.
fn all(s: &mut System, line_feed: impl Fn(&mut Flow)) {
    let (r, t, flag, routines) = (s.store, s.temporary, s.flag, s.routines);
    // Blocks that were looked at; how many are still to be passed.
    let [seen, pass, ..] = s.local;
    let f = &mut s.flow;
    let (again, step, go, look, name, end) =
        (f.label(), f.label(), f.label(), f.label(), f.label(), f.label());
    f.code(|a| a.clear(seen));
    f.place(again);
    f.code(|a| {
        a.clear(pass);
        a.copy(seen, pass, t[0]);
        a.add(seen, 1);
    });
    f.place(step);
    f.call(routines.next_block);
    f.branch(flag, go, end);
    f.place(go);
    f.code(|a| {
        a.copy(pass, t[4], t[0]);
        a.if_nz(t[4], |a| {
            a.add(pass, -1);
            a.add(t[4], 1);
            a.move_to(t[4], &[(t[3], 1)]);
        });
        a.move_to(t[3], &[(t[4], 1)]);
    });
    f.branch(t[4], step, look);
    f.place(look);
    f.code(|a| {
        a.if_nz(r.sequence, |a| a.clear(r.next));
        a.move_to(r.next, &[(t[4], 1)]);
        a.if_else(
            t[4],
            t[0],
            |a| a.add(t[3], 1),
            |a| {
                drop_head(a);
                a.clear(r.remaining);
            },
        );
        a.move_to(t[3], &[(t[4], 1)]);
    });
    f.branch(t[4], name, again);
    f.place(name);
    f.call(routines.read_block);
    f.code(|a| {
        drop_head(a);
        a.clear(r.remaining);
    });
    f.call(routines.put_bytes);
    line_feed(f);
    f.jump(again);
    f.place(end);
}
