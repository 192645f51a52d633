//! The tools for a real board, against one in memory and against pseudo-terminals.

mod board;
mod terminals;

use board::{Board, Noise};
use proptest::prelude::*;
use sim::host::cells::{self, CellsError, CELLS};
use sim::host::line::{Line, Wire};
use sim::host::load::{self, LoadError};
use sim::host::shell::{Shell, ShellError};
use sim::host::ymodem_sender::{Outgoing, SendError};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn shell(board: &mut Board) -> Shell<&mut Board> {
    Shell::new(Wire::new(board, 1))
}

fn content(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * at / 3) as u8).collect()
}

fn file(name: &str, length: usize) -> Outgoing {
    Outgoing { name: name.to_owned(), bytes: content(length) }
}

/// As `brainfusion load` does it.
fn load(board: &mut Board, files: &[Outgoing]) -> Result<String, LoadError> {
    let mut shell = shell(board);
    shell.bring_to_prompt()?;
    load::send(&mut shell, files, &mut |_| {})
}

/// It must say what to do next.
fn says_what_to_do(error: &impl std::fmt::Display) {
    assert!(error.to_string().ends_with("give the command again"), "{error}");
}

#[test]
fn files_arrive_byte_for_byte() {
    let lengths = [0, 1, 127, 128, 129, 1023, 1024, 1025, 2048, 5000, 300_000];
    let files: Vec<Outgoing> = lengths.iter().map(|length| file(&format!("{length}.bf"), *length)).collect();
    let mut board = Board::new();
    assert_eq!(load(&mut board, &files).expect("sent"), "loaded: so many commands");
    for (sent, arrived) in files.iter().zip(&board.files) {
        assert_eq!((&sent.name, &sent.bytes), (&arrived.0, &arrived.1));
    }
    assert_eq!(board.files.len(), files.len());
    assert_eq!(board.lines, ["", "load"], "nothing else was typed");
}

#[test]
fn the_end_of_a_file_may_look_like_padding() {
    let sent = Outgoing { name: "p".to_owned(), bytes: vec![0x1A; 1500] };
    let mut board = Board::new();
    load(&mut board, std::slice::from_ref(&sent)).expect("sent");
    assert_eq!(board.file("p"), Some(&sent.bytes[..]));
}

#[test]
fn noise_now_and_then_costs_time_only() {
    for seed in 0..20 {
        let mut board = Board::new();
        board.noise = Some(Noise::new(seed, 4000));
        let files = [file("a.bf", 20_000), file("b.bf", 100)];
        load(&mut board, &files).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        for sent in &files {
            assert!(board.file(&sent.name) == Some(&sent.bytes[..]), "seed {seed}, {}", sent.name);
        }
    }
}

proptest! {
    #[test]
    fn whatever_the_noise_what_is_said_to_be_there_is_there(seed: u64, often in 50_u64..3000, length in 0_usize..6000) {
        let sent = file("noisy.bf", length);
        let mut board = Board::new();
        board.noise = Some(Noise::new(seed, often));
        match load(&mut board, std::slice::from_ref(&sent)) {
            Ok(_) => prop_assert!(board.file("noisy.bf") == Some(&sent.bytes[..])),
            Err(error) => says_what_to_do(&error),
        }
        prop_assert!(board.now() < 20 * MINUTE);
        // Whatever that was, it works as soon as the line does.
        board.noise = None;
        let again = load(&mut board, std::slice::from_ref(&sent));
        prop_assert!(again.is_ok(), "{}", again.expect_err("checked"));
        prop_assert!(board.file("noisy.bf") == Some(&sent.bytes[..]));
    }

    #[test]
    fn cells_are_saved_and_restored_whatever_the_noise(seed: u64, often in 400_u64..5000) {
        let mut board = Board::new();
        board.noise = Some(Noise::new(seed, often));
        let before = board.cells.clone();
        let mut shell = shell(&mut board);
        match shell.bring_to_prompt().map_err(CellsError::from).and_then(|()| cells::read(&mut shell)) {
            Ok(cells) => prop_assert!(cells == before),
            Err(error) => says_what_to_do(&error),
        }
        let mut wanted = before;
        wanted[100..400].iter_mut().for_each(|cell| *cell = cell.wrapping_mul(7));
        match shell.bring_to_prompt().map_err(CellsError::from).and_then(|()| {
            cells::write(&mut shell, &wanted, &mut |_, _| {})
        }) {
            Ok(_) => prop_assert!(board.cells == wanted),
            Err(error) => says_what_to_do(&error),
        }
    }
}

