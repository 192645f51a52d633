//! Running Verilog in Icarus.

use std::path::Path;
use std::process::Command;

/// Compiles Verilog files and runs the module `bench`. What it printed.
///
/// # Panics
/// If Icarus is not installed, warns, or fails: the message says what it said.
pub fn run(folder: &Path, files: &[&str]) -> String {
    let compiled = Command::new("iverilog")
        .current_dir(folder)
        .args(["-g2005-sv", "-Wall", "-Wno-timescale", "-s", "bench", "-o", "bench.vvp"])
        .args(files)
        .output()
        .expect("iverilog can be started; `make setup` installs it");
    let said = String::from_utf8_lossy(&compiled.stderr).into_owned();
    assert!(compiled.status.success() && said.is_empty(), "iverilog says:\n{said}");
    let output = Command::new("vvp")
        .current_dir(folder)
        .args(["-n", "bench.vvp"])
        .output()
        .expect("vvp comes with iverilog");
    assert!(output.status.success(), "vvp says:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
