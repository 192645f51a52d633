//! `brainfusion trace`: every signal of the machine, for a window of cycles, as a waveform file.
//!
//! The rust engine knows all signals by name, so this needs no tool. VCD is text that every viewer reads, FST is
//! much smaller.

use crate::image_file::{self, FileError};
use crate::model::{self, EngineKind, MachineKind, Shape};
use crate::session::{Buffers, Session, Stopped};
use hdl::pll::LOGIC_HZ;
use images::machine::EndOfInput;
use rust_hdl::core::probe::Probe;
use rust_hdl::core::synth::VCDValue;
use rust_hdl::prelude::{Atom, Block};
use std::cell::RefCell;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// What to record.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    /// Program text (.bf) or encoded image
    pub image: PathBuf,
    /// The file to write: .vcd or .fst
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// First cycle to record, counted from the first word of the program
    #[arg(long, value_name = "CYCLE", default_value_t = 0)]
    pub from: u64,
    /// Cycles to record, at most
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub cycles: u64,
    /// Only the core, its byte ports connected directly
    #[arg(long)]
    pub bare: bool,
    /// Size of the machine
    #[arg(long, value_enum, default_value_t = MachineKind::Board)]
    pub machine: MachineKind,
    /// What `,` does at the end of the input: 0, -1, unchanged or wait
    #[arg(long, allow_hyphen_values = true)]
    pub eof: Option<EndOfInput>,
    /// File with the machine's input
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// A file that cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// A name that says nothing about the format.
    #[error("{0}: name it .vcd or .fst, to say which format it should have")]
    Format(String),
    /// The waveform file.
    #[error("{path}: {message}", path = path.display())]
    Output {
        /// Its name.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Picoseconds of a clock cycle.
const PERIOD: u64 = 1_000_000_000_000 / LOGIC_HZ;

/// Records.
pub fn trace(options: &Options) -> Result<u8, TraceError> {
    let mut image = image_file::read_image_for(&options.image, options.machine.limits())?;
    if let Some(mode) = options.eof {
        image.set_end_of_input(mode);
    }
    let input = match &options.input {
        Some(path) => image_file::read_bytes(path)?,
        None => Vec::new(),
    };
    let shape = if options.bare { Shape::Bare } else { Shape::Board };
    let model =
        model::new(EngineKind::Rust, options.machine, shape).expect("the rust engine is in every build");
    let mut session = Session::new(model, shape);
    session.model().load(&image.words);
    session.switch_on();
    let mut console = Buffers::new(&input);
    let failed = |message: String| TraceError::Output { path: options.output.clone(), message };
    let run = |session: &mut Session, console: &mut Buffers, cycles| {
        session.run(console, cycles).map_err(|error| failed(error.to_string()))
    };
    let mut outcome = run(&mut session, &mut console, options.from)?;
    let mut recorder = Recorder::new(block(&mut session), &options.output)?;
    let mut recorded = 0;
    while outcome.stopped == Stopped::CycleLimit && recorded < options.cycles {
        let cycle = options.from + recorded;
        recorder.record(block(&mut session), cycle * PERIOD).map_err(failed)?;
        recorded += 1;
        outcome = run(&mut session, &mut console, options.from + recorded)?;
    }
    recorder.finish((options.from + recorded) * PERIOD).map_err(failed)?;
    eprintln!("brainfusion: {recorded} cycles in {}", options.output.display());
    if io::stdout().write_all(&console.output).is_err() {
        eprintln!("brainfusion: nobody reads the program's output; the trace is complete all the same");
    }
    Ok(0)
}

fn block(session: &mut Session) -> &dyn Block {
    session.model().block().expect("the rust engine shows its block")
}

/// A signal, or a field of one.
struct Variable {
    name: String,
    bits: u32,
    clock: bool,
}

/// A waveform file being written.
trait Sink {
    fn scope(&mut self, name: &str) -> Result<(), String>;
    fn up(&mut self) -> Result<(), String>;
    fn variable(&mut self, name: &str, bits: u32) -> Result<(), String>;
    fn begin(&mut self) -> Result<(), String>;
    fn time(&mut self, time: u64) -> Result<(), String>;
    /// `bits`: one `0` or `1` for each bit, highest first.
    fn change(&mut self, variable: usize, bits: &[u8]) -> Result<(), String>;
    fn finish(&mut self) -> Result<(), String>;
}

struct Recorder {
    sink: Box<dyn Sink>,
    clocks: Vec<bool>,
    values: Vec<Vec<u8>>,
}

impl Recorder {
    fn new(block: &dyn Block, path: &Path) -> Result<Recorder, TraceError> {
        let failed = |message: String| TraceError::Output { path: path.to_owned(), message };
        let mut sink: Box<dyn Sink> = match path.extension().and_then(|extension| extension.to_str()) {
            Some("vcd") => Box::new(VcdSink::create(path).map_err(|error| failed(error.to_string()))?),
            Some("fst") => Box::new(FstSink::create(path).map_err(|error| failed(error.to_string()))?),
            _ => return Err(TraceError::Format(path.display().to_string())),
        };
        let mut names = Names { sink: sink.as_mut(), clocks: Vec::new(), error: Ok(()) };
        block.accept("board", &mut names);
        let clocks = std::mem::take(&mut names.clocks);
        std::mem::replace(&mut names.error, Ok(())).map_err(failed)?;
        sink.begin().map_err(failed)?;
        Ok(Recorder { sink, values: vec![Vec::new(); clocks.len()], clocks })
    }

    /// Records a cycle that begins at this time, in picoseconds.
    fn record(&mut self, block: &dyn Block, time: u64) -> Result<(), String> {
        let mut values = Values(Vec::with_capacity(self.values.len()));
        block.accept("board", &mut values);
        self.sink.time(time)?;
        for (number, new) in values.0.into_iter().enumerate() {
            let new = if self.clocks[number] { b"1".to_vec() } else { new };
            if self.values[number] != new {
                self.sink.change(number, &new)?;
                self.values[number] = new;
            }
        }
        self.sink.time(time + PERIOD / 2)?;
        for number in 0..self.clocks.len() {
            if self.clocks[number] {
                self.sink.change(number, b"0")?;
                self.values[number] = b"0".to_vec();
            }
        }
        Ok(())
    }

    fn finish(&mut self, time: u64) -> Result<(), String> {
        self.sink.time(time)?;
        self.sink.finish()
    }
}

/// Tells a sink the names of all signals.
struct Names<'a> {
    sink: &'a mut dyn Sink,
    clocks: Vec<bool>,
    error: Result<(), String>,
}

