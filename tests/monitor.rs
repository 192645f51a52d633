//! The firmware on an independent RV32I with a board of a few lines around it: what is typed, what is printed.
//!
//! Time is instructions here. The hardware with the same firmware is for the tests of the board.

use std::collections::VecDeque;

use hdl::companion::csr;
use images::image::Image;
use images::isa::{Op, Word};
use images::machine::{EndOfInput, Stop, BOARD};
use images::words::WordMachine;
use map::{board, core, uart};
use proptest::prelude::*;
use rrs_lib::instruction_executor::{InstructionException, InstructionExecutor};
use rrs_lib::{HartState, MemAccessSize, Memory};
use tests::compressed::expanded;
use tests::hart::shorten;
use tests::MONITOR;

/// Something wrong with a memory.
#[derive(Clone, Copy)]
enum Defect {
    /// The byte at this address has its lowest bit at 0 for ever.
    Stuck(u32),
    /// This address is the other one too.
    Alias(u32, u32),
}

/// The Brainfuck core. After each byte of input it runs its program again from the first word.
#[derive(Default)]
struct Core {
    program: u32,
    length: u32,
    words: Vec<u16>,
    input: Vec<u8>,
    ended: bool,
    output: VecDeque<u8>,
    taken: usize,
    stop: Option<Stop>,
    position: u32,
    pointer: u32,
}

impl Core {
    fn execute(&mut self) {
        let word = |&bits: &u16| match Word::decode(bits) {
            // Until the end of the input the mode must not matter: what is missing is to come.
            Some(Word { step: 0, op: Op::Mode(_) }) if !self.ended => Word::NOTHING.encode(),
            _ => bits,
        };
        let words: Vec<u16> = self.words.iter().map(word).collect();
        let mut machine = WordMachine::new(BOARD, &self.input);
        self.stop = Some(machine.run(&words, 100_000));
        self.output = machine.output[self.taken..].iter().copied().collect();
        (self.position, self.pointer) = (machine.next, machine.pointer as u32);
    }

    fn mode(&self) -> EndOfInput {
        match self.words.first().copied().and_then(Word::decode) {
            Some(Word { op: Op::Mode(mode), .. }) => mode,
            _ => EndOfInput::Wait,
        }
    }

    fn status(&self) -> u32 {
        if !self.output.is_empty() {
            return 1 << core::status::OUTPUT | 1 << core::status::RUNNING;
        }
        match self.stop {
            None => 0,
            Some(Stop::Halted) => 1 << core::status::HALTED,
            Some(Stop::Fault { fault, .. }) => {
                1 << core::status::FAULT | (fault as u32) << core::status::FAULT_CODE
            }
            Some(Stop::InputEnded) => 1 << core::status::INPUT | 1 << core::status::RUNNING,
            Some(Stop::Limit) => 1 << core::status::RUNNING,
        }
    }

    fn read(&mut self, register: u32) -> u32 {
        match register {
            core::STATUS => self.status(),
            core::OUTPUT => {
                self.taken += usize::from(!self.output.is_empty());
                self.output.pop_front().map_or(0, u32::from)
            }
            core::MODE => self.mode() as u32 | u32::from(self.ended) << core::mode::END,
            core::POSITION => self.position,
            core::POINTER => self.pointer,
            _ => 0,
        }
    }

    fn write(&mut self, register: u32, value: u32, flash: &[u8]) {
        match register {
            core::CONTROL if value == 1 << core::control::CLEAR => {
                *self = Core { program: self.program, length: self.length, ..Core::default() };
            }
            core::CONTROL if value == 1 << core::control::START => {
                let begin = (self.program - map::FLASH) as usize;
                let bytes = &flash[begin..begin + 2 * self.length as usize];
                self.words = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
                self.execute();
            }
            core::PROGRAM => self.program = value,
            core::LENGTH => self.length = value,
            core::INPUT => {
                assert_eq!(self.stop, Some(Stop::InputEnded), "input only when it is wanted");
                self.input.push(value as u8);
                self.execute();
            }
            core::MODE => {
                assert_eq!(value, self.mode() as u32 | 1 << core::mode::END, "the mode is the program's");
                self.ended = true;
                self.execute();
            }
            _ => panic!("the firmware has no business with register {register:x} of the core"),
        }
    }
}

