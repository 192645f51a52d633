//! Whatever a message says, the services check it before they do something.

use crate::board::{map, Driver, Processor, World};
use crate::config::config;
use crate::{with, CAT};
use kernel::capability::{Capability, Object, Rights, Slot};
use kernel::context::Context;
use kernel::machine::{Fault, Machine, MachineId};
use kernel::message::{CallError, Event, Message};
use kernel::region::Region;
use kernel::service::console::{self, Console};
use kernel::service::loader::{self, Loader};
use kernel::service::process::{self, Process};
use kernel::service::storage::{self, Storage};
use kernel::service::timekeeper::{self, Timekeeper};
use kernel::signals::{self, Signals};
use kernel::system::{signal, Tables};
use proptest::prelude::*;

const CONSOLE: MachineId = MachineId(0);
const STORAGE: MachineId = MachineId(1);
const PROCESS: MachineId = MachineId(2);
const TIMEKEEPER: MachineId = MachineId(3);
const LOADER: MachineId = MachineId(4);
/// In place of the shell: one that asks for anything.
const PROBE: MachineId = MachineId(5);
const SERVICES: [MachineId; 5] = [CONSOLE, STORAGE, PROCESS, TIMEKEEPER, LOADER];
/// Calls of the probe without an answer: those that the shell can have.
const MOST_CALLS: usize = 2;
/// What is in the region that is lent.
const NAME: &[u8] = b"cat.bf";

/// Something that the probe asks for.
#[derive(Clone, Debug)]
struct Question {
    whom: usize,
    message: Message,
    /// Which part of the page is lent, with which rights.
    lend: Option<(usize, Rights)>,
    is_call: bool,
    /// Time and bytes that come behind it.
    milliseconds: u64,
    typed: Vec<u8>,
}

fn question() -> impl Strategy<Value = Question> {
    // Lengths and places, those that do and those that nearly do.
    let number = prop_oneof![
        3 => Just(NAME.len() as u32),
        2 => 0..70u32,
        1 => 140..180u32,
        1 => 4_090..4_100u32,
        1 => u32::MAX - 20..=u32::MAX,
        1 => any::<u32>(),
    ];
    let words = [number.clone(), number.clone(), number];
    let label = prop_oneof![12 => 0..16u32, 1 => any::<u32>()];
    let rights = prop::sample::select(vec![Rights::ALL, Rights::READ, Rights::WRITE, Rights::NONE]);
    let lend = prop_oneof![3 => Just(Some((0, Rights::ALL))), 2 => prop::option::of((0..4usize, rights))];
    // The key out of a program, Ctrl-C out of a transfer, and a byte for who reads; or anything.
    let keys = vec![console::LEAVE_KEY, 3, b'x'];
    let typed = prop_oneof![3 => Just(keys), 1 => prop::collection::vec(any::<u8>(), 0..40)];
    let what = (0..SERVICES.len(), label, words, lend, prop::bool::weighted(0.9));
    (what, 0..2_000u64, typed).prop_map(|((whom, label, words, lend, is_call), milliseconds, typed)| {
        Question { whom, message: Message { label, words }, lend, is_call, milliseconds, typed }
    })
}

/// Asks what it is told to, one question for each notification.
struct Probe {
    endpoints: [Slot; SERVICES.len()],
    /// The page, and parts of it.
    regions: Vec<Slot>,
    next: Option<Question>,
    calls: usize,
    answers: Vec<Result<Message, CallError>>,
}

