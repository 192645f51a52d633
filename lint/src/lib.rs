//! Finds what rust-hdl 0.46 accepts in a kernel but translates into Verilog that does something else.
//!
//! A kernel is a function with `#[hdl_gen]`. It runs as Rust in the simulation and is printed as Verilog for
//! synthesis, operator by operator, with Rust's precedence and without widths. Where the two languages differ, both
//! results compile, `yosys_validate` is content, and the simulated machine works while the built one does not. This
//! crate reads the source and points at every such place, and at the ones that rust-hdl rejects with a less helpful
//! message or only once Verilog is generated. It is textual: it knows no types, and macros other than rust-hdl's
//! stay closed to it.
//!
//! The rules, and what would happen:
//!
//! | rule | without it |
//! |---|---|
//! | `comparison-precedence` | `a & b == c`: Verilog compares first |
//! | `comparison-width` | `(a + 1) == b`: Verilog compares with the carry, at 32 bits |
//! | `shift-width` | `(a + 1) >> 1`: the carry is shifted in |
//! | `cast-width` | `bit_cast::<16, 8>(!a)`: the upper bits are inverted too |
//! | `match-pattern` | the guard is dropped; the pattern is printed as Rust writes it |
//! | `literal` | a width of 32 bits, and no check that the value fits |
//! | `constant-name` | a Rust constant is no Verilog name |
//! | `slice-receiver` | Verilog slices names only |
//! | `construct` | rejected by rust-hdl, or translated into something else |
//! | `keyword` | a port or signal that some tool reads as a keyword |
//! | `local-order` | the value of the last evaluation, in Verilog a latch |
#![forbid(unsafe_code)]

mod block;
mod expression;
mod kernel;

use proc_macro2::Span;
use std::fmt;
use syn::visit::Visit;
use syn::{Attribute, ImplItemFn, ItemFn, ItemImpl, Type};

/// A place in a source file where the Verilog would differ, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, as it was named to [`check_source`].
    pub file: String,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// Name of the rule, see the [crate](self).
    pub rule: &'static str,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { file, line, column, rule, message } = self;
        write!(f, "{file}:{line}:{column}: {rule}: {message}")
    }
}

/// Checks all kernels, and all blocks with `#[derive(LogicBlock)]`, of one file. The findings are in the order of
/// the text.
///
/// # Errors
/// If the source is not Rust.
pub fn check_source(file: &str, source: &str) -> Result<Vec<Finding>, syn::Error> {
    let parsed = syn::parse_file(source)?;
    let blocks = block::blocks(&parsed);
    let mut report = Report::default();
    for block in &blocks {
        block::keyword(block, &mut report);
    }
    let mut kernels = Kernels { blocks: &blocks, owner: None, report };
    kernels.visit_file(&parsed);
    let mut findings: Vec<Finding> = kernels
        .report
        .0
        .into_iter()
        .map(|(span, rule, message)| Finding {
            file: file.to_string(),
            line: span.start().line,
            column: span.start().column + 1,
            rule,
            message,
        })
        .collect();
    findings.sort_by_key(|finding| (finding.line, finding.column));
    findings.dedup();
    Ok(findings)
}

/// What was found so far.
#[derive(Default)]
struct Report(Vec<(Span, &'static str, String)>);

impl Report {
    fn add(&mut self, span: Span, rule: &'static str, message: impl Into<String>) {
        self.0.push((span, rule, message.into()));
    }
}

/// Finds the kernels of a file, and the block each belongs to.
struct Kernels<'a> {
    blocks: &'a [block::Block],
    owner: Option<String>,
    report: Report,
}

impl Kernels<'_> {
    fn check(&mut self, attributes: &[Attribute], body: &syn::Block) {
        if !attributes.iter().any(is_hdl_gen) {
            return;
        }
        let owner = self.blocks.iter().find(|block| Some(&block.name) == self.owner.as_ref());
        kernel::check(body, owner, &mut self.report);
    }
}

impl<'ast> Visit<'ast> for Kernels<'_> {
    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        let outer = self.owner.take();
        self.owner = match &*item.self_ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => None,
        };
        syn::visit::visit_item_impl(self, item);
        self.owner = outer;
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.check(&function.attrs, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.check(&function.attrs, &function.block);
        syn::visit::visit_item_fn(self, function);
    }
}

fn is_hdl_gen(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| segment.ident == "hdl_gen")
}
