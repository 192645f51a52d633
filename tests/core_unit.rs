//! The core as a device: programs out of the flash, stopped, saved, restored, gone on with.
//!
//! The test is the firmware here: it has the device's registers, and nothing else. The words come when they come.

use hdl::system::core_unit::{CoreUnit, WORD_ADDRESS_BITS};
use images::image::Image;
use images::machine::{Fault, Stop, BOARD};
use images::words::WordMachine;
use map::core::{self, control, mode, status};
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng};
use rust_hdl::prelude::*;
use std::collections::VecDeque;
use tests::programs::{case, config, Case};

type Unit = CoreUnit<12, 13, WORD_ADDRESS_BITS, 8, 9>;

/// Words after which a random program is given up.
const WORDS: u64 = 1_000;
/// The program's place in flash, in words: anywhere.
const PLACE: u32 = 0x12345;

/// The unit, with a flash whose words come in the next cycle or later.
struct Bench {
    unit: Unit,
    words: Vec<u16>,
    random: TestRng,
    /// One in so many words is late; 0 for none.
    late: u32,
    wanted: u32,
    ready: bool,
    cycles: u64,
    /// What the program has printed.
    output: Vec<u8>,
    /// The line is the core's, and this is still to come: bytes pass when they pass.
    line: Option<VecDeque<u8>>,
}

fn used(mut cells: Vec<u8>) -> Vec<u8> {
    while cells.last() == Some(&0) {
        cells.pop();
    }
    cells
}

/// What a program has done.
#[derive(Debug, PartialEq)]
struct Seen {
    stop: String,
    output: Vec<u8>,
    cells: Vec<u8>,
}

impl Bench {
    fn new(words: &[u16], late: u32) -> Bench {
        let mut unit = Unit::default();
        unit.connect_all();
        assert!(simulate(&mut unit, 50));
        let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
        let mut bench = Bench {
            unit,
            words: words.to_vec(),
            random,
            late,
            wanted: 0,
            ready: false,
            cycles: 0,
            output: Vec::new(),
            line: None,
        };
        bench.unit.reset.next = true;
        bench.cycle();
        bench.unit.reset.next = false;
        bench.write(core::PROGRAM, map::FLASH + 2 * PLACE);
        bench.write(core::LENGTH, words.len() as u32);
        bench
    }

    /// One cycle. What the data output and the cells' data were in it, if those are there.
    fn cycle(&mut self) -> (u32, Option<u32>) {
        let word = self.wanted.checked_sub(PLACE).and_then(|at| self.words.get(at as usize));
        // What is behind the program would do harm.
        self.unit.fetch_word.next = u64::from(word.copied().unwrap_or(0x5555)).into();
        self.unit.fetch_ready.next = self.ready;
        let next = self.line.as_ref().and_then(|line| line.front().copied());
        self.unit.line_room.next = self.line.is_some() && self.random.next_u32() % 3 != 0;
        self.unit.line_valid.next = next.is_some() && self.random.next_u32() % 3 != 0;
        self.unit.line_in.next = u64::from(next.unwrap_or(0xEE)).into();
        self.unit.clock.next = false.into();
        assert!(simulate(&mut self.unit, 50));
        if self.unit.line_send.val() {
            self.output.push(self.unit.line_out.val().to_u8());
        }
        if self.unit.line_take.val() {
            self.line.as_mut().and_then(VecDeque::pop_front).expect("it takes what there is");
        }
        let data = self.unit.data_out.val().to_u32();
        let cells = self.unit.cell_ready.val().then(|| self.unit.cell_data.val().to_u32());
        let in_time = self.late == 0 || self.random.next_u32() % self.late != 0;
        if self.unit.fetch_request.val() {
            self.wanted = self.unit.fetch_address.val().to_u32();
            self.ready = in_time;
        } else {
            self.ready |= in_time;
        }
        self.unit.clock.next = true.into();
        assert!(simulate(&mut self.unit, 50));
        self.cycles += 1;
        (data, cells)
    }

    fn write(&mut self, offset: u32, value: u32) {
        self.unit.number.next = u64::from(offset / 4).into();
        self.unit.data_in.next = u64::from(value).into();
        self.unit.write.next = true;
        self.cycle();
        self.unit.write.next = false;
        // It is done in the next one.
        self.cycle();
    }

    fn read(&mut self, offset: u32) -> u32 {
        self.unit.number.next = u64::from(offset / 4).into();
        self.unit.read.next = true;
        let (data, _) = self.cycle();
        self.unit.read.next = false;
        data
    }

    fn has(&mut self, bit: u32) -> bool {
        self.read(core::STATUS) >> bit & 1 != 0
    }

