//! Instructions of RV32I from their fields.

// Not every test uses all of it.
#![allow(dead_code)]

/// Two registers in, one out.
pub fn r(funct7: u32, rs2: u32, rs1: u32, funct3: u32, rd: u32, opcode: u32) -> u32 {
    funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// A register and an immediate in, one out.
pub fn i(immediate: u32, rs1: u32, funct3: u32, rd: u32, opcode: u32) -> u32 {
    (immediate & 0xFFF) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode
}

/// A store.
pub fn s(immediate: u32, rs2: u32, rs1: u32, funct3: u32) -> u32 {
    (immediate >> 5 & 0x7F) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (immediate & 0x1F) << 7 | 0x23
}

/// A branch.
pub fn b(offset: u32, rs2: u32, rs1: u32, funct3: u32) -> u32 {
    (offset >> 12 & 1) << 31
        | (offset >> 5 & 0x3F) << 25
        | rs2 << 20
        | rs1 << 15
        | funct3 << 12
        | (offset >> 1 & 0xF) << 8
        | (offset >> 11 & 1) << 7
        | 0x63
}

/// `jal`
pub fn j(offset: u32, rd: u32) -> u32 {
    (offset >> 20 & 1) << 31
        | (offset >> 1 & 0x3FF) << 21
        | (offset >> 11 & 1) << 20
        | (offset >> 12 & 0xFF) << 12
        | rd << 7
        | 0x6F
}

/// `lui` or `auipc`: the upper 20 bits of a value.
pub fn u(value: u32, rd: u32, opcode: u32) -> u32 {
    value & 0xFFFF_F000 | rd << 7 | opcode
}

/// `addi`
pub fn addi(rd: u32, rs1: u32, immediate: u32) -> u32 {
    i(immediate, rs1, 0, rd, 0x13)
}

/// What reads and writes a control and status register.
pub fn csr(number: u32, source: u32, funct3: u32, rd: u32) -> u32 {
    i(number, source, funct3, rd, 0x73)
}

/// `nop`
pub const NOP: u32 = 0x13;
/// `ecall`
pub const ECALL: u32 = 0x73;
/// `ebreak`
pub const EBREAK: u32 = 0x0010_0073;
/// `mret`
pub const MRET: u32 = 0x3020_0073;
/// `wfi`
pub const WFI: u32 = 0x1050_0073;
