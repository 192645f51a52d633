//! A pin with a clock on it, as fast as the logic's own.
//!
//! In: `pulse`, from a register. Out: the pin, high in the second half of each cycle with `pulse`, and low else. The iCE40 has a
//! register for each half of a cycle in its pins: one of them is 0 always. A simulation knows no halves: there the pin is high
//! for the whole cycle.

use rust_hdl::prelude::*;

/// The pin. See the [module](self).
#[derive(LogicBlock, Default)]
pub struct ClockPin {
    /// What gives the cycles.
    pub clock: Signal<In, Clock>,
    /// A pulse in this cycle.
    pub pulse: Signal<In, bool>,
    /// The pin.
    pub pin: Signal<Out, bool>,
}

impl Logic for ClockPin {
    fn update(&mut self) {
        self.pin.next = self.pulse.val();
    }

    fn connect(&mut self) {
        self.pin.connect();
    }

    fn hdl(&self) -> Verilog {
        Verilog::Wrapper(Wrapper {
            code: r#"
`ifdef SYNTHESIS
SB_IO #(
    .PIN_TYPE(6'b010001)
) io (
    .PACKAGE_PIN(pin),
    .CLOCK_ENABLE(1'b1),
    .OUTPUT_CLK(clock),
    .D_OUT_0(1'b0),
    .D_OUT_1(pulse)
);
`else
assign pin = pulse;
`endif
"#
            .into(),
            cores: String::new(),
        })
    }
}