/// Everything on the bus.
struct Devices {
    flash: Vec<u8>,
    ram: Vec<u8>,
    cells: Vec<u8>,
    defect: Option<Defect>,
    typed: VecDeque<u8>,
    /// Error bits of the UART's status.
    errors: u32,
    printed: Vec<u8>,
    /// Reads of the UART's status since something has happened.
    polls: u32,
    core: Core,
    leds: u32,
    reset: bool,
    /// What is read next, in place of what is there: an instruction, as rrs-lib knows it.
    fetched: Option<u32>,
}

impl Devices {
    /// The memory that an address is in, and where.
    fn memory(&mut self, address: u32) -> Option<(&mut Vec<u8>, usize)> {
        let address = match self.defect {
            Some(Defect::Alias(from, to)) if address & !3 == from => to | address & 3,
            _ => address,
        };
        let place = |base: u32, memory: &[u8]| {
            let offset = address.checked_sub(base)? as usize;
            (offset < memory.len()).then_some(offset)
        };
        if let Some(offset) = place(map::RAM, &self.ram) {
            return Some((&mut self.ram, offset));
        }
        place(map::CELLS, &self.cells).map(|offset| (&mut self.cells, offset))
    }

    fn read_register(&mut self, address: u32) -> Option<u32> {
        Some(match (address & !0xFF, address & 0xFF) {
            (board::BASE, board::LEDS) => self.leds,
            (uart::BASE, uart::DATA) => {
                self.polls = 0;
                self.typed.pop_front().map_or(0, u32::from)
            }
            (uart::BASE, uart::STATUS) => {
                self.polls += 1;
                self.errors
                    | u32::from(!self.typed.is_empty()) << uart::status::RECEIVED
                    | 1 << uart::status::ROOM
                    | 1 << uart::status::SENT
            }
            (core::BASE, register) => self.core.read(register),
            _ => return None,
        })
    }

    fn write_register(&mut self, address: u32, value: u32) -> Option<()> {
        let register = (address & !0xFF, address & 0xFF);
        // Before it sleeps the firmware says what it waits for.
        if matches!(register, (uart::BASE, uart::ENABLE) | (core::BASE, core::ENABLE)) {
            return Some(());
        }
        self.polls = 0;
        match register {
            (board::BASE, board::LEDS) => self.leds = value & 0xFF,
            (board::BASE, board::RESET) => self.reset = true,
            (uart::BASE, uart::DATA) => self.printed.push(value as u8),
            (uart::BASE, uart::STATUS) => self.errors &= !value,
            (core::BASE, register) => self.core.write(register, value, &self.flash),
            _ => return None,
        }
        Some(())
    }
}

impl Memory for Devices {
    fn read_mem(&mut self, address: u32, size: MemAccessSize) -> Option<u32> {
        if let Some(instruction) = self.fetched.take() {
            return Some(instruction);
        }
        let bytes = match size {
            MemAccessSize::Byte => 1,
            MemAccessSize::HalfWord => 2,
            MemAccessSize::Word => 4,
        };
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
        if let Some((memory, offset)) = self.memory(address) {
            return memory.get(offset..offset + bytes).map(number);
        }
        if (map::FLASH..map::FLASH + map::FLASH_BYTES).contains(&address) {
            let offset = (address - map::FLASH) as usize;
            return self.flash.get(offset..offset + bytes).map(number);
        }
        self.read_register(address)
    }

    fn write_mem(&mut self, address: u32, size: MemAccessSize, data: u32) -> bool {
        let bytes = match size {
            MemAccessSize::Byte => 1,
            MemAccessSize::HalfWord => 2,
            MemAccessSize::Word => 4,
        };
        let defect = self.defect;
        if let Some((memory, offset)) = self.memory(address) {
            memory[offset..offset + bytes].copy_from_slice(&data.to_le_bytes()[..bytes]);
            if let Some(Defect::Stuck(at)) = defect {
                if (address..address + bytes as u32).contains(&at) {
                    memory[offset + (at - address) as usize] &= !1;
                }
            }
            return true;
        }
        self.write_register(address, data).is_some()
    }
}

const MSTATUS: usize = 0x300;
const MISA: usize = 0x301;
const MTVEC: usize = 0x305;
const MEPC: usize = 0x341;
const MCAUSE: usize = 0x342;
const MTVAL: usize = 0x343;

/// The board.
struct Machine {
    hart: HartState,
    csrs: Vec<u32>,
    devices: Devices,
    /// The lowest that the firmware's stack pointer has been.
    stack: u32,
    instructions: u64,
}

