//! The companion, instruction by instruction beside an independent simulator, on both engines; and how fast it is.

use hdl::companion::csr;
use map::interrupts;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};
use sim::companion::{self, Companion, Wires, WORDS};
use std::cell::RefCell;
use std::collections::BTreeSet;
use tests::assembler::assemble;
use tests::code;
use tests::compressed::expanded;
use tests::hart::{Hart, INTERRUPTS};
use tests::programs::config;

/// What a step was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Done,
    Trap,
    Interrupt,
    /// It sleeps, and nothing will wake it up.
    Asleep,
}

/// The machine and what it should do, step by step.
struct LockStep {
    machine: Box<dyn Companion>,
    hart: Hart,
    /// The interrupts that wait; those that have waited since before this step, and since before the last one.
    waiting: u32,
    waited: u32,
    waited_long: u32,
    leds: u8,
    steps: u64,
    cycles: u64,
}

impl LockStep {
    fn new(machine: Box<dyn Companion>) -> LockStep {
        LockStep {
            machine,
            hart: Hart::default(),
            waiting: 0,
            waited: 0,
            waited_long: 0,
            leds: 0,
            steps: 0,
            cycles: 0,
        }
    }

    fn cycle(&mut self, reset: bool) -> Wires {
        let line = |code: u32| self.waiting >> code & 1 != 0;
        let (timer, uart, core) = (line(interrupts::TIMER), line(interrupts::UART), line(interrupts::CORE));
        let mut wires = Wires { reset, timer, uart, core, ..Wires::default() };
        self.machine.cycle(&mut wires);
        self.leds = wires.leds;
        self.cycles += 1;
        wires
    }

    /// From the beginning, with this memory and these registers.
    fn start(&mut self, program: &[u32], registers: &[u32; 32], handler: u32) {
        self.no_interrupts();
        // The reset reaches the processor one cycle late, and so does what it says.
        self.cycle(true);
        self.cycle(true);
        for _ in 0..4 {
            assert!(!self.cycle(true).retired, "nothing is done during a reset");
        }
        self.hart.reset();
        self.hart.board.memory = program.to_vec();
        self.hart.board.memory.resize(WORDS, 0);
        self.machine.set_memory(&self.hart.board.memory);
        // The reset may have come into a trap.
        let stored = self.hart.registers();
        (32..stored.len()).for_each(|index| self.set_register(index, stored[index]));
        self.set_register(csr::stored(csr::MTVEC), handler);
        for (index, &value) in registers.iter().enumerate().skip(1) {
            self.set_register(index, value);
        }
        // The reset reaches the processor one cycle late.
        self.cycle(false);
    }

    /// None waits any more.
    fn no_interrupts(&mut self) {
        (self.waiting, self.waited, self.waited_long) = (0, 0, 0);
    }

    fn set_register(&mut self, index: usize, value: u32) {
        self.machine.set_register(index, value);
        self.hart.set_register(index, value);
    }

