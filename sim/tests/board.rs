//! The board in a process of its own, with its serial line as a terminal of this machine: what terminal programs and `sb` see.

use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A flash with what every board has.
fn new_flash(path: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_brainfusion"))
        .args(["run", "--max-cycles", "1", "--flash"])
        .arg(path)
        .stdin(Stdio::null())
        .output()
        .expect("it starts");
    assert!(path.exists(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The simulator in a process of its own, with its line as a terminal of this machine.
struct Running {
    child: Child,
    terminal: File,
}

impl Running {
    fn new(flash: &Path) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_brainfusion"))
            .args(["board", "--pty", "--flash"])
            .arg(flash)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut path = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut path).expect("it says where");
        let terminal = OpenOptions::new().read(true).write(true).open(path.trim_end()).expect("a terminal");
        Running { child, terminal }
    }

    /// Reads until this text has come.
    fn until(&mut self, text: &str) -> String {
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains(text) {
            let mut bytes = [0; 256];
            // A byte at a time would do: nobody else reads.
            let count = self.terminal.read(&mut bytes).expect("readable");
            seen.extend(&bytes[..count]);
            assert!(count > 0, "the line is gone after {}", String::from_utf8_lossy(&seen));
        }
        String::from_utf8_lossy(&seen).into_owned()
    }

    fn line(&mut self, line: &str) -> String {
        self.terminal.write_all(format!("{line}\r").as_bytes()).expect("writable");
        self.until("\n> ")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL: nothing is put in order.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn sb_sends_a_program_and_it_runs_and_is_there_after_the_simulator_was_killed() {
    let folder = tempfile::tempdir().expect("a folder");
    let flash = folder.path().join("flash");
    new_flash(&flash);
    // More than a long block.
    let text = format!("{}++++++++[>++++++++<-]>+.", "+>-<".repeat(300));
    fs::write(folder.path().join("sent.bf"), &text).expect("writable");

    let mut board = Running::new(&flash);
    board.terminal.write_all(b" ").expect("writable");
    board.until("\n> ");
    board.terminal.write_all(b"load\r").expect("writable");
    board.until("C");
    let line = || Stdio::from(board.terminal.try_clone().expect("a terminal"));
    let sent = Command::new("sb")
        .arg("-q")
        .arg(folder.path().join("sent.bf"))
        .stdin(line())
        .stdout(line())
        .stderr(Stdio::null())
        .status()
        .expect("lrzsz is installed");
    assert!(sent.success());
    let said = board.until("\n> ");
    assert!(said.contains(&format!("loaded: {} commands", text.len())), "{said:?}");
    let run = board.line("run sent.bf");
    // 8 * (300 + 8) - 300 + 1, modulo 256.
    assert!(run.contains("u\r\nthe program has ended"), "{run:?}");
    drop(board);

    let mut board = Running::new(&flash);
    board.terminal.write_all(b" ").expect("writable");
    board.until("\n> ");
    assert!(board.line("ls").contains(" sent.bf\r\n"));
    assert!(board.line("ps").contains("no program"));
}

#[test]
fn a_session_that_was_killed_is_resumed() {
    let folder = tempfile::tempdir().expect("a folder");
    let flash = folder.path().join("flash");
    new_flash(&flash);
    let mut board = Running::new(&flash);
    board.until("root@braiNIX:/# ");
    board.terminal.write_all(b"echo kept > note\n").expect("writable");
    board.until("root@braiNIX:/# ");
    // Out of it, which says when everything is saved.
    board.terminal.write_all(b"\x1C").expect("writable");
    board.until("\n> ");
    let saved = board.line("save");
    assert!(saved.contains("saved"), "{saved:?}");
    drop(board);

    let mut board = Running::new(&flash);
    board.terminal.write_all(b" ").expect("writable");
    board.until("\n> ");
    board.terminal.write_all(b"resume\r").expect("writable");
    board.until("resume\r\n");
    board.terminal.write_all(b"cat note\n").expect("writable");
    let said = board.until("root@braiNIX:/# ");
    assert!(said.contains("kept\n"), "{said:?}");
}
