//! The companion against an independent RV32I, instruction by instruction; its traps, interrupts and cycles against the manual.

#[path = "common/code.rs"]
mod code;
mod common;

use common::{config, cycle};
use hdl::companion::csr;
use hdl::companion::rv32::{Rv32, State};
use map::interrupts;
use proptest::prelude::*;
use rrs_lib::instruction_executor::InstructionExecutor;
use rrs_lib::{HartState, MemAccessSize, Memory};
use rust_hdl::prelude::*;

/// Words of memory, from address 0 on, of which the first half is near. Nothing is behind them.
const WORDS: usize = 2048;

#[derive(Clone, Debug, PartialEq)]
struct Ram(Vec<u32>);

impl Memory for Ram {
    fn read_mem(&mut self, address: u32, size: MemAccessSize) -> Option<u32> {
        let word = *self.0.get(address as usize / 4)? >> (8 * (address % 4));
        Some(match size {
            MemAccessSize::Byte => word & 0xFF,
            MemAccessSize::HalfWord => word & 0xFFFF,
            MemAccessSize::Word => word,
        })
    }

    fn write_mem(&mut self, address: u32, size: MemAccessSize, data: u32) -> bool {
        let shift = 8 * (address % 4);
        let mask = match size {
            MemAccessSize::Byte => 0xFF,
            MemAccessSize::HalfWord => 0xFFFF,
            MemAccessSize::Word => u32::MAX,
        } << shift;
        let Some(word) = self.0.get_mut(address as usize / 4) else { return false };
        *word = *word & !mask | data << shift & mask;
        true
    }
}

/// The processor with a memory that answers after some cycles.
struct Machine {
    cpu: Rv32,
    ram: Ram,
    /// What was read from the near memory last.
    near: u32,
    /// The request that is not answered yet, and in how many cycles it will be.
    request: Option<(u32, u32)>,
    /// Cycles to an answer, one after the other.
    waits: Vec<u32>,
    requests: usize,
    cycles: u64,
    timer: bool,
    uart: bool,
    core: bool,
}

impl Machine {
    fn new(words: &[u32]) -> Machine {
        let mut ram = words.to_vec();
        ram.resize(WORDS, 0);
        let mut machine = Machine {
            cpu: Rv32::default(),
            ram: Ram(ram),
            near: 0,
            request: None,
            waits: vec![1],
            requests: 0,
            cycles: 0,
            timer: false,
            uart: false,
            core: false,
        };
        machine.cpu.connect_all();
        machine.cpu.reset.next = true;
        machine.cycle();
        machine.cpu.reset.next = false;
        machine.request = None;
        machine.cycles = 0;
        machine
    }

    /// One cycle; whether an instruction is done in it.
    fn cycle(&mut self) -> bool {
        let Machine { cpu, ram, near, request, waits, requests, .. } = self;
        cpu.interrupt_timer.next = self.timer;
        cpu.interrupt_uart.next = self.uart;
        cpu.interrupt_core.next = self.core;
        cpu.near_data.next = u64::from(*near).into();
        cpu.bus_ready.next = false;
        if let Some((address, wait)) = request {
            *wait -= 1;
            if *wait == 0 {
                let word = ram.0.get(*address as usize / 4);
                cpu.bus_ready.next = true;
                cpu.bus_fault.next = word.is_none();
                cpu.bus_in.next = u64::from(*word.unwrap_or(&0xDEAD_BEEF)).into();
                *request = None;
            }
        }
        self.cycles += 1;
        cycle(
            cpu,
            |cpu| &mut cpu.clock,
            |cpu| {
                if cpu.near_read.val() {
                    *near = ram.0[cpu.near_address.val().to_u64() as usize];
                }
                if cpu.bus_request.val() {
                    assert!(request.is_none(), "one request at a time");
                    let address = cpu.bus_address.val().to_u64() as u32;
                    let write = cpu.bus_write.val().to_u64() as u32;
                    let is_stored_near = write != 0 && address < 4096;
                    let wait = if is_stored_near { 1 } else { waits[*requests % waits.len()] };
                    *request = Some((address, wait));
                    *requests += 1;
                    let mask = (0..4)
                        .filter(|byte| write >> byte & 1 == 1)
                        .map(|byte| 0xFFu32 << (8 * byte))
                        .sum::<u32>();
                    if let Some(word) = ram.0.get_mut(address as usize / 4) {
                        *word = *word & !mask | cpu.bus_out.val().to_u64() as u32 & mask;
                    }
                }
                cpu.retired.val()
            },
        )
    }

