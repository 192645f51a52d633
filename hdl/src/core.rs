//! The Brainfuck core: executes the words of [`images::isa`], one a cycle.
//!
//! ```text
//!            fetch_address            read pointer+step            cell, changed
//!   program ---------------> decode ------------------> cells ---------------------> cells
//!            <--------------- word                      execute
//!                 DECODE stage: word at `pc`                  EXECUTE stage: `x_*`, at `pointer`
//! ```
//!
//! **Decode** moves the pointer and starts reading the new cell, or nothing if the word stays where it is: then
//! the cell is still in the `value` register. **Execute** changes the cell and writes it back, in the same cycle in
//! which decode reads the next one, which is always another cell.
//!
//! **Branches** are guessed, and the guess is known to be right or wrong one cycle after execute: that a loop is
//! entered, that it goes round again, that a scan moves on. All three guesses are wrong if the cell is 0. Then
//! (`wrong`) the words in decode and execute are dropped and the pointer is put back, which costs two cycles.
//! Nothing that is dropped has left a trace: cells are written, bytes sent and faults raised by execute only.
//!
//! **Waiting**: execute holds while the byte to send is not taken, while `in` has no byte, for one cycle in a
//! multiply loop at the end of the tape, and decode while `fetch_ready` is low (the word for the address of the
//! last cycle is not there yet; the address is repeated).
//!
//! **Stopping and going on.** The core stops before the word in execute, which then has left no trace: at `stop`,
//! unless the word belongs to the one before it (within a multiply loop, or back from where a loop without work has
//! left the tape), and after each word while `step`ping. What
//! is needed to go on (where, at which cell, loops, mode) can be read and written while it is stopped, and the cells
//! too. `start` begins with the cycle that reads the cell at the pointer.
//!
//! Cycles: a word 1; `open` 2, skipped 3; `close` 1, left 3; a scan of n steps n + 2.

use crate::local::Local;
use crate::ram::BlockRam;
use crate::register::{Held, Register};
use crate::word::Word;
use images::isa::{ARG_BITS, OP_BITS, REACH_BITS, STEP_BITS};
use images::machine::{EndOfInput, Fault};
use rust_hdl::prelude::*;

// A kernel can name a bit by a literal only; these are the literals below, held to the instruction set.
const _: () = {
    use images::isa::{op, sys, DISTANCE_UNIT_BITS};
    assert!(STEP_BITS == 6 && ARG_BITS == 7 && OP_BITS == 3 && REACH_BITS == 6 && DISTANCE_UNIT_BITS == 6);
    assert!(
        sys::CHECK == 1 << 6 && sys::MULADD == 1 << 5 && sys::NOTHING == 1 << 4 && sys::NEGATIVE == 1 << 3
    );
    assert!(op::CLOSE == 0b101 && op::SCAN == 0b111 && op::MUL == 0b110 && op::SYSTEM == 0);
};

