//! What becomes of the Verilog: it is clean, its pins are right, and its gates do what the blocks do.

use hdl::board::BAUD;
use hdl::machines::{AlchitryCu, BigBare, BigBoard, BoardBare, BoardCoreTop, Computer};
use hdl::pll::LOGIC_HZ;
use hdl::processes::split;
use hdl::verilog::{pin_constraints, verilog};
use images::image::Image;
use images::programs;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::{icarus, FIRMWARE, MONITOR};

/// Warnings of Verilator that say nothing here. rust-hdl casts widths by masking and then assigning, everywhere:
/// Rust's types check the widths, and the lock-step tests the values. All modules are in one file. A block's
/// reports are there for those who want them, and so are the names of an enumeration's values, which are parameters.
const WAIVED: [&str; 4] = ["-Wno-WIDTH", "-Wno-DECLFILENAME", "-Wno-UNUSEDSIGNAL", "-Wno-UNUSEDPARAM"];

fn tops() -> [(&'static str, String); 6] {
    [
        ("bare_board", verilog(BoardBare::default())),
        ("bare_big", verilog(BigBare::default())),
        ("core", verilog(BoardCoreTop::default())),
        ("board", verilog(AlchitryCu::default())),
        ("big_board", verilog(BigBoard::default())),
        ("computer", verilog(Computer::default())),
    ]
}

fn tool(folder: &Path, name: &str, arguments: &[&str]) -> String {
    let output = Command::new(name)
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name}: {error}; `make setup` installs it"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{name} says:\n{said}");
    said
}

#[test]
fn icarus_and_verilator_find_nothing_to_say() {
    for (name, text) in tops() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("top.v"), &text).expect("writable");
        // As one process a block, Verilator sees loops in it that are none.
        fs::write(folder.path().join("split.v"), split(&text)).expect("writable");
        let said =
            tool(folder.path(), "iverilog", &["-Wall", "-Wno-timescale", "-t", "null", "-s", "top", "top.v"]);
        assert!(said.is_empty(), "iverilog on {name}:\n{said}");
        let mut arguments = vec!["--lint-only", "-Wall", "--top-module", "top"];
        arguments.extend(WAIVED);
        arguments.push("split.v");
        let said = tool(folder.path(), "verilator", &arguments);
        assert!(!said.contains("%Warning") && !said.contains("%Error"), "verilator on {name}:\n{said}");
    }
}

/// The Alchitry Cu: direction, port and pin.
const CU: [(&str, &str, &str); 16] = [
    ("input", "clock", "P7"),
    ("input", "rst_n", "P8"),
    ("input", "usb_rx", "P14"),
    ("output", "usb_tx", "M9"),
    ("output", "led[0]", "J11"),
    ("output", "led[1]", "K11"),
    ("output", "led[2]", "K12"),
    ("output", "led[3]", "K14"),
    ("output", "led[4]", "L12"),
    ("output", "led[5]", "L14"),
    ("output", "led[6]", "M12"),
    ("output", "led[7]", "N14"),
    ("output", "flash_sck", "P12"),
    ("output", "flash_select_n", "P13"),
    ("output", "flash_mosi", "M11"),
    ("input", "flash_miso", "P11"),
];

fn sorted<T: Ord>(things: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut things: Vec<T> = things.into_iter().collect();
    things.sort();
    things
}

/// What a PCF says: ports and pins. Every other line is an error.
fn constraints(text: &str) -> Vec<(String, String)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    sorted(lines.map(|line| match line.split_whitespace().collect::<Vec<_>>()[..] {
        ["set_io", port, pin] => (port.to_owned(), pin.to_owned()),
        _ => panic!("{line:?} in the constraints"),
    }))
}

/// The ports of the module `top`, a bit each: directions and names.
fn ports(verilog: &str) -> Vec<(String, String)> {
    let top = verilog.split_once("module top(").expect("a top").1;
    let (names, body) = top.split_once(");").expect("its ports");
    let mut found = Vec::new();
    for line in body.split_once("endmodule").expect("its end").0.lines() {
        let words: Vec<&str> = line.trim().trim_end_matches(';').split_whitespace().collect();
        let Some(direction) = words.first().filter(|word| matches!(**word, "input" | "output" | "inout"))
        else {
            continue;
        };
        let name = words.last().expect("it has words");
        let range = words.iter().find_map(|word| word.strip_prefix('[')?.strip_suffix(":0]"));
        match range {
            Some(last) => {
                let last: usize = last.parse().expect("a number");
                found.extend((0..=last).map(|bit| (direction.to_string(), format!("{name}[{bit}]"))));
            }
            None => found.push((direction.to_string(), name.to_string())),
        }
    }
    let declared: BTreeSet<&str> = found.iter().filter_map(|(_, name)| name.split('[').next()).collect();
    assert_eq!(declared, names.split(',').map(str::trim).collect(), "what is listed, and what is declared");
    sorted(found)
}

