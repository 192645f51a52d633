//! The serial line with a queue in each direction, for the firmware or for the Brainfuck core.
//!
//! In: the device bus (see [`crate::system`]), the line from the host. Out: the line to the host, `interrupt` while a
//! bit of the status is set that is enabled. A byte that is written is on the line three cycles later if nothing was
//! waiting; one that is received can be read two cycles after the middle of its stop bit. The cycles of a bit are a register:
//! those of [`map::BAUD`] at power-up and after a reset.
//!
//! While the core has the line its bytes go from queue to queue without the firmware, which would take longer for a byte than
//! the line. A byte takes two cycles more then. One byte, the key, and a break give the line back to the firmware.

use crate::fifo::Fifo;
use crate::local::Local;
use crate::register::{Held, Register};
use crate::uart::{divisor, Receiver, Transmitter};
use map::uart;
use map::uart::status;
use rust_hdl::prelude::*;

/// The binary logarithm of the bytes in each queue.
pub const QUEUE_BITS: usize = 9;

// The literals in the kernel below.
const _: () = assert!(uart::DATA == 0 && uart::STATUS == 4 && uart::ENABLE == 8);
const _: () =
    assert!(uart::BIT_CYCLES == 12 && uart::OWNER == 16 && uart::KEY == 20 && uart::owner::CORE == 0);
const _: () = assert!(status::RECEIVED == 0 && status::ROOM == 1 && status::SENT == 2);
const _: () = assert!(status::OVERRUN == 3 && status::FRAMING == 4 && status::BREAK == 5);
const _: () = assert!(status::LEFT == 6);

/// The serial port. See the [module](self).
#[derive(LogicBlock)]
pub struct SerialPort {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// No errors, no interrupts. What is in the queues stays.
    pub reset: Signal<In, bool>,
    /// A register's number: its offset, divided by 4.
    pub number: Signal<In, Bits<5>>,
    /// Read it in this cycle.
    pub read: Signal<In, bool>,
    /// Write it in this cycle.
    pub write: Signal<In, bool>,
    /// What to write.
    pub data_in: Signal<In, Bits<32>>,
    /// The register, in this cycle.
    pub data_out: Signal<Out, Bits<32>>,
    /// From the host.
    pub line_in: Signal<In, bool>,
    /// To the host.
    pub line_out: Signal<Out, bool>,
    /// Attention, please.
    pub interrupt: Signal<Out, bool>,
    /// The core may send a byte,
    pub core_room: Signal<Out, bool>,
    /// this one,
    pub core_out: Signal<In, Bits<8>>,
    /// in this cycle.
    pub core_send: Signal<In, bool>,
    /// The core may take a byte,
    pub core_valid: Signal<Out, bool>,
    /// this one,
    pub core_in: Signal<Out, Bits<8>>,
    /// in this cycle.
    pub core_take: Signal<In, bool>,

    receiver: Receiver,
    received: Fifo<QUEUE_BITS, { QUEUE_BITS + 1 }>,
    transmitter: Transmitter,
    to_send: Fifo<QUEUE_BITS, { QUEUE_BITS + 1 }>,
    overrun: Register<bool>,
    framing: Register<bool>,
    was_break: Register<bool>,
    left: Register<bool>,
    enable_left: Register<bool>,
    /// The core has the line.
    connected: Register<bool>,
    key: Held<Bits<8>>,
    /// The key is in the queue of received bytes: it came when the firmware had the line.
    key_queued: Register<bool>,
    /// A byte was written in the last cycles: it is not in sight of the transmitter yet.
    written: Register<bool>,
    enable_received: Register<bool>,
    enable_room: Register<bool>,
    enable_sent: Register<bool>,
    enable_break: Register<bool>,
    attention: Register<bool>,
    /// The cycles of a bit, less one; kept as the bits in which they differ from those at power-up, because registers power up
    /// as 0.
    other_bits: Held<Bits<16>>,
    at_first: Constant<Bits<16>>,
    last_of_a_bit: Local<Bits<16>>,
    less_one: Local<Bits<16>>,
    cycles_of_a_bit: Local<Bits<16>>,
    one: Constant<Bits<16>>,
    sent: Local<bool>,
    room: Local<bool>,
    is_data: Local<bool>,
    is_status: Local<bool>,
    is_key: Local<bool>,
    key_comes: Local<bool>,
    key_first: Local<bool>,
    key_waits: Local<bool>,
    drains: Local<bool>,
    breaks: Local<bool>,
    queues: Local<bool>,
    value: Local<Bits<32>>,
}

