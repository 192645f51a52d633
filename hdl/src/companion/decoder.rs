//! What an instruction is: its class, its immediate, and whether it is legal.
//!
//! In: the instruction. Out: everything else, one cycle later. The encodings are those of "The RISC-V Instruction Set
//! Manual", volumes I (RV32I, Zicsr, Zifencei) and II (machine mode).

use crate::local::Local;
use crate::register::Register;
use rust_hdl::prelude::*;

/// The decoder. Of the classes at most one is true, and none of an instruction that is not legal matters.
#[derive(Clone, Debug, Default, LogicBlock)]
pub struct Decoder {
    /// Everything happens at its rising edge.
    pub clock: Signal<In, Clock>,
    /// The instruction.
    pub instruction: Signal<In, Bits<32>>,
    /// Its immediate, with its sign; for an instruction without one, anything.
    pub immediate: Signal<Out, Bits<32>>,
    /// `lui`
    pub lui: Signal<Out, bool>,
    /// `auipc`
    pub auipc: Signal<Out, bool>,
    /// `jal`
    pub jal: Signal<Out, bool>,
    /// `jalr`
    pub jalr: Signal<Out, bool>,
    /// A conditional branch.
    pub branch: Signal<Out, bool>,
    /// A legal load.
    pub load: Signal<Out, bool>,
    /// A legal store.
    pub store: Signal<Out, bool>,
    /// Computes from two registers.
    pub register: Signal<Out, bool>,
    /// Computes from a register and the immediate.
    pub with_immediate: Signal<Out, bool>,
    /// One of the two is a shift.
    pub shift: Signal<Out, bool>,
    /// `fence`, `fence.i`: nothing to do.
    pub fence: Signal<Out, bool>,
    /// `ecall`
    pub ecall: Signal<Out, bool>,
    /// `ebreak`
    pub ebreak: Signal<Out, bool>,
    /// `mret`
    pub mret: Signal<Out, bool>,
    /// `wfi`
    pub wfi: Signal<Out, bool>,
    /// Reads, and perhaps writes, a control and status register.
    pub csr: Signal<Out, bool>,
    /// It is one that is kept beside the registers.
    pub csr_stored: Signal<Out, bool>,
    /// It is `mstatus`.
    pub csr_status: Signal<Out, bool>,
    /// It is `mie`.
    pub csr_enable: Signal<Out, bool>,
    /// It is `mip`.
    pub csr_pending: Signal<Out, bool>,
    /// It is `mcycle`.
    pub csr_cycle: Signal<Out, bool>,
    /// It is `mcycleh`.
    pub csr_cycle_high: Signal<Out, bool>,
    /// The instruction writes it.
    pub csr_writes: Signal<Out, bool>,
    /// It is an instruction of this processor.
    pub legal: Signal<Out, bool>,
    /// The first operand is the instruction's address.
    pub takes_pc: Signal<Out, bool>,
    /// The first operand is the first register.
    pub takes_a: Signal<Out, bool>,
    /// The second operand is the second register.
    pub takes_b: Signal<Out, bool>,
    /// The second operand is the immediate.
    pub takes_immediate: Signal<Out, bool>,
    /// The second operand is 4: the result is the address of the next instruction.
    pub links: Signal<Out, bool>,
    /// The result is what `funct3` says of the operands, else their sum.
    pub computes: Signal<Out, bool>,
    /// The operands are subtracted.
    pub subtracts: Signal<Out, bool>,
    /// The operands are compared without their signs.
    pub without_sign: Signal<Out, bool>,
    /// It is done when it is executed, and the next one follows.
    pub sequential: Signal<Out, bool>,
    /// It writes a register when it is executed, if it does not trap.
    pub writes: Signal<Out, bool>,
    /// It traps, whatever its operands: it is not legal, or it says so.
    pub traps: Signal<Out, bool>,

