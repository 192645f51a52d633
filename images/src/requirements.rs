//! What an image's name promises: `name_vA.B.C+X.Y.Z.bf` needs X KB of commands, loops Y deep and Z cells.
//!
//! The convention is that of the file names of the braiNIX releases: `brainix_v0.6.2+15.12.6.bf` is version
//! 0.6.2 and promises that 15 KB of commands (1024 commands each, comments not counted), a loop depth of 12
//! and 6 cells are enough to boot. A name is only a promise; [`Requirements::covers`] compares it with what
//! was measured.

use crate::digits;
use crate::machine::{Limits, BIG};
use crate::packed;
use crate::say::{Printer, Say};

/// What a program needs of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// Program text in units of 1024 commands, rounded up ([`kilobytes`]).
    pub kilobytes: u32,
    /// Loops that are open at the same time.
    pub depth: u32,
    /// Cells, from the first to the last one that is used.
    pub cells: u32,
}

/// A file name that follows the convention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'a> {
    /// What stands before the version.
    pub name: &'a str,
    /// The version, most significant number first.
    pub version: [u32; 3],
    /// What the name promises to be enough.
    pub requires: Requirements,
}

/// What a machine has too little of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// More loops open than the machine can remember.
    Depth {
        /// What the program needs.
        needed: u32,
        /// What the machine has.
        limit: u32,
    },
    /// A longer tape than the machine's.
    Cells {
        /// What the program needs.
        needed: u32,
        /// What the machine has.
        limit: u32,
    },
}

impl Say for Miss {
    fn say(&self, to: &mut dyn Printer) {
        let (needed, limit, biggest, what) = match *self {
            Miss::Depth { needed, limit } => (needed, limit, BIG.depth, packed!(" loops deep")),
            Miss::Cells { needed, limit } => (needed, limit, BIG.cells, packed!(" cells")),
        };
        to.text(packed!("needs "))
            .number(needed)
            .text(what)
            .text(packed!(", this machine has "))
            .number(limit);
        to.text(if needed <= biggest {
            packed!("; simulate a larger one with --machine big")
        } else {
            packed!("; no machine has so much: make the program smaller")
        });
    }
}

crate::said!(Miss);

/// So many commands in units of 1024, rounded up.
pub fn kilobytes(commands: u32) -> u32 {
    commands.div_ceil(1024)
}

impl Requirements {
    /// What a file's name promises; `None` if it does not follow the convention.
    pub fn promised(file_name: &[u8]) -> Option<Requirements> {
        let (_, [.., kilobytes, depth, cells]) = parts(file_name)?;
        Some(Requirements { kilobytes, depth, cells })
    }

    /// Whether the promise holds: nothing that was measured exceeds it.
    pub fn covers(self, measured: Requirements) -> bool {
        measured.kilobytes <= self.kilobytes && measured.depth <= self.depth && measured.cells <= self.cells
    }

    /// Whether a machine can remember so many loops and has so many cells; the first miss if not.
    ///
    /// The kilobytes are left out: what has to fit is not the text but its words, and those are counted when
    /// the program is encoded.
    pub fn fits(self, limits: Limits) -> Result<(), Miss> {
        if self.depth > limits.depth {
            return Err(Miss::Depth { needed: self.depth, limit: limits.depth });
        }
        if self.cells > limits.cells {
            return Err(Miss::Cells { needed: self.cells, limit: limits.cells });
        }
        Ok(())
    }
}