    /// A word of cells.
    fn access(&mut self, address: u32, mask: u32, value: u32) -> u32 {
        self.unit.cell_address.next = u64::from(address).into();
        self.unit.cell_mask.next = u64::from(mask).into();
        self.unit.data_in.next = u64::from(value).into();
        self.unit.cell_request.next = true;
        self.cycle();
        self.unit.cell_request.next = false;
        let answer = (0..10).find_map(|_| self.cycle().1);
        answer.expect("the window answers")
    }

    /// All cells but the zeros behind the last one that is none: a failing test must fit on a screen.
    fn used_cells(&mut self) -> Vec<u8> {
        used(self.cells())
    }

    fn cells(&mut self) -> Vec<u8> {
        (0..BOARD.cells).step_by(4).flat_map(|address| self.access(address, 0, 0).to_le_bytes()).collect()
    }

    fn set_cells(&mut self, cells: &[u8]) {
        for (number, bytes) in cells.chunks(4).enumerate() {
            let mut word = [0; 4];
            word[..bytes.len()].copy_from_slice(bytes);
            self.access(4 * number as u32, (1 << bytes.len()) - 1, u32::from_le_bytes(word));
        }
    }

    fn take_output(&mut self) {
        if self.line.is_none() && self.has(status::OUTPUT) {
            let byte = self.read(core::OUTPUT) as u8;
            self.output.push(byte);
        }
    }

    fn stop(&mut self) {
        self.write(core::CONTROL, 1 << control::STOP);
        for _ in 0..1000 {
            self.take_output();
            if !self.has(status::RUNNING) {
                self.take_output();
                return;
            }
        }
        panic!("the core does not stop");
    }
}

/// Everything that a stopped program is, but the cells.
#[derive(Debug)]
struct Saved {
    position: u32,
    pointer: u32,
    mode: u32,
    /// The innermost first.
    loops: Vec<u32>,
    /// A byte of input that it has not read.
    pending: Option<u8>,
}

fn save(bench: &mut Bench) -> Saved {
    let depth = bench.read(core::DEPTH);
    let mut loops = Vec::new();
    for _ in 0..depth {
        loops.push(bench.read(core::LOOP));
        bench.write(core::CLOSE, 0);
        bench.cycle();
    }
    assert_eq!(bench.read(core::DEPTH), 0);
    Saved {
        position: bench.read(core::POSITION),
        pointer: bench.read(core::POINTER),
        mode: bench.read(core::MODE),
        pending: bench.has(status::PENDING).then(|| bench.read(core::INPUT) as u8),
        loops,
    }
}

fn restore(bench: &mut Bench, saved: &Saved) {
    for first in saved.loops.iter().rev() {
        bench.write(core::LOOP, *first);
    }
    bench.write(core::POSITION, saved.position);
    bench.write(core::POINTER, saved.pointer);
    bench.write(core::MODE, saved.mode);
    if let Some(byte) = saved.pending {
        bench.write(core::INPUT, byte.into());
    }
}

/// What a test does to a program while it runs.
trait Disturb {
    /// Called again and again.
    fn disturb(&mut self, bench: &mut Bench);
}

struct Leave;

impl Disturb for Leave {
    fn disturb(&mut self, _: &mut Bench) {}
}

/// Runs until the program stops by itself. `None` if it takes too long.
fn run(bench: &mut Bench, case: &Case, start: u32, disturb: &mut dyn Disturb) -> Option<Seen> {
    let mut input = case.input.iter().copied().filter(|_| bench.line.is_none()).collect::<VecDeque<u8>>();
    let mut idle = 0;
    bench.write(core::CONTROL, 1 << start);
    let stop = loop {
        // What a disturbance takes is not the program's.
        let cycles = bench.cycles;
        disturb.disturb(bench);
        bench.cycles = cycles;
        bench.take_output();
        let now = bench.read(core::STATUS);
        if now >> status::FAULT & 1 != 0 {
            let fault = Fault::from_code((now >> status::FAULT_CODE & 7) as u8).expect("a fault");
            let at = u64::from(bench.read(core::POSITION));
            let cell = bench.read(core::POINTER);
            break format!("{:?}", Stop::Fault { fault, at, cell });
        }
        if now >> status::HALTED & 1 != 0 {
            break format!("{:?}", Stop::Halted);
        }
        if now >> status::INPUT & 1 != 0 {
            match input.pop_front() {
                Some(byte) => {
                    bench.write(core::INPUT, u32::from(byte));
                    idle = 0;
                }
                // The line had no byte in this very cycle.
                None if bench.line.as_ref().is_some_and(|line| !line.is_empty()) => {}
                None => {
                    let old = bench.read(core::MODE);
                    bench.write(core::MODE, old | 1 << mode::END);
                    idle += 1;
                    // In all modes but one the core goes on.
                    if idle > 30 {
                        break format!("{:?}", Stop::InputEnded);
                    }
                }
            }
        } else {
            idle = 0;
        }
        if bench.cycles > 100 * WORDS {
            return None;
        }
    };
    if stop.contains("InputEnded") {
        bench.stop();
    }
    bench.take_output();
    Some(Seen { stop, output: bench.output.clone(), cells: bench.used_cells() })
}

