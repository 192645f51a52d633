//! The flash controller's commands as a device.
//!
//! In: the device bus (see [`crate::system`]), what the controller and the caches report. Out: commands for the
//! controller, a sector for the caches to forget.

use crate::line_cache::SECTOR_BITS;
use crate::local::Local;
use crate::register::{Held, Register};
use map::flash;
use map::flash::{control, status};
use rust_hdl::prelude::*;

// The literals in the kernel below.
const _: () = assert!(flash::CONTROL == 0 && flash::STATUS == 4 && flash::DATA == 8 && flash::FORGET == 12);
const _: () = assert!(control::HOLD == 0 && control::SELECT == 1);
const _: () = assert!(status::OWNED == 0 && status::BUSY == 1 && status::FORGETTING == 2);
const _: () = assert!(SECTOR_BITS == 12 && map::SECTOR_BYTES == 1 << 12);

/// The port. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct FlashPort {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// Let the flash go.
    pub reset: Signal<In, bool>,
    /// A register's number: its offset, divided by 4.
    pub number: Signal<In, Bits<5>>,
    /// Write it in this cycle.
    pub write: Signal<In, bool>,
    /// What to write.
    pub data_in: Signal<In, Bits<32>>,
    /// The register, in this cycle.
    pub data_out: Signal<Out, Bits<32>>,
    /// See [`crate::flash_controller`].
    pub hold: Signal<Out, bool>,
    /// See [`crate::flash_controller`].
    pub select: Signal<Out, bool>,
    /// See [`crate::flash_controller`].
    pub send_byte: Signal<Out, Bits<8>>,
    /// See [`crate::flash_controller`].
    pub send: Signal<Out, bool>,
    /// See [`crate::flash_controller`].
    pub owned: Signal<In, bool>,
    /// See [`crate::flash_controller`].
    pub busy: Signal<In, bool>,
    /// See [`crate::flash_controller`].
    pub received: Signal<In, Bits<8>>,
    /// A sector that has changed,
    pub sector: Signal<Out, Bits<SECTOR_BITS>>,
    /// in this cycle.
    pub forget: Signal<Out, bool>,
    /// A cache is not done with it.
    pub forgetting: Signal<In, bool>,

    holds: Held<bool>,
    selects: Held<bool>,
    /// Writes are passed on a cycle later: what decodes the address must not hold the controller up in the same one.
    sends: Register<bool>,
    sent: Held<Bits<8>>,
    forgets: Register<bool>,
    forgotten: Held<Bits<SECTOR_BITS>>,
    is_control: Local<bool>,
    value: Local<Bits<32>>,
}

impl Logic for FlashPort {
    #[hdl_gen]
    fn update(&mut self) {
        dff_setup!(self, clock, sends, forgets);
        clock!(self, clock, holds, selects, sent, forgotten);
        self.is_control.next = self.write.val() & !self.number.val().any();
        self.holds.d.next = self.data_in.val().get_bit(0);
        self.holds.load.next = self.is_control.val();
        self.holds.clear.next = self.reset.val();
        self.selects.d.next = self.data_in.val().get_bit(1);
        self.selects.load.next = self.is_control.val();
        self.selects.clear.next = self.reset.val();
        self.hold.next = self.holds.q.val();
        self.select.next = self.selects.q.val();
        self.sends.d.next = self.write.val() & (self.number.val() == bits::<5>(2));
        self.sent.d.next = bit_cast::<8, 32>(self.data_in.val());
        self.sent.load.next = self.write.val();
        self.sent.clear.next = false;
        self.send_byte.next = self.sent.q.val();
        self.send.next = self.sends.q.val();
        self.forgets.d.next = self.write.val() & (self.number.val() == bits::<5>(3));
        self.forgotten.d.next = self.data_in.val().get_bits::<SECTOR_BITS>(12);
        self.forgotten.load.next = self.write.val();
        self.forgotten.clear.next = false;
        self.sector.next = self.forgotten.q.val();
        self.forget.next = self.forgets.q.val();

        self.value.next = bits::<32>(0);
        match self.number.val().index() {
            0 => {
                self.value.next = bit_cast::<32, 1>(self.holds.q.val().into())
                    | (bit_cast::<32, 1>(self.selects.q.val().into()) << 1)
            }
            1 => {
                self.value.next = bit_cast::<32, 1>(self.owned.val().into())
                    | (bit_cast::<32, 1>(self.busy.val().into()) << 1)
                    | (bit_cast::<32, 1>(self.sends.q.val().into()) << 1)
                    | (bit_cast::<32, 1>(self.forgetting.val().into()) << 2)
                    | (bit_cast::<32, 1>(self.forgets.q.val().into()) << 2)
            }
            2 => self.value.next = bit_cast::<32, 8>(self.received.val()),
            _ => {}
        }
        self.data_out.next = self.value.val();
    }
}
