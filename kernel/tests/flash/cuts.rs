//! The power is cut everywhere in an operation, and then again in the one that follows.

use crate::nor::{Cut, Left, Nor};

/// An operation under test, with all that is done after a restart before it.
pub type Operation<'a> = &'a dyn Fn(&mut Nor) -> Result<(), String>;

/// Cuts `operation` everywhere: what `view` sees then is what was there before or what is there afterwards. Then
/// cuts `next`, the recovery and another operation, after which `with_next` says what is to be seen.
pub fn everywhere<V: PartialEq>(
    start: &Nor,
    operation: Operation,
    view: &dyn Fn(&Nor) -> V,
    next: Operation,
    with_next: &dyn Fn(&V) -> V,
) {
    let mut start = start.clone();
    start.power_on();
    let before = view(&start);
    let mut done = start.clone();
    operation(&mut done).expect("the operation works");
    let after = view(&done);

    for (number, cut) in cuts(&done, 0, 1).enumerate() {
        let mut nor = interrupted(&start, operation, cut);
        let seen = view(&nor);
        assert!(seen == before || seen == after, "{cut:?}: neither before nor after");

        let expected = with_next(&seen);
        let cut_once = nor.clone();
        next(&mut nor).unwrap_or_else(|error| panic!("{cut:?}: {error}"));
        assert!(view(&nor) == expected, "{cut:?}: not as it should be afterwards");
        for again in cuts(&nor, number % STRIDE, STRIDE) {
            let mut nor = interrupted(&cut_once, next, again);
            let now = view(&nor);
            assert!(now == seen || now == expected, "{cut:?}, {again:?}: neither before nor after");
            next(&mut nor).unwrap_or_else(|error| panic!("{cut:?}, {again:?}: {error}"));
            assert!(view(&nor) == expected, "{cut:?}, {again:?}: not as it should be afterwards");
        }
    }
}

/// What cut erases leave; headers end after 20 bytes, records after 128, header pages after 256.
const LEFT: [Left; 8] = [
    Left::Untouched,
    Left::Erased(20),
    Left::Erased(128),
    Left::Erased(256),
    Left::Mixed(0),
    Left::Mixed(20),
    Left::Mixed(256),
    Left::Garbage,
];
/// Of the second cuts' bytes, every which one; the first cuts take turns.
const STRIDE: usize = 13;
/// The first bytes are the recovery's: all of them are cut.
const RECOVERY: usize = 6;

/// All the cuts of what was done since power on.
fn cuts(done: &Nor, first: usize, stride: usize) -> impl Iterator<Item = Cut> {
    let (programmed, erased) = (done.programmed, done.erased);
    let bytes = (0..programmed).filter(move |byte| *byte < RECOVERY || byte % stride == first);
    let erases = (0..erased).flat_map(|erase| LEFT.map(|left| Cut::Erase(erase, left)));
    bytes.map(Cut::Program).chain(erases)
}

fn interrupted(start: &Nor, operation: Operation, cut: Cut) -> Nor {
    let mut nor = start.clone();
    nor.power_on();
    nor.cut(cut);
    assert!(operation(&mut nor).is_err(), "{cut:?}: without power nothing works");
    nor.power_on();
    nor
}
