//! Expressions: what Verilog makes of widths and precedence. Each rule looks at one node, not into it.
//!
//! Verilog computes an expression at the width of its widest operand, assignment target included. Bits above an
//! operand's own width are 0 when they come from a name, but not behind `!`, `+`, `-` or `<<`. They vanish in an
//! assignment, and matter wherever something looks at the whole value or brings the upper bits down.

use crate::Report;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    BinOp, Expr, ExprBinary, ExprCall, ExprField, ExprLit, ExprMethodCall, ExprPath, GenericArgument, Lit,
    Member, PathArguments, UnOp,
};

/// Rule `comparison-precedence`: a comparison next to `& | ^ && ||` without parentheses.
pub(crate) fn comparison_precedence(binary: &ExprBinary, report: &mut Report) {
    let mixes = |outer: &BinOp, operand: &Expr| match operand {
        Expr::Binary(inner) => {
            (is_comparison(outer) && is_logical(&inner.op)) || (is_logical(outer) && is_comparison(&inner.op))
        }
        _ => false,
    };
    if mixes(&binary.op, &binary.left) || mixes(&binary.op, &binary.right) {
        report.add(
            binary.span(),
            "comparison-precedence",
            "Verilog compares before `&`, `^` and `|`, Rust after; put parentheses around the comparison, or around \
             its operand",
        );
    }
}

/// Rule `comparison-width`: operands that Verilog compares together with the bits above them.
pub(crate) fn comparison_width(binary: &ExprBinary, report: &mut Report) {
    if !is_comparison(&binary.op) {
        return;
    }
    let wider = widens(&binary.left) || widens(&binary.right);
    for operand in [&*binary.left, &*binary.right] {
        match upper_bits(operand) {
            Some(source) if source == Source::Arithmetic || wider => report.add(
                operand.span(),
                "comparison-width",
                format!("Verilog compares {source} at the width of the widest operand; {LOCAL}"),
            ),
            _ => {}
        }
    }
}

/// Rule `comparison-width` for the value of a `match`, which is compared with literals of 32 bits.
pub(crate) fn match_width(scrutinee: &Expr, report: &mut Report) {
    if let Some(source) = upper_bits(scrutinee) {
        report.add(
            scrutinee.span(),
            "comparison-width",
            format!("Verilog compares {source} with arms of 32 bits; {LOCAL}"),
        );
    }
}

/// Rule `comparison-width` for `any`, `all` and `xor`, which look at all bits of an expression.
pub(crate) fn reduction_width(call: &ExprMethodCall, report: &mut Report) {
    let method = &call.method;
    let wrong = match () {
        _ if method == "all" => widens(&call.receiver),
        _ if method == "any" || method == "xor" => {
            widens(&call.receiver) && upper_bits(&call.receiver).is_some()
        }
        _ => false,
    };
    if wrong {
        report.add(
            call.receiver.span(),
            "comparison-width",
            format!("in Verilog this has more bits than in Rust, and `{method}` sees them; {LOCAL}"),
        );
    }
}

/// Rule `shift-width`: operands that have bits for a shift to bring in.
pub(crate) fn shift_width(binary: &ExprBinary, report: &mut Report) {
    let wrong = match (&binary.op, upper_bits(&binary.left)) {
        (BinOp::Shr(_), Some(source)) => Some(source),
        (BinOp::Shl(_), Some(Source::Arithmetic)) => Some(Source::Arithmetic),
        _ => None,
    };
    if let Some(source) = wrong {
        report.add(
            binary.left.span(),
            "shift-width",
            format!("Verilog shifts {source} at the width of the whole expression; {LOCAL}"),
        );
    }
}

/// Rule `cast-width` for `bit_cast` and its like, which are a mask in Verilog, at the width of the result.
pub(crate) fn cast_width(call: &ExprCall, report: &mut Report) {
    let Some(argument) = call.args.first() else {
        return;
    };
    if !is_cast(call) || !reads_signal(argument) {
        return;
    }
    let source = match bare(argument) {
        Expr::Binary(shift) if is_shift(&shift.op) => Some(Source::Shift),
        other => upper_bits(other),
    };
    if let Some(source) = source {
        report.add(
            argument.span(),
            "cast-width",
            format!(
                "Verilog computes {source} at the width of the result, then masks it; {LOCAL} and cast that"
            ),
        );
    }
}

/// Rule `cast-width` for the bit of `replace_bit`, which is a shifted word of 32 bits in Verilog.
pub(crate) fn replaced_bit_width(call: &ExprMethodCall, report: &mut Report) {
    if call.method != "replace_bit" {
        return;
    }
    if let Some((bit, source)) = call.args.get(1).and_then(|bit| Some((bit, upper_bits(bit)?))) {
        report.add(
            bit.span(),
            "cast-width",
            format!("Verilog widens {source} to 32 bits and overwrites the bits above; {LOCAL}"),
        );
    }
}

