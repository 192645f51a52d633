//! A register: D flip-flops, 0 at power-up.
//!
//! In: `d`, taken at the rising edge. Out: `q`, from then on. The hardware is that of rust-hdl's `DFF`; the
//! simulation takes the edge in the round in which it arrives and looks at `d` only then, which makes a simulated
//! core three times faster. That is sound because data that leaves a register must rise to a common parent before
//! it can come down to another one, and so arrives after the clock.

use rust_hdl::core::probe::Probe;
use rust_hdl::prelude::*;

/// A number of 64 bits from its halves, lower and upper.
pub fn joined(lower: Bits<32>, upper: Bits<32>) -> u64 {
    u64::from(upper.to_u32()) << 32 | u64::from(lower.to_u32())
}

/// The halves of a number, lower and upper.
pub fn halves(number: u64) -> (Bits<32>, Bits<32>) {
    (u64::from(number as u32).into(), (number >> 32).into())
}

/// A register of a T.
#[derive(Clone, Debug, Default)]
pub struct Register<T: Synth> {
    /// What to hold next.
    pub d: Signal<In, T>,
    /// What it holds.
    pub q: Signal<Out, T>,
    /// Its rising edge takes `d`.
    pub clock: Signal<In, Clock>,
    changed: bool,
}

impl<T: Synth> Register<T> {
    /// In simulation: holds this, without an edge. The logic around must settle then.
    pub fn set(&mut self, value: T) {
        self.q.next = value;
        self.q.update_all();
    }
}

impl<T: Synth> Logic for Register<T> {
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
initial q = {:x};
always @(posedge clock) q <= d;
",
            T::default().verilog()
        ))
    }

    fn timing(&self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: "register".into(),
            clock: "clock".into(),
            inputs: vec!["d".into()],
            outputs: vec!["q".into()],
        }]
    }
}

impl<T: Synth> Block for Register<T> {
    fn connect_all(&mut self) {
        self.connect();
        self.d.connect_all();
        self.q.connect_all();
        self.clock.connect_all();
    }

    fn update_all(&mut self) {
        self.clock.update_all();
        self.changed = false;
        if self.clock.changed || !self.clock.val().clk {
            self.d.update_all();
        }
        if self.clock.pos_edge() {
            let value = self.d.val();
            if self.q.next != value {
                self.q.next = value;
                self.changed = true;
            }
            self.q.update_all();
        }
    }

    fn has_changed(&self) -> bool {
        self.changed
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.d.accept("d", probe);
        self.q.accept("q", probe);
        self.clock.accept("clock", probe);
        probe.visit_end_scope(name, self);
    }
}

/// A register with enable and synchronous clear, which an iCE40 logic cell has built in.
///
/// In: `d`, taken at a rising edge while `load`; at one while `clear`, 0 instead. Out: `q`, from then on.
#[derive(Clone, Debug, Default)]
pub struct Held<T: Synth> {
    /// What to hold next,
    pub d: Signal<In, T>,
    /// if in this cycle.
    pub load: Signal<In, bool>,
    /// Hold 0 next.
    pub clear: Signal<In, bool>,
    /// What it holds.
    pub q: Signal<Out, T>,
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    changed: bool,
}

impl<T: Synth> Held<T> {
    /// In simulation: holds this, without an edge. The logic around must settle then.
    pub fn set(&mut self, value: T) {
        self.q.next = value;
        self.q.update_all();
    }
}

impl<T: Synth> Logic for Held<T> {
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.q.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Custom(format!(
            "\
initial q = {zero:x};
always @(posedge clock) if (clear) q <= {zero:x}; else if (load) q <= d;
",
            zero = T::default().verilog()
        ))
    }

    fn timing(&self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: "held".into(),
            clock: "clock".into(),
            inputs: ["d", "load", "clear"].map(String::from).to_vec(),
            outputs: vec!["q".into()],
        }]
    }
}

impl<T: Synth> Block for Held<T> {
    fn connect_all(&mut self) {
        self.connect();
        self.d.connect_all();
        self.load.connect_all();
        self.clear.connect_all();
        self.q.connect_all();
        self.clock.connect_all();
    }

    fn update_all(&mut self) {
        self.clock.update_all();
        self.changed = false;
        if self.clock.changed || !self.clock.val().clk {
            self.d.update_all();
            self.load.update_all();
            self.clear.update_all();
        }
        if self.clock.pos_edge() {
            let value = if self.clear.val() {
                T::default()
            } else if self.load.val() {
                self.d.val()
            } else {
                self.q.next
            };
            if self.q.next != value {
                self.q.next = value;
                self.changed = true;
            }
            self.q.update_all();
        }
    }

    fn has_changed(&self) -> bool {
        self.changed
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.d.accept("d", probe);
        self.load.accept("load", probe);
        self.clear.accept("clear", probe);
        self.q.accept("q", probe);
        self.clock.accept("clock", probe);
        probe.visit_end_scope(name, self);
    }
}
