//! Interrupts: none is lost, whenever it comes.

use kernel::capability::{Capability, Object, Rights, Slot};
use kernel::context::Context;
use kernel::kernel::Kernel;
use kernel::machine::{Fault, Machine, MachineId};
use kernel::memory::{Memory, MemoryError};
use kernel::message::Event;
use kernel::region::Region;
use kernel::signals::{run, Signals, Sleep};
use std::cell::Cell;

const ME: MachineId = MachineId(0);
const BITS: u16 = 0b100;

/// When the interrupt comes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    /// While the machine handles another event.
    InMachine,
    /// After the last machine had its turn, before interrupts are held off.
    BeforeSleep,
    /// While they are held off, before and after the last look.
    HeldOff,
    AfterLook,
    /// Long after the processor has gone to sleep.
    Asleep,
}

struct NoMemory;

impl Memory for NoMemory {
    fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), MemoryError> {
        unreachable!("nobody has a region");
    }
    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), MemoryError> {
        unreachable!("nobody has a region");
    }
}

struct Board<'a> {
    signals: &'a Signals<1>,
    moment: Moment,
    came: &'a Cell<bool>,
    /// Looks before it sleeps, as it should.
    is_careful: bool,
    /// It sleeps, and no interrupt will come any more.
    is_dead: bool,
}

impl Board<'_> {
    /// The interrupt comes now; its handler runs at once, or later if interrupts are held off.
    fn at(&self, moment: Moment) -> bool {
        moment == self.moment && !self.came.replace(true)
    }
}

impl Sleep for Board<'_> {
    fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool) {
        if self.at(Moment::BeforeSleep) {
            self.signals.post(0);
        }
        let mut is_pending = self.at(Moment::HeldOff);
        let sleeps = !self.is_careful || is_idle();
        is_pending |= self.at(Moment::AfterLook);
        if sleeps && !is_pending {
            is_pending = self.at(Moment::Asleep);
            self.is_dead = !is_pending;
        }
        // Interrupts are let in again.
        if is_pending {
            self.signals.post(0);
        }
    }
}

struct Listener<'a> {
    signals: &'a Signals<1>,
    moment: Moment,
    came: &'a Cell<bool>,
    heard: u32,
}

impl Machine for Listener<'_> {
    fn handle(&mut self, event: Event, _: &mut dyn Context) -> Result<(), Fault> {
        match event {
            Event::Start if self.moment == Moment::InMachine => {
                self.came.set(true);
                self.signals.post(0);
            }
            Event::Notification { bits } => {
                assert_eq!(bits, BITS);
                self.heard += 1;
            }
            _ => {}
        }
        Ok(())
    }

    fn restart(&mut self) {}
}

/// Whether the machine has heard of the interrupt when the processor sleeps for good.
fn hears(moment: Moment, is_careful: bool) -> bool {
    let (signals, came) = (Signals::new(), Cell::new(false));
    let mut board = Board { signals: &signals, moment, came: &came, is_careful, is_dead: false };
    let mut listener = Listener { signals: &signals, moment, came: &came, heard: 0 };
    let mut kernel = Kernel::<1, 1, 1, 1, 1>::new();
    for _ in 0..20 {
        if board.is_dead {
            break;
        }
        run(
            &mut kernel,
            &mut [&mut listener as &mut dyn Machine],
            &mut NoMemory,
            &signals,
            &[(ME, BITS)],
            &mut board,
        );
    }
    assert!(came.get() && board.is_dead, "{moment:?}: the interrupt came, and all is done");
    assert!(listener.heard <= 1, "{moment:?}: once");
    listener.heard == 1
}

#[test]
fn no_wake_up_is_lost_between_the_last_look_and_sleep() {
    for moment in [Moment::InMachine, Moment::BeforeSleep, Moment::HeldOff, Moment::AfterLook, Moment::Asleep]
    {
        assert!(hears(moment, true), "{moment:?}");
    }
    // Without the look it would be: this test can fail.
    assert!(!hears(Moment::BeforeSleep, false));
}

#[test]
fn signals_that_come_together_are_one_notification() {
    let signals = Signals::<2>::new();
    signals.post(1);
    signals.post(1);
    signals.post(7);
    assert!(signals.any());
    struct Counter(Vec<u16>);
    impl Machine for Counter {
        fn handle(&mut self, event: Event, _: &mut dyn Context) -> Result<(), Fault> {
            if let Event::Notification { bits } = event {
                self.0.push(bits);
            }
            Ok(())
        }
        fn restart(&mut self) {}
    }
    struct Awake;
    impl Sleep for Awake {
        fn sleep_if(&mut self, _: &dyn Fn() -> bool) {}
    }
    let mut counter = Counter(Vec::new());
    let mut kernel = Kernel::<1, 1, 1, 1, 1>::new();
    for _ in 0..5 {
        run(
            &mut kernel,
            &mut [&mut counter as &mut dyn Machine],
            &mut NoMemory,
            &signals,
            &[(ME, 1), (ME, 2)],
            &mut Awake,
        );
    }
    assert_eq!(counter.0, [2]);
    assert!(!signals.any());
}

#[test]
fn a_handler_takes_no_lock_whatever_it_has_interrupted() {
    /// Interrupts come while the kernel reads for a machine.
    struct Interrupted<'a>(&'a Signals<1>, bool);
    impl Memory for Interrupted<'_> {
        fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), MemoryError> {
            if std::mem::take(&mut self.1) {
                self.0.post(0);
            }
            Ok(())
        }
        fn write(&mut self, _: u32, _: &[u8]) -> Result<(), MemoryError> {
            Ok(())
        }
    }
    /// And when the processor looks whether it can sleep.
    struct Looking<'a>(&'a Signals<1>, usize);
    impl Sleep for Looking<'_> {
        fn sleep_if(&mut self, is_idle: &dyn Fn() -> bool) {
            self.1 += 1;
            assert!(is_idle());
            if self.1 == 1 {
                self.0.post(0);
                assert!(!is_idle());
            }
        }
    }
    struct Reader(Slot, u32);
    impl Machine for Reader {
        fn handle(&mut self, event: Event, context: &mut dyn Context) -> Result<(), Fault> {
            self.1 += u32::from(event == Event::Notification { bits: BITS });
            Ok(context.read(self.0, 0, &mut [0])?)
        }
        fn restart(&mut self) {}
    }
    let signals = Signals::new();
    let mut kernel = Kernel::<1, 1, 1, 1, 1>::new();
    let region = Region::new(0, 1).map(Object::Region).expect("a region");
    let slot =
        kernel.capabilities.give(ME, Capability { object: region, rights: Rights::READ }).expect("room");
    let (mut reader, mut memory, mut processor) =
        (Reader(slot, 0), Interrupted(&signals, true), Looking(&signals, 0));
    for _ in 0..6 {
        run(
            &mut kernel,
            &mut [&mut reader as &mut dyn Machine],
            &mut memory,
            &signals,
            &[(ME, BITS)],
            &mut processor,
        );
    }
    assert_eq!(reader.1, 2, "both are heard");
}
