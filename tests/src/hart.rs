//! What the companion should do: RV32I by an independent simulator, rrs-lib; compressed instructions and machine mode around it.

use crate::compressed::expanded;
use hdl::companion::csr;
use map::interrupts;
use rrs_lib::instruction_executor::{InstructionException, InstructionExecutor};
use rrs_lib::{HartState, MemAccessSize, Memory};
use sim::companion::{REGISTERS, WORDS};

/// The bits of `mstatus`: interrupts are enabled, and were before the trap.
const MIE: u32 = 1 << 3;
const MPIE: u32 = 1 << 7;
/// The mode before the trap is always machine mode.
const MPP: u32 = 3 << 11;
/// The interrupts that there are.
pub const INTERRUPTS: u32 = 1 << interrupts::TIMER | 1 << interrupts::UART | 1 << interrupts::CORE;

/// The memory and the LEDs, as [`hdl::companion_top`] has them.
#[derive(Clone, Debug)]
pub struct Board {
    /// The memory.
    pub memory: Vec<u32>,
    /// What was written to the LEDs last.
    pub leds: u8,
    /// What is read next, in place of what is there: an instruction, as rrs-lib knows it.
    fetched: Option<u32>,
}

impl Board {
    /// Which word an address reads. The LEDs read as the memory.
    fn word(&self, address: u32) -> Option<usize> {
        (address < 4 * WORDS as u32 || address >> 31 == 1).then_some(address as usize / 4 % WORDS)
    }
}

impl Memory for Board {
    fn read_mem(&mut self, address: u32, size: MemAccessSize) -> Option<u32> {
        if let Some(instruction) = self.fetched.take() {
            return Some(instruction);
        }
        let word = self.memory[self.word(address)?] >> (8 * (address % 4));
        Some(match size {
            MemAccessSize::Byte => word & 0xFF,
            MemAccessSize::HalfWord => word & 0xFFFF,
            MemAccessSize::Word => word,
        })
    }

    fn write_mem(&mut self, address: u32, size: MemAccessSize, data: u32) -> bool {
        let Some(index) = self.word(address) else { return false };
        let shift = 8 * (address % 4);
        let mask = match size {
            MemAccessSize::Byte => 0xFF,
            MemAccessSize::HalfWord => 0xFFFF,
            MemAccessSize::Word => u32::MAX,
        } << shift;
        if address >> 31 == 0 {
            self.memory[index] = self.memory[index] & !mask | data << shift & mask;
        } else if shift == 0 {
            self.leds = data as u8;
        }
        true
    }
}

impl Board {
    /// The 16 bits at an address where an instruction can be.
    fn half(&self, address: u32) -> Option<u16> {
        self.word(address).map(|index| (self.memory[index] >> (8 * (address & 2))) as u16)
    }
}

/// Why a trap is taken: `mcause` and `mtval`.
type Trap = (u32, u32);

/// A processor with its memory.
pub struct Hart {
    /// The registers and the address of the next instruction.
    pub state: HartState,
    /// Everything else.
    pub board: Board,
    /// The control and status registers that are kept as they are written, by their place beside the registers.
    stored: [u32; REGISTERS],
    status: u32,
    /// `mie`
    pub enabled: u32,
    /// `misa.C`
    compressed: bool,
}

impl Default for Hart {
    fn default() -> Self {
        Hart {
            state: HartState::new(),
            board: Board { memory: vec![0; WORDS], leds: 0, fetched: None },
            stored: [0; REGISTERS],
            status: 0,
            enabled: 0,
            compressed: false,
        }
    }
}

/// What rrs-lib has executed, for which an instruction has 4 bytes, was a compressed one that stands for this word. The registers are
/// those before it.
pub fn shorten(state: &mut HartState, registers: &[u32; 32], word: u32) {
    let rd = (word >> 7 & 31) as usize;
    match word & 0x7F {
        // c.beqz, c.bnez: taken if the register is as they want it.
        0x63 if (registers[(word >> 15 & 31) as usize] == 0) == (word >> 12 & 7 == 0) => {}
        // The others are not, and go on like all that does not jump.
        0x67 | 0x6F if rd != 0 => state.registers[rd] = state.registers[rd].wrapping_sub(2),
        0x67 | 0x6F => {}
        _ => state.pc = state.pc.wrapping_sub(2),
    }
}

