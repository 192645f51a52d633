//! The program itself, at pseudo-terminals: the board in memory behind one, or the simulated board.

use crate::board::Board;
use rustix::event::{self, PollFd, PollFlags, Timespec};
use rustix::io::{self, FdFlags};
use rustix::pty::{self, OpenptFlags};
use rustix::termios::{self, OptionalActions};
use sim::host::cells::parse_row;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const BRAINFUSION: &str = env!("CARGO_BIN_EXE_brainfusion");

/// Our end of a pseudo-terminal. When it is dropped the port is gone.
struct Port {
    ours: File,
    /// Held open until the program has sent something: a terminal without a user has hung up.
    theirs: Option<File>,
    path: PathBuf,
}

impl Port {
    fn new() -> Port {
        let ours = pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        // A program that inherits it would keep the port from being pulled out.
        io::fcntl_setfd(&ours, FdFlags::CLOEXEC).expect("ours");
        pty::grantpt(&ours).expect("ours");
        pty::unlockpt(&ours).expect("ours");
        let name = pty::ptsname(&ours, Vec::new()).expect("a name");
        let path = PathBuf::from(name.into_string().expect("ASCII"));
        let theirs = OpenOptions::new().read(true).write(true).open(&path).expect("a terminal");
        let mut raw = termios::tcgetattr(&theirs).expect("a terminal");
        raw.make_raw();
        termios::tcsetattr(&theirs, OptionalActions::Now, &raw).expect("a terminal");
        Port { ours: File::from(ours), theirs: Some(theirs), path }
    }

    /// What the program has sent, if something comes in this time; none if it has ended.
    fn read(&mut self, most: Duration) -> Option<Vec<u8>> {
        let most = Timespec::try_from(most).expect("short");
        let mut polled = [PollFd::new(&self.ours, PollFlags::IN)];
        event::poll(&mut polled, Some(&most)).expect("a terminal");
        let events = polled[0].revents();
        if events.contains(PollFlags::IN) {
            let mut bytes = vec![0; 1024];
            let count = self.ours.read(&mut bytes).expect("readable");
            bytes.truncate(count);
            self.theirs = None;
            return Some(bytes);
        }
        (!events.contains(PollFlags::HUP)).then(Vec::new)
    }

    /// Is the board's line until the program has ended, or until so many bytes have come.
    fn serve(&mut self, board: &mut Board, most: usize) {
        let mut count = 0;
        let mut last = Instant::now();
        while let Some(bytes) = self.read(Duration::from_millis(5)).filter(|_| count < most) {
            count += bytes.len();
            bytes.iter().for_each(|byte| board.take(*byte));
            board.tick(last.elapsed());
            last = Instant::now();
            // A program that has just ended does not read it.
            let _ = self.ours.write_all(&board.printed());
        }
    }

    /// Is the line to a board's terminal until the program has ended, or until so many bytes have come. In the bytes with these
    /// numbers a bit is flipped. How many bytes have come.
    fn relay(&mut self, board: &mut File, damaged: &[usize], most: usize) -> usize {
        let mut count = 0;
        while let Some(mut bytes) = self.read(Duration::from_millis(2)).filter(|_| count < most) {
            for byte in &mut bytes {
                *byte ^= u8::from(damaged.contains(&count));
                count += 1;
            }
            board.write_all(&bytes).expect("it runs");
            // A program that has just ended does not read it.
            let _ = self.ours.write_all(&come(board, Duration::from_millis(2)));
        }
        count
    }
}

/// What comes at a terminal in this time.
fn come(terminal: &mut File, most: Duration) -> Vec<u8> {
    let most = Timespec::try_from(most).expect("short");
    let mut polled = [PollFd::new(&*terminal, PollFlags::IN)];
    event::poll(&mut polled, Some(&most)).expect("a terminal");
    let mut bytes = vec![0; 1024];
    let count = if polled[0].revents().contains(PollFlags::IN) {
        terminal.read(&mut bytes).expect("readable")
    } else {
        0
    };
    bytes.truncate(count);
    bytes
}

