//! A line that damages what it carries, at places that are given.

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
pub enum Damage {
    Flip(u8),
    Lose,
    Insert(u8),
    Repeat,
}

/// What is done to which byte.
pub type Noise = BTreeMap<usize, Damage>;

pub struct Line {
    noise: Noise,
    carried: usize,
}

impl Line {
    pub fn new(noise: Noise) -> Line {
        Line { noise, carried: 0 }
    }

    /// Carries at most so many of the bytes.
    pub fn carry(&mut self, from: &mut VecDeque<u8>, most: usize) -> Vec<u8> {
        let mut out = Vec::new();
        for byte in from.drain(..most.min(from.len())) {
            match self.noise.get(&self.carried) {
                None => out.push(byte),
                Some(Damage::Flip(mask)) => out.push(byte ^ mask),
                Some(Damage::Lose) => {}
                Some(Damage::Insert(noise)) => out.extend([*noise, byte]),
                Some(Damage::Repeat) => out.extend([byte, byte]),
            }
            self.carried += 1;
        }
        out
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    // The bytes that mean something between blocks are the dangerous ones.
    let byte = prop_oneof![Just(1), Just(2), Just(3), Just(4), Just(6), Just(0x15), Just(0x18), any::<u8>()];
    prop_oneof![
        (1..=u8::MAX).prop_map(Damage::Flip),
        Just(Damage::Lose),
        byte.prop_map(Damage::Insert),
        Just(Damage::Repeat),
    ]
}

/// Up to `most` damages among the first `bytes` bytes.
pub fn noise(bytes: usize, most: usize) -> impl Strategy<Value = Noise> {
    prop::collection::btree_map(0..bytes, damage(), 0..=most)
}
