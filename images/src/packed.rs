//! Texts for users in less than half as many bytes.
//!
//! The kernel has 48 KB, and says 7 KB of it. A [`Packed`] text has its ASCII characters as they are, and bytes from 128 on for
//! frequent fragments. A fragment is a pair of two bytes, which may be fragments in turn (byte pair encoding: P. Gage, "A New
//! Algorithm for Data Compression", 1994); here the texts are packed by the compiler, and all of them with the same pairs.

use crate::say::{Printer, Say};

/// Bytes of the longest text.
pub const LONGEST: usize = 112;
/// The first byte that stands for a fragment.
pub const FIRST: usize = 128;

/// The fragments, the byte 128 first. Each is a character or an earlier fragment, and one more of these.
#[rustfmt::skip]
pub const FRAGMENTS: [&[u8]; 128] = [
    b"e ", b"th", b"s ", b"t ", b"in", b"the ", b"d ", b"; ", b"er", b"en", b"ag", b": ", b"or", b"is ", b"an",
    b"on", b"ed", b"am", b"re", b"il", b"st", b"no", b"el", b", ", b"it", b"ar", b"as ", b"aga", b"again", b"lo",
    b"ro", b"a ", b"it ", b"ed ", b"pro", b"at ", b"av", b"ell", b"or ", b"fil", b"prog", b"progr", b"program",
    b"es ", b"cell", b"o ", b"er ", b"y ", b"sav", b"of", b"of ", b"es", b"and ", b"ith", b"al", b"cells ",
    b"program ", b"this ", b"with", b"wh", b"ch", b"file ", b"no ", b"ed; ", b"sen", b"was ", b"with ", b"for ",
    b"e; ", b"not ", b"that ", b"ve ", b"g ", b"fa", b"un", b"sh", b"co", b"are ", b"star", b"the program ", b"ing ",
    b"um", b"to ", b"k ", b"im", b"has ", b"loa", b"its ", b"ere ", b"ul", b"op", b"ma", b"ion", b"ac", b"send ",
    b"se", b"ne", b"mo", b"le", b"ft", b"ca", b"start", b"fail", b"all", b"saved", b"again ", b"one ", b"an ",
    b"end", b"the file ", b"m ", b"be", b"\r\n", b"imag", b"remo", b"w ", b"se ", b"remove ", b"left", b"res",
    b"amag", b"ore ", b"en ", b"in ", b"yt", b"run", b"is", b"damag",
];

/// The two bytes that each fragment is made of.
static PAIRS: [[u8; 2]; FRAGMENTS.len()] = {
    let mut pairs = [[0; 2]; FRAGMENTS.len()];
    let mut at = 0;
    while at < FRAGMENTS.len() {
        pairs[at] = pair(at);
        at += 1;
    }
    pairs
};

const fn pair(fragment: usize) -> [u8; 2] {
    let mut at = 1;
    while at < FRAGMENTS[fragment].len() {
        let (first, second) = FRAGMENTS[fragment].split_at(at);
        if let (Some(first), Some(second)) = (byte(first, fragment), byte(second, fragment)) {
            return [first, second];
        }
        at += 1;
    }
    panic!("a fragment is made of two that stand before it")
}

/// What stands for a part of a text, if only the first fragments may.
const fn byte(part: &[u8], fragments: usize) -> Option<u8> {
    if let [character] = part {
        return Some(*character);
    }
    let mut at = 0;
    while at < fragments {
        if part.len() == FRAGMENTS[at].len() && begins(part, FRAGMENTS[at]) {
            return Some((FIRST + at) as u8);
        }
        at += 1;
    }
    None
}

const fn begins(text: &[u8], part: &[u8]) -> bool {
    let mut at = 0;
    while at < part.len() && at < text.len() && text[at] == part[at] {
        at += 1;
    }
    at == part.len()
}

/// No fragment.
const NONE: usize = FRAGMENTS.len();

/// The first fragment that begins with each character, and the one behind each that begins with the same: so that the compiler has
/// little to compare.
const CHAINS: ([usize; FIRST], [usize; FRAGMENTS.len()]) = {
    let (mut firsts, mut nexts) = ([NONE; FIRST], [NONE; FRAGMENTS.len()]);
    let mut fragment = FRAGMENTS.len();
    while fragment > 0 {
        fragment -= 1;
        let character = FRAGMENTS[fragment][0] as usize;
        (firsts[character], nexts[fragment]) = (fragment, firsts[character]);
    }
    (firsts, nexts)
};

