//! The whole computer, with its firmware, in simulation: what comes out of its serial line.

use hdl::system::serial_port::QUEUE_BITS;
use images::image::Image;
use images::machine::{EndOfInput, Stop, BOARD};
use images::programs;
use images::words::WordMachine;
use map::CLOCK_HZ;
use proptest::prelude::*;
use sim::computer::{Computer, Stopped};
use sim::flash::{self, Cut, Flash, Misuse, Start};
use sim::flash_image;
use sim::model::EngineKind;
use sim::pty::Pty;
use sim::session::{Buffers, Console, Next, Waited};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tests::assembler::assemble;
use tests::programs::{case, config, Case};
use tests::MONITOR;

/// What the firmware prints before a program of its own accord.
const BANNER: &str = "\r\nBrainFusion monitor\r\n";
const STARTING: &str = "starting the program in the flash; Ctrl-] stops it\r\n";
/// The byte that is for the firmware, not for the program: it stops it.
const STOP: u8 = 0x1D;
/// What it prints when the program has come to its end.
const ENDED: &str = "\r\nthe program has ended";

/// A flash with the firmware, and a program if there is one.
fn flash(program: Option<&Image>) -> Vec<u8> {
    let program = program.map(Image::to_file).unwrap_or_default();
    flash_image::contents(&[], &MONITOR, &program).expect("fits")
}

fn computer(engine: EngineKind, program: Option<&Image>) -> Computer {
    Computer::new(engine, Flash::new(flash(program), flash::Options::default())).expect("the engine is built")
}

/// Runs with this input to its end, and gives what was printed.
fn printed(computer: &mut Computer, input: &[u8], max_cycles: u64) -> (Stopped, String) {
    let mut console = Buffers::new(input);
    let stopped = computer.run(&mut console, max_cycles).expect("memory does not fail");
    assert_eq!(computer.flash().errors(), [], "what the flash was asked");
    (stopped, console.output.iter().map(|byte| *byte as char).collect())
}

/// Waits for a first byte.
struct First(Option<u8>);

impl Console for First {
    fn next(&mut self) -> io::Result<Next> {
        Ok(Next::Quit)
    }
    fn wants_to_quit(&mut self) -> bool {
        self.0.is_some()
    }
    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.0 = self.0.or(Some(byte));
        Ok(())
    }
}

#[test]
fn the_first_byte_comes_within_two_milliseconds() {
    for start in [Start::Ready, Start::Asleep] {
        let options = flash::Options { start, ..Default::default() };
        let mut computer =
            Computer::new(EngineKind::Verilator, Flash::new(flash(None), options)).expect("built");
        let limit = u64::from(CLOCK_HZ) / 1000 * 2;
        let mut console = First(None);
        computer.run(&mut console, limit).expect("memory does not fail");
        assert_eq!(console.0, Some(b'\r'), "the banner's first byte within {limit} cycles, {start:?}");
    }
}

#[test]
fn it_waits_for_a_flash_that_is_busy_since_before_the_reset() {
    let options = flash::Options { start: Start::Busy { ns: 1_000_000 }, ..Default::default() };
    let mut computer = Computer::new(EngineKind::Verilator, Flash::new(flash(None), options)).expect("built");
    let mut console = Buffers::new(b"");
    let stopped = computer.run(&mut console, 10_000_000).expect("memory does not fail");
    assert_eq!(stopped, Stopped::InputEnded);
    assert!(console.output.starts_with(BANNER.as_bytes()), "{:?}", console.output);
    // That it should wake is all that a busy chip hears: it might have been asleep, and nobody can ask it.
    let [error] = computer.flash().errors() else {
        panic!("{:?}", computer.flash().errors());
    };
    assert!(matches!(error.misuse, Misuse::Busy { code: 0xAB, .. }), "{error}");
}