fn start(arguments: &[&str], port: &Path) -> Child {
    Command::new(BRAINFUSION)
        .args(arguments)
        .env("BRAINFUSION_PORT", port)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts")
}

fn succeeded(output: &Output) -> String {
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}\n{complained}");
    said.into_owned()
}

#[test]
fn a_program_and_cells_over_a_terminal() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).to_str().expect("ASCII").to_owned();
    fs::write(file("p.bf"), "+++[>+<-]".repeat(300)).expect("writable");
    let mut board = Board::new();

    let mut port = Port::new();
    let child = start(&["load", &file("p.bf"), "--patience", "1"], &port.path);
    port.serve(&mut board, usize::MAX);
    let said = succeeded(&child.wait_with_output().expect("it ends"));
    assert_eq!(said, "loaded: so many commands\n");
    let image = sim::image_file::read_image(Path::new(&file("p.bf"))).expect("a program");
    assert_eq!(board.file("p.bf"), Some(&image.to_file()[..]));

    let mut port = Port::new();
    let child = start(&["save-cells", &file("cells"), "--patience", "1"], &port.path);
    port.serve(&mut board, usize::MAX);
    let said = succeeded(&child.wait_with_output().expect("it ends"));
    assert!(said.contains("`resume`"), "{said}");
    assert_eq!(fs::read(file("cells")).expect("written"), board.cells);

    let mut cells = board.cells.clone();
    cells[70] ^= 0xFF;
    fs::write(file("cells"), &cells).expect("writable");
    let mut port = Port::new();
    let child = start(&["restore-cells", &file("cells"), "--patience", "1"], &port.path);
    port.serve(&mut board, usize::MAX);
    let said = succeeded(&child.wait_with_output().expect("it ends"));
    assert!(said.starts_with("1 cells were written") && said.contains("`resume`"), "{said}");
    assert_eq!(board.cells, cells);
}

#[test]
fn a_port_that_is_pulled_out_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("p.bf");
    fs::write(&path, ",.".repeat(5000)).expect("writable");
    let mut port = Port::new();
    let child = start(&["load", "--text", path.to_str().expect("ASCII"), "--patience", "1"], &port.path);
    // In the middle of the file.
    port.serve(&mut Board::new(), 5000);
    drop(port);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.ends_with("give the command again\n"), "{said}");
}

#[test]
fn a_cells_file_of_another_length_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cells");
    fs::write(&path, "short").expect("writable");
    let child = start(&["restore-cells", path.to_str().expect("ASCII")], Path::new("/dev/not-there"));
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.ends_with(
        "5 bytes, but the board has 4096 cells; give a file that `brainfusion save-cells` made\n"
    ));
}

#[test]
fn the_monitor_goes_on_when_the_port_is_there_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("port");
    let mut first = Port::new();
    symlink(&first.path, &path).expect("writable");
    let mut child = Command::new(BRAINFUSION)
        .args(["monitor", "--patience", "1"])
        .env("BRAINFUSION_PORT", &path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut keys = child.stdin.take().expect("piped");
    let mut screen = BufReader::new(child.stdout.take().expect("piped"));
    let mut notes = BufReader::new(child.stderr.take().expect("piped"));
    let mut note = |text: &str| {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            assert!(notes.read_line(&mut line).expect("text") > 0, "{text} was not said");
        }
        line
    };

    keys.write_all(b"ls\r").expect("open");
    let mut typed = Vec::new();
    while typed.len() < 3 {
        typed.extend(first.read(Duration::from_secs(60)).expect("open"));
    }
    assert_eq!(typed, b"ls\r");
    first.ours.write_all(b"> one\n").expect("open");
    let mut line = String::new();
    screen.read_line(&mut line).expect("text");
    assert_eq!(line, "> one\n");

    let mut second = Port::new();
    fs::remove_file(&path).expect("there");
    drop(first);
    assert!(note("is gone").contains("plug the board in again"));
    symlink(&second.path, &path).expect("writable");
    note("is there again");
    second.ours.write_all(b"> two\n").expect("open");
    line.clear();
    screen.read_line(&mut line).expect("text");
    assert_eq!(line, "> two\n");
    // The end of the keys is the end.
    drop(keys);
    assert!(child.wait().expect("it ends").success());
}