impl Machine {
    /// Switched on, nothing executed.
    fn new(file: &[u8]) -> Machine {
        let mut flash = vec![0xFF; map::FLASH_BYTES as usize];
        flash[map::FIRMWARE as usize..][..MONITOR.len()].copy_from_slice(&MONITOR);
        flash[map::FILES as usize..][..file.len()].copy_from_slice(file);
        let pattern = |bytes: u32| (0..bytes).map(|index| ((index * index) >> 3) as u8).collect();
        let mut hart = HartState::new();
        hart.pc = map::FLASH + map::FIRMWARE;
        // As nothing else would set them.
        hart.registers[1..].fill(0xDEAD_BEEF);
        Machine {
            hart,
            csrs: vec![0; 4096],
            devices: Devices {
                flash,
                ram: pattern(map::RAM_BYTES),
                cells: pattern(BOARD.cells),
                defect: None,
                typed: VecDeque::new(),
                errors: 0,
                printed: Vec::new(),
                polls: 0,
                core: Core::default(),
                leds: 0,
                reset: false,
                fetched: None,
            },
            stack: map::RAM_BYTES,
            instructions: 0,
        }
    }

    /// At the prompt, with this image file in the flash.
    fn at_prompt(file: &[u8]) -> Machine {
        let mut machine = Machine::new(file);
        let printed = machine.idle();
        assert!(printed.ends_with("\r\n> "), "{printed:?}");
        machine
    }

    /// The instruction at an address, in its long form, and how many bytes it has.
    fn fetch(&mut self, pc: u32) -> Option<(u32, u32)> {
        let is_compressed = self.csrs[MISA] & csr::COMPRESSED != 0;
        if pc % 2 != 0 || pc % 4 != 0 && !is_compressed {
            return None;
        }
        let low = self.devices.read_mem(pc, MemAccessSize::HalfWord)?;
        if is_compressed && low & 3 != 3 {
            return Some((expanded(low as u16), 2));
        }
        let high = self.devices.read_mem(pc + 2, MemAccessSize::HalfWord)?;
        Some((high << 16 | low, 4))
    }

    fn step(&mut self) {
        self.instructions += 1;
        let pc = self.hart.pc;
        let (word, bytes) = match self.fetch(pc) {
            Some((word, bytes)) => (Some(word), bytes),
            None => (None, 4),
        };
        let registers = self.hart.registers;
        let cause = match word {
            Some(0x73) => Some((11, 0)),
            Some(0x0010_0073) => Some((3, 0)),
            // There is always something to wake it.
            Some(0x1050_0073) => {
                self.hart.pc += 4;
                None
            }
            Some(word) if word & 3 != 3 => Some((2, word)),
            Some(word) if word & 0x7F == 0x73 => {
                // csrrw and csrrs with a register.
                let (number, source, target) =
                    (word as usize >> 20, word as usize >> 15 & 31, word as usize >> 7 & 31);
                let (before, operand) = (self.csrs[number], self.hart.registers[source]);
                self.csrs[number] = match word >> 12 & 7 {
                    1 => operand,
                    2 => before | operand,
                    6 => before | source as u32,
                    function => panic!("teach this test the function {function} of {word:08x}"),
                };
                if target != 0 {
                    self.hart.registers[target] = before;
                }
                self.hart.pc += 4;
                None
            }
            None => Some((1, pc)),
            _ => {
                self.devices.fetched = word;
                InstructionExecutor { mem: &mut self.devices, hart_state: &mut self.hart }.step().err().map(
                    |exception| match exception {
                        InstructionException::IllegalInstruction(_, word) => (2, word),
                        InstructionException::FetchError(at) => (1, at),
                        InstructionException::LoadAccessFault(at) => (5, at),
                        InstructionException::StoreAccessFault(at) => (7, at),
                        InstructionException::AlignmentFault(at) => {
                            (if word.is_some_and(|word| word & 0x7F == 0x23) { 6 } else { 4 }, at)
                        }
                    },
                )
            }
        };
        if let (2, None, Some(word)) = (bytes, cause, word) {
            shorten(&mut self.hart, &registers, word);
        }
        if let Some((cause, value)) = cause {
            assert_eq!(self.csrs[MSTATUS], 0, "interrupts stay disabled");
            (self.csrs[MCAUSE], self.csrs[MEPC], self.csrs[MTVAL]) = (cause, pc, value);
            self.hart.pc = self.csrs[MTVEC];
        }
        if pc >= map::FLASH && self.instructions > 10 {
            self.stack = self.stack.min(self.hart.registers[2]);
        }
    }

