//! Each rule: what it must find, and what comes close and must pass.

use hdl_lint::check_source;
use std::path::Path;

/// A block with this kernel, which begins at line 12.
fn block_with(kernel: &str) -> String {
    format!(
        "\
#[derive(LogicBlock, Default)]
pub struct Block<const A: usize> {{
    pub clock: Signal<In, Clock>,
    pub a: Signal<In, Bits<8>>,
    pub b: Signal<In, Bits<8>>,
    pub x: Signal<Out, Bits<8>>,
    l: Local<Bits<8>>, m: Signal<Local, Bits<8>>, ls: [Local<bool>; 4],
}}
impl<const A: usize> Logic for Block<A> {{
    #[hdl_gen]
    fn update(&mut self) {{
{kernel}
    }}
}}"
    )
}

/// Rule and line in the kernel, counted from 1, of all findings.
fn found(kernel: &str) -> Vec<(&'static str, usize)> {
    let findings = check_source("block.rs", &block_with(kernel)).expect("a kernel that parses");
    findings.iter().map(|finding| (finding.rule, finding.line - 11)).collect()
}

/// Each line of these, as a kernel of its own, breaks the rule, and no other one.
fn reported(rule: &str, kernels: &[&str]) {
    for kernel in kernels {
        let found = found(kernel);
        assert!(
            !found.is_empty() && found.iter().all(|finding| *finding == (rule, 1)),
            "{kernel}: {found:?}"
        );
    }
}

/// Each of these is a kernel without a finding.
fn passed(kernels: &[&str]) {
    for kernel in kernels {
        assert_eq!(found(kernel), [], "{kernel}");
    }
}

#[test]
fn comparison_precedence() {
    reported(
        "comparison-precedence",
        &[
            "self.x.next = self.a.val() & self.b.val() == self.c.val();",
            "self.x.next = self.a.val() | self.b.val() != self.c.val();",
            "self.x.next = self.a.val() < self.b.val() && self.c.val();",
            "if self.c.val() || self.a.val() ^ self.b.val() >= self.d.val() {}",
            "self.x.next = bit_cast::<8, 8>((self.a.val() == self.b.val()) | self.a.val() <= self.c.val());",
        ],
    );
    passed(&[
        "self.x.next = (self.a.val() == self.b.val()) & self.c.val();",
        "self.x.next = self.c.val() | ((self.a.val() & self.b.val()) != self.d.val());",
        "self.x.next = self.a.val() == self.b.val();",
        "self.x.next = self.a.val() & self.b.val() | self.c.val();",
    ]);
}

#[test]
fn comparison_width() {
    reported(
        "comparison-width",
        &[
            "self.x.next = (self.a.val() + self.one.val()) == self.b.val();",
            "self.x.next = self.a.val() < self.b.val() - self.one.val();",
            "self.x.next = -self.a.val() == self.b.val();",
            "self.x.next = ((self.a.val() + self.b.val()) | self.c.val()) == self.d.val();",
            "self.x.next = (!self.a.val()) == bits::<8>(3);",
            "self.x.next = bit_cast::<4, 8>(self.a.val()).all();",
            "self.x.next = (self.a.val() - bits::<8>(1)).any();",
            "match (self.a.val() + self.b.val()).index() { _ => {} }",
        ],
    );
    passed(&[
        "self.x.next = self.a.val() + self.one.val();",
        "self.x.next = (self.a.val() & self.b.val()) == self.c.val();",
        "self.x.next = ((self.a.val() + self.b.val()) & self.c.val()) == self.d.val();",
        "self.x.next = !self.a.val() == self.b.val();",
        "self.x.next = (self.a.val() - self.b.val()).any() | self.a.val().get_bit(3);",
        "self.x.next = self.a.val() == bits::<8>(3);",
        "match self.a.val().index() { 0 => {} _ => {} }",
    ]);
}

#[test]
fn shift_width() {
    reported(
        "shift-width",
        &[
            "self.x.next = (self.a.val() + self.one.val()) >> 1;",
            "self.x.next = (self.a.val() - self.b.val()) << 1;",
            "self.x.next = (!self.a.val() >> 1) | self.b.val();",
        ],
    );
    passed(&[
        "self.x.next = (self.a.val() >> 1) | self.b.val();",
        "self.x.next = (self.a.val() & self.b.val()) << self.shift.val();",
        "self.x.next = (self.a.val() & !self.b.val()) >> 1;",
    ]);
}

