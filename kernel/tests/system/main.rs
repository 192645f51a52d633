//! The whole system on a board of the host: what the user sees.

mod board;
#[path = "../config/mod.rs"]
mod config;
#[path = "../flash/nor.rs"]
#[allow(dead_code)]
mod nor;
#[path = "../ymodem/sender.rs"]
#[allow(dead_code)]
mod sender;

mod cuts;
mod damage;
mod hostile;
mod services;

use board::{blank, Board};
use images::image::Image;
use images::packed;
use images::requirements::Name;
use kernel::service::shell::Crash;
use sender::{block, header, no_header, padded};

/// Longer than a program must wait until its cells are saved.
const MOMENT_MS: u64 = 1_100;
/// The key that leads out of a program.
const LEAVE: &[u8] = b"\x1C";
/// Counts what is typed in cell 0, and prints the count after each byte as a letter.
const COUNT: &str = ",[>+<[-]>[->+>+<<]>>>[-]<[->++++++++[->+>++++++++<<]>[-]>.<<<]<[-<+>]<<,]";
/// Prints what is typed, up to a NUL.
const CAT: &str = ",[.,]";
/// Prints the letters from A to d, in three loops, and reads nothing.
const LETTERS: &str = ">>>>++++++++[>++++++++<-]<<<<+++[>+++[>++++[>>>+.<<<-]<-]<-]";

/// A board that was switched on, at its prompt.
fn switched_on() -> Board {
    let mut board = Board::new(blank());
    board.run();
    assert_eq!(board.text(), "\r\nFusion, started by power; type help\r\n> ");
    board
}

/// Sends a file by YMODEM. What the loader says of it.
fn load(board: &mut Board, name: &str, content: &[u8]) -> String {
    board.line("load");
    let answered = |board: &mut Board, message: &[u8], answer: &str| {
        let text = board.typed(message);
        assert!(
            text.starts_with(answer) || text.starts_with('\x18'),
            "{name}: {text:?} in place of {answer:?}"
        );
        // What is wrong with a block may be found after it was answered.
        text.starts_with(answer) && !text.contains('\x18')
    };
    let sent = answered(board, &block(0, &header(name, Some(content.len()))), "\x06C")
        && content.chunks(1024).enumerate().all(|(number, piece)| {
            let size = if piece.len() <= 128 { 128 } else { 1024 };
            answered(board, &block(number as u8 + 1, &padded(piece, size, 0x1A)), "\x06")
        })
        && answered(board, &[4], "\x06C");
    if sent {
        return board.typed(&no_header()).split_off(1);
    }
    board.wait(1_000);
    board.text()
}

fn with(name: &str, text: &str) -> Board {
    let mut board = switched_on();
    let said = load(&mut board, name, text.as_bytes());
    assert!(said.starts_with("loaded: ") && said.ends_with("\r\n> "), "{said}");
    board
}

/// The board after a power failure, at its prompt.
fn again(board: &Board) -> Board {
    let mut board = Board::new(board.nor());
    board.run();
    board.text();
    board
}

#[test]
fn help_names_every_command() {
    let mut board = switched_on();
    let text = board.line("help");
    for name in "help ls load rm mv run stop resume save restore ps caps mem eof fault stat reset".split(' ')
    {
        assert!(text.lines().any(|line| line.split([' ', ':']).next() == Some(name)), "{name}");
    }
}

#[test]
fn a_program_is_loaded_listed_run_renamed_and_removed() {
    let mut board = with("a.bf", "++++++++[>++++++++<-]>+.");
    assert!(board.line("ls").contains(" a.bf\r\n"));
    assert_eq!(board.line("run a.bf"), "run a.bf\r\nA\r\nthe program has ended\r\n> ");
    assert_eq!(board.line("mv a.bf b.bf"), "mv a.bf b.bf\r\n> ");
    assert_eq!(board.line("ps"), "ps\r\nb.bf: ended at word 4, cell 1; cells saved\r\n> ");
    assert!(board.line("run a.bf").contains("there is no file of this name"));
    assert_eq!(board.line("rm b.bf"), "rm b.bf\r\n> ");
    assert!(!board.line("ls").contains("b.bf"));
}

