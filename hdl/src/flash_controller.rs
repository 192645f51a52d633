//! The flash on its pins: lines for two caches, and any other command for the firmware. For a W25Q32 and
//! its like.
//!
//! **SPI**, mode 0, at the clock itself: a bit takes a cycle. `sck` says that there is a pulse in the second half of the cycle,
//! which a [`ClockPin`](crate::clock_pin) makes: the flash takes `mosi` in the middle of the cycle, and changes `miso` behind its
//! end. That is sampled at the end of the next cycle with a pulse: at 50 MHz the flash's 7 ns and those of two pins have 20. All
//! three outputs come from registers.
//!
//! **Start.** After `reset`, and at power-up: release from power-down (ABh), 3 us of rest, then the status
//! (05h) until the flash is not busy, which is at once unless the reset came in the middle of an erasure.
//!
//! **Lines.** In: a client's line number, while its `line_request`; both must stay until the line has come.
//! Out: the line in pieces of 16 bits, one in each cycle with the client's `fill_valid`, 16 cycles apart;
//! `fill_data`, shared by all clients, is the last four bytes of the line so far, the lowest address in the
//! lowest bits (little-endian). It stays for that cycle. The request must fall, or name the next line, in the
//! cycle after the last piece.
//!
//! The two clients, the companion's cache and the Brainfuck core's, take turns: if both wait, the one that was
//! not served last is served.
//!
//! The flash stays selected after a line. If the next one asked for, by any client, is the one behind it, the
//! flash just goes on. A line of 8 bytes takes 68 cycles if it is the one behind, and 103 if not (03h and
//! its address; at 50 MHz), both the cycle of the request and that of the last piece included. A client waits
//! for at most one line of the other.
//!
//! **Commands.** `command_hold` gives the flash to the firmware: after the line that is on its way the flash
//! is deselected, and `command_owned` rises. From then on `select_n` follows `command_select`, a cycle later,
//! and a `command_send` shifts `command_byte` out: `command_busy` is high from the next cycle on, for 9
//! cycles, and then `command_received` is the byte that came in meanwhile, until the next is sent or the
//! flash given back. While `command_busy` is high, `command_select` and `command_send` are ignored. Between
//! two commands the firmware keeps `command_select` low for 50 ns. Lines wait meanwhile, and after
//! `command_hold` has fallen until the status says that the flash is not busy; `command_hold` waits for that
//! too.

use crate::line_cache::ADDRESS_BITS;
use crate::local::Local;
use crate::register::{Held, Register};
use map::w25q32;
use rust_hdl::prelude::*;

/// How long the flash rests after it was released from power-down (tRES1), in ns.
const REST_NS: u64 = 3000;
/// How long it must not be selected between two commands (tSHSL2), in ns.
const DESELECT_NS: u64 = 50;
// The literal in the kernel below.
const _: () = assert!(w25q32::BUSY == 0);

/// Cycles of at least so many ns.
fn cycles(clock_hz: u64, ns: u64) -> u64 {
    (clock_hz * ns).div_ceil(1_000_000_000)
}

/// What the controller does.
#[derive(Clone, Copy, Debug, PartialEq, LogicState)]
enum State {
    /// Nothing; after a line, with the flash selected.
    Idle,
    /// Goes on behind the last line, or deselects the flash and then selects it for a command.
    Begin,
    /// Sends the release from power-down.
    Wake,
    /// Rests after it.
    Rest,
    /// Reads the status: the command and a byte, or another byte.
    Status,
    /// Looks at it.
    Check,
    /// Sends the read command and the address of a line.
    Address,
    /// Receives a line.
    Data,
    /// Belongs to the firmware.
    Owned,
    /// Shifts a byte for it.
    Byte,
}

/// The controller. See the [module](self).
///
/// `F`: bits of a line's number in flash, so that a line has 2^(24 - F) bytes, 32 at most.
#[derive(LogicBlock)]
pub struct FlashController<const F: usize> {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Start again.
    pub reset: Signal<In, bool>,
    /// The flash's clock has a pulse in the second half of this cycle.
    pub sck: Signal<Out, bool>,
    /// The flash is selected while it is low.
    pub select_n: Signal<Out, bool>,
    /// To the flash, highest bit of a byte first.
    pub mosi: Signal<Out, bool>,
    /// From the flash.
    pub miso: Signal<In, bool>,

