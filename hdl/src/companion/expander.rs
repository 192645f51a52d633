//! Compressed instructions: what they stand for.
//!
//! In: the 16 bits where an instruction begins. Out, in the same cycle: whether they are all of it, and the instruction
//! of RV32I that they stand for. The encodings are those of "The RISC-V Instruction Set Manual", volume I, chapter "C",
//! without what needs floating point or 64 bits. Hints are the instructions of which they are special cases, and do
//! nothing.
//!
//! First each instruction, or a few that are alike, gets a signal of its own; then each of these adds its parts to a
//! word of zeros. Nested cases that each give a whole word took 30 logic cells more.
//!
//! Measured by hand on an iCE40-HX8K with `-abc9 -dff`, its ports registered (not counted), the slowest of five seeds:
//! 140 logic cells, 9 ns from register to register. The longest way is through 6 of them.

use crate::local::Local;
use rust_hdl::prelude::*;

/// The expander. See the [module](self).
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Expander {
    /// The lower half of an instruction, or all of a compressed one.
    pub half: Signal<In, Bits<16>>,
    /// It is a compressed one.
    pub is_short: Signal<Out, bool>,
    /// What a compressed one stands for; if that is nothing, the half itself below zeros, which is no legal instruction
    /// either. Of one that is not compressed, anything.
    pub word: Signal<Out, Bits<32>>,

    quadrant: Local<Bits<2>>,
    // The three quadrants; what is in none of them does not matter, so that 1 and 2 are a bit each.
    in_0: Local<bool>,
    in_1: Local<bool>,
    in_2: Local<bool>,
    funct3: Local<Bits<3>>,
    /// Two more bits that tell instructions apart, and two more.
    group: Local<Bits<2>>,
    operation: Local<Bits<2>>,
    bit12: Local<bool>,
    /// The fields for registers, of 5 bits, or what is there instead, are not 0; the first one is 2.
    has_first: Local<bool>,
    has_second: Local<bool>,
    first_is_sp: Local<bool>,
    /// The half, to be shifted up, and everywhere its bit 12: the sign of what has one.
    wide: Local<Bits<32>>,
    sign: Local<Bits<32>>,

    // The instructions, without `c.`, and none that is reserved.
    addi4spn: Local<bool>,
    lw: Local<bool>,
    sw: Local<bool>,
    addi: Local<bool>,
    li: Local<bool>,
    /// lui, addi16sp; each of them
    upper: Local<bool>,
    lui: Local<bool>,
    addi16sp: Local<bool>,
    /// jal, j
    jump: Local<bool>,
    /// beqz, bnez
    branch: Local<bool>,
    /// srli, srai, andi, sub, xor, or, and; srli, srai; andi; the others
    compute: Local<bool>,
    shift: Local<bool>,
    andi: Local<bool>,
    two_registers: Local<bool>,
    slli: Local<bool>,
    lwsp: Local<bool>,
    swsp: Local<bool>,
    /// jr, jalr, mv, add, ebreak, and what is reserved there; mv, add; jr, jalr; ebreak
    miscellaneous: Local<bool>,
    add: Local<bool>,
    jump_register: Local<bool>,
    ebreak: Local<bool>,
    /// Any of them.
    legal: Local<bool>,
    expanded: Local<Bits<32>>,
}

impl Logic for Expander {
    #[hdl_gen]
    fn update(&mut self) {
        self.quadrant.next = self.half.val().get_bits::<2>(0);
        self.is_short.next = self.quadrant.val() != bits::<2>(3);
        self.in_0.next = !self.quadrant.val().any();
        self.in_1.next = self.quadrant.val().get_bit(0);
        self.in_2.next = self.quadrant.val().get_bit(1);
        self.funct3.next = self.half.val().get_bits::<3>(13);
        self.group.next = self.half.val().get_bits::<2>(10);
        self.operation.next = self.half.val().get_bits::<2>(5);
        self.bit12.next = self.half.val().get_bit(12);
        self.has_first.next = (self.half.val() & bits::<16>(0xF80)).any();
        self.has_second.next = (self.half.val() & bits::<16>(0x7C)).any();
        self.first_is_sp.next = (self.half.val() & bits::<16>(0xF80)) == bits::<16>(0x100);
        self.wide.next = bit_cast::<32, 16>(self.half.val());
        self.sign.next = bits::<32>(0);
        if self.bit12.val() {
            self.sign.next = bits::<32>(0xFFFF_FFFF_u64);
        }

        // ---- Which instruction ----
        self.addi4spn.next = self.in_0.val()
            & (self.funct3.val() == bits::<3>(0))
            & (self.half.val() & bits::<16>(0x1FE0)).any();
        self.lw.next = self.in_0.val() & (self.funct3.val() == bits::<3>(2));
        self.sw.next = self.in_0.val() & (self.funct3.val() == bits::<3>(6));

        self.addi.next = self.in_1.val() & (self.funct3.val() == bits::<3>(0));
        self.li.next = self.in_1.val() & (self.funct3.val() == bits::<3>(2));
        self.upper.next = self.in_1.val()
            & (self.funct3.val() == bits::<3>(3))
            & (self.bit12.val() | self.has_second.val());
        self.lui.next = self.upper.val() & !self.first_is_sp.val();
        self.addi16sp.next = self.upper.val() & self.first_is_sp.val();
        self.jump.next = self.in_1.val() & !self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0);
        self.branch.next = self.in_1.val() & self.funct3.val().get_bit(2) & self.funct3.val().get_bit(1);
        self.compute.next = self.in_1.val()
            & (self.funct3.val() == bits::<3>(4))
            & (!self.bit12.val() | (self.group.val() == bits::<2>(2)));
        self.shift.next = self.compute.val() & !self.group.val().get_bit(1);
        self.andi.next = self.compute.val() & (self.group.val() == bits::<2>(2));
        self.two_registers.next = self.compute.val() & (self.group.val() == bits::<2>(3));

