//! What an instruction is: its class, its immediate, and whether it is legal.
//!
//! In: the instruction. Out: everything else, one cycle later. The encodings are those of "The RISC-V Instruction Set
//! Manual", volumes I (RV32I, Zicsr, Zifencei) and II (machine mode).

// The derive makes public methods without documentation.
#![allow(missing_docs)]

use crate::local::Local;
use crate::register::Register;
use rust_hdl::prelude::*;

/// What an instruction is. Of the classes at most one is true, and none of an instruction that is not legal matters.
#[derive(Copy, Clone, Debug, Default, PartialEq, LogicStruct)]
pub struct Decoded {
    /// Its immediate, with its sign; for an instruction without one, anything.
    pub immediate: Bits<32>,
    /// `jal`
    pub jal: bool,
    /// `jalr`
    pub jalr: bool,
    /// A conditional branch.
    pub branch: bool,
    /// A legal load.
    pub load: bool,
    /// A legal store.
    pub store: bool,
    /// A shift.
    pub shift: bool,
    /// `ecall`
    pub ecall: bool,
    /// `ebreak`
    pub ebreak: bool,
    /// `mret`
    pub mret: bool,
    /// `wfi`
    pub wfi: bool,
    /// Reads, and perhaps writes, a control and status register that is not constant.
    pub csr_changes: bool,
    /// It is one that is kept beside the registers.
    pub csr_stored: bool,
    /// If it is one, it is `mstatus`.
    pub csr_status: bool,
    /// It is `mie`.
    pub csr_enable: bool,
    /// It is `mip`.
    pub csr_pending: bool,
    /// It is `mcycle`.
    pub csr_cycle: bool,
    /// It is `mcycleh`.
    pub csr_cycle_high: bool,
    /// It is `misa`.
    pub csr_isa: bool,
    /// The instruction writes it.
    pub csr_writes: bool,
    /// It is an instruction of this processor.
    pub legal: bool,
    /// The first operand is the instruction's address.
    pub takes_pc: bool,
    /// The first operand is the first register.
    pub takes_a: bool,
    /// The second operand is the second register.
    pub takes_b: bool,
    /// The second operand is the immediate.
    pub takes_immediate: bool,
    /// `jal` or `jalr`
    pub links: bool,
    /// The result is what `funct3` says of the operands, else their sum.
    pub computes: bool,
    /// The operands are subtracted.
    pub subtracts: bool,
    /// The operands are compared without their signs.
    pub without_sign: bool,
    /// `fence` or `fence.i`
    pub fence: bool,
    /// It is done when it is executed, and the next one follows.
    pub sequential: bool,
    /// It writes a register when it is executed, if it does not trap.
    pub writes: bool,
    /// It traps, whatever its operands: it is not legal, or it says so.
    pub traps: bool,
}

/// The decoder.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Decoder {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The instruction.
    pub instruction: Signal<In, Bits<32>>,
    /// What `misa` says of compressed instructions.
    pub compressed: Signal<In, bool>,
    /// What it is.
    pub decoded: Signal<Out, Decoded>,

    word: Local<Bits<32>>,
    opcode: Local<Bits<7>>,
    funct3: Local<Bits<3>>,
    funct7: Local<Bits<7>>,
    number: Local<Bits<12>>,
    source: Local<Bits<5>>,
    destination: Local<Bits<5>>,
    sign: Local<bool>,
    plain7: Local<bool>,
    other7: Local<bool>,
    shifts: Local<bool>,
    counters: Local<Bits<7>>,
    counter: Local<Bits<5>>,
    known: Local<bool>,
    stored: Local<bool>,
    writes_csr: Local<bool>,
    exact: Local<bool>,
    is_csr: Local<bool>,
    is_isa: Local<bool>,
    is_inhibit: Local<bool>,
    is_constant: Local<bool>,
    is_lui: Local<bool>,
    is_auipc: Local<bool>,
    is_fence: Local<bool>,
    /// Computes from two registers,
    two_registers: Local<bool>,
    /// from one and the immediate.
    one_register: Local<bool>,
    is_load: Local<bool>,
    is_store: Local<bool>,
    found: Local<Decoded>,
    held: Register<Decoded>,
}

