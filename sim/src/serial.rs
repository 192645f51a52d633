//! The host's end of the serial line, cycle by cycle: what a USB adapter does, at the pins of a simulated board.

/// Bit times of a break: longer than any byte.
const BREAK_BITS: u64 = 12;

/// Sends bytes and breaks.
#[derive(Clone, Debug)]
pub struct Sender {
    cycles_of_a_bit: u64,
    /// The levels still to send, first in bit 0, each for one bit time.
    levels: u32,
    bits: u32,
    cycles: u64,
}

impl Sender {
    /// A sender with this many cycles to a bit.
    pub fn new(cycles_of_a_bit: u64) -> Sender {
        Sender { cycles_of_a_bit, levels: 0, bits: 0, cycles: 0 }
    }

    /// From the next byte on there are this many cycles to a bit.
    pub fn set_rate(&mut self, cycles_of_a_bit: u64) {
        if self.is_idle() {
            self.cycles_of_a_bit = cycles_of_a_bit;
        }
    }

    /// Nothing is being sent.
    pub fn is_idle(&self) -> bool {
        self.bits == 0
    }

    /// Begins to send a byte.
    pub fn send(&mut self, byte: u8) {
        self.levels = u32::from(byte) << 1 | 1 << 9;
        self.bits = 10;
        self.cycles = 0;
    }

    /// Begins to send a break, and an idle bit after it.
    pub fn send_break(&mut self) {
        self.levels = 1 << BREAK_BITS;
        self.bits = BREAK_BITS as u32 + 1;
        self.cycles = 0;
    }

    /// The level of the line in this cycle.
    pub fn level(&self) -> bool {
        self.bits == 0 || self.levels & 1 != 0
    }

    /// Cycles for which the level stays, this one included.
    pub fn steady_cycles(&self) -> u64 {
        if self.bits == 0 {
            u64::MAX
        } else {
            self.cycles_of_a_bit - self.cycles
        }
    }

    /// Goes on by so many cycles, [`steady_cycles`](Self::steady_cycles) at most.
    pub fn advance(&mut self, cycles: u64) {
        if self.bits == 0 {
            return;
        }
        self.cycles += cycles;
        if self.cycles == self.cycles_of_a_bit {
            self.cycles = 0;
            self.levels >>= 1;
            self.bits -= 1;
        }
    }

    /// The level of the line in this cycle, which is over then.
    pub fn cycle(&mut self) -> bool {
        let level = self.level();
        self.advance(1);
        level
    }
}

/// Receives bytes.
#[derive(Clone, Debug)]
pub struct Receiver {
    cycles_of_a_bit: u64,
    /// Cycles since the start bit began; `None` while the line is idle.
    cycles: Option<u64>,
    byte: u8,
}

impl Receiver {
    /// A receiver with this many cycles to a bit.
    pub fn new(cycles_of_a_bit: u64) -> Receiver {
        Receiver { cycles_of_a_bit, cycles: None, byte: 0 }
    }

    /// From the next byte on there are this many cycles to a bit.
    pub fn set_rate(&mut self, cycles_of_a_bit: u64) {
        if self.is_idle() {
            self.cycles_of_a_bit = cycles_of_a_bit;
        }
    }

    /// No byte is being received.
    pub fn is_idle(&self) -> bool {
        self.cycles.is_none()
    }

    /// Takes a level that lasts for so many cycles, at most those of a byte. A byte, if its stop bit was among them.
    pub fn advance(&mut self, level: bool, cycles: u64) -> Option<u8> {
        if self.is_idle() && level {
            return None;
        }
        (0..cycles).fold(None, |byte, _| byte.or(self.cycle(level)))
    }

    /// Takes the level of the line in this cycle. A byte, in the middle of its stop bit.
    pub fn cycle(&mut self, level: bool) -> Option<u8> {
        let Some(cycles) = &mut self.cycles else {
            if !level {
                self.cycles = Some(0);
            }
            return None;
        };
        *cycles += 1;
        let (bit, offset) = (*cycles / self.cycles_of_a_bit, *cycles % self.cycles_of_a_bit);
        if offset != self.cycles_of_a_bit / 2 {
            return None;
        }
        match bit {
            0 => None,
            1..=8 => {
                self.byte = self.byte >> 1 | (u8::from(level) << 7);
                None
            }
            _ => {
                self.cycles = None;
                level.then_some(self.byte)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        let mut sender = Sender::new(7);
        let mut receiver = Receiver::new(7);
        let mut received = Vec::new();
        for byte in 0..=255 {
            sender.send(byte);
            while !sender.is_idle() {
                received.extend(receiver.cycle(sender.cycle()));
            }
        }
        assert_eq!(received, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn a_break_is_no_byte() {
        let mut sender = Sender::new(8);
        let mut receiver = Receiver::new(8);
        sender.send_break();
        while !sender.is_idle() {
            assert_eq!(receiver.cycle(sender.cycle()), None);
        }
    }
}
