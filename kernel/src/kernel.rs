//! The kernel: who holds what, who waits for whom, and whose turn it is.

use crate::capability::{Capabilities, Capability, CapabilityError, Object, Rights, Slot};
use crate::context::Context;
use crate::machine::{Fault, Machine, MachineId};
use crate::message::{CallError, CallId, Event, Message, SendError};
use heapless::{Deque, HistoryBuffer};

/// Faults that are remembered.
pub const FAULTS: usize = 4;
/// Faults in a row, without an event that was handled in between, after which a machine is not started again.
pub const LIVES: u8 = 3;

/// A fault, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultRecord {
    /// Whose.
    pub machine: MachineId,
    /// What and where.
    pub fault: Fault,
    /// How often the machine had been started again before.
    pub generation: u16,
}

/// A message in a queue.
#[derive(Clone, Copy, Debug)]
struct Envelope {
    badge: u16,
    message: Message,
    /// What came with it: given, or lent.
    capability: Option<Slot>,
    /// How to answer it.
    reply: Option<Slot>,
}

/// A call that was not answered, or whose answer the caller has not taken.
#[derive(Clone, Copy, Debug)]
struct Call {
    caller: MachineId,
    receiver: MachineId,
    answer: Option<Answer>,
}

#[derive(Clone, Copy, Debug)]
struct Answer {
    result: Result<Message, CallError>,
    capability: Option<Slot>,
}

/// What the kernel knows of a machine.
#[derive(Debug)]
struct State<const Q: usize> {
    queue: Deque<Envelope, Q>,
    notified: u16,
    started: bool,
    generation: u16,
    /// Faults in a row.
    faults: u8,
}

/// The kernel for `M` machines with `S` capabilities and `Q` waiting messages each, and `C` calls at a time.
#[derive(Debug)]
pub struct Kernel<const M: usize, const S: usize, const Q: usize, const C: usize> {
    /// Who holds what.
    pub capabilities: Capabilities<M, S>,
    states: [State<Q>; M],
    calls: [Option<Call>; C],
    /// How often each of the calls has been used.
    generations: [u16; C],
    faults: HistoryBuffer<FaultRecord, FAULTS>,
    /// Whose turn it is, if it has something to do.
    turn: usize,
}

impl<const M: usize, const S: usize, const Q: usize, const C: usize> Kernel<M, S, Q, C> {
    /// No machine has anything yet.
    pub fn new() -> Self {
        let state = || State { queue: Deque::new(), notified: 0, started: false, generation: 0, faults: 0 };
        Kernel {
            capabilities: Capabilities::new(),
            states: core::array::from_fn(|_| state()),
            calls: [None; C],
            generations: [0; C],
            faults: HistoryBuffer::new(),
            turn: 0,
        }
    }

    /// Sets bits for a machine: what an interrupt does.
    pub fn post(&mut self, machine: MachineId, bits: u16) {
        if let Some(state) = self.states.get_mut(usize::from(machine.0)) {
            state.notified |= bits;
        }
    }

    /// The last faults, the oldest first.
    pub fn faults(&self) -> impl Iterator<Item = &FaultRecord> {
        self.faults.oldest_ordered()
    }

    /// Whether a machine has failed too often and is not started any more.
    pub fn is_stopped(&self, machine: MachineId) -> bool {
        self.states.get(usize::from(machine.0)).is_none_or(|state| state.faults >= LIVES)
    }

    /// Gives one event to a machine that waits for one, each in its turn. Whether there was one.
    pub fn step(&mut self, machines: &mut [&mut dyn Machine; M]) -> bool {
        for _ in 0..M {
            let index = self.turn;
            self.turn = if index + 1 == M { 0 } else { index + 1 };
            let me = MachineId(index as u8);
            let Some(event) = self.next_event(me) else { continue };
            let result = machines[index].handle(event, &mut Running { kernel: self, me });
            match result {
                Ok(()) => self.states[index].faults = 0,
                Err(fault) => {
                    machines[index].restart();
                    self.fail(me, fault);
                }
            }
            return true;
        }
        false
    }

    /// What a machine is told next: notifications first, then answers, then messages in their order.
    fn next_event(&mut self, me: MachineId) -> Option<Event> {
        let state = self.states.get_mut(usize::from(me.0))?;
        if state.faults >= LIVES {
            return None;
        }
        if !state.started {
            state.started = true;
            return Some(Event::Start);
        }
        if state.notified != 0 {
            return Some(Event::Notification { bits: core::mem::take(&mut state.notified) });
        }
        for index in 0..C {
            let Some(Call { caller, answer: Some(Answer { result, capability }), .. }) = self.calls[index]
            else {
                continue;
            };
            if caller == me {
                let call = CallId { index: index as u8, generation: self.generations[index] };
                self.forget(index);
                return Some(Event::Reply { call, result, capability: self.still_there(me, capability) });
            }
        }
        loop {
            let Envelope { badge, message, capability, reply } =
                self.states[usize::from(me.0)].queue.pop_front()?;
            let capability = self.still_there(me, capability);
            match reply {
                None => return Some(Event::Message { badge, message, capability }),
                Some(reply) if self.capabilities.get(me, reply).is_ok() => {
                    return Some(Event::Call { badge, message, reply, lent: capability });
                }
                // The caller has failed meanwhile: there is nobody to answer.
                Some(_) => {}
            }
        }
    }

