//! Time that passes in a chip where nothing else happens: skipped, it must leave the chip as if it had been simulated. And
//! what comes first: a byte, the alarm, or the end of the input.

use hdl::machines::Computer as Chip;
use hdl::system::counter::Counter;
use images::image::Image;
use map::{core, timer, uart, CLOCK_HZ, FIRMWARE, FLASH};
use rust_hdl::core::probe::Probe;
use rust_hdl::core::simulate::simulate;
use rust_hdl::prelude::*;
use sim::computer::{Computer, Stopped};
use sim::flash::{self, Flash};
use sim::flash_image;
use sim::model::EngineKind;
use sim::pty::Pty;
use sim::session::{Buffers, Console, Next, Waited};
use std::fs::OpenOptions;
use std::io::{self, Read, Write};
use std::time::{Duration, Instant};
use tests::assembler::assemble;

/// Where the Brainfuck program is, behind the code.
const PROGRAM: u32 = 0x400;
/// Nanoseconds of a cycle.
const CYCLE_NS: u64 = 1_000_000_000 / CLOCK_HZ as u64;

/// The core's, the timer's and the line's registers in a0, a1 and a2; the timer's interrupt enabled.
fn start() -> String {
    format!(
        "li a0, {}
        li a1, {}
        li a2, {}
        li t0, {}
        csrw mie, t0
        ",
        core::BASE,
        timer::BASE,
        uart::BASE,
        1 << map::interrupts::TIMER
    )
}

/// Starts a program that waits for a byte.
fn start_core() -> String {
    format!(
        "li t0, {}
        sw t0, {}(a0)
        li t0, 1
        sw t0, {}(a0)
        li t0, {}
        sw t0, {}(a0)
        ",
        FLASH + FIRMWARE + PROGRAM,
        core::PROGRAM,
        core::LENGTH,
        1 << core::control::START,
        core::CONTROL,
    )
}

/// The alarm, so many cycles from now.
fn arm(cycles: u32) -> String {
    format!(
        "lw t0, {}(a1)
        li t1, {cycles}
        add t0, t0, t1
        sw t0, {}(a1)
        sw zero, {}(a1)
        ",
        timer::TIME_LOW,
        timer::COMPARE_LOW,
        timer::COMPARE_HIGH
    )
}

/// No alarm.
fn disarm() -> String {
    format!(
        "li t0, -1
        sw t0, {}(a1)
        sw t0, {}(a1)
        ",
        timer::COMPARE_HIGH,
        timer::COMPARE_LOW
    )
}

/// A flash with this code, and the program `,`.
fn flash(code: &str) -> Flash {
    let mut bytes: Vec<u8> = assemble(code).into_iter().flat_map(u32::to_le_bytes).collect();
    assert!(bytes.len() <= PROGRAM as usize, "the code ends before the program");
    bytes.resize(PROGRAM as usize, 0);
    let words = Image::from_text(b",").expect("sound").words;
    bytes.extend(words.into_iter().flat_map(u16::to_le_bytes));
    Flash::new(flash_image::contents(&[], &bytes, &[]).expect("fits"), flash::Options::default())
}

fn computer(engine: EngineKind, code: &str) -> Computer {
    Computer::new(engine, flash(code)).expect("the engine is built")
}

/// A chip with its flash, in the middle of everything.
struct Bench {
    chip: Box<Chip>,
    flash: Flash,
    cycles: u64,
}

impl Bench {
    fn new(code: &str) -> Bench {
        let mut chip = Box::<Chip>::default();
        chip.connect_all();
        chip.rst_n.next = true;
        chip.usb_rx.next = true;
        let mut bench = Bench { chip, flash: flash(code), cycles: 0 };
        bench.flash.tick(flash::Pins { select_n: true, clock: false, mosi: false }, 0);
        bench.settle();
        bench
    }

    fn settle(&mut self) {
        assert!(simulate(self.chip.as_mut(), 50), "the logic has a loop");
    }

    fn run(&mut self, cycles: u64) {
        for _ in 0..cycles {
            for level in [false, true] {
                self.chip.clock.next = level.into();
                self.settle();
            }
            self.cycles += 1;
            let pins = flash::Pins {
                select_n: self.chip.flash_select_n.val(),
                clock: self.chip.flash_sck.val(),
                mosi: self.chip.flash_mosi.val(),
            };
            self.chip.flash_miso.next = self.flash.cycle(pins, self.cycles * CYCLE_NS);
        }
    }

