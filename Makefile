# Everything is cargo's work; this says it in short. Each target installs the tools it needs (see .ci/setup).

SIMULATION := c++:g++ verilator:verilator
SYNTHESIS := yosys:yosys nextpnr-ice40:nextpnr-ice40 icepack:fpga-icestorm
BRAINFUSION := cargo run --release --quiet --bin brainfusion --
# Not optimised, and without the models that Verilator makes: they take longest to be compiled.
SYNTH := cargo run --profile quick --quiet --package sim --no-default-features --bin brainfusion -- synth
# What a bitstream is made of.
HARDWARE := $(shell find hdl/src hdl/map/src -name '*.rs') images/src/isa.rs images/src/machine.rs sim/src/synth.rs
# What writes the board's flash, and the program for the companion that it writes.
ICEPROG := iceprog
KERNEL := build/firmware.bin

.PHONY: run images test build bench bitstream bitstreams flash firmware lint setup nightly

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

# The computer's bitstream, build/computer/top.bin, if the sources are newer: placed and routed with eight seeds, the fastest is
# kept. It is an error, and there is no bitstream, if two seeds miss the clock or the design its budget (hdl/src/budget.rs).
bitstream: build/computer/top.bin

build/computer/top.bin: $(HARDWARE)
	@.ci/setup $(SYNTHESIS)
	$(SYNTH) --top computer --seeds 8

# That one, and those that are measured and tried: the core alone, and the core on the board, build/board/top.bin.
bitstreams: bitstream
	$(SYNTH) --top core --seeds 8
	$(SYNTH) --top board --seeds 8

# Bitstream and kernel onto the board by USB; the board's files and saved cells stay. FILES=1 replaces these too, by those of the
# simulated board (build/board.flash, made if it is not there), FILES=other.flash by those of another one. See docs/bring-up.md.
flash: build/flash.bin
	$(ICEPROG) $(if $(FILES),-b) build/flash.bin

# What `make flash` writes, for other programmers.
build/flash.bin: build/computer/top.bin firmware
	@.ci/setup $(SIMULATION) $(SYNTHESIS)
	@$(BRAINFUSION) flash-image $@ --short --bitstream build/computer/top.bin --firmware $(KERNEL) \
	    $(if $(FILES),--files $(if $(filter 1,$(FILES)),build/board.flash,$(FILES)))

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