#[test]
fn an_image_is_loaded_as_it_is() {
    let image = Image::from_text(b"++++++++[>++++++++<-]>+.").expect("a program").to_file();
    let mut board = switched_on();
    assert!(load(&mut board, "a", &image).starts_with("loaded: 24 commands"));
    assert!(board.line("run a").contains("\r\nA\r\n"));
    let mut damaged = image;
    *damaged.last_mut().expect("words") ^= 1;
    assert!(load(&mut board, "b", &damaged).contains("damaged"));
    assert!(!board.line("ls").contains(" b\r\n"));
}

#[test]
fn a_text_that_is_no_program_is_refused_with_line_and_column_and_leaves_nothing() {
    let mut board = with("good.bf", "+.");
    let before = board.line("ls");
    let said = load(&mut board, "bad.bf", b"+\n+]-");
    assert!(said.contains("line 2, column 2"), "{said}");
    assert_eq!(board.line("ls"), before);
}

#[test]
fn a_name_that_is_none_is_refused() {
    let mut board = switched_on();
    assert!(load(&mut board, "a b", b"+").contains("a file's name has"));
    assert!(load(&mut board, &"x".repeat(49), b"+").contains("a file's name has"));
}

#[test]
fn cells_are_zero_at_first_and_then_what_they_were() {
    let mut board = with("add.bf", "+[->+>+<<]>[-<+>]<.");
    for count in 1..=3 {
        assert_eq!(board.line("run add.bf").as_bytes()["run add.bf\r\n".len()], count);
        board = again(&board);
    }
    assert_eq!(board.line("run -n add.bf").as_bytes()["run -n add.bf\r\n".len()], 1);
}

#[test]
fn another_program_has_other_cells() {
    let mut board = with("a.bf", "+.");
    load(&mut board, "b.bf", b"++.");
    assert!(board.line("run a.bf").contains("\x01\r\n"));
    assert!(board.line("run b.bf").contains("\x02\r\n"));
    assert!(board.line("run a.bf").contains("\x02\r\n"));
    assert!(board.line("run b.bf").contains("\x04\r\n"));
}

#[test]
fn a_program_is_left_with_a_key_or_a_break_and_resumed() {
    let mut board = with("cat.bf", CAT);
    assert_eq!(board.line("run cat.bf"), "run cat.bf\r\n");
    assert_eq!(board.typed(b"abc"), "abc");
    let left = board.typed(LEAVE);
    assert!(left.contains("left at word ") && left.ends_with("resume continues it\r\n> "), "{left:?}");
    assert!(board.line("ps").contains("cat.bf: left at word"));
    assert_eq!(board.line("resume"), "resume\r\n");
    assert_eq!(board.typed(b"def"), "def");
    assert!(board.send_break().contains("left at word "));
    board.line("resume");
    assert_eq!(board.typed(b"\0"), "\r\nthe program has ended\r\n> ");
}

#[test]
fn a_program_that_never_waits_is_left_too() {
    let mut board = with("loop.bf", "+[>+<]");
    board.world.borrow_mut().typed_later(500, LEAVE);
    assert!(board.line("run loop.bf").contains("left at word"));
    let mut board = with("print.bf", "+[.]");
    board.world.borrow_mut().typed_later(500, LEAVE);
    assert!(board.line("run print.bf").contains("left at word"));
}

#[test]
fn a_program_that_waits_for_a_moment_is_saved_once() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(b"abc");
    let before = board.nor().programmed;
    board.wait(MOMENT_MS);
    let after = board.nor().programmed;
    assert!(after > before, "not saved");
    board.wait(60_000);
    assert_eq!(board.nor().programmed, after, "saved again");
    assert_eq!(board.typed(b"d"), "d");
    board.wait(MOMENT_MS);
    assert!(board.nor().programmed > after, "not saved again");
    assert_eq!(board.typed(b"e"), "e");
}

