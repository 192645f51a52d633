//! What the tests of blocks have in common.

use rust_hdl::core::simulate::simulate;
use rust_hdl::prelude::*;

/// One clock cycle: `look` sees the settled block before the rising edge.
pub fn cycle<B: Block, T>(
    block: &mut B,
    clock: fn(&mut B) -> &mut Signal<In, Clock>,
    look: impl FnOnce(&B) -> T,
) -> T {
    clock(block).next = false.into();
    assert!(simulate(block, 50));
    let seen = look(block);
    clock(block).next = true.into();
    assert!(simulate(block, 50));
    seen
}
