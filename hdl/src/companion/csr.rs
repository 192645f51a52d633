//! The control and status registers: their numbers, and where those are that are kept beside the registers.
//!
//! Names and numbers are those of "The RISC-V Instruction Set Manual", volume II.

/// Machine status: interrupts are enabled, and were before the trap.
pub const MSTATUS: u32 = 0x300;
/// The instruction set.
pub const MISA: u32 = 0x301;
/// Which interrupts are enabled.
pub const MIE: u32 = 0x304;
/// Where traps go.
pub const MTVEC: u32 = 0x305;
/// The upper half of [`MSTATUS`].
pub const MSTATUSH: u32 = 0x310;
/// For the handler.
pub const MSCRATCH: u32 = 0x340;
/// Where the last trap came from.
pub const MEPC: u32 = 0x341;
/// Why it was taken.
pub const MCAUSE: u32 = 0x342;
/// More about it.
pub const MTVAL: u32 = 0x343;
/// Which interrupts wait.
pub const MIP: u32 = 0x344;
/// Counts clock cycles.
pub const MCYCLE: u32 = 0xB00;
/// The upper half of [`MCYCLE`].
pub const MCYCLEH: u32 = 0xB80;
/// Who made this.
pub const MVENDORID: u32 = 0xF11;
/// Its architecture.
pub const MARCHID: u32 = 0xF12;
/// Its version.
pub const MIMPID: u32 = 0xF13;
/// Which of several harts it is.
pub const MHARTID: u32 = 0xF14;

/// Where a register is that is kept beside the registers: the index in their block RAM.
pub const fn stored(number: u32) -> usize {
    32 + (number & 7) as usize
}

// A kernel can name a number by a literal only; these are the literals of the decoder and the processor.
const _: () = {
    assert!(MSTATUS == 768 && MISA == 769 && MIE == 772 && MTVEC == 773 && MSTATUSH == 784);
    assert!(MSCRATCH == 832 && MEPC == 833 && MCAUSE == 834 && MTVAL == 835 && MIP == 836);
    assert!(MCYCLE == 2816 && MCYCLEH == 2944);
    assert!(MVENDORID == 3857 && MARCHID == 3858 && MIMPID == 3859 && MHARTID == 3860);
    assert!(stored(MEPC) == 33 && stored(MCAUSE) == 34 && stored(MTVAL) == 35 && stored(MTVEC) == 37);
};