    /// Until an instruction is done or a trap is taken: whether it was a trap, and the cycles.
    fn step(&mut self) -> (bool, u64) {
        let before = self.cycles;
        for _ in 0..200 {
            if self.cycle() {
                return (false, self.cycles - before);
            }
            if self.cpu.state.q.val() == State::TrapJump {
                self.cycle();
                return (true, self.cycles - before);
            }
        }
        panic!("nothing is done in 200 cycles");
    }

    fn register(&self, index: usize) -> u32 {
        self.cpu.registers.content()[index].to_u64() as u32
    }

    fn set_register(&mut self, index: usize, value: u32) {
        self.cpu.registers.content_mut()[index] = u64::from(value).into();
        self.cpu.registers_b.content_mut()[index] = u64::from(value).into();
    }

    /// A control and status register that is kept beside the registers.
    fn csr(&self, number: u32) -> u32 {
        self.register(csr::stored(number))
    }

    fn set_csr(&mut self, number: u32, value: u32) {
        self.set_register(csr::stored(number), value);
    }

    fn pc(&self) -> u32 {
        self.cpu.pc.q.val().to_u64() as u32
    }
}

/// Where traps go in these tests.
const HANDLER: u32 = 0x800;

/// Instructions of all kinds but those of the system. Jumps stay near, so that there is something to execute.
fn instruction() -> impl Strategy<Value = u32> {
    let register = || prop_oneof![3 => 0..8u32, 1 => 0..32u32];
    let near = || (-40i32..40).prop_map(|words| (words * 4) as u32);
    prop_oneof![
        4 => (register(), register(), 0..8u32, register(), any::<bool>()).prop_map(|(a, b, f, d, other)| {
            code::r(if other && (f == 0 || f == 5) { 0x20 } else { 0 }, a, b, f, d, 0x33)
        }),
        4 => (any::<u32>(), register(), 0..8u32, register()).prop_map(|(immediate, a, f, d)| {
            let shift = immediate & 0x1F | if f == 5 { immediate & 0x400 } else { 0 };
            code::i(if f == 1 || f == 5 { shift } else { immediate }, a, f, d, 0x13)
        }),
        1 => (any::<u32>(), register()).prop_map(|(immediate, d)| immediate << 12 | d << 7 | 0x37),
        1 => (any::<u32>(), register()).prop_map(|(immediate, d)| immediate << 12 | d << 7 | 0x17),
        3 => (0..64u32, register(), prop::sample::select(vec![0, 1, 2, 4, 5]), register())
            .prop_map(|(immediate, a, f, d)| code::i(immediate * 4 + [0, 1, 2, 0][f as usize % 4] % 4, a, f, d, 0x03)),
        3 => (0..64u32, register(), register(), 0..3u32)
            .prop_map(|(immediate, a, b, f)| code::s(immediate * 4, a, b, f)),
        2 => (near(), register(), register(), prop::sample::select(vec![0, 1, 4, 5, 6, 7]))
            .prop_map(|(offset, a, b, f)| code::b(offset, a, b, f)),
        1 => (near(), register()).prop_map(|(offset, d)| code::j(offset, d)),
        1 => (any::<u32>(), register(), register()).prop_map(|(immediate, a, d)| code::i(immediate, a, 0, d, 0x67)),
        1 => Just(0x0FF0_000F),
    ]
}