    /// One instruction, trap or interrupt, in both. After so many cycles of it these interrupts wait as well.
    ///
    /// # Panics
    /// If they differ: the message has the instruction.
    fn step(&mut self, late: Option<(u64, u32)>) -> Step {
        let before = self.cycles;
        let pc = self.hart.state.pc;
        let word = self.hart.board.memory.get(pc as usize / 4).copied();
        let at = || format!("at {pc:x}: {word:x?}");
        let wires = loop {
            if let Some((cycle, lines)) = late {
                if self.cycles - before == cycle {
                    self.waiting |= lines;
                }
            }
            let wires = self.cycle(false);
            if wires.retired || wires.trapped {
                break wires;
            }
            if wires.asleep && self.waiting & self.hart.enabled == 0 {
                if self.hart.enabled == 0 {
                    return Step::Asleep;
                }
                self.waiting |= self.hart.enabled;
            }
            assert!(self.cycles - before < 200, "nothing is done, {}", at());
        };
        self.steps += 1;
        let registers = self.machine.registers();
        let step = if wires.trapped && registers[csr::stored(csr::MCAUSE)] >> 31 == 1 {
            assert!(self.hart.first(self.waiting).is_some(), "an interrupt for nothing, {}", at());
            // One that came in the middle may have been too late for this one.
            let code = registers[csr::stored(csr::MCAUSE)] & 31;
            let lines = [self.waited_long, self.waited, self.waiting];
            let in_time = lines.into_iter().find(|&lines| self.hart.first(lines) == Some(code));
            self.hart.interrupt(in_time.unwrap_or(self.waiting));
            Step::Interrupt
        } else {
            // When the last instruction was done, this one may have been there already.
            assert!(self.hart.first(self.waited_long).is_none(), "an interrupt is missed, {}", at());
            let trapped = self.hart.step();
            assert_eq!(wires.trapped, trapped, "traps, {}", at());
            if trapped {
                Step::Trap
            } else {
                Step::Done
            }
        };
        assert_eq!(wires.pc, self.hart.state.pc, "the next address, {}", at());
        let expected = self.hart.registers();
        if registers != expected {
            let index = (0..64).find(|&index| registers[index] != expected[index]).expect("one differs");
            let (seen, expected) = (registers[index], expected[index]);
            panic!("register {index} is {seen:x}, not {expected:x}, {}", at());
        }
        (self.waited_long, self.waited) = (self.waited, self.waiting);
        step
    }

    /// What is there at the end must be the same as well.
    fn end(&self) {
        assert!(self.machine.memory() == self.hart.board.memory, "the memory");
        assert_eq!(self.leds, self.hart.board.leds, "the LEDs");
    }
}

/// Where the handler of the random programs is, and the data.
const HANDLER: usize = 0xA00 / 4;
const DATA: u32 = 0xC00;

/// Skips what has trapped, goes on with what was interrupted.
fn handler() -> Vec<u32> {
    assemble(
        "csrrw t6, mscratch, t6
        csrr t6, mcause
        blt t6, zero, back
        csrr t6, mepc
        addi t6, t6, 4
        csrw mepc, t6
        back:
        csrrw t6, mscratch, t6
        mret",
    )
}

/// Random programs: chunks of random instructions, loops around such, jumps over some; traps now and then.
struct Programs {
    rng: TestRng,
    halves: Vec<u16>,
    /// Compressed instructions are among them.
    compressed: bool,
}

impl Programs {
    /// A program that begins anew at its end, and its first registers. Every other one has compressed instructions.
    fn program(seed: u64) -> (Vec<u32>, [u32; 32], TestRng) {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
        let mut make = Programs { rng, halves: Vec::new(), compressed: seed % 2 == 1 };
        let mut registers = [0; 32];
        for register in registers.iter_mut().skip(1) {
            *register = make.value();
        }
        // Three that point to data: no random instruction writes them.
        for (index, offset) in [(2, 0x100), (8, 0x200), (9, 0x2FF)] {
            registers[index] = DATA + offset + make.below(64) * 4;
        }
        if make.compressed {
            make.push(code::csr(csr::MISA, csr::COMPRESSED, 6, 0));
        }
        while make.address() < 4 * (HANDLER as u32 - 80) {
            make.chunk();
        }
        make.push(code::j(0u32.wrapping_sub(make.address()), 0));
        if make.halves.len() % 2 == 1 {
            make.halves.push(0);
        }
        let pairs = make.halves.chunks_exact(2);
        let mut words: Vec<u32> = pairs.map(|pair| u32::from(pair[1]) << 16 | u32::from(pair[0])).collect();
        words.resize(HANDLER, code::NOP);
        words.extend(handler());
        while words.len() < WORDS {
            words.push(make.value());
        }
        (words, registers, make.rng)
    }

    /// Where the next instruction comes.
    fn address(&self) -> u32 {
        2 * self.halves.len() as u32
    }

    fn push(&mut self, word: u32) {
        self.halves.extend([word as u16, (word >> 16) as u16]);
    }

