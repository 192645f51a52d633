//! The clock of the board's logic, made from the crystal's by the iCE40's PLL.
//!
//! In: 100 MHz. Out: 80 MHz for the core alone, which does not close timing at 100 with all around it; 50 MHz for the
//! computer, because of the companion. The crystal's clock is divided by 5, multiplied and divided again: the values
//! that `icepll -i 100 -o 80` and `icepll -i 100 -o 50` print. `locked` says that the output is steady. A simulation
//! has one clock only: there the output is the input, and steady.

use rust_hdl::prelude::*;

/// The crystal.
pub const CRYSTAL_HZ: u64 = 100_000_000;
/// What comes out for the core alone.
pub const LOGIC_HZ: u64 = 80_000_000;

/// What the crystal's clock is multiplied by, and the binary logarithm of what it is divided by then, after the first division.
const FOR_CORE: (u64, u64) = (32, 3);
const FOR_COMPUTER: (u64, u64) = (40, 4);

const fn hz((factor, divisor_bits): (u64, u64)) -> u64 {
    ((CRYSTAL_HZ / 5) * factor) >> divisor_bits
}
const _: () = assert!(hz(FOR_CORE) == LOGIC_HZ && hz(FOR_COMPUTER) == map::CLOCK_HZ as u64);

/// The PLL. See the [module](self).
#[derive(LogicBlock)]
pub struct Pll {
    /// The crystal's clock.
    pub clock_in: Signal<In, Clock>,
    /// The logic's clock.
    pub clock_out: Signal<Out, Clock>,
    /// It is steady.
    pub locked: Signal<Out, bool>,
    /// What the divided clock is multiplied by, minus 1.
    factor: Constant<Bits<7>>,
    /// The binary logarithm of what it is divided by then.
    divisor_bits: Constant<Bits<3>>,
}

impl Pll {
    fn new((factor, divisor_bits): (u64, u64)) -> Pll {
        Pll {
            clock_in: Default::default(),
            clock_out: Default::default(),
            locked: Default::default(),
            factor: Constant::new((factor - 1).into()),
            divisor_bits: Constant::new(divisor_bits.into()),
        }
    }

    /// 80 MHz.
    pub fn mhz_80() -> Pll {
        Pll::new(FOR_CORE)
    }

    /// 50 MHz.
    pub fn mhz_50() -> Pll {
        Pll::new(FOR_COMPUTER)
    }
}

impl Default for Pll {
    fn default() -> Pll {
        Pll::mhz_80()
    }
}

impl Logic for Pll {
    fn update(&mut self) {
        self.clock_out.next = self.clock_in.val();
        self.locked.next = true;
    }

    fn connect(&mut self) {
        self.clock_out.connect();
        self.locked.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Wrapper(Wrapper {
            code: format!(
                r#"
`ifdef SYNTHESIS
SB_PLL40_CORE #(
    .FEEDBACK_PATH("SIMPLE"),
    .DIVR(4'd4),
    .DIVF(7'd{}),
    .DIVQ(3'd{}),
    .FILTER_RANGE(3'd2)
) pll (
    .REFERENCECLK(clock_in),
    .PLLOUTGLOBAL(clock_out),
    .LOCK(locked),
    .RESETB(1'b1),
    .BYPASS(1'b0)
);
`else
assign clock_out = clock_in;
assign locked = 1'b1;
`endif
"#,
                self.factor.val().to_u8(),
                self.divisor_bits.val().to_u8()
            ),
            cores: String::new(),
        })
    }
}
