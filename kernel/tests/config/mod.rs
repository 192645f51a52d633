//! How property tests run here.

use proptest::test_runner::{Config, FileFailurePersistence};

/// So many cases, unless the environment says how many; those that fail are kept beside the test.
pub fn config(cases: u32) -> Config {
    let default = Config::default();
    Config {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases },
        failure_persistence: Some(Box::new(FileFailurePersistence::WithSource("regressions"))),
        ..default
    }
}
