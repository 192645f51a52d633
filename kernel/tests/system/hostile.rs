//! Whatever comes over the line, the shell is back.

use crate::board::{blank, Board};
use crate::nor::Random;
use crate::{block, header, padded, with};

/// After this time nothing waits for bytes any more: the invitations of YMODEM end then.
const TIMEOUT_MS: u64 = 80_000;

fn is_back(board: &mut Board, what: &str) {
    board.wait(TIMEOUT_MS);
    board.send_break();
    board.typed(b"\x03");
    board.text();
    let said = board.line("eof 0");
    assert!(said.ends_with("at the end of the input: 0\r\n> "), "{what}: {said:?}");
}

#[test]
fn a_million_random_bytes_for_the_shell() {
    let mut board = Board::new(blank());
    let mut random = Random(7);
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..500).map(|_| random.byte()).collect();
        board.typed(&bytes);
    }
    is_back(&mut board, "random bytes");
    assert_eq!(board.nor().programmed, 0, "something was written");
}

#[test]
fn random_bytes_for_the_receiver() {
    let mut board = with("a.bf", "+.");
    let before = board.nor().bytes;
    for seed in 0..300 {
        board.line("load");
        board.typed(&Random::bytes(seed, 3_000));
        is_back(&mut board, "random bytes");
        assert!(board.line("ls").contains(" a.bf\r\n"));
    }
    assert_eq!(board.nor().bytes, before, "something was written");
}

#[test]
fn a_sender_that_stops_anywhere() {
    let text = [b'+'; 300];
    let transfer: Vec<u8> =
        [block(0, &header("b.bf", Some(text.len()))), block(1, &padded(&text, 1024, 0x1A)), vec![4]].concat();
    for length in (0..transfer.len()).step_by(37) {
        let mut board = with("a.bf", "+.");
        board.line("load");
        board.typed(&transfer[..length]);
        is_back(&mut board, &format!("stopped after {length} bytes"));
        assert!(!board.line("ls").contains("b.bf"), "{length}");
    }
}