    fn below(&mut self, n: u32) -> u32 {
        self.rng.next_u32() % n
    }

    fn value(&mut self) -> u32 {
        const CORNERS: [u32; 8] = [0, 1, 2, u32::MAX, 0x7FFF_FFFF, 0x8000_0000, 0xAAAA_5555, 31];
        match self.below(3) {
            0 => CORNERS[self.below(8) as usize],
            1 => self.below(4096),
            _ => self.rng.next_u32(),
        }
    }

    /// A register to read; to write.
    fn source(&mut self) -> u32 {
        self.below(32)
    }

    fn target(&mut self) -> u32 {
        match self.below(32) {
            // Pointers, and what counts a loop.
            2 | 5 | 8 | 9 => 10,
            register => register,
        }
    }

    fn chunk(&mut self) {
        match self.below(12) {
            // All interrupts are enabled.
            3 => {
                self.push(code::addi(31, 0, 0xFFF));
                self.push(code::csr(csr::MIE, 31, 1, 0));
                self.push(code::csr(csr::MSTATUS, 8, 6, 0));
            }
            0 => {
                // t0 counts down. What is inside does not write it.
                let count = 1 + self.below(6);
                self.push(code::addi(5, 0, count));
                let start = self.address();
                for _ in 0..1 + self.below(8) {
                    self.instruction();
                }
                self.push(code::addi(5, 5, 0xFFF));
                self.push(code::b(start.wrapping_sub(self.address()), 0, 5, 1));
            }
            1 => {
                // A value with all its bits.
                let (value, rd) = (self.value(), self.target());
                self.push(code::u(value, rd, 0x37));
                self.push(code::addi(rd, rd, value));
            }
            2 => {
                let (rd, over) = (self.target(), 1 + self.below(4));
                if self.below(2) == 0 {
                    self.push(code::j(4 + 4 * over, rd));
                } else {
                    self.push(code::u(0, 31, 0x17));
                    self.push(code::i(8 + 4 * over, 31, 0, rd, 0x67));
                }
                (0..over).for_each(|_| self.instruction());
            }
            _ => self.instruction(),
        }
    }

    /// A compressed instruction, now and then what is none.
    fn short(&mut self) -> u16 {
        loop {
            let half = self.rng.next_u32() as u16;
            let word = expanded(half);
            let (opcode, rd, base) = (word & 0x7F, word >> 7 & 31, word >> 15 & 31);
            // Backwards: for ever, perhaps.
            let backwards = word >> 31 == 1;
            let far = self.below(64) == 0;
            let suits = match opcode {
                0x63 => !backwards,
                0x6F => {
                    !backwards && (word >> 21 & 0x3FF) < 16 && word >> 12 & 0xFF == 0 && word >> 20 & 1 == 0
                }
                0x67 => far,
                // x9 is not aligned.
                0x03 => (base == 2 || base == 8 || far) && !matches!(rd, 2 | 5 | 8 | 9),
                0x23 => base == 2 || base == 8 || far,
                0x73 => true,
                _ if half & 3 == 3 => false,
                _ if word & 3 != 3 => far,
                _ => !matches!(rd, 2 | 5 | 8 | 9),
            };
            if suits {
                return half;
            }
        }
    }

