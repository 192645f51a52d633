//! Whatever comes over the line, the shell is back.

use crate::board::{blank, Board};
use crate::config::config;
use crate::nor::Random;
use crate::{again, block, header, load, no_header, padded, with, CAT, LEAVE};
use proptest::prelude::*;

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
    assert_eq!(board.nor().bytes, blank().bytes, "something was written");
}

#[test]
fn a_million_random_bytes_for_the_receiver() {
    let mut board = with("a.bf", "+.");
    let before = board.nor().bytes;
    for seed in 0..250 {
        board.line("load");
        board.typed(&Random::bytes(seed, 4_000));
        is_back(&mut board, "random bytes");
        assert!(board.line("ls").contains(" a.bf\r\n"));
    }
    assert_eq!(board.nor().bytes, before, "something was written");
}

#[test]
fn a_million_random_bytes_for_a_program_and_the_shell_behind_it() {
    let mut board = with("cat.bf", CAT);
    let mut random = Random(9);
    for _ in 0..2_000 {
        board.line("run cat.bf");
        let bytes: Vec<u8> = (0..500).map(|_| random.byte()).collect();
        board.typed(&bytes);
        board.send_break();
    }
    is_back(&mut board, "random bytes");
    assert!(board.line("check").contains("no damage"));
}

/// A file in one block, from its header to the end of all.
fn transfer(text: &[u8]) -> [Vec<u8>; 4] {
    [block(0, &header("b.bf", Some(text.len()))), block(1, &padded(text, 1024, 0x1A)), vec![4], no_header()]
}

#[test]
fn a_sender_that_stops_anywhere() {
    let text = [b'+'; 300];
    // All but the end of the file.
    let [head, content, ..] = transfer(&text);
    let transfer = [head, content].concat();
    let begun = with("a.bf", "+.");
    for length in (0..=transfer.len()).step_by(37).chain([transfer.len()]) {
        let mut board = again(&begun);
        let files = board.line("ls");
        board.line("load");
        board.typed(&transfer[..length]);
        is_back(&mut board, &format!("stopped after {length} bytes"));
        assert_eq!(board.line("ls"), files, "stopped after {length} bytes");
        assert_eq!(again(&board).line("ls"), files, "stopped after {length} bytes");
    }
}

#[test]
fn a_transfer_with_a_broken_byte_anywhere_leaves_the_whole_file_or_nothing() {
    let text = [b'+'; 300];
    let messages = transfer(&text);
    let begun = with("a.bf", "+.");
    let length = messages.concat().len();
    let none = again(&begun).line("ls");
    let mut board = again(&begun);
    load(&mut board, "b.bf", &text);
    let whole = board.line("ls");
    for at in (0..140).chain((140..length - 140).step_by(29)).chain(length - 140..length) {
        for mask in [0x01, 0x18, 0xFF] {
            let mut board = again(&begun);
            board.line("load");
            let mut sent = 0;
            for message in &messages {
                let mut message = message.clone();
                if let Some(byte) = at.checked_sub(sent).and_then(|at| message.get_mut(at)) {
                    *byte ^= mask;
                }
                sent += message.len();
                board.typed(&message);
            }
            let what = format!("byte {at} with {mask:#x}");
            is_back(&mut board, &what);
            let list = board.line("ls");
            assert!(list == none || list == whole, "{what}: {list}");
            if list == whole {
                assert!(board.line("check").contains("no damage"), "{what}");
                assert!(board.line("run -n b.bf").contains("the program has ended"), "{what}");
                assert!(board.line("mem 0 1").contains("   0   44"), "{what}: 300 modulo 256");
            }
        }
    }
}

/// A line that means something, or nearly.
fn line() -> impl Strategy<Value = Vec<u8>> {
    const COMMANDS: &str =
        "help ls load rm mv check run start stop resume save restore ps caps mem set eof baud fault stat reset";
    const ARGUMENTS: &str = "a.bf cat.bf loop.bf b.bf .start -n 0 wait 4095 0xFFFFFFFF";
    let one_of = |words: &'static str| prop::sample::select(words.split(' ').collect::<Vec<_>>());
    let argument = prop_oneof![6 => one_of(ARGUMENTS).prop_map(str::to_owned), 1 => "[ -~]{0,60}"];
    let words = (one_of(COMMANDS), prop::collection::vec(argument, 0..3));
    prop_oneof![
        12 => words.prop_map(|(command, arguments)| format!("{command} {}\r", arguments.join(" ")).into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
        1 => Just(b"abc\r".to_vec()),
        1 => Just(LEAVE.to_vec()),
    ]
}

proptest! {
    #![proptest_config(config(300))]

    /// In any order, with bits of programs and transfers between: nothing fails, and what was there is served.
    #[test]
    fn nothing_that_is_typed_stops_the_shell(lines in prop::collection::vec((line(), 0..3_000u64), 1..40)) {
        let mut board = with("a.bf", "++++++++[>++++++++<-]>+.");
        load(&mut board, "cat.bf", CAT.as_bytes());
        load(&mut board, "loop.bf", b"+[>+<]");
        for (line, milliseconds) in &lines {
            // Out of a loop that does not end.
            board.world.borrow_mut().typed_later(2_000, LEAVE);
            board.typed(line);
            board.wait(*milliseconds);
            if std::mem::take(&mut board.world.borrow_mut().was_reset) {
                break;
            }
        }
        let mut board = again(&board);
        board.typed(b" \r");
        is_back(&mut board, "started again");
        prop_assert!(board.line("fault").contains("no faults"));
        prop_assert!(board.line("check").contains("no damage"));
        let said = load(&mut board, "fresh.bf", b"+.");
        prop_assert!(said.starts_with("loaded: 2 commands"), "{said}");
        prop_assert!(board.line("run -n fresh.bf").contains("\x01\r\nthe program has ended"));
    }
}