    /// The line that the companion waits for,
    pub companion_line_address: Signal<In, Bits<F>>,
    /// until it has come.
    pub companion_line_request: Signal<In, bool>,
    /// A piece of it comes in this cycle.
    pub companion_fill_valid: Signal<Out, bool>,
    /// The line that the Brainfuck core waits for,
    pub program_line_address: Signal<In, Bits<F>>,
    /// until it has come.
    pub program_line_request: Signal<In, bool>,
    /// A piece of it comes in this cycle.
    pub program_fill_valid: Signal<Out, bool>,
    /// The last 32 bits of a line so far; the upper 16 are the piece.
    pub fill_data: Signal<Out, Bits<32>>,

    /// The firmware wants the flash,
    pub command_hold: Signal<In, bool>,
    /// and has it.
    pub command_owned: Signal<Out, bool>,
    /// Select the flash, while the firmware has it.
    pub command_select: Signal<In, bool>,
    /// A byte to shift out,
    pub command_byte: Signal<In, Bits<8>>,
    /// in this cycle.
    pub command_send: Signal<In, bool>,
    /// It is on its way.
    pub command_busy: Signal<Out, bool>,
    /// The byte that came in with it.
    pub command_received: Signal<Out, Bits<8>>,

    state: Register<State>,
    /// The flash is selected, a cycle before its pin says so.
    selected: Register<bool>,
    /// What the pins say: `sck`, `select_n` inverted, `mosi`.
    pulse: Register<bool>,
    select_pin: Register<bool>,
    mosi_pin: Register<bool>,
    /// Bits to send, from the top.
    bits: Register<Bits<32>>,
    /// Bits received, the last one lowest.
    received: Register<Bits<32>>,
    /// Bits shifted in this state, or cycles waited.
    count: Register<Bits<8>>,
    /// The flash is out of power-down,
    awake: Register<bool>,
    /// and not busy.
    free: Register<bool>,
    /// The Brainfuck core is served, or was last; otherwise the companion.
    serves_program: Register<bool>,
    /// The pulse is that of a piece's last bit.
    piece_ends: Register<bool>,
    /// A piece has come in the last cycle.
    arrived: Register<bool>,
    /// The line behind the one read last.
    next_line: Held<Bits<F>>,

    shifts: Local<bool>,
    last: Local<Bits<8>>,
    done: Local<bool>,
    bit_of_piece: Local<Bits<4>>,
    asked: Local<bool>,
    chosen: Local<bool>,
    line: Local<Bits<F>>,
    goes_on: Local<bool>,

    offset_bits: Constant<Bits<5>>,
    read: Constant<Bits<32>>,
    read_status: Constant<Bits<32>>,
    release_power_down: Constant<Bits<32>>,
    /// What `count` reaches in each state.
    last_of_byte: Constant<Bits<8>>,
    last_of_status: Constant<Bits<8>>,
    last_of_address: Constant<Bits<8>>,
    last_of_line: Constant<Bits<8>>,
    last_of_rest: Constant<Bits<8>>,
    deselected: Constant<Bits<8>>,
    /// Where a status goes on with another byte.
    second_byte: Constant<Bits<8>>,
    one: Constant<Bits<8>>,
    one_bit: Constant<Bits<32>>,
    one_line: Constant<Bits<F>>,
    second_lowest: Constant<Bits<32>>,
    second_highest: Constant<Bits<32>>,
}