impl Names<'_> {
    fn note(&mut self, result: Result<(), String>) {
        if self.error.is_ok() {
            self.error = result;
        }
    }
}

impl Probe for Names<'_> {
    fn visit_start_scope(&mut self, name: &str, _: &dyn Block) {
        let result = self.sink.scope(name);
        self.note(result);
    }

    fn visit_end_scope(&mut self, _: &str, _: &dyn Block) {
        let result = self.sink.up();
        self.note(result);
    }

    fn visit_atom(&mut self, name: &str, signal: &dyn Atom) {
        for variable in variables(name, signal) {
            let result = self.sink.variable(&variable.name, variable.bits);
            self.note(result);
            self.clocks.push(variable.clock);
        }
    }
}

fn variables(name: &str, signal: &dyn Atom) -> Vec<Variable> {
    use rust_hdl::core::type_descriptor::TypeKind;
    let descriptor = signal.descriptor();
    match descriptor.kind {
        TypeKind::Composite(fields) => fields
            .iter()
            .map(|field| Variable {
                name: format!("{name}.{}", field.fieldname),
                bits: bits(&field.kind.kind),
                clock: false,
            })
            .collect(),
        kind => vec![Variable { name: name.into(), bits: bits(&kind), clock: descriptor.name == "clock" }],
    }
}

fn bits(kind: &rust_hdl::core::type_descriptor::TypeKind) -> u32 {
    use rust_hdl::core::type_descriptor::TypeKind;
    match kind {
        TypeKind::Bits(bits) | TypeKind::Signed(bits) => *bits as u32,
        TypeKind::Enum(_) | TypeKind::Composite(_) => 1,
    }
}

/// Collects the values of all signals, in the order of the names.
struct Values(Vec<Vec<u8>>);

impl Values {
    fn push(&mut self, value: VCDValue) {
        let digit = |value: rust_vcd::Value| if value == rust_vcd::Value::V1 { b'1' } else { b'0' };
        match value {
            VCDValue::Single(value) => self.0.push(vec![digit(value)]),
            VCDValue::Vector(values) => self.0.push(values.into_iter().map(digit).collect()),
            VCDValue::Composite(fields) => fields.into_iter().for_each(|field| self.push(*field)),
            VCDValue::String(_) => self.0.push(b"0".to_vec()),
        }
    }
}

impl Probe for Values {
    fn visit_atom(&mut self, _: &str, signal: &dyn Atom) {
        self.push(signal.vcd());
    }
}

/// A file that two can write to: the VCD writer keeps what it is given and never flushes it.
#[derive(Clone)]
struct SharedFile(Rc<RefCell<io::BufWriter<std::fs::File>>>);

