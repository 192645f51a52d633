//! The power fails in the middle of what the user does.

use crate::board::Board;
use crate::nor::{Cut, Left};
use crate::{again, load, with, CAT, LEAVE, MOMENT_MS};

/// Does something on a copy of the board with a cut, everywhere; then looks at the board that was switched on again.
/// What was said until the power failed is looked at as well.
fn everywhere(board: &Board, act: impl Fn(&mut Board) -> String, look: impl Fn(&mut Board, Cut, &str)) {
    let mut whole = again(board);
    act(&mut whole);
    let (programmed, erased) = (whole.nor().programmed, whole.nor().erased);
    let bytes = (0..programmed).step_by(1 + programmed / 400).map(Cut::Program);
    let lefts = [Left::Untouched, Left::Erased(20), Left::Mixed(0), Left::Garbage];
    let erases = (0..erased).flat_map(|erase| lefts.map(|left| Cut::Erase(erase, left)));
    let cuts: Vec<Cut> = bytes.chain(erases).collect();
    assert!(!cuts.is_empty(), "nothing was written");
    for cut in cuts {
        let mut cut_board = again(board);
        cut_board.cut(cut);
        let said = act(&mut cut_board);
        look(&mut again(&cut_board), cut, &said);
    }
}

/// Sends a file, to a board that may fail.
fn send(board: &mut Board, content: &[u8]) -> String {
    board.line("load");
    board.typed(&crate::block(0, &crate::header("b.bf", Some(content.len()))));
    board.typed(&crate::block(1, &crate::padded(content, 1024, 0x1A)));
    board.typed(&[4]);
    let said = board.typed(&crate::no_header());
    board.wait(1_000);
    said + &board.text()
}

#[test]
fn a_file_that_is_loaded_is_there_or_not() {
    let board = with("a.bf", "+.");
    let text = [b'+'; 400];
    everywhere(
        &board,
        |board| send(board, &text),
        |board, cut, said| {
            let list = board.line("ls");
            assert!(list.contains(" a.bf\r\n"), "{cut:?}: {list}");
            assert!(list.contains("b.bf") || !said.contains("loaded"), "{cut:?}: {said}");
            if list.contains("b.bf") {
                assert!(board.line("run b.bf").contains("ended"), "{cut:?}");
            }
            assert!(load(board, "c.bf", b"+.").starts_with("loaded"), "{cut:?}");
            assert!(board.line("run c.bf").contains('\x01'), "{cut:?}");
        },
    );
}

#[test]
fn saved_cells_are_the_old_ones_or_the_new_ones() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(b"a");
    board.wait(MOMENT_MS);
    everywhere(
        &board,
        |board| {
            board.line("resume");
            board.typed(b"b");
            board.wait(MOMENT_MS);
            board.text()
        },
        |board, cut, _| {
            assert_eq!(board.line("resume"), "resume\r\n", "{cut:?}");
            board.typed(LEAVE);
            let cell = board.line("mem 0 1");
            assert!(cell.contains("   0   97") || cell.contains("   0   98"), "{cut:?}: {cell}");
        },
    );
}

#[test]
fn cells_that_are_said_to_be_saved_are() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(b"a");
    board.wait(MOMENT_MS);
    everywhere(
        &board,
        |board| {
            board.line("resume");
            board.typed(b"b");
            board.typed(LEAVE);
            board.line("save")
        },
        |board, cut, said| {
            board.line("resume");
            board.typed(LEAVE);
            let cell = board.line("mem 0 1");
            assert!(
                cell.contains("   0   98") || (!said.contains("\r\nsaved") && cell.contains("   0   97")),
                "{cut:?}"
            );
        },
    );
}

#[test]
fn a_file_that_is_removed_is_there_with_its_cells_or_neither() {
    let mut board = with("a.bf", "+.");
    load(&mut board, "b.bf", b"++.");
    board.line("run a.bf");
    board.line("run b.bf");
    everywhere(
        &board,
        |board| board.line("rm a.bf"),
        |board, cut, said| {
            let is_there = board.line("ls").contains(" a.bf\r\n");
            assert!(!is_there || said != "rm a.bf\r\n> ", "{cut:?}");
            if is_there {
                assert!(board.line("run a.bf").contains("\x02\r\n"), "{cut:?}");
            }
            assert!(board.line("run b.bf").contains("\x04\r\n"), "{cut:?}");
        },
    );
}