fn expected(case: &Case, words: &[u16]) -> Option<Seen> {
    let mut machine = WordMachine::new(BOARD, &case.input);
    machine.cells[..case.cells.len()].copy_from_slice(&case.cells);
    let stop = machine.run(words, WORDS);
    (stop != Stop::Limit).then(|| Seen {
        stop: format!("{stop:?}"),
        output: machine.output,
        cells: used(machine.cells),
    })
}

fn image(case: &Case) -> Image {
    let mut image = Image::from_text(case.text.as_bytes()).expect("encodes");
    image.set_end_of_input(case.mode);
    image
}

/// Stops now and then, and goes on: at once, or after the machine has done something else.
struct Interrupt {
    random: TestRng,
    every: u32,
}

impl Disturb for Interrupt {
    fn disturb(&mut self, bench: &mut Bench) {
        if self.random.next_u32() % self.every != 0 || !bench.has(status::RUNNING) {
            return;
        }
        for _ in 0..self.random.next_u32() % 4 {
            bench.cycle();
        }
        bench.stop();
        if bench.has(status::HALTED) || bench.has(status::FAULT) {
            return;
        }
        if self.random.next_u32() % 16 == 0 {
            let saved = save(bench);
            let cells = bench.cells();
            bench.write(core::CONTROL, 1 << control::CLEAR);
            // Another program comes in between.
            let (line, output) = (bench.line.take(), bench.output.clone());
            bench.set_cells(&[7; 40]);
            bench.write(core::POSITION, saved.position);
            bench.write(core::CONTROL, 1 << control::STEP);
            bench.stop();
            bench.write(core::CONTROL, 1 << control::CLEAR);
            (bench.line, bench.output) = (line, output);
            bench.set_cells(&cells);
            restore(bench, &saved);
        }
        bench.write(core::CONTROL, 1 << control::START);
    }
}

/// Goes on word by word.
struct Steps;

impl Disturb for Steps {
    fn disturb(&mut self, bench: &mut Bench) {
        let over = 1 << status::RUNNING | 1 << status::HALTED | 1 << status::FAULT;
        if bench.read(core::STATUS) & over == 0 {
            bench.write(core::CONTROL, 1 << control::STEP);
        }
    }
}

/// No word is late, or one in so many.
fn late() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), 2..5u32]
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn a_program_in_flash_does_what_its_words_do(case in case(), late in late()) {
        let image = image(&case);
        if let Some(expected) = expected(&case, &image.words) {
            let mut bench = Bench::new(&image.words, late);
            bench.set_cells(&case.cells);
            let seen = run(&mut bench, &case, control::START, &mut Leave);
            prop_assert_eq!(seen, Some(expected), "{}", case.text);
        }
    }

    #[test]
    fn stopped_saved_and_restored_anywhere_it_goes_on(case in case(), late in late(), every in 5..60u32) {
        let image = image(&case);
        if let Some(expected) = expected(&case, &image.words) {
            let mut bench = Bench::new(&image.words, late);
            bench.set_cells(&case.cells);
            let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let seen = run(&mut bench, &case, control::START, &mut Interrupt { random, every });
            prop_assert_eq!(seen, Some(expected), "{}", case.text);
        }
    }

    #[test]
    fn with_the_line_as_its_own_it_does_the_same(case in case(), late in late(), every in 5..60u32) {
        let image = image(&case);
        if let Some(expected) = expected(&case, &image.words) {
            let mut bench = Bench::new(&image.words, late);
            bench.set_cells(&case.cells);
            bench.line = Some(case.input.iter().copied().collect());
            let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let seen = run(&mut bench, &case, control::START, &mut Interrupt { random, every });
            prop_assert_eq!(seen, Some(expected), "{}", case.text);
        }
    }

    #[test]
    fn word_by_word_it_does_the_same_words(case in case(), late in late()) {
        let image = image(&case);
        if expected(&case, &image.words).is_some() {
            let [straight, stepped] =
                [(control::START, &mut Leave as &mut dyn Disturb), (control::STEP, &mut Steps)].map(
                    |(start, disturb)| {
                        let mut bench = Bench::new(&image.words, late);
                        bench.set_cells(&case.cells);
                        let seen = run(&mut bench, &case, start, disturb);
                        (seen, bench.read(core::WORDS_LOW))
                    },
                );
            prop_assert!(straight.0.is_some(), "{}", case.text);
            prop_assert_eq!(stepped, straight, "{}", case.text);
        }
    }
}

