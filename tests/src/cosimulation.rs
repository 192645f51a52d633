//! A block's Rust against its own Verilog, cycle by cycle on the same inputs.
//!
//! The Rust runs first and leaves a line of inputs and outputs for each cycle; a test bench in Icarus then applies
//! the inputs and compares the outputs, before every rising edge.

use crate::icarus;
use rust_hdl::core::check_error::check_all;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::simulate::simulate;
use rust_hdl::core::synth::VCDValue;
use rust_hdl::prelude::*;
use std::fmt::Write;
use std::fs;

/// A port of a block, with its value now.
#[derive(Clone, Debug)]
struct Port {
    name: String,
    input: bool,
    bits: String,
}

#[derive(Default)]
struct Ports {
    depth: usize,
    ports: Vec<Port>,
}

impl Probe for Ports {
    fn visit_start_scope(&mut self, _: &str, _: &dyn Block) {
        self.depth += 1;
    }

    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        self.depth -= 1;
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        if self.depth == 1 && signal.kind().is_parameter() {
            let mut bits = String::new();
            digits(signal.vcd(), &mut bits);
            self.ports.push(Port {
                name: name.into(),
                input: signal.kind() == AtomKind::InputParameter,
                bits,
            });
        }
    }
}

fn digits(value: VCDValue, text: &mut String) {
    let digit = |value: rust_vcd::Value| if value == rust_vcd::Value::V1 { '1' } else { '0' };
    match value {
        VCDValue::Single(value) => text.push(digit(value)),
        VCDValue::Vector(values) => text.extend(values.into_iter().map(digit)),
        // The first field of a struct has the lowest bits.
        VCDValue::Composite(fields) => fields.into_iter().rev().for_each(|field| digits(*field, text)),
        VCDValue::String(_) => panic!("a port that is an enum has no bits to compare"),
    }
}

fn ports(block: &dyn Block) -> Vec<Port> {
    let mut probe = Ports::default();
    block.accept("top", &mut probe);
    probe.ports
}

/// Runs a block for so many cycles, `drive` setting its inputs before each, and its Verilog beside it.
///
/// # Panics
/// If they differ: the message names the cycle and the port.
pub fn compare<B: Block>(
    block: B,
    clock: fn(&mut B) -> &mut Signal<In, Clock>,
    cycles: usize,
    mut drive: impl FnMut(&mut B, usize),
) {
    compare_each(
        block,
        cycles,
        |block, cycle| {
            drive(block, cycle);
            clock(block).next = false.into();
        },
        |block| clock(block).next = true.into(),
    );
}

/// The same for a block without clock, in so many cases.
///
/// # Panics
/// If they differ: the message names the case, as `cycle`, and the port.
pub fn compare_without_clock<B: Block>(block: B, cases: usize, drive: impl FnMut(&mut B, usize)) {
    compare_each(block, cases, drive, |_| ());
}

fn compare_each<B: Block>(
    mut block: B,
    cycles: usize,
    mut before: impl FnMut(&mut B, usize),
    rise: impl Fn(&mut B),
) {
    block.connect_all();
    check_all(&block).expect("the block is hardware");
    // Before it is simulated, or its memories would begin with what the simulation left in them.
    let verilog = generate_verilog_unchecked(&block);
    let settle = |block: &mut B| assert!(simulate(block, 50), "the logic has a loop");
    settle(&mut block);
    let mut vectors = String::new();
    for cycle in 0..cycles {
        before(&mut block, cycle);
        settle(&mut block);
        let ports = ports(&block);
        let line: String = ports
            .iter()
            .filter(|port| port.name != "clock" && port.name != "clock_in")
            .map(|port| port.bits.as_str())
            .collect();
        writeln!(vectors, "{line}").expect("strings can be written");
        rise(&mut block);
        settle(&mut block);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("writable");
    write("top.v", &verilog);
    write("vectors.txt", &vectors);
    write("bench.v", &bench(&ports(&block), cycles));
    let said = icarus::run(folder.path(), &["top.v", "bench.v"]);
    assert!(said.contains(&format!("{cycles} cycles agree")), "Rust and Verilog differ:\n{said}");
}

/// The test bench for these ports.
fn bench(ports: &[Port], cycles: usize) -> String {
    let mut text = String::from("module bench;\nreg clock = 0;\n");
    let mut connections = Vec::new();
    let mut inputs = String::new();
    let mut checks = String::new();
    let data: Vec<&Port> = ports.iter().filter(|p| p.name != "clock" && p.name != "clock_in").collect();
    let width: usize = data.iter().map(|port| port.bits.len()).sum();
    let mut top = width;
    for port in ports.iter().filter(|port| port.name == "clock" || port.name == "clock_in") {
        connections.push(format!(".{}(clock)", port.name));
    }
    for port in data {
        let bits = port.bits.len();
        let name = &port.name;
        let slice = format!("vector[{}:{}]", top - 1, top - bits);
        top -= bits;
        if port.input {
            // Unknown at first: what depends on it is computed when it changes, and the first value may be 0.
            text += &format!("reg [{}:0] {name};\n", bits - 1);
            inputs += &format!("    {name} = {slice};\n");
        } else {
            text += &format!("wire [{}:0] {name};\n", bits - 1);
            checks += &format!(
                "    if ({name} !== {slice}) begin\n        $display(\"cycle %0d: {name} is %b in Verilog, %b in Rust\", cycle, {name}, {slice});\n        $finish;\n    end\n"
            );
        }
        connections.push(format!(".{name}({name})"));
    }
    text += &format!(
        "reg [{}:0] vectors [0:{}];\nreg [{}:0] vector = 0;\ninteger cycle;\ntop top({});\n",
        width - 1,
        cycles - 1,
        width - 1,
        connections.join(", ")
    );
    text += &format!(
        "initial begin\n  $readmemb(\"vectors.txt\", vectors);\n  for (cycle = 0; cycle < {cycles}; cycle = cycle + 1) begin\n    clock = 0;\n    vector = vectors[cycle];\n{inputs}    #5;\n{checks}    clock = 1;\n    #5;\n  end\n  $display(\"%0d cycles agree\", cycle);\n  $finish;\nend\nendmodule\n"
    );
    text
}