#[test]
fn ports_and_completions_are_printed() {
    let said = succeeded(&start(&["ports"], Path::new("")).wait_with_output().expect("it ends"));
    assert!(
        said.contains("--pty") || said.contains("brainfusion monitor") || said.contains("--port"),
        "{said}"
    );
    for shell in ["bash", "zsh", "fish"] {
        let said =
            succeeded(&start(&["completions", shell], Path::new("")).wait_with_output().expect("it ends"));
        assert!(said.contains("restore-cells"), "{shell}");
    }
}

/// The simulated board, in a process of its own.
struct Simulated {
    child: Child,
    port: PathBuf,
}

impl Simulated {
    /// With a new flash in this folder.
    fn new(folder: &Path) -> Simulated {
        let flash = folder.join("flash");
        let output = Command::new(BRAINFUSION)
            .args(["run", "--max-cycles", "1", "--flash"])
            .arg(&flash)
            .stdin(Stdio::null())
            .output()
            .expect("it starts");
        assert!(flash.exists(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut child = Command::new(BRAINFUSION)
            .args(["board", "--pty", "--flash"])
            .arg(&flash)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut port = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut port).expect("it says where");
        Simulated { child, port: PathBuf::from(port.trim_end()) }
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// More than a long block.
fn program(folder: &Path) -> String {
    let path = folder.join("sent.bf");
    fs::write(&path, format!("{}++++++++[>++++++++<-]>+.", "+>-<".repeat(300))).expect("writable");
    path.to_str().expect("ASCII").to_owned()
}

#[test]
fn the_simulated_board_takes_a_program_and_shows_cells_as_they_are_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = Simulated::new(folder.path());
    let child = start(&["load", &program(folder.path())], &board.port);
    let said = succeeded(&child.wait_with_output().expect("it ends"));
    assert!(said.starts_with("loaded: "), "{said}");
    // All cells would take another ten minutes.
    let mut monitor = Command::new(BRAINFUSION)
        .args(["monitor", "--port"])
        .arg(&board.port)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    monitor.stdin.take().expect("piped").write_all(b"mem 4064 32\r").expect("open");
    let said = succeeded(&monitor.wait_with_output().expect("it ends"));
    let rows: Vec<usize> = said.lines().filter_map(parse_row).map(|row| row.0).collect();
    assert_eq!(rows, [4064, 4080], "{said}");
}

#[test]
fn the_simulated_board_is_pulled_out_in_a_file_and_takes_it_over_a_noisy_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = Simulated::new(folder.path());
    let mut terminal = OpenOptions::new().read(true).write(true).open(&board.port).expect("a terminal");
    let file = program(folder.path());

    let mut port = Port::new();
    let child = start(&["load", &file], &port.path);
    port.relay(&mut terminal, &[], 700);
    drop(port);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("brainfusion: the port is gone"), "{said}");
    assert!(said.ends_with("give the command again\n"), "{said}");

    // The board still waits for the rest of the block.
    let mut port = Port::new();
    let child = start(&["load", &file], &port.path);
    let count = port.relay(&mut terminal, &[400, 2000], usize::MAX);
    let said = succeeded(&child.wait_with_output().expect("it ends"));
    assert!(said.starts_with("loaded: "), "{said}");
    assert!(count > 4 * 1024, "two long blocks, and one of them three times: {count}");
}

#[test]
fn a_simulated_board_that_has_stalled_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let board = Simulated::new(folder.path());
    let stop = format!("kill -STOP {}", board.child.id());
    assert!(Command::new("sh").args(["-c", &stop]).status().expect("it starts").success());
    let child = start(&["load", &program(folder.path()), "--patience", "1"], &board.port);
    let output = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("nothing answers at this port"), "{said}");
    assert!(said.ends_with("give the command again\n"), "{said}");
}
