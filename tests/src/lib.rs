//! What the system tests share.

pub mod assembler;
#[path = "../../hdl/tests/common/code.rs"]
pub mod code;
#[path = "../../hdl/tests/common/compressed.rs"]
pub mod compressed;
pub mod cosimulation;
pub mod hart;
pub mod icarus;
pub mod programs;
pub mod shell;

use std::path::Path;
use std::sync::LazyLock;

/// What the companion runs: Fusion.
pub static FIRMWARE: LazyLock<Vec<u8>> = LazyLock::new(|| built("firmware.bin"));

/// What the companion can run in its place: the monitor that looks at the hardware.
pub static MONITOR: LazyLock<Vec<u8>> = LazyLock::new(|| built("monitor.bin"));

/// What the companion can run in its place: two machines that call each other, measured.
pub static EXCHANGE: LazyLock<Vec<u8>> = LazyLock::new(|| built("exchange.bin"));

/// Looks at what `stat` in Fusion's shell has said of the stack: with all that is not the stack, Fusion has used 3 KB at most.
///
/// # Panics
/// If they were.
#[track_caller]
pub fn assert_ram_has_room(stat: &str) {
    let number_before = |word: &str| -> u32 {
        let (head, _) = stat.split_once(word).expect("it is said");
        head.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    let (used, stack) = (number_before(" of "), number_before(" bytes used"));
    let others = map::RAM_BYTES - stack;
    println!("{used} bytes of the stack and {others} others");
    assert!(used + others <= 3072, "{used} bytes of the stack and {others} others were used");
}

/// What `make firmware` has made.
fn built(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build").join(name);
    std::fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `make firmware` first", path.display()))
}