impl Logic for Decoder {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(self, clock, held);
        self.word.next = self.instruction.val();
        self.opcode.next = self.word.val().get_bits::<7>(0);
        self.funct3.next = self.word.val().get_bits::<3>(12);
        self.funct7.next = self.word.val().get_bits::<7>(25);
        self.number.next = self.word.val().get_bits::<12>(20);
        self.source.next = self.word.val().get_bits::<5>(15);
        self.destination.next = self.word.val().get_bits::<5>(7);
        self.sign.next = self.word.val().get_bit(31);
        self.plain7.next = !self.funct7.val().any();
        self.other7.next = self.funct7.val() == bits::<7>(0x20);
        self.shifts.next = (self.funct3.val() == bits::<3>(1)) | (self.funct3.val() == bits::<3>(5));

        // Control and status registers.
        self.known.next = false;
        self.stored.next = false;
        match self.number.val().index() {
            // mstatus, misa, mie, mstatush
            768 => self.known.next = true,
            769 => self.known.next = true,
            772 => self.known.next = true,
            784 => self.known.next = true,
            // mtvec, mscratch, mepc, mcause, mtval
            773 => {
                self.known.next = true;
                self.stored.next = true;
            }
            832 => {
                self.known.next = true;
                self.stored.next = true;
            }
            833 => {
                self.known.next = true;
                self.stored.next = true;
            }
            834 => {
                self.known.next = true;
                self.stored.next = true;
            }
            835 => {
                self.known.next = true;
                self.stored.next = true;
            }
            // mip
            836 => self.known.next = true,
            // tselect, tdata1
            1952 => self.known.next = true,
            1953 => self.known.next = true,
            // mcountinhibit, mcycle, mcycleh
            800 => self.known.next = true,
            2816 => self.known.next = true,
            2944 => self.known.next = true,
            // minstret, minstreth
            2818 => {
                self.known.next = true;
                self.stored.next = true;
            }
            2946 => {
                self.known.next = true;
                self.stored.next = true;
            }
            // mvendorid, marchid, mimpid, mhartid, mconfigptr
            3857 => self.known.next = true,
            3858 => self.known.next = true,
            3859 => self.known.next = true,
            3860 => self.known.next = true,
            3861 => self.known.next = true,
            _ => {}
        }
        // From the third on: mhpmevent, mhpmcounter, mhpmcounterh.
        self.counters.next = self.number.val().get_bits::<7>(5);
        self.counter.next = self.number.val().get_bits::<5>(0);
        if (self.counter.val() >= bits::<5>(3))
            & ((self.counters.val() == bits::<7>(0x19))
                | (self.counters.val() == bits::<7>(0x58))
                | (self.counters.val() == bits::<7>(0x5C)))
        {
            self.known.next = true;
        }
        self.is_csr.next = false;
        self.found.next.csr_status = self.number.val() == bits::<12>(768);
        self.found.next.csr_enable = self.number.val() == bits::<12>(772);
        self.found.next.csr_pending = self.number.val() == bits::<12>(836);
        self.found.next.csr_cycle = self.number.val() == bits::<12>(2816);
        self.found.next.csr_cycle_high = self.number.val() == bits::<12>(2944);
        self.is_isa.next = self.number.val() == bits::<12>(769);
        self.is_inhibit.next = self.number.val() == bits::<12>(800);
        self.writes_csr.next = (self.funct3.val() == bits::<3>(1))
            | (self.funct3.val() == bits::<3>(5))
            | self.source.val().any();
        self.exact.next = !self.source.val().any() & !self.funct3.val().any() & !self.destination.val().any();

