//! What becomes of the Verilog: it is clean, its pins are right, and its gates do what the blocks do.

use hdl::board::BAUD;
use hdl::machines::{AlchitryCu, BigBare, BigBoard, BoardBare, BoardCoreTop, Computer};
use hdl::pll::LOGIC_HZ;
use hdl::processes::split;
use hdl::verilog::{pin_constraints, verilog};
use images::image::Image;
use images::programs;
use sim::{flash_files, flash_image};
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

/// The PLL, of which yosys has no model: one clock, steady from the start.
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

/// Listens to a serial line and prints so many bytes as hexadecimal. `prompted`: they end with a prompt.
fn host(cycles_of_a_bit: u64, bytes: usize) -> String {
    format!(
        r#"
module host (input clock, input line, output reg heard_all, output reg prompted);
    reg [7:0] last, heard;
    integer bits, bytes;
    initial begin
        heard_all = 0;
        prompted = 0;
        #1; // the netlist's initial values come first
        for (bytes = 0; bytes < {bytes}; bytes = bytes + 1) begin
            @(negedge line);
            repeat ({half}) @(posedge clock);
            last = heard;
            prompted = 0;
            for (bits = 0; bits < 8; bits = bits + 1) begin
                repeat ({cycles_of_a_bit}) @(posedge clock);
                heard[bits] = line;
            end
            repeat ({cycles_of_a_bit}) @(posedge clock);
            $write("%02x", heard);
            prompted = (last == 8'h3e || last == 8'h23) && heard == 8'h20;
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

/// Yosys's models of the cells, with another one of this cell.
fn cells_without(name: &str, other: &str) -> String {
    let cells = fs::read_to_string(yosys_data().join("ice40/cells_sim.v")).expect("yosys's models");
    format!("{}{other}", without(name, &cells))
}

/// Without this module.
fn without(name: &str, modules: &str) -> String {
    let start = modules.find(&format!("module {name} (")).expect("it is there");
    let end = start + modules[start..].find("endmodule").expect("its end") + "endmodule".len();
    format!("{}{}", &modules[..start], &modules[end..])
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
    write("cells.v", &cells_without("SB_PLL40_CORE", PLL));
    write("bench.v", &board_bench(cycles_of_a_bit, hello.output.len()));
    let said = simulate_gates(folder.path());
    let expected: String = hello.output.iter().map(|byte| format!("{byte:02x}")).collect();
    // Only the LED for a program that has ended is lit.
    assert_eq!(said.trim(), format!("{expected} 00000100"));
}

/// A flash that can be read, at its pins, and the host at the serial pin: it types a line at each prompt. At the end stands what
/// became of all outputs in all cycles, as a number.
fn computer_bench(netlist: &str, cycles_of_a_bit: u64, bytes: usize, most_ns: u64) -> String {
    format!(
        r#"{host}
module typist (input clock, input prompted, output reg line);
    reg [7:0] typed [0:255];
    integer at, bits;
    reg [9:0] sent;
    initial begin
        $readmemh("typed.txt", typed);
        line = 1;
        at = 0;
        while (typed[at] != 0) begin
            @(posedge prompted);
            sent = 0;
            while (sent[8:1] != 8'h0d && sent[8:1] != 8'h0a) begin
                sent = {{1'b1, typed[at], 1'b0}};
                at = at + 1;
                for (bits = 0; bits < 10; bits = bits + 1) begin
                    line = sent[bits];
                    repeat ({cycles_of_a_bit}) @(posedge clock);
                end
            end
        end
    end
endmodule

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
    wire usb_rx, usb_tx, sck, select_n, mosi, miso, heard_all, prompted;
    wire [7:0] led;
    reg [63:0] seen = 0;
    integer at;
    top top(.clock(clock), .rst_n(1'b1), .usb_rx(usb_rx), .usb_tx(usb_tx), .led(led), .flash_sck(sck),
        .flash_select_n(select_n), .flash_mosi(mosi), .flash_miso(miso));
    flash flash(.select_n(select_n), .sck(sck), .mosi(mosi), .miso(miso));
    host host(.clock(clock), .line(usb_tx), .heard_all(heard_all), .prompted(prompted));
    typist typist(.clock(clock), .prompted(prompted), .line(usb_rx));
    always #10 clock = ~clock;
    // From the second edge on: until the first one the flip-flop of a pin may hold anything.
    always @(posedge clock) if ($time > 20)
        seen <= {{seen[62:0], seen[63] ^ seen[60]}} ^ {{52'b0, usb_tx, select_n, sck, mosi, led}};
    initial begin
        #1; // the netlist's initial values come first
{random}    end
    initial begin
        @(posedge heard_all);
        $write(" %h\n", seen);
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
        last = map::FLASH_BYTES - 1,
        random = random_memories(netlist),
    )
}

/// Fills the block RAMs with random bits. The one thing that the computer wants the bitstream to have made 0 is register x0.
fn random_memories(netlist: &str) -> String {
    let memories = netlist.split("SB_RAM40_4K #(").skip(1).map(|cell| {
        let name = cell.split_once("\n  ) ").and_then(|(_, rest)| rest.split_once(" (")).expect("its name").0;
        let first = usize::from(name.starts_with("\\cpu.registers"));
        format!("        for (at = {first}; at < 256; at = at + 1) top.{name} .memory[at] = $urandom;\n")
    });
    memories.collect()
}

/// A pin whose output has another value in each half of a cycle, which is all that the computer uses of this cell. Verilator does
/// not take yosys's model, in which it can also be an input.
const PIN: &str = r#"
module SB_IO (
    output reg PACKAGE_PIN, input CLOCK_ENABLE, input OUTPUT_CLK, input D_OUT_0, input D_OUT_1
);
    parameter PIN_TYPE = 0;
    initial if (PIN_TYPE != 6'b010001) $fatal;
    always @(posedge OUTPUT_CLK or negedge OUTPUT_CLK) PACKAGE_PIN <= OUTPUT_CLK ? D_OUT_0 : D_OUT_1;
endmodule
"#;

/// The computer's netlist with what hangs on its pins, in a folder of its own.
struct Gates {
    folder: tempfile::TempDir,
    bytes: usize,
}

impl Gates {
    /// With this flash; at each prompt it types a line. It runs until so many bytes were printed, for so many nanoseconds at most.
    fn new(flash: &[u8], typed: &str, bytes: usize, most_ns: u64) -> Gates {
        let gates = Gates { folder: tempfile::tempdir().expect("a temporary folder"), bytes };
        gates.write("top.v", &verilog(Computer::default()));
        let script =
            "read_verilog -DSYNTHESIS top.v; synth_ice40 -abc9 -dff -top top; write_verilog -noattr netlist.v";
        tool(gates.folder.path(), "yosys", &["-q", "-p", script]);
        gates.write("cells.v", &cells_without("SB_PLL40_CORE", PLL));
        gates.write("flash.txt", &hexadecimal(flash));
        // As many as the typist has room for.
        let mut typed = typed.as_bytes().to_vec();
        typed.resize(256, 0);
        gates.write("typed.txt", &hexadecimal(&typed));
        let netlist =
            fs::read_to_string(gates.folder.path().join("netlist.v")).expect("yosys has written it");
        let cycles_of_a_bit = hdl::uart::divisor(u64::from(map::CLOCK_HZ), u64::from(map::BAUD));
        gates.write("bench.v", &computer_bench(&netlist, cycles_of_a_bit, bytes, most_ns));
        gates
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("writable");
    }

    /// What Verilator makes of it, a program. What has no initial value is random.
    fn compile(&self) {
        let folder = self.folder.path();
        self.write("cells.v", &format!("{}{PIN}", without("SB_IO", &cells_without("SB_PLL40_CORE", PLL))));
        let arguments = "--cc --exe --main --timing -O3 --x-assign unique --x-initial unique -Wno-fatal -Wno-lint -Wno-style \
             -DNO_ICE40_DEFAULT_ASSIGNMENTS --top-module bench --Mdir made -o gates netlist.v cells.v bench.v";
        tool(folder, "verilator", &arguments.split_whitespace().collect::<Vec<_>>());
        tool(folder, "make", &["-j2", "-C", "made", "-f", "Vbench.mk", "OPT_FAST=-O1", "OPT_SLOW=-O0"]);
    }

    /// Runs that program: what was printed, and what became of all outputs in all cycles.
    fn run(&self, seed: u32) -> (Vec<u8>, String) {
        let seed = format!("+verilator+seed+{seed}");
        let program = self.folder.path().join("made/gates");
        let program = program.to_str().expect("the folder's name is text");
        let said = tool(self.folder.path(), program, &["+verilator+rand+reset+2", &seed]);
        let (printed, seen) = said.lines().next().and_then(|line| line.split_once(' ')).expect("two words");
        assert_eq!(printed.len(), 2 * self.bytes, "{said}");
        let byte = |at| u8::from_str_radix(&printed[at..at + 2], 16).expect("hexadecimal");
        ((0..printed.len()).step_by(2).map(byte).collect(), seen.to_owned())
    }
}

/// Bytes as `$readmemh` reads them.
fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}\n")).collect()
}

fn flash_with(firmware: &[u8]) -> Vec<u8> {
    flash_image::contents(&[], firmware, &[]).expect("fits")
}

#[test]
fn the_synthesised_computer_starts_its_kernel_whatever_was_in_its_memories() {
    let banner = b"\r\nFusion, started by power";
    let gates = Gates::new(&flash_with(&FIRMWARE), "", banner.len(), 20_000_000);
    gates.compile();
    let first = gates.run(1);
    assert_eq!(String::from_utf8_lossy(&first.0), String::from_utf8_lossy(banner));
    for seed in 2..=4 {
        assert_eq!(gates.run(seed), first, "seed {seed}");
    }
}

#[test]
#[ignore = "takes minutes: make nightly"]
fn the_synthesised_computer_runs_brainix() {
    let mut flash = flash_with(&FIRMWARE);
    let path = sim::image_file::brainix().expect("readable").expect("the image is committed");
    let image = Image::from_text(&fs::read(path).expect("readable")).expect("sound");
    flash_files::install(&mut flash, "brainix.bf", &image.to_file()).expect("there is room");
    let session = "\r\nFusion, started by power; type help\r\n> run brainix.bf\r\n\
         root@braiNIX:/# echo hello\nhello\nroot@braiNIX:/# ";
    let gates = Gates::new(&flash, "run brainix.bf\recho hello\n", session.len(), 2_000_000_000);
    gates.compile();
    assert_eq!(String::from_utf8_lossy(&gates.run(1).0), session);
}

/// In Icarus what has no value is unknown, and so is what is made of it.
#[test]
#[ignore = "takes minutes: make nightly"]
fn the_synthesised_computer_starts_its_monitor_and_nothing_unknown_comes_out() {
    let banner = b"\r\nBrainFusion";
    let gates = Gates::new(&flash_with(&MONITOR), "", banner.len(), 4_000_000);
    let bench = fs::read_to_string(gates.folder.path().join("bench.v")).expect("it is there");
    // Unknown, and not random.
    gates.write("bench.v", &bench.replace("$urandom", "16'bx"));
    let said = simulate_gates(gates.folder.path());
    let (printed, seen) = said.trim().split_once(' ').expect("two words");
    assert_eq!(printed, hexadecimal(banner).replace('\n', ""));
    assert!(seen.bytes().all(|digit| digit.is_ascii_hexdigit()), "{seen}");
}

/// `icarus` is used by the lock-step tests; here it only shows that a bench that fails is noticed.
#[test]
#[should_panic(expected = "iverilog says")]
fn a_broken_bench_is_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join("bench.v"), "module bench; wire a endmodule").expect("writable");
    icarus::run(folder.path(), &["bench.v"]);
}
