//! Kernels: walks the statements, and shows each expression to the rules.

use crate::block::Block;
use crate::expression::{self, bare, first_field, is_signal_path};
use crate::Report;
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    Arm, BinOp, Expr, ExprCall, ExprField, ExprForLoop, ExprMacro, ExprMatch, ExprMethodCall, ExprUnary, Lit,
    Macro, Member, Pat, RangeLimits, Stmt, UnOp,
};

/// Checks a kernel, and the use it makes of its block's locals.
pub(crate) fn check(body: &syn::Block, owner: Option<&Block>, report: &mut Report) {
    let mut walk = Walk { owner, loop_variables: Vec::new(), report };
    walk.block(body);
    if let Some(owner) = owner {
        let mut order = LocalOrder { unwritten: owner.locals.iter().cloned().collect(), report };
        order.block(body);
    }
}

struct Walk<'a> {
    owner: Option<&'a Block>,
    loop_variables: Vec<String>,
    report: &'a mut Report,
}

impl Walk<'_> {
    fn block(&mut self, block: &syn::Block) {
        for statement in &block.stmts {
            match statement {
                Stmt::Expr(expr, _) => self.statement(expr),
                Stmt::Macro(statement) => known_macro(&statement.mac, self.report),
                Stmt::Local(local) => {
                    construct(local.let_token, "`let`", "a `Local` field", self.report);
                    if let Some(initial) = &local.init {
                        self.value(&initial.expr);
                    }
                }
                Stmt::Item(item) => construct(item, "an item", "it outside of the kernel", self.report),
            }
        }
    }

    fn statement(&mut self, expr: &Expr) {
        match expr {
            Expr::Assign(assign) => {
                self.target(&assign.left);
                expression::assigned_literal(&assign.right, self.report);
                self.value(&assign.right);
            }
            Expr::If(conditional) => {
                self.value(&conditional.cond);
                self.block(&conditional.then_branch);
                match conditional.else_branch.as_ref().map(|(_, branch)| &**branch) {
                    Some(Expr::Block(block)) => self.block(&block.block),
                    Some(other) => self.statement(other),
                    None => {}
                }
            }
            Expr::Match(switch) => self.switch(switch),
            Expr::ForLoop(for_loop) => self.for_loop(for_loop),
            Expr::MethodCall(call) => call.args.iter().for_each(|argument| self.value(argument)),
            Expr::Call(call) if is_connection(call) => {}
            Expr::Macro(ExprMacro { mac, .. }) => known_macro(mac, self.report),
            Expr::Block(block) => {
                construct(expr, "a block of its own", "its statements without the braces", self.report);
                self.block(&block.block);
            }
            Expr::While(repeat) => {
                construct(repeat.while_token, "`while`", "`for k in 0..N`", self.report);
                self.value(&repeat.cond);
                self.block(&repeat.body);
            }
            Expr::Loop(repeat) => {
                construct(repeat.loop_token, "`loop`", "`for k in 0..N`", self.report);
                self.block(&repeat.body);
            }
            Expr::Binary(binary) if is_compound(&binary.op) => {
                construct(binary.op, "a compound assignment", "`x.next = x.val() ..`", self.report);
                self.target(&binary.left);
                self.value(&binary.right);
            }
            other => self.value(other),
        }
    }

    fn switch(&mut self, switch: &ExprMatch) {
        expression::match_width(&switch.expr, self.report);
        self.value(&switch.expr);
        for arm in &switch.arms {
            match_pattern(arm, self.report);
            match &*arm.body {
                Expr::Block(block) => self.block(&block.block),
                other => self.statement(other),
            }
        }
    }

    fn for_loop(&mut self, for_loop: &ExprForLoop) {
        loop_range(for_loop, self.report);
        let variable = match &*for_loop.pat {
            Pat::Ident(variable) => variable.ident.to_string(),
            _ => String::new(),
        };
        if self.owner.is_some_and(|owner| owner.fields.iter().any(|field| *field == variable)) {
            construct(&for_loop.pat, "a loop variable named like a field", "another name", self.report);
        }
        self.loop_variables.push(variable);
        self.block(&for_loop.body);
        self.loop_variables.pop();
    }

    /// What is assigned to: `self.a.next` or `self.a.next.field`.
    fn target(&mut self, expr: &Expr) {
        if is_signal_path(expr) {
            self.indices(expr);
        } else {
            self.value(expr);
        }
    }

    /// The indices in the name of a signal.
    fn indices(&mut self, name: &Expr) {
        match name {
            Expr::Field(field) => self.indices(&field.base),
            Expr::Index(index) => {
                constant_index(&index.index, &self.loop_variables, self.report);
                if has_index(&index.expr) {
                    construct(
                        index,
                        "more than one index in a name",
                        "a block for the inner array",
                        self.report,
                    );
                }
                self.indices(&index.expr);
            }
            _ => {}
        }
    }

    fn value(&mut self, expr: &Expr) {
        match expr {
            Expr::Paren(paren) => self.value(&paren.expr),
            Expr::Group(group) => self.value(&group.expr),
            Expr::Binary(binary) => {
                expression::comparison_precedence(binary, self.report);
                expression::comparison_width(binary, self.report);
                expression::shift_width(binary, self.report);
                expression::bare_literal(binary, self.report);
                operator(&binary.op, self.report);
                self.value(&binary.left);
                self.value(&binary.right);
            }
            Expr::Unary(unary) => {
                dereference(unary, self.report);
                self.value(&unary.expr);
            }
            Expr::Call(call) => {
                expression::cast_width(call, self.report);
                expression::wide_literal(call, self.report);
                known_function(call, self.report);
                call.args.iter().for_each(|argument| self.value(argument));
            }
            Expr::MethodCall(call) => {
                expression::slice_receiver(call, self.report);
                expression::reduction_width(call, self.report);
                expression::replaced_bit_width(call, self.report);
                self.value(&call.receiver);
                call.args.iter().for_each(|argument| self.value(argument));
            }
            Expr::Field(field) => {
                reads_next(field, self.report);
                if is_signal_path(expr) {
                    self.indices(expr);
                } else {
                    expression::field_receiver(field, self.report);
                    self.value(&field.base);
                }
            }
            Expr::Index(_) if is_signal_path(expr) => self.indices(expr),
            Expr::Lit(literal) => expression::large_literal(literal, self.report),
            Expr::Path(path) => expression::constant_name(path, &self.loop_variables, self.report),
            other => untranslatable(other, self.report),
        }
    }
}