proptest! {
    #![proptest_config(config(300))]

    /// Random instructions on random registers, as long as none traps; then the trap must be what it should be.
    #[test]
    fn instructions_do_what_they_do_elsewhere(
        program in prop::collection::vec(instruction(), WORDS / 4),
        registers in prop::collection::vec(prop_oneof![0..8192u32, any::<u32>()], 32),
        waits in prop::collection::vec(prop_oneof![3 => Just(1), 1 => 1..5u32], 1..20),
    ) {
        let mut machine = Machine::new(&program);
        machine.waits = waits;
        machine.set_csr(csr::MTVEC, HANDLER);
        let mut hart = HartState::new();
        for (index, &value) in registers.iter().enumerate().skip(1) {
            machine.set_register(index, value);
            hart.registers[index] = value;
        }
        let mut ram = machine.ram.clone();
        for _ in 0..200 {
            let pc = hart.pc;
            let before = (hart.registers, ram.clone());
            let word = ram.0.get(pc as usize / 4).copied();
            // What is stored into the next instruction is there after `fence.i` only.
            let store = word.filter(|word| word & 0x7F == 0x23);
            let target = store.map(|word| {
                let offset = (word as i32 >> 25 << 5) as u32 | word >> 7 & 31;
                hart.registers[(word >> 15 & 31) as usize].wrapping_add(offset)
            });
            if target.is_some_and(|target| target / 4 == pc / 4 + 1) {
                break;
            }
            let result = InstructionExecutor { mem: &mut ram, hart_state: &mut hart }.step();
            let (trapped, _) = machine.step();
            let misaligned = hart.pc % 4 != 0;
            prop_assert_eq!(trapped, result.is_err() || misaligned, "at {:x}: {:x?}", pc, word);
            if trapped {
                (hart.registers, ram) = before;
                prop_assert_eq!(machine.csr(csr::MEPC), pc);
                let cause = machine.csr(csr::MCAUSE);
                let value = machine.csr(csr::MTVAL);
                let opcode = word.map_or(0, |word| word & 0x7F);
                let expected = match (word, opcode) {
                    (None, _) => 1,
                    (_, 0x03) => if value as usize / 4 < WORDS || value % 4 != 0 && cause == 4 { 4 } else { 5 },
                    (_, 0x23) => if value as usize / 4 < WORDS || value % 4 != 0 && cause == 6 { 6 } else { 7 },
                    (_, 0x63 | 0x67 | 0x6F) if misaligned => 0,
                    _ => 2,
                };
                prop_assert_eq!(cause, expected, "at {:x}: {:x?}", pc, word);
                match expected {
                    0 => prop_assert_eq!(value, hart.pc),
                    1 => prop_assert_eq!(value, pc),
                    2 => prop_assert_eq!(Some(value), word),
                    _ => {}
                }
                prop_assert_eq!(machine.pc(), HANDLER);
            } else {
                prop_assert_eq!(machine.pc(), hart.pc, "at {:x}: {:x?}", pc, word);
            }
            for index in 0..32 {
                prop_assert_eq!(machine.register(index), hart.registers[index], "x{} at {:x}: {:x?}", index, pc, word);
            }
            if trapped {
                break;
            }
        }
        prop_assert_eq!(&machine.ram, &ram);
    }
}

/// Runs a program of few instructions, one step each.
fn run(words: &[u32]) -> Machine {
    let mut machine = Machine::new(words);
    machine.set_csr(csr::MTVEC, HANDLER);
    for _ in words {
        machine.step();
    }
    machine
}

#[test]
fn each_kind_takes_the_cycles_that_it_should() {
    let cases = [
        (code::addi(1, 0, 5), 2),
        (code::r(0, 1, 1, 6, 1, 0x33), 2),
        (0x37, 2),
        (0x17, 2),
        (0x0FF0_000F, 4),
        (0x0000_100F, 4),
        // Whatever their other fields say.
        (0xFFFF_8F8F, 4),
        (0xFFFF_9F8F, 4),
        (0x0000_1037, 2),
        (0x0000_5017, 2),
        (code::i(0x100, 0, 2, 1, 0x03), 3),
        (code::s(0x100, 1, 0, 2), 3),
        (code::b(8, 1, 0, 1), 4),
        (code::b(8, 0, 0, 0), 4),
        (code::j(8, 1), 4),
        (code::i(8, 0, 0, 1, 0x67), 4),
        (code::csr(csr::MSCRATCH, 0, 2, 1), 3),
        (code::csr(csr::MSCRATCH, 1, 1, 1), 4),
        (code::i(0, 1, 1, 1, 0x13), 3),
        (code::i(0, 1, 1, 1, 0x13), 3),
        (code::i(12, 1, 5, 1, 0x13), 2 + 1 + 2),
        (code::i(31, 1, 1, 1, 0x13), 2 + 3 + 3 + 1),
    ];
    for (word, expected) in cases {
        let mut words = vec![code::NOP; 20];
        words[1] = word;
        let mut machine = Machine::new(&words);
        machine.step();
        // With the next instruction, which takes two; before it, it is fetched, if that was not done meanwhile.
        let (trapped, cycles) = machine.step();
        let (_, after) = machine.step();
        assert_eq!((trapped, cycles + after - 2), (false, expected), "{word:08x}");
    }
}