#[test]
fn cast_width() {
    reported(
        "cast-width",
        &[
            "self.x.next = bit_cast::<16, 8>(self.a.val() + self.b.val());",
            "self.x.next = bit_cast::<16, 8>(!self.a.val());",
            "self.x.next = bit_cast::<16, 8>(self.a.val() << 1);",
            "self.x.next = bit_cast::<16, 8>((self.a.val() >> 1));",
            "self.x.next = bit_cast::<16, 8>(self.a.val() | (!self.b.val()));",
            "self.x.next = self.a.val().replace_bit(2, !self.b.val());",
        ],
    );
    passed(&[
        "self.x.next = bit_cast::<16, 8>(self.a.val()) << 6;",
        "self.x.next = bit_cast::<16, 8>((self.a.val() & self.b.val()) | self.c.val());",
        "self.x.next = bit_cast::<16, 8>(bit_cast::<8, 4>(self.a.val()));",
        "self.x.next = bit_cast::<16, 4>(self.a.val().step);",
        "self.x.next = self.a.val().replace_bit(2, self.b.val() & !self.c.val());",
        "self.x.next = self.a.val().replace_bit(2, !self.b.val().any());",
    ]);
}

#[test]
fn match_pattern() {
    let arm = |arm: &str| format!("match self.a.val().index() {{ {arm} => {{}} _ => {{}} }}");
    for bad in ["1 if self.b.val()", "1 | 2", "1..=2", "0x1F", "1u8", "LIMIT", "op::LIMIT", "other", "true"] {
        reported("match-pattern", &[&arm(bad)]);
    }
    for good in ["1", "10", "State::Idle", "op::State::A"] {
        passed(&[&arm(good)]);
    }
}

#[test]
fn literal() {
    reported(
        "literal",
        &[
            "self.x.next = 0x1FF.into();",
            "self.x.next = 300;",
            "self.x.next = self.a.val() + 1;",
            "self.x.next = (self.a.val() - 1) & self.b.val();",
            "self.x.next = self.a.val() == 3;",
            "self.x.next = self.a.val() != 3.into();",
            "self.x.next = bits::<32>(2147483648);",
            "self.x.next = bits::<8>(256);",
        ],
    );
    passed(&[
        "self.x.next = bits::<8>(255) | bits::<A>(0) | bits::<32>(2147483647);",
        "self.x.next = bits::<32>(0xFFFF_F000_u64);",
        "self.x.next = self.a.val() + bits::<8>(1);",
        "self.x.next = self.a.val() >> 1;",
        "self.x.next = true;",
    ]);
}

#[test]
fn constant_name() {
    reported(
        "constant-name",
        &[
            "self.x.next = self.a.val().get_bit(A);",
            "self.x.next = self.a.val().get_bit(A - 1);",
            "self.x.next = self.a.val().get_bits::<4>(LOW);",
            "self.x.next = self.a.val().replace_bit(op::LOW, self.b.val());",
            "self.x.next = bits::<8>(Self::K);",
        ],
    );
    passed(&[
        "self.x.next = self.a.val().get_bit(7) & self.a.val().get_bit(self.top.val().index());",
        "self.x.next = self.a.val().get_bits::<A>(4);",
        "for k in 0..A { self.x.next = self.a.val().get_bit(k + 1); }",
        "self.state.next = State::Idle;",
    ]);
}

#[test]
fn slice_receiver() {
    reported(
        "slice-receiver",
        &[
            "self.x.next = self.word.val().step.get_bit(5);",
            "self.x.next = (self.a.val() & self.b.val()).get_bits::<4>(0);",
            "self.x.next = bit_cast::<4, 8>(self.a.val()).get_bit(0);",
            "self.x.next = self.a.val().get_bits::<4>(0).get_bit(1);",
            "self.x.next = self.word.val().outer.inner;",
        ],
    );
    passed(&[
        "self.x.next = self.word.val().step;",
        "self.x.next = self.a.q.val().get_bits::<4>(4) | bits::<4>(0);",
        "self.x.next = self.a[2].q.val().get_bit(0);",
        "self.x.next = (self.a.val() & self.b.val()).replace_bit(1, true);",
    ]);
}