    word: Local<Bits<32>>,
    opcode: Local<Bits<7>>,
    funct3: Local<Bits<3>>,
    function7: Local<Bits<7>>,
    number: Local<Bits<12>>,
    source: Local<Bits<5>>,
    destination: Local<Bits<5>>,
    sign: Local<bool>,
    plain7: Local<bool>,
    other7: Local<bool>,
    shifts: Local<bool>,
    known: Local<bool>,
    exact: Local<bool>,
    value: Local<Bits<32>>,
    value_held: Register<Bits<32>>,
    is_lui: Local<bool>,
    lui_held: Register<bool>,
    is_auipc: Local<bool>,
    auipc_held: Register<bool>,
    is_jal: Local<bool>,
    jal_held: Register<bool>,
    is_jalr: Local<bool>,
    jalr_held: Register<bool>,
    is_branch: Local<bool>,
    branch_held: Register<bool>,
    is_load: Local<bool>,
    load_held: Register<bool>,
    is_store: Local<bool>,
    store_held: Register<bool>,
    is_register: Local<bool>,
    register_held: Register<bool>,
    is_with_immediate: Local<bool>,
    with_immediate_held: Register<bool>,
    is_shift: Local<bool>,
    shift_held: Register<bool>,
    is_fence: Local<bool>,
    fence_held: Register<bool>,
    is_ecall: Local<bool>,
    ecall_held: Register<bool>,
    is_ebreak: Local<bool>,
    ebreak_held: Register<bool>,
    is_mret: Local<bool>,
    mret_held: Register<bool>,
    is_wfi: Local<bool>,
    wfi_held: Register<bool>,
    is_csr: Local<bool>,
    csr_held: Register<bool>,
    is_csr_stored: Local<bool>,
    csr_stored_held: Register<bool>,
    is_csr_status: Local<bool>,
    csr_status_held: Register<bool>,
    is_csr_enable: Local<bool>,
    csr_enable_held: Register<bool>,
    is_csr_pending: Local<bool>,
    csr_pending_held: Register<bool>,
    is_csr_cycle: Local<bool>,
    csr_cycle_held: Register<bool>,
    is_csr_cycle_high: Local<bool>,
    csr_cycle_high_held: Register<bool>,
    is_csr_writes: Local<bool>,
    csr_writes_held: Register<bool>,
    is_legal: Local<bool>,
    legal_held: Register<bool>,
    allowed: Local<bool>,
    csr_is_written: Local<bool>,
    is_takes_pc: Local<bool>,
    takes_pc_held: Register<bool>,
    is_takes_a: Local<bool>,
    takes_a_held: Register<bool>,
    is_takes_b: Local<bool>,
    takes_b_held: Register<bool>,
    is_takes_immediate: Local<bool>,
    takes_immediate_held: Register<bool>,
    is_links: Local<bool>,
    links_held: Register<bool>,
    is_computes: Local<bool>,
    computes_held: Register<bool>,
    is_subtracts: Local<bool>,
    subtracts_held: Register<bool>,
    is_without_sign: Local<bool>,
    without_sign_held: Register<bool>,
    is_sequential: Local<bool>,
    sequential_held: Register<bool>,
    is_writes: Local<bool>,
    writes_held: Register<bool>,
    is_traps: Local<bool>,
    traps_held: Register<bool>,
}