    /// Runs until the firmware waits for something to be typed, and returns what it has printed.
    fn idle(&mut self) -> String {
        let begin = self.devices.printed.len();
        let limit = self.instructions + 20_000_000;
        self.devices.polls = 0;
        while self.devices.polls < 100 && !self.devices.reset {
            self.step();
            assert!(self.instructions < limit, "it never waits; printed {:?}", self.printed(begin));
        }
        self.printed(begin)
    }

    fn printed(&self, begin: usize) -> String {
        String::from_utf8_lossy(&self.devices.printed[begin..]).into_owned()
    }

    fn type_bytes(&mut self, bytes: &[u8]) -> String {
        self.devices.typed.extend(bytes);
        self.idle()
    }

    /// Types a line: what was printed between its echo and the next prompt, with plain line ends.
    fn line(&mut self, line: &str) -> String {
        let printed = self.type_bytes(format!("{line}\r").as_bytes());
        let answer =
            printed.strip_prefix(&format!("{line}\r\n")).unwrap_or_else(|| panic!("no echo in {printed:?}"));
        let answer = answer.strip_suffix("> ").unwrap_or_else(|| panic!("no prompt after {answer:?}"));
        answer.replace("\r\n", "\n")
    }
}

fn image(text: &str) -> Vec<u8> {
    Image::from_text(text.as_bytes()).expect("a program").to_file()
}

fn image_with(text: &str, mode: EndOfInput) -> Vec<u8> {
    let mut image = Image::from_text(text.as_bytes()).expect("a program");
    image.set_end_of_input(mode);
    image.to_file()
}

const CAT: &str = ",[.,]";

#[test]
fn it_says_hello_at_once_and_tests_the_ram() {
    let mut machine = Machine::new(&[]);
    while machine.devices.printed.is_empty() {
        machine.step();
    }
    // Half of them copy code to RAM, out of the cache. The others are each the first of its time: 80 cycles, as a line of
    // four takes 326 from the flash. 2 ms are 1,250 of those.
    assert!(machine.instructions < 600, "{} instructions to the first byte", machine.instructions);
    let before = machine.devices.ram.clone();
    let printed = machine.idle();
    let printed = format!("\r{printed}");
    let (hello, rest) = printed.split_once("\r\nRAM from ").expect("the test of the RAM");
    assert_eq!(hello, "\r\nBrainFusion monitor");
    let (range, rest) = rest.split_once(": ").expect("the range");
    assert_eq!(rest, "good\r\nno program in the flash; type help\r\n> ");
    let (begin, end) = range.split_once(" to ").expect("two addresses");
    let number = |text| u32::from_str_radix(text, 16).expect("hexadecimal");
    assert!(number(begin) < 0x200 && number(end) > 3000, "{range}");
    let tested = number(begin) as usize..=number(end) as usize;
    assert_eq!(machine.devices.ram[tested.clone()], before[tested], "it keeps its contents");
    let stack = map::RAM_BYTES - machine.stack;
    println!("{} bytes of flash, {stack} bytes of stack", MONITOR.len());
}

#[test]
fn memory_is_shown_and_changed() {
    let mut machine = Machine::at_prompt(&[]);
    machine.devices.ram[0x100..0x10C].copy_from_slice(b"Hello, RAM!\n");
    for (line, answer) in [
        ("peek 100", "6c6c6548\n"),
        ("poke 104 12345678", ""),
        ("peek 0x00000104", "12345678\n"),
        ("  PEEK   104 ", "\"PEEK\" is no command; type help\n"),
        ("  peek   104 ", "12345678\n"),
        ("poke 80000000 AA", ""),
        ("peek 80000000", "000000aa\n"),
        ("peek 0", "02010000\n"),
        ("poke 104 5241206F", ""),
        ("dump 100 3", "00000100  6c6c6548 5241206f 0a214d41  Hello ARAM!.\n"),
        ("dump ffffffff", "words and instructions are at multiples of 4; give such an address\n"),
        ("help\x08\x08\x08\x08", ""),
    ] {
        if line.contains('\x08') {
            machine.type_bytes(line.as_bytes());
            continue;
        }
        if line == "peek 0" {
            let pattern = [0, 1, 2, 3].map(|index: usize| machine.devices.ram[index]);
            assert_eq!(machine.line(line), format!("{:08x}\n", u32::from_le_bytes(pattern)));
            continue;
        }
        assert_eq!(machine.line(line), answer, "{line}");
    }
    assert_eq!(machine.devices.leds, 0xAA);
    let rows = machine.line("dump 20040000");
    assert_eq!(rows.lines().count(), 8);
    for (row, line) in rows.lines().enumerate() {
        let bytes = &MONITOR[row * 16..][..16];
        let words: String = bytes
            .chunks(4)
            .map(|word| format!(" {:08x}", u32::from_le_bytes(word.try_into().unwrap())))
            .collect();
        let text: String =
            bytes.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '.' }).collect();
        assert_eq!(line, format!("{:08x} {words}  {text}", 0x2004_0000 + row * 16));
    }
    assert_eq!(machine.line("dump 0 400").lines().count(), 256);
}

