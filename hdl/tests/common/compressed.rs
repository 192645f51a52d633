//! What compressed instructions stand for, by the tables of "The RISC-V Instruction Set Manual", volume I, chapter "C".
//!
//! The tables here were checked by hand once, against LLVM 22: it disassembled all 49,152 halves that do not end with `11`
//! (`-triple=riscv32 -mattr=+c`, without aliases); each `c.` instruction was rewritten as the one that the manual says it stands
//! for, and that was assembled by LLVM without the extension. All are the same, and what LLVM does not know is nothing here.
//! No crate could be the reference: `raki` 1.3.2, `riscv-isa` 0.3.1 and `rv-asm` 0.2.1 are each wrong about some instruction.

use super::code::{addi, b, i, j, r, s, u, EBREAK};

/// The fields of a compressed instruction; those that it does not have are 0.
#[derive(Default)]
struct Fields {
    rd: u32,
    rs1: u32,
    rs2: u32,
    /// Its immediate, with its sign, if it has one.
    imm: u32,
}

/// The instruction that one with such fields stands for.
type Meaning = fn(&Fields) -> u32;

/// Compressed instructions as the manual's tables have them, and what they stand for. A field in quotes (`rd'`) has 3 bits, an
/// immediate names its bits; where rules about a field set instructions apart, `rd≠2` says so; an immediate that begins with
/// `nz` is not 0. In RV32 bit 5 of a shift's amount is 0. What the manual calls hints is what the rules make of it.
const TABLE: [(&str, Meaning); 26] = [
    // Quadrant 0: c.addi4spn, c.lw, c.sw
    ("000 nzuimm[5:4|9:6|2|3] rd' 00", |f| addi(f.rd, 2, f.imm)),
    ("010 uimm[5:3] rs1' uimm[2|6] rd' 00", |f| i(f.imm, f.rs1, 2, f.rd, 0x03)),
    ("110 uimm[5:3] rs1' uimm[2|6] rs2' 00", |f| s(f.imm, f.rs2, f.rs1, 2)),
    // Quadrant 1: c.addi and c.nop, c.jal, c.li, c.addi16sp, c.lui
    ("000 imm[5] rd imm[4:0] 01", |f| addi(f.rd, f.rd, f.imm)),
    ("001 imm[11|4|9:8|10|6|7|3:1|5] 01", |f| j(f.imm, 1)),
    ("010 imm[5] rd imm[4:0] 01", |f| addi(f.rd, 0, f.imm)),
    ("011 nzimm[9] 00010 nzimm[4|6|8:7|5] 01", |f| addi(2, 2, f.imm)),
    ("011 nzimm[17] rd≠2 nzimm[16:12] 01", |f| u(f.imm, f.rd, 0x37)),
    // c.srli, c.srai, c.andi, c.sub, c.xor, c.or, c.and
    ("100 0 00 rd' uimm[4:0] 01", |f| i(f.imm, f.rd, 5, f.rd, 0x13)),
    ("100 0 01 rd' uimm[4:0] 01", |f| i(f.imm | 0x400, f.rd, 5, f.rd, 0x13)),
    ("100 imm[5] 10 rd' imm[4:0] 01", |f| i(f.imm, f.rd, 7, f.rd, 0x13)),
    ("100 0 11 rd' 00 rs2' 01", |f| r(0x20, f.rs2, f.rd, 0, f.rd, 0x33)),
    ("100 0 11 rd' 01 rs2' 01", |f| r(0, f.rs2, f.rd, 4, f.rd, 0x33)),
    ("100 0 11 rd' 10 rs2' 01", |f| r(0, f.rs2, f.rd, 6, f.rd, 0x33)),
    ("100 0 11 rd' 11 rs2' 01", |f| r(0, f.rs2, f.rd, 7, f.rd, 0x33)),
    // c.j, c.beqz, c.bnez
    ("101 imm[11|4|9:8|10|6|7|3:1|5] 01", |f| j(f.imm, 0)),
    ("110 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", |f| b(f.imm, 0, f.rs1, 0)),
    ("111 imm[8|4:3] rs1' imm[7:6|2:1|5] 01", |f| b(f.imm, 0, f.rs1, 1)),
    // Quadrant 2: c.slli, c.lwsp, c.jr, c.mv, c.ebreak, c.jalr, c.add, c.swsp
    ("000 0 rd uimm[4:0] 10", |f| i(f.imm, f.rd, 1, f.rd, 0x13)),
    ("010 uimm[5] rd≠0 uimm[4:2|7:6] 10", |f| i(f.imm, 2, 2, f.rd, 0x03)),
    ("100 0 rs1≠0 00000 10", |f| i(0, f.rs1, 0, 0, 0x67)),
    ("100 0 rd rs2≠0 10", |f| r(0, f.rs2, 0, 0, f.rd, 0x33)),
    ("100 1 00000 00000 10", |_| EBREAK),
    ("100 1 rs1≠0 00000 10", |f| i(0, f.rs1, 0, 1, 0x67)),
    ("100 1 rd rs2≠0 10", |f| r(0, f.rs2, f.rd, 0, f.rd, 0x33)),
    ("110 uimm[5:2|7:6] rs2 10", |f| s(f.imm, f.rs2, 2, 2)),
];

/// The fields of a compressed instruction, if it is the one of this row.
fn fields(row: &str, half: u16) -> Option<Fields> {
    let mut fields = Fields::default();
    let mut left = 16;
    let mut take = |bits: u32| {
        left -= bits;
        u32::from(half) >> left & ((1 << bits) - 1)
    };
    // Where the immediate's sign is, and whether it may be 0.
    let (mut sign, mut not_zero) = (31, false);
    for part in row.split(' ') {
        if let Ok(fixed) = u32::from_str_radix(part, 2) {
            if take(part.len() as u32) != fixed {
                return None;
            }
        } else if let Some((name, pieces)) = part.strip_suffix(']').and_then(|part| part.split_once('[')) {
            let number = |text: &str| text.parse::<u32>().expect("a bit's number");
            for piece in pieces.split('|') {
                let (high, low) = piece.split_once(':').unwrap_or((piece, piece));
                for bit in (number(low)..=number(high)).rev() {
                    fields.imm |= take(1) << bit;
                }
            }
            // What has a sign has it in front.
            if name.ends_with("imm") && !name.ends_with("uimm") && sign == 31 {
                sign = number(pieces.split(['|', ':']).next().expect("a piece"));
            }
            not_zero = name.starts_with("nz");
        } else {
            let (name, other_than) = part.split_once('≠').unwrap_or((part, ""));
            let (name, value) = match name.strip_suffix('\'') {
                Some(name) => (name, take(3) + 8),
                None => (name, take(5)),
            };
            if value.to_string() == other_than {
                return None;
            }
            match name {
                "rd" => fields.rd = value,
                "rs1" => fields.rs1 = value,
                "rs2" => fields.rs2 = value,
                _ => panic!("{part}: no field"),
            }
        }
    }
    assert_eq!(left, 0, "{row}: so many bits are missing");
    if not_zero && fields.imm == 0 {
        return None;
    }
    fields.imm = (((fields.imm << (31 - sign)) as i32) >> (31 - sign)) as u32;
    Some(fields)
}

/// What a compressed instruction stands for; itself, if it is none.
pub fn expanded(half: u16) -> u32 {
    let mut words = TABLE.iter().filter_map(|(row, word)| fields(row, half).map(|fields| word(&fields)));
    let word = words.next();
    assert_eq!(words.next(), None, "{half:04x} is two instructions");
    word.unwrap_or(u32::from(half))
}
