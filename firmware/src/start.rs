//! From reset to `main`: the companion's first instruction is the first of the firmware.

use core::arch::global_asm;

// The global pointer is among the constants: variables are near to address 0.
global_asm!(
    ".pushsection .text.start, \"ax\"",
    ".global start",
    "start:",
    // The processor knows compressed instructions when it is told to: bit C of misa.
    ".option push",
    ".option norvc",
    "csrsi misa, 4",
    ".option pop",
    ".option push",
    ".option norelax",
    "la gp, __global_pointer$",
    ".option pop",
    "la sp, _stack",
    "la t0, enter",
    "csrw mtvec, t0",
    // What runs in RAM.
    "la t0, _ram_code",
    "la t1, _ram_code_end",
    "la t2, _ram_code_source",
    "j 2f",
    "1:",
    "lw t3, 0(t2)",
    "sw t3, 0(t0)",
    "addi t0, t0, 4",
    "addi t2, t2, 4",
    "2:",
    "bltu t0, t1, 1b",
    // Variables that begin with zeros.
    "la t0, _bss",
    "la t1, _bss_end",
    "j 2f",
    "1:",
    "sw zero, 0(t0)",
    "addi t0, t0, 4",
    "2:",
    "bltu t0, t1, 1b",
    "j main",
    ".popsection",
);
