//! Verilog with a process for each thing that is computed.
//!
//! rust-hdl writes all logic of a block as one `always @(*)`. To a simulator such a process is one thing: what goes in
//! and comes out of it twice looks like a loop, and is computed again and again. Here the statements are grouped, each
//! group with a process of its own. Statements stay together if they assign the same signal, if one reads a signal
//! between two assignments, or if their groups would read each other.

use std::collections::{BTreeMap, BTreeSet};

/// The line that begins a process, and the one that ends it.
const BEGIN: &str = "always @(*) begin";

/// A statement: its lines, and the signals that it assigns.
#[derive(Default)]
struct Statement<'a> {
    lines: Vec<&'a str>,
    targets: BTreeSet<&'a str>,
}

/// The same Verilog with more processes.
pub fn split(verilog: &str) -> String {
    let mut text = String::new();
    let mut lines = verilog.lines();
    while let Some(line) = lines.next() {
        if line.trim() == BEGIN {
            let mut depth = 1;
            let body: Vec<&str> = lines
                .by_ref()
                .take_while(|line| {
                    depth += nesting(line);
                    depth > 0
                })
                .collect();
            for group in groups(&statements(&body)) {
                text += &format!("    {BEGIN}\n{}\n    end\n", group.join("\n"));
            }
        } else {
            text += line;
            text.push('\n');
        }
    }
    text
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).filter(|word| !word.is_empty())
}

/// How many blocks a line opens more than it closes.
fn nesting(line: &str) -> i32 {
    words(line)
        .map(|word| match word {
            "begin" | "case" => 1,
            "end" | "endcase" => -1,
            _ => 0,
        })
        .sum()
}

/// The signal that a line assigns.
fn target(line: &str) -> Option<&str> {
    let (left, _) = line.split_once(" = ")?;
    let left = left.trim();
    let name = words(left).next()?;
    left.starts_with(name).then_some(name).filter(|name| !matches!(*name, "if" | "case"))
}

fn statements<'a>(body: &[&'a str]) -> Vec<Statement<'a>> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut depth = 0;
    for line in body.iter().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//")) {
        let goes_on = depth > 0 || line.trim().starts_with("else");
        if !goes_on || statements.is_empty() {
            statements.push(Statement::default());
        }
        depth += nesting(line);
        if let Some(statement) = statements.last_mut() {
            statement.lines.push(line);
            statement.targets.extend(target(line));
        }
    }
    statements
}

/// The lines of each group, in the order in which they were.
fn groups<'a>(statements: &[Statement<'a>]) -> Vec<Vec<&'a str>> {
    let mut assigned: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, statement) in statements.iter().enumerate() {
        for target in &statement.targets {
            assigned.entry(target).or_default().push(number);
        }
    }
    // Each statement's group is named by the first statement in it.
    let mut group: Vec<usize> = (0..statements.len()).collect();
    let mut join = |a: usize, b: usize| {
        let (from, to) = (group[a].max(group[b]), group[a].min(group[b]));
        group.iter_mut().filter(|name| **name == from).for_each(|name| *name = to);
    };
    for places in assigned.values() {
        places.iter().for_each(|place| join(places[0], *place));
    }
    for (number, statement) in statements.iter().enumerate() {
        for word in statement.lines.iter().flat_map(|line| words(line)) {
            let Some(places) = assigned.get(word) else { continue };
            if places[0] < number && places.iter().any(|place| *place > number) {
                join(places[0], number);
            }
        }
    }
    // What would go in a circle through several groups is one.
    let mut readers: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (number, statement) in statements.iter().enumerate() {
        for word in statement.lines.iter().flat_map(|line| words(line)) {
            if let Some(places) = assigned.get(word) {
                readers.entry(group[places[0]]).or_default().insert(group[number]);
            }
        }
    }
    let reached: BTreeMap<usize, BTreeSet<usize>> =
        readers.keys().map(|name| (*name, reach(&readers, *name))).collect();
    for name in &mut group {
        let circle = reached.get(name).into_iter().flatten().copied();
        let circle = circle.filter(|other| reached.get(other).is_some_and(|back| back.contains(name)));
        *name = circle.min().unwrap_or(*name).min(*name);
    }
    let mut lines: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for (statement, name) in statements.iter().zip(&group) {
        lines.entry(*name).or_default().extend(&statement.lines);
    }
    lines.into_values().collect()
}

/// All groups that read what this one computes, or what those compute, and so on.
fn reach(readers: &BTreeMap<usize, BTreeSet<usize>>, from: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(name) = open.pop() {
        for reader in readers.get(&name).into_iter().flatten() {
            if reached.insert(*reader) {
                open.push(*reader);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stay_together_only_if_they_must() {
        let before = "\
module top(a);
    always @(*) begin
        // comment
        x = a;
        y = 0;
        if (x == 1) begin
            y = 1;
        end
        else begin
            y = 2;
        end
        t = a;
        u = t;
        t = b;
        p[0] = a;
        q = p[0];
        p[1] = q;
        case (a)
            1:
                begin
                    z = 1;
                end
        endcase
    end
endmodule
";
        let after = split(before);
        let processes: Vec<String> = after
            .split("always @(*) begin")
            .skip(1)
            .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        assert_eq!(
            processes,
            [
                "x = a; end",
                "y = 0; if (x == 1) begin y = 1; end else begin y = 2; end end",
                "t = a; u = t; t = b; end",
                "p[0] = a; q = p[0]; p[1] = q; end",
                "case (a) 1: begin z = 1; end endcase end endmodule",
            ]
        );
        assert!(after.starts_with("module top(a);\n"));
    }
}
