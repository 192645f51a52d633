//! `brainfusion registers`: the address map as a table in Markdown.

use map::{Access, DEVICES};
use std::fmt::Write;

/// The table, as it stands in docs/registers.md.
pub fn table() -> String {
    let mut text = String::from(
        "# The registers\n\nPrinted by `brainfusion registers`, from `hdl/map/src/registers.rs`. All are words of 32 bits.\n",
    );
    for device in DEVICES {
        write!(text, "\n## {} at 0x{:08X}\n\n{}\n\n", device.name, device.base, device.text)
            .expect("strings can be written");
        text += "| offset | name | access | |\n|---|---|---|---|\n";
        for register in device.registers {
            let access = match register.access {
                Access::R => "read",
                Access::W => "write",
                Access::RW => "read, write",
            };
            let fields: String = register
                .fields
                .iter()
                .map(|field| format!("<br>bit {} `{}`: {}", field.bit, field.name, field.text))
                .collect();
            writeln!(
                text,
                "| 0x{:02X} | `{}` | {access} | {}{fields} |",
                register.offset, register.name, register.text
            )
            .expect("strings can be written");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_documentation_has_the_table() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/registers.md");
        let text = std::fs::read_to_string(path).expect("readable");
        assert!(text == super::table(), "run: brainfusion registers > docs/registers.md");
    }
}