#[test]
fn the_constraints_are_the_ports_of_the_top_and_the_pins_of_the_board() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../constraints/alchitry_cu.pcf");
    let written = constraints(&fs::read_to_string(file).expect("the constraints file"));
    assert_eq!(written, sorted(CU.map(|(_, port, pin)| (port.to_owned(), pin.to_owned()))));
    assert_eq!(written, constraints(&pin_constraints(&Computer::default())), "what places the ports");
    let expected = sorted(CU.map(|(direction, port, _)| (direction.to_owned(), port.to_owned())));
    assert_eq!(ports(&verilog(Computer::default())), expected);
    for pin in constraints(&pin_constraints(&AlchitryCu::default())) {
        assert!(written.contains(&pin), "{pin:?}, a pin of the core's own board");
    }
}

/// The PLL: one clock, steady from the start.
const PLL: &str = r#"
module SB_PLL40_CORE (
    input REFERENCECLK, input RESETB, input BYPASS, output PLLOUTGLOBAL, output LOCK
);
    parameter FEEDBACK_PATH = "SIMPLE";
    parameter DIVR = 0;
    parameter DIVF = 0;
    parameter DIVQ = 0;
    parameter FILTER_RANGE = 0;
    assign PLLOUTGLOBAL = REFERENCECLK;
    assign LOCK = 1'b1;
endmodule
"#;

/// Listens to a serial line and prints so many bytes as hexadecimal.
fn host(cycles_of_a_bit: u64, bytes: usize) -> String {
    format!(
        r#"
module host (input clock, input line, output reg heard_all);
    reg [7:0] heard;
    integer bits, bytes;
    initial begin
        heard_all = 0;
        #1; // the netlist's initial values come first
        for (bytes = 0; bytes < {bytes}; bytes = bytes + 1) begin
            @(negedge line);
            repeat ({half}) @(posedge clock);
            for (bits = 0; bits < 8; bits = bits + 1) begin
                repeat ({cycles_of_a_bit}) @(posedge clock);
                heard[bits] = line;
            end
            repeat ({cycles_of_a_bit}) @(posedge clock);
            $write("%02x", heard);
        end
        heard_all = 1;
    end
endmodule
"#,
        half = cycles_of_a_bit / 2,
    )
}

/// The board, its serial line and, at the end, its LEDs.
fn board_bench(cycles_of_a_bit: u64, bytes: usize) -> String {
    format!(
        r#"{host}
module bench;
    reg clock = 0;
    wire usb_tx, heard_all;
    wire [7:0] led;
    top top(.clock(clock), .rst_n(1'b1), .usb_rx(1'b1), .usb_tx(usb_tx), .led(led));
    host host(.clock(clock), .line(usb_tx), .heard_all(heard_all));
    always #5 clock = ~clock;
    initial begin
        @(posedge heard_all);
        repeat ({rest}) @(posedge clock);
        $write(" %b\n", led);
        $finish;
    end
    initial begin
        #{limit};
        $write(" too late\n");
        $finish;
    end
endmodule
"#,
        host = host(cycles_of_a_bit, bytes),
        rest = 2 * cycles_of_a_bit,
        limit = 20 * 10 * cycles_of_a_bit * (bytes as u64 + 10),
    )
}

/// Where yosys keeps its models: beside the program itself.
fn yosys_data() -> PathBuf {
    let path = std::env::var_os("PATH").expect("a search path");
    std::env::split_paths(&path)
        .map(|folder| folder.join("../share/yosys"))
        .find(|folder| folder.join("ice40").is_dir())
        .expect("yosys is installed with its models")
}

/// Yosys's models of the cells. The PLL has none there.
fn cells_without_pll() -> String {
    let cells = fs::read_to_string(yosys_data().join("ice40/cells_sim.v")).expect("yosys's models");
    let pll = cells.find("module SB_PLL40_CORE").expect("a PLL without a model");
    let end = pll + cells[pll..].find("endmodule").expect("its end") + "endmodule".len();
    format!("{}{}{PLL}", &cells[..pll], &cells[end..])
}

/// What netlist.v prints with cells.v and bench.v.
fn simulate_gates(folder: &Path) -> String {
    let compiled = Command::new("iverilog")
        .current_dir(folder)
        .args(["-g2005-sv", "-DNO_ICE40_DEFAULT_ASSIGNMENTS", "-s", "bench", "-o", "gates.vvp"])
        .args(["netlist.v", "cells.v", "bench.v"])
        .output()
        .expect("iverilog can be started");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    tool(folder, "vvp", &["-n", "gates.vvp"])
}

