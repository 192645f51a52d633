//! The processor: RV32I with machine mode and compressed instructions, several cycles an instruction.
//!
//! ```text
//!           raw          registers, immediate          address, target           bus_in
//!   Decode ------> Read ---------------------> Execute ---------------> Request ---------> Memory
//!     ^              ^  next fetch, if early      | register   |                             | register, next fetch
//!     |              +----------------------------+            +-> Jump: register, fetch     |
//!     +-------------------------------------------+------------------+-----------------------+
//! ```
//!
//! **Bus.** In a cycle with `bus_request` the address goes out, with `bus_write` naming the bytes to write, if any. The answer
//! comes in a later cycle, with `bus_ready`; until then the processor waits and asks for nothing. `bus_fault` with it says that
//! nothing is there.
//!
//! **Instructions** are fetched in words, of which the upper half is kept: an instruction that begins there is completed by the next
//! word. What computes, loads and stores ask for the next word early, while their registers are read. So a program sees what it has
//! written as instructions only after `fence.i`, as the manual says.
//!
//! **Compressed instructions** (C, without what needs floating point) are there when software has set bit C of `misa`, until a reset.
//! Before that the processor is one of RV32I, to which a jump to an odd half is a trap. They become long ones on their way to
//! the decoder.
//!
//! **Cycles**, if the bus answers in the cycle after the request: 2 for what computes; 3 for loads from near memory, the first 4 KB
//! of addresses, which is read beside the bus, for stores to it, and to read a control and status register; 4 for other loads and
//! stores, jumps, branches and fences, and for writing such a register; a shift by n 2 + n / 8 + n % 8 / 2 + n % 2, 3 at least. What
//! has not asked early needs one less if the next instruction is a compressed one that has come with it already; a jump to a long
//! one in two words two more. A trap takes 5, and one more before its handler's first instruction. A few real programs take 2.9 on
//! average without compressed ones. What goes out on the bus comes from registers.
//!
//! **Traps** are precise: an instruction that traps has changed nothing, and `mepc` is its address. Interrupts are levels, taken
//! between instructions; the first of UART, Brainfuck core and timer wins. `mtval` is the address for what has one, the
//! instruction if it is illegal, else 0.
//!
//! **Control and status registers** of which the processor needs no bit all the time are kept beside the registers, in
//! the same block RAM. Those that must be there and have nothing to say read as 0. `minstret` is one of them: it can be written
//! and read, but it does not count (`mcountinhibit` says so), because that would take 210 logic cells.

// A guard of a `match` would be dropped on the way to Verilog.
#![allow(clippy::collapsible_match)]

use super::alu::Alu;
use super::decoder::{Decoded, Decoder};
use super::expander::Expander;
use crate::local::Local;
use crate::ram::BlockRam;
use crate::register::{halves, joined, Held, Register};
use map::interrupts;
use rust_hdl::prelude::*;

// A kernel can name a bit by a literal only; these are the literals below.
const _: () = assert!(interrupts::TIMER == 7 && interrupts::UART == 16 && interrupts::CORE == 17);

/// What happens in a cycle.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum State {
    /// Asks for the instruction at `pc`.
    Fetch,
    /// Waits for the instruction, or its first half.
    Decode,
    /// Asks for the second half of an instruction that a jump has led to.
    Straddle,
    /// Reads its registers, and finds out what it is.
    Read,
    /// Computes.
    Execute,
    /// Goes where a branch or a jump leads.
    Jump,
    /// Takes what a load has read near by, or asks for what a load or store needs,
    Request,
    /// and waits for the answer.
    Memory,
    /// Shifts.
    Shift,
    /// Writes a control and status register.
    Write,
    /// Traps: `mepc`,
    TrapPc,
    /// `mcause`,
    TrapCause,
    /// `mtval`, reads `mtvec`,
    TrapValue,
    /// and goes there.
    TrapJump,
    /// Returns: reads `mepc`,
    Return,
    /// and goes there.
    ReturnJump,
    /// Waits for an interrupt.
    Sleep,
}

/// What `mtval` says.
#[derive(Copy, Clone, Debug, PartialEq, LogicState)]
pub enum TrapValue {
    /// 0.
    Nothing,
    /// The address that the instruction has computed.
    Address,
    /// The instruction.
    Instruction,
    /// The instruction's address.
    Pc,
    /// The address of its second half.
    Half,
}