/// A program of which the unit knows only the first words.
fn cut_short(text: &str, length: u32) -> (u32, u32, u32) {
    let image = Image::from_text(text.as_bytes()).expect("encodes");
    let mut bench = Bench::new(&image.words, 0);
    bench.write(core::LENGTH, length);
    bench.write(core::CONTROL, 1 << control::START);
    for _ in 0..200 {
        bench.cycle();
    }
    let now = bench.read(core::STATUS);
    (now >> status::FAULT_CODE & 7, bench.read(core::POSITION), bench.read(core::WORDS_LOW))
}

#[test]
fn a_word_behind_the_program_is_a_fault() {
    let end = Fault::ProgramEnd as u32;
    for length in 0..3 {
        assert_eq!(cut_short("+>+>+>+>+", length), (end, length, length));
    }
    // The second word of a loop's begin is missing: already its first is a fault.
    assert_eq!(cut_short("[.]", 1), (end, 0, 0));
    assert_eq!(cut_short("[.]", 2), (end, 4, 1), "the loop is skipped, but there is no halt");
}

#[test]
fn every_cause_interrupts_if_it_is_enabled() {
    let cases = [(".", status::OUTPUT), (",", status::INPUT), ("+", status::HALTED), ("<", status::FAULT)];
    for (text, cause) in cases {
        let image = Image::from_text(text.as_bytes()).expect("encodes");
        for enable in [status::OUTPUT, status::INPUT, status::HALTED, status::FAULT] {
            let mut bench = Bench::new(&image.words, 0);
            bench.write(core::ENABLE, 1 << enable);
            bench.write(core::CONTROL, 1 << control::START);
            let mut interrupted = false;
            for _ in 0..50 {
                bench.cycle();
                interrupted |= bench.unit.interrupt.val();
            }
            // A byte that nobody takes keeps the core from its halt.
            assert_eq!(interrupted, enable == cause, "{text} {enable}");
        }
    }
}

#[test]
fn the_counters_count_and_start_again() {
    let image = Image::from_text(b"+++[>+>+<<-]>[-]+[>]").expect("encodes");
    let mut bench = Bench::new(&image.words, 0);
    bench.write(core::CONTROL, 1 << control::START);
    for _ in 0..100 {
        bench.cycle();
    }
    let (words, cycles) = (bench.read(core::WORDS_LOW), bench.read(core::CYCLES_LOW));
    assert!(words > 5 && cycles > words && cycles < 60, "{words} words, {cycles} cycles");
    assert_eq!(bench.read(core::CYCLES_LOW), cycles, "a stopped core does not count");
    bench.write(core::WORDS_HIGH, 0);
    bench.write(core::CYCLES_LOW, 0);
    assert_eq!((bench.read(core::WORDS_LOW), bench.read(core::CYCLES_LOW)), (0, 0));
}

#[test]
fn it_stops_where_it_waits_for_input_behind_a_loop_without_work() {
    // With nothing to multiply, the words of the loop move off the tape.
    let image = Image::from_text(b"[-<<+>>],").expect("encodes");
    let mut bench = Bench::new(&image.words, 0);
    bench.write(core::CONTROL, 1 << control::START);
    assert!((0..50).any(|_| bench.has(status::INPUT)), "it waits for input");
    bench.stop();
    assert_eq!((bench.has(status::FAULT), bench.read(core::POINTER)), (false, 0));
}

#[test]
fn what_comes_from_the_line_is_told_and_only_what_the_program_waits_for_comes() {
    let image = Image::from_text(b",>").expect("encodes");
    let mut bench = Bench::new(&image.words, 0);
    bench.write(core::ENABLE, 1 << status::FED);
    bench.write(core::CONTROL, 1 << control::START);
    for _ in 0..50 {
        bench.cycle();
        assert!(!bench.unit.interrupt.val());
    }
    bench.line = Some(VecDeque::from([7, 8]));
    for _ in 0..50 {
        bench.cycle();
    }
    assert_eq!(bench.line, Some(VecDeque::from([8])), "the program has ended");
    assert!(bench.unit.interrupt.val() && bench.has(status::FED));
    assert_eq!(bench.read(core::INPUT), 7);
    bench.write(core::STATUS, 1 << status::FED);
    bench.cycle();
    assert!(!bench.unit.interrupt.val() && !bench.has(status::FED));
}
