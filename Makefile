# Everything is cargo's work; this says it in short. Each target installs the tools it needs (see .ci/setup).

SIMULATION := c++:g++ verilator:verilator
SYNTHESIS := yosys:yosys nextpnr-ice40:nextpnr-ice40 icepack:fpga-icestorm
BRAINFUSION := cargo run --release --quiet --bin brainfusion --
IMAGE := $(firstword $(wildcard images/brainix_v*.bf))
PROGRAM ?= $(IMAGE)
CELLS ?= build/brainix.cells
FLASH ?= build/flash.bin

.PHONY: run images test build bench bitstream firmware lint setup nightly

# braiNIX on the simulated computer, out of its flash. Its files, like all cells, are kept in $(CELLS). Ctrl-] quits.
run: firmware
	@.ci/setup $(SIMULATION)
	@mkdir -p $(dir $(CELLS))
	@cargo build --release --bin brainfusion
	@$(BRAINFUSION) flash-image $(FLASH) --firmware build/firmware.bin --program $(PROGRAM)
	@echo "running $(PROGRAM), cells kept in $(CELLS); type help, Ctrl-] quits"
	@$(BRAINFUSION) run --flash $(FLASH) --cells $(CELLS)

# Our braiNIX from its sources, images/brainix, under the name that says what it needs, and the benchmarks.
images:
	cargo run --quiet --package brainix -- images
	cargo run --quiet --package images --features host --bin benchmarks -- images/programs

# Everything that must hold.
test: lint firmware
	@.ci/setup $(SIMULATION) $(SYNTHESIS) iverilog:iverilog sb:lrzsz
	cargo test --workspace

# The tests with far more random cases.
nightly: test
	PROPTEST_CASES=100000 cargo test --workspace

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

# What the companion runs, build/firmware.bin: the content of the flash from 0x040000 on.
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
