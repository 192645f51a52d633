//! A machine that can be run for one clock cycle: the one thing the engines have in common.

use images::machine::{Limits, BIG, BOARD};
use std::fmt;

/// Every wire between a machine and the world. The bare machine has the byte ports, the board the pins; both
/// report what the core did. The order is that of the C++ shim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Wires {
    /// In: start again. (On the board: the button is pressed.)
    pub reset: bool,
    /// In, bare: there is a byte.
    pub in_valid: bool,
    /// In, bare: there will be no more bytes.
    pub in_end: bool,
    /// In, bare: the byte.
    pub in_data: u8,
    /// In, board: serial line to the machine.
    pub usb_rx: bool,
    /// Out, bare: there is a byte.
    pub out_valid: bool,
    /// Out, bare: the byte.
    pub out_data: u8,
    /// Out, bare: the core has not taken the last byte yet.
    pub in_full: bool,
    /// Out, board: serial line from the machine.
    pub usb_tx: bool,
    /// Out, board: the LEDs, see [`hdl::board::leds`].
    pub led: u8,
    /// Out: a word was executed.
    pub retired: bool,
    /// Out: the core waits for a byte.
    pub waiting: bool,
    /// Out, bare: the core has stopped.
    pub stopped: bool,
    /// Out, bare: code of the fault.
    pub fault: u8,
    /// Out: address of the word that stopped the core.
    pub stop_address: u32,
    /// Out: the pointer, before that word if it faulted.
    pub stop_pointer: u32,
}

/// A machine under simulation.
pub trait Model {
    /// One clock cycle: gives the outputs, takes the inputs, then the rising edge. No output depends on an input
    /// of the same cycle.
    fn cycle(&mut self, wires: &mut Wires);
    /// Puts a program into the program memory, from address 0.
    fn load(&mut self, words: &[u16]);
    /// The cells.
    fn cells(&self) -> Vec<u8>;
    /// Sets the first cells.
    fn set_cells(&mut self, cells: &[u8]);
    /// The rust-hdl block, to look at its signals; none in an engine that is not rust-hdl.
    fn block(&self) -> Option<&dyn rust_hdl::prelude::Block> {
        None
    }
}

/// What runs the hardware.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// The generated Verilog, made into C++ by Verilator: fast.
    Verilator,
    /// rust-hdl's own simulation: needs no tools.
    Rust,
}

impl EngineKind {
    /// The best engine of this build.
    pub fn best() -> EngineKind {
        if cfg!(verilator) {
            EngineKind::Verilator
        } else {
            EngineKind::Rust
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EngineKind::Verilator => "verilator",
            EngineKind::Rust => "rust",
        })
    }
}

/// Which size of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MachineKind {
    /// What fits the Alchitry Cu.
    Board,
    /// 65,536 cells, 2 M words: only a simulation has that much memory.
    Big,
}

impl MachineKind {
    /// Its sizes.
    pub fn limits(self) -> Limits {
        match self {
            MachineKind::Board => BOARD,
            MachineKind::Big => BIG,
        }
    }
}

impl fmt::Display for MachineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            MachineKind::Board => "board",
            MachineKind::Big => "big",
        })
    }
}

/// What is around the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// The core with its byte ports.
    Bare,
    /// The board with its pins.
    Board,
}

/// This build has no such engine.
#[derive(Debug, thiserror::Error)]
#[error(
    "this program was built without Verilator; install it (`make setup`), build again, or use --engine rust"
)]
pub struct NoVerilator;

/// A new model, in reset, with an empty program and clean cells.
pub fn new(engine: EngineKind, machine: MachineKind, shape: Shape) -> Result<Box<dyn Model>, NoVerilator> {
    match engine {
        EngineKind::Rust => Ok(crate::rust_model::new(machine, shape)),
        #[cfg(verilator)]
        EngineKind::Verilator => Ok(crate::verilator_model::new(machine, shape)),
        #[cfg(not(verilator))]
        EngineKind::Verilator => Err(NoVerilator),
    }
}