        self.is_lui.next = false;
        self.is_auipc.next = false;
        self.found.next.jal = false;
        self.found.next.jalr = false;
        self.found.next.branch = false;
        self.is_load.next = false;
        self.is_store.next = false;
        self.two_registers.next = false;
        self.one_register.next = false;
        self.found.next.shift = false;
        self.is_fence.next = false;
        self.found.next.ecall = false;
        self.found.next.ebreak = false;
        self.found.next.mret = false;
        self.found.next.wfi = false;
        self.found.next.legal = false;
        // I: loads, jalr, and what computes with an immediate.
        self.found.next.immediate = self.word.val() >> 20;
        if self.sign.val() {
            self.found.next.immediate = (self.word.val() >> 20) | bits::<32>(0xFFFF_F000_u64);
        }
        match self.opcode.val().index() {
            // load: 000_0011
            3 => {
                self.is_load.next = true;
                self.found.next.legal = !(self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0))
                    & !(self.funct3.val().get_bit(2) & self.funct3.val().get_bit(1));
            }
            // fence, fence.i: 000_1111
            15 => {
                self.is_fence.next = true;
                self.found.next.legal = !self.funct3.val().get_bit(2) & !self.funct3.val().get_bit(1);
            }
            // immediate: 001_0011
            19 => {
                self.one_register.next = true;
                self.found.next.shift = self.shifts.val();
                self.found.next.legal = !self.shifts.val()
                    | self.plain7.val()
                    | (self.other7.val() & self.funct3.val().get_bit(2));
            }
            // auipc: 001_0111
            23 => {
                self.is_auipc.next = true;
                self.found.next.legal = true;
                self.found.next.immediate = self.word.val() & bits::<32>(0xFFFF_F000_u64);
            }
            // store: 010_0011
            35 => {
                self.is_store.next = true;
                self.found.next.legal = !self.funct3.val().get_bit(2)
                    & !(self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0));
                self.found.next.immediate = ((self.word.val() >> 20) & bits::<32>(0xFE0))
                    | ((self.word.val() >> 7) & bits::<32>(0x1F));
                if self.sign.val() {
                    self.found.next.immediate = ((self.word.val() >> 20) & bits::<32>(0xFE0))
                        | ((self.word.val() >> 7) & bits::<32>(0x1F))
                        | bits::<32>(0xFFFF_F000_u64);
                }
            }
            // register: 011_0011
            51 => {
                self.two_registers.next = true;
                self.found.next.shift = self.shifts.val();
                self.found.next.legal = self.plain7.val()
                    | (self.other7.val()
                        & ((self.funct3.val() == bits::<3>(0)) | (self.funct3.val() == bits::<3>(5))));
            }
            // lui: 011_0111
            55 => {
                self.is_lui.next = true;
                self.found.next.legal = true;
                self.found.next.immediate = self.word.val() & bits::<32>(0xFFFF_F000_u64);
            }
            // branch: 110_0011
            99 => {
                self.found.next.branch = true;
                self.found.next.legal = self.funct3.val().get_bit(2) | !self.funct3.val().get_bit(1);
                self.found.next.immediate = ((self.word.val() >> 20) & bits::<32>(0x7E0))
                    | ((self.word.val() >> 7) & bits::<32>(0x1E))
                    | ((self.word.val() << 4) & bits::<32>(0x800));
                if self.sign.val() {
                    self.found.next.immediate = ((self.word.val() >> 20) & bits::<32>(0x7E0))
                        | ((self.word.val() >> 7) & bits::<32>(0x1E))
                        | ((self.word.val() << 4) & bits::<32>(0x800))
                        | bits::<32>(0xFFFF_F000_u64);
                }
            }
            // jalr: 110_0111
            103 => {
                self.found.next.jalr = true;
                self.found.next.legal = !self.funct3.val().any();
            }
            // jal: 110_1111
            111 => {
                self.found.next.jal = true;
                self.found.next.legal = true;
                self.found.next.immediate = (self.word.val() & bits::<32>(0xF_F000))
                    | ((self.word.val() >> 20) & bits::<32>(0x7FE))
                    | ((self.word.val() >> 9) & bits::<32>(0x800));
                if self.sign.val() {
                    self.found.next.immediate = (self.word.val() & bits::<32>(0xF_F000))
                        | ((self.word.val() >> 20) & bits::<32>(0x7FE))
                        | ((self.word.val() >> 9) & bits::<32>(0x800))
                        | bits::<32>(0xFFF0_0000_u64);
                }
            }
            // system: 111_0011
            115 => {
                if self.exact.val() {
                    match self.number.val().index() {
                        0 => {
                            self.found.next.ecall = true;
                            self.found.next.legal = true;
                        }
                        1 => {
                            self.found.next.ebreak = true;
                            self.found.next.legal = true;
                        }
                        261 => {
                            self.found.next.wfi = true;
                            self.found.next.legal = true;
                        }
                        770 => {
                            self.found.next.mret = true;
                            self.found.next.legal = true;
                        }
                        _ => {}
                    }
                }
                // What is constant is an immediate: 32 bits and I; instructions are not counted.
                if self.is_isa.val() {
                    self.found.next.immediate = bits::<32>(0x4000_0100);
                    if self.compressed.val() {
                        self.found.next.immediate = bits::<32>(0x4000_0104);
                    }
                }
                if self.is_inhibit.val() {
                    self.found.next.immediate = bits::<32>(4);
                }
                if self.funct3.val().get_bit(0) | self.funct3.val().get_bit(1) {
                    self.is_csr.next = true;
                    // The registers from 0xC00 on are read-only.
                    self.found.next.legal = self.known.val()
                        & !(self.writes_csr.val()
                            & self.word.val().get_bit(31)
                            & self.word.val().get_bit(30));
                }
            }
            _ => {}
        }
        self.found.next.csr_writes = self.is_csr.val() & self.writes_csr.val();
        self.found.next.links = self.found.val().jal | self.found.val().jalr;
        self.found.next.takes_pc = self.is_auipc.val() | self.found.val().jal;
        self.found.next.takes_a = self.two_registers.val()
            | self.one_register.val()
            | self.found.val().branch
            | self.is_load.val()
            | self.is_store.val()
            | self.found.val().jalr;
        self.found.next.takes_b = self.two_registers.val() | self.found.val().branch;
        self.is_constant.next = self.is_csr.val() & (self.is_isa.val() | self.is_inhibit.val());
        self.found.next.csr_changes = self.is_csr.val() & !self.is_constant.val();
        self.found.next.takes_immediate = self.is_lui.val()
            | self.found.val().links
            | self.is_constant.val()
            | self.is_auipc.val()
            | self.one_register.val()
            | self.is_load.val()
            | self.is_store.val();
        self.found.next.computes = self.two_registers.val() | self.one_register.val();
        self.found.next.subtracts = self.found.val().branch
            | (self.two_registers.val() & self.word.val().get_bit(30))
            | (self.found.val().computes & self.funct3.val().get_bit(1) & !self.funct3.val().get_bit(2));
        self.found.next.without_sign = (self.found.val().branch & self.funct3.val().get_bit(1))
            | (!self.found.val().branch & self.funct3.val().get_bit(0));
        self.found.next.sequential = self.found.val().legal
            & (self.is_lui.val()
                | self.is_auipc.val()
                | (self.found.val().computes & !self.found.val().shift)
                | (self.is_csr.val() & !self.writes_csr.val()));
        self.found.next.writes = self.found.val().legal
            & (self.is_lui.val()
                | self.is_auipc.val()
                | self.is_csr.val()
                | (self.found.val().computes & !self.found.val().shift));
        self.found.next.fence = self.is_fence.val() & self.found.val().legal;
        self.found.next.csr_isa = self.is_csr.val() & self.is_isa.val();
        self.found.next.traps = !self.found.val().legal | self.found.val().ecall | self.found.val().ebreak;
        self.found.next.load = self.is_load.val() & self.found.val().legal;
        self.found.next.store = self.is_store.val() & self.found.val().legal;
        self.found.next.csr_stored = self.is_csr.val() & self.stored.val();
        self.held.d.next = self.found.val();
        self.decoded.next = self.held.q.val();
    }
}
