//! The flash is not what was written: the board starts, says so, and serves what is sound.

use crate::board::{blank, Board};
use crate::nor::{Nor, Random, SECTOR};
use crate::{load, with, CAT, LEAVE, MOMENT_MS};
use std::ops::Range;

/// Long after a program has started by itself, if one does.
const STARTED_MS: u64 = 5_000;

/// The board with this flash, at its prompt. A program that has started by itself, whatever it has become, was left.
fn started(nor: Nor) -> Board {
    let mut board = Board::new(nor);
    board.world.borrow_mut().typed_later(500, LEAVE);
    board.wait(STARTED_MS);
    let said = board.text();
    assert!(said.starts_with("\r\nFusion, started by power; type help\r\n"), "{said:?}");
    board.typed(LEAVE);
    assert_eq!(board.line(""), "\r\n> ");
    board
}

/// Bytes of the flash that are different.
fn difference(one: &Nor, other: &Nor) -> Vec<usize> {
    (0..one.bytes.len()).filter(|at| one.bytes[*at] != other.bytes[*at]).collect()
}

/// A board with a file that starts by itself, a checkpoint and saved cells; and where the file `a.bf` is.
fn used() -> (Nor, Range<usize>) {
    let before = blank();
    let mut board = with("a.bf", "++++++++[>++++++++<-]>+.");
    let file = difference(&before, &board.nor());
    let place = file[0] / SECTOR * SECTOR..(file[file.len() - 1] / SECTOR + 1) * SECTOR;
    load(&mut board, "cat.bf", CAT.as_bytes());
    load(&mut board, "loop.bf", b"+[>+<]");
    board.line("start cat.bf");
    board.line("run a.bf");
    board.line("run cat.bf");
    board.typed(b"x");
    board.wait(MOMENT_MS);
    board.typed(LEAVE);
    (board.nor(), place)
}

/// The shell does everything that it can.
fn is_of_use(board: &mut Board, what: &str) {
    for line in [
        "ls",
        "check",
        "ps",
        "caps",
        "fault",
        "restore cat.bf",
        "start",
        "resume",
        "run cat.bf",
        "run loop.bf",
    ] {
        board.world.borrow_mut().typed_later(500, LEAVE);
        board.line(line);
        board.typed(LEAVE);
        assert!(board.line("").ends_with("\r\n> "), "{what}: {line}");
    }
    assert!(board.line("fault").contains("no faults"), "{what}");
    let said = load(board, "fresh.bf", b"+.");
    assert!(said.starts_with("loaded: 2 commands"), "{what}: {said}");
    assert!(board.line("run -n fresh.bf").contains("\x01\r\nthe program has ended"), "{what}");
}

#[test]
fn garbage_in_place_of_files_and_saved_cells_is_reported() {
    for seed in 0..60 {
        let mut nor = blank();
        let all = nor.region().start as usize..nor.region().end as usize;
        // Everything; or pieces, with blank ones between.
        for (number, sector) in all.step_by(SECTOR).enumerate() {
            if seed % 4 == 0 || number % 4 != (seed % 4) as usize {
                nor.bytes[sector..][..SECTOR]
                    .copy_from_slice(&Random::bytes(seed * 1000 + number as u64, SECTOR));
            }
        }
        let mut board = started(nor);
        assert!(board.line("check").contains("is neither a file nor blank; it is free"), "{seed}");
        assert!(board.line("ls").contains("bytes free"), "{seed}");
        assert!(board.line("resume").contains("there is nothing to resume; run a program"), "{seed}");
        is_of_use(&mut board, &format!("seed {seed}"));
        // What it has then is a flash as any other one.
        assert!(
            started(board.nor()).line("run fresh.bf").contains("\x02\r\nthe program has ended"),
            "{seed}"
        );
    }
}

#[test]
fn flipped_bits_anywhere_leave_the_other_files_as_they_were() {
    let (sound, place) = used();
    // Half of the hits are where something was written.
    let written = difference(&blank(), &sound);
    for seed in 0..600 {
        let mut nor = sound.clone();
        let mut random = Random(seed);
        let region = nor.region().start as usize..nor.region().end as usize;
        for hit in 0..1 + seed % 20 {
            let number = (0..4).fold(0, |number, _| number << 8 | usize::from(random.byte()));
            let at = match hit % 2 {
                0 => written[number % written.len()],
                _ => region.start + number % region.len(),
            };
            if !place.contains(&at) {
                nor.bytes[at] ^= 1 << (random.byte() % 8);
            }
        }
        let mut board = started(nor);
        let what = format!("seed {seed}");
        assert!(board.line("ls").contains(" a.bf\r\n"), "{what}");
        is_of_use(&mut board, &what);
        assert_eq!(board.line("run -n a.bf"), "run -n a.bf\r\nA\r\nthe program has ended\r\n> ", "{what}");
    }
}

