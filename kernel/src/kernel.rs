//! The kernel: who waits for whom, and whose turn it is.
//!
//! Messages wait in records, and the numbers of the records in one line with those of the machines that were notified. The record
//! of a call is there until the caller has its answer, which travels in the same record: there is always room for an answer.
//! The right to answer is in the record too.

use crate::capability::{Capabilities, Capability, CapabilityError, Held, Object, Rights, Slot};
use crate::context::Context;
use crate::faults::{FaultRecord, Faults};
use crate::machine::{Fault, Machine, MachineId};
use crate::memory::Memory;
use crate::message::{CallError, CallId, Event, Message, SendError};
use crate::node::MOST_MACHINES;
use crate::region::Region;
use crate::turns::{self, Turns};

/// Faults in a row, without an event that was handled in between, after which a machine is not started again.
pub const LIVES: u8 = 3;

/// What a record is in use for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Free,
    /// A message on its way.
    Sent,
    /// A call on its way.
    Called,
    /// A call that the receiver knows of and has not answered.
    Taken,
    /// An answer on its way to the caller.
    Answered,
    /// No answer: that is on its way.
    Failed,
    Dropped,
}

/// No record: the end of those that are free.
const NONE: u8 = u8::MAX;

/// A machine's number in the line has this bit, a record's has not.
const MACHINE: u8 = 0x80;

/// A message on its way.
#[derive(Clone, Copy, Debug)]
struct Record {
    message: Message,
    /// The last call that it was used for, or is.
    call: CallId,
    stage: Stage,
    /// The next one that is free.
    next: u8,
    sender: MachineId,
    receiver: MachineId,
    badge: u16,
    /// What came with it, in the table of who gets it: given, or lent.
    capability: Option<Slot>,
}

const FREE: Record = Record {
    message: Message { label: 0, words: [0; 3] },
    call: CallId::first(0),
    stage: Stage::Free,
    next: NONE,
    sender: MachineId(0),
    receiver: MachineId(0),
    badge: 0,
    capability: None,
};

impl Record {
    /// Whether it is a call without an answer.
    fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Called | Stage::Taken)
    }

    /// Whether a slot of this machine is the right to answer it.
    fn is_answered_with(&self, machine: MachineId, slot: Slot) -> bool {
        self.call.reply() == slot && self.stage == Stage::Taken && self.receiver == machine
    }
}

/// What the kernel knows of a machine.
#[derive(Clone, Copy, Debug)]
struct State {
    /// 0 while it runs. Else it is to be started, and has failed once less in a row.
    starts: u8,
    /// Messages and calls on their way to it, without answers.
    waiting: u8,
    /// Calls of its own that have no answer.
    calls: u8,
    /// Whether its own number is in the line: to be started or notified.
    is_in_line: bool,
    notified: u16,
    generation: u16,
}

impl State {
    const NEW: State =
        State { starts: 1, waiting: 0, calls: 0, is_in_line: false, notified: 0, generation: 0 };

    fn is_stopped(&self) -> bool {
        self.starts > LIVES
    }
}

/// The kernel for `M` machines with `N` capabilities, at most `S` each, and `R` messages and calls on their way, of which
/// `Q` at most wait for one machine.
#[derive(Debug)]
pub struct Kernel<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> {
    /// Who holds what, but for rights to answer.
    pub capabilities: Capabilities<S, N>,
    states: [State; M],
    records: [Record; R],
    turns: Turns,
    /// The first of the records that are free.
    free: u8,
    faults: Faults,
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Kernel<M, S, N, Q, R> {
    const FITS: () = assert!(M <= MOST_MACHINES && M + R <= turns::PLACES && Q <= R);

    /// No machine has anything yet.
    pub const fn new() -> Self {
        let () = Self::FITS;
        let mut kernel = Kernel {
            capabilities: Capabilities::new(),
            states: [State::NEW; M],
            records: [FREE; R],
            turns: Turns::new(),
            free: NONE,
            faults: Faults::new(),
        };
        let mut index = 0;
        while index < R {
            kernel.records[index].call = CallId::first(index as u8);
            kernel.release(index as u8);
            index += 1;
        }
        let mut machine = 0;
        while machine < M {
            kernel.wake(MachineId(machine as u8));
            machine += 1;
        }
        kernel
    }

    /// A record is free.
    const fn release(&mut self, index: u8) {
        let record = &mut self.records[index as usize];
        record.stage = Stage::Free;
        record.next = self.free;
        self.free = index;
    }

    /// A machine is to be started or notified: it gets its turn after all that is in the line.
    const fn wake(&mut self, machine: MachineId) {
        let state = &mut self.states[machine.0 as usize];
        if !state.is_in_line {
            state.is_in_line = true;
            self.turns.push(MACHINE | machine.0);
        }
    }

    /// Sets bits for a machine: what an interrupt does.
    pub fn post(&mut self, machine: MachineId, bits: u16) {
        if let Some(state) = self.states.get_mut(usize::from(machine.0)) {
            state.notified |= bits;
            self.wake(machine);
        }
    }

    /// The last faults, the oldest first.
    pub fn faults(&self) -> impl Iterator<Item = FaultRecord> + '_ {
        (0..).map_while(|index| self.faults.get(index))
    }