    /// One instruction. If it jumps, then not far.
    fn instruction(&mut self) {
        if self.compressed && self.below(2) == 0 {
            let half = self.short();
            self.halves.push(half);
            return;
        }
        let (a, b, rd, funct3) = (self.source(), self.source(), self.target(), self.below(8));
        let other = if self.below(2) == 0 { 0x20 } else { 0 };
        let word = match self.below(32) {
            0..=8 => code::r(if funct3 == 0 || funct3 == 5 { other } else { 0 }, b, a, funct3, rd, 0x33),
            9..=15 => {
                let immediate = self.value();
                let shift = immediate & 31 | if funct3 == 5 { other << 5 } else { 0 };
                code::i(if funct3 % 4 == 1 { shift } else { immediate }, a, funct3, rd, 0x13)
            }
            16 => code::u(self.rng.next_u32(), rd, if other == 0 { 0x17 } else { 0x37 }),
            17..=20 => {
                let (base, offset) = self.place();
                code::i(offset, base, [0, 1, 2, 4, 5, 2, 0, 1][funct3 as usize], rd, 0x03)
            }
            21..=24 => {
                let (base, offset) = self.place();
                code::s(offset, b, base, funct3 % 3)
            }
            25..=28 => {
                let offset = if self.below(40) == 0 { 6 } else { 4 + 4 * self.below(5) };
                code::b(offset, b, a, [0, 1, 4, 5, 6, 7, 0, 1][funct3 as usize])
            }
            29 => self.system(),
            30 => match self.below(4) {
                // Fences with any fields.
                0 => self.rng.next_u32() & 0xFFFF_8F80 | 0x0F,
                1 => self.rng.next_u32() & 0xFFFF_8F80 | 0x100F,
                _ => code::NOP,
            },
            _ => match self.below(16) {
                // Anything, mostly illegal; nearly legal.
                0 => self.rng.next_u32(),
                1 => code::r(self.below(128), b, a, funct3, rd, if other == 0 { 0x33 } else { 0x13 }),
                2 => code::i(self.value(), a, funct3, rd, 0x67),
                3 => code::i(self.value(), a, funct3, rd, if other == 0 { 0x03 } else { 0x23 }),
                _ => code::addi(rd, a, 1),
            },
        };
        self.push(word);
    }

    /// A base and an offset: nearly always in the data.
    fn place(&mut self) -> (u32, u32) {
        let base = [2, 8, 9][self.below(3) as usize];
        match self.below(64) {
            0 => (self.source(), self.value()),
            1..=3 => (base, self.below(256).wrapping_sub(128)),
            // x9 is not aligned.
            _ if base == 9 => (9, (self.below(64) * 4 + 1).wrapping_sub(128)),
            _ => (base, (self.below(64) * 4).wrapping_sub(128)),
        }
    }

    fn system(&mut self) -> u32 {
        const CSRS: [u32; 24] = [
            csr::MSTATUS,
            csr::MSTATUS,
            csr::MSTATUS,
            csr::MISA,
            csr::MIE,
            csr::MIE,
            csr::MSTATUSH,
            csr::MSCRATCH,
            csr::MSCRATCH,
            csr::MEPC,
            csr::MCAUSE,
            csr::MTVAL,
            csr::MCOUNTINHIBIT,
            csr::MHPMEVENT3,
            csr::MHPMCOUNTER3,
            csr::MHPMCOUNTER3H,
            csr::MINSTRET,
            csr::MINSTRETH,
            csr::MVENDORID,
            csr::MHARTID,
            csr::MCONFIGPTR,
            csr::TSELECT,
            csr::TDATA1,
            csr::MTVEC,
        ];
        let (source, rd) = (self.source(), self.target());
        match self.below(16) {
            0 => code::ECALL,
            1 => code::EBREAK,
            2 => code::MRET,
            3 if self.below(4) == 0 => code::WFI,
            // One that is not there, or any; but not those that time changes.
            4 => {
                let number =
                    [0x180, 0x302, 0x3A0, 0x7C0, 0xC00, 0xB01, self.below(4096)][self.below(7) as usize];
                let is_timed = matches!(number, csr::MCYCLE | csr::MCYCLEH | csr::MIP | csr::MTVEC);
                code::csr(if is_timed { 0x322 } else { number }, source, 1 + self.below(3), rd)
            }
            _ => {
                let number = CSRS[self.below(24) as usize];
                // The handler stays where it is.
                let source = if number == csr::MTVEC || self.below(3) == 0 { 0 } else { source };
                let funct3 =
                    [2, 3, 6, 7, 1, 5][self.below(if number == csr::MTVEC { 4 } else { 6 }) as usize];
                code::csr(number, source, funct3, rd)
            }
        }
    }
}