#[test]
fn a_program_that_is_damaged_does_not_run() {
    let (nor, place) = used();
    let mut board = started(nor);
    board.line("run cat.bf");
    board.typed(LEAVE);
    board.line("start a.bf");
    let mut nor = board.nor();
    // In the words of the program.
    nor.bytes[place.start + 256 + 24] ^= 1;
    let mut board = Board::new(nor.clone());
    board.wait(STARTED_MS);
    let said = board.text();
    assert!(said.contains("a key prevents it\r\n") && said.contains("damaged"), "{said}");
    for line in ["run a.bf", "run -n a.bf"] {
        let said = board.line(line);
        assert!(said.contains("damaged"), "{line}: {said}");
    }
    // Left in the middle, saved, and damaged while the power was off.
    let mut board = with("b.bf", CAT);
    board.line("run b.bf");
    board.typed(LEAVE);
    board.line("save");
    let mut nor = board.nor();
    let cat = images::image::Image::from_text(CAT.as_bytes()).expect("sound").to_file();
    let at = nor.bytes.windows(cat.len()).position(|bytes| bytes == cat).expect("it is there");
    nor.bytes[at + cat.len() - 1] ^= 1;
    let said = Board::new(nor).line("resume");
    assert!(said.contains("damaged"), "{said}");
}

#[test]
fn check_names_the_file_that_is_damaged_until_it_is_removed() {
    let (mut nor, place) = used();
    assert!(started(nor.clone()).line("check").contains("no damage"));
    // In the words of the program.
    nor.bytes[place.start + 256 + 24] ^= 1;
    let mut board = started(nor);
    let said = board.line("check");
    assert!(said.contains("a.bf is damaged; remove it with rm and write it again"), "{said}");
    assert!(!said.contains("cat.bf"), "{said}");
    assert!(board.line("ls").contains(" a.bf\r\n"));
    assert_eq!(board.line("run -n cat.bf"), "run -n cat.bf\r\n");
    assert_eq!(board.typed(b"y"), "y");
    board.typed(LEAVE);
    assert_eq!(board.line("rm a.bf"), "rm a.bf\r\n> ");
    assert!(board.line("check").contains("no damage"));
}

#[test]
fn a_program_that_starts_by_itself_and_is_damaged_or_gone_leads_to_the_prompt() {
    let mut board = with("cat.bf", CAT);
    let without = board.nor();
    board.line("start cat.bf");
    let (nor, start) = (board.nor(), difference(&without, &board.nor()));
    let header = difference(&blank(), &without)[0] + 256;

    let boots = |nor: Nor, expected: &str| {
        let mut board = Board::new(nor);
        board.wait(STARTED_MS);
        let said = board.text();
        assert!(said.contains(expected) && said.ends_with("\r\n> "), "{said:?}");
        assert_eq!(board.line("ps"), "ps\r\nno program\r\n> ");
    };
    // Its header.
    let mut damaged = nor.clone();
    damaged.bytes[header + 9] ^= 1;
    boots(damaged, "cat.bf starts in a moment; a key prevents it\r\nthe file is damaged");
    // The file with its name: nothing starts.
    let name = *start.iter().find(|at| nor.bytes[**at..].starts_with(b"cat.bf")).expect("the name");
    let mut damaged = nor.clone();
    damaged.bytes[name] ^= 1;
    boots(damaged, "type help\r\n");
    // It was removed.
    assert_eq!(board.line("rm cat.bf"), "rm cat.bf\r\n> ");
    boots(board.nor(), "cat.bf starts in a moment; a key prevents it\r\nthere is no file of this name");
}

#[test]
fn after_damage_to_saved_cells_the_state_before_is_resumed_or_none() {
    let mut board = with("cat.bf", CAT);
    let mut states = Vec::new();
    board.line("run cat.bf");
    for typed in [b"a", b"b"] {
        let before = board.nor();
        board.typed(typed);
        board.wait(MOMENT_MS);
        // Its first cell: the last byte written that is no header.
        states.push(*difference(&before, &board.nor()).iter().find(|at| *at % SECTOR == 256).expect("cells"));
    }
    let mut nor = board.nor();
    nor.bytes[states[1]] ^= 1;
    let mut board = Board::new(nor.clone());
    board.run();
    assert!(board.line("resume").ends_with("resume\r\n"));
    board.typed(LEAVE);
    assert!(board.line("mem 0 1").contains("   0   97"), "the state before");
    nor.bytes[states[0]] ^= 1;
    let mut board = Board::new(nor);
    board.run();
    assert!(board.line("resume").contains("there is nothing to resume; run a program"));
    assert_eq!(board.line("run cat.bf"), "run cat.bf\r\n");
}