/// The processor. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct Rv32 {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Back to the first instruction. The registers keep their values.
    pub reset: Signal<In, bool>,
    /// The first instruction's address: a constant, a multiple of 4.
    pub reset_address: Signal<In, Bits<32>>,
    /// What to read or write: an address that suits its width.
    pub bus_address: Signal<Out, Bits<32>>,
    /// Read or write in this cycle.
    pub bus_request: Signal<Out, bool>,
    /// It is an instruction that is read.
    pub bus_fetch: Signal<Out, bool>,
    /// A load or store asks in this cycle: `bus_request` without `bus_fetch`, but known before `bus_ready`.
    pub bus_access: Signal<Out, bool>,
    /// `bus_address` in such a cycle, known at its beginning.
    pub access_address: Signal<Out, Bits<32>>,
    /// Which bytes of the word to write, bit 0 for the lowest address; 0 to read.
    pub bus_write: Signal<Out, Bits<4>>,
    /// What to write, each byte where it belongs.
    pub bus_out: Signal<Out, Bits<32>>,
    /// A load may read the near memory in this cycle, the first 4 KB of addresses: which word of it. What is written there by the
    /// bus is answered in the next cycle.
    pub near_read: Signal<Out, bool>,
    /// See `near_read`.
    pub near_address: Signal<Out, Bits<10>>,
    /// What it has read, one cycle later.
    pub near_data: Signal<In, Bits<32>>,
    /// The request is answered.
    pub bus_ready: Signal<In, bool>,
    /// Nothing is there: with `bus_ready`.
    pub bus_fault: Signal<In, bool>,
    /// The word that was read: with `bus_ready`.
    pub bus_in: Signal<In, Bits<32>>,
    /// The timer wants attention.
    pub interrupt_timer: Signal<In, bool>,
    /// The serial line wants attention.
    pub interrupt_uart: Signal<In, bool>,
    /// The Brainfuck core wants attention.
    pub interrupt_core: Signal<In, bool>,
    /// An instruction is done in this cycle.
    pub retired: Signal<Out, bool>,
    /// A trap is taken: in this cycle on to its handler.
    pub trapped: Signal<Out, bool>,
    /// Waiting for an interrupt.
    pub asleep: Signal<Out, bool>,

    /// What happens in this cycle.
    pub state: Register<State>,
    /// Some of the states, each a bit: what the operands are must be known early.
    in_fetch: Register<bool>,
    in_decode: Register<bool>,
    in_straddle: Register<bool>,
    in_read: Register<bool>,
    in_execute: Register<bool>,
    in_request: Register<bool>,
    in_jump: Register<bool>,
    in_write: Register<bool>,
    /// It writes from a register; from the instruction itself.
    in_write_a: Register<bool>,
    in_write_source: Register<bool>,
    /// The old value of a control and status register is an operand: not of what just replaces it.
    in_old: Register<bool>,
    in_trap_pc: Register<bool>,
    in_trap_cause: Register<bool>,
    in_value_address: Register<bool>,
    in_value_pc: Register<bool>,
    in_value_half: Register<bool>,
    in_value_instruction: Register<bool>,
    /// There are compressed instructions: `misa.C`. Set by software, cleared by a reset.
    compressed: Register<bool>,
    /// Address of the instruction.
    pub pc: Register<Bits<32>>,
    /// The instruction as it was fetched, and whether it is a compressed one: then what is above it does not matter.
    raw: Held<Bits<32>>,
    short: Held<bool>,
    /// It may ask for the next word while its registers are read.
    early: Held<bool>,
    /// The instruction in its long form, when its registers have been read.
    instruction: Held<Bits<32>>,
    /// The upper half of the word that was fetched last: the instruction begins in it, or the next one does.
    rest: Held<Bits<16>>,
    /// The instruction that is fetched begins in the rest; in the upper half of the word that comes.
    straddles: Register<bool>,
    odd: Register<bool>,
    /// The next word was asked for while this instruction was read; it has come, while the instruction still needs the bus.
    asked: Register<bool>,
    ahead_is_there: Register<bool>,
    ahead: Held<Bits<32>>,
    /// What is shifted, and by how much still; the address of a load or store.
    shifted: Register<Bits<32>>,
    left: Register<Bits<5>>,
    /// It jumps; it would, but to where no instruction can be.
    taken: Register<bool>,
    crooked: Register<bool>,
    /// What `mcause` and `mtval` will say.
    cause: Register<Bits<5>>,
    cause_interrupt: Register<bool>,
    trap_value: Register<TrapValue>,
    /// `mstatus`: MIE and MPIE.
    enabled: Register<bool>,
    enabled_before: Register<bool>,
    /// `mie`
    enable_timer: Register<bool>,
    enable_uart: Register<bool>,
    enable_core: Register<bool>,
    /// `mcycle` and `mcycleh`
    cycles: Register<Bits<32>>,
    cycles_high: Register<Bits<32>>,
    /// The registers from 0 on, behind them the control and status registers that are stored. Once for each operand.
    pub registers: BlockRam<Bits<32>, 6>,
    /// The same once more, for the second operand.
    pub registers_b: BlockRam<Bits<32>, 6>,
    decoder: Decoder,
    expander: Expander,
    alu: Alu,

    state_next: Local<State>,
    long: Local<Bits<32>>,
    word: Local<Bits<32>>,
    decoded: Local<Decoded>,
    immediate: Local<Bits<32>>,
    funct3: Local<Bits<3>>,
    width: Local<Bits<2>>,
    destination: Local<Bits<5>>,
    stored_index: Local<Bits<6>>,
    stored_read: Local<Bits<6>>,
    number: Local<Bits<12>>,
    operation: Local<Bits<3>>,
    operand_a: Local<Bits<32>>,
    operand_b: Local<Bits<32>>,
    uses_pc: Local<bool>,
    uses_a: Local<bool>,
    other_b: Local<Bits<32>>,
    from_pc: Local<Bits<32>>,
    from_a: Local<Bits<32>>,
    from_source: Local<Bits<32>>,
    from_b: Local<Bits<32>>,
    uses_b: Local<bool>,
    uses_immediate: Local<bool>,
    value_uses_pc: Local<bool>,
    csr_value: Local<Bits<32>>,
    csr_written: Local<Bits<32>>,
    source: Local<Bits<5>>,
    address_low: Local<Bits<2>>,
    immediate_low: Local<Bits<2>>,
    base_low: Local<Bits<2>>,
    misaligned: Local<bool>,
    misaligned_jump: Local<bool>,
    misaligned_branch: Local<bool>,
    condition: Local<bool>,
    fails: Local<bool>,
    done: Local<bool>,
    advance: Local<bool>,
    access: Local<bool>,
    interrupted: Local<bool>,
    pc_word: Local<Bits<30>>,
    pc_odd: Local<bool>,
    word_after: Local<Bits<30>>,
    next_word: Local<Bits<30>>,
    next_odd: Local<bool>,
    next_is_there: Local<bool>,
    next_address: Local<Bits<32>>,
    pc_after: Local<Bits<32>>,
    fetches: Local<bool>,
    next_data: Local<Bits<32>>,
    low_half: Local<Bits<16>>,
    high_half: Local<Bits<16>>,
    first_half: Local<Bits<16>>,
    second_half: Local<Bits<16>>,
    is_short: Local<bool>,
    is_early: Local<bool>,
    quadrant: Local<Bits<2>>,
    category: Local<Bits<3>>,
    second_register: Local<Bits<5>>,
    asks: Local<bool>,
    goes_on: Local<bool>,
    takes: Local<bool>,
    branch_target: Local<Bits<32>>,
    target: Local<Bits<32>>,
    return_to: Local<Bits<32>>,
    pending_timer: Local<bool>,
    pending_uart: Local<bool>,
    pending_core: Local<bool>,
    pending: Local<bool>,
    passes: Local<bool>,
    leaps: Local<bool>,
    accesses: Local<bool>,
    mask: Local<Bits<4>>,
    write_mask: Local<Bits<4>>,
    far: Local<Bits<20>>,
    is_near: Local<bool>,
    read_data: Local<Bits<32>>,
    half: Local<Bits<16>>,
    octet: Local<Bits<8>>,
    loaded: Local<Bits<32>>,
    result: Local<Bits<32>>,
    write_register: Local<bool>,
    write_stored: Local<bool>,
    write_address: Local<Bits<6>>,
    read_address_a: Local<Bits<6>>,
    read_address_b: Local<Bits<6>>,
    opcode: Local<Bits<7>>,
    shift_amount: Local<Bits<5>>,
    unshifted: Local<Bits<32>>,
    above: Local<Bits<32>>,
    moved: Local<Bits<32>>,
    left_then: Local<Bits<5>>,
    store_octet: Local<Bits<8>>,
    store_half: Local<Bits<16>>,
    b_value: Local<Bits<32>>,
}

