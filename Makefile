# Everything is cargo's work; this says it in short. Each target installs the tools it needs (see .ci/setup).

SIMULATION := c++:g++ verilator:verilator
SYNTHESIS := yosys:yosys nextpnr-ice40:nextpnr-ice40 icepack:fpga-icestorm
BRAINFUSION := cargo run --release --quiet --bin brainfusion --

.PHONY: run images test build bench bitstream firmware lint setup nightly

# The simulated board, with what its flash holds: Fusion starts braiNIX, Ctrl-\ leads out of it, Ctrl-] quits. The flash, a
# file, is made when there is none, and keeps files and cells.
run: firmware
	@.ci/setup $(SIMULATION)
	@cargo build --release --bin brainfusion
	@$(BRAINFUSION) run $(if $(FLASH),--flash $(FLASH)) $(PROGRAM)

# Our braiNIX from its sources, images/brainix, under the name that says what it needs, and the benchmarks.
images:
	cargo run --quiet --package brainix -- images
	cargo run --quiet --package images --features host --bin benchmarks -- images/programs

# Everything that must hold.
test: lint firmware
	@.ci/setup $(SIMULATION) $(SYNTHESIS) iverilog:iverilog sb:lrzsz
	cargo test --workspace

# The tests with far more random cases, and those that take long.
nightly: test
	PROPTEST_CASES=100000 cargo test --workspace -- --include-ignored

build:
	@.ci/setup $(SIMULATION)
	cargo build --release

# Cycles per command of the shipped programs, and simulated cycles a second.
bench:
	@.ci/setup $(SIMULATION)
	$(BRAINFUSION) bench

# The bitstreams of the core alone, build/board/top.bin, and of the computer, build/computer/top.bin.
bitstream:
	@.ci/setup $(SIMULATION) $(SYNTHESIS)
	$(BRAINFUSION) synth --top core --seeds 5
	$(BRAINFUSION) synth --top board --seeds 5
	$(BRAINFUSION) synth --top computer --seeds 5

# What the companion runs: Fusion, build/firmware.bin, the content of the flash from 0x040000 on, and build/monitor.bin.
firmware:
	@firmware/build

# Format, clippy, and the patterns that rust-hdl would translate wrongly without a word.
lint:
	@.ci/setup $(SIMULATION)
	cargo fmt --all --check
	cargo fmt --manifest-path firmware/Cargo.toml --check
	cargo clippy --workspace --all-targets -- -D warnings
	@firmware/build clippy
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet
	cargo run --quiet --package hdl-lint -- hdl/src

# All tools at once.
setup:
	@.ci/setup
