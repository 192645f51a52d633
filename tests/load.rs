//! `brainfusion load` over the simulated board's line: the host's sender, the line bit by bit, and Fusion, in the board's time.

use images::image::Image;
use kernel::ymodem::STX;
use map::{BAUD, CLOCK_HZ};
use sim::computer::{Computer, Stopped};
use sim::flash::{self, Flash};
use sim::host::line::{Line, Wire};
use sim::host::load;
use sim::host::shell::Shell;
use sim::host::ymodem_sender::{Outgoing, Step};
use sim::model::EngineKind;
use sim::session::{Console, Next, Waited};
use sim::{flash_files, flash_image};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;
use tests::{assert_ram_has_room, FIRMWARE};

/// Between two looks at the line.
const LOOK_CYCLES: u64 = CLOCK_HZ as u64 / BAUD as u64;

/// The host's end of the line.
#[derive(Default)]
struct Host {
    to_send: VecDeque<u8>,
    came: VecDeque<u8>,
}

impl Console for Host {
    fn next(&mut self) -> io::Result<Next> {
        Ok(self.to_send.pop_front().map_or(Next::Quit, Next::Byte))
    }
    fn wait(&mut self, most: Duration, _wanted: bool) -> io::Result<Waited> {
        Ok(match self.to_send.pop_front() {
            Some(byte) => Waited { passed: Duration::ZERO, next: Some(Next::Byte(byte)) },
            None => Waited { passed: most, next: None },
        })
    }
    fn poll(&mut self) -> io::Result<Option<u8>> {
        Ok(self.to_send.pop_front())
    }
    fn put(&mut self, byte: u8) -> io::Result<()> {
        self.came.push_back(byte);
        Ok(())
    }
}

/// The simulated board as a line of the host tools.
struct Board {
    computer: Computer,
    host: Host,
    /// Cycles in which the board waited for a byte and nothing else: it does not count them.
    waited: u64,
    /// All cycles.
    cycles: Rc<Cell<u64>>,
    /// When each long block began.
    blocks: Rc<RefCell<Vec<u64>>>,
}

impl Board {
    fn new(content: Vec<u8>) -> Board {
        let flash = Flash::new(content, flash::Options::default());
        let computer = Computer::new(EngineKind::Verilator, flash).expect("an engine");
        Board { computer, host: Host::default(), waited: 0, cycles: Rc::default(), blocks: Rc::default() }
    }

    fn run(&mut self, cycles: u64) -> io::Result<()> {
        let end = self.computer.cycles() + cycles;
        if self.computer.run(&mut self.host, end)? == Stopped::Quit {
            self.waited += end - self.computer.cycles().min(end);
        }
        self.cycles.set(self.computer.cycles() + self.waited);
        Ok(())
    }
}

impl Line for Board {
    fn read(&mut self, bytes: &mut [u8], most: Duration) -> io::Result<usize> {
        let end = self.now() + most;
        while self.host.came.is_empty() && self.now() < end {
            self.run(LOOK_CYCLES)?;
        }
        let count = bytes.len().min(self.host.came.len());
        bytes.iter_mut().zip(self.host.came.drain(..count)).for_each(|(to, from)| *to = from);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.first() == Some(&STX) {
            self.blocks.borrow_mut().push(self.cycles.get());
        }
        self.host.to_send.extend(bytes);
        while !self.host.to_send.is_empty() {
            self.run(LOOK_CYCLES)?;
        }
        Ok(())
    }

    fn now(&mut self) -> Duration {
        Duration::from_nanos(self.cycles.get() * (1_000_000_000 / u64::from(CLOCK_HZ)))
    }
}

/// Sends a file. When its long blocks began, when the last one was taken, and what the board's file is then.
fn load(sent: &Outgoing) -> (Vec<u64>, u64, Vec<u8>) {
    let mut board = Board::new(flash_image::contents(&[], &FIRMWARE, &[]).expect("fits"));
    let cycles = board.cycles.clone();
    let mut shell = Shell::new(Wire::new(&mut board, 1));
    shell.bring_to_prompt().expect("a prompt");
    let mut last = 0;
    let said = load::send(&mut shell, std::slice::from_ref(sent), &mut |step| {
        if let Step::Sent(_) = step {
            last = cycles.get();
        }
    });
    assert!(said.expect("sent").starts_with("loaded: "));
    assert_ram_has_room(&shell.command("stat").expect("an answer"));
    assert!(board.computer.flash().errors().is_empty(), "{:?}", board.computer.flash().errors());
    let mut content = board.computer.flash().content().to_vec();
    let file = flash_files::read(&mut content, &sent.name).expect("it is there");
    (board.blocks.take(), last, file)
}

#[test]
fn an_image_of_15_kb_comes_at_nine_tenths_of_the_lines_rate() {
    let image = Image::from_text("+>-<<>>[-].".repeat(1916).as_bytes()).expect("sound");
    let sent = Outgoing { name: "large.bf".to_owned(), bytes: image.to_file() };
    let (blocks, last, file) = load(&sent);
    assert!(file == sent.bytes);
    assert_eq!(blocks.len(), 15, "15 KB, and none of them twice");
    // Eight bits of data, a start and a stop bit.
    let needed = sent.bytes.len() as u64 * 10 * u64::from(CLOCK_HZ) / u64::from(BAUD);
    let percent = 100 * needed / (last - blocks[0]);
    println!("{} bytes in {} cycles: {percent} % of the line's rate", sent.bytes.len(), last - blocks[0]);
    assert!(percent >= 90, "{percent} %");
}

#[test]
fn a_text_that_comes_faster_than_the_board_encodes_it_arrives_whole() {
    let text = "+[>.,<-][->+++>++++>+++++<<<]>[->>+<+<]<[>]".repeat(48);
    let sent = Outgoing { name: "text.bf".to_owned(), bytes: text.clone().into_bytes() };
    let (blocks, _, file) = load(&sent);
    assert!(blocks.len() > 2, "a block had to come twice");
    assert!(file == Image::from_text(text.as_bytes()).expect("sound").to_file());
}