#[test]
fn a_board_that_says_nothing_is_an_error_in_time() {
    let mut board = Board::new();
    board.stalled = true;
    let error = load(&mut board, &[file("a.bf", 10)]).expect_err("nobody is there");
    assert!(matches!(error, LoadError::Shell(ShellError::Silent)), "{error}");
    says_what_to_do(&error);
    assert!(board.now() < MINUTE, "{:?}", board.now());
}

#[test]
fn a_receiver_that_stalls_is_an_error_in_time_and_the_next_load_works() {
    let mut board = Board::new();
    board.stalls_in_file = true;
    let error = load(&mut board, &[file("a.bf", 3000)]).expect_err("it has stalled");
    assert!(matches!(error, LoadError::Send(SendError::Silent)), "{error}");
    says_what_to_do(&error);
    assert!(board.now() < 2 * MINUTE, "{:?}", board.now());
    (board.stalled, board.stalls_in_file) = (false, false);
    load(&mut board, &[file("a.bf", 3000)]).expect("sent");
    assert_eq!(board.file("a.bf"), Some(&content(3000)[..]));
}

#[test]
fn what_comes_but_is_no_prompt_is_another_error() {
    let mut line = Babble(Duration::ZERO);
    let error = Shell::new(Wire::new(&mut line, 1)).bring_to_prompt().expect_err("no prompt");
    assert!(matches!(error, ShellError::NoPrompt), "{error}");
    says_what_to_do(&error);
    assert!(line.0 < 2 * MINUTE, "{:?}", line.0);
}

/// A line on which the same byte comes all the time.
struct Babble(Duration);

impl Line for Babble {
    fn read(&mut self, bytes: &mut [u8], _most: Duration) -> std::io::Result<usize> {
        self.0 += Duration::from_millis(1);
        bytes.fill(0xE0);
        Ok(bytes.len().min(11))
    }

    fn write(&mut self, _bytes: &[u8]) -> std::io::Result<()> {
        Ok(())
    }

    fn now(&mut self) -> Duration {
        self.0
    }
}

#[test]
fn a_port_that_is_pulled_out_anywhere_says_what_to_do() {
    let whole = {
        let mut board = Board::new();
        board.unplugged_after = Some(usize::MAX);
        load(&mut board, &[file("a.bf", 3000)]).expect("sent");
        usize::MAX - board.unplugged_after.expect("set")
    };
    for bytes in (0..whole).step_by(37) {
        let mut board = Board::new();
        board.unplugged_after = Some(bytes);
        let error = load(&mut board, &[file("a.bf", 3000)]).expect_err("pulled out");
        says_what_to_do(&error);
        assert!(error.to_string().starts_with("the port is gone"), "{error}");
        // In again, with the receiver as it was left.
        board.unplugged_after = None;
        load(&mut board, &[file("a.bf", 3000)]).unwrap_or_else(|error| panic!("after {bytes}: {error}"));
        assert_eq!(board.file("a.bf"), Some(&content(3000)[..]));
    }
}