    fn skip(&mut self, cycles: u64) {
        self.chip.skip(cycles);
        self.settle();
        self.cycles += cycles;
    }

    /// All signals in the second half of a cycle, when registers have looked at what they are to hold next.
    fn signals(&mut self) -> Signals {
        self.chip.clock.next = false.into();
        self.settle();
        let mut signals = Signals::default();
        self.chip.accept("chip", &mut signals);
        signals
    }
}

/// All signals of a chip, and their values.
#[derive(Default)]
struct Signals {
    scopes: Vec<String>,
    values: Vec<(String, String)>,
}

impl Probe for Signals {
    fn visit_start_scope(&mut self, name: &str, _: &dyn Block) {
        self.scopes.push(name.into());
    }

    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        self.scopes.pop();
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        let name = format!("{}.{name}", self.scopes.join("."));
        self.values.push((name, format!("{:?}", signal.verilog())));
    }
}

/// Runs one chip and skips the other, and compares all of their signals.
fn compare(run: &mut Bench, skipped: &mut Bench, cycles: u64) {
    run.run(cycles);
    skipped.skip(cycles);
    let (expected, found) = (run.signals(), skipped.signals());
    for (expected, found) in expected.values.iter().zip(&found.values) {
        assert_eq!(found, expected, "after {cycles} cycles, {} in all", run.cycles);
    }
    assert_eq!(expected.values.len(), found.values.len());
}

#[test]
fn a_chip_that_was_skipped_is_as_one_that_was_run() {
    for core in [String::new(), start_core()] {
        // The alarm is behind the second overflow of the time's lower half.
        let code = start()
            + &core
            + &format!(
                "lw t0, {}(a1)
                sw zero, {}(a1)
                li t0, 2
                sw t0, {}(a1)
                sleeps:
                wfi
                j sleeps",
                timer::TIME_LOW,
                timer::COMPARE_LOW,
                timer::COMPARE_HIGH
            );
        let mut benches = [Bench::new(&code), Bench::new(&code)];
        for bench in &mut benches {
            bench.run(6000);
            assert!(bench.chip.cpu.asleep.val(), "the companion sleeps");
            assert_eq!(bench.chip.unit.core.waiting.val(), !core.is_empty(), "the core waits");
        }
        let [run, skipped] = &mut benches;
        compare(run, skipped, 1);
        compare(run, skipped, 1000);
        for bench in [&mut *run, &mut *skipped] {
            // Shortly before the lower half of the time is 0 again.
            let cycles = (1 << 32) - 100 - bench.cycles;
            bench.skip(cycles);
        }
        for window in [1, 2, 3, 7].into_iter().cycle().take(60) {
            compare(run, skipped, window);
        }
        // The alarm comes in the same cycle.
        for bench in [&mut *run, &mut *skipped] {
            let alarm = bench.chip.alarm().expect("armed");
            bench.skip(alarm - 50);
        }
        compare(run, skipped, 34);
        assert_eq!(run.chip.alarm(), Some(16));
        for cycle in 0..100 {
            run.run(1);
            skipped.run(1);
            let awake = !run.chip.cpu.asleep.val();
            assert_eq!(!skipped.chip.cpu.asleep.val(), awake, "cycle {cycle} of the last hundred");
            if awake {
                assert!(cycle > 14, "not before the alarm");
                break;
            }
            assert!(cycle < 99, "the alarm wakes the companion");
        }
    }
}

#[test]
fn a_counter_that_was_skipped_is_as_one_that_was_run() {
    fn cycle(counter: &mut Counter) -> (u32, u32) {
        for level in [false, true] {
            counter.clock.next = level.into();
            assert!(simulate(counter, 50), "the logic has a loop");
        }
        (counter.low.val().to_u32(), counter.high.val().to_u32())
    }
    let is_at = |number: u64, counts: bool| {
        let mut counter = Counter::default();
        counter.connect_all();
        counter.count.next = true;
        cycle(&mut counter);
        counter.skip(number - 1);
        counter.count.next = counts;
        assert!(simulate(&mut counter, 50), "the logic has a loop");
        counter
    };
    for (before, skipped, counts) in (0..4).flat_map(|before| {
        (0..8).flat_map(move |skipped| [true, false].map(|counts| (before, skipped, counts)))
    }) {
        let mut counters = [0, 1].map(|_| is_at((1 << 32) - before, counts));
        for _ in 0..skipped {
            cycle(&mut counters[0]);
        }
        counters[1].skip(skipped);
        for after in 0..4 {
            let [run, skips] = counters.each_mut().map(cycle);
            assert_eq!(skips, run, "{before} before, {skipped} skipped, {after} after, counts: {counts}");
        }
    }
}