impl Machine for Probe {
    fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
        match event {
            Event::Start => {
                for bytes in [1, 16, 100] {
                    let Object::Region(page) = context.capability(self.regions[0])?.object else { continue };
                    let part = Region::new(page.address() + 30, bytes).map(Object::Region);
                    self.regions.push(context.mint(self.regions[0], part, Rights::ALL)?);
                }
            }
            Event::Notification { .. } => {
                let Some(question) = self.next.take() else { return Ok(()) };
                context.write(self.regions[0], 0, NAME)?;
                let endpoint = self.endpoints[question.whom];
                let lend = question.lend.map(|(which, rights)| (self.regions[which], rights));
                if !question.is_call {
                    context.send(endpoint, &question.message, None)?;
                } else if self.calls < MOST_CALLS {
                    context.call(endpoint, &question.message, lend)?;
                    self.calls += 1;
                }
            }
            Event::Reply { result, capability, .. } => {
                self.calls -= 1;
                // One that was asked for what cannot be done may fail, and starts again.
                self.answers.push(result);
                if let Some(capability) = capability {
                    // A file, a draft, or the cells: to be written by who may, within it.
                    let _ = context.write(capability, 0, &[0; 4]);
                    context.delete(capability)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn restart(&mut self) {}
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn any_question_is_answered_and_every_service_is_of_use_afterwards(
        questions in prop::collection::vec(question(), 1..120),
    ) {
        let world = World::new(with("cat.bf", CAT).nor());
        let driver = || Driver(world.clone());
        let mut kernel = Tables::new();
        let mut give = |machine, object, rights| {
            kernel.capabilities.give(machine, Capability { object, rights }).expect("room")
        };
        let call = |receiver| Object::Endpoint { receiver, badge: 0 };
        let places = map().places;
        let files = places.files.end - places.files.start;
        let files = Region::new(places.window + places.files.start, files).expect("a region");
        let leaving = Object::Notification { receiver: PROCESS, bits: process::LEAVE };
        let leaving = give(CONSOLE, leaving, Rights::WRITE);
        let region = give(STORAGE, Object::Region(files), Rights::ALL);
        let mut process = Process::new(driver(), process::Slots {
            console: give(PROCESS, call(CONSOLE), Rights::ALL),
            storage: give(PROCESS, call(STORAGE), Rights::ALL),
            timekeeper: give(PROCESS, call(TIMEKEEPER), Rights::ALL),
            cells: give(PROCESS, Object::Region(map().cells), Rights::ALL),
        });
        let mut loader = Loader::new(loader::Slots {
            console: give(LOADER, call(CONSOLE), Rights::ALL),
            storage: give(LOADER, call(STORAGE), Rights::ALL),
            timekeeper: give(LOADER, call(TIMEKEEPER), Rights::ALL),
            process: give(LOADER, call(PROCESS), Rights::ALL),
        });
        let mut probe = Probe {
            endpoints: SERVICES.map(|service| give(PROBE, call(service), Rights::ALL)),
            regions: vec![give(PROBE, Object::Region(map().page), Rights::ALL)],
            next: None,
            calls: 0,
            answers: Vec::new(),
        };
        let mut console = Console::new(driver(), leaving);
        let mut storage = Storage::new(driver(), places, region);
        let mut timekeeper = Timekeeper::new(driver());
        let (signals, mut memory) = (Signals::<{ signal::COUNT }>::new(), driver());

        let mut ask = |question: Question| {
            let end = world.borrow().now + question.milliseconds;
            let typed = question.typed.clone();
            probe.answers.clear();
            probe.next = Some(question);
            kernel.post(PROBE, 1);
            world.borrow_mut().printed.clear();
            let mut turns = 0;
            loop {
                turns += 1;
                assert!(turns < 1_000_000, "it does not come to rest");
                let machines: &mut [&mut dyn Machine; 6] =
                    &mut [&mut console, &mut storage, &mut process, &mut timekeeper, &mut loader, &mut probe];
                let routes = [(CONSOLE, 1), (TIMEKEEPER, 1), (PROCESS, process::CORE)];
                let processor = &mut Processor(&world, &signals);
                signals::run(&mut kernel, machines, &mut memory, &signals, &routes, processor);
                let mut world = world.borrow_mut();
                if world.take_quiet() && !world.has_alarm(end) {
                    typed.iter().for_each(|byte| world.receive(*byte));
                    return (probe.calls, probe.answers.clone());
                }
            }
        };
        for mut question in questions {
            // All that is waited for comes before the end.
            question.message.words[0] %= if question.whom == usize::from(TIMEKEEPER.0) { 100_000 } else { u32::MAX };
            ask(question);
        }
        // A program and a transfer are left, what was to be read is there, and all time is over.
        let call = |whom: MachineId, label, milliseconds, typed: &[u8]| Question {
            whom: usize::from(whom.0),
            message: Message { label, words: [0; 3] },
            lend: Some((0, Rights::ALL)),
            is_call: true,
            milliseconds,
            typed: typed.to_vec(),
        };
        ask(call(TIMEKEEPER, timekeeper::NOW, 100_000, &[console::LEAVE_KEY]));
        ask(call(TIMEKEEPER, timekeeper::NOW, 100_000, b"typed"));
        let (open, _) = ask(call(TIMEKEEPER, timekeeper::NOW, 100_000, b""));
        prop_assert_eq!(open, 0, "calls without an answer");
        for (whom, label) in [
            (CONSOLE, console::WRITE | 1 << 8),
            (STORAGE, storage::LIST),
            (PROCESS, process::STATUS),
            (TIMEKEEPER, timekeeper::NOW),
            (LOADER, loader::LOAD),
        ] {
            let (open, answers) = ask(call(whom, label, 100_000, b""));
            prop_assert!(open == 0 && matches!(answers[..], [Ok(_)]), "{:?}: {:?}", whom, answers);
        }
    }
}
