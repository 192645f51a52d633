//! Whose turn it is: what is to come to machines, in the order in which it happened.

/// Most that can be in the line, a power of two.
pub const PLACES: usize = 16;

/// A line of numbers.
#[derive(Debug)]
pub struct Turns {
    numbers: [u8; PLACES],
    /// How many were taken from the front, and put at the end: they go around.
    taken: u8,
    put: u8,
}

impl Turns {
    /// Nobody is in the line.
    pub const fn new() -> Self {
        Turns { numbers: [0; PLACES], taken: 0, put: 0 }
    }

    /// Puts a number at the end. There is room: whoever is in the line is there once.
    #[inline(always)]
    pub const fn push(&mut self, number: u8) {
        self.numbers[self.put as usize % PLACES] = number;
        self.put = self.put.wrapping_add(1);
    }

    /// Puts a number at the front.
    pub const fn push_front(&mut self, number: u8) {
        self.taken = self.taken.wrapping_sub(1);
        self.numbers[self.taken as usize % PLACES] = number;
    }

    /// Takes the number at the front.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<u8> {
        if self.taken == self.put {
            return None;
        }
        let number = self.numbers[usize::from(self.taken) % PLACES];
        self.taken = self.taken.wrapping_add(1);
        Some(number)
    }

    /// How many are in the line.
    pub fn len(&self) -> u8 {
        self.put.wrapping_sub(self.taken)
    }
}
