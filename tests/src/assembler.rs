//! A small assembler for RV32I: one instruction or `label:` a line, registers by their ABI names, `#` before a comment.
//!
//! Pseudo-instructions: `li` (always two words), `mv`, `nop`, `j`, `jr`, `ret`, `beqz`, `bnez`, `csrr`, `csrw`. `.word` puts a number.

use crate::code;
use hdl::companion::csr;
use std::collections::HashMap;

/// The words of a program at address 0.
///
/// # Panics
/// If a line is not what it should be: the message shows it.
pub fn assemble(text: &str) -> Vec<u32> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or("").trim());
    let mut labels = HashMap::new();
    let mut instructions = Vec::new();
    let mut address = 0;
    for line in lines.filter(|line| !line.is_empty()) {
        if let Some(label) = line.strip_suffix(':') {
            labels.insert(label, address);
        } else {
            instructions.push((address, line));
            address += if line.starts_with("li ") { 8 } else { 4 };
        }
    }
    let mut words = Vec::new();
    for (address, line) in instructions {
        words.extend(
            instruction(line, address, &labels).unwrap_or_else(|| panic!("not an instruction: {line}")),
        );
    }
    words
}

fn register(name: &str) -> Option<u32> {
    const NAMES: [&str; 32] = [
        "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
        "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
    ];
    NAMES.iter().position(|&each| each == name).map(|index| index as u32)
}

fn number(text: &str) -> Option<u32> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { value.wrapping_neg() } else { value })
}

fn status_register(name: &str) -> Option<u32> {
    Some(match name {
        "mstatus" => csr::MSTATUS,
        "mie" => csr::MIE,
        "mtvec" => csr::MTVEC,
        "mscratch" => csr::MSCRATCH,
        "mepc" => csr::MEPC,
        "mcause" => csr::MCAUSE,
        "mtval" => csr::MTVAL,
        "mip" => csr::MIP,
        "mcycle" => csr::MCYCLE,
        "mcycleh" => csr::MCYCLEH,
        _ => return None,
    })
}

fn instruction(line: &str, address: u32, labels: &HashMap<&str, u32>) -> Option<Vec<u32>> {
    let (name, rest) = line.split_once(' ').unwrap_or((line, ""));
    let operands: Vec<&str> = rest.split([',', '(', ')']).map(str::trim).filter(|o| !o.is_empty()).collect();
    let reg = |index: usize| operands.get(index).and_then(|name| register(name));
    let num = |index: usize| operands.get(index).and_then(|text| number(text));
    let status = |index: usize| operands.get(index).and_then(|name| status_register(name));
    let offset = |index: usize| {
        let label = operands.get(index)?;
        Some(labels.get(label)?.wrapping_sub(address))
    };
    let position = |names: &[&str]| names.iter().position(|&each| each == name).map(|place| place as u32);
    if let Some(funct3) = position(&["add", "sll", "slt", "sltu", "xor", "srl", "or", "and"]) {
        return Some(vec![code::r(0, reg(2)?, reg(1)?, funct3, reg(0)?, 0x33)]);
    }
    if let Some(funct3) = position(&["addi", "slli", "slti", "sltiu", "xori", "srli", "ori", "andi"]) {
        return Some(vec![code::i(num(2)?, reg(1)?, funct3, reg(0)?, 0x13)]);
    }
    if let Some(funct3) = position(&["beq", "bne", "", "", "blt", "bge", "bltu", "bgeu"]) {
        return Some(vec![code::b(offset(2)?, reg(1)?, reg(0)?, funct3)]);
    }
    if let Some(funct3) = position(&["lb", "lh", "lw", "", "lbu", "lhu"]) {
        return Some(vec![code::i(num(1)?, reg(2)?, funct3, reg(0)?, 0x03)]);
    }
    if let Some(funct3) = position(&["sb", "sh", "sw"]) {
        return Some(vec![code::s(num(1)?, reg(0)?, reg(2)?, funct3)]);
    }
    if let Some(funct3) = position(&["", "csrrw", "csrrs", "csrrc"]) {
        return Some(vec![code::csr(status(1)?, reg(2)?, funct3, reg(0)?)]);
    }
    if let Some(funct3) = position(&["", "", "", "", "", "csrrwi", "csrrsi", "csrrci"]) {
        return Some(vec![code::csr(status(1)?, num(2)?, funct3, reg(0)?)]);
    }
    Some(match name {
        "li" => {
            let value = num(1)?;
            vec![code::u(value.wrapping_add(0x800), reg(0)?, 0x37), code::addi(reg(0)?, reg(0)?, value)]
        }
        "sub" => vec![code::r(0x20, reg(2)?, reg(1)?, 0, reg(0)?, 0x33)],
        "sra" => vec![code::r(0x20, reg(2)?, reg(1)?, 5, reg(0)?, 0x33)],
        "srai" => vec![code::i(num(2)? | 0x400, reg(1)?, 5, reg(0)?, 0x13)],
        "mv" => vec![code::addi(reg(0)?, reg(1)?, 0)],
        "lui" => vec![code::u(num(1)? << 12, reg(0)?, 0x37)],
        "auipc" => vec![code::u(num(1)? << 12, reg(0)?, 0x17)],
        "jal" => vec![code::j(offset(1)?, reg(0)?)],
        "jalr" => vec![code::i(num(1)?, reg(2)?, 0, reg(0)?, 0x67)],
        "j" => vec![code::j(offset(0)?, 0)],
        "jr" => vec![code::i(0, reg(0)?, 0, 0, 0x67)],
        "ret" => vec![code::i(0, 1, 0, 0, 0x67)],
        "beqz" => vec![code::b(offset(1)?, 0, reg(0)?, 0)],
        "bnez" => vec![code::b(offset(1)?, 0, reg(0)?, 1)],
        "csrr" => vec![code::csr(status(1)?, 0, 2, reg(0)?)],
        "csrw" => vec![code::csr(status(0)?, reg(1)?, 1, 0)],
        "nop" => vec![code::NOP],
        "fence" => vec![0x0FF0_000F],
        "ecall" => vec![code::ECALL],
        "ebreak" => vec![code::EBREAK],
        "mret" => vec![code::MRET],
        "wfi" => vec![code::WFI],
        ".word" => vec![num(0)?],
        _ => return None,
    })
}