#[test]
fn machine_code_is_called_and_comes_back() {
    let mut machine = Machine::at_prompt(&[]);
    // lui a0, 0x12345; addi a0, a0, 0x678; ret; at an address, then one that destroys what a call may.
    for (address, word) in [(0x200, 0x1234_5537), (0x204, 0x6785_0513), (0x208, 0x0000_8067)] {
        assert_eq!(machine.line(&format!("poke {address:x} {word:x}")), "");
    }
    assert_eq!(machine.line("run 200"), "a0 = 12345678\n");
    let temporaries = [5u32, 6, 7, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31];
    let code = temporaries.map(|register| 0xFFF0_0013 | register << 7).into_iter().chain([0x0000_8067]);
    for (index, word) in code.enumerate() {
        machine.line(&format!("poke {:x} {word:x}", 0x200 + 4 * index));
    }
    machine.line("run 200");
    assert_eq!(machine.line("peek 200"), "fff00293\n");
}

#[test]
fn every_complaint_says_what_to_do_next() {
    let mut machine = Machine::at_prompt(&[]);
    for (line, answer) in [
        ("", ""),
        ("   ", ""),
        ("foo", "\"foo\" is no command; type help\n"),
        ("pee", "\"pee\" is no command; type help\n"),
        ("peekk 0", "\"peekk\" is no command; type help\n"),
        ("peek", "type: peek ADDR\n"),
        ("peek 0 0", "type: peek ADDR\n"),
        ("peek 0 0 0 0 0", "type: peek ADDR\n"),
        ("poke 0", "type: poke ADDR WORD\n"),
        ("dump", "type: dump ADDR [COUNT]\n"),
        ("bf 1 2", "type: bf [ADDR]\n"),
        ("help me", "\"me\" is no number of up to 8 hexadecimal digits; type one like 80000100\n"),
        (
            "peek 123456789",
            "\"123456789\" is no number of up to 8 hexadecimal digits; type one like 80000100\n",
        ),
        ("peek 0x", "\"0x\" is no number of up to 8 hexadecimal digits; type one like 80000100\n"),
        ("peek -4", "\"-4\" is no number of up to 8 hexadecimal digits; type one like 80000100\n"),
        ("peek 2", "words and instructions are at multiples of 4; give such an address\n"),
        ("poke 3 0", "words and instructions are at multiples of 4; give such an address\n"),
        ("run 20040002", "words and instructions are at multiples of 4; give such an address\n"),
        ("dump 0 0", "COUNT is 1 to 400, hexadecimal; give such a number\n"),
        ("dump 0 401", "COUNT is 1 to 400, hexadecimal; give such a number\n"),
        ("bf", "20100000 has no program; write an image file there, or say bf ADDR\n"),
        ("bf 0", "00000000 is no even address in the flash; help says where that is\n"),
        ("bf 20100001", "20100001 is no even address in the flash; help says where that is\n"),
        ("bf 203ffff0", "203ffff0 is no even address in the flash; help says where that is\n"),
        ("bf ffffffff", "ffffffff is no even address in the flash; help says where that is\n"),
    ] {
        assert_eq!(machine.line(line), answer, "{line}");
    }
    let help = machine.line("help");
    for command in ["peek", "poke", "dump", "run", "test", "bf", "reset", "help"] {
        assert!(
            help.lines().any(|line| line.split([' ', ':']).next() == Some(command)),
            "{command} in {help}"
        );
    }
    assert!(help.ends_with("RAM 00000000, flash 20000000, cells 40000000, devices 80000000\n"), "{help}");
}