impl Rv32 {
    /// In simulation: the timer's interrupt wakes it.
    pub fn wakes_for_timer(&self) -> bool {
        self.enable_timer.q.val()
    }

    /// In simulation: so many cycles pass, all of them asleep.
    pub fn skip(&mut self, cycles: u64) {
        let before = joined(self.cycles.q.val(), self.cycles_high.q.val());
        let (low, high) = halves(before.wrapping_add(cycles));
        self.cycles.set(low);
        self.cycles_high.set(high);
    }
}

impl Logic for Rv32 {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            pc,
            shifted,
            left,
            taken,
            crooked,
            cause,
            cause_interrupt,
            trap_value,
            enabled,
            enabled_before,
            enable_timer,
            enable_uart,
            enable_core,
            cycles,
            cycles_high,
            in_fetch,
            in_decode,
            in_straddle,
            in_read,
            in_execute,
            in_request,
            in_jump,
            in_write,
            in_write_a,
            in_write_source,
            in_old,
            in_trap_pc,
            in_trap_cause,
            in_value_address,
            in_value_pc,
            in_value_half,
            in_value_instruction,
            compressed,
            straddles,
            odd,
            asked,
            ahead_is_there
        );
        clock!(self, clock, raw, short, early, instruction, rest, ahead, registers, registers_b, decoder);

        self.state_next.next = self.state.q.val();
        self.word.next = self.instruction.q.val();
        self.expander.half.next = self.raw.q.val().get_bits::<16>(0);
        self.long.next = self.raw.q.val();
        if self.short.q.val() {
            self.long.next = self.expander.word.val();
        }
        self.decoder.instruction.next = self.long.val();
        self.decoder.compressed.next = self.compressed.q.val();
        self.decoded.next = self.decoder.decoded.val();
        self.immediate.next = self.decoded.val().immediate;
        self.funct3.next = self.word.val().get_bits::<3>(12);
        self.width.next = self.word.val().get_bits::<2>(12);
        self.destination.next = self.word.val().get_bits::<5>(7);
        self.source.next = self.word.val().get_bits::<5>(15);
        self.number.next = self.word.val().get_bits::<12>(20);
        self.b_value.next = self.registers_b.read_data.val();

        // ---- Interrupts ----
        self.pending_timer.next = self.interrupt_timer.val() & self.enable_timer.q.val();
        self.pending_uart.next = self.interrupt_uart.val() & self.enable_uart.q.val();
        self.pending_core.next = self.interrupt_core.val() & self.enable_core.q.val();
        self.pending.next = self.pending_timer.val() | self.pending_uart.val() | self.pending_core.val();
        self.interrupted.next = self.pending.val() & self.enabled.q.val();

        // ---- Control and status registers ----
        self.csr_value.next = bits::<32>(0);
        if self.decoded.val().csr_status {
            // The mode before a trap is always machine mode.
            self.csr_value.next = bits::<32>(0x1800)
                | (bit_cast::<32, 1>(self.enabled.q.val().into()) << 3)
                | (bit_cast::<32, 1>(self.enabled_before.q.val().into()) << 7);
        }
        if self.decoded.val().csr_enable {
            self.csr_value.next = (bit_cast::<32, 1>(self.enable_timer.q.val().into()) << 7)
                | (bit_cast::<32, 1>(self.enable_uart.q.val().into()) << 16)
                | (bit_cast::<32, 1>(self.enable_core.q.val().into()) << 17);
        }
        if self.decoded.val().csr_pending {
            self.csr_value.next = (bit_cast::<32, 1>(self.interrupt_timer.val().into()) << 7)
                | (bit_cast::<32, 1>(self.interrupt_uart.val().into()) << 16)
                | (bit_cast::<32, 1>(self.interrupt_core.val().into()) << 17);
        }
        if self.decoded.val().csr_cycle {
            self.csr_value.next = self.cycles.q.val();
        }
        if self.decoded.val().csr_cycle_high {
            self.csr_value.next = self.cycles_high.q.val();
        }

        // ---- Operands ----
        self.value_uses_pc.next = self.decoded.val().branch | self.decoded.val().jal;
        self.uses_pc.next = (self.in_execute.q.val() & self.decoded.val().takes_pc)
            | self.in_jump.q.val()
            | self.in_trap_pc.q.val()
            | (self.in_value_address.q.val() & self.value_uses_pc.val())
            | self.in_value_pc.q.val()
            | self.in_value_half.q.val();
        self.uses_a.next = (self.in_execute.q.val() & self.decoded.val().takes_a)
            | self.in_write_a.q.val()
            | (self.in_value_address.q.val() & !self.value_uses_pc.val());
        self.uses_b.next = (self.in_execute.q.val() & self.decoded.val().takes_b)
            | (self.in_old.q.val() & self.decoded.val().csr_stored);
        self.uses_immediate.next =
            (self.in_execute.q.val() & self.decoded.val().takes_immediate) | self.in_value_address.q.val();
        self.other_b.next = bits::<32>(0);
        if self.uses_immediate.val() {
            self.other_b.next = self.immediate.val();
        }
        if self.in_jump.q.val() {
            self.other_b.next = bits::<32>(4);
            if self.short.q.val() {
                self.other_b.next = bits::<32>(2);
            }
        }
        if self.in_value_half.q.val() {
            self.other_b.next = bits::<32>(2);
        }
        if self.in_old.q.val() & self.decoded.val().csr_changes {
            self.other_b.next = self.csr_value.val();
        }
        if self.in_trap_cause.q.val() {
            self.other_b.next = bit_cast::<32, 5>(self.cause.q.val());
            if self.cause_interrupt.q.val() {
                self.other_b.next = bit_cast::<32, 5>(self.cause.q.val()) | bits::<32>(0x8000_0000_u64);
            }
        }
        if self.in_value_instruction.q.val() {
            self.other_b.next = self.word.val();
        }
        self.from_pc.next = bits::<32>(0);
        if self.uses_pc.val() {
            self.from_pc.next = self.pc.q.val();
        }
        self.from_a.next = bits::<32>(0);
        if self.uses_a.val() {
            self.from_a.next = self.registers.read_data.val();
        }
        self.from_source.next = bits::<32>(0);
        if self.in_write_source.q.val() {
            self.from_source.next = bit_cast::<32, 5>(self.source.val());
        }
        self.from_b.next = bits::<32>(0);
        if self.uses_b.val() {
            self.from_b.next = self.b_value.val();
        }
        self.operand_a.next = self.from_pc.val() | self.from_a.val() | self.from_source.val();
        self.operand_b.next = self.from_b.val() | self.other_b.val();
        self.alu.subtract.next = self.in_execute.q.val() & self.decoded.val().subtracts;
        self.alu.without_sign.next = self.decoded.val().without_sign;
        self.operation.next = bits::<3>(0);
        if self.in_execute.q.val() & self.decoded.val().computes {
            self.operation.next = self.funct3.val();
        }
        if self.in_write.q.val() {
            self.operation.next = bits::<3>(6);
            if self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0) {
                self.operation.next = bits::<3>(1);
            }
        }
        // What a block is told is assigned once: an event simulator takes every assignment for a change, and the answer for another.
        self.alu.operation.next = self.operation.val();
        self.alu.a.next = self.operand_a.val();
        self.alu.b.next = self.operand_b.val();

        // ---- Alignment, from two bits: the sum would be late ----
        self.base_low.next = self.registers.read_data.val().get_bits::<2>(0);
        self.immediate_low.next = self.immediate.val().get_bits::<2>(0);
        self.address_low.next = self.base_low.val() + self.immediate_low.val();
        self.misaligned.next = (self.width.val().get_bit(1) & self.address_low.val().any())
            | (self.width.val().get_bit(0) & self.address_low.val().get_bit(0));
        self.misaligned_jump.next = ((self.decoded.val().jal & self.immediate_low.val().get_bit(1))
            | (self.decoded.val().jalr & self.address_low.val().get_bit(1)))
            & !self.compressed.q.val();

        // ---- What Execute does ----
        self.condition.next = self.alu.equal.val();
        if self.funct3.val().get_bit(2) {
            self.condition.next = self.alu.less.val();
        }
        self.misaligned_branch.next =
            self.decoded.val().branch & self.immediate_low.val().get_bit(1) & !self.compressed.q.val();
        if self.in_execute.q.val() {
            self.taken.d.next = ((self.condition.val() ^ self.funct3.val().get_bit(0))
                & !self.misaligned_branch.val())
                | self.decoded.val().links;
            self.crooked.d.next =
                (self.condition.val() ^ self.funct3.val().get_bit(0)) & self.misaligned_branch.val();
        }
        self.access.next = self.decoded.val().load | self.decoded.val().store;
        self.fails.next = self.decoded.val().traps
            | (self.access.val() & self.misaligned.val())
            | self.misaligned_jump.val();
        self.goes_on.next = self.decoded.val().sequential & !self.fails.val();

        // ---- The next instruction: where it is, and what has come of it ----
        self.pc_word.next = self.pc.q.val().get_bits::<30>(2);
        self.pc_odd.next = self.pc.q.val().get_bit(1);
        self.word_after.next = self.pc_word.val() + bits::<30>(1);
        self.next_odd.next = self.pc_odd.val() ^ self.short.q.val();
        self.pc_after.next = bit_cast::<32, 30>(self.word_after.val()) << 2;
        if self.short.q.val() & !self.pc_odd.val() {
            self.pc_after.next = self.pc.q.val();
        }
        if self.next_odd.val() {
            self.pc_after.next = self.pc_after.val() | bits::<32>(2);
        }
        // An instruction that begins in the upper half of a word needs the next one: the first half is in the rest.
        self.next_word.next = self.word_after.val();
        if self.pc_odd.val() & !self.short.q.val() & !self.in_straddle.q.val() {
            self.next_word.next = self.pc_word.val() + bits::<30>(2);
        }
        self.next_address.next = bit_cast::<32, 30>(self.next_word.val()) << 2;
        self.next_is_there.next =
            self.next_odd.val() & !(self.rest.q.val().get_bit(0) & self.rest.q.val().get_bit(1));
        self.fetches.next = self.in_decode.q.val()
            | (self.in_execute.q.val() & self.asked.q.val())
            | self.ahead_is_there.q.val();
        self.next_data.next = self.bus_in.val();
        if self.ahead_is_there.q.val() {
            self.next_data.next = self.ahead.q.val();
        }
        self.low_half.next = self.next_data.val().get_bits::<16>(0);
        self.high_half.next = self.next_data.val().get_bits::<16>(16);
        self.first_half.next = self.low_half.val();
        self.second_half.next = self.high_half.val();
        if self.odd.q.val() {
            self.first_half.next = self.high_half.val();
        }
        if self.straddles.q.val() | !self.fetches.val() {
            self.first_half.next = self.rest.q.val();
            self.second_half.next = self.low_half.val();
        }
        self.is_short.next =
            !(self.first_half.val().get_bit(0) & self.first_half.val().get_bit(1)) & self.compressed.q.val();
        // What computes leaves the bus alone, and loads and stores do not need it at once. What is not legal may be among them.
        self.is_early.next = !self.first_half.val().get_bit(6)
            & !self.first_half.val().get_bit(3)
            & (self.first_half.val().get_bit(4) | !self.first_half.val().get_bit(2));
        self.quadrant.next = self.first_half.val().get_bits::<2>(0);
        self.category.next = self.first_half.val().get_bits::<3>(13);
        self.second_register.next = self.first_half.val().get_bits::<5>(2);
        if self.is_short.val() {
            self.is_early.next = false;
            match self.quadrant.val().index() {
                0 => self.is_early.next = true,
                1 => match self.category.val().index() {
                    0 => self.is_early.next = true,
                    2 => self.is_early.next = true,
                    3 => self.is_early.next = true,
                    4 => self.is_early.next = true,
                    _ => {}
                },
                _ => match self.category.val().index() {
                    0 => self.is_early.next = true,
                    2 => self.is_early.next = true,
                    // Without a second register they jump.
                    4 => self.is_early.next = self.second_register.val().any(),
                    6 => self.is_early.next = true,
                    _ => {}
                },
            }
        }
        self.asks.next = self.early.q.val() & !self.next_is_there.val();

        // ---- The next state ----
        self.advance.next = false;
        self.done.next = false;
        self.branch_target.next = self.pc.q.val() + self.immediate.val();
        self.target.next = self.alu.sum.val() & bits::<32>(0xFFFF_FFFE_u64);
        self.return_to.next = self.b_value.val() & bits::<32>(0xFFFF_FFFE_u64);
        if !self.compressed.q.val() {
            self.return_to.next = self.b_value.val() & bits::<32>(0xFFFF_FFFC_u64);
        }
        self.access_address.next = self.shifted.q.val();
        // Its address is known when it has been computed, and read it is before that is looked at.
        self.near_read.next = self.in_execute.q.val() & self.decoded.val().load;
        self.near_address.next = self.alu.sum.val().get_bits::<10>(2);
        self.far.next = self.shifted.q.val().get_bits::<20>(12);
        self.is_near.next = !self.far.val().any();
        self.passes.next = self.decoded.val().load & self.is_near.val();
        self.leaps.next = self.in_jump.q.val() & self.taken.q.val();
        match self.state.q.val() {
            State::Fetch => {
                self.straddles.d.next = false;
                self.ahead_is_there.d.next = false;
                self.odd.d.next = self.pc_odd.val();
                self.state_next.next = State::Decode;
            }
            State::Decode => {
                if self.bus_ready.val() {
                    self.state_next.next = State::Read;
                    // The two bits are where this half is, and not where the first one is: that would be late.
                    if self.odd.q.val() & self.bus_in.val().get_bit(16) & self.bus_in.val().get_bit(17) {
                        self.state_next.next = State::Straddle;
                    }
                    if self.bus_fault.val() {
                        self.state_next.next = State::TrapPc;
                        self.cause.d.next = bits::<5>(1);
                        self.cause_interrupt.d.next = false;
                        self.trap_value.d.next = TrapValue::Pc;
                        if self.straddles.q.val() {
                            self.trap_value.d.next = TrapValue::Half;
                        }
                    }
                    if self.interrupted.val() {
                        self.state_next.next = State::TrapPc;
                        self.cause.d.next = bits::<5>(7);
                        if self.pending_core.val() {
                            self.cause.d.next = bits::<5>(17);
                        }
                        if self.pending_uart.val() {
                            self.cause.d.next = bits::<5>(16);
                        }
                        self.cause_interrupt.d.next = true;
                        self.trap_value.d.next = TrapValue::Nothing;
                    }
                }
            }
            State::Straddle => {
                self.straddles.d.next = true;
                self.odd.d.next = false;
                self.state_next.next = State::Decode;
            }
            State::Read => {
                self.asked.d.next = self.asks.val();
                self.ahead_is_there.d.next = false;
                self.straddles.d.next = self.next_odd.val();
                self.odd.d.next = false;
                self.state_next.next = State::Execute;
            }
            State::Execute => {
                self.advance.next = self.goes_on.val() & !self.asked.q.val();
                if self.decoded.val().fence & !self.fails.val() {
                    self.pc.d.next = self.pc_after.val();
                    self.state_next.next = State::Fetch;
                    self.done.next = true;
                }
                if self.decoded.val().branch | self.decoded.val().links {
                    self.state_next.next = State::Jump;
                }
                if self.decoded.val().shift {
                    self.state_next.next = State::Shift;
                }
                if self.decoded.val().csr_writes {
                    self.state_next.next = State::Write;
                }
                if self.decoded.val().mret {
                    self.state_next.next = State::Return;
                }
                if self.decoded.val().wfi {
                    self.state_next.next = State::Sleep;
                }
                if self.access.val() {
                    self.state_next.next = State::Request;
                }
                if self.fails.val() {
                    self.state_next.next = State::TrapPc;
                    self.cause_interrupt.d.next = false;
                    self.trap_value.d.next = TrapValue::Address;
                    self.cause.d.next = bits::<5>(0);
                    if self.decoded.val().load {
                        self.cause.d.next = bits::<5>(4);
                    }
                    if self.decoded.val().store {
                        self.cause.d.next = bits::<5>(6);
                    }
                    if self.decoded.val().ebreak {
                        self.cause.d.next = bits::<5>(3);
                        self.trap_value.d.next = TrapValue::Pc;
                    }
                    if self.decoded.val().ecall {
                        self.cause.d.next = bits::<5>(11);
                        self.trap_value.d.next = TrapValue::Nothing;
                    }
                    if !self.decoded.val().legal {
                        self.cause.d.next = bits::<5>(2);
                        self.trap_value.d.next = TrapValue::Instruction;
                    }
                }
                if self.asked.q.val() {
                    if self.goes_on.val() {
                        self.pc.d.next = self.pc_after.val();
                        self.done.next = true;
                        self.state_next.next = State::Decode;
                        if self.bus_ready.val() {
                            self.state_next.next = State::Read;
                            // They are for Decode: it asks again.
                            if self.bus_fault.val() | self.interrupted.val() {
                                self.state_next.next = State::Fetch;
                            }
                        }
                    } else {
                        self.ahead_is_there.d.next = self.bus_ready.val() & !self.bus_fault.val();
                        // The bus takes no other request before it has answered.
                        if !self.bus_ready.val() {
                            self.state_next.next = State::Execute;
                        }
                    }
                }
            }
            State::Request => {
                // Near memory always takes what is stored, if the bus is not wanted for the next instruction.
                self.advance.next = self.passes.val()
                    | (self.is_near.val() & (self.next_is_there.val() | self.ahead_is_there.q.val()));
                self.state_next.next = State::Memory;
            }
            State::Jump => {
                if self.crooked.q.val() {
                    self.state_next.next = State::TrapPc;
                    self.cause_interrupt.d.next = false;
                    self.trap_value.d.next = TrapValue::Address;
                    self.cause.d.next = bits::<5>(0);
                } else if self.taken.q.val() {
                    self.straddles.d.next = false;
                    self.odd.d.next = self.shifted.q.val().get_bit(1);
                    self.pc.d.next = self.shifted.q.val() & bits::<32>(0xFFFF_FFFE_u64);
                    self.state_next.next = State::Decode;
                    self.done.next = true;
                } else {
                    self.advance.next = true;
                }
            }
            State::Memory => {
                if self.bus_ready.val() {
                    if self.bus_fault.val() {
                        self.state_next.next = State::TrapPc;
                        self.cause_interrupt.d.next = false;
                        self.trap_value.d.next = TrapValue::Address;
                        self.cause.d.next = bits::<5>(5);
                        if self.decoded.val().store {
                            self.cause.d.next = bits::<5>(7);
                        }
                    } else {
                        self.advance.next = true;
                    }
                }
            }
            State::Shift => self.advance.next = !self.left.q.val().any(),
            State::Write => self.advance.next = true,
            State::TrapPc => self.state_next.next = State::TrapCause,
            State::TrapCause => self.state_next.next = State::TrapValue,
            State::TrapValue => self.state_next.next = State::TrapJump,
            State::TrapJump => {
                self.pc.d.next = self.return_to.val();
                self.enabled_before.d.next = self.enabled.q.val();
                self.enabled.d.next = false;
                self.state_next.next = State::Fetch;
            }
            State::Return => self.state_next.next = State::ReturnJump,
            State::ReturnJump => {
                self.pc.d.next = self.return_to.val();
                self.enabled.d.next = self.enabled_before.q.val();
                self.enabled_before.d.next = true;
                self.state_next.next = State::Fetch;
                self.done.next = true;
            }
            State::Sleep => self.advance.next = self.pending.val(),
            _ => {}
        }
        if self.advance.val() {
            self.pc.d.next = self.pc_after.val();
            self.straddles.d.next = self.next_odd.val();
            self.odd.d.next = false;
            if self.next_is_there.val() | self.ahead_is_there.q.val() {
                self.state_next.next = State::Read;
                // An interrupt is for Decode, also one that is let in just now.
                if self.interrupted.val() | self.in_write.q.val() {
                    self.state_next.next = State::Fetch;
                }
            } else {
                self.state_next.next = State::Decode;
            }
        }

        // ---- The bus: what decides about it comes from registers, as far as it can ----
        self.bus_address.next = self.next_address.val();
        if self.in_fetch.q.val() {
            self.bus_address.next = self.pc.q.val();
        }
        if self.in_request.q.val() | self.leaps.val() {
            self.bus_address.next = self.shifted.q.val();
        }
        self.accesses.next = self.in_request.q.val() & !self.passes.val();
        self.bus_request.next = self.in_fetch.q.val()
            | self.in_straddle.q.val()
            | (self.in_read.q.val() & self.asks.val())
            | self.leaps.val()
            | self.accesses.val()
            | (self.advance.val() & !self.next_is_there.val() & !self.ahead_is_there.q.val());
        self.bus_access.next = self.accesses.val();
        self.bus_fetch.next = !self.accesses.val();
        self.mask.next = bits::<4>(15);
        match self.width.val().index() {
            0 => match self.address_low.val().index() {
                0 => self.mask.next = bits::<4>(1),
                1 => self.mask.next = bits::<4>(2),
                2 => self.mask.next = bits::<4>(4),
                _ => self.mask.next = bits::<4>(8),
            },
            1 => {
                self.mask.next = bits::<4>(3);
                if self.address_low.val().get_bit(1) {
                    self.mask.next = bits::<4>(12);
                }
            }
            _ => {}
        }
        self.write_mask.next = bits::<4>(0);
        if self.in_request.q.val() & self.decoded.val().store {
            self.write_mask.next = self.mask.val();
        }
        self.bus_write.next = self.write_mask.val();
        self.retired.next = self.advance.val() | self.done.val();
        self.trapped.next = self.state.q.val() == State::TrapJump;
        self.asleep.next = self.state.q.val() == State::Sleep;

        // ---- Shifts: by eight, by two, by one, from Execute on ----
        self.shift_amount.next = self.left.q.val();
        self.unshifted.next = self.shifted.q.val();
        if self.in_execute.q.val() {
            // The operand is one or the other too, but later.
            self.shift_amount.next = self.word.val().get_bits::<5>(20);
            if self.decoded.val().takes_b {
                self.shift_amount.next = self.b_value.val().get_bits::<5>(0);
            }
            self.unshifted.next = self.registers.read_data.val();
        }
        self.above.next = bits::<32>(0);
        if self.word.val().get_bit(30) & self.unshifted.val().get_bit(31) {
            self.above.next = bits::<32>(0xFFFF_FFFF_u64);
        }
        self.moved.next = self.unshifted.val();
        self.left_then.next = bits::<5>(0);
        if self.shift_amount.val().get_bit(4) | self.shift_amount.val().get_bit(3) {
            self.left_then.next = self.shift_amount.val() & bits::<5>(7);
            // Both are counted down without a carry: it would be late.
            if self.shift_amount.val().get_bit(4) {
                self.left_then.next = (self.shift_amount.val() & bits::<5>(7)) | bits::<5>(8);
                if self.shift_amount.val().get_bit(3) {
                    self.left_then.next = (self.shift_amount.val() & bits::<5>(7)) | bits::<5>(16);
                }
            }
            self.moved.next = self.unshifted.val() << 8;
            if self.funct3.val().get_bit(2) {
                self.moved.next = (self.unshifted.val() >> 8) | (self.above.val() << 24);
            }
        } else if self.shift_amount.val().get_bit(2) | self.shift_amount.val().get_bit(1) {
            self.left_then.next = self.shift_amount.val() & bits::<5>(1);
            if self.shift_amount.val().get_bit(2) {
                self.left_then.next = (self.shift_amount.val() & bits::<5>(1)) | bits::<5>(2);
                if self.shift_amount.val().get_bit(1) {
                    self.left_then.next = (self.shift_amount.val() & bits::<5>(1)) | bits::<5>(4);
                }
            }
            self.moved.next = self.unshifted.val() << 2;
            if self.funct3.val().get_bit(2) {
                self.moved.next = (self.unshifted.val() >> 2) | (self.above.val() << 30);
            }
        } else if self.shift_amount.val().get_bit(0) {
            self.moved.next = self.unshifted.val() << 1;
            if self.funct3.val().get_bit(2) {
                self.moved.next = (self.unshifted.val() >> 1) | (self.above.val() << 31);
            }
        }
        if self.in_execute.q.val() | (self.state.q.val() == State::Shift) {
            self.shifted.d.next = self.moved.val();
            self.left.d.next = self.left_then.val();
        }
        if self.in_execute.q.val() {
            if self.access.val() | self.decoded.val().links {
                self.shifted.d.next = self.alu.sum.val();
            }
            if self.decoded.val().branch {
                self.shifted.d.next = self.branch_target.val();
            }
        }

        // ---- Loads and stores ----
        self.read_data.next = self.bus_in.val();
        if self.in_request.q.val() {
            self.read_data.next = self.near_data.val();
        }
        self.half.next = self.read_data.val().get_bits::<16>(0);
        if self.address_low.val().get_bit(1) {
            self.half.next = self.read_data.val().get_bits::<16>(16);
        }
        self.octet.next = self.half.val().get_bits::<8>(0);
        if self.address_low.val().get_bit(0) {
            self.octet.next = self.half.val().get_bits::<8>(8);
        }
        match self.width.val().index() {
            0 => {
                self.loaded.next = bit_cast::<32, 8>(self.octet.val());
                if self.octet.val().get_bit(7) & !self.funct3.val().get_bit(2) {
                    self.loaded.next = bit_cast::<32, 8>(self.octet.val()) | bits::<32>(0xFFFF_FF00_u64);
                }
            }
            1 => {
                self.loaded.next = bit_cast::<32, 16>(self.half.val());
                if self.half.val().get_bit(15) & !self.funct3.val().get_bit(2) {
                    self.loaded.next = bit_cast::<32, 16>(self.half.val()) | bits::<32>(0xFFFF_0000_u64);
                }
            }
            _ => self.loaded.next = self.read_data.val(),
        }
        self.store_octet.next = self.b_value.val().get_bits::<8>(0);
        self.store_half.next = self.b_value.val().get_bits::<16>(0);
        match self.width.val().index() {
            0 => {
                self.bus_out.next = bit_cast::<32, 8>(self.store_octet.val())
                    | (bit_cast::<32, 8>(self.store_octet.val()) << 8)
                    | (bit_cast::<32, 8>(self.store_octet.val()) << 16)
                    | (bit_cast::<32, 8>(self.store_octet.val()) << 24);
            }
            1 => {
                self.bus_out.next = bit_cast::<32, 16>(self.store_half.val())
                    | (bit_cast::<32, 16>(self.store_half.val()) << 16);
            }
            _ => self.bus_out.next = self.b_value.val(),
        }

        // ---- Registers ----
        self.stored_index.next = bit_cast::<6, 3>(self.word.val().get_bits::<3>(20))
            | (bit_cast::<6, 1>(self.word.val().get_bits::<1>(31)) << 3)
            | (bit_cast::<6, 1>(self.word.val().get_bits::<1>(27)) << 4)
            | bits::<6>(32);
        self.stored_read.next = bit_cast::<6, 3>(self.long.val().get_bits::<3>(20))
            | (bit_cast::<6, 1>(self.long.val().get_bits::<1>(31)) << 3)
            | (bit_cast::<6, 1>(self.long.val().get_bits::<1>(27)) << 4)
            | bits::<6>(32);
        self.write_register.next = false;
        self.write_stored.next = false;
        self.write_address.next = bit_cast::<6, 5>(self.destination.val());
        self.result.next = self.alu.result.val();
        match self.state.q.val() {
            State::Execute => {
                self.write_register.next = self.decoded.val().writes;
            }
            State::Jump => self.write_register.next = self.decoded.val().links,
            State::Request => {
                self.write_register.next = self.decoded.val().load & self.is_near.val();
                self.result.next = self.loaded.val();
            }
            State::Memory => {
                self.write_register.next =
                    self.bus_ready.val() & !self.bus_fault.val() & self.decoded.val().load;
                self.result.next = self.loaded.val();
            }
            State::Shift => {
                self.write_register.next = self.advance.val();
                self.result.next = self.shifted.q.val();
            }
            State::Write => {
                self.write_stored.next = self.decoded.val().csr_stored;
                self.write_address.next = self.stored_index.val();
                // mepc and mtvec are addresses of instructions.
                if (self.number.val() == bits::<12>(833)) | (self.number.val() == bits::<12>(773)) {
                    self.result.next = self.alu.result.val() & bits::<32>(0xFFFF_FFFC_u64);
                    if self.compressed.q.val() & self.number.val().get_bit(6) {
                        self.result.next = self.alu.result.val() & bits::<32>(0xFFFF_FFFE_u64);
                    }
                }
            }
            State::TrapPc => {
                self.write_stored.next = true;
                self.write_address.next = bits::<6>(33);
            }
            State::TrapCause => {
                self.write_stored.next = true;
                self.write_address.next = bits::<6>(34);
            }
            State::TrapValue => {
                self.write_stored.next = true;
                self.write_address.next = bits::<6>(35);
                if self.decoded.val().jalr & self.decoded.val().legal {
                    self.result.next = self.target.val();
                }
            }
            _ => {}
        }
        self.registers.write_address.next = self.write_address.val();
        self.registers.write_data.next = self.result.val();
        self.registers.write_enable.next =
            (self.write_register.val() & self.destination.val().any()) | self.write_stored.val();
        self.registers_b.write_address.next = self.write_address.val();
        self.registers_b.write_data.next = self.result.val();
        self.registers_b.write_enable.next =
            (self.write_register.val() & self.destination.val().any()) | self.write_stored.val();
        self.opcode.next = self.long.val().get_bits::<7>(0);
        self.read_address_a.next = bit_cast::<6, 5>(self.long.val().get_bits::<5>(15));
        self.read_address_b.next = bit_cast::<6, 5>(self.long.val().get_bits::<5>(20));
        if self.opcode.val() == bits::<7>(0x73) {
            self.read_address_b.next = self.stored_read.val();
        }
        if self.state.q.val() == State::TrapValue {
            self.read_address_b.next = bits::<6>(37);
        }
        if self.state.q.val() == State::Return {
            self.read_address_b.next = bits::<6>(33);
        }
        self.registers.read_address.next = self.read_address_a.val();
        self.registers.read_enable.next = self.in_read.q.val();
        self.registers_b.read_address.next = self.read_address_b.val();
        self.registers_b.read_enable.next = self.in_read.q.val()
            | (self.state.q.val() == State::TrapValue)
            | (self.state.q.val() == State::Return);
        self.takes.next = self.advance.val()
            | (self.bus_ready.val()
                & (self.in_decode.q.val()
                    | (self.in_execute.q.val() & self.asked.q.val() & self.goes_on.val())));
        self.raw.d.next =
            bit_cast::<32, 16>(self.first_half.val()) | (bit_cast::<32, 16>(self.second_half.val()) << 16);
        self.raw.load.next = self.takes.val();
        self.raw.clear.next = false;
        self.instruction.d.next = self.long.val();
        self.instruction.load.next = self.in_read.q.val();
        self.instruction.clear.next = false;
        self.short.d.next = self.is_short.val();
        self.short.load.next = self.takes.val();
        self.short.clear.next = self.reset.val();
        self.early.d.next = self.is_early.val();
        self.early.load.next = self.takes.val();
        self.early.clear.next = false;
        self.rest.d.next = self.high_half.val();
        self.rest.load.next = self.takes.val() & self.fetches.val();
        self.rest.clear.next = false;
        self.ahead.d.next = self.bus_in.val();
        self.ahead.load.next = self.in_execute.q.val();
        self.ahead.clear.next = false;

        // ---- Counting cycles ----
        self.cycles.d.next = self.cycles.q.val() + bits::<32>(1);
        if self.cycles.q.val() == bits::<32>(0xFFFF_FFFF_u64) {
            self.cycles_high.d.next = self.cycles_high.q.val() + bits::<32>(1);
        }

        // ---- Writing the control and status registers that are not stored ----
        self.csr_written.next = self.alu.result.val();
        if self.state.q.val() == State::Write {
            if self.decoded.val().csr_status {
                self.enabled.d.next = self.csr_written.val().get_bit(3);
                self.enabled_before.d.next = self.csr_written.val().get_bit(7);
            }
            if self.decoded.val().csr_isa & self.csr_written.val().get_bit(2) {
                self.compressed.d.next = true;
            }
            if self.decoded.val().csr_enable {
                self.enable_timer.d.next = self.csr_written.val().get_bit(7);
                self.enable_uart.d.next = self.csr_written.val().get_bit(16);
                self.enable_core.d.next = self.csr_written.val().get_bit(17);
            }
            if self.decoded.val().csr_cycle {
                self.cycles.d.next = self.csr_written.val();
            }
            if self.decoded.val().csr_cycle_high {
                self.cycles_high.d.next = self.csr_written.val();
            }
        }

        if self.reset.val() {
            self.state_next.next = State::Fetch;
            self.pc.d.next = self.reset_address.val();
            self.enabled.d.next = false;
            self.enable_timer.d.next = false;
            self.enable_uart.d.next = false;
            self.enable_core.d.next = false;
            self.compressed.d.next = false;
        }

        self.state.d.next = self.state_next.val();
        self.in_fetch.d.next = self.state_next.val() == State::Fetch;
        self.in_decode.d.next = self.state_next.val() == State::Decode;
        self.in_straddle.d.next = self.state_next.val() == State::Straddle;
        self.in_read.d.next = self.state_next.val() == State::Read;
        self.in_request.d.next = self.state_next.val() == State::Request;
        self.in_execute.d.next = self.state_next.val() == State::Execute;
        self.in_jump.d.next = self.state_next.val() == State::Jump;
        self.in_write.d.next = self.state_next.val() == State::Write;
        self.in_write_a.d.next = (self.state_next.val() == State::Write) & !self.funct3.val().get_bit(2);
        self.in_write_source.d.next = (self.state_next.val() == State::Write) & self.funct3.val().get_bit(2);
        self.in_old.d.next = (self.state_next.val() == State::Execute)
            | ((self.state_next.val() == State::Write) & self.funct3.val().get_bit(1));
        self.in_trap_pc.d.next = self.state_next.val() == State::TrapPc;
        self.in_trap_cause.d.next = self.state_next.val() == State::TrapCause;
        self.in_value_address.d.next =
            (self.state_next.val() == State::TrapValue) & (self.trap_value.q.val() == TrapValue::Address);
        self.in_value_pc.d.next =
            (self.state_next.val() == State::TrapValue) & (self.trap_value.q.val() == TrapValue::Pc);
        self.in_value_half.d.next =
            (self.state_next.val() == State::TrapValue) & (self.trap_value.q.val() == TrapValue::Half);
        self.in_value_instruction.d.next =
            (self.state_next.val() == State::TrapValue) & (self.trap_value.q.val() == TrapValue::Instruction);
    }
}