    /// What came with a message may have been revoked before the message was taken.
    fn still_there(&self, me: MachineId, capability: Option<Slot>) -> Option<Slot> {
        capability.filter(|slot| self.capabilities.get(me, *slot).is_ok())
    }

    /// A machine has failed: it is noted, who waits for it is told, and it begins anew.
    fn fail(&mut self, machine: MachineId, fault: Fault) {
        let state = &mut self.states[usize::from(machine.0)];
        self.faults.write(FaultRecord { machine, fault, generation: state.generation });
        state.generation = state.generation.wrapping_add(1);
        state.faults += 1;
        state.started = false;
        state.notified = 0;
        if state.faults >= LIVES {
            state.queue.clear();
        }
        for index in 0..C {
            let Some(call) = self.calls[index] else { continue };
            let id = CallId { index: index as u8, generation: self.generations[index] };
            if call.caller == machine {
                // Nobody takes the answer: what was lent is back, and nobody can answer.
                self.capabilities.take_back(id.index);
                self.capabilities.take_reply(call.receiver, id);
                self.forget(index);
            } else if call.receiver == machine && call.answer.is_none() && !self.is_queued(machine, id) {
                self.finish(index, Answer { result: Err(CallError::Failed), capability: None });
            }
        }
        // What it has not been told yet it will be told: only the event that it failed with is gone.
        let queue = &self.states[usize::from(machine.0)].queue;
        let is_to_come =
            |slot| queue.iter().any(|envelope| [envelope.capability, envelope.reply].contains(&Some(slot)));
        self.capabilities.reset(machine, is_to_come);
    }

    /// Whether a machine has not been told of a call yet.
    fn is_queued(&self, machine: MachineId, id: CallId) -> bool {
        self.states[usize::from(machine.0)].queue.iter().filter_map(|envelope| envelope.reply).any(|reply| {
            self.capabilities
                .get(machine, reply)
                .is_ok_and(|capability| capability.object == Object::Reply(id))
        })
    }

    /// The call's record can be used again.
    fn forget(&mut self, index: usize) {
        self.generations[index] = self.generations[index].wrapping_add(1);
        self.calls[index] = None;
    }

    /// A call is over.
    fn finish(&mut self, index: usize, answer: Answer) {
        self.capabilities.take_back(index as u8);
        if let Some(call) = self.calls.get_mut(index).and_then(Option::as_mut) {
            call.answer = Some(answer);
        }
    }

    /// The call that this would answer and its caller, if it still waits.
    fn waiting(&self, id: CallId) -> Option<(usize, MachineId)> {
        let index = usize::from(id.index);
        let call = self.calls.get(index)?.as_ref()?;
        (self.generations[index] == id.generation && call.answer.is_none()).then_some((index, call.caller))
    }

    /// Whether `one` waits for `other`, itself or by way of others. Calls make no cycle, so no way is longer than `M`.
    fn waits_for(&self, one: MachineId, other: MachineId, ways: usize) -> bool {
        one == other
            || (ways > 0
                && self.calls.iter().flatten().any(|call| {
                    call.caller == one
                        && call.answer.is_none()
                        && self.waits_for(call.receiver, other, ways - 1)
                }))
    }

    /// A machine that can take one message more.
    fn receiver(&mut self, receiver: MachineId) -> Result<&mut State<Q>, SendError> {
        let state = self.states.get_mut(usize::from(receiver.0)).ok_or(SendError::Stopped)?;
        if state.faults >= LIVES {
            return Err(SendError::Stopped);
        }
        if state.queue.is_full() {
            return Err(SendError::QueueFull);
        }
        Ok(state)
    }
}

impl<const M: usize, const S: usize, const Q: usize, const C: usize> Default for Kernel<M, S, Q, C> {
    fn default() -> Self {
        Kernel::new()
    }
}

/// The kernel while a machine handles an event.
struct Running<'a, const M: usize, const S: usize, const Q: usize, const C: usize> {
    kernel: &'a mut Kernel<M, S, Q, C>,
    me: MachineId,
}