#[test]
fn a_trap_takes_five_cycles_and_tells_where_and_why() {
    let cases = [
        (code::ECALL, 11, 0),
        (code::EBREAK, 3, 4),
        (0, 2, 0),
        (0xFFFF_FFFF, 2, 0xFFFF_FFFF),
        // Illegal functions and registers, and a write to one that can only be read.
        (code::r(1, 1, 1, 0, 1, 0x33), 2, code::r(1, 1, 1, 0, 1, 0x33)),
        (code::i(0, 0, 1, 1, 0x67), 2, code::i(0, 0, 1, 1, 0x67)),
        (code::i(0x100, 0, 3, 1, 0x03), 2, code::i(0x100, 0, 3, 1, 0x03)),
        (code::i(0x100, 0, 6, 1, 0x03), 2, code::i(0x100, 0, 6, 1, 0x03)),
        (code::s(0x100, 1, 0, 3), 2, code::s(0x100, 1, 0, 3)),
        (code::b(8, 1, 0, 2), 2, code::b(8, 1, 0, 2)),
        (code::csr(0x7C0, 0, 2, 1), 2, code::csr(0x7C0, 0, 2, 1)),
        (code::csr(csr::MHARTID, 1, 2, 1), 2, code::csr(csr::MHARTID, 1, 2, 1)),
        (code::ECALL | 1 << 7, 2, code::ECALL | 1 << 7),
        (code::i(0x101, 0, 2, 1, 0x03), 4, 0x101),
        (code::i(0x103, 0, 1, 1, 0x03), 4, 0x103),
        (code::s(0x102, 1, 0, 2), 6, 0x102),
        (code::i(0xFFC, 0, 2, 1, 0x03), 5, 0xFFFF_FFFC),
        (code::s(0xFFC, 1, 0, 2), 7, 0xFFFF_FFFC),
        (code::j(6, 1), 0, 10),
        (code::b(6, 0, 0, 0), 0, 10),
        (code::i(7, 0, 0, 1, 0x67), 0, 6),
    ];
    for (word, cause, value) in cases {
        let mut machine = Machine::new(&[code::NOP, word]);
        machine.set_csr(csr::MTVEC, HANDLER);
        machine.set_register(1, 77);
        machine.step();
        let (trapped, _) = machine.step();
        assert!(trapped, "{word:08x}");
        let seen = (machine.csr(csr::MCAUSE), machine.csr(csr::MTVAL), machine.csr(csr::MEPC));
        assert_eq!(seen, (cause, value, 4), "{word:08x}: mcause, mtval, mepc");
        assert_eq!((machine.register(1), machine.pc()), (77, HANDLER), "{word:08x} has changed nothing");
    }
}

#[test]
fn a_fetch_where_nothing_is_faults_there() {
    let mut machine = Machine::new(&[0x1_0000 << 12 | 1 << 7 | 0x37, code::i(0, 1, 0, 0, 0x67)]);
    machine.set_csr(csr::MTVEC, HANDLER);
    machine.step();
    machine.step();
    assert_eq!(machine.pc(), 0x1000_0000);
    assert!(machine.step().0);
    let seen = (machine.csr(csr::MCAUSE), machine.csr(csr::MTVAL), machine.csr(csr::MEPC));
    assert_eq!(seen, (1, 0x1000_0000, 0x1000_0000));
}

