//! `true` and `false`: for `&&` and `||`.

use crate::system::System;

/// Succeeds, as every command does that says nothing else.
pub fn write_true(_: &mut System) {}

/// Fails, without a message.
pub fn write_false(s: &mut System) {
    let status = s.status;
    s.flow.code(|a| a.set(status, 1));
}