#[test]
fn verilator_counts_across_the_lower_halves_as_it_does_when_it_runs() {
    let mut code = start()
        + &start_core()
        + &format!(
            "li t0, 20000
            sw t0, {}(a1)
            li t0, 1
            sw t0, {}(a1)
            wfi
            lw t0, {}(a0)
            lw t1, {}(a0)
            lw t2, {}(a1)
            csrr s0, mcycle
            csrr s1, mcycleh
            ",
            timer::COMPARE_LOW,
            timer::COMPARE_HIGH,
            core::CYCLES_LOW,
            core::CYCLES_HIGH,
            timer::TIME_LOW,
        );
    for register in ["t0", "t1", "t2", "s0", "s1"] {
        for _ in 0..4 {
            code += &format!("sw {register}, {}(a2)\nsrli {register}, {register}, 8\n", uart::DATA);
        }
    }
    code += &disarm();
    code += "sleeps:\nwfi\nj sleeps";
    let counted = |time: u64, run: u64| -> Vec<u32> {
        let mut computer = computer(EngineKind::Verilator, &code);
        let quits = Waited { passed: Duration::ZERO, next: Some(Next::Quit) };
        let mut rests = Scripted { waits: vec![quits], ..Scripted::default() };
        assert_eq!(computer.run(&mut rests, u64::MAX).expect("it never fails"), Stopped::Quit);
        let (mut wires, cycles) = (*computer.wires(), computer.cycles());
        computer.engine().skip(time - run - cycles);
        assert_eq!(computer.engine().run(&mut wires, run), run, "nothing happens");
        let mut console = Buffers::new(b"");
        computer.run(&mut console, u64::MAX).expect("memory does not fail");
        let words =
            console.output.chunks(4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("words")));
        words.collect()
    };
    let plain = counted(1 << 31, 0);
    let [cycles, 1, time, _, 1] = plain[..] else {
        panic!("all have counted beyond 32 bits: {plain:x?}");
    };
    // So long after the lower half of the time, or a little less, that of the core's cycles is 0 again.
    let after = u64::from(time - cycles);
    for (overflow, distances) in [(0, 20), (after, 200)] {
        for distance in 0..distances {
            let time = (1 << 32) + overflow + 10 - distance;
            assert_eq!(counted(time, 0), plain, "skipped until {time:#x}");
        }
    }
    assert_eq!(counted((1 << 32) + after + 10, after + 300), plain, "run");
}

/// A console, and whether time may pass without a simulated cycle. It interrupts the run with each byte of output.
struct Timed {
    buffers: Buffers,
    skips: bool,
}

impl Console for Timed {
    fn next(&mut self) -> io::Result<Next> {
        self.buffers.next()
    }

    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        let waited = self.buffers.wait(most, wanted)?;
        Ok(if self.skips { waited } else { Waited { passed: Duration::ZERO, ..waited } })
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.buffers.put(byte)?;
        Err(io::ErrorKind::Interrupted.into())
    }
}

/// The bytes that come out, each with its cycle, and the cycle of the end.
type Timing = (Vec<(u64, u8)>, u64);

/// Runs to the end.
fn timed(engine: EngineKind, code: &str, skips: bool) -> Timing {
    let mut computer = computer(engine, code);
    let mut console = Timed { buffers: Buffers::new(b"in"), skips };
    let mut bytes = Vec::new();
    loop {
        match computer.run(&mut console, 10_000_000) {
            Ok(stopped) => {
                assert_eq!(stopped, Stopped::InputEnded);
                assert_eq!(computer.flash().errors(), []);
                return (bytes, computer.cycles());
            }
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::Interrupted);
                bytes.extend(console.buffers.output.last().map(|byte| (computer.cycles(), *byte)));
            }
        }
    }
}

