//! What the system tests share.

pub mod assembler;
#[path = "../../hdl/tests/common/code.rs"]
pub mod code;
pub mod cosimulation;
pub mod hart;
pub mod icarus;
pub mod programs;
pub mod shell;

use std::path::Path;
use std::sync::LazyLock;

/// What the companion runs, as `make firmware` makes it.
pub static FIRMWARE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build/firmware.bin");
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make firmware` first", path.display()))
});