#[test]
fn what_has_not_changed_is_not_written() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(LEAVE);
    assert!(board.line("save").contains("\r\nsaved\r\n"));
    let programmed = board.nor().programmed;
    assert!(board.line("save").contains("nothing has changed"));
    for _ in 0..3 {
        board.line("resume");
        board.wait(MOMENT_MS);
        board.typed(LEAVE);
    }
    assert_eq!(board.nor().programmed, programmed);
}

#[test]
fn after_a_power_failure_resume_goes_on_at_the_very_command() {
    let mut board = with("count.bf", COUNT);
    board.line("run count.bf");
    let first = board.typed(b"xyz");
    board.wait(MOMENT_MS);
    let mut board = again(&board);
    assert_eq!(board.line("resume"), "resume\r\n");
    let second = board.typed(b"xyz");
    let mut whole = with("count.bf", COUNT);
    whole.line("run count.bf");
    assert_eq!(format!("{first}{second}"), whole.typed(b"xyzxyz"));
}

#[test]
fn save_and_restore_lead_back() {
    let mut board = with("count.bf", COUNT);
    board.line("run count.bf");
    let first = board.typed(b"xy");
    board.typed(LEAVE);
    board.line("save");
    board.line("resume");
    let later = board.typed(b"zz");
    assert_ne!(first, later);
    board.typed(LEAVE);
    assert!(board.line("restore").contains("as it was saved"));
    board.line("resume");
    assert_eq!(board.typed(b"zz"), later);
}

#[test]
fn cells_of_another_program_are_taken_over() {
    let mut board = with("old.bf", "+++++");
    load(&mut board, "new.bf", b",.>.");
    board.line("run old.bf");
    board.line("run -n new.bf");
    board.typed(LEAVE);
    assert!(board.line("restore old.bf").contains("those of that program"));
    assert!(board.line("mem 0 1").contains("   0    5"));
    assert!(board.line("restore nix.bf").contains("no file"));
    assert!(board.line("rm old.bf").ends_with("> "));
    assert!(board.line("restore old.bf").contains("no file"));
}

#[test]
fn the_cells_of_a_program_that_was_removed_are_forgotten_unless_another_file_has_it() {
    let mut board = with("a.bf", "+.");
    load(&mut board, "b.bf", b"+.");
    board.line("run a.bf");
    board.line("rm a.bf");
    assert!(board.line("run b.bf").contains("\x02\r\n"));
    board.line("rm b.bf");
    load(&mut board, "a.bf", b"+.");
    assert!(board.line("run a.bf").contains("\x01\r\n"));
}

#[test]
fn stop_ends_it_and_keeps_the_cells() {
    let mut board = with("count.bf", ",>+.<,");
    board.line("run count.bf");
    board.typed(b"x");
    board.typed(LEAVE);
    assert!(board.line("stop").contains("stopped"));
    assert!(board.line("resume").contains("nothing to resume"));
    assert!(board.line("stop").contains("no program was left"));
    board.line("run count.bf");
    assert_eq!(board.typed(b"x"), "\x02");
}

#[test]
fn the_cells_survive_while_files_are_received() {
    let mut board = with("count.bf", COUNT);
    board.line("run count.bf");
    let first = board.typed(b"xy");
    board.typed(LEAVE);
    let cells = board.cells();
    assert!(load(&mut board, "other.bf", &[b'+'; 3000]).starts_with("loaded"));
    assert_ne!(board.cells(), cells, "blocks are kept in the cells");
    assert!(board.line("mem 0 1").contains("   0  "));
    assert_eq!(board.cells(), cells);
    assert!(load(&mut board, "other.bf", &[b'+'; 3000]).starts_with("loaded"));
    board.line("resume");
    let second = board.typed(b"zz");
    let mut whole = with("count.bf", COUNT);
    whole.line("run count.bf");
    assert_eq!(format!("{first}{second}"), whole.typed(b"xyzz"));
}

#[test]
fn the_image_of_a_program_that_was_left_can_be_removed() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(LEAVE);
    board.line("rm cat.bf");
    assert!(board.line("resume").contains("the image was removed"));
    assert!(board.line("ps").contains("(removed)"));
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(LEAVE);
    load(&mut board, "cat.bf", b"+");
    assert!(board.line("resume").contains("the image was removed"), "it was replaced");
}