impl SerialPort {
    /// A port that has this clock, and begins with this baud rate.
    pub fn new(clock_hz: u64, baud: u64) -> Self {
        SerialPort {
            clock: Default::default(),
            reset: Default::default(),
            number: Default::default(),
            read: Default::default(),
            write: Default::default(),
            data_in: Default::default(),
            data_out: Default::default(),
            line_in: Default::default(),
            line_out: Default::default(),
            interrupt: Default::default(),
            core_room: Default::default(),
            core_out: Default::default(),
            core_send: Default::default(),
            core_valid: Default::default(),
            core_in: Default::default(),
            core_take: Default::default(),
            receiver: Default::default(),
            received: Default::default(),
            transmitter: Default::default(),
            to_send: Default::default(),
            overrun: Default::default(),
            framing: Default::default(),
            was_break: Default::default(),
            left: Default::default(),
            enable_left: Default::default(),
            connected: Default::default(),
            key: Default::default(),
            key_queued: Default::default(),
            written: Default::default(),
            enable_received: Default::default(),
            enable_room: Default::default(),
            enable_sent: Default::default(),
            enable_break: Default::default(),
            attention: Default::default(),
            other_bits: Default::default(),
            at_first: Constant::new((divisor(clock_hz, baud) - 1).into()),
            last_of_a_bit: Default::default(),
            less_one: Default::default(),
            cycles_of_a_bit: Default::default(),
            one: Constant::new(1.into()),
            sent: Default::default(),
            room: Default::default(),
            is_data: Default::default(),
            is_status: Default::default(),
            is_key: Default::default(),
            key_comes: Default::default(),
            key_first: Default::default(),
            key_waits: Default::default(),
            drains: Default::default(),
            breaks: Default::default(),
            queues: Default::default(),
            value: Default::default(),
        }
    }
}

impl SerialPort {
    /// In simulation: cycles of a bit.
    pub fn cycles_of_a_bit(&self) -> u64 {
        self.cycles_of_a_bit.val().into()
    }

    /// In simulation of the Verilog: cycles of a bit, from the register that says in which bits they differ.
    pub fn cycles_from(other_bits: u64) -> u64 {
        (other_bits ^ (divisor(map::CLOCK_HZ.into(), map::BAUD.into()) - 1)) + 1
    }
}

impl Default for SerialPort {
    fn default() -> Self {
        SerialPort::new(u64::from(map::CLOCK_HZ), u64::from(map::BAUD))
    }
}

impl Logic for SerialPort {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(
            self,
            clock,
            overrun,
            framing,
            was_break,
            left,
            enable_left,
            connected,
            key_queued,
            written,
            enable_received,
            enable_room,
            enable_sent,
            enable_break,
            attention
        );
        clock!(self, clock, receiver, received, transmitter, to_send, other_bits, key);
        self.is_data.next = !self.number.val().any() & !self.connected.q.val();
        self.is_status.next = self.number.val() == bits::<5>(1);

        self.last_of_a_bit.next = self.other_bits.q.val() ^ self.at_first.val();
        self.cycles_of_a_bit.next = self.last_of_a_bit.val() + self.one.val();
        self.less_one.next = bit_cast::<16, 32>(self.data_in.val()) - self.one.val();
        self.other_bits.d.next = self.less_one.val() ^ self.at_first.val();
        self.other_bits.load.next = self.write.val() & (self.number.val() == bits::<5>(3));
        self.other_bits.clear.next = self.reset.val();
        self.receiver.last_of_a_bit.next = self.last_of_a_bit.val();
        self.transmitter.last_of_a_bit.next = self.last_of_a_bit.val();

        self.receiver.line.next = self.line_in.val();
        // ---- The core's line ----
        self.key.d.next = bit_cast::<8, 32>(self.data_in.val());
        self.key.load.next = self.write.val() & (self.number.val() == bits::<5>(5));
        self.key.clear.next = false;
        self.is_key.next = self.receiver.valid.val() & (self.receiver.data.val() == self.key.q.val());
        self.key_comes.next = self.is_key.val() & self.connected.q.val();
        self.key_first.next = self.received.valid.val() & (self.received.read_data.val() == self.key.q.val());
        self.key_waits.next = self.key_first.val() & self.connected.q.val();
        // What is before a key in the queue is for nobody; what is behind it is the firmware's.
        self.drains.next = self.connected.q.val() & self.key_queued.q.val();
        self.breaks.next = self.connected.q.val() & self.receiver.line_break.val();
        if (self.key_first.val() & (self.connected.q.val() | (self.read.val() & self.is_data.val())))
            | (self.drains.val() & !self.received.valid.val())
            | self.key_comes.val()
            | self.breaks.val()
        {
            self.key_queued.d.next = false;
        }
        if self.is_key.val() & !self.connected.q.val() {
            self.key_queued.d.next = true;
        }
        self.core_valid.next = self.connected.q.val()
            & self.received.valid.val()
            & !self.key_first.val()
            & !self.key_queued.q.val();
        self.core_in.next = self.received.read_data.val();