/// Rule `literal`: a bare integer next to a signal in arithmetic or a comparison.
pub(crate) fn bare_literal(binary: &ExprBinary, report: &mut Report) {
    if !is_comparison(&binary.op) && !is_arithmetic(&binary.op) {
        return;
    }
    for (literal, other) in [(&binary.left, &binary.right), (&binary.right, &binary.left)] {
        if is_integer(literal) && reads_signal(other) {
            report.add(
                literal.span(),
                "literal",
                "a bare integer has 32 bits in Verilog; use a `Constant<Bits<N>>` field or `bits::<N>(..)`",
            );
        }
    }
}

/// Rule `literal`: an integer as the whole value of an assignment.
pub(crate) fn assigned_literal(value: &Expr, report: &mut Report) {
    if is_integer(value) {
        report.add(
            value.span(),
            "literal",
            "nothing checks that this fits, and Verilog truncates it; use a `Constant` field or `bits::<N>(..)`",
        );
    }
}

/// Rule `literal`: integers from 2^31 up.
pub(crate) fn large_literal(literal: &ExprLit, report: &mut Report) {
    if let Lit::Int(integer) = &literal.lit {
        let large = integer.base10_parse::<u128>().map_or(true, |value| value >= 1 << 31);
        if large && !matches!(integer.suffix(), "u64" | "u128") {
            report.add(
                literal.span(),
                "literal",
                "a literal from 2^31 up does not fit rust-hdl's 32 bits; use a `Constant` field or the suffix `_u64`",
            );
        }
    }
}

/// Rule `literal`: `bits::<N>(..)` of an integer with more than N bits.
pub(crate) fn wide_literal(call: &ExprCall, report: &mut Report) {
    let value = match call.args.first().map(bare) {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(value), .. })) => value.base10_parse::<u128>(),
        _ => return,
    };
    if let (true, Some(width), Ok(value)) = (is_cast(call), first_width(call), value) {
        if width < 128 && value >> width != 0 {
            report.add(
                call.args.span(),
                "literal",
                format!("{value} has more than {width} bits: the simulation panics and Verilog truncates"),
            );
        }
    }
}

/// Rule `constant-name`: constants and const generics, which Verilog knows nothing of.
pub(crate) fn constant_name(path: &ExprPath, loop_variables: &[String], report: &mut Report) {
    let segments: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let undeclared = match segments.as_slice() {
        [name] => name != "self" && !loop_variables.contains(name),
        [first, .., last] => first == "Self" || is_screaming(last),
        [] => false,
    };
    if undeclared {
        report.add(
            path.span(),
            "constant-name",
            format!(
                "`{}` becomes a name that the Verilog does not declare; use a `Constant` field, as an index \
                 `self.field.val().index()`",
                segments.join("::")
            ),
        );
    }
}

/// Rule `slice-receiver` for `get_bit`, `get_bits` and the fields of structs: Verilog can only slice a name.
pub(crate) fn slice_receiver(call: &ExprMethodCall, report: &mut Report) {
    let method = call.method.to_string();
    let slices = method == "get_bit" || method == "get_bits" || method.starts_with("get_value_");
    if slices && !is_plain_read(&call.receiver) {
        report.add(
            call.method.span(),
            "slice-receiver",
            format!("Verilog has no `{method}` of an expression; assign it to a `Local` and slice that"),
        );
    }
}

/// Rule `slice-receiver` for a field of a value.
pub(crate) fn field_receiver(field: &ExprField, report: &mut Report) {
    if !is_signal_path(&field.base) && !is_plain_read(&field.base) {
        report.add(
            field.member.span(),
            "slice-receiver",
            "Verilog has no field of an expression; assign it to a `Local` and take the field of that",
        );
    }
}

/// `self.a.b[k]`, without a call: the name of a signal.
pub(crate) fn is_signal_path(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.path.is_ident("self"),
        Expr::Field(field) => is_signal_path(&field.base),
        Expr::Index(index) => is_signal_path(&index.expr),
        _ => false,
    }
}

/// The first field of `self.a.b[k]`.
pub(crate) fn first_field(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Field(field) => match (&*field.base, &field.member) {
            (Expr::Path(path), Member::Named(name)) if path.path.is_ident("self") => Some(name.to_string()),
            (base, _) => first_field(base),
        },
        Expr::Index(index) => first_field(&index.expr),
        _ => None,
    }
}

