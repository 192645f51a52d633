//! The program as its users see it: exit status, streams and files.

use images::image::Image;
use std::fs;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A folder of its own for a test, and the program run in it.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        Desk { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).expect("writable");
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_brainfusion"));
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // A program that reads nothing may be gone before it is written to.
        let _ = child.stdin.take().expect("piped").write_all(input);
        child.wait_with_output().expect("it ends")
    }

    fn stats(&self) -> serde_json::Value {
        serde_json::from_slice(&fs::read(self.path("stats")).expect("--stats was given")).expect("JSON")
    }
}

fn status(output: &Output) -> i32 {
    output.status.code().expect("it exits")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const ENGINES: [&str; 2] = ["verilator", "rust"];

#[test]
fn a_program_that_halts_gives_its_bytes_and_nothing_else() {
    let desk = Desk::new();
    desk.file("h.bf", "++++++++[>++++++++<-]>+.+.[-]++++++++++.");
    for engine in ENGINES {
        for shape in [&["--bare"][..], &["--machine", "board"]] {
            let arguments = [&["run", "h.bf", "--engine", engine, "--stats", "stats"], shape].concat();
            let output = desk.run(&arguments, b"");
            assert_eq!((status(&output), &output.stdout[..], &*said(&output)), (0, &b"AB\n"[..], ""));
            let stats = desk.stats();
            assert_eq!(stats["engine"], engine);
            assert_eq!(stats["machine"], "board");
            assert_eq!(stats["stopped"], "halted");
            assert_eq!(stats["fault"], serde_json::Value::Null);
            assert!(stats["cycles"].as_u64() > Some(0) && stats["words"].as_u64() > Some(0));
        }
    }
}

#[test]
fn the_end_of_input_is_what_it_is_set_to() {
    let desk = Desk::new();
    desk.file("e.bf", "+++++,.,.");
    for shape in [&["--bare"][..], &["--machine", "board"]] {
        for (mode, expected, stopped) in [
            ("0", &b"x\0"[..], "halted"),
            ("-1", b"x\xFF", "halted"),
            ("unchanged", b"xx", "halted"),
            ("wait", b"x", "input-ended"),
        ] {
            let arguments = [&["run", "e.bf", "--eof", mode, "--stats", "stats"], shape].concat();
            let output = desk.run(&arguments, b"x");
            assert_eq!((status(&output), &output.stdout[..]), (0, expected), "{mode} {shape:?}");
            assert_eq!(desk.stats()["stopped"], stopped, "{mode} {shape:?}");
        }
    }
}

#[test]
fn a_fault_is_told_with_its_place_and_exit_status_3() {
    let desk = Desk::new();
    desk.file("f.bf", "a comment\n +.  >><<<");
    for shape in [&["--bare"][..], &["--machine", "board"]] {
        let output = desk.run(&[&["run", "f.bf", "--stats", "stats"], shape].concat(), b"");
        assert_eq!((status(&output), &output.stdout[..]), (3, &b"\x01"[..]));
        assert!(said(&output).contains("line 2, column 10"), "{}", said(&output));
        let fault = &desk.stats()["fault"];
        assert_eq!(fault["name"], "left-end");
        assert_eq!((fault["command"].as_u64(), fault["cell"].as_u64()), (Some(6), Some(0)));
        assert_eq!((fault["line"].as_u64(), fault["column"].as_u64()), (Some(2), Some(10)));
        assert_eq!(desk.stats()["stopped"], "fault");
    }
}

#[test]
fn the_cycle_limit_is_exact_and_exit_status_4() {
    let desk = Desk::new();
    desk.file("l.bf", "+[]");
    for engine in ENGINES {
        let output = desk.run(
            &["run", "--bare", "l.bf", "--engine", engine, "--max-cycles", "1234", "--stats", "stats"],
            b"",
        );
        assert_eq!(status(&output), 4);
        assert_eq!(
            (desk.stats()["cycles"].as_u64(), &desk.stats()["stopped"]),
            (Some(1234), &"cycle-limit".into())
        );
    }
}

#[test]
fn cells_are_kept_between_runs_whatever_ends_them() {
    let desk = Desk::new();
    desk.file("c.bf", ">+.<<");
    for (number, engine) in ["verilator", "rust", "verilator"].into_iter().enumerate() {
        let output = desk.run(&["run", "--bare", "c.bf", "--cells", "cells", "--engine", engine], b"");
        assert_eq!((status(&output), &output.stdout[..]), (3, &[number as u8 + 1][..]));
    }
    let cells = fs::read(desk.path("cells")).expect("kept");
    assert_eq!((cells.len(), &cells[..3]), (4096, &[0, 3, 0][..]));
    let output = desk.run(&["run", "--machine", "board", "c.bf", "--cells", "cells"], b"");
    assert_eq!(output.stdout, [4], "the board starts on the same cells");
    desk.file("cells", vec![0; 4097]);
    let output = desk.run(&["run", "--bare", "c.bf", "--cells", "cells"], b"");
    assert_eq!(status(&output), 2);
    assert_eq!(
        fs::read(desk.path("cells")).expect("kept").len(),
        4097,
        "a file that does not fit is left alone"
    );
}

#[test]
fn bad_images_are_refused_with_exit_status_2() {
    let desk = Desk::new();
    let refused = |name: &str, content: &[u8], message: &str| {
        desk.file(name, content);
        let output = desk.run(&["run", "--machine", "board", name], b"");
        assert_eq!(status(&output), 2, "{name}");
        assert!(said(&output).contains(message), "{name}: {}", said(&output));
        assert!(output.stdout.is_empty());
    };
    refused("open.bf", b"+\n [[-]", "line 2, column 2");
    refused("close.bf", b"+]", "line 1, column 2");
    refused("deep.bf", &vec![b'['; 10 << 20], "never closed");
    refused("long.bf", &b".".repeat(3000), "--machine big");
    refused("half.bfw", b"\x89BFW\x01", "damaged");
    let output = desk.run(&["run", "--bare", "nothing.bf"], b"");
    assert_eq!(status(&output), 2);
    let output = desk.run(&["run", "--bare", "--eof", "7", "nothing.bf"], b"");
    assert_eq!(status(&output), 2);
}

#[test]
fn a_file_without_commands_is_a_program_that_halts_and_a_note() {
    let desk = Desk::new();
    for content in [&b""[..], b"no commands here", b"\xFF\xFE\x00"] {
        desk.file("n.bf", content);
        let output = desk.run(&["run", "--bare", "n.bf"], b"");
        assert_eq!((status(&output), output.stdout.len()), (0, 0));
        assert!(said(&output).contains("no commands"));
    }
}

#[test]
fn bytes_that_are_no_utf8_are_comments() {
    let desk = Desk::new();
    desk.file("u.bf", b"\xFF+\xC3\x28+.\x80");
    let output = desk.run(&["run", "--bare", "u.bf"], b"");
    assert_eq!((status(&output), &output.stdout[..]), (0, &[2][..]));
}

#[test]
fn an_encoded_image_runs_as_its_text_does() {
    let desk = Desk::new();
    desk.file("p.bf", ",[.,]>+[->+++<]>.<<<");
    assert_eq!(status(&desk.run(&["encode", "p.bf", "-o", "p.bfw", "--eof", "0"], b"")), 0);
    let text = desk.run(&["run", "--bare", "p.bf", "--eof", "0", "--stats", "stats"], b"hi");
    let stats = desk.stats();
    let image = desk.run(&["run", "--bare", "p.bfw", "--stats", "stats"], b"hi");
    assert_eq!((status(&image), &image.stdout), (3, &text.stdout));
    assert_eq!(
        (&desk.stats()["cycles"], &desk.stats()["fault"]["cell"]),
        (&stats["cycles"], &stats["fault"]["cell"])
    );
    assert_eq!(status(&desk.run(&["decode", "p.bfw", "-o", "q.bf"], b"")), 0);
    let decoded = desk.run(&["run", "--bare", "q.bf", "--eof", "0"], b"hi");
    assert_eq!((status(&decoded), &decoded.stdout), (3, &text.stdout));
}

#[test]
fn big_programs_and_wide_tapes_run_on_the_big_machine() {
    let desk = Desk::new();
    let wide = format!("{}+.", ">".repeat(30_000));
    desk.file("wide.bf", &wide);
    assert_eq!(status(&desk.run(&["run", "--bare", "wide.bf"], b"")), 3);
    let output = desk.run(&["run", "--bare", "--machine", "big", "wide.bf"], b"");
    assert_eq!((status(&output), &output.stdout[..]), (0, &[1][..]));
    // Two million commands in a loop that is left, another that is skipped, and one word after them.
    let long = format!("+[{}[-]]>[{}]<+.", "+>+<".repeat(250_000), "->+<".repeat(250_000));
    desk.file("long.bf", &long);
    let output = desk.run(&["run", "--bare", "--machine", "big", "long.bf", "--stats", "stats"], b"");
    assert_eq!((status(&output), &output.stdout[..]), (0, &[1][..]));
}

#[test]
fn check_tells_what_a_program_needs_and_whether_its_name_is_true() {
    let desk = Desk::new();
    desk.file("x_v1.0.0+1.2.3.bf", "+>>[[-]],.");
    let output = desk.run(&["check", "x_v1.0.0+1.2.3.bf"], b"");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(status(&output), 0, "{text}");
    for part in ["commands  10", "depth     2", "boot      3 cells", "true", "board     can run it"] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    desk.file("x_v1.0.0+1.1.3.bf", "+>>[[-]],.");
    let output = desk.run(&["check", "x_v1.0.0+1.1.3.bf"], b"");
    assert_eq!(status(&output), 1);
    assert!(String::from_utf8_lossy(&output.stdout).contains("NOT TRUE"));
}

#[test]
fn a_report_is_printed_to_a_reader_that_is_gone() {
    let desk = Desk::new();
    desk.file("t.bf", "+.");
    for arguments in [&["check", "t.bf"][..], &["registers"], &["completions", "bash"]] {
        let (reader, writer) = UnixStream::pair().expect("a pair");
        drop(reader);
        let output = desk.command(arguments).stdout(OwnedFd::from(writer)).output().expect("it starts");
        assert_eq!((status(&output), said(&output).as_str()), (0, ""), "{arguments:?}");
    }
}

#[test]
fn a_trace_has_the_window_that_was_asked_for() {
    let desk = Desk::new();
    desk.file("t.bf", "++[>+<-]");
    let output = desk.run(&["trace", "--bare", "t.bf", "-o", "t.vcd", "--from", "2", "--cycles", "3"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    let vcd = fs::read_to_string(desk.path("t.vcd")).expect("written");
    let times: Vec<u64> = vcd.lines().filter_map(|line| line.strip_prefix('#')?.parse().ok()).collect();
    assert_eq!(times, [25_000, 31_250, 37_500, 43_750, 50_000, 56_250, 62_500]);
    assert!(vcd.contains("$scope module core $end"));
    let output = desk.run(&["trace", "t.bf", "-o", "t.fst"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(fs::metadata(desk.path("t.fst")).expect("written").len() > 1000);
    assert_eq!(status(&desk.run(&["trace", "t.bf", "-o", "t.png"], b"")), 2);
}

#[test]
fn the_core_is_synthesised_within_its_budget() {
    let desk = Desk::new();
    let output = desk.run(&["synth", "--top", "core", "--seeds", "1", "--json", "core.json"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    let json = fs::read(desk.path("core.json")).expect("written");
    let report: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    assert!(report["lcs"].as_u64() <= Some(900), "{report}");
    assert_eq!(report["brams"].as_u64(), Some(u64::from(hdl::budget::CORE.brams())));
    assert!(report["seeds"][0]["mhz"].as_f64() > Some(0.0) && report["seeds"][0]["seed"] == 1);
    // The same sources and tools make the same bytes.
    let bitstream = fs::read(desk.path("build/core/top.bin")).expect("made");
    let output = desk.run(&["synth", "--top", "core", "--out", "again"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(fs::read(desk.path("again/core/top.bin")).expect("made") == bitstream);
}

#[test]
fn the_computer_is_placed_and_meets_its_clock() {
    let desk = Desk::new();
    let output = desk.run(&["synth", "--top", "computer"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
}

#[test]
fn a_flash_image_has_its_parts_in_their_places() {
    let desk = Desk::new();
    fs::write(desk.path("firmware.bin"), [0x13, 0, 0, 0]).expect("writable");
    fs::write(desk.path("bits.bin"), [0x7E, 0xAA]).expect("writable");
    fs::write(desk.path("p.bf"), "+[,.]").expect("writable");
    let parts = ["--firmware", "firmware.bin", "--bitstream", "bits.bin", "--program", "p.bf"];
    let output = desk.run(&[&["flash-image", "flash.bin"][..], &parts].concat(), b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    let flash = fs::read(desk.path("flash.bin")).expect("made");
    assert_eq!(flash.len(), map::FLASH_BYTES as usize);
    assert_eq!(flash[..3], [0x7E, 0xAA, 0xFF]);
    assert_eq!(flash[map::FIRMWARE as usize..][..5], [0x13, 0, 0, 0, 0xFF]);
    let file = Image::from_text(b"+[,.]").expect("sound").to_file();
    assert_eq!(flash[map::FILES as usize..][..file.len()], file);
    // What is too long is refused, and nothing is written.
    fs::write(desk.path("firmware.bin"), vec![0; 300_000]).expect("writable");
    let output = desk.run(&[&["flash-image", "other.bin"][..], &parts].concat(), b"");
    assert_eq!(status(&output), 2);
    assert!(said(&output).contains("make it smaller"), "{}", said(&output));
    assert!(!desk.path("other.bin").exists());
}

#[test]
fn what_a_programmer_writes_ends_before_the_saved_cells_or_has_all_of_them() {
    let desk = Desk::new();
    desk.file("firmware.bin", [0x13, 0, 0, 0, 0xFF]);
    desk.file("bits.bin", [0x7E, 0xAA]);
    let mut other = vec![0xFF; map::FLASH_BYTES as usize];
    other[..3].fill(1);
    other[map::SAVED as usize] = 2;
    other[map::FILES as usize..][..2].fill(3);
    desk.file("other.flash", &other);
    let parts =
        ["flash-image", "flash.bin", "--short", "--firmware", "firmware.bin", "--bitstream", "bits.bin"];
    let write = |more: &[&str]| {
        let output = desk.run(&[&parts, more].concat(), b"");
        assert_eq!(status(&output), 0, "{}", said(&output));
        fs::read(desk.path("flash.bin")).expect("made")
    };
    let system = write(&[]);
    assert_eq!(system[..3], [0x7E, 0xAA, 0xFF]);
    assert_eq!(system[map::FIRMWARE as usize..], [0x13, 0, 0, 0], "it ends with what is not erased");
    let whole = write(&["--files", "other.flash"]);
    assert_eq!(whole[..system.len()], system);
    assert!(whole[system.len()..map::SAVED as usize].iter().all(|byte| *byte == 0xFF));
    assert_eq!(whole[map::SAVED as usize..], other[map::SAVED as usize..map::FILES as usize + 2]);
    assert_eq!(fs::read(desk.path("other.flash")).expect("kept"), other);
    // That of the simulated board is made when it is needed.
    let whole = write(&["--files", "new.flash"]);
    let board = fs::read(desk.path("new.flash")).expect("made");
    assert!(whole.len() > map::FILES as usize && whole.len() < board.len());
    assert_eq!(whole[map::SAVED as usize..], board[map::SAVED as usize..whole.len()]);
    assert_eq!(whole[..system.len()], system);
}

#[test]
fn the_board_says_where_its_serial_line_is() {
    let desk = Desk::new();
    fs::write(desk.path("flash.bin"), []).expect("writable");
    let output = desk.run(&["board", "--flash", "flash.bin", "--pty", "--max-cycles", "3000"], b"");
    assert_eq!(status(&output), 4, "{}", said(&output));
    let path = String::from_utf8(output.stdout).expect("a path");
    assert!(path.starts_with("/dev/") && path.ends_with('\n'), "{path:?}");
    assert_eq!(fs::metadata(desk.path("flash.bin")).expect("kept").len(), u64::from(map::FLASH_BYTES));
}

#[test]
fn what_is_for_the_core_alone_is_refused_for_the_board() {
    for option in [&["--eof", "0"], &["--stats", "stats"]] {
        let output = Desk::new().run(&[&["run", "p.bf"], &option[..]].concat(), b"");
        assert_eq!(status(&output), 2);
        assert!(said(&output).contains("--bare"), "{}", said(&output));
    }
}

#[test]
fn a_program_that_is_run_is_a_file_of_the_board_from_then_on() {
    let desk = Desk::new();
    desk.file("a.bf", "++++++++[>++++++++<-]>+.");
    let output = desk.run(&["run", "--flash", "board.flash", "a.bf"], b"ls\n");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(text.contains("> run \"a.bf\"\r\nA\r\nthe program has ended\r\n> "), "{text}");
    assert!(text.contains(" a.bf\r\n") && text.contains(" hello.bf\r\n"), "{text}");
    // Damaged text is refused before anything is written.
    let before = fs::read(desk.path("board.flash")).expect("kept");
    desk.file("b.bf", "[");
    assert_eq!(status(&desk.run(&["run", "--flash", "board.flash", "b.bf"], b"")), 2);
    assert_eq!(fs::read(desk.path("board.flash")).expect("kept"), before);
}

#[test]
fn a_computer_without_firmware_runs_into_its_limit() {
    let desk = Desk::new();
    fs::write(desk.path("flash.bin"), []).expect("writable");
    for engine in ["rust", "verilator"] {
        let output =
            desk.run(&["run", "--flash", "flash.bin", "--engine", engine, "--max-cycles", "3000"], b"");
        assert_eq!(status(&output), 4, "{}", said(&output));
    }
    assert_eq!(fs::metadata(desk.path("flash.bin")).expect("kept").len(), u64::from(map::FLASH_BYTES));
}

#[test]
fn the_board_is_placed_and_meets_its_clock() {
    let desk = Desk::new();
    let output = desk.run(&["synth", "--top", "board", "--json", "board.json"], b"");
    assert_eq!(status(&output), 0, "{}", said(&output));
    assert!(fs::metadata(desk.path("build/board/top.bin")).expect("a bitstream").len() > 100_000);
}