impl Hart {
    /// What a reset does.
    pub fn reset(&mut self) {
        self.state.pc = 0;
        self.status &= !MIE;
        self.enabled = 0;
        self.compressed = false;
        self.board.leds = 0;
    }

    /// The registers, and those behind them.
    pub fn registers(&self) -> [u32; REGISTERS] {
        let mut all = self.stored;
        all[..32].copy_from_slice(&self.state.registers);
        all
    }

    /// Sets one of them.
    pub fn set_register(&mut self, index: usize, value: u32) {
        if index < 32 {
            self.state.registers[index] = value;
        } else {
            self.stored[index] = value;
        }
    }

    /// Which of these interrupts is to be taken.
    pub fn first(&self, waiting: u32) -> Option<u32> {
        let order = [interrupts::UART, interrupts::CORE, interrupts::TIMER];
        order.into_iter().find(|code| self.status & MIE != 0 && self.enabled & waiting & 1 << code != 0)
    }

    /// Takes it.
    pub fn interrupt(&mut self, waiting: u32) {
        let code = self.first(waiting).expect("one is to be taken");
        self.trap((1 << 31 | code, 0));
    }

    /// Whether the next instruction writes where those that follow may have been fetched already: they are what they are only
    /// behind a `fence.i`.
    pub fn writes_what_follows(&self) -> bool {
        let pc = self.state.pc;
        let (Some(low), Some(high)) = (self.board.half(pc), self.board.half(pc.wrapping_add(2))) else {
            return false;
        };
        let is_short = self.compressed && low & 3 != 3;
        let word = if is_short { expanded(low) } else { u32::from(high) << 16 | u32::from(low) };
        let offset = (word as i32 >> 25 << 5) as u32 | word >> 7 & 31;
        let address = self.state.registers[(word >> 15 & 31) as usize].wrapping_add(offset);
        word & 0x7F == 0x23 && (address / 4).wrapping_sub(pc / 4) <= 2
    }

    fn trap(&mut self, (cause, value): Trap) {
        self.stored[csr::stored(csr::MEPC)] = self.state.pc;
        self.stored[csr::stored(csr::MCAUSE)] = cause;
        self.stored[csr::stored(csr::MTVAL)] = value;
        self.status = if self.status & MIE == 0 { 0 } else { MPIE };
        self.state.pc = self.stored[csr::stored(csr::MTVEC)];
    }

    /// Executes an instruction; whether it traps.
    pub fn step(&mut self) -> bool {
        let result = self.execute();
        if let Err(trap) = result {
            self.trap(trap);
        }
        result.is_err()
    }

    fn execute(&mut self) -> Result<(), Trap> {
        let pc = self.state.pc;
        let low = self.board.half(pc).ok_or((1, pc))?;
        let is_short = self.compressed && low & 3 != 3;
        let (word, after) = if is_short {
            (expanded(low), pc.wrapping_add(2))
        } else {
            let high = self.board.half(pc.wrapping_add(2)).ok_or((1, pc.wrapping_add(2)))?;
            (u32::from(high) << 16 | u32::from(low), pc.wrapping_add(4))
        };
        let (opcode, funct3, funct7) = (word & 0x7F, word >> 12 & 7, word >> 25);
        match (opcode, funct3) {
            // What stands for nothing is half an instruction.
            _ if word & 3 != 3 => return Err((2, word)),
            // Multiplications, shifts by more than there is, other kinds of jalr: rrs-lib knows them.
            (0x33, _) if funct7 == 1 => return Err((2, word)),
            (0x13, 1) if funct7 != 0 => return Err((2, word)),
            (0x67, 1..) => return Err((2, word)),
            (0x0F, 0 | 1) => self.state.pc = after,
            (0x73, _) => self.system(word, after)?,
            _ => {
                let registers = self.state.registers;
                self.board.fetched = Some(word);
                let mut executor = InstructionExecutor { mem: &mut self.board, hart_state: &mut self.state };
                executor.step().map_err(|exception| match exception {
                    InstructionException::FetchError(pc) => (1, pc),
                    InstructionException::IllegalInstruction(_, word) => (2, word),
                    InstructionException::AlignmentFault(address) => {
                        (if opcode == 0x03 { 4 } else { 6 }, address)
                    }
                    InstructionException::LoadAccessFault(address) => (5, address),
                    InstructionException::StoreAccessFault(address) => (7, address),
                })?;
                let target = self.state.pc;
                if target % 4 != 0 && !self.compressed {
                    (self.state.registers, self.state.pc) = (registers, pc);
                    return Err((0, target));
                }
                if is_short {
                    shorten(&mut self.state, &registers, word);
                }
            }
        }
        Ok(())
    }