#[test]
fn a_line_can_be_edited() {
    let mut machine = Machine::at_prompt(&[]);
    machine.devices.ram[0x100..0x104].copy_from_slice(&[0x78, 0x56, 0x34, 0x12]);
    let rubout = "\x08 \x08";
    for (typed, printed) in [
        ("pex\x08ek 100\r", format!("pex{rubout}ek 100\r\n12345678\r\n> ")),
        ("pex\x7Fek 101\x7F0\r", format!("pex{rubout}ek 101{rubout}0\r\n12345678\r\n> ")),
        ("\x08\x7Fa\x08\x08\x08\r", format!("a{rubout}\r\n> ")),
        // Any line end, and no empty line between.
        ("peek 100\n", "peek 100\r\n12345678\r\n> ".to_owned()),
        ("peek 100\r\npeek 100\r\n", "peek 100\r\n12345678\r\n> ".repeat(2)),
        ("\r\r\n\n", "\r\n> ".repeat(3)),
        ("garbage\x03peek 100\r", "garbage^C\r\n> peek 100\r\n12345678\r\n> ".to_owned()),
        ("\x1D\x00\t\u{e9}\r", "\x07\x07\x07\x07\x07\r\n> ".to_owned()),
    ] {
        assert_eq!(machine.type_bytes(typed.as_bytes()), printed, "{typed:?}");
    }
    let long = "x".repeat(64);
    let answer = format!("{long}\x07\x07\r\n\"{long}\" is no command; type help\r\n> ");
    assert_eq!(machine.type_bytes(format!("{long}yz\r").as_bytes()), answer);
}

#[test]
fn a_line_that_was_received_badly_is_not_carried_out() {
    let mut machine = Machine::at_prompt(&[]);
    for error in [uart::status::OVERRUN, uart::status::FRAMING] {
        machine.devices.errors = 1 << error;
        let printed = machine.type_bytes(b"poke 100 1\r");
        assert_eq!(printed, "poke 100 1\r\n> ", "told behind what was received");
        let printed = machine.type_bytes(b"poke 100 2\r");
        assert_eq!(printed, "poke 100 2\r\nsome characters were lost; type the line again\r\n> ");
        assert_eq!(machine.line("peek 100"), "00000001\n");
    }
    machine.devices.errors = 1 << uart::status::BREAK;
    assert_eq!(machine.idle(), "");
    assert_eq!(machine.line("peek 100"), "00000001\n");
}

#[test]
fn traps_are_reported_and_the_monitor_goes_on() {
    let mut machine = Machine::at_prompt(&[]);
    let mut trap = |line: &str, expected: &str| {
        let answer = machine.line(line);
        assert!(answer.starts_with(expected), "{line}: {answer}");
        assert!(answer.ends_with("; help says what is where\n"), "{answer}");
        assert_eq!(machine.line("peek 80000400"), "00000000\n", "it goes on");
    };
    trap("peek 1000", "\nload access fault at 00001000, cause 00000005, in the instruction at 2004");
    trap("peek fffffffc", "\nload access fault at fffffffc, ");
    trap("poke 20040000 0", "\nstore access fault at 20040000, cause 00000007, in the instruction at 2004");
    trap("dump ffc", "00000ffc  ");
    trap(
        "run 50000000",
        "\ninstruction access fault at 50000000, cause 00000001, in the instruction at 50000000;",
    );
    trap("run 2013fffc", "\nillegal instruction ffffffff, cause 00000002, in the instruction at 2013fffc;");
    // ebreak; ecall; a load and a store that are not aligned.
    for (word, expected) in [
        (0x0010_0073, "\nbreakpoint, cause 00000003, in the instruction at 00000200;"),
        (0x0000_0073, "\nenvironment call, cause 0000000b, in the instruction at 00000200;"),
        (0x0010_2083, "\nmisaligned load at 00000001, cause 00000004, in the instruction at 00000200;"),
        (0x0010_20A3, "\nmisaligned store at 00000001, cause 00000006, in the instruction at 00000200;"),
    ] {
        let mut machine = Machine::at_prompt(&[]);
        machine.line(&format!("poke 200 {word:x}"));
        let answer = machine.line("run 200");
        assert!(answer.starts_with(expected), "{answer}");
        assert_eq!(machine.line("peek 80000400"), "00000000\n", "it goes on");
    }
}