impl<const M: usize, const S: usize, const Q: usize, const C: usize> Running<'_, M, S, Q, C> {
    /// Who is behind an endpoint, and the badge.
    fn endpoint(&self, slot: Slot, right: Rights) -> Result<(MachineId, u16), CapabilityError> {
        match self.kernel.capabilities.with_rights(self.me, slot, right)? {
            Object::Endpoint { receiver, badge } => Ok((receiver, badge)),
            _ => Err(CapabilityError::WrongObject),
        }
    }

    /// A capability can be given to a machine.
    fn check_gift(&self, slot: Slot, to: MachineId) -> Result<(), CapabilityError> {
        self.kernel.capabilities.with_rights(self.me, slot, Rights::GRANT)?;
        if !self.kernel.capabilities.has_room(to, 1) {
            return Err(CapabilityError::TableFull);
        }
        Ok(())
    }
}

impl<const M: usize, const S: usize, const Q: usize, const C: usize> Context for Running<'_, M, S, Q, C> {
    fn me(&self) -> MachineId {
        self.me
    }

    fn capability(&self, slot: Slot) -> Result<Capability, CapabilityError> {
        self.kernel.capabilities.get(self.me, slot)
    }

    fn send(&mut self, endpoint: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let (receiver, badge) = self.endpoint(endpoint, Rights::WRITE)?;
        if let Some(slot) = capability {
            self.check_gift(slot, receiver)?;
        }
        self.kernel.receiver(receiver)?;
        let capability =
            capability.map(|slot| self.kernel.capabilities.transfer(self.me, slot, receiver)).transpose()?;
        let envelope = Envelope { badge, message, capability, reply: None };
        self.kernel.receiver(receiver)?.queue.push_back(envelope).map_err(|_| SendError::QueueFull)
    }

    fn call(
        &mut self,
        endpoint: Slot,
        message: Message,
        lend: Option<(Slot, Rights)>,
    ) -> Result<CallId, SendError> {
        let (receiver, badge) = self.endpoint(endpoint, Rights::EXECUTE)?;
        if let Some((slot, _)) = lend {
            self.kernel.capabilities.with_rights(self.me, slot, Rights::GRANT)?;
        }
        if self.kernel.waits_for(receiver, self.me, M) {
            return Err(SendError::Cycle);
        }
        self.kernel.receiver(receiver)?;
        if !self.kernel.capabilities.has_room(receiver, 1 + usize::from(lend.is_some())) {
            return Err(CapabilityError::TableFull.into());
        }
        let index = self.kernel.calls.iter().position(Option::is_none).ok_or(SendError::TooManyCalls)?;
        let id = CallId { index: index as u8, generation: self.kernel.generations[index] };
        let capability = lend
            .map(|(slot, rights)| self.kernel.capabilities.lend(self.me, slot, receiver, rights, id.index))
            .transpose()?;
        let reply = Some(self.kernel.capabilities.put_reply(receiver, id)?);
        self.kernel.calls[index] = Some(Call { caller: self.me, receiver, answer: None });
        let envelope = Envelope { badge, message, capability, reply };
        self.kernel.receiver(receiver)?.queue.push_back(envelope).map_err(|_| SendError::QueueFull)?;
        Ok(id)
    }

    fn reply(&mut self, reply: Slot, message: Message, capability: Option<Slot>) -> Result<(), SendError> {
        let Object::Reply(id) = self.kernel.capabilities.with_rights(self.me, reply, Rights::WRITE)? else {
            return Err(CapabilityError::WrongObject.into());
        };
        let (index, caller) = self.kernel.waiting(id).ok_or(CapabilityError::Empty)?;
        if let Some(slot) = capability {
            self.check_gift(slot, caller)?;
        }
        let capability =
            capability.map(|slot| self.kernel.capabilities.transfer(self.me, slot, caller)).transpose()?;
        self.kernel.capabilities.delete(self.me, reply)?;
        self.kernel.finish(index, Answer { result: Ok(message), capability });
        Ok(())
    }

    fn notify(&mut self, notification: Slot) -> Result<(), SendError> {
        match self.kernel.capabilities.with_rights(self.me, notification, Rights::WRITE)? {
            Object::Notification { receiver, bits } => {
                self.kernel.post(receiver, bits);
                Ok(())
            }
            _ => Err(CapabilityError::WrongObject.into()),
        }
    }

    fn mint(&mut self, slot: Slot, part: Option<Object>, rights: Rights) -> Result<Slot, CapabilityError> {
        self.kernel.capabilities.mint(self.me, slot, self.me, part, rights)
    }

    fn delete(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        let object = self.kernel.capabilities.get(self.me, slot)?.object;
        self.kernel.capabilities.delete(self.me, slot)?;
        if let Object::Reply(id) = object {
            if let Some((index, _)) = self.kernel.waiting(id) {
                self.kernel.finish(index, Answer { result: Err(CallError::Dropped), capability: None });
            }
        }
        Ok(())
    }

    fn revoke(&mut self, slot: Slot) -> Result<(), CapabilityError> {
        self.kernel.capabilities.revoke(self.me, slot)
    }
}