#[test]
fn what_a_name_promises_is_checked_before_the_program_starts() {
    for (name, miss) in [("a_v1.0.0+1.1.4097.bf", "4097 cells"), ("a_v1.0.0+1.257.1.bf", "257 loops deep")] {
        assert!(Name::parse(name).is_some());
        let mut board = with(name, "+.");
        let said = board.line(&format!("run {name}"));
        assert!(said.contains(miss) && said.contains("this machine has"), "{said}");
    }
    let mut board = with("a_v1.0.0+1.256.4096.bf", "+.");
    assert!(board.line("run a_v1.0.0+1.256.4096.bf").contains("ended"));
}

#[test]
fn a_program_that_fails_is_reported() {
    let mut board = with("left.bf", "+<");
    let said = board.line("run left.bf");
    assert!(said.contains("the program has failed: ") && said.contains(", cell 0"), "{said}");
    assert!(board.line("ps").contains("failed"));
    assert!(board.line("resume").contains("nothing to resume"));
}

#[test]
fn the_end_of_the_input_is_a_setting() {
    for (mode, printed) in [("0", "\0"), ("-1", "\u{FFFD}"), ("unchanged", "\x03"), ("wait", "")] {
        let mut board = with("read.bf", "+++,.");
        assert!(board.line(&format!("eof {mode}")).contains(mode));
        board.line("run read.bf");
        board.typed(LEAVE);
        assert!(board.line("eof").contains("ends here"));
        let said = board.line("resume");
        assert!(said.starts_with(&format!("resume\r\n{printed}")), "{mode}: {said:?}");
        assert_eq!(said.contains("ended"), mode != "wait");
    }
}

#[test]
fn the_configured_program_starts_by_itself_unless_a_key_prevents_it() {
    let mut board = with("hello.bf", "++++++++[>++++++++<-]>+.,.");
    assert_eq!(board.line("start hello.bf"), "start hello.bf\r\n> ");
    assert!(board.line("start nix.bf").contains("no file"));
    let mut board = Board::new(board.nor());
    board.run();
    assert!(board.text().ends_with("hello.bf starts in a moment; a key prevents it\r\n"));
    board.wait(900);
    assert_eq!(board.text(), "");
    board.wait(200);
    assert_eq!(board.text(), "A");
    assert_eq!(board.typed(b"x"), "x\r\nthe program has ended\r\n> ");

    let mut board = again(&board);
    assert_eq!(board.typed(b" "), "> ");
    board.wait(5_000);
    assert_eq!(board.text(), "");
    assert!(board.line("start").ends_with("> "));
    let mut board = Board::new(board.nor());
    board.wait(5_000);
    assert!(board.text().ends_with("help\r\n> "));
}

#[test]
fn what_is_typed_ahead_goes_to_who_reads_then() {
    let mut board = with("two.bf", ",.,.");
    assert_eq!(
        board.typed(b"run two.bf\rxyps\r"),
        "run two.bf\r\nxy\r\nthe program has ended\r\n> ps\r\ntwo.bf: ended at word 4, cell 0; cells saved\r\n> "
    );
}

#[test]
fn a_line_that_was_not_received_whole_is_not_carried_out() {
    let mut board = with("a.bf", "+.");
    board.typed(b"rm a.b");
    board.overrun();
    assert!(board.line("f").contains("some typed bytes were lost"));
    assert!(board.line("ls").contains(" a.bf\r\n"));
}

#[test]
fn reset_saves_first() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(b"q");
    board.typed(LEAVE);
    assert!(board.line("reset").contains("starting again"));
    assert!(board.world.borrow().was_reset);
    let mut board = again(&board);
    board.line("resume");
    assert_eq!(board.typed(b"r"), "r");
}

#[test]
fn caps_shows_who_holds_what() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.typed(LEAVE);
    let text = board.line("caps");
    let image = text.lines().find(|line| line.starts_with("process") && line.contains("r-xg; from storage"));
    assert!(image.is_some(), "{text}");
    assert!(text.lines().any(|line| line.starts_with("shell") && line.contains("  kernel; r---")));
    assert_eq!(text.lines().filter(|line| line.contains("endpoint of")).count(), 12, "{text}");
}