#[test]
fn the_prompt_is_found_whatever_the_board_does() {
    // A program that prints, one that looks like the shell, and one that is quiet.
    for prints in [&b"all work and no play\r\n"[..], b"\r\n> ", b""] {
        let mut board = Board::new();
        board.run_program(prints);
        load(&mut board, &[file("a.bf", 10)]).expect("sent");
        assert_eq!(board.file("a.bf"), Some(&content(10)[..]));
    }
    // A line that was begun is not carried out.
    let mut board = Board::new();
    b"rm everything".iter().for_each(|byte| board.take(*byte));
    load(&mut board, &[file("a.bf", 10)]).expect("sent");
    assert_eq!(board.lines, ["", "load"]);
    // A receiver nobody has sent anything to, and what it has printed in the meantime.
    let mut board = Board::new();
    b"load\r".iter().for_each(|byte| board.take(*byte));
    board.tick(Duration::from_secs(5));
    load(&mut board, &[file("a.bf", 10)]).expect("sent");
    assert_eq!(board.file("a.bf"), Some(&content(10)[..]));
}

#[test]
fn why_a_board_refuses_a_file_is_told() {
    let mut board = Board::new();
    board.refuses = Some("the flash is full; remove a file");
    let error = load(&mut board, &[file("a.bf", 3000)]).expect_err("refused");
    let expected =
        "a.bf: the board says: the flash is full; remove a file; see to that and give the command again";
    assert_eq!(error.to_string(), expected);
    board.refuses = None;
    load(&mut board, &[file("a.bf", 3000)]).expect("sent");
    assert_eq!(board.file("a.bf"), Some(&content(3000)[..]));
}

#[test]
fn programs_are_encoded_on_the_way_and_texts_are_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("two.bf");
    std::fs::write(&path, "two: ++.").expect("writable");
    let encoded = load::outgoing(&path, false).expect("a program");
    assert_eq!(encoded.name, "two.bf");
    let image = sim::image_file::read_image(&path).expect("a program");
    assert_eq!(encoded.bytes, image.to_file());
    assert_eq!(load::outgoing(&path, true).expect("a file").bytes, b"two: ++.");

    std::fs::write(&path, "[").expect("writable");
    says_what_to_do(&load::outgoing(&path, false).expect_err("no program"));
    assert!(load::outgoing(&path, true).is_ok(), "the board says what is wrong with it");
    says_what_to_do(&load::outgoing(&folder.path().join("is not there"), true).expect_err("no file"));
    let long = folder.path().join("x".repeat(49));
    std::fs::write(&long, "+").expect("writable");
    let error = load::outgoing(&long, true).expect_err("no name");
    assert!(matches!(error, LoadError::Name(_)), "{error}");
    says_what_to_do(&error);
}

#[test]
fn cells_come_and_go() {
    let mut board = Board::new();
    let before = board.cells.clone();
    let mut wanted = before.clone();
    wanted[5] = 200;
    wanted[4000..].fill(9);
    let mut shell = shell(&mut board);
    shell.bring_to_prompt().expect("a prompt");
    assert_eq!(cells::read(&mut shell).expect("cells"), before);
    let written = cells::write(&mut shell, &wanted, &mut |_, _| {}).expect("written");
    assert!((50..=97).contains(&written), "{written}");
    assert_eq!(cells::write(&mut shell, &wanted, &mut |_, _| {}).expect("written"), 0);
    assert_eq!((board.cells.len(), board.cells == wanted), (CELLS, true));
    let sets = board.lines.iter().filter(|line| line.starts_with("set")).count();
    assert!(sets <= 6, "only what differs: {:?}", board.lines);
}

#[test]
fn a_shell_that_does_not_know_set_is_named() {
    let mut board = Board::new();
    board.knows_set = false;
    let mut shell = shell(&mut board);
    shell.bring_to_prompt().expect("a prompt");
    let error = cells::write(&mut shell, &[1; CELLS], &mut |_, _| {}).expect_err("unknown");
    assert!(matches!(error, CellsError::NoSet(_)), "{error}");
    says_what_to_do(&error);
}