/// Rule `construct`: a construct, and what to use instead.
fn construct(place: impl Spanned, what: &str, instead: &str, report: &mut Report) {
    report.add(place.span(), "construct", format!("rust-hdl does not translate {what}; use {instead}"));
}

/// Rule `construct`: expressions without a translation.
fn untranslatable(expr: &Expr, report: &mut Report) {
    let (what, instead) = match expr {
        Expr::If(_) | Expr::Match(_) | Expr::Block(_) => {
            ("`if`, `match` or a block as a value", "an assignment to a `Local` in each branch")
        }
        Expr::Cast(_) => ("`as`", "`bit_cast`"),
        Expr::Return(_) => ("`return`", "`if` around the rest"),
        Expr::Assign(_) => ("an assignment as a value", "a statement"),
        Expr::Index(_) => ("an index of an expression", "`get_bit`, or `match`"),
        _ => ("this expression", "signals, operators and the methods of `Bits`"),
    };
    construct(expr, what, instead, report);
}

/// Rule `construct`: operators without a translation, and `*`, which is one for blocks of their own only.
fn operator(op: &BinOp, report: &mut Report) {
    match op {
        BinOp::Mul(_) => construct(op, "`*` of `Bits`", "shifts and additions", report),
        BinOp::Div(_) | BinOp::Rem(_) => construct(op, "division", "shifts, or a block of its own", report),
        op if is_compound(op) => construct(op, "a compound assignment", "`x.next = x.val() ..`", report),
        _ => {}
    }
}

