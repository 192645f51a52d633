//! The structs of hardware blocks: their fields become the names of the Verilog.

use crate::Report;
use syn::visit::Visit;
use syn::{Attribute, Field, GenericArgument, Ident, ItemStruct, PathArguments, Type};

/// A struct with `#[derive(LogicBlock)]`.
pub(crate) struct Block {
    /// Of the struct.
    pub(crate) name: String,
    /// Of all its fields.
    pub(crate) fields: Vec<Ident>,
    /// The fields that are local signals.
    pub(crate) locals: Vec<String>,
}

/// All blocks of the file.
pub(crate) fn blocks(file: &syn::File) -> Vec<Block> {
    let mut blocks = Blocks(Vec::new());
    blocks.visit_file(file);
    blocks.0
}

struct Blocks(Vec<Block>);

impl<'ast> Visit<'ast> for Blocks {
    fn visit_item_struct(&mut self, item: &'ast ItemStruct) {
        if !item.attrs.iter().any(derives_logic_block) {
            return;
        }
        let names = |fields: &mut dyn Iterator<Item = &Field>| -> Vec<Ident> {
            fields.filter_map(|field| field.ident.clone()).collect()
        };
        let locals = names(&mut item.fields.iter().filter(|field| is_local(&field.ty)));
        self.0.push(Block {
            name: item.ident.to_string(),
            fields: names(&mut item.fields.iter()),
            locals: locals.iter().map(Ident::to_string).collect(),
        });
    }
}

fn derives_logic_block(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("derive") {
        // A derive that does not parse is the compiler's business.
        let _ = attribute.parse_nested_meta(|derived| {
            let last = derived.path.segments.last();
            found |= last.is_some_and(|segment| segment.ident == "LogicBlock");
            Ok(())
        });
    }
    found
}

/// `Local<T>`, `Signal<Local, T>`, or an array of them.
fn is_local(ty: &Type) -> bool {
    match ty {
        Type::Array(array) => is_local(&array.elem),
        Type::Path(path) => path.path.segments.last().is_some_and(|last| {
            last.ident == "Local" || (last.ident == "Signal" && first_argument_is_local(&last.arguments))
        }),
        _ => false,
    }
}

fn first_argument_is_local(arguments: &PathArguments) -> bool {
    match arguments {
        PathArguments::AngleBracketed(list) => {
            matches!(list.args.first(), Some(GenericArgument::Type(first)) if is_local(first))
        }
        _ => false,
    }
}

/// Rule `keyword`: field names that are keywords of Verilog or SystemVerilog.
pub(crate) fn keyword(block: &Block, report: &mut Report) {
    for field in &block.fields {
        let written = field.to_string();
        let name = written.trim_start_matches("r#");
        if KEYWORDS.binary_search(&name).is_ok() {
            report.add(
                field.span(),
                "keyword",
                format!("`{name}` is a keyword of (System)Verilog; give the field another name"),
            );
        }
    }
}

/// The keywords of IEEE 1800-2017, which include those of Verilog, in ASCII order.
const KEYWORDS: &[&str] = &[
    "accept_on",
    "alias",
    "always",
    "always_comb",
    "always_ff",
    "always_latch",
    "and",
    "assert",
    "assign",
    "assume",
    "automatic",
    "before",
    "begin",
    "bind",
    "bins",
    "binsof",
    "bit",
    "break",
    "buf",
    "bufif0",
    "bufif1",
    "byte",
    "case",
    "casex",
    "casez",
    "cell",
    "chandle",
    "checker",
    "class",
    "clocking",
    "cmos",
    "config",
    "const",
    "constraint",
    "context",
    "continue",
    "cover",
    "covergroup",
    "coverpoint",
    "cross",
    "deassign",
    "default",
    "defparam",
    "design",
    "disable",
    "dist",
    "do",
    "edge",
    "else",
    "end",
    "endcase",
    "endchecker",
    "endclass",
    "endclocking",
    "endconfig",
    "endfunction",
    "endgenerate",
    "endgroup",
    "endinterface",
    "endmodule",
    "endpackage",
    "endprimitive",
    "endprogram",
    "endproperty",
    "endsequence",
    "endspecify",
    "endtable",
    "endtask",
    "enum",
    "event",
    "eventually",
    "expect",
    "export",
    "extends",
    "extern",
    "final",
    "first_match",
    "for",
    "force",
    "foreach",
    "forever",
    "fork",
    "forkjoin",
    "function",
    "generate",
    "genvar",
    "global",
    "highz0",
    "highz1",
    "if",
    "iff",
    "ifnone",
    "ignore_bins",
    "illegal_bins",
    "implements",
    "implies",
    "import",
    "incdir",
    "include",
    "initial",
    "inout",
    "input",
    "inside",
    "instance",
    "int",
    "integer",
    "interconnect",
    "interface",
    "intersect",
    "join",
    "join_any",
    "join_none",
    "large",
    "let",
    "liblist",
    "library",
    "local",
    "localparam",
    "logic",
    "longint",
    "macromodule",
    "matches",
    "medium",
    "modport",
    "module",
    "nand",
    "negedge",
    "nettype",
    "new",
    "nexttime",
    "nmos",
    "nor",
    "noshowcancelled",
    "not",
    "notif0",
    "notif1",
    "null",
    "or",
    "output",
    "package",
    "packed",
    "parameter",
    "pmos",
    "posedge",
    "primitive",
    "priority",
    "program",
    "property",
    "protected",
    "pull0",
    "pull1",
    "pulldown",
    "pullup",
    "pulsestyle_ondetect",
    "pulsestyle_onevent",
    "pure",
    "rand",
    "randc",
    "randcase",
    "randsequence",
    "rcmos",
    "real",
    "realtime",
    "ref",
    "reg",
    "reject_on",
    "release",
    "repeat",
    "restrict",
    "return",
    "rnmos",
    "rpmos",
    "rtran",
    "rtranif0",
    "rtranif1",
    "s_always",
    "s_eventually",
    "s_nexttime",
    "s_until",
    "s_until_with",
    "scalared",
    "sequence",
    "shortint",
    "shortreal",
    "showcancelled",
    "signed",
    "small",
    "soft",
    "solve",
    "specify",
    "specparam",
    "static",
    "string",
    "strong",
    "strong0",
    "strong1",
    "struct",
    "super",
    "supply0",
    "supply1",
    "sync_accept_on",
    "sync_reject_on",
    "table",
    "tagged",
    "task",
    "this",
    "throughout",
    "time",
    "timeprecision",
    "timeunit",
    "tran",
    "tranif0",
    "tranif1",
    "tri",
    "tri0",
    "tri1",
    "triand",
    "trior",
    "trireg",
    "type",
    "typedef",
    "union",
    "unique",
    "unique0",
    "unsigned",
    "until",
    "until_with",
    "untyped",
    "use",
    "uwire",
    "var",
    "vectored",
    "virtual",
    "void",
    "wait",
    "wait_order",
    "wand",
    "weak",
    "weak0",
    "weak1",
    "while",
    "wildcard",
    "wire",
    "with",
    "within",
    "wor",
    "xnor",
    "xor",
];

#[cfg(test)]
mod tests {
    #[test]
    fn keywords_can_be_searched() {
        assert!(super::KEYWORDS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