#[test]
fn control_and_status_registers_are_written_set_and_cleared() {
    // Each by its number: what is written, what is read back.
    let all = 0xFFFF_FFFF;
    for (number, expected) in [
        (csr::MSTATUS, 0x1888),
        (csr::MIE, 0x3_0080),
        (csr::MTVEC, 0xFFFF_FFFC),
        (csr::MSTATUSH, 0),
        (csr::MSCRATCH, all),
        (csr::MEPC, 0xFFFF_FFFC),
        (csr::MCAUSE, all),
        (csr::MTVAL, all),
        (csr::MIP, 0),
        (csr::MCYCLEH, all),
        (csr::MINSTRET, all),
        (csr::MINSTRETH, all),
        (csr::MCOUNTINHIBIT, csr::INHIBITED),
        (csr::MHPMEVENT3, 0),
        (0x33F, 0),
        (csr::MHPMCOUNTER3, 0),
        (0xB1F, 0),
        (csr::MHPMCOUNTER3H, 0),
        (0xB9F, 0),
        (csr::TSELECT, 0),
        (csr::TDATA1, 0),
    ] {
        let machine = run(&[
            code::addi(1, 0, 0xFFF),
            code::csr(number, 1, 1, 0),
            code::csr(number, 0, 2, 2),
            // Clears bit 3 with an immediate, sets it again.
            code::csr(number, 8, 7, 3),
            code::csr(number, 8, 6, 4),
            code::csr(number, 0, 2, 5),
        ]);
        let seen = [2, 3, 4, 5].map(|index| machine.register(index));
        assert_eq!(seen, [expected, expected, expected & !8, expected], "{number:x}");
    }
    // What is set here, compressed instructions, stays set.
    let machine = run(&[
        code::csr(csr::MISA, 0, 2, 2),
        code::csr(csr::MISA, 0x1B, 5, 3),
        code::csr(csr::MISA, 4, 7, 4),
        code::csr(csr::MISA, 4, 6, 5),
        code::csr(csr::MISA, 4, 7, 6),
        code::csr(csr::MISA, 0, 2, 7),
    ]);
    let seen = [2, 3, 4, 5, 6, 7].map(|index| machine.register(index));
    let (plain, compressed) = (csr::RV32I, csr::RV32I | csr::COMPRESSED);
    assert_eq!(seen, [plain, plain, plain, plain, compressed, compressed]);
    for number in [csr::MVENDORID, csr::MARCHID, csr::MIMPID, csr::MHARTID, csr::MCONFIGPTR] {
        assert_eq!(run(&[code::csr(number, 0, 2, 2)]).register(2), 0, "{number:x}");
    }
}

#[test]
fn registers_that_are_not_there_and_writes_to_those_that_can_only_be_read_are_illegal() {
    let absent =
        [0x000, 0x180, 0x302, 0x303, 0x306, 0x321, 0x322, 0x3A0, 0x3B0, 0x7C0, 0xB01, 0xB81, 0xC00, 0xF16];
    let reads = absent.map(|number| code::csr(number, 0, 2, 1));
    // With x0 or 0, what sets and clears does not write; csrrw does.
    let writes = [1, 2, 3].map(|funct3| code::csr(csr::MHARTID, 2, funct3, 1));
    let with_zero = [1, 5].map(|funct3| code::csr(csr::MHARTID, 0, funct3, 1));
    for word in reads.into_iter().chain(writes).chain(with_zero) {
        let mut machine = Machine::new(&[word]);
        machine.set_csr(csr::MTVEC, HANDLER);
        machine.set_register(1, 77);
        assert!(machine.step().0, "{word:08x}");
        assert_eq!((machine.csr(csr::MCAUSE), machine.csr(csr::MTVAL)), (2, word));
        assert_eq!(machine.register(1), 77);
    }
    for funct3 in [2, 3, 6, 7] {
        assert_eq!(run(&[code::csr(csr::MHARTID, 0, funct3, 1)]).pc(), 4);
        // Nor does it change one that could be written.
        let machine = run(&[code::csr(csr::MSCRATCH, 9, 5, 0), code::csr(csr::MSCRATCH, 0, funct3, 1)]);
        assert_eq!((machine.register(1), machine.csr(csr::MSCRATCH)), (9, 9));
    }
}

#[test]
fn mcycle_counts_cycles_across_its_halves() {
    let machine = run(&[
        code::addi(1, 0, 0xFFF),
        code::csr(csr::MCYCLEH, 0, 1, 0),
        code::csr(csr::MCYCLE, 1, 1, 0),
        code::csr(csr::MCYCLE, 0, 2, 2),
        code::csr(csr::MCYCLEH, 0, 2, 3),
    ]);
    // Written in the last cycle of its instruction; the next one reads in its third.
    assert_eq!((machine.register(2), machine.register(3)), (1, 1));
}