#[test]
fn both_engines_print_the_banner() {
    // Long enough for some bytes at 115,200 baud.
    let cycles = 60_000;
    let expected = printed(&mut computer(EngineKind::Verilator, None), b"", cycles).1;
    assert_eq!(printed(&mut computer(EngineKind::Rust, None), b"", cycles).1, expected);
    assert!(BANNER.starts_with(&expected) && expected.len() > 5, "{expected:?}");
}

/// What the monitor answers to a line.
fn answers(input: &str) -> String {
    let (stopped, text) = printed(&mut computer(EngineKind::Verilator, None), input.as_bytes(), 400_000_000);
    assert_eq!(stopped, Stopped::InputEnded, "{text}");
    text
}

#[test]
fn the_monitor_peeks_pokes_dumps_and_runs() {
    let text = answers(
        "poke 40000010 deadbeef\rpeek 40000010\rdump 40000010 2\r\
         poke 800 12300513\rpoke 804 00008067\rrun 800\rtest\r",
    );
    assert!(text.contains("deadbeef\r\n"), "{text}");
    assert!(text.contains("deadbeef 00000000"), "the dump: {text}");
    assert!(text.contains("00000123\r\n"), "what the code returns: {text}");
    assert_eq!(text.matches(": good").count(), 3, "RAM at the start, RAM and cells: {text}");
}

/// A console that leaves when another thread says so.
struct Until<'a, C> {
    console: C,
    is_done: &'a AtomicBool,
}

impl<C: Console> Console for Until<'_, C> {
    fn next(&mut self) -> io::Result<Next> {
        // Not the console's own, which waits.
        Ok(match self.poll()? {
            Some(byte) => Next::Byte(byte),
            None if self.wants_to_quit() => Next::Quit,
            None => return self.console.next(),
        })
    }
    fn poll(&mut self) -> io::Result<Option<u8>> {
        self.console.poll()
    }
    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        self.console.wait(most, wanted)
    }
    fn wants_to_quit(&mut self) -> bool {
        self.is_done.load(Ordering::Acquire)
    }
    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.console.put(byte)
    }
}

/// Reads from a terminal up to the monitor's next prompt.
fn up_to_prompt(terminal: &mut File) -> String {
    let mut text = String::new();
    let mut byte = [0];
    while !text.ends_with("\n> ") {
        terminal.read_exact(&mut byte).expect("the other end is open");
        text.push(byte[0].into());
    }
    text
}

#[test]
fn the_serial_line_is_a_terminal_of_this_machine() {
    let pty = Pty::open().expect("a pseudo-terminal");
    let path = pty.path().to_path_buf();
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let user = scope.spawn(|| {
            let mut terminal = OpenOptions::new().read(true).write(true).open(path).expect("there");
            let hello = up_to_prompt(&mut terminal);
            assert!(hello.starts_with(BANNER), "{hello}");
            // More than the machine has read when the next bytes come, and bytes that terminals like to translate.
            terminal.write_all(b"poke 40000000 0d0a1103\rpeek 40000000\r").expect("open");
            let poked = up_to_prompt(&mut terminal);
            assert_eq!(poked, "poke 40000000 0d0a1103\r\n> ");
            let peeked = up_to_prompt(&mut terminal);
            assert_eq!(peeked, "peek 40000000\r\n0d0a1103\r\n> ");
            is_done.store(true, Ordering::Release);
            // The machine waits for a byte.
            terminal.write_all(b"\r").expect("open");
        });
        let mut console = Until { console: pty, is_done: &is_done };
        let stopped = computer(EngineKind::Verilator, None).run(&mut console, 100_000_000);
        user.join().expect("all was as it should be");
        assert_eq!(stopped.expect("the line is there"), Stopped::Quit);
    });
}

