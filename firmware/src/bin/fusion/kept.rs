//! What is kept in RAM over a reset: the record of what has failed.

use core::ptr::addr_of;

use firmware::{bus, traps};
use images::packed;
use kernel::service::shell::Crash;

/// What a record begins with: RAM that was never written is none.
const MAGIC: u32 = 0xFA17_ED00;
/// Words of the record.
const WORDS: usize = 4;

/// Magic, cause, place, value. Reached by its address only.
#[link_section = ".kept"]
static RECORD: Record = Record(core::cell::UnsafeCell::new([0; WORDS]));

#[allow(dead_code, reason = "reached by its address only")]
struct Record(core::cell::UnsafeCell<[u32; WORDS]>);

// SAFETY: there is one thread, and no interrupt handler uses it.
unsafe impl Sync for Record {}

fn address(word: u32) -> u32 {
    addr_of!(RECORD) as u32 + 4 * word
}

fn write(words: [u32; WORDS]) {
    for (at, word) in (0..).zip(words) {
        // SAFETY: the record is in a cell, and no reference to it is ever made.
        unsafe { bus::write(address(at), word) };
    }
}

/// Keeps what has failed: `mcause`, `mepc` and `mtval`.
pub fn keep(cause: u32, place: u32, value: u32) {
    write([MAGIC, cause, place, value]);
}

/// There is nothing to be kept any more.
pub fn forget() {
    write([0; WORDS]);
}

/// What has failed.
pub fn crash() -> Option<Crash> {
    let [cause, place, value] = [1, 2, 3].map(|at| bus::read(address(at)));
    // What the firmware makes itself: see `trap`. The compiler may make an illegal instruction of a panic.
    let name = match cause {
        2 | 3 => packed!("panic"),
        11 => packed!("stack overflow"),
        _ => traps::name(cause).0,
    };
    (bus::read(address(0)) == MAGIC).then_some(Crash { name, cause, place, value })
}
