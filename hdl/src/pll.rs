//! The clock of the board's logic, made from the crystal's by the iCE40's PLL.
//!
//! In: 100 MHz. Out: 80 MHz, as the core with all around it does not close timing at 100. (Divider 5, times 32,
//! divided by 8: the values that `icepll -i 100 -o 80` prints.) A simulation has one clock only: there the output
//! is the input.

use rust_hdl::prelude::*;

/// What comes out.
pub const LOGIC_HZ: u64 = 80_000_000;

/// The PLL. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct Pll {
    /// The crystal's clock.
    pub clock_in: Signal<In, Clock>,
    /// The logic's clock.
    pub clock_out: Signal<Out, Clock>,
}

impl Logic for Pll {
    fn update(&mut self) {
        self.clock_out.next = self.clock_in.val();
    }

    fn connect(&mut self) {
        self.clock_out.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Wrapper(Wrapper {
            code: r#"
`ifdef SYNTHESIS
SB_PLL40_CORE #(
    .FEEDBACK_PATH("SIMPLE"),
    .DIVR(4'd4),
    .DIVF(7'd31),
    .DIVQ(3'd3),
    .FILTER_RANGE(3'd2)
) pll (
    .REFERENCECLK(clock_in),
    .PLLOUTGLOBAL(clock_out),
    .RESETB(1'b1),
    .BYPASS(1'b0)
);
`else
assign clock_out = clock_in;
`endif
"#
            .into(),
            cores: String::new(),
        })
    }
}
