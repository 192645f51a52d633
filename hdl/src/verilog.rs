//! From blocks to Verilog and pin constraints.
//!
//! The Verilog must be made before a block is simulated: a memory's content becomes its initial content.

use rust_hdl::core::check_error::check_all;
use rust_hdl::prelude::*;

/// The Verilog of a block, as the module `top`.
///
/// # Panics
/// If the block does not pass rust-hdl's checks (open inputs, loops, writes to inputs): an error in this crate.
pub fn verilog<B: Block>(mut block: B) -> String {
    block.connect_all();
    if let Err(error) = check_all(&block) {
        panic!("this block is not hardware: {error:?}");
    }
    generate_verilog_unchecked(&block)
}

/// The pin constraints of a top in the form that nextpnr-ice40 reads (PCF).
pub fn pin_constraints<B: Block>(block: &B) -> String {
    rust_hdl::fpga::toolchains::icestorm::generate_pcf(block)
}