    fn system(&mut self, word: u32, after: u32) -> Result<(), Trap> {
        let (source, funct3, rd) = (word >> 15 & 31, word >> 12 & 7, word >> 7 & 31);
        match word {
            0x0000_0073 => return Err((11, 0)),
            0x0010_0073 => return Err((3, self.state.pc)),
            // wfi: the sleep is not seen here.
            0x1050_0073 => self.state.pc = after,
            0x3020_0073 => {
                self.status = MPIE | if self.status & MPIE == 0 { 0 } else { MIE };
                let place = if self.compressed { !1 } else { !3 };
                self.state.pc = self.stored[csr::stored(csr::MEPC)] & place;
            }
            _ if funct3 & 3 == 0 => return Err((2, word)),
            _ => {
                let number = word >> 20;
                let writes = funct3 & 3 == 1 || source != 0;
                let read_only = number >> 10 == 3;
                let Some(old) = self.read(number).filter(|_| !(writes && read_only)) else {
                    return Err((2, word));
                };
                let value = if funct3 < 4 { self.state.registers[source as usize] } else { source };
                match funct3 & 3 {
                    _ if !writes => {}
                    1 => self.write(number, value),
                    2 => self.write(number, old | value),
                    _ => self.write(number, old & !value),
                }
                if rd != 0 {
                    self.state.registers[rd as usize] = old;
                }
                self.state.pc = after;
            }
        }
        Ok(())
    }

    /// What a control and status register says, if it exists. `mip` and `mcycle` are not for here.
    fn read(&self, number: u32) -> Option<u32> {
        Some(match number {
            csr::MSTATUS => self.status | MPP,
            csr::MISA => csr::RV32I | if self.compressed { csr::COMPRESSED } else { 0 },
            csr::MIE => self.enabled,
            csr::MTVEC | csr::MSCRATCH..=csr::MTVAL | csr::MINSTRET | csr::MINSTRETH => {
                self.stored[csr::stored(number)]
            }
            csr::MCOUNTINHIBIT => csr::INHIBITED,
            csr::MSTATUSH | csr::TSELECT | csr::TDATA1 => 0,
            csr::MVENDORID..=csr::MCONFIGPTR => 0,
            csr::MHPMCOUNTER3..=0xB1F | csr::MHPMCOUNTER3H..=0xB9F | csr::MHPMEVENT3..=0x33F => 0,
            _ => return None,
        })
    }

    fn write(&mut self, number: u32, value: u32) {
        match number {
            csr::MSTATUS => self.status = value & (MIE | MPIE),
            csr::MIE => self.enabled = value & INTERRUPTS,
            csr::MISA => self.compressed |= value & csr::COMPRESSED != 0,
            csr::MEPC if self.compressed => self.stored[csr::stored(number)] = value & !1,
            csr::MTVEC | csr::MEPC => self.stored[csr::stored(number)] = value & !3,
            csr::MSCRATCH | csr::MCAUSE | csr::MTVAL | csr::MINSTRET | csr::MINSTRETH => {
                self.stored[csr::stored(number)] = value;
            }
            _ => {}
        }
    }
}