#[test]
fn damaged_memory_is_found() {
    // Every bit of RAM that the test says it tests would take long: some, and some pairs of addresses.
    for (defect, expected) in [
        (Defect::Stuck(0x300), "RAM {range}: BAD at 00000300; "),
        (Defect::Stuck(0x207), "RAM {range}: BAD at 00000204; "),
        (Defect::Stuck(0xB03), "RAM {range}: BAD at 00000b00; "),
        (Defect::Alias(0x300, 0x304), "RAM {range}: BAD, addresses disturb each other; "),
        (Defect::Alias(0x800, 0x400), "RAM {range}: BAD, addresses disturb each other; "),
        (Defect::Stuck(map::CELLS), "cells from 40000000 to 40000fff: BAD at 40000000; "),
        (Defect::Stuck(map::CELLS + 0xABD), "cells from 40000000 to 40000fff: BAD at 40000abd; "),
        (
            Defect::Alias(map::CELLS + 0x800, map::CELLS),
            "cells from 40000000 to 40000fff: BAD, addresses disturb each other; ",
        ),
    ] {
        let mut machine = Machine::at_prompt(&[]);
        machine.devices.defect = Some(defect);
        let answer = machine.line("test");
        let (range, _) = answer["RAM ".len()..].split_once(": ").expect("the range");
        assert!(answer.contains(&expected.replace("{range}", range)), "{answer}");
    }
    let mut machine = Machine::at_prompt(&[]);
    let before = machine.devices.cells.clone();
    let answer = machine.line("test");
    assert!(answer.ends_with(": good\ncells from 40000000 to 40000fff: good\n"), "{answer}");
    assert_eq!(machine.devices.cells, before, "they keep their contents");
    machine.devices.core.stop = Some(Stop::Limit);
    let answer = machine.line("test");
    assert!(
        answer.ends_with("\nthe cells are in use: stop the Brainfuck core, then test again\n"),
        "{answer}"
    );
}

const STARTING: &str = "starting the program in the flash; Ctrl-] stops it\r\n";

/// Switched on with this image: what is printed from the program's first byte on.
fn start(file: &[u8]) -> (Machine, String) {
    let mut machine = Machine::new(file);
    let printed = machine.idle();
    let (_, printed) = printed.split_once(STARTING).expect("it is started");
    (machine, printed.to_owned())
}

#[test]
fn a_program_is_started_at_once_and_again() {
    let hello = images::programs::find("hello").expect("a shipped program");
    let (mut machine, printed) = start(&Image::read(hello.text).expect("sound").to_file());
    let text = String::from_utf8_lossy(hello.output).into_owned();
    let end = "\r\nthe program has ended; bf starts it again\r\n";
    assert_eq!(printed, format!("{text}{end}> "));
    assert_eq!(machine.line("bf"), format!("{text}{end}").replace("\r\n", "\n"));
    assert_eq!(machine.line("bf 20100000"), format!("{text}{end}").replace("\r\n", "\n"));
    assert_eq!(machine.line("peek 20100000"), "57464289\n");
}

#[test]
fn a_program_gets_what_is_typed() {
    let (mut machine, printed) = start(&image(CAT));
    assert_eq!(printed, "");
    assert_eq!(
        machine.type_bytes(b"hello\r\x03\x7F"),
        "hello\r\x03\x7F",
        "raw, and echoed by the program only"
    );
    // In the mode that waits there is no end.
    machine.devices.errors = 1 << uart::status::BREAK;
    assert_eq!(machine.type_bytes(b"more"), "more");
    let long: String = ('a'..='z').cycle().take(1000).collect();
    assert_eq!(machine.type_bytes(long.as_bytes()), long);
    assert_eq!(machine.type_bytes(b"x\0"), "x\r\nthe program has ended; bf starts it again\r\n> ");
}

#[test]
fn a_break_is_the_end_of_the_input_behind_what_was_received() {
    for (mode, text) in
        [(EndOfInput::Zero, CAT), (EndOfInput::MinusOne, ",+[-.,+]"), (EndOfInput::Unchanged, ",[.[-],]")]
    {
        let (mut machine, _) = start(&image_with(text, mode));
        assert_eq!(machine.type_bytes(b"ab"), "ab");
        machine.devices.errors = 1 << uart::status::BREAK;
        assert_eq!(
            machine.type_bytes(b"cd"),
            "cd\r\nthe program has ended; bf starts it again\r\n> ",
            "{mode}"
        );
        assert_eq!(machine.type_bytes(b"bf\rx"), "bf\r\nx", "the next run has input again");
    }
}