/// Rule `construct`: a dereference.
fn dereference(unary: &ExprUnary, report: &mut Report) {
    if matches!(unary.op, UnOp::Deref(_)) {
        construct(unary, "`*`", "`.val()`", report);
    }
}

/// Rule `construct`: reading what is assigned in this kernel, by `.next`.
fn reads_next(field: &ExprField, report: &mut Report) {
    if matches!(&field.member, Member::Named(name) if name == "next") {
        construct(field, "reading `.next`", "`.val()` of a `Local`", report);
    }
}

/// Rule `construct`: functions that rust-hdl does not know.
fn known_function(call: &ExprCall, report: &mut Report) {
    let name = expression::function(call);
    let known =
        ["bit_cast", "bits", "unsigned_cast", "signed_bit_cast", "signed_cast"].contains(&name.as_str());
    let of_bits = matches!(&*call.func, Expr::Path(path)
        if path.path.segments.first().is_some_and(|first| first.ident == "Bits"));
    if !known && !of_bits {
        construct(&call.func, "helper functions", "a `Local`, or a block of its own", report);
    }
}

/// Rule `construct`: macros that rust-hdl does not know.
fn known_macro(mac: &Macro, report: &mut Report) {
    let known = ["dff_setup", "clock", "println", "comment", "assert"];
    if !mac.path.get_ident().is_some_and(|name| known.iter().any(|known| name == known)) {
        construct(mac, "this macro", "`dff_setup!` and `clock!` only", report);
    }
}

/// Rule `construct`: an index which is not known when Verilog is generated.
fn constant_index(index: &Expr, loop_variables: &[String], report: &mut Report) {
    let constant = match index {
        Expr::Lit(_) => true,
        Expr::Path(path) => {
            path.path.get_ident().is_some_and(|name| loop_variables.iter().any(|k| name == k))
        }
        Expr::Paren(paren) => return constant_index(&paren.expr, loop_variables, report),
        Expr::Binary(binary) => {
            constant_index(&binary.left, loop_variables, report);
            return constant_index(&binary.right, loop_variables, report);
        }
        _ => false,
    };
    if !constant {
        construct(index, "an index other than literals and loop variables", "`get_bit`, or `match`", report);
    }
}

/// Rule `construct`: ranges with `..=`, which are translated as `..`, and everything that is not a range.
fn loop_range(for_loop: &ExprForLoop, report: &mut Report) {
    match bare(&for_loop.expr) {
        Expr::Range(range) if matches!(range.limits, RangeLimits::HalfOpen(_)) => {}
        Expr::Range(range) => {
            let message = "Verilog gets one round less: rust-hdl takes `..=` for `..`; write `0..N`";
            report.add(range.span(), "construct", message);
        }
        other => construct(other, "a loop over this", "`for k in 0..N`", report),
    }
}

/// Rule `match-pattern`: what is printed into Verilog as Rust writes it.
fn match_pattern(arm: &Arm, report: &mut Report) {
    if let Some((_, guard)) = &arm.guard {
        let message = "the guard is not in the Verilog; put an `if` into the arm";
        report.add(guard.span(), "match-pattern", message);
    }
    let instead = match &arm.pat {
        Pat::Wild(_) => None,
        Pat::Lit(literal) => match &literal.lit {
            Lit::Int(integer) if integer.to_string().bytes().all(|c| c.is_ascii_digit() || c == b'_') => None,
            _ => Some("a decimal literal without suffix"),
        },
        Pat::Path(path) => {
            let segments = &path.path.segments;
            let last = segments.last().map_or(String::new(), |last| last.ident.to_string());
            let constant = last.len() > 1 && !last.contains(|c: char| c.is_lowercase());
            (constant || segments.len() < 2).then_some("a decimal literal, or `Enum::Variant`")
        }
        Pat::Ident(_) => Some("a decimal literal, `Enum::Variant` or `_`"),
        Pat::Or(_) | Pat::Range(_) => Some("an arm for each value"),
        _ => Some("a decimal literal, `Enum::Variant` or `_`"),
    };
    if let Some(instead) = instead {
        let message = format!("this pattern makes bad Verilog; use {instead}");
        report.add(arm.pat.span(), "match-pattern", message);
    }
}