#[test]
fn the_synthesised_board_prints_hello_through_its_serial_pin() {
    let hello = programs::find("hello").expect("shipped");
    let image = Image::from_text(hello.text).expect("sound");
    let cycles_of_a_bit = hdl::uart::divisor(LOGIC_HZ, BAUD);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writable");
    write("top.v", &verilog(AlchitryCu::new(&image.words, cycles_of_a_bit)));
    let script = "read_verilog top.v; synth_ice40 -abc2 -top top; write_verilog -noattr netlist.v";
    tool(folder.path(), "yosys", &["-q", "-p", script]);
    write("cells.v", &cells_without_pll());
    write("bench.v", &board_bench(cycles_of_a_bit, hello.output.len()));
    let said = simulate_gates(folder.path());
    let expected: String = hello.output.iter().map(|byte| format!("{byte:02x}")).collect();
    // Only the LED for a program that has ended is lit.
    assert_eq!(said.trim(), format!("{expected} 00000100"));
}

/// A flash that can be read, at its pins, and the host at the serial pin.
fn computer_bench(cycles_of_a_bit: u64, bytes: usize, most_ns: u64) -> String {
    format!(
        r#"{host}
// 03h and an address; every other command is answered with zeros: not busy.
module flash (input select_n, input sck, input mosi, output reg miso);
    reg [7:0] memory [0:{last}];
    reg [31:0] command;
    reg [23:0] address;
    integer count;
    initial begin
        $readmemh("flash.txt", memory);
        miso = 0;
    end
    always @(negedge select_n) count = 0;
    always @(posedge sck) if (!select_n) begin
        if (count < 32) command = {{command[30:0], mosi}};
        count = count + 1;
        if (count == 32) address = command[23:0];
    end
    always @(negedge sck) if (!select_n) begin
        #7 miso = 0;
        if (count >= 32 && command[31:24] == 8'h03)
            miso = memory[address + (count - 32) / 8][7 - (count - 32) % 8];
    end
endmodule

module bench;
    reg clock = 0;
    wire usb_tx, sck, select_n, mosi, miso, heard_all;
    top top(.clock(clock), .rst_n(1'b1), .usb_rx(1'b1), .usb_tx(usb_tx), .flash_sck(sck),
        .flash_select_n(select_n), .flash_mosi(mosi), .flash_miso(miso));
    flash flash(.select_n(select_n), .sck(sck), .mosi(mosi), .miso(miso));
    host host(.clock(clock), .line(usb_tx), .heard_all(heard_all));
    always #10 clock = ~clock;
    initial begin
        @(posedge heard_all);
        $finish;
    end
    initial begin
        #{most_ns};
        $write(" too late\n");
        $finish;
    end
endmodule
"#,
        host = host(cycles_of_a_bit, bytes),
        last = map::SAVED - 1,
    )
}

/// The synthesised computer prints this first, within so many nanoseconds, with this firmware in its flash.
fn prints_first(firmware: &[u8], banner: &[u8], most_ns: u64) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writable");
    write("top.v", &verilog(Computer::default()));
    let script =
        "read_verilog -DSYNTHESIS top.v; synth_ice40 -abc9 -dff -top top; write_verilog -noattr netlist.v";
    tool(folder.path(), "yosys", &["-q", "-p", script]);
    write("cells.v", &cells_without_pll());
    let bytes: String = firmware.iter().map(|byte| format!("{byte:02x}\n")).collect();
    write("flash.txt", &format!("@{:x}\n{bytes}", map::FIRMWARE));
    let cycles_of_a_bit = hdl::uart::divisor(u64::from(map::CLOCK_HZ), u64::from(map::BAUD));
    write("bench.v", &computer_bench(cycles_of_a_bit, banner.len(), most_ns));
    let said = simulate_gates(folder.path());
    let expected: String = banner.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(said.trim(), expected);
}

#[test]
fn the_synthesised_computer_starts_its_monitor() {
    prints_first(&MONITOR, b"\r\nBrainFusion", 4_000_000);
}

#[test]
#[ignore = "takes minutes: make nightly"]
fn the_synthesised_computer_starts_its_kernel() {
    prints_first(&FIRMWARE, b"\r\nFusion", 20_000_000);
}

/// `icarus` is used by the lock-step tests; here it only shows that a bench that fails is noticed.
#[test]
#[should_panic(expected = "iverilog says")]
fn a_broken_bench_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("bench.v"), "module bench; wire a endmodule").expect("writable");
    icarus::run(folder.path(), &["bench.v"]);
}
