//! `brainfusion synth`: from the blocks to a bitstream, with yosys, nextpnr-ice40 and icepack.
//!
//! Every exit status is checked, the clock's target is given, and every seed is judged by nextpnr's own report. There is no
//! bitstream of a design that misses its budget. The same sources and tools give the same bitstream, byte for byte.

use crate::image_file::{self, FileError};
use hdl::budget::{self, Budget};
use hdl::companion_top::CompanionTop;
use hdl::machines::{AlchitryCu, BoardCoreTop, Computer};
use hdl::pins::{CHIP, PACKAGE};
use hdl::pll::LOGIC_HZ;
use hdl::verilog::{pin_constraints, verilog};
use images::machine::BOARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Mutex;
use std::{fs, io, thread};

/// Which design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Top {
    /// The core with its memories, its ports registered at the pins
    Core,
    /// The complete board
    Board,
    /// The companion with a memory of 4 KB
    Companion,
    /// The computer: companion, core, flash and devices
    Computer,
}

impl Top {
    fn name(self) -> &'static str {
        match self {
            Top::Core => "core",
            Top::Board => "board",
            Top::Companion => "companion",
            Top::Computer => "computer",
        }
    }

    /// How yosys maps the logic. Measured, least MHz: the core on five seeds plain 89, `-abc9` 90, `-abc2` 91; the companion on
    /// three `-abc2` 47, `-abc9 -dff` 50.
    fn mapping(self) -> &'static str {
        match self {
            Top::Core | Top::Board => "-abc2",
            Top::Companion | Top::Computer => "-abc9 -dff",
        }
    }
}

/// One seed of so many may miss the clock: that is a bad place for once. A design that is too slow misses it with more.
const SEEDS_FOR_A_MISS: u32 = 8;

/// What to synthesise, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Which design
    #[arg(long, value_enum, default_value_t = Top::Board)]
    pub top: Top,
    /// Place and route with so many seeds, from 1 up, and keep the fastest
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub seeds: u32,
    /// Where to write the report as JSON
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// The program in the board's block RAM (by default the shipped `hello`)
    #[arg(long, value_name = "IMAGE")]
    pub image: Option<PathBuf>,
    /// Where bitstream and logs go
    #[arg(long, value_name = "FOLDER", default_value = "build")]
    pub out: PathBuf,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum SynthError {
    /// A tool that is not there.
    #[error("cannot start {tool}: {error}; `make setup` installs it")]
    NoTool {
        /// Its name.
        tool: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// A tool that failed.
    #[error("{tool} failed ({status}); its output is in {log}", log = log.display())]
    Failed {
        /// Its name.
        tool: &'static str,
        /// How it ended.
        status: std::process::ExitStatus,
        /// Where it says why.
        log: PathBuf,
    },
    /// A report without what it should have.
    #[error("nextpnr-ice40's report {} has no {what}; is it version 0.4 or later?", path.display())]
    Report {
        /// The report.
        path: PathBuf,
        /// What it should have.
        what: &'static str,
    },
    /// The program for the board, or the report's file.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder or file that cannot be written.
    #[error("{path}: {error}", path = path.display())]
    Io {
        /// Its name.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// The parts of nextpnr's report that matter here.
#[derive(Debug, Deserialize)]
struct PlaceReport {
    fmax: BTreeMap<String, Fmax>,
    utilization: BTreeMap<String, Used>,
    critical_paths: Vec<CriticalPath>,
}

#[derive(Debug, Deserialize)]
struct Fmax {
    achieved: f64,
}

#[derive(Debug, Deserialize)]
struct Used {
    used: u32,
}

#[derive(Debug, Deserialize)]
struct CriticalPath {
    from: String,
    to: String,
    path: Vec<Segment>,
}

#[derive(Debug, Deserialize)]
struct Segment {
    delay: f64,
    to: Place,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Debug, Deserialize)]
struct Place {
    cell: String,
}

/// The JSON report.
#[derive(Debug, Serialize)]
struct Report {
    top: Top,
    target_mhz: f64,
    lcs: u32,
    brams: u32,
    seeds: Vec<Seed>,
    best_seed: u32,
    bitstream: PathBuf,
    misses: Vec<String>,
}

/// One placement.
#[derive(Debug, Serialize)]
struct Seed {
    seed: u32,
    mhz: f64,
    #[serde(skip)]
    lcs: u32,
    #[serde(skip)]
    brams: u32,
    #[serde(skip)]
    path: Vec<String>,
}

/// Synthesises. The exit status: 1 if the design misses its budget.
pub fn synth(options: &Options) -> Result<u8, SynthError> {
    let folder = options.out.join(options.top.name());
    fs::create_dir_all(&folder).map_err(|error| SynthError::Io { path: folder.clone(), error })?;
    // That of an earlier run would be taken for this one's.
    let bitstream = folder.join("top.bin");
    match fs::remove_file(&bitstream) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(SynthError::Io { path: bitstream, error });
        }
        _ => {}
    }
    let budget = prepare(options, &folder)?;
    eprintln!("brainfusion: yosys ...");
    let script = format!("synth_ice40 {} -top top -json top.json", options.top.mapping());
    tool("yosys", &folder, "yosys.log", &["-q", "-p", &script, "top.v"])?;
    let seeds = place_all(options, &folder, &budget)?;
    let Some(best) = seeds.iter().max_by(|a, b| a.mhz.total_cmp(&b.mhz)) else {
        unreachable!("at least one seed is placed");
    };
    let misses = misses(&budget, &seeds, best);
    if misses.is_empty() {
        tool("icepack", &folder, "icepack.log", &[&format!("seed{}.asc", best.seed), "top.bin"])?;
    }
    print_report(options.top, &budget, &seeds, best, &bitstream, &misses);
    let passed = misses.is_empty();
    if let Some(path) = &options.json {
        let report = Report {
            top: options.top,
            target_mhz: budget.mhz,
            lcs: best.lcs,
            brams: best.brams,
            best_seed: best.seed,
            bitstream,
            misses,
            seeds,
        };
        let json = serde_json::to_vec_pretty(&report).expect("numbers and strings always serialise");
        image_file::write_whole(path, &json)?;
    }
    if !passed {
        eprintln!("brainfusion: the {} misses its budget: no bitstream was made", options.top.name());
    }
    Ok(u8::from(!passed))
}

