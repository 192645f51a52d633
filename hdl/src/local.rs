//! A local signal: the result of an expression, for use further down in the same kernel.
//!
//! In Verilog it is what rust-hdl's `Signal<Local, T>` is. In simulation it is just a variable: `Signal` compares
//! all locals with their old values in every round, which took half of a simulated core's time.

use rust_hdl::core::probe::Probe;
use rust_hdl::core::type_descriptor::TypeDescriptor;
use rust_hdl::core::{constraint::PinConstraint, signal::get_signal_id, synth::VCDValue};
use rust_hdl::prelude::*;

/// A local signal. Write `next` before reading `val()`.
#[derive(Clone, Debug)]
pub struct Local<T: Synth> {
    /// The value.
    pub next: T,
    id: usize,
}

impl<T: Synth> Local<T> {
    /// The value written last.
    pub fn val(&self) -> T {
        self.next
    }
}

impl<T: Synth> Default for Local<T> {
    fn default() -> Self {
        Local { next: T::default(), id: get_signal_id() }
    }
}

impl<T: Synth> Logic for Local<T> {
    fn update(&mut self) {}
}

impl<T: Synth> Atom for Local<T> {
    fn bits(&self) -> usize {
        T::BITS
    }

    fn connected(&self) -> bool {
        true
    }

    fn changed(&self) -> bool {
        false
    }

    fn kind(&self) -> AtomKind {
        AtomKind::LocalSignal
    }

    fn descriptor(&self) -> TypeDescriptor {
        T::descriptor()
    }

    fn vcd(&self) -> VCDValue {
        self.next.vcd()
    }

    fn id(&self) -> usize {
        self.id
    }

    fn verilog(&self) -> VerilogLiteral {
        self.next.verilog()
    }

    fn constraints(&self) -> Vec<PinConstraint> {
        Vec::new()
    }
}

impl<T: Synth> Block for Local<T> {
    fn connect_all(&mut self) {}

    fn update_all(&mut self) {}

    fn has_changed(&self) -> bool {
        false
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_atom(name, self);
    }
}