/// Random programs until so many instructions are done.
fn random_programs(machine: Box<dyn Companion>, programs: u32, steps: u64, least: u64) {
    let lock_step = RefCell::new(LockStep::new(machine));
    let kinds = RefCell::new((0u64, 0u64, BTreeSet::new()));
    // What ends a program is rare in random ones, and not left to chance: a jump to where nothing is.
    {
        let lock_step = &mut *lock_step.borrow_mut();
        lock_step.start(&assemble("lui a0, 0x10000\njalr zero, 0(a0)"), &[0; 32], 4 * HANDLER as u32);
        while lock_step.step(None) == Step::Done {}
        let cause = lock_step.hart.registers()[csr::stored(csr::MCAUSE)];
        assert_eq!(cause, 1, "an instruction access fault");
        kinds.borrow_mut().2.insert(cause);
        lock_step.end();
    }
    // A seed does not shrink; the message names the instruction that differs.
    let mut runner = TestRunner::new(ProptestConfig {
        max_shrink_iters: 0,
        source_file: Some(file!()),
        ..config(programs)
    });
    let result = runner.run(&any::<u64>(), |seed| {
        let lock_step = &mut *lock_step.borrow_mut();
        let (traps, interrupts, causes) = &mut *kinds.borrow_mut();
        let (program, registers, mut rng) = Programs::program(seed);
        lock_step.start(&program, &registers, 4 * HANDLER as u32);
        for _ in 0..steps {
            let pc = lock_step.hart.state.pc;
            // Device or nothing: an instruction cannot be there. What is written here may be read too late.
            if pc >> 31 == 1 || lock_step.hart.writes_what_follows() {
                break;
            }
            let random = rng.next_u32();
            let line = [1 << interrupts::TIMER, 1 << interrupts::UART, 1 << interrupts::CORE, INTERRUPTS];
            let late =
                (random % 32 == 0).then(|| (u64::from(random >> 8 & 3), line[random as usize >> 16 & 3]));
            match lock_step.step(late) {
                Step::Done => {}
                Step::Asleep => break,
                step => {
                    let cause = lock_step.hart.registers()[csr::stored(csr::MCAUSE)];
                    causes.insert(cause);
                    if step == Step::Interrupt {
                        *interrupts += 1;
                        lock_step.no_interrupts();
                    } else {
                        *traps += 1;
                    }
                    if cause == 1 {
                        break;
                    }
                }
            }
        }
        lock_step.end();
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let LockStep { steps, cycles, .. } = lock_step.into_inner();
    let (traps, interrupts, causes) = kinds.into_inner();
    println!("{steps} instructions in {cycles} cycles, {traps} traps, {interrupts} interrupts: {causes:x?}");
    if std::env::var_os("PROPTEST_CASES").is_some() {
        return;
    }
    assert!(steps >= least, "only {steps} instructions");
    let all = [0, 1, 2, 3, 4, 5, 6, 7, 11].into_iter();
    let all = all.chain([interrupts::TIMER, interrupts::UART, interrupts::CORE].map(|code| 1 << 31 | code));
    assert_eq!(causes, all.collect(), "every trap and interrupt has been seen");
}

#[test]
fn random_programs_on_the_rust_engine() {
    random_programs(companion::rust(), 180, 2000, 300_000);
}

#[test]
fn random_programs_on_verilator() {
    let machine = companion::verilator().expect("`make setup` installs Verilator");
    random_programs(machine, 1960, 3000, 5_000_000);
}

/// A program with instructions of every kind, in a loop; interrupts are enabled from its fourth instruction on. It ends at `end`.
fn every_kind() -> (Vec<u32>, u32) {
    let text = "
        li t0, 0x30080
        csrw mie, t0
        csrrwi zero, mstatus, 8
        li s1, 0xC00
        addi s0, zero, 3
        again:
        lui a0, 0x12345
        auipc a1, 1
        xor a2, a0, a1
        sub a3, a2, s0
        slli a4, a3, 13
        sra a5, a3, s0
        slt a6, a3, a4
        sw a3, 0(s1)
        sh a4, 6(s1)
        sb a5, 9(s1)
        lw a0, 4(s1)
        lh a1, 0(s1)
        lbu a2, 9(s1)
        fence
        csrrs s2, mscratch, s0
        beq s0, zero, end
        bne s0, zero, over
        nop
        over:
        ecall
        addi a7, a7, 1
        .word 0
        lw a0, 1(s1)
        jal ra, function
        addi s0, s0, -1
        addi s1, s1, 12
        j again
        function:
        add a7, a7, a0
        ret
        end:
        j end
    ";
    let mut program = assemble(text);
    let end = 4 * (program.len() as u32 - 1);
    program.resize(HANDLER, code::NOP);
    // The handler for traps keeps nothing: t5 and t6 are its own.
    program.extend(assemble(
        "csrr t6, mcause
        blt t6, zero, back
        csrr t6, mepc
        addi t6, t6, 4
        csrw mepc, t6
        back:
        csrr t6, mtval
        mret",
    ));
    (program, end)
}

/// What the program has done in the end: its registers but the handler's, and its memory.
fn outcome(lock_step: &LockStep) -> (Vec<u32>, Vec<u32>) {
    (lock_step.hart.state.registers[..30].to_vec(), lock_step.hart.board.memory.clone())
}

fn interrupts_at_every_boundary(machine: Box<dyn Companion>, lines: &[u32]) {
    let mut lock_step = LockStep::new(machine);
    let (program, end) = every_kind();
    let handler = 4 * HANDLER as u32;
    let registers = [0; 32];
    // Without an interrupt: the addresses of its instructions, outside of the handler where none can be.
    lock_step.start(&program, &registers, handler);
    let before = lock_step.cycles;
    let mut addresses = Vec::new();
    while lock_step.hart.state.pc != end {
        let pc = lock_step.hart.state.pc;
        if pc < handler {
            addresses.push(pc);
        }
        lock_step.step(None);
    }
    let cycles = lock_step.cycles - before;
    let expected = outcome(&lock_step);
    for &line in lines {
        let mut boundaries = BTreeSet::new();
        for cycle in 0..cycles {
            lock_step.start(&program, &registers, handler);
            let begin = lock_step.cycles;
            let mut done = 0;
            let mut interrupted = false;
            while lock_step.hart.state.pc != end {
                let now = lock_step.cycles - begin;
                // Somewhere in this step, if it is as long as that.
                let late = (now <= cycle && !interrupted).then(|| (cycle - now, line));
                let inside = lock_step.hart.state.pc < handler;
                match lock_step.step(late) {
                    Step::Interrupt => {
                        assert!(!interrupted, "it is taken once");
                        interrupted = true;
                        boundaries.insert(done);
                        lock_step.no_interrupts();
                    }
                    Step::Asleep => panic!("it does not sleep"),
                    _ if inside => done += 1,
                    _ => {}
                }
            }
            assert_eq!(outcome(&lock_step), expected, "an interrupt in cycle {cycle} changes nothing");
            lock_step.end();
        }
        // Interrupts are enabled by the fourth instruction; the last boundary is at the end.
        let all: BTreeSet<usize> = (4..addresses.len()).collect();
        assert!(boundaries.is_superset(&all), "{:?}", all.difference(&boundaries).collect::<Vec<_>>());
    }
}

#[test]
fn an_interrupt_at_every_boundary_of_a_program_changes_nothing() {
    let machine = companion::verilator().expect("`make setup` installs Verilator");
    interrupts_at_every_boundary(
        machine,
        &[1 << interrupts::TIMER, 1 << interrupts::UART, 1 << interrupts::CORE],
    );
}

#[test]
fn wfi_sleeps_until_an_enabled_interrupt_waits() {
    for machine in [Some(companion::rust()), companion::verilator()].into_iter().flatten() {
        let mut lock_step = LockStep::new(machine);
        let program = assemble(
            "li t0, 0x10000
            csrw mie, t0
            wfi
            addi a0, a0, 1
            csrrwi zero, mstatus, 8
            wfi
            addi a0, a0, 1",
        );
        lock_step.start(&program, &[0; 32], 0x800);
        (0..3).for_each(|_| assert_eq!(lock_step.step(None), Step::Done));
        for line in [0, interrupts::TIMER, interrupts::CORE] {
            lock_step.waiting = 1 << line;
            for _ in 0..50 {
                let wires = lock_step.cycle(false);
                assert!(!wires.retired && !wires.trapped, "this one is not enabled");
            }
            assert!(lock_step.cycle(false).asleep);
        }
        lock_step.waiting = 1 << interrupts::UART;
        // No interrupt is taken: it goes on.
        (0..2).for_each(|_| assert_eq!(lock_step.step(None), Step::Done));
        lock_step.no_interrupts();
        lock_step.cycle(false);
        assert_eq!(lock_step.step(None), Step::Done);
        // The sleep ends when the line rises, and the interrupt is taken behind it.
        assert_eq!(lock_step.step(None), Step::Done);
        let wfi = lock_step.hart.state.pc;
        assert_eq!(
            (lock_step.step(None), lock_step.hart.registers()[csr::stored(csr::MEPC)]),
            (Step::Interrupt, wfi)
        );
    }
}

/// What programs are made of: a name, the text, and what is in a0 when it ends with `ecall`.
fn programs() -> [(&'static str, &'static str, u32); 6] {
    let crc = {
        let mut crc = u32::MAX;
        for byte in 0..64u32 {
            crc ^= (byte * 7) & 0xFF;
            for _ in 0..8 {
                crc = crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            }
        }
        !crc
    };
    [
        (
            "fibonacci, recursive",
            "li sp, 0x1000
            addi a0, zero, 12
            jal ra, fibonacci
            ecall
            fibonacci:
            slti t0, a0, 2
            beqz t0, more
            ret
            more:
            addi sp, sp, -12
            sw ra, 8(sp)
            sw s0, 4(sp)
            sw s1, 0(sp)
            mv s0, a0
            addi a0, s0, -1
            jal ra, fibonacci
            mv s1, a0
            addi a0, s0, -2
            jal ra, fibonacci
            add a0, a0, s1
            lw ra, 8(sp)
            lw s0, 4(sp)
            lw s1, 0(sp)
            addi sp, sp, 12
            ret",
            144,
        ),
        (
            "insertion sort",
            "# 64 words, from an LCG without multiplication.
            li s0, 0xC00
            addi t0, zero, 64
            mv t1, s0
            li t2, 12345
            fill:
            slli t3, t2, 5
            add t2, t2, t3
            addi t2, t2, 1013
            sw t2, 0(t1)
            addi t1, t1, 4
            addi t0, t0, -1
            bnez t0, fill
            addi t0, s0, 4
            addi s1, s0, 256
            outer:
            lw a1, 0(t0)
            mv t1, t0
            inner:
            lw a2, -4(t1)
            bgeu a1, a2, placed
            sw a2, 0(t1)
            addi t1, t1, -4
            bne t1, s0, inner
            placed:
            sw a1, 0(t1)
            addi t0, t0, 4
            bne t0, s1, outer
            # The number of pairs in order.
            addi a0, zero, 0
            addi t0, s0, 4
            check:
            lw a1, -4(t0)
            lw a2, 0(t0)
            sltu a3, a2, a1
            xori a3, a3, 1
            add a0, a0, a3
            addi t0, t0, 4
            bne t0, s1, check
            ecall",
            63,
        ),
        (
            "CRC-32, bit by bit",
            "li a0, -1
            li a3, 0xEDB88320
            addi t0, zero, 0
            addi t2, zero, 0
            next:
            andi t1, t2, 255
            xor a0, a0, t1
            addi t3, zero, 8
            bit:
            andi t4, a0, 1
            srli a0, a0, 1
            beqz t4, zero_bit
            xor a0, a0, a3
            zero_bit:
            addi t3, t3, -1
            bnez t3, bit
            addi t2, t2, 7
            addi t0, t0, 1
            slti t4, t0, 64
            bnez t4, next
            xori a0, a0, -1
            ecall",
            crc,
        ),
        (
            "memcpy by words",
            "li s0, 0x400
            li s1, 0x800
            addi a0, zero, 8
            again:
            mv t0, s0
            mv t1, s1
            addi t2, s0, 512
            copy:
            lw t3, 0(t0)
            lw t4, 4(t0)
            sw t3, 0(t1)
            sw t4, 4(t1)
            addi t0, t0, 8
            addi t1, t1, 8
            bltu t0, t2, copy
            addi a0, a0, -1
            bnez a0, again
            ecall",
            0,
        ),
        (
            "strings: length, compare, decimal",
            "li s0, 0xC00
            li t0, 123456789
            # Decimal digits by subtraction.
            li s2, 0x100
            addi s3, zero, 8
            li a4, 10
            addi a0, zero, 0
            digits:
            mv t1, t0
            # Divide by 10: shifts and sums.
            srli t2, t1, 1
            srli t3, t1, 2
            add t2, t2, t3
            srli t3, t2, 4
            add t2, t2, t3
            srli t3, t2, 8
            add t2, t2, t3
            srli t3, t2, 16
            add t2, t2, t3
            srli t2, t2, 3
            slli t3, t2, 2
            add t3, t3, t2
            slli t3, t3, 1
            sub t4, t1, t3
            bltu t4, a4, right
            addi t2, t2, 1
            sub t4, t4, a4
            right:
            addi t4, t4, 48
            sb t4, 0(s0)
            addi s0, s0, 1
            mv t0, t2
            bnez t0, digits
            sb zero, 0(s0)
            # Its length, many times.
            addi t5, zero, 10
            lengths:
            li t0, 0xC00
            length:
            lbu t1, 0(t0)
            addi t0, t0, 1
            bnez t1, length
            addi t5, t5, -1
            bnez t5, lengths
            li t1, 0xC00
            sub a0, t0, t1
            addi a0, a0, -1
            ecall",
            9,
        ),
        (
            "interpreter: a jump table",
            "# Eight operations, each of a few instructions.
            li s0, 0xC00
            li s1, 200
            addi a0, zero, 0
            addi s2, zero, 0
            step:
            andi t0, s2, 3
            slli t0, t0, 4
            auipc t1, 0
            add t1, t1, t0
            jalr zero, 12(t1)
            addi a0, a0, 1
            sw a0, 0(s0)
            j joined
            nop
            lw t2, 0(s0)
            add a0, a0, zero
            j joined
            nop
            xor t3, t2, a0
            j joined
            nop
            nop
            sltu t4, t2, a0
            joined:
            addi s2, s2, 1
            bne s2, s1, step
            ecall",
            50,
        ),
    ]
}

#[test]
fn programs_take_3_1_cycles_an_instruction_at_most() {
    let mut lock_step = LockStep::new(companion::verilator().expect("`make setup` installs Verilator"));
    let (mut all_steps, mut all_cycles) = (0, 0);
    for (name, text, expected) in programs() {
        lock_step.start(&assemble(text), &[0; 32], 0xFFC);
        let (steps, cycles) = (lock_step.steps, lock_step.cycles);
        while lock_step.step(None) == Step::Done {}
        assert_eq!(lock_step.hart.registers()[csr::stored(csr::MCAUSE)], 11, "{name} ends by itself");
        assert_eq!(lock_step.hart.state.registers[10], expected, "{name}");
        let (steps, cycles) = (lock_step.steps - steps, lock_step.cycles - cycles);
        println!("{name}: {steps} instructions, {:.2} cycles each", cycles as f64 / steps as f64);
        assert!(cycles * 10 <= steps * 32, "{name}: {cycles} cycles for {steps} instructions");
        all_steps += steps;
        all_cycles += cycles;
    }
    println!("together: {:.2} cycles each", all_cycles as f64 / all_steps as f64);
}