#[test]
fn construct() {
    reported(
        "construct",
        &[
            "let y = self.a.val();",
            "self.x.next = self.a.val() as u8;",
            "self.x.next += self.a.val();",
            "return;",
            "while self.a.val() {}",
            "self.x.next = self.a.val() / self.b.val();",
            "self.x.next = self.a.val() * self.b.val();",
            "self.x.next = if self.a.val() { self.b.val() } else { self.c.val() };",
            "self.x.next = match self.a.val() { _ => self.b.val() };",
            "self.x.next = { self.a.val() };",
            "self.x.next = self.b.next;",
            "self.x.next = self.b.next & self.c.next.step;",
            "self.x.next = self.rows[self.a.val().index()].val();",
            "self.rows[A].next = self.a.val();",
            "self.x.next = helper(self.a.val());",
            "for k in 0..=3 { self.rows[k].next = self.a.val(); }",
            "for a in 0..3 { self.rows[a].next = self.b.val(); }",
            "self.x.next = self.rows[0].columns[1].val();",
            "vec![1];",
        ],
    )
}

#[test]
fn no_construct() {
    passed(&[
        "dff_setup!(self, clock, number, cycles); clock!(self, clock, memory);",
        "for k in 0..4 { self.rows[k + 1].d.next = self.rows[k].q.val(); }",
        "if self.a.val().any() { self.x.next = self.b.val(); } else if !self.b.val().any() { self.x.next = self.a.val(); }",
        "self.x.next.step = !self.a.val();",
        "Bus::<8>::join(&mut self.left, &mut self.right);",
        "match self.state.val() { State::Idle => self.x.next = self.a.val(), _ => {} }",
    ]);
}

#[test]
fn keyword() {
    let source = |derive: &str, name: &str| {
        format!(
            "#[derive({derive})]\npub struct Block {{\n    good: u8,\n    pub {name}: Signal<In, bool>,\n}}"
        )
    };
    for name in ["cell", "byte", "tri", "program", "r#type", "r#do", "wire", "accept_on", "xor"] {
        let findings = check_source("block.rs", &source("Clone, rust_hdl::LogicBlock", name)).unwrap();
        let places: Vec<_> = findings.iter().map(|finding| (finding.rule, finding.line)).collect();
        assert_eq!(places, [("keyword", 4)], "{name}");
    }
    assert_eq!(check_source("block.rs", &source("LogicBlock", "cells")).unwrap(), []);
    assert_eq!(check_source("block.rs", &source("Clone, Debug", "cell")).unwrap(), []);
}

#[test]
fn local_order() {
    let read = "self.x.next = self.l.val();";
    let write = "self.l.next = self.a.val();";
    reported(
        "local-order",
        &[
            &format!("{read} {write}"),
            "self.l.next = self.l.val() & self.a.val();",
            "self.x.next = self.m.val(); self.m.next = self.a.val();",
            "self.x.next = self.ls[0].val();",
            &format!("if self.a.val() {{ {write} }} {read}"),
            &format!("if self.a.val() {{ {write} }} else {{ {read} }}"),
            &format!("match self.a.val().index() {{ 0 => {{ {write} }} _ => {{}} }} {read}"),
        ],
    );
    passed(&[
        &format!("{write} {read} self.l.next = self.l.val() & self.b.val();"),
        &format!("if self.a.val() {{ {write} }} else {{ {write} }} {read}"),
        &format!("if self.a.val() {{ {write} {read} }}"),
        &format!("match self.a.val().index() {{ 0 => {{ {write} }} _ => {{ {write} }} }} {read}"),
        "for k in 0..4 { self.ls[k].next = self.c.val(); } self.x.next = self.ls[0].val();",
        "self.x.next = self.a.val();",
    ]);
}

#[test]
fn the_line_and_the_rule_are_printed() {
    let kernel = "\n\n        self.x.next = self.a.val() & self.b.val() == self.c.val();";
    let findings = check_source("src/block.rs", &block_with(kernel)).unwrap();
    let printed: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(printed.len(), 1);
    assert!(
        printed[0].starts_with("src/block.rs:14:23: comparison-precedence: Verilog compares"),
        "{printed:?}"
    );
}

#[test]
fn functions_outside_of_kernels_are_not_checked() {
    let source = "fn update() { let x = 1 / 2; }\nimpl Block { fn new() -> Self { return Block(A) } }";
    assert_eq!(check_source("block.rs", source).unwrap(), []);
}

#[test]
fn a_kernel_that_is_not_rust_is_an_error() {
    assert!(check_source("block.rs", "fn update( {").is_err());
}

#[test]
fn the_hardware_is_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../hdl/src");
    let mut kernels = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of the hardware") {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        kernels += source.matches("#[hdl_gen]").count();
        let findings = check_source(&path.display().to_string(), &source).expect("Rust");
        let printed: Vec<String> = findings.iter().map(ToString::to_string).collect();
        assert!(printed.is_empty(), "{}", printed.join("\n"));
    }
    assert!(kernels > 0);
}