/// Runs a loop that counts, with an interrupt raised in a cycle: where it was taken, its cause, and the counter then.
fn interrupted(cycle: u64, line: fn(&mut Machine) -> &mut bool) -> (u32, u32, u32) {
    let mie = 1 << interrupts::TIMER | 1 << interrupts::UART | 1 << interrupts::CORE;
    let mut machine = Machine::new(&[
        code::csr(csr::MIE, 2, 1, 0),
        code::csr(csr::MSTATUS, 8, 6, 0),
        code::addi(1, 1, 1),
        code::i(0x700, 0, 2, 3, 0x03),
        code::s(0x704, 1, 0, 2),
        code::i(9, 1, 1, 4, 0x13),
        code::csr(csr::MSCRATCH, 1, 1, 5),
        code::j(0u32.wrapping_sub(20), 0),
    ]);
    machine.set_csr(csr::MTVEC, HANDLER);
    machine.set_register(2, mie);
    while machine.cycles < cycle {
        machine.cycle();
    }
    *line(&mut machine) = true;
    let (mut trapped, mut steps) = (false, 0);
    while !trapped {
        trapped = machine.step().0;
        steps += 1;
        assert!(steps < 5, "it is taken after the instruction that it met");
    }
    // The instruction at `mepc` has not begun, all before it are done.
    let (count, pc) = (machine.register(1), machine.csr(csr::MEPC));
    let rounds = |after: u32| if pc > after || pc <= 8 { count } else { count - 1 };
    let seen = (machine.ram.0[0x704 / 4], machine.register(4), machine.csr(csr::MSCRATCH));
    assert_eq!(seen, (rounds(16), rounds(20) << 9, rounds(24)), "stored, shifted, in mscratch, at {pc}");
    assert_eq!(machine.pc(), HANDLER);
    (pc, machine.csr(csr::MCAUSE), count)
}

#[test]
fn an_interrupt_is_taken_between_any_two_instructions() {
    let mut places = std::collections::BTreeSet::new();
    // Both status registers are written in the first ten cycles.
    for cycle in 12..120 {
        let (pc, cause, _) = interrupted(cycle, |machine| &mut machine.timer);
        assert_eq!(cause, 1 << 31 | interrupts::TIMER);
        places.insert(pc);
    }
    assert_eq!(places, (2..8).map(|index| index * 4).collect());
    assert_eq!(interrupted(30, |machine| &mut machine.uart).1, 1 << 31 | interrupts::UART);
    assert_eq!(interrupted(30, |machine| &mut machine.core).1, 1 << 31 | interrupts::CORE);
}

#[test]
fn mret_goes_back_and_enables_what_was_enabled() {
    let mut words = vec![code::csr(csr::MIE, 2, 1, 0), code::csr(csr::MSTATUS, 8, 6, 0)];
    words.resize(HANDLER as usize / 4, code::addi(1, 1, 1));
    words.extend([code::csr(csr::MSTATUS, 0, 2, 3), code::MRET]);
    let mut machine = Machine::new(&words);
    machine.set_csr(csr::MTVEC, HANDLER);
    machine.set_register(2, 1 << interrupts::TIMER);
    for _ in 0..5 {
        machine.step();
    }
    machine.timer = true;
    while !machine.step().0 {}
    let mepc = machine.csr(csr::MEPC);
    machine.step();
    assert_eq!(machine.register(3), 0x1880, "in the handler: disabled, and enabled before");
    machine.timer = false;
    machine.step();
    assert_eq!(machine.pc(), mepc);
    machine.timer = true;
    // At once again: it is enabled.
    assert!(machine.step().0);
    assert_eq!(machine.csr(csr::MEPC), mepc);
}

#[test]
fn wfi_sleeps_until_an_enabled_interrupt_waits_even_if_none_is_taken() {
    let mut machine = Machine::new(&[code::csr(csr::MIE, 2, 1, 0), code::WFI, code::addi(1, 1, 1)]);
    machine.set_register(2, 1 << interrupts::UART);
    machine.step();
    for _ in 0..100 {
        assert!(!machine.cycle(), "asleep");
    }
    machine.core = true;
    for _ in 0..100 {
        assert!(!machine.cycle(), "that one is not enabled");
    }
    assert!(machine.cpu.asleep.val());
    machine.uart = true;
    assert_eq!(machine.step(), (false, 1));
    machine.step();
    assert_eq!((machine.register(1), machine.pc()), (1, 12), "MIE is 0: it goes on");
}
