//! What traps are called.

/// What happened, by `mcause`. From "The RISC-V Instruction Set Manual", volume II, table of the values of `mcause`.
pub fn name(cause: u32) -> &'static str {
    match cause {
        0 => "misaligned jump",
        1 => "instruction access fault",
        2 => "illegal instruction",
        3 => "breakpoint",
        4 => "misaligned load",
        5 => "load access fault",
        6 => "misaligned store",
        7 => "store access fault",
        11 => "environment call",
        _ if cause >> 31 != 0 => "interrupt that nobody handles",
        _ => "unknown trap",
    }
}