        self.slli.next = self.in_2.val() & (self.funct3.val() == bits::<3>(0)) & !self.bit12.val();
        self.lwsp.next = self.in_2.val() & (self.funct3.val() == bits::<3>(2)) & self.has_first.val();
        self.swsp.next = self.in_2.val() & (self.funct3.val() == bits::<3>(6));
        self.miscellaneous.next = self.in_2.val() & (self.funct3.val() == bits::<3>(4));
        self.add.next = self.miscellaneous.val() & self.has_second.val();
        self.jump_register.next = self.miscellaneous.val() & !self.has_second.val() & self.has_first.val();
        self.ebreak.next =
            self.miscellaneous.val() & !self.has_second.val() & !self.has_first.val() & self.bit12.val();

        // ---- Immediates ----
        self.expanded.next = bits::<32>(0);
        // nzuimm[5:4|9:6|2|3]
        if self.addi4spn.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 19) & bits::<32>(0x3C00_0000))
                | ((self.wide.val() << 13) & bits::<32>(0x0300_0000))
                | ((self.wide.val() << 16) & bits::<32>(0x0040_0000))
                | ((self.wide.val() << 18) & bits::<32>(0x0080_0000));
        }
        // uimm[5:3], uimm[2|6]: bits 5 and 6 of both, then the others.
        if self.lw.val() | self.sw.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 13) & bits::<32>(0x0200_0000))
                | ((self.wide.val() << 21) & bits::<32>(0x0400_0000));
        }
        if self.lw.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 13) & bits::<32>(0x0180_0000))
                | ((self.wide.val() << 16) & bits::<32>(0x0040_0000));
        }
        if self.sw.val() {
            self.expanded.next = self.expanded.val()
                | (self.wide.val() & bits::<32>(0xC00))
                | ((self.wide.val() << 3) & bits::<32>(0x200));
        }
        // imm[5], of lui nzimm[17]; imm[4:0] is with the registers.
        if self.addi.val() | self.li.val() | self.andi.val() | self.lui.val() {
            self.expanded.next = self.expanded.val() | (self.sign.val() & bits::<32>(0xFE00_0000_u64));
        }
        // nzimm[17], nzimm[16:12]
        if self.lui.val() {
            self.expanded.next = self.expanded.val()
                | (self.sign.val() & bits::<32>(0x01FE_0000))
                | ((self.wide.val() << 10) & bits::<32>(0x0001_F000));
        }
        // nzimm[9], nzimm[4|6|8:7|5]
        if self.addi16sp.val() {
            self.expanded.next = self.expanded.val()
                | (self.sign.val() & bits::<32>(0xE000_0000_u64))
                | ((self.wide.val() << 18) & bits::<32>(0x0100_0000))
                | ((self.wide.val() << 21) & bits::<32>(0x0400_0000))
                | ((self.wide.val() << 24) & bits::<32>(0x1800_0000))
                | ((self.wide.val() << 23) & bits::<32>(0x0200_0000));
        }
        // imm[11|4|9:8|10|6|7|3:1|5]
        if self.jump.val() {
            self.expanded.next = self.expanded.val()
                | (self.sign.val() & bits::<32>(0x801F_F000_u64))
                | ((self.wide.val() << 13) & bits::<32>(0x0100_0000))
                | ((self.wide.val() << 19) & bits::<32>(0x3400_0000))
                | ((self.wide.val() << 22) & bits::<32>(0x4000_0000))
                | ((self.wide.val() << 21) & bits::<32>(0x0800_0000))
                | ((self.wide.val() << 18) & bits::<32>(0x00E0_0000))
                | ((self.wide.val() << 23) & bits::<32>(0x0200_0000));
        }
        // imm[8|4:3], imm[7:6|2:1|5]
        if self.branch.val() {
            self.expanded.next = self.expanded.val()
                | (self.sign.val() & bits::<32>(0xF000_0080_u64))
                | (self.wide.val() & bits::<32>(0xC00))
                | ((self.wide.val() << 21) & bits::<32>(0x0C00_0000))
                | ((self.wide.val() << 5) & bits::<32>(0x300))
                | ((self.wide.val() << 23) & bits::<32>(0x0200_0000));
        }
        // uimm[5], uimm[4:2|7:6]
        if self.lwsp.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 13) & bits::<32>(0x0200_0000))
                | ((self.wide.val() << 18) & bits::<32>(0x01C0_0000))
                | ((self.wide.val() << 24) & bits::<32>(0x0C00_0000));
        }
        // uimm[5:2|7:6]
        if self.swsp.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 13) & bits::<32>(0x0200_0000))
                | (self.wide.val() & bits::<32>(0xE00))
                | ((self.wide.val() << 19) & bits::<32>(0x0C00_0000));
        }

        // ---- Registers; those in 3 bits are 8 to 15 ----
        // rs2, or imm[4:0]
        if self.addi.val()
            | self.li.val()
            | self.shift.val()
            | self.andi.val()
            | self.slli.val()
            | self.swsp.val()
            | self.miscellaneous.val()
        {
            self.expanded.next = self.expanded.val() | ((self.wide.val() << 18) & bits::<32>(0x01F0_0000));
        }
        if self.sw.val() | self.two_registers.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 18) & bits::<32>(0x0070_0000))
                | bits::<32>(0x0080_0000);
        }
        // rs1
        if self.addi.val()
            | self.addi16sp.val()
            | self.slli.val()
            | (self.miscellaneous.val() & (self.bit12.val() | !self.has_second.val()))
        {
            self.expanded.next = self.expanded.val() | ((self.wide.val() << 8) & bits::<32>(0xF_8000));
        }
        if self.lw.val() | self.sw.val() | self.branch.val() | self.compute.val() {
            self.expanded.next =
                self.expanded.val() | ((self.wide.val() << 8) & bits::<32>(0x3_8000)) | bits::<32>(0x4_0000);
        }
        if self.addi4spn.val() | self.lwsp.val() | self.swsp.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x1_0000);
        }
        // rd
        if self.addi.val()
            | self.li.val()
            | self.upper.val()
            | self.slli.val()
            | self.lwsp.val()
            | self.add.val()
        {
            self.expanded.next = self.expanded.val() | (self.wide.val() & bits::<32>(0xF80));
        }
        if self.compute.val() {
            self.expanded.next =
                self.expanded.val() | (self.wide.val() & bits::<32>(0x380)) | bits::<32>(0x400);
        }
        if self.addi4spn.val() | self.lw.val() {
            self.expanded.next =
                self.expanded.val() | ((self.wide.val() << 5) & bits::<32>(0x380)) | bits::<32>(0x400);
        }
        if (self.jump.val() & !self.funct3.val().get_bit(2)) | (self.jump_register.val() & self.bit12.val()) {
            self.expanded.next = self.expanded.val() | bits::<32>(0x80);
        }

        // ---- Opcode, funct3 and funct7 ----
        if self.addi4spn.val() | self.addi.val() | self.li.val() | self.addi16sp.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x13);
        }
        if self.lw.val() | self.lwsp.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x2003);
        }
        if self.sw.val() | self.swsp.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x2023);
        }
        if self.lui.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x37);
        }
        if self.jump.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x6F);
        }
        if self.branch.val() {
            self.expanded.next =
                self.expanded.val() | ((self.wide.val() >> 1) & bits::<32>(0x1000)) | bits::<32>(0x63);
        }
        if self.shift.val() {
            self.expanded.next = self.expanded.val()
                | ((self.wide.val() << 20) & bits::<32>(0x4000_0000))
                | bits::<32>(0x5013);
        }
        if self.andi.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x7013);
        }
        if self.two_registers.val() {
            match self.operation.val().index() {
                0 => self.expanded.next = self.expanded.val() | bits::<32>(0x4000_0033),
                1 => self.expanded.next = self.expanded.val() | bits::<32>(0x4033),
                2 => self.expanded.next = self.expanded.val() | bits::<32>(0x6033),
                _ => self.expanded.next = self.expanded.val() | bits::<32>(0x7033),
            }
        }
        if self.slli.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x1013);
        }
        if self.add.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x33);
        }
        if self.jump_register.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x67);
        }
        if self.ebreak.val() {
            self.expanded.next = self.expanded.val() | bits::<32>(0x10_0073);
        }
        // ---- What is none of them stays as it is ----
        self.legal.next = self.addi4spn.val()
            | self.lw.val()
            | self.sw.val()
            | self.addi.val()
            | self.li.val()
            | self.upper.val()
            | self.jump.val()
            | self.branch.val()
            | self.compute.val()
            | self.slli.val()
            | self.lwsp.val()
            | self.swsp.val()
            | self.add.val()
            | self.jump_register.val()
            | self.ebreak.val();
        self.word.next = self.wide.val();
        if self.legal.val() {
            self.word.next = self.expanded.val();
        }
    }
}