/// Types `flash`, with a flash of this content; how it ended, what was printed and what the flash holds then. Erasing and
/// programming take a hundredth of their time.
fn flash_tested(content: Vec<u8>, cut: Option<Cut>) -> (Stopped, String, Vec<u8>) {
    let options = flash::Options { time_scale: 0.01, cut, ..Default::default() };
    let mut computer = Computer::new(EngineKind::Verilator, Flash::new(content, options)).expect("built");
    let (stopped, text) = printed(&mut computer, b"flash\r", 100_000_000);
    (stopped, text, computer.flash().content().to_vec())
}

#[test]
fn the_firmware_erases_and_programs_the_flash() {
    let before = flash(None);
    let (stopped, text, after) = flash_tested(before.clone(), None);
    assert_eq!(stopped, Stopped::InputEnded);
    assert!(text.contains("flash 00ef4016 at 203ff000: good\r\n"), "{text}");
    assert!(after == before, "it leaves the flash as it was");
    // Not the last sector if there is something in it.
    let mut full = before;
    *full.last_mut().expect("bytes") = 0;
    let (_, text, after) = flash_tested(full.clone(), None);
    assert!(text.contains("flash 00ef4016 at 203fe000: good\r\n"), "{text}");
    assert!(after == full, "it leaves the flash as it was");
}

#[test]
fn after_a_power_cut_while_the_flash_changes_it_starts_again() {
    let before = flash(None);
    let last = before.len() - map::SECTOR_BYTES as usize;
    for (cut, programmed) in [(Cut::AfterBytes(0), 0), (Cut::AfterBytes(5), 5), (Cut::InErase(1), 8)] {
        let (stopped, text, after) = flash_tested(before.clone(), Some(cut));
        assert_eq!(stopped, Stopped::PowerCut, "{text}");
        let sector = &after[last..];
        let set = sector.iter().filter(|byte| **byte != 0xFF).count();
        match cut {
            Cut::AfterBytes(_) => assert_eq!(set, programmed, "{cut:?}"),
            Cut::InErase(_) => assert!(set > 0, "an erasure in its middle has left something"),
        }
        assert!(after[..last] == before[..last], "nothing else has changed");
        let (stopped, text, _) = flash_tested(after, None);
        assert_eq!(stopped, Stopped::InputEnded);
        assert!(text.contains(": good\r\n> "), "{cut:?}: {text}");
    }
}

#[test]
fn what_is_not_there_is_reported() {
    for (line, what) in [
        ("peek 1000", "load access fault"),
        ("peek 20400000", "load access fault"),
        ("poke 20000000 1", "store access fault"),
        ("peek 40001000", "load access fault"),
        ("peek 80000500", "load access fault"),
        ("peek 8000000c", "load access fault"),
        ("peek c0000000", "load access fault"),
        ("run 40000000", "instruction access fault"),
        ("run 80000000", "instruction access fault"),
    ] {
        let text = answers(&format!("{line}\rpeek 20040000\r"));
        assert!(text.contains(what), "{line}: {text}");
        let first = u32::from_le_bytes(MONITOR[..4].try_into().expect("four bytes"));
        assert!(text.contains(&format!("{first:08x}")), "the monitor goes on after {line}: {text}");
    }
}

/// Where programs for the RAM are put: far from the firmware's stack.
const RAM_PROGRAM: u32 = 0x400;

/// Types a program into the RAM, runs it, and gives what it returns.
fn returned_by(program: &str) -> String {
    let mut input = String::new();
    for (number, word) in assemble(program).into_iter().enumerate() {
        input += &format!("poke {:x} {word:x}\r", RAM_PROGRAM + 4 * number as u32);
    }
    let text = answers(&(input + &format!("run {RAM_PROGRAM:x}\rpeek 20040000\r")));
    let first = u32::from_le_bytes(MONITOR[..4].try_into().expect("four bytes"));
    assert!(text.contains(&format!("{first:08x}")), "the monitor goes on: {text}");
    let (_, told) = text.split_once(&format!("> run {RAM_PROGRAM:x}\r\n")).expect("it is run");
    told.lines().next().expect("it returns").into()
}