#[test]
fn what_is_skipped_and_what_is_run_comes_out_in_the_same_cycles() {
    for core in [String::new(), start_core()] {
        let mut code = start() + &core;
        for cycles in [30_000, 300, 20_001, 12_345] {
            code += &arm(cycles);
            code += "wfi\n";
            for read in [
                format!("lw t0, {}(a1)", timer::TIME_LOW),
                "csrr t0, mcycle".into(),
                format!("lw t0, {}(a0)", core::CYCLES_LOW),
                format!("lw t0, {}(a2)", uart::DATA),
            ] {
                code += &format!(
                    "{read}\nsw t0, {data}(a2)\nsrli t0, t0, 8\nsw t0, {data}(a2)\n",
                    data = uart::DATA
                );
            }
        }
        code += &disarm();
        code += "sleeps:\nwfi\nj sleeps";
        let expected = timed(EngineKind::Verilator, &code, false);
        assert_eq!(expected.0.len(), 4 * 8);
        assert_eq!(timed(EngineKind::Verilator, &code, true), expected, "Verilator, skipped");
        assert_eq!(timed(EngineKind::Rust, &code, true), expected, "the rust engine, skipped");
    }
}

/// Sends bytes to the flash, with the address of its registers in a3; the last byte that comes back is in t0.
fn flash_command(name: &str, bytes: &[u8]) -> String {
    use map::flash::{control, status, CONTROL, DATA, STATUS};
    let (hold, select) = (1 << control::HOLD, 1 << control::SELECT);
    let mut code = format!("li t0, {}\nsw t0, {CONTROL}(a3)\n", hold | select);
    for (number, byte) in bytes.iter().enumerate() {
        code += &format!(
            "li t0, {byte}
            sw t0, {DATA}(a3)
            {name}_{number}:
            lw t0, {STATUS}(a3)
            andi t0, t0, {busy}
            bnez t0, {name}_{number}
            ",
            busy = 1 << status::BUSY
        );
    }
    code + &format!("li t1, {hold}\nlw t0, {DATA}(a3)\nsw t1, {CONTROL}(a3)\n")
}

/// Code that copies other code to the RAM and goes on there.
fn in_ram(code: &str) -> String {
    let copy = |bytes: u32| {
        format!(
            "li t0, {}
            li t1, 256
            li t3, {bytes}
            add t3, t3, t1
            copies:
            lw t2, 0(t0)
            sw t2, 0(t1)
            addi t0, t0, 4
            addi t1, t1, 4
            bne t1, t3, copies
            li t1, 256
            jr t1
            ",
            FLASH + FIRMWARE + 4 * COPY_WORDS as u32
        )
    };
    const COPY_WORDS: usize = 15;
    assert_eq!(assemble(&copy(0)).len(), COPY_WORDS);
    copy(4 * assemble(code).len() as u32) + code
}

#[test]
fn the_flash_is_as_long_busy_as_if_all_was_run() {
    use map::flash::{control, status, BASE, CONTROL, STATUS};
    use map::w25q32::{READ_STATUS, SECTOR_ERASE, WRITE_ENABLE};
    let print = |register: &str| format!("sw {register}, {}(a2)\n", uart::DATA);
    let nap = |milliseconds: u32| arm(CLOCK_HZ / 1000 * milliseconds) + "wfi\n";
    let erase = start()
        + &format!(
            "li a3, {BASE}
            li t0, {}
            sw t0, {CONTROL}(a3)
            waits:
            lw t0, {STATUS}(a3)
            andi t0, t0, {}
            beqz t0, waits
            ",
            1 << control::HOLD,
            1 << status::OWNED
        )
        + &flash_command("enable", &[WRITE_ENABLE])
        // The last sector: typically 45 ms.
        + &flash_command("erase", &[SECTOR_ERASE, 0x3F, 0xF0, 0x00]);
    let sleeps = disarm() + "sleeps:\nwfi\nj sleeps";
    let held = erase.clone()
        + &nap(20)
        + &flash_command("first", &[READ_STATUS, 0])
        + &print("t0")
        + &nap(30)
        + &flash_command("second", &[READ_STATUS, 0])
        + &print("t0")
        + &sleeps;
    // The controller asks the flash all the time whether it is still busy.
    let given_back = erase
        + &format!("sw zero, {CONTROL}(a3)\n")
        + &nap(20)
        + &format!("li t0, {}\nlw t0, 0(t0)\n", FLASH + map::FLASH_BYTES - 4)
        + &print("t0")
        + &sleeps;
    for (code, output) in [(held, vec![3, 0]), (given_back, vec![0xFF])] {
        let expected = timed(EngineKind::Verilator, &in_ram(&code), false);
        assert_eq!(expected.0.iter().map(|(_, byte)| *byte).collect::<Vec<_>>(), output);
        assert_eq!(timed(EngineKind::Verilator, &in_ram(&code), true), expected);
    }
}

