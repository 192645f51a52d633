//! Block RAM with one port to read and one to write.
//!
//! In: an address to read, taken at a rising clock edge while `read_enable`; an address and data to write, taken
//! while `write_enable`. Out: the data read, one cycle later, held while `read_enable` is low.
//!
//! Reading the address that is written in the same cycle gives data that nobody may use: the promise that lets
//! the iCE40's block RAM do without 30 LCs of emulation. The simulation gives the old data, as Verilog does.

use rust_hdl::core::probe::Probe;
use rust_hdl::prelude::*;

/// Data that a [`BlockRam`] can hold: anything of up to 32 bits.
pub trait Stored: Synth {
    /// The bits of this data, from bit 0.
    fn to_word(self) -> u32;
    /// The data with these bits.
    fn from_word(word: u32) -> Self;
}

impl<const N: usize> Stored for Bits<N> {
    fn to_word(self) -> u32 {
        self.to_u64() as u32
    }
    fn from_word(word: u32) -> Self {
        u64::from(word).into()
    }
}

impl Stored for crate::word::Word {
    fn to_word(self) -> u32 {
        u16::from(self).into()
    }
    fn from_word(word: u32) -> Self {
        (word as u16).into()
    }
}

/// 2^N words of D. See the [module](self).
///
/// What was read last is 0 at power-up in simulation; on the chip nobody knows, and no block may use it.
#[derive(Clone, Debug)]
pub struct BlockRam<D: Stored, const N: usize> {
    /// All ports belong to this clock.
    pub clock: Signal<In, Clock>,
    /// What to read.
    pub read_address: Signal<In, Bits<N>>,
    /// Read in this cycle.
    pub read_enable: Signal<In, bool>,
    /// What was read last.
    pub read_data: Signal<Out, D>,
    /// Where to write.
    pub write_address: Signal<In, Bits<N>>,
    /// What to write.
    pub write_data: Signal<In, D>,
    /// Write in this cycle.
    pub write_enable: Signal<In, bool>,
    content: Vec<D>,
    initial_words: usize,
    changed: bool,
}

impl<D: Stored, const N: usize> BlockRam<D, N> {
    /// A block that holds these words when it is switched on, and zeros behind them.
    pub fn new(initial: &[D]) -> Self {
        let mut content = initial.to_vec();
        content.resize(1 << N, D::default());
        BlockRam {
            clock: Signal::default(),
            read_address: Signal::default(),
            read_enable: Signal::default(),
            read_data: Signal::default(),
            write_address: Signal::default(),
            write_data: Signal::default(),
            write_enable: Signal::default(),
            content,
            initial_words: initial.len(),
            changed: false,
        }
    }

    /// What the block holds now, as a simulator sees it.
    pub fn content(&self) -> &[D] {
        &self.content
    }

    /// What the block holds now, to be changed by a simulator between two cycles.
    pub fn content_mut(&mut self) -> &mut [D] {
        &mut self.content
    }
}

impl<D: Stored, const N: usize> Default for BlockRam<D, N> {
    fn default() -> Self {
        BlockRam::new(&[])
    }
}

impl<D: Stored, const N: usize> Logic for BlockRam<D, N> {
    fn update(&mut self) {}

    fn connect(&mut self) {
        self.read_data.connect();
    }

    fn hdl(&self) -> Verilog {
        let words: String = self.content[..self.initial_words]
            .iter()
            .enumerate()
            .map(|(address, word)| format!("    memory[{address}] = {}'h{:x};\n", D::BITS, word.to_word()))
            .collect();
        Verilog::Custom(format!(
            "\
(* no_rw_check *)
reg [{data}:0] memory [0:{last}];
integer address;
initial begin
    for (address = 0; address <= {last}; address = address + 1) memory[address] = 0;
{words}end
`ifndef SYNTHESIS
initial read_data = 0;
`endif
always @(posedge clock) begin
    if (read_enable) read_data <= memory[read_address];
    if (write_enable) memory[write_address] <= write_data;
end
",
            data = D::BITS - 1,
            last = (1usize << N) - 1,
        ))
    }

    fn timing(&self) -> Vec<TimingInfo> {
        vec![TimingInfo {
            name: "block_ram".into(),
            clock: "clock".into(),
            inputs: ["read_address", "read_enable", "write_address", "write_data", "write_enable"]
                .map(String::from)
                .to_vec(),
            outputs: vec!["read_data".into()],
        }]
    }
}

/// Like [`crate::register::Register`], the simulation looks at the ports only at the clock's edge.
impl<D: Stored, const N: usize> Block for BlockRam<D, N> {
    fn connect_all(&mut self) {
        self.connect();
        self.clock.connect_all();
        self.read_address.connect_all();
        self.read_enable.connect_all();
        self.read_data.connect_all();
        self.write_address.connect_all();
        self.write_data.connect_all();
        self.write_enable.connect_all();
    }

    fn update_all(&mut self) {
        self.clock.update_all();
        self.changed = false;
        if self.clock.changed || !self.clock.val().clk {
            self.read_address.update_all();
            self.read_enable.update_all();
            self.write_address.update_all();
            self.write_data.update_all();
            self.write_enable.update_all();
        }
        if self.clock.pos_edge() {
            if self.read_enable.val() {
                let word = self.content[self.read_address.val().index()];
                if self.read_data.next != word {
                    self.read_data.next = word;
                    self.changed = true;
                }
            }
            if self.write_enable.val() {
                self.content[self.write_address.val().index()] = self.write_data.val();
            }
            self.read_data.update_all();
        }
    }

    fn has_changed(&self) -> bool {
        self.changed
    }

    fn accept(&self, name: &str, probe: &mut dyn Probe) {
        probe.visit_start_scope(name, self);
        self.clock.accept("clock", probe);
        self.read_address.accept("read_address", probe);
        self.read_enable.accept("read_enable", probe);
        self.read_data.accept("read_data", probe);
        self.write_address.accept("write_address", probe);
        self.write_data.accept("write_data", probe);
        self.write_enable.accept("write_enable", probe);
        probe.visit_end_scope(name, self);
    }
}