#[test]
fn the_flash_takes_any_command_from_a_program_in_ram() {
    use map::flash::{control, status, BASE, CONTROL, DATA, STATUS};
    let (hold, select) = (1 << control::HOLD, 1 << control::SELECT);
    let id = returned_by(&format!(
        "li a1, {BASE}
        li a2, {hold}
        sw a2, {CONTROL}(a1)
        waits:
        lw a3, {STATUS}(a1)
        andi a3, a3, {owned}
        beqz a3, waits
        li a2, {both}
        sw a2, {CONTROL}(a1)
        li a2, 0x9F
        li a5, 4
        transfer:
        sw a2, {DATA}(a1)
        busy:
        lw a3, {STATUS}(a1)
        andi a3, a3, {busy}
        bnez a3, busy
        lw a4, {DATA}(a1)
        slli a0, a0, 8
        or a0, a0, a4
        mv a2, zero
        addi a5, a5, -1
        bnez a5, transfer
        li a2, {hold}
        sw a2, {CONTROL}(a1)
        sw zero, {CONTROL}(a1)
        ret",
        both = hold | select,
        owned = 1 << status::OWNED,
        busy = 1 << status::BUSY,
    ));
    // W25Q32JV data sheet, Manufacturer and Device Identification. What came in with the command is nobody's.
    assert!(id.ends_with("ef4016"), "{id}");
}

#[test]
fn the_timer_interrupts() {
    use map::timer::{BASE, COMPARE_HIGH, COMPARE_LOW, TIME_LOW};
    let handler = RAM_PROGRAM + 0x100;
    let mut program = format!(
        "csrr t3, mtvec
        li t0, {handler}
        csrw mtvec, t0
        li a1, {BASE}
        lw a2, {TIME_LOW}(a1)
        addi a2, a2, 2000
        sw a2, {COMPARE_LOW}(a1)
        sw zero, {COMPARE_HIGH}(a1)
        li t0, {timer}
        csrw mie, t0
        li a0, 0
        csrrsi zero, mstatus, 8
        sleeps:
        wfi
        beqz a0, sleeps
        csrrci zero, mstatus, 8
        csrw mie, zero
        csrw mtvec, t3
        ret
        ",
        timer = 1 << map::interrupts::TIMER,
    );
    let words = assemble(&program).len();
    program += &"nop\n".repeat(0x100 / 4 - words);
    // The handler: no more alarms.
    program += &format!(
        "csrr a0, mcause
        li t1, -1
        sw t1, {COMPARE_HIGH}(a1)
        mret"
    );
    assert_eq!(returned_by(&program), format!("a0 = {:08x}", 1u32 << 31 | map::interrupts::TIMER));
}

/// What a program in the flash prints, and how it ended.
fn run_program(image: &Image, input: &[u8], cells: &[u8], most: u64) -> (String, Vec<u8>, Vec<u8>) {
    let mut computer = computer(EngineKind::Verilator, Some(image));
    computer.engine().set_cells(cells);
    let mut console = Buffers::new(input);
    let stopped = computer.run(&mut console, most).expect("memory does not fail");
    assert_eq!(stopped, Stopped::InputEnded);
    assert_eq!(computer.flash().errors(), []);
    let start = console
        .output
        .windows(STARTING.len())
        .position(|bytes| bytes == STARTING.as_bytes())
        .expect("the program is started");
    let mut output = console.output.split_off(start + STARTING.len());
    let end = output
        .windows(b"\r\nthe program has ".len())
        .rposition(|bytes| bytes == b"\r\nthe program has ")
        .unwrap_or(output.len());
    let told = String::from_utf8_lossy(&output.split_off(end)).into_owned();
    (told, output, computer.engine().cells())
}

/// Words above which a shipped program takes too long here.
const SLOW: u64 = 3_000_000;