/// Wakes up for so many alarms, one after the other, and prints `t` for each; prints each byte that it receives, and `e` for the
/// end of the input.
fn alarms(start_core: &str, cycles: u32, times: u32) -> String {
    let interrupts = 1 << map::interrupts::TIMER | 1 << map::interrupts::UART;
    let break_bit = 1 << uart::status::BREAK;
    let received_bit = 1 << uart::status::RECEIVED;
    start()
        + start_core
        + &format!(
            "li t0, {interrupts}
            csrw mie, t0
            li t0, {enable}
            sw t0, {ENABLE}(a2)
            li s0, {times}
            arms:
            {arm}
            sleeps:
            wfi
            lw t0, {STATUS}(a2)
            andi t1, t0, {received_bit}
            bnez t1, receives
            andi t1, t0, {break_bit}
            bnez t1, ends
            csrr t1, mip
            andi t1, t1, {timer}
            beqz t1, sleeps
            li t0, 0x74
            sw t0, {DATA}(a2)
            addi s0, s0, -1
            bnez s0, arms
            {disarm}
            j sleeps
            receives:
            lw t0, {DATA}(a2)
            sw t0, {DATA}(a2)
            j sleeps
            ends:
            sw t1, {STATUS}(a2)
            li t0, 0x65
            sw t0, {DATA}(a2)
            j sleeps",
            arm = arm(cycles),
            disarm = disarm(),
            enable = break_bit | received_bit,
            timer = 1 << map::interrupts::TIMER,
            DATA = uart::DATA,
            STATUS = uart::STATUS,
            ENABLE = uart::ENABLE,
        )
}

/// Cycles until an alarm that leaves time for some bytes on the line.
const A_WHILE: u32 = 1_000_000;
/// Far more than anybody would like to simulate.
const LONG: u32 = 1_000_000_000;

/// What comes out with this input in memory, and how it ended.
fn printed(code: &str, input: &[u8]) -> (Stopped, String) {
    let mut computer = computer(EngineKind::Verilator, code);
    let mut console = Buffers::new(input);
    let stopped = computer.run(&mut console, u64::MAX).expect("memory does not fail");
    assert_eq!(computer.flash().errors(), []);
    (stopped, String::from_utf8_lossy(&console.output).into_owned())
}

#[test]
fn what_nobody_waits_for_comes_after_the_alarms() {
    assert_eq!(printed(&alarms("", A_WHILE, 2), b"ab"), (Stopped::InputEnded, "ttabe".into()));
    assert_eq!(printed(&alarms("", LONG, 3), b"ab"), (Stopped::InputEnded, "tttabe".into()));
}

#[test]
fn what_a_program_waits_for_comes_before_the_alarms_and_the_end_after_them() {
    assert_eq!(printed(&alarms(&start_core(), A_WHILE, 2), b"ab"), (Stopped::InputEnded, "abtte".into()));
    assert_eq!(printed(&alarms(&start_core(), LONG, 3), b"ab"), (Stopped::InputEnded, "abttte".into()));
    assert_eq!(printed(&alarms(&start_core(), LONG, 1), b""), (Stopped::InputEnded, "te".into()));
}

#[test]
fn an_alarm_that_wakes_nobody_is_none() {
    let sleeps = "sleeps:\nwfi\nj sleeps";
    let masked = start() + "csrw mie, zero\n" + &arm(LONG) + sleeps;
    let far = start() + &format!("sw zero, {}(a1)\n", timer::COMPARE_LOW) + sleeps;
    for code in [masked, far] {
        let mut computer = computer(EngineKind::Verilator, &code);
        let stopped = computer.run(&mut Buffers::new(b"a"), u64::MAX).expect("memory does not fail");
        assert_eq!(stopped, Stopped::InputEnded);
        assert!(computer.cycles() < 1_000_000, "{} cycles", computer.cycles());
    }
}