/// The core with its cells and its loop stack.
///
/// `A`: bits of a cell's address, `A1` = A + 1; `P`: bits of a word's address; `S`: bits of a loop stack address,
/// `S1` = S + 1.
#[derive(LogicBlock)]
pub struct Core<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Back to the first word and the first cell. The cells keep their values.
    pub reset: Signal<In, bool>,
    /// After a reset, stay stopped until `start`: a constant.
    pub waits_for_start: Signal<In, bool>,
    /// Go on where the core has stopped.
    pub start: Signal<In, bool>,
    /// Stop as soon as a word is there that can be stopped before.
    pub stop: Signal<In, bool>,
    /// With `start`: stop after one word.
    pub step: Signal<In, bool>,
    /// Words of the program: to execute one behind them is a fault,
    pub length: Signal<In, Bits<P>>,
    /// if this is so: a constant.
    pub bounded: Signal<In, bool>,
    /// What to set, while the core is stopped:
    pub set_value: Signal<In, Bits<32>>,
    /// `stop_address`,
    pub set_address: Signal<In, bool>,
    /// `stop_pointer`,
    pub set_pointer: Signal<In, bool>,
    /// what the end of the input does,
    pub set_mode: Signal<In, bool>,
    /// the first word of another innermost loop,
    pub open_loop: Signal<In, bool>,
    /// or forget the innermost loop.
    pub close_loop: Signal<In, bool>,
    /// A cell, while the core is stopped:
    pub cell_address: Signal<In, Bits<A>>,
    /// its new value,
    pub cell_in: Signal<In, Bits<8>>,
    /// to write in the next cycle,
    pub cell_write: Signal<In, bool>,
    /// and its value two cycles after its address.
    pub cell_out: Signal<Out, Bits<8>>,
    /// Address of the word wanted in the next cycle,
    pub fetch_address: Signal<Out, Bits<P>>,
    /// if one is wanted.
    pub fetch_request: Signal<Out, bool>,
    /// The word at the address of the last cycle,
    pub fetch_word: Signal<In, Word>,
    /// if it is there.
    pub fetch_ready: Signal<In, bool>,
    /// A byte to send,
    pub out_data: Signal<Out, Bits<8>>,
    /// if there is one. Both stay until it is taken.
    pub out_valid: Signal<Out, bool>,
    /// The byte is taken in this cycle.
    pub out_ready: Signal<In, bool>,
    /// The next byte of input,
    pub in_data: Signal<In, Bits<8>>,
    /// if there is one.
    pub in_valid: Signal<In, bool>,
    /// The core takes it in this cycle.
    pub in_ready: Signal<Out, bool>,
    /// There is no input and there will be none.
    pub in_end: Signal<In, bool>,
    /// Executing words, waiting included.
    pub running: Signal<Out, bool>,
    /// Waiting for a byte of input.
    pub waiting: Signal<Out, bool>,
    /// Stopped.
    pub stopped: Signal<Out, bool>,
    /// Stopped by `halt`.
    pub halted: Signal<Out, bool>,
    /// The [`Fault`] code, 0 for none.
    pub fault: Signal<Out, Bits<3>>,
    /// Address of the word that stopped the core.
    pub stop_address: Signal<Out, Bits<P>>,
    /// The pointer; after a fault where it was before the word.
    pub stop_pointer: Signal<Out, Bits<A>>,
    /// A word has been executed in this cycle,
    pub retired: Signal<Out, bool>,
    /// which is only the reading of the first cell.
    pub boots: Signal<Out, bool>,
    /// First word of the innermost loop, if there is one.
    pub loop_address: Signal<Out, Bits<P>>,
    /// Loops open.
    pub loop_depth: Signal<Out, Bits<S1>>,
    /// What the end of the input does.
    pub input_mode: Signal<Out, Bits<2>>,

    /// Executing words.
    active: Register<bool>,
    /// Stopped, until reset or start. Neither: about to start.
    ended: Register<bool>,
    /// Stopped by `halt`.
    at_halt: Held<bool>,
    /// To be stopped before a word, or behind one.
    stopping: Register<bool>,
    stepping: Register<bool>,
    /// A cell is written from outside.
    poke: Register<bool>,
    /// Address of the word in decode.
    pc: Register<Bits<P>>,
    /// Where a wrong guess goes on.
    other: Held<Bits<P>>,
    /// First word of the innermost loop.
    loop_begin: Held<Bits<P>>,
    /// Loops open, the innermost included.
    depth: Held<Bits<S1>>,

    /// The pointer of the word in execute, one bit wider than the tape to see it leave.
    pointer: Register<Bits<A1>>,
    /// The pointer before the word in execute.
    pointer_before: Held<Bits<A1>>,
    /// The cell as execute left it last,
    value: Held<Bits<8>>,
    /// and whether its halves are 0.
    low_zero: Held<bool>,
    high_zero: Held<bool>,

    /// In execute is the reading of the first cell.
    x_boot: Register<bool>,
    /// There is a word in execute. Its address, its fields, and what it is:
    x_valid: Register<bool>,
    x_address: Held<Bits<P>>,
    x_arg: Held<Bits<ARG_BITS>>,
    x_addend: Held<Bits<8>>,
    /// its cell comes from the cells, not from `value`,
    x_moved: Register<bool>,
    /// its old value counts, and comes from the cells, or from `value`,
    x_takes: Held<bool>,
    x_keeps: Held<bool>,
    x_out: Held<bool>,
    x_open: Register<bool>,
    x_close: Held<bool>,
    x_mul: Held<bool>,
    x_check: Register<bool>,
    /// the cell it reaches to is off the tape,
    x_reach_off: Held<bool>,
    /// a `mul` that this or the `check` before it makes repeat,
    x_repeat: Register<bool>,
    /// adds a multiple,
    x_muladd: Held<bool>,
    /// may leave the tape if there is nothing to multiply,
    x_idle: Held<bool>,
    x_in: Held<bool>,
    x_mode: Held<bool>,
    x_halt: Held<bool>,
    x_unknown: Held<bool>,
    /// for it is not in the program,
    x_outside: Held<bool>,
    /// it belongs to the word before it, and cannot be stopped before.
    x_bound: Held<bool>,

    /// In the last cycle a branch was in execute, or a scan in decode: the guess is right unless the cell is 0.
    guess_open: Register<bool>,
    guess_close: Register<bool>,
    /// an open or a close,
    guess_branch: Register<bool>,
    /// any of the three.
    guess: Register<bool>,

    /// T, minus T, and whether it was 0.
    times: Held<Bits<8>>,
    times_negative: Held<Bits<8>>,
    times_zero: Held<bool>,
    /// The second cycle of a `mul` at the end of the tape.
    again: Register<bool>,
    /// `value` is a byte to send.
    sending: Register<bool>,
    mode: Held<Bits<2>>,
    fault_code: Held<Bits<3>>,
    stopped_at: Held<Bits<P>>,
    stopped_pointer: Held<Bits<A>>,
    /// `in` gets no more bytes, and the mode says what it does then.
    input_over: Register<bool>,

    /// The cells.
    pub cells: BlockRam<Bits<8>, A>,
    /// First words of the loops around the innermost one.
    loops: BlockRam<Bits<P>, S>,

    booting: Local<bool>,
    clear: Local<bool>,
    interrupted: Local<bool>,
    outside: Local<bool>,
    pushes: Local<bool>,
    pops: Local<bool>,
    is_open: Local<bool>,
    is_close: Local<bool>,
    is_scan: Local<bool>,
    is_system: Local<bool>,
    is_muladd: Local<bool>,
    is_plain: Local<bool>,
    is_small: Local<bool>,
    is_mode: Local<bool>,
    word_step: Local<Bits<STEP_BITS>>,
    word_arg: Local<Bits<ARG_BITS>>,
    word_op: Local<Bits<OP_BITS>>,
    zero: Local<bool>,
    wrong_branch: Local<bool>,
    wrong: Local<bool>,
    execute: Local<bool>,
    off_tape: Local<bool>,
    no_loop: Local<bool>,
    must_send: Local<bool>,
    must_receive: Local<bool>,
    hold: Local<bool>,
    advance: Local<bool>,
    commit: Local<bool>,
    fails: Local<bool>,
    stops: Local<bool>,
    full: Local<bool>,
    takes: Local<bool>,
    is_mul: Local<bool>,
    is_check: Local<bool>,
    sums: Local<Bits<A1>>,
    carries: Local<Bits<A1>>,
    is_in: Local<bool>,
    is_halt: Local<bool>,
    loop_begins: Local<bool>,
    loop_ends: Local<bool>,
    depth_below: Local<Bits<S1>>,
    stack_full: Local<bool>,

    next_address: Local<Bits<P>>,
    straight: Local<Bits<P>>,
    round_to: Local<Bits<P>>,
    may_turn: Local<bool>,
    turns: Local<bool>,
    turned_to: Local<Bits<P>>,
    address_after: Local<Bits<P>>,
    distance: Local<Bits<P>>,
    distance_bits: Local<Bits<32>>,
    movement: Local<Bits<A1>>,
    target: Local<Bits<A1>>,
    reach: Local<Bits<A1>>,
    reached: Local<Bits<A1>>,
    reach_off: Local<bool>,
    word_reach: Local<Bits<REACH_BITS>>,
    old: Local<Bits<8>>,
    old_zero: Local<bool>,
    keeps: Local<bool>,
    clears: Local<bool>,
    takes_old: Local<bool>,
    keeps_old: Local<bool>,
    taken: Local<Bits<8>>,
    kept: Local<Bits<8>>,
    base: Local<Bits<8>>,
    factor: Local<Bits<8>>,
    shift: Local<Bits<3>>,
    product: Local<Bits<8>>,
    received: Local<Bits<8>>,
    addend: Local<Bits<8>>,
    sum: Local<Bits<8>>,
    new_low: Local<Bits<4>>,
    new_high: Local<Bits<8>>,

    op_system: Constant<Bits<3>>,
    op_set: Constant<Bits<3>>,
    op_out: Constant<Bits<3>>,
    op_open: Constant<Bits<3>>,
    op_close: Constant<Bits<3>>,
    op_mul: Constant<Bits<3>>,
    op_scan: Constant<Bits<3>>,
    arg_halt: Constant<Bits<7>>,
    arg_in: Constant<Bits<7>>,
    arg_mode: Constant<Bits<7>>,
    arg_mode_mask: Constant<Bits<7>>,
    mode_minus_one: Constant<Bits<2>>,
    mode_unchanged: Constant<Bits<2>>,
    mode_wait: Constant<Bits<2>>,
    fault_left: Constant<Bits<3>>,
    fault_right: Constant<Bits<3>>,
    fault_depth: Constant<Bits<3>>,
    fault_end: Constant<Bits<3>>,
    fault_unknown: Constant<Bits<3>>,
    fault_outside: Constant<Bits<3>>,
    step_sign: Constant<Bits<A1>>,
    addend_sign: Constant<Bits<8>>,
    minus_one: Constant<Bits<8>>,
    high_half: Constant<Bits<8>>,
    nothing: Constant<Bits<8>>,
    one: Constant<Bits<8>>,
    one_address: Constant<Bits<P>>,
    one_level: Constant<Bits<S1>>,
    far_mask: Constant<Bits<32>>,
    /// Numbers of bits: which end of the tape the pointer left by, that it left, that the loop stack is full.
    pointer_sign: Constant<Bits<5>>,
    pointer_off: Constant<Bits<5>>,
    depth_full: Constant<Bits<5>>,
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Default
    for Core<A, A1, P, S, S1>
{
    fn default() -> Self {
        assert!(A1 == A + 1 && S1 == S + 1, "one bit more than an address");
        let bits3 = |code: u16| Constant::new(u64::from(code).into());
        let bits7 = |arg: u16| Constant::new(u64::from(arg).into());
        let fault = |fault: Fault| Constant::new((fault as u64).into());
        let mode = |mode: EndOfInput| Constant::new((mode as u64).into());
        let ones = |from: usize, to: usize| ((1u64 << to) - 1) & !((1u64 << from) - 1);
        use images::isa::{op, sys, ARG_BITS, STEP_BITS};
        Core {
            clock: Default::default(),
            reset: Default::default(),
            fetch_address: Default::default(),
            fetch_request: Default::default(),
            fetch_word: Default::default(),
            fetch_ready: Default::default(),
            out_data: Default::default(),
            out_valid: Default::default(),
            out_ready: Default::default(),
            in_data: Default::default(),
            in_valid: Default::default(),
            in_ready: Default::default(),
            in_end: Default::default(),
            running: Default::default(),
            waiting: Default::default(),
            stopped: Default::default(),
            fault: Default::default(),
            stop_address: Default::default(),
            stop_pointer: Default::default(),
            retired: Default::default(),
            active: Default::default(),
            ended: Default::default(),
            booting: Default::default(),
            waits_for_start: Default::default(),
            start: Default::default(),
            stop: Default::default(),
            step: Default::default(),
            length: Default::default(),
            bounded: Default::default(),
            set_value: Default::default(),
            set_address: Default::default(),
            set_pointer: Default::default(),
            set_mode: Default::default(),
            open_loop: Default::default(),
            close_loop: Default::default(),
            cell_address: Default::default(),
            cell_in: Default::default(),
            cell_write: Default::default(),
            cell_out: Default::default(),
            halted: Default::default(),
            boots: Default::default(),
            loop_address: Default::default(),
            loop_depth: Default::default(),
            input_mode: Default::default(),
            at_halt: Default::default(),
            stopping: Default::default(),
            stepping: Default::default(),
            poke: Default::default(),
            x_boot: Default::default(),
            x_outside: Default::default(),
            x_bound: Default::default(),
            clear: Default::default(),
            interrupted: Default::default(),
            outside: Default::default(),
            pushes: Default::default(),
            pops: Default::default(),
            pc: Default::default(),
            other: Default::default(),
            loop_begin: Default::default(),
            depth: Default::default(),
            pointer: Default::default(),
            pointer_before: Default::default(),
            value: Default::default(),
            low_zero: Default::default(),
            high_zero: Default::default(),
            x_valid: Default::default(),
            x_address: Default::default(),
            x_arg: Default::default(),
            x_addend: Default::default(),
            x_moved: Default::default(),
            x_takes: Default::default(),
            x_keeps: Default::default(),
            clears: Default::default(),
            takes_old: Default::default(),
            keeps_old: Default::default(),
            x_out: Default::default(),
            x_open: Default::default(),
            x_close: Default::default(),
            x_mul: Default::default(),
            x_check: Default::default(),
            x_muladd: Default::default(),
            x_idle: Default::default(),
            x_in: Default::default(),
            x_mode: Default::default(),
            x_halt: Default::default(),
            x_unknown: Default::default(),
            guess_open: Default::default(),
            guess_close: Default::default(),
            guess_branch: Default::default(),
            guess: Default::default(),
            stopped_at: Default::default(),
            stopped_pointer: Default::default(),
            input_over: Default::default(),
            x_repeat: Default::default(),
            taken: Default::default(),
            kept: Default::default(),
            times: Default::default(),
            times_negative: Default::default(),
            times_zero: Default::default(),
            reach_off: Default::default(),
            again: Default::default(),
            sending: Default::default(),
            mode: Default::default(),
            fault_code: Default::default(),
            cells: Default::default(),
            loops: Default::default(),
            is_open: Default::default(),
            is_close: Default::default(),
            is_scan: Default::default(),
            is_system: Default::default(),
            is_muladd: Default::default(),
            is_plain: Default::default(),
            is_small: Default::default(),
            is_mode: Default::default(),
            word_step: Default::default(),
            word_arg: Default::default(),
            word_op: Default::default(),
            zero: Default::default(),
            wrong_branch: Default::default(),
            wrong: Default::default(),
            execute: Default::default(),
            off_tape: Default::default(),
            no_loop: Default::default(),
            must_send: Default::default(),
            must_receive: Default::default(),
            hold: Default::default(),
            advance: Default::default(),
            commit: Default::default(),
            fails: Default::default(),
            loop_begins: Default::default(),
            loop_ends: Default::default(),
            stack_full: Default::default(),
            stops: Default::default(),
            full: Default::default(),
            takes: Default::default(),
            is_mul: Default::default(),
            is_check: Default::default(),
            sums: Default::default(),
            carries: Default::default(),
            is_in: Default::default(),
            is_halt: Default::default(),
            next_address: Default::default(),
            straight: Default::default(),
            round_to: Default::default(),
            may_turn: Default::default(),
            turns: Default::default(),
            turned_to: Default::default(),
            address_after: Default::default(),
            distance: Default::default(),
            distance_bits: Default::default(),
            depth_below: Default::default(),
            movement: Default::default(),
            target: Default::default(),
            reach: Default::default(),
            reached: Default::default(),
            word_reach: Default::default(),
            x_reach_off: Default::default(),
            old: Default::default(),
            old_zero: Default::default(),
            keeps: Default::default(),
            base: Default::default(),
            factor: Default::default(),
            shift: Default::default(),
            product: Default::default(),
            received: Default::default(),
            addend: Default::default(),
            sum: Default::default(),
            new_low: Default::default(),
            new_high: Default::default(),
            op_system: bits3(op::SYSTEM),
            op_set: bits3(op::SET),
            op_out: bits3(op::OUT),
            op_open: bits3(op::OPEN),
            op_close: bits3(op::CLOSE),
            op_mul: bits3(op::MUL),
            op_scan: bits3(op::SCAN),
            arg_halt: bits7(sys::HALT),
            arg_in: bits7(sys::IN),
            arg_mode: bits7(sys::MODE),
            arg_mode_mask: bits7(!3 & ((1 << ARG_BITS) - 1)),
            mode_minus_one: mode(EndOfInput::MinusOne),
            mode_unchanged: mode(EndOfInput::Unchanged),
            mode_wait: mode(EndOfInput::Wait),
            fault_left: fault(Fault::LeftEnd),
            fault_right: fault(Fault::RightEnd),
            fault_depth: fault(Fault::LoopDepth),
            fault_end: fault(Fault::LoopEnd),
            fault_unknown: fault(Fault::UnknownWord),
            fault_outside: fault(Fault::ProgramEnd),
            step_sign: Constant::new(ones(STEP_BITS, A1).into()),
            addend_sign: Constant::new(ones(ARG_BITS, 8).into()),
            minus_one: Constant::new(255.into()),
            high_half: Constant::new(0xF0.into()),
            nothing: Constant::new(0.into()),
            one: Constant::new(1.into()),
            one_address: Constant::new(1.into()),
            one_level: Constant::new(1.into()),
            far_mask: Constant::new(0x7FFF.into()),
            pointer_sign: Constant::new((A as u64 - 1).into()),
            pointer_off: Constant::new((A as u64).into()),
            depth_full: Constant::new((S as u64).into()),
        }
    }
}

