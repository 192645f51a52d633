//! What traps are called.

use images::packed;
use images::packed::Packed;

/// What happened, by `mcause`, and what stands before `mtval` if that says something. From "The RISC-V Instruction Set Manual",
/// volume II, table of the values of `mcause`.
pub fn name(cause: u32) -> (Packed, Option<Packed>) {
    match cause {
        0 => (packed!("misaligned jump"), Some(packed!(" to "))),
        1 => (packed!("instruction access fault"), Some(packed!(" at "))),
        2 => (packed!("illegal instruction"), Some(packed!(" "))),
        3 => (packed!("breakpoint"), None),
        4 => (packed!("misaligned load"), Some(packed!(" at "))),
        5 => (packed!("load access fault"), Some(packed!(" at "))),
        6 => (packed!("misaligned store"), Some(packed!(" at "))),
        7 => (packed!("store access fault"), Some(packed!(" at "))),
        11 => (packed!("environment call"), None),
        _ if cause >> 31 != 0 => (packed!("interrupt that nobody handles"), None),
        _ => (packed!("unknown trap"), None),
    }
}