/// What a design misses of its budget.
fn misses(budget: &Budget, seeds: &[Seed], best: &Seed) -> Vec<String> {
    let mut misses = Vec::new();
    if best.lcs > budget.lcs {
        misses.push(format!("{} LCs, but the budget is {}", best.lcs, budget.lcs));
    }
    if best.brams != budget.brams() {
        misses.push(format!("{} BRAMs, but the budget table says {}", best.brams, budget.brams()));
    }
    let slow = seeds.iter().filter(|seed| seed.mhz < budget.mhz).count();
    let allowed = seeds.len() / SEEDS_FOR_A_MISS as usize;
    if slow > allowed {
        let seeds = seeds.len();
        misses.push(format!("{slow} of {seeds} seeds do not reach {} MHz; {allowed} may", budget.mhz));
    }
    misses
}

/// Writes Verilog and constraints.
fn prepare(options: &Options, folder: &Path) -> Result<Budget, SynthError> {
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| SynthError::Io { path, error })
    };
    match options.top {
        Top::Core => {
            write("top.v", verilog(BoardCoreTop::default()))?;
            write("top.pcf", String::new())?;
            Ok(budget::CORE)
        }
        Top::Companion => {
            write("top.v", verilog(CompanionTop::default()))?;
            write("top.pcf", String::new())?;
            Ok(budget::COMPANION)
        }
        Top::Computer => {
            let computer = Computer::default();
            write("top.pcf", pin_constraints(&computer))?;
            write("top.v", verilog(computer))?;
            Ok(budget::COMPUTER)
        }
        Top::Board => {
            let image = match &options.image {
                Some(path) => image_file::read_image_for(path, BOARD)?,
                None => image_file::shipped("hello"),
            };
            let cycles_of_a_bit = hdl::uart::divisor(LOGIC_HZ, hdl::board::BAUD);
            let board = AlchitryCu::new(&image.words, cycles_of_a_bit);
            write("top.pcf", pin_constraints(&board))?;
            write("top.v", verilog(board))?;
            Ok(budget::BOARD_TOP)
        }
    }
}

/// Runs a tool in the folder; its output goes into the log.
fn tool(name: &'static str, folder: &Path, log: &str, arguments: &[&str]) -> Result<(), SynthError> {
    let output = Command::new(name)
        .current_dir(folder)
        .args(arguments)
        .output()
        .map_err(|error| SynthError::NoTool { tool: name, error })?;
    let log = folder.join(log);
    let text = [output.stdout, output.stderr].concat();
    fs::write(&log, text).map_err(|error| SynthError::Io { path: log.clone(), error })?;
    if output.status.success() {
        Ok(())
    } else {
        Err(SynthError::Failed { tool: name, status: output.status, log })
    }
}

/// Places and routes all seeds, as many at a time as there are cores.
fn place_all(options: &Options, folder: &Path, budget: &Budget) -> Result<Vec<Seed>, SynthError> {
    let next = AtomicUsize::new(1);
    let results = Mutex::new(Vec::new());
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..workers.min(options.seeds as usize) {
            scope.spawn(|| loop {
                let seed = next.fetch_add(1, Ordering::Relaxed) as u32;
                if seed > options.seeds {
                    break;
                }
                let result = place(options.top, folder, budget, seed);
                match &result {
                    Ok(seed) => eprintln!("brainfusion: seed {}: {:.1} MHz", seed.seed, seed.mhz),
                    Err(error) => eprintln!("brainfusion: seed {seed}: {error}"),
                }
                results.lock().expect("no worker panics").push(result);
            });
        }
    });
    let results = results.into_inner().expect("no worker panics");
    let mut seeds = results.into_iter().collect::<Result<Vec<_>, _>>()?;
    seeds.sort_by_key(|seed: &Seed| seed.seed);
    Ok(seeds)
}