impl Write for SharedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().flush()
    }
}

struct VcdSink {
    file: SharedFile,
    writer: rust_vcd::Writer<SharedFile>,
    codes: Vec<(rust_vcd::IdCode, bool)>,
}

impl VcdSink {
    fn create(path: &Path) -> io::Result<VcdSink> {
        let file = SharedFile(Rc::new(RefCell::new(io::BufWriter::new(std::fs::File::create(path)?))));
        let mut writer = rust_vcd::Writer::new(file.clone());
        writer.timescale(1, rust_vcd::TimescaleUnit::PS)?;
        Ok(VcdSink { file, writer, codes: Vec::new() })
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Sink for VcdSink {
    fn scope(&mut self, name: &str) -> Result<(), String> {
        self.writer.add_module(name).map_err(text)
    }

    fn up(&mut self) -> Result<(), String> {
        self.writer.upscope().map_err(text)
    }

    fn variable(&mut self, name: &str, bits: u32) -> Result<(), String> {
        let code = self.writer.add_wire(bits, name).map_err(text)?;
        self.codes.push((code, bits == 1));
        Ok(())
    }

    fn begin(&mut self) -> Result<(), String> {
        self.writer.enddefinitions().map_err(text)
    }

    fn time(&mut self, time: u64) -> Result<(), String> {
        self.writer.timestamp(time).map_err(text)
    }

    fn change(&mut self, variable: usize, bits: &[u8]) -> Result<(), String> {
        let value = |bit: &u8| if *bit == b'1' { rust_vcd::Value::V1 } else { rust_vcd::Value::V0 };
        let (code, scalar) = self.codes[variable];
        if scalar {
            self.writer.change_scalar(code, value(&bits[0])).map_err(text)
        } else {
            let values: Vec<_> = bits.iter().map(value).collect();
            self.writer.change_vector(code, &values).map_err(text)
        }
    }

    fn finish(&mut self) -> Result<(), String> {
        self.file.flush().map_err(text)
    }
}

type FstFile = io::BufWriter<std::fs::File>;

struct FstSink {
    header: Option<fst_writer::FstHeaderWriter<FstFile>>,
    body: Option<fst_writer::FstBodyWriter<FstFile>>,
    codes: Vec<fst_writer::FstSignalId>,
}

impl FstSink {
    fn create(path: &Path) -> Result<FstSink, fst_writer::FstWriteError> {
        let info = fst_writer::FstInfo {
            start_time: 0,
            timescale_exponent: -12,
            version: concat!("brainfusion ", env!("CARGO_PKG_VERSION")).into(),
            date: String::new(),
            file_type: fst_writer::FstFileType::Verilog,
        };
        Ok(FstSink { header: Some(fst_writer::open_fst(path, &info)?), body: None, codes: Vec::new() })
    }

    fn header(&mut self) -> Result<&mut fst_writer::FstHeaderWriter<FstFile>, String> {
        self.header.as_mut().ok_or_else(|| "the header is complete".into())
    }

    fn body(&mut self) -> Result<&mut fst_writer::FstBodyWriter<FstFile>, String> {
        self.body.as_mut().ok_or_else(|| "the header is not complete".into())
    }
}

impl Sink for FstSink {
    fn scope(&mut self, name: &str) -> Result<(), String> {
        self.header()?.scope(name, "", fst_writer::FstScopeType::Module).map_err(text)
    }

    fn up(&mut self) -> Result<(), String> {
        self.header()?.up_scope().map_err(text)
    }

    fn variable(&mut self, name: &str, bits: u32) -> Result<(), String> {
        let kind = fst_writer::FstSignalType::bit_vec(bits);
        let (var, direction) = (fst_writer::FstVarType::Wire, fst_writer::FstVarDirection::Implicit);
        let code = self.header()?.var(name, kind, var, direction, None).map_err(text)?;
        self.codes.push(code);
        Ok(())
    }

    fn begin(&mut self) -> Result<(), String> {
        let header = self.header.take().ok_or("begun twice")?;
        self.body = Some(header.finish().map_err(text)?);
        Ok(())
    }

    fn time(&mut self, time: u64) -> Result<(), String> {
        self.body()?.time_change(time).map_err(text)
    }

    fn change(&mut self, variable: usize, bits: &[u8]) -> Result<(), String> {
        let code = self.codes[variable];
        self.body()?.signal_change(code, bits).map_err(text)
    }

    fn finish(&mut self) -> Result<(), String> {
        let body = self.body.take().ok_or("finished twice")?;
        body.finish().map_err(text)
    }
}