#[test]
fn a_long_line_is_erased_as_a_whole() {
    let mut board = switched_on();
    board.typed(&[b'x'; 200]);
    assert_eq!(board.typed(&[0x15]), "\x1B[108D\x1B[K");
    assert_eq!(board.line(""), "\r\n> ");
}

#[test]
fn what_is_typed_behind_the_key_is_for_the_shell() {
    let mut board = with("cat.bf", CAT);
    board.line("start cat.bf");
    let mut board = Board::new(board.nor());
    board.run();
    board.wait(MOMENT_MS - 1);
    board.text();
    assert_eq!(board.typed(b"abc"), "abc");
    board.typed(LEAVE);
    assert!(board.line("ps").starts_with("ps\r\n"));
    board.line("resume");
    board.typed(b"abc");
    let said = board.typed(b"\x1Cps\r");
    assert!(said.contains("\r\n> ps\r\ncat.bf: left"), "{said:?}");
    // The key comes before the program runs.
    let said = board.typed(b"resume\r\x1C");
    assert!(said.contains("left at word") && said.ends_with("\r\n> "), "{said:?}");
    board.line("resume");
    LEAVE.iter().for_each(|byte| board.world.borrow_mut().receive(*byte));
    let said = board.typed_at("> ", b"ps\r");
    assert!(said.contains("\r\n> ps\r\ncat.bf: left"), "{said:?}");
}

#[test]
fn the_speed_of_the_line_changes_when_that_was_printed() {
    let mut board = with("a.bf", "+.");
    for refused in ["baud 1199", "baud 1000001", "baud 0"] {
        assert!(board.line(refused).contains("the line can have 1200 to 1000000"), "{refused}");
    }
    assert!(board.line("baud fast").contains("type: baud RATE"));
    assert_eq!(board.world.borrow().baud, 0);
    assert!(board.line("baud 1000000").contains("1000000 from here on"));
    assert_eq!(board.world.borrow().baud, 1_000_000);
}

#[test]
fn cells_are_set_and_the_program_that_was_left_goes_on_with_them() {
    let mut board = with("cat.bf", "+[>,.<.]");
    board.line("run cat.bf");
    board.typed(LEAVE);
    assert_eq!(board.line("set 0 65 66"), "set 0 65 66\r\n> ");
    assert!(board.line("mem 0 16").contains(" 65  66   0"));
    for refused in ["set x 1", "set 4095 1 2", "set 4294967295 1"] {
        let said = board.line(refused);
        assert!(said.contains("0 to 4095") || said.contains("type: set CELL"), "{refused}: {said}");
    }
    board.line("resume");
    assert_eq!(board.typed(b"q"), "qA");
}

#[test]
fn a_program_that_was_left_anywhere_goes_on_at_the_very_command_after_a_power_failure() {
    let board = with("letters.bf", LETTERS);
    let expected: String = ('A'..='d').collect();
    let mut places = 0;
    for words in 1.. {
        let mut board = again(&board);
        board.world.borrow_mut().typed_later(words, LEAVE);
        let said = board.line("run letters.bf");
        let said = said.strip_prefix("run letters.bf\r\n").expect("an echo");
        if said.contains("ended") {
            break;
        }
        let (first, _) = said.split_once("\r\nleft at word ").expect("it was left");
        assert!(board.line("save").contains("\r\nsaved\r\n"));
        let said = again(&board).line("resume");
        let second = said.strip_prefix("resume\r\n").expect("an echo");
        assert_eq!(
            format!("{first}{second}"),
            format!("{expected}\r\nthe program has ended\r\n> "),
            "{words}"
        );
        places = words;
    }
    assert!(places > 100, "it was left at {places} places only");
}

