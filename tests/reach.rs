//! What the board with Fusion promises: how long its user waits, that no byte is lost, and the memory it takes.

use map::CLOCK_HZ;
use sim::computer::{Computer, Stopped};
use sim::flash::{self, Flash};
use sim::model::EngineKind;
use sim::session::{Console, Next};
use sim::{flash_files, flash_image};
use std::collections::VecDeque;
use std::io;
use tests::{assert_ram_has_room, EXCHANGE, FIRMWARE};

/// Cycles of a millisecond.
const MS: u64 = CLOCK_HZ as u64 / 1000;
/// Enough for everything that is waited for here.
const MOST_CYCLES: u64 = 4_000_000_000;

/// A host that sends what it has as fast as the line goes, and leaves when it has read what it waits for.
struct Host {
    input: VecDeque<u8>,
    output: Vec<u8>,
    is_done: fn(&[u8]) -> bool,
}

impl Console for Host {
    fn next(&mut self) -> io::Result<Next> {
        Ok(self.input.pop_front().map_or(Next::Quit, Next::Byte))
    }
    fn poll(&mut self) -> io::Result<Option<u8>> {
        Ok(self.input.pop_front())
    }
    fn wants_to_quit(&mut self) -> bool {
        (self.is_done)(&self.output)
    }
    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.output.push(byte);
        Ok(())
    }
}

/// A board with these programs, of which the first one starts by itself.
fn board(programs: &[(&str, &[u8])]) -> Computer {
    let mut content = flash_image::contents(&[], &FIRMWARE, &[]).expect("fits");
    for (name, text) in programs {
        let image = images::image::Image::from_text(text).expect("sound").to_file();
        flash_files::install(&mut content, name, &image).expect("there is room");
    }
    if let Some((name, _)) = programs.first() {
        flash_files::set_start(&mut content, name).expect("there is room");
    }
    Computer::new(EngineKind::Verilator, Flash::new(content, flash::Options::default())).expect("an engine")
}

/// Types something; what was printed until it is done.
fn typed(computer: &mut Computer, input: &[u8], is_done: fn(&[u8]) -> bool) -> Vec<u8> {
    let mut host = Host { input: input.iter().copied().collect(), output: Vec::new(), is_done };
    let stopped = computer.run(&mut host, MOST_CYCLES).expect("memory does not fail");
    assert_eq!(stopped, Stopped::Quit, "{:?}", String::from_utf8_lossy(&host.output));
    assert_eq!(computer.flash().errors(), []);
    host.output
}

#[test]
fn from_reset_to_the_prompt_of_brainix_it_takes_less_than_50_ms_and_the_time_to_prevent_it() {
    let path = sim::image_file::brainix().expect("readable").expect("the image is committed");
    let mut computer = board(&[("brainix.bf", &std::fs::read(path).expect("readable"))]);
    typed(&mut computer, b"", |output| output.ends_with(b"root@braiNIX:/# "));
    let cycles = computer.cycles() - u64::from(kernel::service::shell::START_MS) * MS;
    assert!(cycles < 50 * MS, "{cycles} cycles");
}

/// Prints `!`, and then what it reads.
const ECHO: &[u8] = b">+++[<+++++++++++>-]<.,[.,]";

#[test]
fn nothing_that_is_typed_for_a_program_is_lost_at_the_speed_of_the_line() {
    let mut computer = board(&[("echo.bf", ECHO)]);
    typed(&mut computer, b"", |output| output.ends_with(b"\n!"));
    let text: Vec<u8> = (0..3000u32).map(|at| b'a' + (at % 23) as u8).collect();
    let (begin, before) = (computer.cycles(), computer.wires().instructions);
    let echo = typed(&mut computer, &text, |output| output.len() >= 3000);
    assert_eq!(String::from_utf8_lossy(&echo), String::from_utf8_lossy(&text));
    // Ten bits a byte: it came without a pause, and the companion had nothing to do with it but to look after the program now and then.
    let line = 3000 * 10 * u64::from(CLOCK_HZ) / u64::from(map::BAUD);
    assert!(computer.cycles() - begin < line * 11 / 10, "{} cycles", computer.cycles() - begin);
    let instructions = computer.wires().instructions - before;
    assert!(instructions < 3000, "{instructions} instructions");
}

