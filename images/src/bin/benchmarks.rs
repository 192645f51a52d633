//! Writes the texts of the benchmarks into a folder.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    for (name, text) in images::benchmarks::all() {
        std::fs::write(folder.join(name).with_extension("bf"), text + "\n")?;
    }
    Ok(())
}