/// The expression inside parentheses and conversions that leave no trace in Verilog.
pub(crate) fn bare(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(paren) => bare(&paren.expr),
        Expr::Group(group) => bare(&group.expr),
        Expr::MethodCall(call) if is_transparent(call) && !is_signal_path(&call.receiver) => {
            bare(&call.receiver)
        }
        _ => expr,
    }
}

/// The function that a call names, without its path.
pub(crate) fn function(call: &ExprCall) -> String {
    match &*call.func {
        Expr::Path(path) => path.path.segments.last().map_or(String::new(), |last| last.ident.to_string()),
        _ => String::new(),
    }
}

const LOCAL: &str = "assign it to a `Local` first";

/// What sets bits above an operand's width.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    Arithmetic,
    Not,
    Shift,
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Source::Arithmetic => "arithmetic",
            Source::Not => "a `!`",
            Source::Shift => "a shift",
        })
    }
}

/// What may set bits of this expression above its width, were Verilog to compute it wider.
fn upper_bits(expr: &Expr) -> Option<Source> {
    match bare(expr) {
        Expr::Unary(unary) => match unary.op {
            // `~|a` is an operator of its own, with a result of one bit.
            UnOp::Not(_) if is_reduction(&unary.expr) => None,
            UnOp::Not(_) => Some(Source::Not),
            _ => Some(Source::Arithmetic),
        },
        Expr::Binary(binary) => {
            let (left, right) = (upper_bits(&binary.left), upper_bits(&binary.right));
            match binary.op {
                BinOp::BitAnd(_) => left.and(right),
                BinOp::BitOr(_) | BinOp::BitXor(_) => left.or(right),
                BinOp::Shl(_) => left.or(Some(Source::Shift)),
                BinOp::Shr(_) => left,
                op if is_arithmetic(&op) => Some(Source::Arithmetic),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether Verilog computes this expression wider than Rust does.
fn widens(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Unary(unary) => widens(&unary.expr),
        Expr::Binary(binary) if is_shift(&binary.op) => widens(&binary.left),
        Expr::Binary(binary) if is_comparison(&binary.op) => false,
        Expr::Binary(binary) => widens(&binary.left) || widens(&binary.right),
        Expr::Call(call) => is_cast(call),
        Expr::MethodCall(call) => call.method == "replace_bit",
        other => is_integer(other),
    }
}

fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
}

fn is_logical(op: &BinOp) -> bool {
    matches!(op, BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_) | BinOp::And(_) | BinOp::Or(_))
}

fn is_arithmetic(op: &BinOp) -> bool {
    matches!(op, BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_))
}

fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_))
}

fn is_reduction(expr: &Expr) -> bool {
    matches!(expr, Expr::MethodCall(call) if call.method == "any" || call.method == "all" || call.method == "xor")
}

/// The functions that rust-hdl tells by how the text of the call begins.
fn is_cast(call: &ExprCall) -> bool {
    match &*call.func {
        Expr::Path(path) => path.path.segments.first().is_some_and(|first| {
            let first = first.ident.to_string();
            ["bit_cast", "bits", "Bits"].iter().any(|name| first.starts_with(name))
        }),
        _ => false,
    }
}

fn is_transparent(call: &ExprMethodCall) -> bool {
    ["val", "into", "index", "to_bits"].iter().any(|name| call.method == name)
}

fn is_integer(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Lit(literal) => matches!(literal.lit, Lit::Int(_)),
        Expr::Unary(unary) => matches!(unary.op, UnOp::Neg(_)) && is_integer(&unary.expr),
        _ => false,
    }
}

/// `self.a.b.val()`.
fn is_plain_read(expr: &Expr) -> bool {
    matches!(expr, Expr::MethodCall(call) if call.method == "val" && is_signal_path(&call.receiver))
}

fn reads_signal(expr: &Expr) -> bool {
    struct Reads(bool);
    impl<'ast> Visit<'ast> for Reads {
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            self.0 |= call.method == "val";
            syn::visit::visit_expr_method_call(self, call);
        }
    }
    let mut reads = Reads(false);
    reads.visit_expr(expr);
    reads.0
}

/// `SCREAMING_CASE`; one letter behind a type is taken for an enum's variant.
fn is_screaming(name: &str) -> bool {
    name.len() > 1 && !name.contains(|c: char| c.is_lowercase())
}

/// The N of `bits::<N>(..)`, if it is a literal.
fn first_width(call: &ExprCall) -> Option<u32> {
    let Expr::Path(path) = &*call.func else {
        return None;
    };
    let PathArguments::AngleBracketed(list) = &path.path.segments.first()?.arguments else {
        return None;
    };
    let Some(GenericArgument::Const(Expr::Lit(ExprLit { lit: Lit::Int(width), .. }))) = list.args.first()
    else {
        return None;
    };
    width.base10_parse().ok()
}