#[test]
fn control_bracket_stops_a_program() {
    let (mut machine, _) = start(&image(CAT));
    let printed = machine.type_bytes(b"hi\x1Dpeek 80000400\r");
    assert!(printed.starts_with("h"), "{printed:?}");
    assert!(printed.contains("\r\nthe program was stopped at word 0000000"), "{printed:?}");
    assert!(printed.ends_with("; bf starts it again\r\n> peek 80000400\r\n00000000\r\n> "), "{printed:?}");
    assert_eq!(machine.devices.core.status(), 0, "the core is stopped");
    // One that never reads: what is typed is kept for it, what is too much is said to be lost.
    for (bytes, lost) in [(256, ""), (257, "\r\nsome typed bytes were lost; send them more slowly")] {
        let (mut machine, _) = start(&image("+[]"));
        assert_eq!(machine.type_bytes(&vec![b'x'; bytes]), "");
        let printed = machine.type_bytes(b"\x1D");
        assert!(printed.starts_with(&format!("{lost}\r\nthe program was stopped at word ")), "{printed:?}");
    }
}

#[test]
fn a_program_that_fails_is_reported() {
    for (text, expected) in [
        ("+.<", "\x01\r\nthe program has failed: left-end at word 00000001, cell 00000000; bf starts it again\r\n> "),
        ("+[>+]", "\r\nthe program has failed: right-end at word "),
    ] {
        let (_, printed) = start(&image(text));
        assert!(printed.starts_with(expected), "{text}: {printed:?}");
    }
    let mut unknown = image("+.");
    let last = unknown.len() - 2;
    unknown[last..].fill(0xFF);
    let (mut machine, printed) = start(&unknown);
    assert!(printed.contains("the program has failed: unknown-word at word "), "{printed:?}");
    let damaged = "20100000 has a program that is damaged; write its image file there again\n";
    assert_eq!(machine.line("bf"), damaged, "who types waits until the words are checked");
}

#[test]
fn an_image_that_is_none_is_not_started() {
    let good = image(CAT);
    let mut version = good.clone();
    version[4] = 2;
    let mut header = good.clone();
    header[9] ^= 1;
    let mut long = images::file::Header::from_bytes(&good).expect("good");
    long.words = 0x18_0000;
    for (file, expected) in [
        (version, "20100000 has a program for a later firmware; encode it with the tools of this one"),
        (header, "20100000 has a program that is damaged; write its image file there again"),
        (
            long.to_bytes().to_vec(),
            "20100000 has a program that is damaged; write its image file there again",
        ),
        (good[..23].to_vec(), "20100000 has a program that is damaged; write its image file there again"),
    ] {
        let mut machine = Machine::new(&file);
        let printed = machine.idle();
        assert!(printed.ends_with(&format!(": good\r\n{expected}\r\n> ")), "{printed:?}");
        assert_eq!(machine.line("bf"), format!("{expected}\n"));
    }
}

#[test]
fn reset_starts_the_board_again() {
    let mut machine = Machine::at_prompt(&[]);
    assert_eq!(machine.type_bytes(b"reset\r"), "reset\r\nstarting again\r\n");
    assert!(machine.devices.reset);
}

/// Lines that look like commands, and others.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let command = prop::sample::select(vec!["peek", "dump", "test", "bf", "help", "poke 100", "x"]);
    let word = prop_oneof![
        any::<u32>().prop_map(|number| format!("{number:x}")),
        (0..0x400u32).prop_map(|number| format!("{:x}", 4 * number)),
        "[ -~]{0,20}",
    ];
    let line = (command, prop::collection::vec(word, 0..4))
        .prop_map(|(command, words)| format!("{command} {}", words.join(" ")).into_bytes());
    prop_oneof![line, prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is typed, there is no panic, the stack keeps to its place, and the next command works.
    #[test]
    fn nothing_that_is_typed_stops_the_monitor(lines in prop::collection::vec(lines(), 1..20)) {
        let (mut machine, _) = start(&image(CAT));
        machine.type_bytes(b"\x1D");
        for line in lines {
            let mut printed = machine.type_bytes(&line);
            printed.push_str(&machine.type_bytes(b"\r"));
            if !printed.ends_with("> ") {
                printed.push_str(&machine.type_bytes(b"\x1D"));
            }
            let is_panic = printed.contains("breakpoint") || printed.contains("illegal instruction");
            prop_assert!(!is_panic, "a panic: {printed:?}");
            prop_assert_eq!(machine.line("peek 80000000"), "00000000\n");
        }
        // It begins below the page that Fusion has at the end of the RAM.
        let used = map::RAM_BYTES - kernel::system::PAGE_BYTES - machine.stack;
        prop_assert!(used < 1024, "{used} bytes of stack");
    }
}