impl<'a> Name<'a> {
    /// Reads a file name without folders; `None` if it does not follow the convention to the letter.
    ///
    /// ```
    /// use images::requirements::Name;
    /// let name = Name::parse("brainix_v0.6.2+15.12.6.bf").unwrap();
    /// assert_eq!((name.name, name.version), ("brainix", [0, 6, 2]));
    /// assert_eq!((name.requires.kilobytes, name.requires.depth, name.requires.cells), (15, 12, 6));
    /// assert_eq!(Name::parse("hello.bf"), None);
    /// ```
    pub fn parse(file_name: &'a str) -> Option<Name<'a>> {
        let (length, [major, minor, patch, kilobytes, depth, cells]) = parts(file_name.as_bytes())?;
        Some(Name {
            name: file_name.get(..length)?,
            version: [major, minor, patch],
            requires: Requirements { kilobytes, depth, cells },
        })
    }
}

/// How long the name before the version is, and the six numbers.
fn parts(file_name: &[u8]) -> Option<(usize, [u32; 6])> {
    let text = file_name.strip_suffix(b".bf")?;
    let length = text.windows(2).rposition(|pair| pair == b"_v").filter(|length| *length > 0)?;
    let (name, mut rest) = text.split_at_checked(length)?;
    if name.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
        return None;
    }
    let mut numbers = [0; 6];
    // What stands before each number: `_v` was found.
    for (number, before) in numbers.iter_mut().zip([&b"_v"[..], b".", b".", b"+", b".", b"."]) {
        rest = rest.strip_prefix(before)?;
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, behind) = rest.split_at_checked(digits)?;
        (*number, rest) = (digits::number(digits, false)?, behind);
    }
    rest.is_empty().then_some((length, numbers))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::BOARD;

    fn requirements(kilobytes: u32, depth: u32, cells: u32) -> Requirements {
        Requirements { kilobytes, depth, cells }
    }

    #[test]
    fn a_name_says_version_and_requirements() {
        assert_eq!(
            Name::parse("brainix_v0.6.2+15.12.6.bf"),
            Some(Name { name: "brainix", version: [0, 6, 2], requires: requirements(15, 12, 6) })
        );
        let most = Name::parse("a_v1_v4294967295.0.10+4294967295.0.1.bf").expect("a name");
        assert_eq!(most.name, "a_v1");
        assert_eq!(most.version, [u32::MAX, 0, 10]);
        assert_eq!(most.requires, requirements(u32::MAX, 0, 1));
    }

    #[test]
    fn other_names_are_none() {
        for name in [
            "",
            ".bf",
            "hello.bf",
            "_v0.6.2+15.12.6.bf",
            "brainix_v0.6.2+15.12.6",
            "brainix_v0.6.2+15.12.6.b",
            "brainix_v0.6.2+15.12.6.BF",
            "brainix_v0.6.2+15.12.6.bf ",
            "brainix_v0.6.2+15.12.6.bf.bf",
            "brainix-0.6.2+15.12.6.bf",
            "brainix_0.6.2+15.12.6.bf",
            "brainix_v0.6.2.bf",
            "brainix_v0.6+15.12.6.bf",
            "brainix_v0.6.2.1+15.12.6.bf",
            "brainix_v0.6.2+15.12.bf",
            "brainix_v0.6.2+15.12.6.1.bf",
            "brainix_v0..2+15.12.6.bf",
            "brainix_v0.6.2+15..6.bf",
            "brainix_v0.6.2+15.12..bf",
            "brainix_v0.6.2+.12.6.bf",
            "brainix_v.6.2+15.12.6.bf",
            "brainix_v0.6.+15.12.6.bf",
            "brainix_v+0.6.2+15.12.6.bf",
            "brainix_v0.6.2++15.12.6.bf",
            "brainix_v0.6.2+15.+12.6.bf",
            "brainix_v0.6.2+15.12.-6.bf",
            "brainix_v0.6.2+15.12.0x6.bf",
            "brainix_v0.6.2+15.12. 6.bf",
            "brainix_v0.6.2+15.12.٦.bf",
            "brainix_v0.6.2+15.12.4294967296.bf",
            "brainix_v4294967296.6.2+15.12.6.bf",
            "folder/brainix_v0.6.2+15.12.6.bf",
        ] {
            assert_eq!(Name::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_promise_holds_if_nothing_exceeds_it() {
        let promise = requirements(15, 12, 6);
        assert!(promise.covers(promise));
        assert!(promise.covers(requirements(14, 3, 1)));
        assert!(!promise.covers(requirements(16, 12, 6)));
        assert!(!promise.covers(requirements(15, 13, 6)));
        assert!(!promise.covers(requirements(15, 12, 7)));
    }

    #[test]
    fn the_first_miss_is_named_and_says_what_to_do() {
        let miss = |depth, cells, limits| requirements(u32::MAX, depth, cells).fits(limits);
        assert_eq!(miss(256, 4096, BOARD), Ok(()));
        assert_eq!(miss(300, 5000, BIG), Ok(()));
        let message = |depth, cells, limits| miss(depth, cells, limits).expect_err("a miss").to_string();
        assert_eq!(
            message(300, 5000, BOARD),
            "needs 300 loops deep, this machine has 256; simulate a larger one with --machine big"
        );
        assert_eq!(
            message(256, 4097, BOARD),
            "needs 4097 cells, this machine has 4096; simulate a larger one with --machine big"
        );
        assert_eq!(
            message(1025, 1, BIG),
            "needs 1025 loops deep, this machine has 1024; no machine has so much: make the program smaller"
        );
        assert_eq!(
            message(0, 65537, BOARD),
            "needs 65537 cells, this machine has 4096; no machine has so much: make the program smaller"
        );
    }

    #[test]
    fn kilobytes_are_rounded_up() {
        for (commands, expected) in [(0, 0), (1, 1), (1024, 1), (1025, 2), (u32::MAX, 1 << 22)] {
            assert_eq!(kilobytes(commands), expected);
        }
    }
}
