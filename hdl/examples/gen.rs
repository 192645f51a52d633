use hdl::bare::Bare; use rust_hdl::prelude::*;
fn main(){ let mut c=Bare::<12,13,12,8,9>::default(); c.connect_all(); rust_hdl::core::check_error::check_all(&c).unwrap(); std::fs::write("/tmp/bare.v", generate_verilog(&c)).unwrap(); }