/// The fewest bytes for a text, and how many there are.
pub const fn pack(text: &str) -> ([u8; LONGEST], usize) {
    assert!(text.is_ascii() && text.len() <= LONGEST, "a text has so many characters of ASCII at most");
    let text = text.as_bytes();
    // From the end on: how many bytes the rest takes from each place on, and which one is the first.
    let (mut counts, mut firsts, mut lengths) = ([0; LONGEST + 1], [0; LONGEST], [1; LONGEST]);
    let mut at = text.len();
    while at > 0 {
        at -= 1;
        (counts[at], firsts[at]) = (counts[at + 1] + 1, text[at]);
        let rest = text.split_at(at).1;
        let mut fragment = CHAINS.0[text[at] as usize];
        while fragment != NONE {
            let length = FRAGMENTS[fragment].len();
            if begins(rest, FRAGMENTS[fragment]) && counts[at + length] + 1 < counts[at] {
                (counts[at], firsts[at]) = (counts[at + length] + 1, (FIRST + fragment) as u8);
                lengths[at] = length;
            }
            fragment = CHAINS.1[fragment];
        }
    }
    let (mut packed, mut count) = ([0; LONGEST], 0);
    while at < text.len() {
        packed[count] = firsts[at];
        (at, count) = (at + lengths[at], count + 1);
    }
    (packed, count)
}

/// The first `N` bytes.
pub const fn first<const N: usize>(bytes: [u8; LONGEST]) -> [u8; N] {
    let mut first = [0; N];
    let mut at = 0;
    while at < N {
        first[at] = bytes[at];
        at += 1;
    }
    first
}

/// A text as [`packed!`](crate::packed!) makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packed(&'static [u8]);

impl Packed {
    /// A text whose bytes are these.
    pub const fn new(bytes: &'static [u8]) -> Packed {
        Packed(bytes)
    }
}

impl Say for Packed {
    #[inline(never)]
    fn say(&self, to: &mut dyn Printer) {
        for byte in self.0 {
            unpack(*byte, to);
        }
    }
}

#[inline(never)]
fn unpack(byte: u8, to: &mut dyn Printer) {
    match PAIRS.get(usize::from(byte).wrapping_sub(FIRST)) {
        Some([first, second]) => {
            unpack(*first, to);
            unpack(*second, to);
        }
        None => to.bytes(&[byte]),
    }
}

/// A text, a string literal, as a [`Packed`](crate::packed::Packed) one.
#[macro_export]
macro_rules! packed {
    ($text:expr) => {{
        const PACK: ([u8; $crate::packed::LONGEST], usize) = $crate::packed::pack($text);
        const BYTES: [u8; PACK.1] = $crate::packed::first(PACK.0);
        const PACKED: $crate::packed::Packed = $crate::packed::Packed::new(&BYTES);
        PACKED
    }};
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unpacked(bytes: &[u8]) -> String {
        let mut text = Vec::new();
        bytes.iter().for_each(|byte| unpack(*byte, &mut text));
        String::from_utf8(text).unwrap()
    }

    proptest! {
        #[test]
        fn a_text_is_what_it_was_before(text in "[ -~]{0,112}") {
            let (packed, length) = pack(&text);
            prop_assert_eq!(unpacked(&packed[..length]), text);
        }

        #[test]
        fn fragments_are_single_bytes(fragments in proptest::collection::vec(0..FRAGMENTS.len(), 0..8)) {
            let text: Vec<u8> = fragments.iter().flat_map(|fragment| FRAGMENTS[*fragment]).copied().collect();
            let text = String::from_utf8(text).unwrap();
            prop_assume!(text.len() <= LONGEST);
            let (packed, length) = pack(&text);
            prop_assert!(length <= fragments.len());
            prop_assert_eq!(unpacked(&packed[..length]), text);
        }
    }

    #[test]
    fn a_packed_text_says_what_was_written() {
        let mut said = Vec::new();
        (&mut said as &mut dyn Printer)
            .text(packed!("the end of the file; "))
            .text(packed!(""))
            .text(packed!("~"));
        assert_eq!(said, b"the end of the file; ~");
        assert!(pack("the end of the file; ").1 < 12);
    }
}