        self.received.write_data.next = self.receiver.data.val();
        self.received.write.next = self.receiver.valid.val() & !self.key_comes.val();
        self.received.read.next = (self.read.val() & self.is_data.val())
            | self.core_take.val()
            | self.key_waits.val()
            | self.drains.val();
        self.received.clear.next = self.key_comes.val() | self.breaks.val();
        self.to_send.write_data.next = bit_cast::<8, 32>(self.data_in.val());
        if self.connected.q.val() {
            self.to_send.write_data.next = self.core_out.val();
        }
        self.to_send.clear.next = false;
        self.queues.next = (self.write.val() & self.is_data.val()) | self.core_send.val();
        self.to_send.write.next = self.queues.val();
        self.written.d.next = self.queues.val();
        self.transmitter.data.next = self.to_send.read_data.val();
        self.transmitter.valid.next = self.to_send.valid.val();
        self.to_send.read.next = self.transmitter.ready.val();
        self.line_out.next = self.transmitter.line.val();

        // What the program clears is set again if it happens in the same cycle.
        if self.write.val() & self.is_status.val() {
            self.overrun.d.next = self.overrun.q.val() & !self.data_in.val().get_bit(3);
            self.framing.d.next = self.framing.q.val() & !self.data_in.val().get_bit(4);
            self.was_break.d.next = self.was_break.q.val() & !self.data_in.val().get_bit(5);
            self.left.d.next = self.left.q.val() & !self.data_in.val().get_bit(6);
        }
        if self.write.val() & (self.number.val() == bits::<5>(4)) {
            self.connected.d.next = self.data_in.val().get_bit(0);
        }
        if self.key_comes.val() | self.key_waits.val() | self.breaks.val() {
            self.connected.d.next = false;
            self.left.d.next = true;
        }
        if self.received.overrun.val() {
            self.overrun.d.next = true;
        }
        if self.receiver.framing_error.val() {
            self.framing.d.next = true;
        }
        if self.receiver.line_break.val() {
            self.was_break.d.next = true;
        }
        if self.write.val() & (self.number.val() == bits::<5>(2)) {
            self.enable_received.d.next = self.data_in.val().get_bit(0);
            self.enable_room.d.next = self.data_in.val().get_bit(1);
            self.enable_sent.d.next = self.data_in.val().get_bit(2);
            self.enable_break.d.next = self.data_in.val().get_bit(5);
            self.enable_left.d.next = self.data_in.val().get_bit(6);
        }
        self.room.next = !self.to_send.full.val();
        self.core_room.next = self.connected.q.val() & self.room.val();
        self.sent.next = self.transmitter.ready.val() & !self.to_send.valid.val() & !self.written.q.val();
        self.attention.d.next = (self.enable_received.q.val() & self.received.valid.val())
            | (self.enable_room.q.val() & self.room.val())
            | (self.enable_sent.q.val() & self.sent.val())
            | (self.enable_break.q.val() & self.was_break.q.val())
            | (self.enable_left.q.val() & self.left.q.val());
        self.interrupt.next = self.attention.q.val();

        self.value.next = bits::<32>(0);
        if self.is_data.val() & self.received.valid.val() {
            self.value.next = bit_cast::<32, 8>(self.received.read_data.val());
        }
        if self.is_status.val() {
            self.value.next = bit_cast::<32, 1>(self.received.valid.val().into())
                | (bit_cast::<32, 1>(self.room.val().into()) << 1)
                | (bit_cast::<32, 1>(self.sent.val().into()) << 2)
                | (bit_cast::<32, 1>(self.overrun.q.val().into()) << 3)
                | (bit_cast::<32, 1>(self.framing.q.val().into()) << 4)
                | (bit_cast::<32, 1>(self.was_break.q.val().into()) << 5)
                | (bit_cast::<32, 1>(self.left.q.val().into()) << 6);
        }
        if self.number.val() == bits::<5>(2) {
            self.value.next = bit_cast::<32, 1>(self.enable_received.q.val().into())
                | (bit_cast::<32, 1>(self.enable_room.q.val().into()) << 1)
                | (bit_cast::<32, 1>(self.enable_sent.q.val().into()) << 2)
                | (bit_cast::<32, 1>(self.enable_break.q.val().into()) << 5)
                | (bit_cast::<32, 1>(self.enable_left.q.val().into()) << 6);
        }
        if self.number.val() == bits::<5>(3) {
            self.value.next = bit_cast::<32, 16>(self.cycles_of_a_bit.val());
        }
        if self.number.val() == bits::<5>(4) {
            self.value.next = bit_cast::<32, 1>(self.connected.q.val().into());
        }
        if self.number.val() == bits::<5>(5) {
            self.value.next = bit_cast::<32, 8>(self.key.q.val());
        }
        self.data_out.next = self.value.val();

        if self.reset.val() {
            self.overrun.d.next = false;
            self.framing.d.next = false;
            self.was_break.d.next = false;
            self.enable_received.d.next = false;
            self.enable_room.d.next = false;
            self.enable_sent.d.next = false;
            self.enable_break.d.next = false;
            self.left.d.next = false;
            self.enable_left.d.next = false;
            self.connected.d.next = false;
        }
    }
}
