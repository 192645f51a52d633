//! The companion with its memory ([`hdl::companion_top`]), cycle by cycle, on either engine.

mod rust;
#[cfg(verilator)]
mod verilator;

/// Words of its memory.
pub const WORDS: usize = 1024;
/// Words in the block RAM of its registers: 32, and the control and status registers behind them.
pub const REGISTERS: usize = 64;

/// The wires of a cycle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Wires {
    /// In: back to the first instruction. Like all inputs it arrives one cycle later.
    pub reset: bool,
    /// In: the timer's interrupt.
    pub timer: bool,
    /// In: that of the serial line.
    pub uart: bool,
    /// In: that of the Brainfuck core.
    pub core: bool,
    /// Out: the LEDs.
    pub leds: u8,
    /// Out: an instruction is done in this cycle.
    pub retired: bool,
    /// Out: a trap is taken.
    pub trapped: bool,
    /// Out: waits for an interrupt.
    pub asleep: bool,
    /// Out, behind the cycle: the address of the next instruction.
    pub pc: u32,
}

/// An engine with the companion in it.
pub trait Companion {
    /// One clock cycle.
    fn cycle(&mut self, wires: &mut Wires);
    /// The registers, and behind them the control and status registers that are kept there.
    fn registers(&self) -> [u32; REGISTERS];
    /// Sets one of them.
    fn set_register(&mut self, index: usize, value: u32);
    /// The memory.
    fn memory(&self) -> Vec<u32>;
    /// Sets the first words of the memory.
    fn set_memory(&mut self, words: &[u32]);
}

/// The engine in Rust: the blocks themselves.
pub fn rust() -> Box<dyn Companion> {
    Box::new(rust::RustCompanion::new())
}

/// The engine made by Verilator, far faster; if it was built.
pub fn verilator() -> Option<Box<dyn Companion>> {
    #[cfg(verilator)]
    return Some(Box::new(verilator::VerilatorCompanion::new()));
    #[cfg(not(verilator))]
    None
}