#[test]
fn nothing_that_a_program_prints_without_pause_is_lost_at_a_megabaud() {
    let mut computer = board(&[("print.bf", b"+[[.+]+]")]);
    typed(&mut computer, b"\x1c\rbaud 1000000\rrun print.bf\r", |output| {
        output.windows(3).any(|bytes| bytes == [1, 2, 3])
    });
    let begin = computer.cycles();
    let printed = typed(&mut computer, b"", |output| output.len() >= 20_000);
    let next = |byte: u8| if byte == u8::MAX { 1 } else { byte + 1 };
    let at = printed.windows(2).position(|pair| pair[1] != next(pair[0]));
    assert_eq!(at, None, "a byte is missing");
    let line = printed.len() as u64 * 10 * u64::from(CLOCK_HZ) / 1_000_000;
    assert!(computer.cycles() - begin < line * 11 / 10, "{} cycles", computer.cycles() - begin);
    // And it is left at once.
    let said = typed(&mut computer, b"\x1c", |output| output.ends_with(b"> "));
    assert!(String::from_utf8_lossy(&said).contains("\r\nleft at word"));
}

/// Types a line; what was printed, the prompt behind it included.
fn session(computer: &mut Computer, line: &str) -> String {
    let said = typed(computer, format!("{line}\r").as_bytes(), |output| output.ends_with(b"\n> "));
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn no_command_takes_the_stack_to_its_end_and_none_lets_the_user_wait() {
    let mut computer = board(&[("echo.bf", ECHO), ("b.bf", b"+[>+<-]>.")]);
    typed(&mut computer, b"", |output| output.ends_with(b"\n!"));
    typed(&mut computer, b"\x1c", |output| output.ends_with(b"\n> "));
    // From the third time on a file that is renamed is copied: of all commands that goes deepest.
    let lines = "save|stop|help|ls|check|caps|ps|mem|fault|run -n b.bf|mv b.bf c.bf|mv c.bf d.bf|mv d.bf b.bf|mv b.bf c.bf|\
        mv c.bf d.bf|rm d.bf|start echo.bf|restore echo.bf|set 0 1 2 3|eof 0|restore|resume|no such command";
    for line in lines.split('|') {
        let begin = computer.cycles();
        session(&mut computer, line);
        let milliseconds = (computer.cycles() - begin) / MS;
        // To print takes most of it, or to erase: 45 ms for a sector.
        assert!(milliseconds < 250, "{line}: {milliseconds} ms");
    }
    assert_ram_has_room(&session(&mut computer, "stat"));
}

#[test]
fn the_kernel_takes_48_kb_of_the_flash_at_most() {
    let bytes = FIRMWARE.len();
    println!("{bytes} bytes");
    // A compiler that makes no core library of its own for the firmware makes it larger: see `firmware/build`.
    assert!(bytes <= 48 * 1024, "{bytes} bytes; `brainfusion cost` says what takes how many");
}

/// What `firmware/src/bin/exchange` prints: all of it fits into the cache. Other compilers may make other code.
#[test]
fn a_call_and_its_answer_take_less_than_1_000_cycles_when_cached() {
    let content = flash_image::contents(&[], &EXCHANGE, &[]).expect("fits");
    let flash = Flash::new(content, flash::Options::default());
    let mut computer = Computer::new(EngineKind::Verilator, flash).expect("an engine");
    let said = typed(&mut computer, b"", |output| output.ends_with(b"\n"));
    let said = String::from_utf8_lossy(&said);
    println!("a call and its answer: {said}");
    let cycles = said.strip_suffix(" cycles\n").and_then(|number| u32::from_str_radix(number, 16).ok());
    assert!(cycles.expect("a number") < 1_000, "{said}");
}
