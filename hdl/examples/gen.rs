use hdl::machines::*;
fn main(){ std::fs::write("/tmp/ctop.v", hdl::verilog::verilog(BoardCoreTop::default())).unwrap();std::fs::write("/tmp/board.v", hdl::verilog::verilog(AlchitryCu::default())).unwrap(); std::fs::write("/tmp/bigbare.v", hdl::verilog::verilog(BigBare::default())).unwrap();}