    /// Whether a machine has failed too often and is not started any more.
    pub fn is_stopped(&self, machine: MachineId) -> bool {
        self.states.get(usize::from(machine.0)).is_none_or(State::is_stopped)
    }

    /// All that a machine holds: capabilities, then the rights to answer.
    pub fn held_by(&self, machine: MachineId) -> impl Iterator<Item = Held> + '_ {
        let calls = self.records.iter().filter(move |record| record.is_open() && record.receiver == machine);
        self.capabilities.held_by(machine).chain(calls.map(|record| Held {
            slot: record.call.reply(),
            capability: right_to_answer(record.call),
            parent: None,
        }))
    }

    /// Gives one event to a machine that waits for one, each in its turn. Whether there was one.
    // Its only caller is the main loop.
    #[inline]
    pub fn step(&mut self, machines: &mut [&mut dyn Machine; M], memory: &mut dyn Memory) -> bool {
        while let Some(turn) = self.turns.pop() {
            let Some((me, event)) = self.next_event(turn) else { continue };
            let Some(machine) = machines.get_mut(usize::from(me.0)) else { continue };
            match machine.handle(event, &mut Running { kernel: self, memory, me }) {
                Ok(()) if turn < MACHINE => {}
                // It may have been started.
                Ok(()) => self.states[usize::from(me.0)].starts = 0,
                Err(fault) => {
                    machine.restart();
                    self.fail(me, fault);
                }
            }
            return true;
        }
        false
    }

    /// What happens in this turn, and to whom.
    #[inline(always)]
    fn next_event(&mut self, turn: u8) -> Option<(MachineId, Event)> {
        let Some(record) = self.records.get_mut(usize::from(turn)) else {
            let machine = MachineId(turn & !MACHINE);
            return Some((machine, self.start_or_notify(machine)?));
        };
        let Record { message, call, stage, sender, receiver, badge, capability, .. } = *record;
        let is_answer = !matches!(stage, Stage::Called | Stage::Sent);
        let me = if is_answer { sender } else { receiver };
        // What came with it may have been revoked meanwhile.
        let capability = match capability {
            Some(slot) if self.capabilities.has(me, slot) => Some(slot),
            _ => None,
        };
        if is_answer {
            self.release(turn);
            let result = match stage {
                Stage::Failed => Err(CallError::Failed),
                Stage::Dropped => Err(CallError::Dropped),
                _ => Ok(message),
            };
            return Some((me, Event::Reply { call, result, capability }));
        }
        self.states.get_mut(usize::from(me.0))?.waiting -= 1;
        if stage == Stage::Called {
            record.stage = Stage::Taken;
            return Some((me, Event::Call { badge, message, reply: call.reply(), lent: capability }));
        }
        self.release(turn);
        Some((me, Event::Message { badge, message, capability }))
    }

    /// What happens to a machine whose own number was in the line.
    fn start_or_notify(&mut self, machine: MachineId) -> Option<Event> {
        let state = self.states.get_mut(usize::from(machine.0))?;
        state.is_in_line = false;
        if state.is_stopped() {
            return None;
        }
        if state.starts == 0 {
            return Some(Event::Notification { bits: core::mem::take(&mut state.notified) });
        }
        if state.notified != 0 {
            self.wake(machine);
        }
        Some(Event::Start)
    }

    /// A machine has failed: it is noted, who waits for it is told, and it begins anew.
    #[inline(never)]
    fn fail(&mut self, machine: MachineId, fault: Fault) {
        let state = &mut self.states[usize::from(machine.0)];
        self.faults.write(FaultRecord { machine, fault, generation: state.generation });
        state.generation = state.generation.wrapping_add(1);
        state.starts = state.starts.max(1) + 1;
        state.is_in_line = false;
        let is_stopped = state.is_stopped();
        // The line goes around once, and what nobody waits for any more leaves it: its own calls, answers to them, and what is
        // for one that will not start again.
        for _ in 0..self.turns.len() {
            let Some(turn) = self.turns.pop() else { break };
            let Some(record) = self.records.get_mut(usize::from(turn)) else {
                if turn != MACHINE | machine.0 {
                    self.turns.push(turn);
                }
                continue;
            };
            let Record { stage, sender, receiver, .. } = *record;
            let is_to_nobody = receiver == machine && is_stopped;
            match stage {
                Stage::Called if sender == machine || is_to_nobody => {
                    record.stage = Stage::Taken;
                    self.states[usize::from(receiver.0)].waiting -= 1;
                }
                Stage::Sent if is_to_nobody => {
                    self.states[usize::from(receiver.0)].waiting -= 1;
                    self.release(turn);
                }
                Stage::Answered | Stage::Failed | Stage::Dropped if sender == machine => self.release(turn),
                _ => self.turns.push(turn),
            }
        }
        for index in 0..R {
            let Record { stage, sender, receiver, .. } = self.records[index];
            if stage != Stage::Taken {
                continue;
            }
            if sender == machine {
                // Nobody takes the answer: what was lent is back, and nobody can answer.
                self.settle(index, None);
                self.release(index as u8);
            } else if receiver == machine {
                self.finish(index, Stage::Failed, None);
            }
        }
        if !is_stopped {
            // Before all that is still to come to it.
            self.states[usize::from(machine.0)].is_in_line = true;
            self.turns.push_front(MACHINE | machine.0);
        }
        // What it has not been told yet it will be told: only the event that it failed with is gone.
        let records = &self.records;
        let is_to_come = |slot| {
            records.iter().any(|record| {
                record.receiver == machine
                    && matches!(record.stage, Stage::Sent | Stage::Called)
                    && record.capability == Some(slot)
            })
        };
        self.capabilities.reset(machine, is_to_come);
    }

    /// A call is over, whatever its answer: what was lent is back. `capability` goes with the answer.
    fn settle(&mut self, index: usize, capability: Option<Slot>) {
        let record = &mut self.records[index];
        let Record { receiver, sender, .. } = *record;
        let lent = core::mem::replace(&mut record.capability, capability);
        if let Some(lent) = lent {
            self.capabilities.take_back(receiver, lent);
        }
        self.states[usize::from(sender.0)].calls -= 1;
    }

    /// A call is over: the answer, which is in its record, or that there is none is on its way to the caller.
    fn finish(&mut self, index: usize, stage: Stage, capability: Option<Slot>) {
        self.settle(index, capability);
        self.records[index].stage = stage;
        self.turns.push(index as u8);
    }

    /// The record of the call that a machine can answer with this.
    fn to_answer(&self, machine: MachineId, reply: Slot) -> Option<usize> {
        let index = reply.call_index();
        self.records.get(index).filter(|record| record.is_answered_with(machine, reply)).map(|_| index)
    }

    /// Whether `one` waits for `other`, itself or by way of others.
    #[inline(always)]
    fn waits_for(&self, one: MachineId, other: MachineId) -> bool {
        // Those that it waits for, as bits.
        let mut waits_for = 1_u32 << one.0;
        loop {
            let before = waits_for;
            for record in self.records.iter().filter(|record| record.is_open()) {
                if before >> record.sender.0 & 1 != 0 {
                    waits_for |= 1 << record.receiver.0;
                }
            }
            if waits_for == before {
                return waits_for >> other.0 & 1 != 0;
            }
        }
    }

    /// The number of a record for a machine that can take one message more.
    #[inline(always)]
    fn free_record(&self, receiver: MachineId) -> Result<u8, SendError> {
        match self.states.get(usize::from(receiver.0)) {
            Some(state) if !state.is_stopped() => {
                if usize::from(state.waiting) < Q && self.free != NONE {
                    Ok(self.free)
                } else {
                    Err(SendError::QueueFull)
                }
            }
            _ => Err(SendError::Stopped),
        }
    }

    /// Puts a message on its way, in a record that is free. For a call: its identity.
    #[inline(always)]
    fn put(
        &mut self,
        index: u8,
        stage: Stage,
        (sender, receiver, badge): (MachineId, MachineId, u16),
        message: Message,
        capability: Option<Slot>,
    ) -> CallId {
        let record = &mut self.records[usize::from(index)];
        self.free = record.next;
        let call = record.call.next();
        *record = Record { message, call, stage, next: NONE, sender, receiver, badge, capability };
        self.states[usize::from(receiver.0)].waiting += 1;
        self.turns.push(index);
        call
    }
}