impl<const A: usize, const A1: usize, const P: usize, const S: usize, const S1: usize> Logic
    for Core<A, A1, P, S, S1>
{
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            active,
            ended,
            pc,
            stopping,
            stepping,
            poke,
            pointer,
            x_boot,
            x_valid,
            x_moved,
            x_open,
            x_check,
            guess_open,
            guess_close,
            guess_branch,
            guess,
            input_over,
            x_repeat,
            again,
            sending
        );
        clock!(
            self,
            clock,
            x_address,
            x_arg,
            x_addend,
            x_takes,
            x_keeps,
            x_out,
            x_close,
            x_mul,
            x_reach_off,
            x_muladd,
            x_idle,
            x_in,
            x_mode,
            x_halt,
            x_unknown,
            x_outside,
            x_bound,
            at_halt,
            pointer_before,
            times,
            times_negative,
            times_zero,
            value,
            low_zero,
            high_zero,
            loop_begin,
            depth,
            stopped_at,
            stopped_pointer,
            fault_code,
            other,
            mode
        );
        clock!(self, clock, cells, loops);

        self.booting.next = !self.active.q.val() & !self.ended.q.val();
        self.clear.next = self.reset.val() | self.ended.q.val();

        // ---- Was the last guess right? ----
        self.zero.next = self.low_zero.q.val() & self.high_zero.q.val() & self.active.q.val();
        self.wrong_branch.next = self.zero.val() & self.guess_branch.q.val();
        self.wrong.next = self.zero.val() & self.guess.q.val();
        self.loop_begins.next = self.guess_open.q.val() & !self.zero.val() & self.active.q.val();
        self.loop_ends.next = self.guess_close.q.val() & self.zero.val();
        self.execute.next = self.x_valid.q.val() & self.active.q.val() & !self.wrong.val();

        // ---- Decode: what the fetched word is ----
        self.word_step.next = self.fetch_word.val().step;
        self.word_arg.next = self.fetch_word.val().arg;
        self.word_op.next = self.fetch_word.val().op;
        self.is_open.next = self.word_op.val() == self.op_open.val();
        self.is_close.next = self.word_op.val() == self.op_close.val();
        self.is_scan.next = (self.word_op.val() == self.op_scan.val()) & !self.word_arg.val().any();
        self.is_system.next = self.word_op.val() == self.op_system.val();
        self.is_plain.next =
            !self.is_system.val() & !(self.word_op.val().get_bit(2) & self.word_op.val().get_bit(1));
        self.is_small.next =
            self.is_system.val() & !self.word_arg.val().get_bit(6) & !self.word_arg.val().get_bit(5);
        self.is_muladd.next =
            self.is_system.val() & !self.word_arg.val().get_bit(6) & self.word_arg.val().get_bit(5);
        self.is_mode.next =
            self.is_small.val() & ((self.word_arg.val() & self.arg_mode_mask.val()) == self.arg_mode.val());

        // ---- Where the pointer goes ----
        self.movement.next = bit_cast::<A1, STEP_BITS>(self.word_step.val());
        if self.word_step.val().get_bit(5) {
            self.movement.next = bit_cast::<A1, STEP_BITS>(self.word_step.val()) | self.step_sign.val();
        }
        if !self.active.q.val() {
            self.movement.next = bits::<A1>(0);
        }
        self.target.next = self.pointer.q.val() + self.movement.val();
        // Pointer, step and reach are added here, not in execute: whether execute holds hangs on it.
        self.word_reach.next = bit_cast::<REACH_BITS, ARG_BITS>(self.word_arg.val());
        self.reach.next = bit_cast::<A1, REACH_BITS>(self.word_reach.val());
        if self.word_reach.val().get_bit(5) {
            self.reach.next = bit_cast::<A1, REACH_BITS>(self.word_reach.val()) | self.step_sign.val();
        }
        // Three numbers in one carry chain: first their sums without carries and the carries.
        self.is_mul.next = self.word_op.val() == self.op_mul.val();
        self.is_check.next = self.is_system.val() & self.word_arg.val().get_bit(6);
        self.sums.next = self.pointer.q.val() ^ self.movement.val() ^ self.reach.val();
        self.carries.next = (self.pointer.q.val() & self.movement.val())
            | (self.pointer.q.val() & self.reach.val())
            | (self.movement.val() & self.reach.val());
        self.reached.next = self.sums.val();
        if self.is_mul.val() | self.is_check.val() {
            self.reached.next = self.sums.val() + (self.carries.val() << 1);
        }
        self.reach_off.next = self.reached.val().get_bit(self.pointer_off.val().index());

        // ---- Execute: may it? ----
        self.must_send.next = self.sending.q.val() & !self.out_ready.val();
        self.must_receive.next = self.x_in.q.val() & !self.in_valid.val() & !self.input_over.q.val();
        self.hold.next = self.x_valid.q.val()
            & (self.must_send.val()
                | self.must_receive.val()
                | self.x_repeat.q.val()
                | (self.x_open.q.val() & !self.fetch_ready.val()));
        self.advance.next =
            self.active.q.val() & self.fetch_ready.val() & !self.wrong.val() & !self.hold.val();
        self.off_tape.next = self.pointer.q.val().get_bit(self.pointer_off.val().index())
            & !(self.x_idle.q.val() & self.times_zero.q.val());
        self.no_loop.next = self.x_close.q.val() & !self.depth.q.val().any();
        // Where the tape was left by a loop without work, only the next word comes back (and it is no `in`).
        self.interrupted.next = self.stopping.q.val()
            & !self.x_bound.q.val()
            & !self.pointer_before.q.val().get_bit(self.pointer_off.val().index());
        self.fails.next = self.execute.val()
            & (self.off_tape.val() | self.no_loop.val() | self.x_unknown.q.val() | self.interrupted.val());
        self.commit.next = self.execute.val() & !self.hold.val() & !self.fails.val();

        // ---- The next word ----
        // Only `turns` and `turned_to` wait for the fetched word; all else comes from registers.
        self.address_after.next = self.pc.q.val() + self.one_address.val();
        self.straight.next = self.address_after.val();
        if self.hold.val() | !self.fetch_ready.val() {
            self.straight.next = self.pc.q.val();
        }
        if self.wrong.val() {
            self.straight.next = self.address_after.val();
        }
        if self.wrong_branch.val() {
            self.straight.next = self.other.q.val();
        }
        if self.booting.val() {
            self.straight.next = self.stopped_at.q.val();
        }
        self.round_to.next = self.loop_begin.q.val();
        if self.guess_open.q.val() {
            self.round_to.next = self.pc.q.val();
        }
        self.may_turn.next = self.active.q.val()
            & self.fetch_ready.val()
            & !self.x_open.q.val()
            & !self.hold.val()
            & !self.wrong.val();
        // `close` and `scan` have two bits in common and differ in the third.
        self.turns.next = self.word_op.val().get_bit(2) & self.word_op.val().get_bit(0) & self.may_turn.val();
        self.turned_to.next = self.round_to.val();
        if self.word_op.val().get_bit(1) {
            self.turned_to.next = self.pc.q.val();
        }
        self.next_address.next = self.straight.val();
        if self.turns.val() {
            self.next_address.next = self.turned_to.val();
        }
        self.fetch_address.next = self.next_address.val();
        self.fetch_request.next = self.active.q.val() | self.booting.val();
        self.pc.d.next = self.next_address.val();

        self.distance_bits.next = bits::<32>(0);
        self.distance.next = bits::<P>(0);
        if self.x_open.q.val() {
            self.distance_bits.next = bit_cast::<32, STEP_BITS>(self.word_step.val())
                | (bit_cast::<32, ARG_BITS>(self.word_arg.val()) << 6)
                | (bit_cast::<32, OP_BITS>(self.word_op.val()) << 13);
            self.distance.next = bit_cast::<P, 32>(self.distance_bits.val());
            if self.distance_bits.val().get_bit(15) {
                self.distance_bits.next = (self.distance_bits.val() & self.far_mask.val()) << 6;
                self.distance.next = bit_cast::<P, 32>(self.distance_bits.val());
            }
        }

        // ---- Decode to execute ----
        self.guess_open.d.next = self.commit.val() & self.x_open.q.val();
        self.guess_close.d.next = self.commit.val() & self.x_close.q.val();
        self.guess_branch.d.next = self.commit.val() & (self.x_open.q.val() | self.x_close.q.val());
        self.guess.d.next = self.commit.val() & (self.x_open.q.val() | self.x_close.q.val());
        self.pointer_before.d.next = self.pointer.q.val();
        self.pointer_before.load.next = !self.hold.val();
        self.pointer_before.clear.next = false;
        if !self.hold.val() | self.wrong.val() {
            self.x_valid.d.next = false;
            self.x_open.d.next = false;
        }
        if self.wrong.val() {
            self.x_check.d.next = false;
        }
        self.takes.next = self.advance.val() & !self.x_open.q.val();
        self.is_in.next = self.is_system.val() & (self.word_arg.val() == self.arg_in.val());
        self.is_halt.next = self.is_system.val() & (self.word_arg.val() == self.arg_halt.val());
        self.x_address.d.next = self.pc.q.val();
        self.x_arg.d.next = self.word_arg.val();
        self.x_addend.d.next = bits::<8>(0);
        if self.is_plain.val() {
            self.x_addend.d.next = bit_cast::<8, ARG_BITS>(self.word_arg.val());
            if self.word_arg.val().get_bit(6) {
                self.x_addend.d.next = bit_cast::<8, ARG_BITS>(self.word_arg.val()) | self.addend_sign.val();
            }
        }
        if self.ended.q.val() {
            self.x_addend.d.next = self.cell_in.val();
        }
        self.clears.next = (self.word_op.val() == self.op_set.val()) | self.is_mul.val() | self.is_in.val();
        self.x_takes.d.next = self.booting.val() | (!self.clears.val() & self.word_step.val().any());
        self.x_keeps.d.next = !self.clears.val() & !self.word_step.val().any();
        self.x_out.d.next = self.word_op.val() == self.op_out.val();
        self.x_close.d.next = self.is_close.val();
        self.x_mul.d.next = self.is_mul.val();
        self.x_reach_off.d.next = self.reach_off.val();
        self.x_muladd.d.next = self.is_muladd.val() & !self.word_arg.val().get_bit(4);
        self.x_idle.d.next = self.is_muladd.val();
        self.x_in.d.next = self.is_in.val();
        self.x_mode.d.next = self.is_mode.val();
        self.x_halt.d.next = self.is_halt.val();
        // Of a program's last word the first half of an open would be left over.
        self.outside.next = self.bounded.val()
            & ((self.pc.q.val() >= self.length.val())
                | (self.is_open.val() & (self.address_after.val() == self.length.val())));
        self.x_unknown.d.next =
            (self.is_small.val() & !self.is_mode.val() & !self.is_in.val() & !self.is_halt.val())
                | ((self.word_op.val() == self.op_scan.val()) & self.word_arg.val().any())
                | self.outside.val();
        self.x_outside.d.next = self.outside.val();
        self.x_bound.d.next =
            self.booting.val() | self.is_muladd.val() | (self.is_mul.val() & self.x_check.q.val());
        self.x_address.load.next = self.takes.val();
        self.x_address.clear.next = self.reset.val();
        self.x_arg.load.next = self.takes.val();
        self.x_arg.clear.next = self.clear.val();
        self.x_addend.load.next = self.takes.val() | self.cell_write.val();
        self.x_addend.clear.next = self.clear.val() & !self.cell_write.val();
        self.x_takes.load.next = self.takes.val() | self.booting.val();
        self.x_takes.clear.next = self.clear.val();
        self.x_keeps.load.next = self.takes.val();
        self.x_keeps.clear.next = self.clear.val();
        self.x_out.load.next = self.takes.val();
        self.x_out.clear.next = self.clear.val();
        self.x_close.load.next = self.takes.val();
        self.x_close.clear.next = self.clear.val();
        self.x_mul.load.next = self.takes.val();
        self.x_mul.clear.next = self.clear.val();
        self.x_reach_off.load.next = self.takes.val();
        self.x_reach_off.clear.next = self.clear.val();
        self.x_muladd.load.next = self.takes.val();
        self.x_muladd.clear.next = self.clear.val();
        self.x_idle.load.next = self.takes.val();
        self.x_idle.clear.next = self.clear.val();
        self.x_in.load.next = self.takes.val();
        self.x_in.clear.next = self.clear.val();
        self.x_mode.load.next = self.takes.val();
        self.x_mode.clear.next = self.clear.val();
        self.x_halt.load.next = self.takes.val();
        self.x_halt.clear.next = self.clear.val();
        self.x_unknown.load.next = self.takes.val();
        self.x_unknown.clear.next = self.clear.val();
        self.x_outside.load.next = self.takes.val();
        self.x_outside.clear.next = self.clear.val();
        self.x_bound.load.next = self.takes.val() | self.booting.val();
        self.x_bound.clear.next = self.clear.val();
        self.x_boot.d.next = self.booting.val() | (self.x_boot.q.val() & !self.commit.val());
        if self.takes.val() {
            self.x_valid.d.next = true;
            self.x_moved.d.next = self.word_step.val().any();
            self.x_open.d.next = self.is_open.val();
            self.x_check.d.next = self.is_check.val();
            self.x_repeat.d.next = self.is_mul.val()
                & (self.reach_off.val() | (self.x_check.q.val() & self.x_reach_off.q.val()));
            self.pointer.d.next = self.target.val();
            if self.is_scan.val() {
                self.guess.d.next = true;
            }
        }
        self.other.d.next = self.address_after.val() + self.distance.val();
        self.other.load.next = self.advance.val() & (self.x_open.q.val() | self.is_close.val());
        self.other.clear.next = false;
        if self.wrong.val() {
            self.pointer.d.next = self.pointer_before.q.val();
        }

        // ---- Execute: the cell ----
        self.old.next = self.value.q.val();
        if self.x_moved.q.val() {
            self.old.next = self.cells.read_data.val();
        }
        self.old_zero.next = !self.old.val().any();
        self.keeps.next = self.again.q.val()
            | (self.x_in.q.val() & !self.in_valid.val() & (self.mode.q.val() == self.mode_unchanged.val()));
        // Behind the cells there must be no more logic than this before the adder, so what is taken is decided in
        // decode, but for the two words that clear their cell only sometimes.
        self.takes_old.next = self.x_takes.q.val() | (self.keeps.val() & self.x_moved.q.val());
        self.keeps_old.next = self.x_keeps.q.val() | (self.keeps.val() & !self.x_moved.q.val());
        self.taken.next = bits::<8>(0);
        if self.takes_old.val() {
            self.taken.next = self.cells.read_data.val();
        }
        self.kept.next = bits::<8>(0);
        if self.keeps_old.val() {
            self.kept.next = self.value.q.val();
        }
        self.base.next = self.taken.val() | self.kept.val();
        self.received.next = bits::<8>(0);
        if self.x_in.q.val() {
            if self.in_valid.val() {
                self.received.next = self.in_data.val();
            } else if self.mode.q.val() == self.mode_minus_one.val() {
                self.received.next = self.minus_one.val();
            }
        }
        if self.again.q.val() & self.x_arg.q.val().get_bit(6) & !self.times_zero.q.val() {
            self.received.next = self.minus_one.val();
        }
        self.addend.next = self.x_addend.q.val() | self.received.val();
        self.factor.next = self.times.q.val();
        self.shift.next = bit_cast::<3, ARG_BITS>(self.x_arg.q.val());
        self.product.next = bits::<8>(0);
        if self.x_muladd.q.val() {
            if self.x_arg.q.val().get_bit(3) {
                self.factor.next = self.times_negative.q.val();
            }
            self.product.next = self.factor.val() << self.shift.val();
            self.addend.next = self.product.val();
        }
        self.sum.next = self.base.val() + self.addend.val();
        self.new_low.next = bit_cast::<4, 8>(self.sum.val());
        self.new_high.next = self.sum.val() & self.high_half.val();
        self.value.d.next = self.sum.val();
        self.low_zero.d.next = !self.new_low.val().any();
        self.high_zero.d.next = !self.new_high.val().any();
        self.value.load.next = self.commit.val();
        self.value.clear.next = false;
        self.low_zero.load.next = self.commit.val();
        self.low_zero.clear.next = false;
        self.high_zero.load.next = self.commit.val();
        self.high_zero.clear.next = false;
        self.cells.read_address.next = bit_cast::<A, A1>(self.target.val());
        self.cells.read_enable.next = !self.hold.val();
        self.cells.write_address.next = bit_cast::<A, A1>(self.pointer.q.val());
        self.cells.write_data.next = self.sum.val();
        self.cells.write_enable.next = self.commit.val() | self.poke.q.val();
        self.poke.d.next = self.cell_write.val();
        self.cell_out.next = self.cells.read_data.val();

        // ---- Execute: multiply loops ----
        self.times.d.next = self.old.val();
        self.times_negative.d.next = self.nothing.val() - self.old.val();
        self.times_zero.d.next = self.old_zero.val();
        if self.again.q.val() {
            self.times.d.next = self.one.val();
            self.times_negative.d.next = self.minus_one.val();
            if self.times_zero.q.val() {
                self.times.d.next = bits::<8>(0);
                self.times_negative.d.next = bits::<8>(0);
            }
        }
        self.times.load.next = self.x_valid.q.val() & self.x_mul.q.val();
        self.times.clear.next = false;
        self.times_negative.load.next = self.x_valid.q.val() & self.x_mul.q.val();
        self.times_negative.clear.next = false;
        self.times_zero.load.next = self.x_valid.q.val() & self.x_mul.q.val();
        self.times_zero.clear.next = false;
        if self.x_valid.q.val() & self.x_repeat.q.val() {
            self.x_repeat.d.next = false;
            self.again.d.next = true;
        }
        if self.commit.val() | self.wrong.val() {
            self.again.d.next = false;
        }

        // ---- Loops ----
        self.stack_full.next = self.depth.q.val().get_bit(self.depth_full.val().index());
        self.depth_below.next = self.depth.q.val() - self.one_level.val();
        self.loops.write_address.next = bit_cast::<S, S1>(self.depth.q.val());
        self.loops.write_data.next = self.loop_begin.q.val();
        self.pushes.next =
            self.loop_begins.val() | (self.ended.q.val() & self.open_loop.val() & !self.stack_full.val());
        self.pops.next =
            self.loop_ends.val() | (self.ended.q.val() & self.close_loop.val() & self.depth.q.val().any());
        self.loops.write_enable.next = self.pushes.val();
        self.loops.read_address.next = bit_cast::<S, S1>(self.depth_below.val());
        self.loops.read_enable.next = true;
        self.loop_begin.d.next = self.pc.q.val();
        if self.ended.q.val() {
            self.loop_begin.d.next = bit_cast::<P, 32>(self.set_value.val());
        }
        self.depth.d.next = self.depth.q.val() + self.one_level.val();
        if self.pops.val() {
            self.loop_begin.d.next = self.loops.read_data.val();
            self.depth.d.next = self.depth_below.val();
        }
        self.loop_begin.load.next = self.pushes.val() | self.pops.val();
        self.loop_begin.clear.next = false;
        self.depth.load.next = self.pushes.val() | self.pops.val();
        self.depth.clear.next = self.reset.val();

        // ---- Bytes ----
        if self.out_ready.val() {
            self.sending.d.next = false;
        }
        if self.commit.val() & self.x_out.q.val() {
            self.sending.d.next = true;
        }
        self.out_valid.next = self.sending.q.val();
        self.out_data.next = self.value.q.val();
        self.input_over.d.next = self.in_end.val() & (self.mode.q.val() != self.mode_wait.val());
        self.mode.d.next = bit_cast::<2, ARG_BITS>(self.x_arg.q.val());
        if self.ended.q.val() {
            self.mode.d.next = bit_cast::<2, 32>(self.set_value.val());
        }
        self.mode.load.next =
            (self.commit.val() & self.x_mode.q.val()) | (self.ended.q.val() & self.set_mode.val());
        self.mode.clear.next = self.reset.val();
        if self.commit.val() & self.x_mode.q.val() {
            self.input_over.d.next = false;
        }
        self.in_ready.next = self.commit.val() & self.x_in.q.val() & self.in_valid.val();

        // ---- Stopping and starting ----
        self.full.next = self.loop_begins.val() & self.stack_full.val();
        self.stops.next = self.fails.val() | self.full.val() | (self.commit.val() & self.x_halt.q.val());
        if self.stops.val() {
            self.active.d.next = false;
            self.ended.d.next = true;
        }
        if self.stop.val() | (self.stepping.q.val() & self.commit.val() & !self.x_boot.q.val()) {
            self.stopping.d.next = true;
        }
        if self.ended.q.val() {
            self.stopping.d.next = false;
            self.stepping.d.next = self.step.val();
        }
        self.stopped_at.d.next = self.x_address.q.val();
        self.stopped_pointer.d.next = bit_cast::<A, A1>(self.pointer.q.val());
        if self.ended.q.val() {
            self.stopped_at.d.next = bit_cast::<P, 32>(self.set_value.val());
            self.stopped_pointer.d.next = bit_cast::<A, 32>(self.set_value.val());
        }
        if self.fails.val() {
            self.stopped_pointer.d.next = bit_cast::<A, A1>(self.pointer_before.q.val());
        }
        self.fault_code.d.next = bits::<3>(0);
        if self.full.val() {
            self.fault_code.d.next = self.fault_depth.val();
        }
        if self.fails.val() {
            if self.x_unknown.q.val() {
                self.fault_code.d.next = self.fault_unknown.val();
            }
            if self.no_loop.val() {
                self.fault_code.d.next = self.fault_end.val();
            }
            if self.off_tape.val() {
                self.fault_code.d.next = self.fault_right.val();
                if self.pointer.q.val().get_bit(self.pointer_sign.val().index()) {
                    self.fault_code.d.next = self.fault_left.val();
                }
            }
            if self.x_outside.q.val() {
                self.fault_code.d.next = self.fault_outside.val();
            }
            if self.interrupted.val() {
                self.fault_code.d.next = bits::<3>(0);
            }
        }
        self.at_halt.d.next = !self.fails.val() & !self.full.val();
        self.at_halt.load.next = self.stops.val();
        self.at_halt.clear.next = self.reset.val() | self.booting.val();
        self.stopped_at.load.next = self.stops.val() | (self.ended.q.val() & self.set_address.val());
        self.stopped_at.clear.next = self.reset.val();
        self.stopped_pointer.load.next = self.stops.val() | (self.ended.q.val() & self.set_pointer.val());
        self.stopped_pointer.clear.next = self.reset.val();
        self.fault_code.load.next = self.stops.val();
        self.fault_code.clear.next = self.reset.val() | self.booting.val();
        // While the core is stopped the pointer is for those who look at the cells.
        if self.ended.q.val() {
            self.pointer.d.next = bit_cast::<A1, A>(self.cell_address.val());
            if self.start.val() {
                self.pointer.d.next = bit_cast::<A1, A>(self.stopped_pointer.q.val());
                self.ended.d.next = false;
            }
        }
        // Reading the first cell, into an execute stage that has been cleared.
        if self.booting.val() {
            self.active.d.next = true;
            self.x_valid.d.next = true;
            self.x_moved.d.next = true;
        }
        if self.clear.val() {
            self.x_valid.d.next = false;
            self.x_open.d.next = false;
            self.x_check.d.next = false;
            self.x_repeat.d.next = false;
            self.again.d.next = false;
            self.guess_open.d.next = false;
            self.guess_close.d.next = false;
            self.guess_branch.d.next = false;
            self.guess.d.next = false;
        }
        if self.reset.val() {
            self.active.d.next = false;
            self.ended.d.next = self.waits_for_start.val();
            self.stopping.d.next = false;
            self.stepping.d.next = false;
            self.pointer.d.next = bits::<A1>(0);
            self.sending.d.next = false;
        }

        // ---- What can be seen ----
        self.running.next = self.active.q.val();
        self.waiting.next = self.execute.val() & self.must_receive.val();
        self.stopped.next = self.ended.q.val();
        self.fault.next = self.fault_code.q.val();
        self.stop_address.next = self.stopped_at.q.val();
        self.stop_pointer.next = self.stopped_pointer.q.val();
        self.retired.next = self.commit.val();
        self.boots.next = self.x_boot.q.val();
        self.halted.next = self.at_halt.q.val();
        self.loop_address.next = self.loop_begin.q.val();
        self.loop_depth.next = self.depth.q.val();
        self.input_mode.next = self.mode.q.val();
    }
}
