//! What traps are called.

/// What happened, by `mcause`, and what stands before `mtval` if that says something. From "The RISC-V Instruction Set Manual",
/// volume II, table of the values of `mcause`.
pub fn name(cause: u32) -> (&'static str, Option<&'static str>) {
    match cause {
        0 => ("misaligned jump", Some(" to ")),
        1 => ("instruction access fault", Some(" at ")),
        2 => ("illegal instruction", Some(" ")),
        3 => ("breakpoint", None),
        4 => ("misaligned load", Some(" at ")),
        5 => ("load access fault", Some(" at ")),
        6 => ("misaligned store", Some(" at ")),
        7 => ("store access fault", Some(" at ")),
        11 => ("environment call", None),
        _ if cause >> 31 != 0 => ("interrupt that nobody handles", None),
        _ => ("unknown trap", None),
    }
}
