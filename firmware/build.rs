//! Tells the linker where RAM and flash are: the numbers of the address map.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let memory = format!(
        "MEMORY {{\n  FLASH (rx) : ORIGIN = {:#010x}, LENGTH = {:#x}\n  RAM (rwx) : ORIGIN = {:#010x}, LENGTH = {:#x}\n}}\n",
        map::FLASH + map::FIRMWARE,
        map::SAVED - map::FIRMWARE,
        // Nothing lies at address 0: for Rust that is no place for a variable.
        map::RAM + 4,
        map::RAM_BYTES - 4 - kernel::system::PAGE_BYTES,
    );
    fs::write(out.join("memory.x"), memory).expect("cargo has made the folder");
    println!("cargo:rustc-link-search={}", out.display());
    println!("cargo:rustc-link-arg-bins=-Tlink.x");
    println!("cargo:rustc-link-arg-bins=--relax-gp");
    // `brainfusion cost` reads it.
    let built = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../build");
    fs::create_dir_all(&built).expect("a folder of ours");
    println!("cargo:rustc-link-arg-bin=fusion=-Map={}", built.join("firmware.map").display());
    // The file is what the flash will hold, without a header: there is nothing to be converted later.
    println!("cargo:rustc-link-arg-bins=--oformat=binary");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=link.x");
}