#[test]
fn nothing_is_skipped_beyond_the_limit() {
    let code = alarms("", LONG, 3);
    for limit in [10_000, 123_456_789, 1_999_999_999] {
        let mut computer = computer(EngineKind::Verilator, &code);
        let mut console = Buffers::new(b"");
        assert_eq!(computer.run(&mut console, limit).expect("memory does not fail"), Stopped::CycleLimit);
        assert_eq!(computer.cycles(), limit);
        assert_eq!(console.output.len() as u64, limit / u64::from(LONG), "alarms until {limit}");
    }
}

/// What a wait is to give, and what it was asked.
#[derive(Default)]
struct Scripted {
    /// Last first.
    waits: Vec<Waited>,
    asked: Vec<(Duration, bool)>,
    output: Vec<u8>,
}

impl Console for Scripted {
    fn next(&mut self) -> io::Result<Next> {
        Ok(Next::Quit)
    }

    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        self.asked.push((most, wanted));
        Ok(self.waits.pop().unwrap_or(Waited { passed: most, next: None }))
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.output.push(byte);
        Ok(())
    }
}

#[test]
fn a_byte_comes_when_so_much_time_has_passed() {
    let second = Duration::from_secs(1);
    for core in [String::new(), start_core()] {
        let mut computer = computer(EngineKind::Verilator, &alarms(&core, 10 * CLOCK_HZ, 1));
        let mut console = Scripted {
            waits: vec![
                // More than the alarm leaves: not all of it passes.
                Waited { passed: 9 * second, next: Some(Next::Byte(b'b')) },
                Waited { passed: 2 * second, next: Some(Next::Byte(b'a')) },
                Waited { passed: second, next: None },
            ],
            ..Scripted::default()
        };
        let stopped = computer.run(&mut console, u64::MAX).expect("it never fails");
        assert_eq!((stopped, &*console.output), (Stopped::Quit, &b"atb"[..]));
        let near = |most: Duration, seconds: u32| {
            let distance = most.abs_diff(seconds * second);
            assert!(distance < second / 100, "{most:?} is not {seconds} s");
        };
        assert_eq!(console.asked.len(), 3, "{:?}", console.asked);
        for ((most, wanted), seconds) in console.asked.iter().zip([10, 9, 7]) {
            near(*most, seconds);
            assert_eq!(*wanted, !core.is_empty());
        }
        near(Duration::from_nanos(computer.cycles() * CYCLE_NS), 10);
    }
}

/// A pseudo-terminal that is left when the machine has answered so many bytes.
struct Answers {
    pty: Pty,
    left: u32,
}

impl Console for Answers {
    fn next(&mut self) -> io::Result<Next> {
        Ok(if self.left == 0 { Next::Quit } else { self.pty.next()? })
    }

    fn poll(&mut self) -> io::Result<Option<u8>> {
        self.pty.poll()
    }

    fn wait(&mut self, most: Duration, wanted: bool) -> io::Result<Waited> {
        self.pty.wait(most, wanted)
    }

    fn wants_to_quit(&mut self) -> bool {
        self.pty.wants_to_quit()
    }

    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.left = self.left.saturating_sub(1);
        self.pty.put(byte)
    }
}

#[test]
fn at_a_terminal_the_alarm_is_no_earlier_than_on_a_clock() {
    let alarm = Duration::from_millis(120);
    let cycles = (alarm.as_nanos() as u64 / CYCLE_NS) as u32;
    let mut computer = computer(EngineKind::Verilator, &alarms("", cycles, 1));
    let pty = Pty::open().expect("a pseudo-terminal");
    let mut terminal = OpenOptions::new().read(true).write(true).open(pty.path()).expect("there");
    // Nobody waits for it, and it comes at once.
    terminal.write_all(b"x").expect("open");
    let start = Instant::now();
    let stopped = computer.run(&mut Answers { pty, left: 2 }, u64::MAX).expect("the line is there");
    assert!(start.elapsed() >= alarm, "{:?}", start.elapsed());
    assert_eq!(stopped, Stopped::Quit);
    let mut bytes = [0; 2];
    terminal.read_exact(&mut bytes).expect("open");
    assert_eq!(&bytes, b"xt");
}