impl Logic for Decoder {
    #[hdl_gen]
    fn update(&mut self) {
        clock!(
            self,
            clock,
            lui_held,
            auipc_held,
            jal_held,
            jalr_held,
            branch_held,
            load_held,
            store_held,
            register_held,
            with_immediate_held,
            shift_held,
            fence_held,
            ecall_held,
            ebreak_held,
            mret_held,
            wfi_held,
            csr_held,
            csr_stored_held,
            csr_status_held,
            csr_enable_held,
            csr_pending_held,
            csr_cycle_held,
            csr_cycle_high_held,
            csr_writes_held,
            legal_held,
            value_held,
            takes_pc_held,
            takes_a_held,
            takes_b_held,
            takes_immediate_held,
            links_held,
            computes_held,
            subtracts_held,
            without_sign_held,
            sequential_held,
            writes_held,
            traps_held
        );
        self.word.next = self.instruction.val();
        self.opcode.next = self.word.val().get_bits::<7>(0);
        self.funct3.next = self.word.val().get_bits::<3>(12);
        self.function7.next = self.word.val().get_bits::<7>(25);
        self.number.next = self.word.val().get_bits::<12>(20);
        self.source.next = self.word.val().get_bits::<5>(15);
        self.destination.next = self.word.val().get_bits::<5>(7);
        self.sign.next = self.word.val().get_bit(31);
        self.plain7.next = !self.function7.val().any();
        self.other7.next = self.function7.val() == bits::<7>(0x20);
        self.shifts.next = (self.funct3.val() == bits::<3>(1)) | (self.funct3.val() == bits::<3>(5));

        // Control and status registers.
        self.known.next = false;
        self.is_csr_stored.next = false;
        match self.number.val().index() {
            // mstatus, misa, mie, mstatush
            768 => self.known.next = true,
            769 => self.known.next = true,
            772 => self.known.next = true,
            784 => self.known.next = true,
            // mtvec, mscratch, mepc, mcause, mtval
            773 => {
                self.known.next = true;
                self.is_csr_stored.next = true;
            }
            832 => {
                self.known.next = true;
                self.is_csr_stored.next = true;
            }
            833 => {
                self.known.next = true;
                self.is_csr_stored.next = true;
            }
            834 => {
                self.known.next = true;
                self.is_csr_stored.next = true;
            }
            835 => {
                self.known.next = true;
                self.is_csr_stored.next = true;
            }
            // mip
            836 => self.known.next = true,
            // mcycle, mcycleh
            2816 => self.known.next = true,
            2944 => self.known.next = true,
            // mvendorid, marchid, mimpid, mhartid
            3857 => self.known.next = true,
            3858 => self.known.next = true,
            3859 => self.known.next = true,
            3860 => self.known.next = true,
            _ => {}
        }
        self.is_csr.next = false;
        self.is_csr_status.next = self.number.val() == bits::<12>(768);
        self.is_csr_enable.next = self.number.val() == bits::<12>(772);
        self.is_csr_pending.next = self.number.val() == bits::<12>(836);
        self.is_csr_cycle.next = self.number.val() == bits::<12>(2816);
        self.is_csr_cycle_high.next = self.number.val() == bits::<12>(2944);
        self.is_csr_writes.next = (self.funct3.val() == bits::<3>(1))
            | (self.funct3.val() == bits::<3>(5))
            | self.source.val().any();
        self.exact.next = !self.source.val().any() & !self.funct3.val().any() & !self.destination.val().any();

        self.is_lui.next = false;
        self.is_auipc.next = false;
        self.is_jal.next = false;
        self.is_jalr.next = false;
        self.is_branch.next = false;
        self.is_load.next = false;
        self.is_store.next = false;
        self.is_register.next = false;
        self.is_with_immediate.next = false;
        self.is_shift.next = false;
        self.is_fence.next = false;
        self.is_ecall.next = false;
        self.is_ebreak.next = false;
        self.is_mret.next = false;
        self.is_wfi.next = false;
        self.is_legal.next = false;
        // I: loads, jalr, and what computes with an immediate.
        self.value.next = self.word.val() >> 20;
        if self.sign.val() {
            self.value.next = (self.word.val() >> 20) | bits::<32>(0xFFFF_F000_u64);
        }
        match self.opcode.val().index() {
            // load: 000_0011
            3 => {
                self.is_load.next = true;
                self.is_legal.next = !(self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0))
                    & !(self.funct3.val().get_bit(2) & self.funct3.val().get_bit(1));
            }
            // fence, fence.i: 000_1111
            15 => {
                self.is_fence.next = true;
                self.is_legal.next = !self.funct3.val().get_bit(2) & !self.funct3.val().get_bit(1);
            }
            // immediate: 001_0011
            19 => {
                self.is_with_immediate.next = true;
                self.is_shift.next = self.shifts.val();
                self.is_legal.next = !self.shifts.val()
                    | self.plain7.val()
                    | (self.other7.val() & self.funct3.val().get_bit(2));
            }
            // auipc: 001_0111
            23 => {
                self.is_auipc.next = true;
                self.is_legal.next = true;
                self.value.next = self.word.val() & bits::<32>(0xFFFF_F000_u64);
            }
            // store: 010_0011
            35 => {
                self.is_store.next = true;
                self.is_legal.next = !self.funct3.val().get_bit(2)
                    & !(self.funct3.val().get_bit(1) & self.funct3.val().get_bit(0));
                self.value.next = ((self.word.val() >> 20) & bits::<32>(0xFE0))
                    | ((self.word.val() >> 7) & bits::<32>(0x1F));
                if self.sign.val() {
                    self.value.next = ((self.word.val() >> 20) & bits::<32>(0xFE0))
                        | ((self.word.val() >> 7) & bits::<32>(0x1F))
                        | bits::<32>(0xFFFF_F000_u64);
                }
            }
            // register: 011_0011
            51 => {
                self.is_register.next = true;
                self.is_shift.next = self.shifts.val();
                self.is_legal.next = self.plain7.val()
                    | (self.other7.val()
                        & ((self.funct3.val() == bits::<3>(0)) | (self.funct3.val() == bits::<3>(5))));
            }
            // lui: 011_0111
            55 => {
                self.is_lui.next = true;
                self.is_legal.next = true;
                self.value.next = self.word.val() & bits::<32>(0xFFFF_F000_u64);
            }
            // branch: 110_0011
            99 => {
                self.is_branch.next = true;
                self.is_legal.next = self.funct3.val().get_bit(2) | !self.funct3.val().get_bit(1);
                self.value.next = ((self.word.val() >> 20) & bits::<32>(0x7E0))
                    | ((self.word.val() >> 7) & bits::<32>(0x1E))
                    | ((self.word.val() << 4) & bits::<32>(0x800));
                if self.sign.val() {
                    self.value.next = ((self.word.val() >> 20) & bits::<32>(0x7E0))
                        | ((self.word.val() >> 7) & bits::<32>(0x1E))
                        | ((self.word.val() << 4) & bits::<32>(0x800))
                        | bits::<32>(0xFFFF_F000_u64);
                }
            }
            // jalr: 110_0111
            103 => {
                self.is_jalr.next = true;
                self.is_legal.next = !self.funct3.val().any();
            }
            // jal: 110_1111
            111 => {
                self.is_jal.next = true;
                self.is_legal.next = true;
                self.value.next = (self.word.val() & bits::<32>(0xF_F000))
                    | ((self.word.val() >> 20) & bits::<32>(0x7FE))
                    | ((self.word.val() >> 9) & bits::<32>(0x800));
                if self.sign.val() {
                    self.value.next = (self.word.val() & bits::<32>(0xF_F000))
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
                            self.is_ecall.next = true;
                            self.is_legal.next = true;
                        }
                        1 => {
                            self.is_ebreak.next = true;
                            self.is_legal.next = true;
                        }
                        261 => {
                            self.is_wfi.next = true;
                            self.is_legal.next = true;
                        }
                        770 => {
                            self.is_mret.next = true;
                            self.is_legal.next = true;
                        }
                        _ => {}
                    }
                }
                if self.funct3.val().get_bit(0) | self.funct3.val().get_bit(1) {
                    self.is_csr.next = true;
                    // The registers from 0xC00 on are read-only.
                    self.is_legal.next = self.known.val()
                        & !(self.is_csr_writes.val()
                            & self.word.val().get_bit(31)
                            & self.word.val().get_bit(30));
                }
            }
            _ => {}
        }
        self.allowed.next = self.is_legal.val();
        self.csr_is_written.next = self.is_csr_writes.val();
        self.is_csr_writes.next = self.is_csr.val() & self.csr_is_written.val();
        self.is_takes_pc.next = self.is_auipc.val() | self.is_jal.val() | self.is_jalr.val();
        self.is_takes_a.next = self.is_register.val()
            | self.is_with_immediate.val()
            | self.is_branch.val()
            | self.is_load.val()
            | self.is_store.val();
        self.is_takes_b.next = self.is_register.val() | self.is_branch.val();
        self.is_takes_immediate.next = self.is_lui.val()
            | self.is_auipc.val()
            | self.is_with_immediate.val()
            | self.is_load.val()
            | self.is_store.val();
        self.is_links.next = self.is_jal.val() | self.is_jalr.val();
        self.is_computes.next = self.is_register.val() | self.is_with_immediate.val();
        self.is_subtracts.next = self.is_branch.val()
            | (self.is_register.val() & self.word.val().get_bit(30))
            | (self.is_computes.val() & self.funct3.val().get_bit(1) & !self.funct3.val().get_bit(2));
        self.is_without_sign.next = (self.is_branch.val() & self.funct3.val().get_bit(1))
            | (!self.is_branch.val() & self.funct3.val().get_bit(0));
        self.is_sequential.next = self.allowed.val()
            & (self.is_lui.val()
                | self.is_auipc.val()
                | self.is_fence.val()
                | (self.is_computes.val() & !self.is_shift.val())
                | (self.is_csr.val() & !self.csr_is_written.val()));
        self.is_writes.next = self.allowed.val()
            & (self.is_lui.val()
                | self.is_auipc.val()
                | self.is_links.val()
                | self.is_csr.val()
                | (self.is_computes.val() & !self.is_shift.val()));
        self.is_traps.next = !self.allowed.val() | self.is_ecall.val() | self.is_ebreak.val();
        self.lui_held.d.next = self.is_lui.val();
        self.lui.next = self.lui_held.q.val();
        self.auipc_held.d.next = self.is_auipc.val();
        self.auipc.next = self.auipc_held.q.val();
        self.jal_held.d.next = self.is_jal.val();
        self.jal.next = self.jal_held.q.val();
        self.jalr_held.d.next = self.is_jalr.val();
        self.jalr.next = self.jalr_held.q.val();
        self.branch_held.d.next = self.is_branch.val();
        self.branch.next = self.branch_held.q.val();
        self.load_held.d.next = self.is_load.val() & self.allowed.val();
        self.load.next = self.load_held.q.val();
        self.store_held.d.next = self.is_store.val() & self.allowed.val();
        self.store.next = self.store_held.q.val();
        self.register_held.d.next = self.is_register.val();
        self.register.next = self.register_held.q.val();
        self.with_immediate_held.d.next = self.is_with_immediate.val();
        self.with_immediate.next = self.with_immediate_held.q.val();
        self.shift_held.d.next = self.is_shift.val();
        self.shift.next = self.shift_held.q.val();
        self.fence_held.d.next = self.is_fence.val();
        self.fence.next = self.fence_held.q.val();
        self.ecall_held.d.next = self.is_ecall.val();
        self.ecall.next = self.ecall_held.q.val();
        self.ebreak_held.d.next = self.is_ebreak.val();
        self.ebreak.next = self.ebreak_held.q.val();
        self.mret_held.d.next = self.is_mret.val();
        self.mret.next = self.mret_held.q.val();
        self.wfi_held.d.next = self.is_wfi.val();
        self.wfi.next = self.wfi_held.q.val();
        self.csr_held.d.next = self.is_csr.val();
        self.csr.next = self.csr_held.q.val();
        self.csr_stored_held.d.next = self.is_csr_stored.val() & self.is_csr.val();
        self.csr_stored.next = self.csr_stored_held.q.val();
        self.csr_status_held.d.next = self.is_csr_status.val();
        self.csr_status.next = self.csr_status_held.q.val();
        self.csr_enable_held.d.next = self.is_csr_enable.val();
        self.csr_enable.next = self.csr_enable_held.q.val();
        self.csr_pending_held.d.next = self.is_csr_pending.val();
        self.csr_pending.next = self.csr_pending_held.q.val();
        self.csr_cycle_held.d.next = self.is_csr_cycle.val();
        self.csr_cycle.next = self.csr_cycle_held.q.val();
        self.csr_cycle_high_held.d.next = self.is_csr_cycle_high.val();
        self.csr_cycle_high.next = self.csr_cycle_high_held.q.val();
        self.csr_writes_held.d.next = self.is_csr_writes.val();
        self.csr_writes.next = self.csr_writes_held.q.val();
        self.legal_held.d.next = self.is_legal.val();
        self.legal.next = self.legal_held.q.val();
        self.value_held.d.next = self.value.val();
        self.immediate.next = self.value_held.q.val();
        self.takes_pc_held.d.next = self.is_takes_pc.val();
        self.takes_pc.next = self.takes_pc_held.q.val();
        self.takes_a_held.d.next = self.is_takes_a.val();
        self.takes_a.next = self.takes_a_held.q.val();
        self.takes_b_held.d.next = self.is_takes_b.val();
        self.takes_b.next = self.takes_b_held.q.val();
        self.takes_immediate_held.d.next = self.is_takes_immediate.val();
        self.takes_immediate.next = self.takes_immediate_held.q.val();
        self.links_held.d.next = self.is_links.val();
        self.links.next = self.links_held.q.val();
        self.computes_held.d.next = self.is_computes.val();
        self.computes.next = self.computes_held.q.val();
        self.subtracts_held.d.next = self.is_subtracts.val();
        self.subtracts.next = self.subtracts_held.q.val();
        self.without_sign_held.d.next = self.is_without_sign.val();
        self.without_sign.next = self.without_sign_held.q.val();
        self.sequential_held.d.next = self.is_sequential.val();
        self.sequential.next = self.sequential_held.q.val();
        self.writes_held.d.next = self.is_writes.val();
        self.writes.next = self.writes_held.q.val();
        self.traps_held.d.next = self.is_traps.val();
        self.traps.next = self.traps_held.q.val();
    }
}