impl<const F: usize> FlashController<F> {
    /// A controller at this clock.
    ///
    /// # Panics
    ///
    /// If the clock is faster than the flash can be read, or a line is longer than 32 bytes.
    pub fn new(clock_hz: u64) -> Self {
        assert!(clock_hz <= u64::from(w25q32::READ_HZ), "a flash is that fast");
        let line_bits = 8u64 << (ADDRESS_BITS - F);
        let rest = cycles(clock_hz, REST_NS);
        assert!(line_bits <= 256 && rest <= 256, "counted in 8 bits");
        let command = |code: u8| Constant::new((u64::from(code) << ADDRESS_BITS).into());
        FlashController {
            clock: Default::default(),
            reset: Default::default(),
            sck: Default::default(),
            select_n: Default::default(),
            mosi: Default::default(),
            miso: Default::default(),
            companion_line_address: Default::default(),
            companion_line_request: Default::default(),
            companion_fill_valid: Default::default(),
            program_line_address: Default::default(),
            program_line_request: Default::default(),
            program_fill_valid: Default::default(),
            fill_data: Default::default(),
            command_hold: Default::default(),
            command_owned: Default::default(),
            command_select: Default::default(),
            command_byte: Default::default(),
            command_send: Default::default(),
            command_busy: Default::default(),
            command_received: Default::default(),
            state: Default::default(),
            selected: Default::default(),
            pulse: Default::default(),
            select_pin: Default::default(),
            mosi_pin: Default::default(),
            bits: Default::default(),
            received: Default::default(),
            count: Default::default(),
            awake: Default::default(),
            free: Default::default(),
            serves_program: Default::default(),
            piece_ends: Default::default(),
            arrived: Default::default(),
            next_line: Default::default(),
            shifts: Default::default(),
            last: Default::default(),
            done: Default::default(),
            bit_of_piece: Default::default(),
            asked: Default::default(),
            chosen: Default::default(),
            line: Default::default(),
            goes_on: Default::default(),
            offset_bits: Constant::new(((ADDRESS_BITS - F) as u64).into()),
            read: command(w25q32::READ),
            read_status: command(w25q32::READ_STATUS),
            release_power_down: command(w25q32::RELEASE_POWER_DOWN),
            last_of_byte: Constant::new(7.into()),
            last_of_status: Constant::new(15.into()),
            last_of_address: Constant::new(31.into()),
            last_of_line: Constant::new((line_bits - 1).into()),
            last_of_rest: Constant::new((rest - 1).into()),
            deselected: Constant::new(cycles(clock_hz, DESELECT_NS).into()),
            second_byte: Constant::new(8.into()),
            one: Constant::new(1.into()),
            one_bit: Constant::new(1.into()),
            one_line: Constant::new(1.into()),
            second_lowest: Constant::new(0xFF00.into()),
            second_highest: Constant::new(0xFF_0000.into()),
        }
    }
}