/// The capability to answer a call.
fn right_to_answer(call: CallId) -> Capability {
    Capability { object: Object::Reply(call), rights: Rights::WRITE }
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Default
    for Kernel<M, S, N, Q, R>
{
    fn default() -> Self {
        Kernel::new()
    }
}

/// The kernel while a machine handles an event.
struct Running<'a, const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> {
    kernel: &'a mut Kernel<M, S, N, Q, R>,
    memory: &'a mut dyn Memory,
    me: MachineId,
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize>
    Running<'_, M, S, N, Q, R>
{
    /// What is in a slot, if it allows this.
    fn object(&self, slot: Slot, right: Rights) -> Result<Object, CapabilityError> {
        self.kernel.capabilities.with_rights(self.me, slot, right).map_err(|error| self.named(slot, error))
    }

    /// The error, of something that may be the right to answer a call: that is for nothing else.
    #[cold]
    fn named(&self, slot: Slot, error: CapabilityError) -> CapabilityError {
        match self.kernel.to_answer(self.me, slot) {
            Some(_) => CapabilityError::WrongObject,
            None => error,
        }
    }

    /// Who is behind an endpoint, and the badge.
    #[inline(always)]
    fn endpoint(&self, slot: Slot, right: Rights) -> Result<(MachineId, u16), CapabilityError> {
        match self.kernel.capabilities.endpoint(self.me, slot, right) {
            Some(found) => Ok(found),
            None => Err(self.no_endpoint(slot, right)),
        }
    }

    /// Why a capability is no endpoint that may be used.
    #[cold]
    #[inline(never)]
    fn no_endpoint(&self, slot: Slot, right: Rights) -> CapabilityError {
        self.object(slot, right).err().unwrap_or(CapabilityError::WrongObject)
    }

    /// Address of bytes in a region.
    fn address(&self, slot: Slot, right: Rights, offset: u32, bytes: usize) -> Result<u32, CapabilityError> {
        match self.object(slot, right)? {
            Object::Region(region) => region.at(offset, bytes).ok_or(CapabilityError::OutOfRange),
            _ => Err(CapabilityError::WrongObject),
        }
    }

    /// Whether this is a capability to read the kernel.
    fn may_read(&self, slot: Slot) -> Result<(), CapabilityError> {
        match self.object(slot, Rights::READ)? {
            Object::Kernel => Ok(()),
            _ => Err(CapabilityError::WrongObject),
        }
    }

    /// Calls an endpoint: what is lent is lent already.
    #[inline(never)]
    fn ask(&mut self, endpoint: Slot, message: Message, lent: Option<Slot>) -> Result<CallId, SendError> {
        let me = self.me;
        let (receiver, badge) = self.endpoint(endpoint, Rights::EXECUTE)?;
        let kernel = &mut *self.kernel;
        let index = kernel.free_record(receiver)?;
        // Who waits for nobody does not wait for this one.
        let may_wait = kernel.states[usize::from(receiver.0)].calls > 0;
        if receiver == me || (may_wait && kernel.waits_for(receiver, me)) {
            return Err(SendError::Cycle);
        }
        kernel.states[usize::from(me.0)].calls += 1;
        Ok(kernel.put(index, Stage::Called, (me, receiver, badge), message, lent))
    }

    /// Lends a capability, and calls an endpoint.
    #[inline(never)]
    fn lend_and_ask(
        &mut self,
        endpoint: Slot,
        message: Message,
        slot: Slot,
        rights: Rights,
    ) -> Result<CallId, SendError> {
        let (receiver, _) = self.endpoint(endpoint, Rights::EXECUTE)?;
        let lent = self.kernel.capabilities.lend(self.me, slot, receiver, rights);
        let lent = lent.map_err(|error| self.named(slot, error))?;
        let call = self.ask(endpoint, message, Some(lent));
        if call.is_err() {
            self.kernel.capabilities.take_back(receiver, lent);
        }
        call
    }

    /// Answers a call with which something was lent, or with a capability.
    #[inline(never)]
    fn answer(&mut self, reply: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let Some(index) = self.kernel.to_answer(self.me, reply) else {
            self.kernel.capabilities.get(self.me, reply)?;
            return Err(CapabilityError::WrongObject.into());
        };
        let caller = self.kernel.records[index].sender;
        let capability = self.give_away(capability, caller)?;
        self.kernel.records[index].message = message;
        self.kernel.finish(index, Stage::Answered, capability);
        Ok(())
    }

    /// What goes with a message becomes its receiver's.
    fn give_away(
        &mut self,
        capability: Option<Slot>,
        to: MachineId,
    ) -> Result<Option<Slot>, CapabilityError> {
        match capability {
            None => Ok(None),
            Some(slot) => match self.kernel.capabilities.transfer(self.me, slot, to) {
                Ok(slot) => Ok(Some(slot)),
                Err(error) => Err(self.named(slot, error)),
            },
        }
    }
}

impl<const M: usize, const S: usize, const N: usize, const Q: usize, const R: usize> Context
    for Running<'_, M, S, N, Q, R>
{
    fn me(&self) -> MachineId {
        self.me
    }

    fn capability(&self, slot: Slot) -> Result<Capability, CapabilityError> {
        match self.kernel.to_answer(self.me, slot) {
            Some(index) => Ok(right_to_answer(self.kernel.records[index].call)),
            None => self.kernel.capabilities.get(self.me, slot),
        }
    }

    fn send(&mut self, endpoint: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let (receiver, badge) = self.endpoint(endpoint, Rights::WRITE)?;
        let index = self.kernel.free_record(receiver)?;
        let capability = self.give_away(capability, receiver)?;
        self.kernel.put(index, Stage::Sent, (self.me, receiver, badge), message, capability);
        Ok(())
    }

    fn call(
        &mut self,
        endpoint: Slot,
        message: Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError> {
        match lend {
            None => self.ask(endpoint, message, None),
            Some((slot, rights)) => self.lend_and_ask(endpoint, message, slot, rights),
        }
    }

    fn reply(&mut self, reply: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let index = reply.call_index();
        match self.kernel.records.get_mut(index) {
            Some(record)
                if record.is_answered_with(self.me, reply)
                    && record.capability.is_none()
                    && capability.is_none() =>
            {
                record.message = message;
                self.kernel.finish(index, Stage::Answered, None);
                Ok(())
            }
            _ => self.answer(reply, message, capability),
        }
    }

    fn notify(&mut self, notification: Slot) -> Result<(), SendError> {
        match self.object(notification, Rights::WRITE)? {
            Object::Notification { receiver, bits } => {
                self.kernel.post(receiver, bits);
                Ok(())
            }
            _ => Err(CapabilityError::WrongObject.into()),
        }
    }

    fn read(&mut self, region: Slot, offset: u32, bytes: &mut [u8]) -> Result<(), CapabilityError> {
        let address = self.address(region, Rights::READ, offset, bytes.len())?;
        Ok(self.memory.read(address, bytes)?)
    }

    fn write(&mut self, region: Slot, offset: u32, bytes: &[u8]) -> Result<(), CapabilityError> {
        let address = self.address(region, Rights::WRITE, offset, bytes.len())?;
        Ok(self.memory.write(address, bytes)?)
    }

    fn mint(&mut self, slot: Slot, part: Option<Object>, rights: Rights) -> Result<Slot, CapabilityError> {
        let minted = self.kernel.capabilities.mint(self.me, slot, self.me, part, rights);
        minted.map_err(|error| self.named(slot, error))
    }

    fn delete(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        match self.kernel.to_answer(self.me, slot) {
            Some(index) => {
                self.kernel.finish(index, Stage::Dropped, None);
                Ok(())
            }
            None => self.kernel.capabilities.delete(self.me, slot),
        }
    }

    fn revoke(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke(self.me, slot).map_err(|error| self.named(slot, error))
    }

    fn revoke_part(&mut self, slot: Slot, part: Region) -> Result<(), CapabilityError> {
        let revoked = self.kernel.capabilities.revoke_part(self.me, slot, part);
        revoked.map_err(|error| self.named(slot, error))
    }

    fn held_by(&self, kernel: Slot, machine: MachineId, index: usize) -> Result<Held, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.held_by(machine).nth(index).ok_or(CapabilityError::Empty)
    }

    fn fault(&self, kernel: Slot, index: usize) -> Result<FaultRecord, CapabilityError> {
        self.may_read(kernel)?;
        self.kernel.faults.get(index).ok_or(CapabilityError::Empty)
    }
}