#[test]
fn shipped_programs_run_from_the_flash() {
    for program in programs::ALL.iter().filter(|program| !program.input.contains(&STOP)) {
        let mut image = Image::from_text(program.text).expect("sound");
        image.set_end_of_input(program.end_of_input);
        let mut machine = WordMachine::new(BOARD, program.input);
        if machine.run(&image.words, SLOW) == Stop::Limit {
            continue;
        }
        let (told, output, cells) = run_program(&image, program.input, &[], 2_000_000_000);
        assert_eq!(output, program.output, "{}", program.name);
        assert_eq!(cells, machine.cells, "{}", program.name);
        match program.fault {
            Some(fault) => assert!(told.contains(fault.name()), "{}: {told}", program.name),
            None if told.is_empty() => {}
            None => assert!(told.starts_with(ENDED), "{}: {told}", program.name),
        }
    }
}

fn image(case: &Case) -> Image {
    let mut image = Image::from_text(case.text.as_bytes()).expect("encodes");
    image.set_end_of_input(case.mode);
    image
}

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn random_programs_run_from_the_flash(case in case()) {
        let image = image(&case);
        prop_assume!(!case.input.contains(&STOP));
        let mut machine = WordMachine::new(BOARD, &case.input);
        machine.cells[..case.cells.len()].copy_from_slice(&case.cells);
        let stop = machine.run(&image.words, 20_000);
        prop_assume!(stop != Stop::Limit);
        let (told, output, cells) = run_program(&image, &case.input, &case.cells, 2_000_000_000);
        prop_assert_eq!(output, machine.output, "{}", case.text);
        prop_assert_eq!(cells, machine.cells, "{}", case.text);
        match stop {
            Stop::Halted => prop_assert!(told.starts_with(ENDED), "{} {}", case.text, told),
            Stop::Fault { fault, at, cell } => {
                let place = format!("{}", format_args!("{}: at word {at:08x}, cell {cell:08x}", fault.name()));
                prop_assert!(told.contains(fault.name()), "{}: {} {}", case.text, told, place);
                prop_assert!(told.contains(&format!("at word {at:08x}, cell {cell:08x}")), "{}: {} {}", case.text, told, place);
            }
            Stop::InputEnded | Stop::Limit => prop_assert_eq!(case.mode, EndOfInput::Wait),
        }
    }
}

#[test]
fn brainix_boots_from_the_flash() {
    let path = sim::image_file::brainix().expect("readable").expect("the image is committed");
    let text = std::fs::read(path).expect("readable");
    let image = Image::from_text(&text).expect("sound");
    let mut computer = computer(EngineKind::Verilator, Some(&image));
    let input = b"echo hello, flash > note\ncat note\nexit\n";
    let (stopped, text) = printed(&mut computer, input, 2_000_000_000);
    assert_eq!(stopped, Stopped::InputEnded);
    assert!(text.contains("root@braiNIX:/# cat note\nhello, flash\nroot@braiNIX:/# exit"), "{text}");
    assert!(text.contains(ENDED), "{text}");
}

#[test]
fn the_button_and_the_stop_key_lead_back_to_the_start() {
    let forever = Image::from_text(b"+[.[-]+]").expect("sound");
    let mut computer = computer(EngineKind::Verilator, Some(&forever));
    let (stopped, text) = printed(&mut computer, b"", 4_000_000);
    assert_eq!(stopped, Stopped::CycleLimit);
    assert!(text.ends_with("\u{1}\u{1}\u{1}"), "{text:?}");
    computer.press(true);
    let now = computer.cycles();
    printed(&mut computer, b"", now + 1000);
    computer.press(false);
    let now = computer.cycles();
    // What is in the queue stays there, and leaves first: ten bits a byte.
    let queued = (10u64 << QUEUE_BITS) * u64::from(CLOCK_HZ) / u64::from(map::BAUD);
    let (_, text) = printed(&mut computer, b"", now + queued + 2_000_000);
    assert!(text.contains(BANNER), "the banner within 2,000,000 cycles: {text:?}");
}