fn is_compound(op: &BinOp) -> bool {
    use BinOp::*;
    matches!(
        op,
        AddAssign(_)
            | SubAssign(_)
            | MulAssign(_)
            | DivAssign(_)
            | RemAssign(_)
            | BitXorAssign(_)
            | BitAndAssign(_)
            | BitOrAssign(_)
            | ShlAssign(_)
            | ShrAssign(_)
    )
}

/// `Type::join(..)` and `Type::link(..)`, which connect interfaces.
fn is_connection(call: &ExprCall) -> bool {
    ["join", "link"].contains(&expression::function(call).as_str())
}

fn has_index(name: &Expr) -> bool {
    match name {
        Expr::Field(field) => has_index(&field.base),
        Expr::Index(_) => true,
        _ => false,
    }
}

/// Rule `local-order`: locals must be written, on every path, before they are read.
struct LocalOrder<'a> {
    /// The locals that some path so far has not written.
    unwritten: BTreeSet<String>,
    report: &'a mut Report,
}

impl LocalOrder<'_> {
    fn block(&mut self, block: &syn::Block) {
        for statement in &block.stmts {
            match statement {
                Stmt::Expr(expr, _) => self.statement(expr),
                Stmt::Local(local) => {
                    if let Some(initial) = &local.init {
                        self.visit_expr(&initial.expr);
                    }
                }
                _ => {}
            }
        }
    }

    fn statement(&mut self, expr: &Expr) {
        match expr {
            Expr::Assign(assign) => {
                self.visit_expr(&assign.right);
                self.writes(&assign.left);
            }
            Expr::MethodCall(call) => {
                call.args.iter().for_each(|argument| self.visit_expr(argument));
                self.writes(&call.receiver);
            }
            Expr::If(conditional) => {
                self.visit_expr(&conditional.cond);
                let before = self.unwritten.clone();
                self.block(&conditional.then_branch);
                let mut after = std::mem::replace(&mut self.unwritten, before);
                if let Some((_, branch)) = &conditional.else_branch {
                    self.statement(branch);
                }
                self.unwritten.append(&mut after);
            }
            Expr::Match(switch) => {
                self.visit_expr(&switch.expr);
                let before = self.unwritten.clone();
                let mut after = BTreeSet::new();
                for arm in &switch.arms {
                    self.unwritten = before.clone();
                    self.statement(&arm.body);
                    after.append(&mut self.unwritten);
                }
                self.unwritten = after;
            }
            Expr::Block(block) => self.block(&block.block),
            Expr::ForLoop(for_loop) => self.block(&for_loop.body),
            other => self.visit_expr(other),
        }
    }

    fn writes(&mut self, target: &Expr) {
        if let Some(name) = first_field(target) {
            self.unwritten.remove(&name);
        }
    }
}

impl<'ast> Visit<'ast> for LocalOrder<'_> {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        let read = first_field(&call.receiver).filter(|_| call.method == "val");
        // Once is enough: a local that was reported counts as written.
        if let Some(name) = read.and_then(|name| self.unwritten.take(&name)) {
            self.report.add(
                call.span(),
                "local-order",
                format!(
                    "the local `{name}` is read before it was written on every path: a latch; assign \
                     `self.{name}.next` above"
                ),
            );
        }
        syn::visit::visit_expr_method_call(self, call);
    }
}
