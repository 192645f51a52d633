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
/// Which counters stand still: [`MINSTRET`], always.
pub const MCOUNTINHIBIT: u32 = 0x320;
/// The events that are counted: from here to 0x33F, for [`MHPMCOUNTER3`]. Each is none.
pub const MHPMEVENT3: u32 = 0x323;
/// Selects one of the debugger's triggers. There is none.
pub const TSELECT: u32 = 0x7A0;
/// What the trigger is: none.
pub const TDATA1: u32 = 0x7A1;
/// Counts clock cycles.
pub const MCYCLE: u32 = 0xB00;
/// The upper half of [`MCYCLE`].
pub const MCYCLEH: u32 = 0xB80;
/// Would count the instructions that are done; is kept as it was written.
pub const MINSTRET: u32 = 0xB02;
/// The upper half of [`MINSTRET`].
pub const MINSTRETH: u32 = 0xB82;
/// Counts other events: from here to 0xB1F. All are 0.
pub const MHPMCOUNTER3: u32 = 0xB03;
/// The upper halves, to 0xB9F.
pub const MHPMCOUNTER3H: u32 = 0xB83;
/// Who made this.
pub const MVENDORID: u32 = 0xF11;
/// Its architecture.
pub const MARCHID: u32 = 0xF12;
/// Its version.
pub const MIMPID: u32 = 0xF13;
/// Which of several harts it is.
pub const MHARTID: u32 = 0xF14;
/// Where a description of the machine is: nowhere.
pub const MCONFIGPTR: u32 = 0xF15;

/// What [`MISA`] says: 32 bits, I.
pub const RV32I: u32 = 1 << 30 | 1 << 8;
/// The bit of [`MISA`] for compressed instructions. It is set by a write and stays set until a reset.
pub const COMPRESSED: u32 = 1 << 2;
/// What [`MCOUNTINHIBIT`] says.
pub const INHIBITED: u32 = 1 << 2;

/// Where a register is that is kept beside the registers: the index in their block RAM.
pub const fn stored(number: u32) -> usize {
    (32 | (number >> 7 & 1) << 4 | (number >> 11 & 1) << 3 | number & 7) as usize
}

// A kernel can name a number by a literal only; these are the literals of the decoder and the processor.
const _: () = {
    assert!(MSTATUS == 768 && MISA == 769 && MIE == 772 && MTVEC == 773 && MSTATUSH == 784);
    assert!(MSCRATCH == 832 && MEPC == 833 && MCAUSE == 834 && MTVAL == 835 && MIP == 836);
    assert!(MCYCLE == 2816 && MCYCLEH == 2944 && MINSTRET == 2818 && MINSTRETH == 2946);
    assert!(MHPMEVENT3 == 0x19 << 5 | 3 && MHPMCOUNTER3 == 0x58 << 5 | 3 && MHPMCOUNTER3H == 0x5C << 5 | 3);
    assert!(
        MCOUNTINHIBIT == 800
            && INHIBITED == 4
            && TSELECT == 1952
            && TDATA1 == 1953
            && MCONFIGPTR == 3861
            && RV32I == 0x4000_0100
    );
    assert!(MVENDORID == 3857 && MARCHID == 3858 && MIMPID == 3859 && MHARTID == 3860);
    assert!(stored(MEPC) == 33 && stored(MCAUSE) == 34 && stored(MTVAL) == 35 && stored(MTVEC) == 37);
};