#[test]
fn a_program_that_was_left_is_saved_before_another_one_runs() {
    let mut board = with("cat.bf", CAT);
    load(&mut board, "other.bf", b"+.");
    board.line("run cat.bf");
    board.typed(b"a");
    board.typed(LEAVE);
    assert!(board.line("run -n other.bf").contains("\x01\r\nthe program has ended"));
    let mut board = again(&board);
    assert_eq!(board.line("resume"), "resume\r\n");
    assert_eq!(board.typed(b"b"), "b");
    board.typed(LEAVE);
    assert!(board.line("ps").contains("cat.bf: left"));
}

#[test]
fn every_complaint_says_what_to_do_next() {
    let mut board = with("a.bf", "+.");
    let lines = [
        "nix",
        "help me",
        "ls x",
        "load x",
        "rm",
        "rm a b",
        "rm nix",
        "mv a.bf",
        "mv nix b",
        "mv a.bf b/c",
        "run",
        "run -x a.bf",
        "run nix",
        "start a b",
        "start nix",
        "stop",
        "stop x",
        "resume",
        "save",
        "restore",
        "restore nix",
        "ps x",
        "caps x",
        "mem x",
        "mem 0 x",
        "mem 4096",
        "eof",
        "eof 7",
        "baud",
        "baud x",
        "baud 1",
        "fault x",
        "stat x",
        "reset x",
        "rm 'a",
        "a b c d e",
        "check x",
    ];
    for line in lines {
        let said = board.line(line);
        let said = said.strip_prefix(&format!("{line}\r\n")).expect("an echo");
        let complaint = said.strip_suffix("\r\n> ").expect("a line, and the prompt");
        assert!(complaint.starts_with("type: ") || complaint.contains("; "), "{line}: {complaint}");
    }
    assert!(board.line("ls").contains(" a.bf\r\n"));
}

#[test]
fn stat_shows_stack_time_and_what_the_core_has_done() {
    let mut board = with("a.bf", "+.");
    board.line("run a.bf");
    board.wait(2_345);
    let now = board.world.borrow().now;
    let said = board.line("stat");
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[1], "stack: 500 of 1000 bytes used at most");
    assert_eq!(lines[2], format!("time since power-up: {}.{:03} s", now / 1000, now % 1000));
    assert_eq!(lines[3..], ["core: 4 cycles, 2 words since the program began", "> "]);
}

#[test]
fn fault_shows_machine_cause_address_and_generation() {
    let mut board = with("a.bf", "+.");
    assert_eq!(board.line("fault"), "fault\r\nno faults\r\n> ");
    for _ in 0..2 {
        board.world.borrow_mut().cells_fail = true;
        assert!(board.line("run -n a.bf").contains("has failed; call again, it has been started anew\r\n> "));
    }
    let first = "process: cause 1, address 0x5, generation 0\r\n";
    let second = "process: cause 1, address 0x5, generation 1\r\n";
    assert_eq!(board.line("fault"), format!("fault\r\n{first}{second}> "));
    assert!(board.line("run a.bf").contains("\x01\r\nthe program has ended"));
}

#[test]
fn what_made_the_firmware_start_again_is_said_and_nothing_starts_by_itself() {
    let mut board = with("a.bf", "+.");
    board.line("start a.bf");
    let mut board = Board::new(board.nor());
    board.world.borrow_mut().crash =
        Some(Crash { name: packed!("panic"), cause: 24, place: 0x2004_0000, value: 7 });
    board.wait(5_000);
    let crash = "panic (cause 0x18) in the instruction at 0x20040000, value 0x7\r\n";
    assert_eq!(board.text(), format!("\r\nFusion, started by power; type help\r\nit had failed: {crash}> "));
    assert_eq!(board.line("fault"), format!("fault\r\nfirmware: {crash}> "));
}

#[test]
fn what_is_typed_right_before_the_key_has_changed_the_cells() {
    let mut board = with("cat.bf", CAT);
    board.line("run cat.bf");
    board.wait(MOMENT_MS);
    assert_eq!(board.typed(b"x\x1C").matches("left at word").count(), 1);
    let said = board.line("ps");
    assert!(said.contains("cells not saved"), "{said}");
    // Nothing was typed since they were saved.
    board.line("resume");
    board.wait(MOMENT_MS);
    board.typed(LEAVE);
    assert!(board.line("ps").contains("cells saved"));
}