fn place(top: Top, folder: &Path, budget: &Budget, seed: u32) -> Result<Seed, SynthError> {
    let report = format!("seed{seed}.json");
    let mut arguments = vec![CHIP, "--package", PACKAGE, "--json", "top.json", "--pcf", "top.pcf"];
    if matches!(top, Top::Core | Top::Companion) {
        arguments.push("--pcf-allow-unconstrained");
    }
    let (frequency, number, placed) = (budget.mhz.to_string(), seed.to_string(), format!("seed{seed}.asc"));
    // Whether the timing is met is judged below, for all seeds; a failed one must not hide its report.
    arguments.extend(["--freq", &frequency, "--seed", &number, "--timing-allow-fail"]);
    arguments.extend(["--asc", &placed, "--report", &report]);
    tool("nextpnr-ice40", folder, &format!("seed{seed}.log"), &arguments)?;

    let path = folder.join(report);
    let text = fs::read(&path).map_err(|error| SynthError::Io { path: path.clone(), error })?;
    let report: PlaceReport = serde_json::from_slice(&text)
        .map_err(|_| SynthError::Report { path: path.clone(), what: "known form" })?;
    let used = |name, what| match report.utilization.get(name) {
        Some(used) => Ok(used.used),
        None => Err(SynthError::Report { path: path.clone(), what }),
    };
    let slowest = report.fmax.values().map(|fmax| fmax.achieved).min_by(f64::total_cmp);
    let critical = report.critical_paths.iter().find(|path| path.from == path.to);
    Ok(Seed {
        seed,
        mhz: slowest.ok_or_else(|| SynthError::Report { path: path.clone(), what: "clock rate" })?,
        lcs: used("ICESTORM_LC", "logic cells")?,
        brams: used("ICESTORM_RAM", "block RAMs")?,
        path: critical.map(|path| describe(&path.path)).unwrap_or_default(),
    })
}

/// A critical path as a list of cells with the time at which a change has come through each.
fn describe(segments: &[Segment]) -> Vec<String> {
    let mut time = 0.0;
    let mut lines = Vec::new();
    for segment in segments {
        time += segment.delay;
        if segment.kind != "routing" {
            lines.push(format!("{time:6.2} ns  {}", segment.to.cell));
        }
    }
    lines
}

fn print_report(top: Top, budget: &Budget, seeds: &[Seed], best: &Seed, bitstream: &Path, misses: &[String]) {
    println!("{top:?} on the iCE40-HX8K-CB132");
    println!("  logic cells  {:5}   of {:5} budgeted, {} on the chip", best.lcs, budget.lcs, budget::LCS);
    println!(
        "  block RAMs   {:5}   of {:5} budgeted, {} on the chip",
        best.brams,
        budget.brams(),
        budget::BRAMS
    );
    for part in budget.parts {
        println!("    {:16}{:3}", part.name, part.brams);
    }
    println!("  clock, target {} MHz", budget.mhz);
    for seed in seeds {
        let verdict = if seed.mhz < budget.mhz { "missed" } else { "met" };
        println!("    seed {:3}  {:6.2} MHz  {verdict}", seed.seed, seed.mhz);
    }
    println!("  critical path of seed {}", best.seed);
    for line in &best.path {
        println!("    {line}");
    }
    if misses.is_empty() {
        println!("  bitstream    {}, seed {}", bitstream.display(), best.seed);
    }
    for miss in misses {
        println!("  MISSED: {miss}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { parts: &[budget::Part { name: "cells", brams: 8 }], lcs: 100, mhz: 50.0 };

    fn missed(mhz: &[f64], lcs: u32, brams: u32) -> Vec<String> {
        let seeds: Vec<Seed> = mhz
            .iter()
            .zip(1..)
            .map(|(&mhz, seed)| Seed { seed, mhz, lcs, brams, path: Vec::new() })
            .collect();
        misses(&BUDGET, &seeds, &seeds[0])
    }

    #[test]
    fn a_design_passes_with_its_budget_and_one_miss_in_eight_seeds() {
        let seven = [55.0, 51.0, 50.0, 52.0, 53.0, 54.0, 50.1];
        assert!(missed(&seven, 100, 8).is_empty());
        assert!(missed(&[&seven[..], &[49.9]].concat(), 100, 8).is_empty());
        assert_eq!(missed(&[55.0, 49.9], 100, 8), ["1 of 2 seeds do not reach 50 MHz; 0 may"]);
        let two = [&seven[..6], &[49.9, 0.0]].concat();
        assert_eq!(missed(&two, 100, 8), ["2 of 8 seeds do not reach 50 MHz; 1 may"]);
        assert_eq!(missed(&seven, 101, 8), ["101 LCs, but the budget is 100"]);
        assert_eq!(missed(&seven, 100, 7), ["7 BRAMs, but the budget table says 8"]);
    }
}
