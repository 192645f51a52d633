//! Makes the fast models: Verilog from `hdl`, C++ from Verilator, and a shim around it.
//!
//! Without Verilator the build goes on, and the program has the rust engine only. So it does without the feature `models`, for who
//! does not simulate: they are most of what is to be compiled.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, thread};

use hdl::companion_top::CompanionTop;
use hdl::machines::{AlchitryCu, BigBare, BigBoard, BoardBare, Computer};
use hdl::processes::split;
use hdl::verilog::verilog;

/// What the simulator may see of a design: the memories, what core and companion report, and what counts time.
const VISIBLE: &str = r#"`verilator_config
public_flat_rw -module "*cells" -var "memory"
public_flat_rw -module "*code" -var "memory"
public_flat_rd -module "*core" -var "retired"
public_flat_rd -module "*core" -var "waiting"
public_flat_rd -module "*core" -var "stop_address"
public_flat_rd -module "*core" -var "stop_pointer"
public_flat_rd -module "*core" -var "stopped"
public_flat_rw -module "*registers" -var "memory"
public_flat_rw -module "*registers_b" -var "memory"
public_flat_rw -module "*lanes*" -var "memory"
public_flat_rd -module "*cpu" -var "retired"
public_flat_rd -module "*cpu" -var "trapped"
public_flat_rd -module "*cpu" -var "asleep"
public_flat_rd -module "*cpu" -var "pc$q"
public_flat_rd -module "*cpu" -var "enable_timer$q"
public_flat_rw -module "*cpu" -var "cycles$q"
public_flat_rw -module "*cpu" -var "cycles_high$q"
public_flat_rd -module "*timer" -var "compare_low$q"
public_flat_rd -module "*timer" -var "compare_high$q"
public_flat_rw -module "*timer" -var "time_low$q"
public_flat_rw -module "*timer" -var "time_high$q"
public_flat_rd -module "*unit" -var "cycles$count"
public_flat_rw -module "*unit$cycles" -var "lower$q"
public_flat_rw -module "*unit$cycles" -var "upper$q"
public_flat_rw -module "*unit$cycles" -var "carry$q"
"#;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(verilator)");
    println!("cargo::rerun-if-changed=src/shim.cpp");
    println!("cargo::rerun-if-changed=src/companion/shim.cpp");
    println!("cargo::rerun-if-changed=src/computer/shim.cpp");
    println!("cargo::rerun-if-env-changed=PATH");
    if env::var_os("CARGO_FEATURE_MODELS").is_none() {
        return;
    }
    let Some(include) = verilator_include() else {
        println!("cargo::warning=verilator not found: only the slow rust engine is built (`make setup` installs it)");
        return;
    };
    println!("cargo::rustc-cfg=verilator");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("visible.vlt"), VISIBLE).expect("the build folder can be written");
    let cores = [
        ("bare_board", false, verilog(BoardBare::default())),
        ("bare_big", false, verilog(BigBare::default())),
        ("board_board", true, verilog(AlchitryCu::default())),
        ("board_big", true, verilog(BigBoard::default())),
    ];
    let others = [
        ("computer", "src/computer/shim.cpp", verilog(Computer::default())),
        ("companion", "src/companion/shim.cpp", verilog(CompanionTop::default())),
    ];
    // Nothing else is left to be compiled by then: all at the same time.
    let (out, include) = (&out, &include);
    thread::scope(|scope| {
        for (name, shim, verilog) in others {
            scope.spawn(move || model(out, include, name, verilog).file(shim).compile(name));
        }
        for (name, pins, verilog) in cores {
            scope.spawn(move || build_core(out, include, name, pins, verilog));
        }
    });
    compiler(include)
        .files(["verilated.cpp", "verilated_threads.cpp"].map(|file| include.join(file)))
        .compile("verilated");
}

/// Where Verilator keeps its C++.
fn verilator_include() -> Option<PathBuf> {
    let output = Command::new("verilator").arg("--getenv").arg("VERILATOR_ROOT").output().ok()?;
    let root = String::from_utf8(output.stdout).ok()?;
    let include = Path::new(root.trim()).join("include");
    include.join("verilated.cpp").is_file().then_some(include)
}

fn compiler(include: &Path) -> cc::Build {
    let mut build = cc::Build::new();
    build
        .cpp(true)
        .std("c++17")
        .opt_level(3)
        .include(include)
        .include(include.join("vltstd"))
        .flag_if_supported("-fno-strict-aliasing")
        // The models run where they are built.
        .flag_if_supported("-march=native")
        .warnings(false);
    build
}

/// A model of a Brainfuck core.
fn build_core(out: &Path, include: &Path, name: &str, pins: bool, verilog: String) {
    let mut build = model(out, include, name, verilog);
    build.define("NAME", name).file("src/shim.cpp");
    build.define("HEADER", format!("\"V{name}.h\"").as_str());
    build.define("ROOT_HEADER", format!("\"V{name}___024root.h\"").as_str());
    if pins {
        build.define("PINS", None);
    }
    build.compile(name);
}

/// What Verilator makes of a design, ready to be compiled with a shim.
fn model(out: &Path, include: &Path, name: &str, verilog: String) -> cc::Build {
    let source = out.join(format!("{name}.v"));
    // The shim gives one edge of the clock for a cycle, rising and falling in turn.
    let verilog = split(&verilog).replace("@(posedge clock)", "@(posedge clock or negedge clock)");
    fs::write(&source, verilog).expect("the build folder can be written");
    let generated = out.join(name);
    let _ = fs::remove_dir_all(&generated);
    let status = Command::new("verilator")
        .args(["--cc", "-O3", "--x-assign", "fast", "--x-initial", "fast", "--noassert"])
        .args(["-Wno-fatal", "-Wno-WIDTH", "--top-module", "top", "--prefix"])
        .arg(format!("V{name}"))
        .arg("--Mdir")
        .arg(&generated)
        .arg(out.join("visible.vlt"))
        .arg(&source)
        .status()
        .expect("verilator was there a moment ago");
    assert!(status.success(), "verilator failed on {}", source.display());
    let mut build = compiler(include);
    // A folder of its own also for what is compiled: the models share shims, and are compiled at the same time.
    build.out_dir(&generated).include(&generated);
    let sources = fs::read_dir(&generated).expect("verilator has made it");
    for source in sources.map(|entry| entry.expect("readable").path()) {
        if source.extension().is_some_and(|extension| extension == "cpp") {
            build.file(source);
        }
    }
    build
}