impl<const F: usize> Logic for FlashController<F> {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            state,
            selected,
            pulse,
            select_pin,
            mosi_pin,
            bits,
            received,
            count,
            awake,
            free,
            serves_program,
            piece_ends,
            arrived
        );
        clock!(self, clock, next_line);

        self.sck.next = self.pulse.q.val();
        self.select_n.next = !self.select_pin.q.val();
        self.mosi.next = self.mosi_pin.q.val();
        self.select_pin.d.next = self.selected.q.val();
        self.mosi_pin.d.next = self.bits.q.val().get_bit(31);

        // How long a state takes: so many bits, or cycles.
        self.shifts.next = false;
        self.last.next = bits::<8>(0);
        match self.state.q.val() {
            State::Begin => {
                self.last.next = self.deselected.val();
            }
            State::Wake => {
                self.shifts.next = true;
                self.last.next = self.last_of_byte.val();
            }
            State::Rest => {
                self.last.next = self.last_of_rest.val();
            }
            State::Status => {
                self.shifts.next = true;
                self.last.next = self.last_of_status.val();
            }
            State::Address => {
                self.shifts.next = true;
                self.last.next = self.last_of_address.val();
            }
            State::Data => {
                self.shifts.next = true;
                self.last.next = self.last_of_line.val();
            }
            State::Byte => {
                self.shifts.next = true;
                self.last.next = self.last_of_byte.val();
            }
            _ => {}
        }
        self.pulse.d.next = self.shifts.val();
        self.done.next = self.count.q.val() == self.last.val();
        self.count.d.next = self.count.q.val() + self.one.val();
        if self.done.val() {
            self.count.d.next = bits::<8>(0);
        }
        if self.shifts.val() {
            self.bits.d.next = self.bits.q.val() << 1;
        }
        if self.pulse.q.val() {
            self.received.d.next = self.received.q.val() << 1;
            if self.miso.val() {
                self.received.d.next = (self.received.q.val() << 1) | self.one_bit.val();
            }
        }

        // Whose turn it is: the other one's, if it waits.
        self.asked.next = self.companion_line_request.val() | self.program_line_request.val();
        self.chosen.next = self.program_line_request.val();
        self.line.next = self.companion_line_address.val();
        if self.serves_program.q.val() {
            self.chosen.next = !self.companion_line_request.val();
            self.line.next = self.program_line_address.val();
        }
        self.goes_on.next = self.selected.q.val() & (self.line.val() == self.next_line.q.val());

        self.next_line.d.next = self.line.val() + self.one_line.val();
        self.next_line.load.next = false;
        self.next_line.clear.next = false;
        self.command_owned.next = false;
        self.command_busy.next = false;
        self.piece_ends.d.next = false;
        self.arrived.d.next = self.piece_ends.q.val();
        self.bit_of_piece.next = bit_cast::<4, 8>(self.count.q.val());
        match self.state.q.val() {
            State::Idle => {
                // A request that ends with the piece that comes now, or has arrived, is still to be seen.
                if !self.free.q.val() {
                    self.state.d.next = State::Begin;
                } else if self.command_hold.val() & !self.piece_ends.q.val() {
                    self.selected.d.next = false;
                    self.state.d.next = State::Owned;
                } else if self.asked.val() & !self.piece_ends.q.val() & !self.arrived.q.val() {
                    self.serves_program.d.next = self.chosen.val();
                    self.state.d.next = State::Begin;
                }
            }
            State::Begin => {
                self.next_line.load.next = true;
                self.selected.d.next = self.goes_on.val();
                if self.goes_on.val() {
                    self.count.d.next = bits::<8>(0);
                    self.state.d.next = State::Data;
                }
                if self.done.val() {
                    self.selected.d.next = true;
                    if !self.awake.q.val() {
                        self.bits.d.next = self.release_power_down.val();
                        self.state.d.next = State::Wake;
                    } else if !self.free.q.val() {
                        self.bits.d.next = self.read_status.val();
                        self.state.d.next = State::Status;
                    } else {
                        self.bits.d.next =
                            (bit_cast::<32, F>(self.line.val()) << self.offset_bits.val()) | self.read.val();
                        self.state.d.next = State::Address;
                    }
                }
            }
            State::Wake => {
                if self.done.val() {
                    self.selected.d.next = false;
                    self.state.d.next = State::Rest;
                }
            }
            State::Rest => {
                if self.done.val() {
                    self.awake.d.next = true;
                    self.state.d.next = State::Idle;
                }
            }
            State::Status => {
                if self.done.val() {
                    self.state.d.next = State::Check;
                }
            }
            State::Check => {
                // Its last bit is on its way for one cycle.
                if !self.pulse.q.val() {
                    if self.received.q.val().get_bit(0) {
                        self.count.d.next = self.second_byte.val();
                        self.state.d.next = State::Status;
                    } else {
                        self.free.d.next = true;
                        self.selected.d.next = false;
                        self.state.d.next = State::Idle;
                    }
                }
            }
            State::Address => {
                if self.done.val() {
                    self.state.d.next = State::Data;
                }
            }
            State::Data => {
                self.piece_ends.d.next = self.bit_of_piece.val().all();
                if self.done.val() {
                    self.state.d.next = State::Idle;
                }
            }
            State::Owned => {
                self.command_owned.next = true;
                self.command_busy.next = self.pulse.q.val();
                if !self.pulse.q.val() {
                    self.selected.d.next = self.command_select.val();
                    if self.command_send.val() {
                        self.bits.d.next = bit_cast::<32, 8>(self.command_byte.val()) << 24;
                        self.state.d.next = State::Byte;
                    }
                    if !self.command_hold.val() {
                        self.free.d.next = false;
                        self.selected.d.next = false;
                        self.state.d.next = State::Idle;
                    }
                }
            }
            State::Byte => {
                self.command_owned.next = true;
                self.command_busy.next = true;
                if self.done.val() {
                    self.state.d.next = State::Owned;
                }
            }
        }

        self.companion_fill_valid.next = self.arrived.q.val() & !self.serves_program.q.val();
        self.program_fill_valid.next = self.arrived.q.val() & self.serves_program.q.val();
        self.fill_data.next = (self.received.q.val() << 24)
            | ((self.received.q.val() & self.second_lowest.val()) << 8)
            | ((self.received.q.val() & self.second_highest.val()) >> 8)
            | (self.received.q.val() >> 24);
        self.command_received.next = bit_cast::<8, 32>(self.received.q.val());

        if self.reset.val() {
            self.state.d.next = State::Idle;
            self.pulse.d.next = false;
            self.selected.d.next = false;
            self.select_pin.d.next = false;
            self.count.d.next = bits::<8>(0);
            self.awake.d.next = false;
            self.free.d.next = false;
            self.piece_ends.d.next = false;
            self.arrived.d.next = false;
        }
    }
}
