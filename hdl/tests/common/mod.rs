//! What the tests of blocks have in common.

// Not every test uses all of it.
#![allow(dead_code)]

use proptest::prelude::ProptestConfig;
use proptest::test_runner::FileFailurePersistence;
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

/// So many random cases, unless `PROPTEST_CASES` says otherwise. Counter-examples are kept beside the test and tried
/// first.
pub fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..default
    }
}
