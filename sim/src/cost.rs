//! `brainfusion cost`: what the firmware costs in flash and RAM, part by part, from the map that its linker has written.

use crate::own_flash::built;
use map::{FIRMWARE, FLASH, RAM_BYTES};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;
use std::{fs, io};

/// Why there is nothing to be printed.
#[derive(Debug, thiserror::Error)]
pub enum CostError {
    /// The map cannot be read.
    #[error("{path}: {error}; build the firmware first: make firmware", path = path.display())]
    Map {
        /// Where it should be.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
}

/// Column at which symbols are indented in the linker's map, behind address, address, size and alignment.
const SYMBOL_COLUMN: usize = 49;
/// The end of the name of a symbol whose size says how much RAM a part takes.
const BYTES: &str = "_BYTES";

/// A line of the map.
struct Symbol<'a> {
    address: u32,
    bytes: u32,
    name: &'a str,
}

/// Symbols, and sections of the input where a symbol has none.
fn symbols(map: &str) -> impl Iterator<Item = Symbol<'_>> {
    map.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let address = u32::from_str_radix(words.next()?, 16).ok()?;
        let bytes = u32::from_str_radix(words.nth(1)?, 16).ok()?;
        let name = line.get(SYMBOL_COLUMN..).filter(|name| {
            line.get(..SYMBOL_COLUMN).is_some_and(|before| before.ends_with(' ')) && !name.starts_with(' ')
        })?;
        Some(Symbol { address, bytes, name })
    })
}

/// Where the stack ends, which is a line of its own kind.
fn stack_end(map: &str) -> u32 {
    let line = map.lines().find(|line| line.ends_with(" _stack_end = ."));
    let address = line.and_then(|line| line.split_whitespace().next());
    address.and_then(|address| u32::from_str_radix(address, 16).ok()).unwrap_or(0)
}

/// What a function belongs to: its crate, and for the project's own crates the module.
fn part(name: &str) -> String {
    let path: String =
        name.trim_start_matches(['<', '&']).chars().take_while(|&c| !matches!(c, '<' | '>' | ' ')).collect();
    let mut segments = path.split("::");
    let Some(first) = segments.next().filter(|_| path.contains("::")) else {
        return "constants and start".into();
    };
    let modules = match first {
        "kernel" if path.starts_with("kernel::service::") => 2,
        "kernel" | "images" | "firmware" => 1,
        _ => 0,
    };
    segments.take(modules).fold(first.to_owned(), |path, segment| path + "::" + segment)
}

/// The two tables for a linker's map.
fn tables(map: &str) -> String {
    let mut flash = BTreeMap::<String, u32>::new();
    let mut ram = Vec::new();
    let mut end = FLASH + FIRMWARE;
    let stack = stack_end(map);
    for Symbol { address, bytes, name } in symbols(map) {
        if address >= FLASH + FIRMWARE && bytes > 0 {
            end = end.max(address + bytes);
            *flash.entry(part(name)).or_default() += bytes;
        } else if let Some(part) = name.strip_suffix(BYTES) {
            ram.push((part.rsplit("::").next().unwrap_or(part).to_lowercase(), bytes));
        }
    }
    let total = end - FLASH - FIRMWARE;
    let named: u32 = flash.values().sum();
    *flash.entry("constants and start".into()).or_default() += total.saturating_sub(named);
    let mut flash: Vec<_> = flash.into_iter().collect();
    flash.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let page = kernel::system::PAGE_BYTES;
    let parts: u32 = ram.iter().map(|(_, bytes)| bytes).sum();
    ram.push((
        "code that runs while the flash is busy, signals, crash record".into(),
        stack.saturating_sub(parts),
    ));
    ram.push(("page for names and texts".into(), page));
    ram.push(("stack".into(), RAM_BYTES - page - stack));
    ram.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));

    let mut text = String::new();
    for (title, total, rows) in [("flash", total, flash), ("RAM", RAM_BYTES, ram)] {
        writeln!(text, "{total:7} bytes of {title}").expect("strings can be written");
        for (part, bytes) in rows {
            writeln!(text, "{bytes:7}   {part}").expect("strings can be written");
        }
    }
    text
}

/// The tables of the firmware that was built last.
pub fn cost() -> Result<String, CostError> {
    let path = built("firmware.map");
    match fs::read_to_string(&path) {
        Ok(map) => Ok(tables(&map)),
        Err(error) => Err(CostError::Map { path, error }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "\
     VMA      LMA     Size Align Out     In      Symbol
20040000 20040000      100     8 .text
20040000 20040000       68     1         a.o:(.text.start)
20040010 20040010       40     1                 <kernel::service::shell::Shell<fusion::board::Board>>::list
20040050 20040050       10     1                 core::fmt::write
20040060 20040060       20     1                 <images::crc32::Crc32>::update
20040080 20040080       80     1                 kernel::files::run::find::<firmware::flash::Flash>
     200      200        0     1 _stack_end = .
      b4       b4       cc     1                 fusion::KERNEL_BYTES
";

    #[test]
    fn every_byte_belongs_to_a_part() {
        let table = tables(MAP);
        assert!(
            table.starts_with(
                "    256 bytes of flash\n    128   kernel::files\n     64   kernel::service::shell\n"
            ),
            "{table}"
        );
        for line in
            ["    204   kernel\n", "     32   images::crc32\n", "     16   core\n", "     16   constants"]
        {
            assert!(table.contains(line), "{line} in {table}");
        }
        let sum = |title: &str| -> u32 {
            let rows = table.split_once(title).expect("a table").1.lines().skip(1);
            rows.take_while(|row| !row.contains("bytes of"))
                .map(|row| row[..7].trim().parse::<u32>().expect("a number"))
                .sum()
        };
        assert_eq!((sum("bytes of flash"), sum("bytes of RAM")), (256, RAM_BYTES));
    }
}
