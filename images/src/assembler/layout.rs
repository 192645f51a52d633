//! Where the registers lie.
//!
//! Every move between two registers costs commands, so registers that are used one after the other belong side by side.
//! A program is written more than once: each time the layout counts the moves, then [`Layout::improved`] finds a better order,
//! and the next time the same registers are allocated in it.

use std::collections::HashMap;

/// Groups of registers in an order, and the moves between them.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    /// Length of each group, in the order of allocation.
    lengths: Vec<i32>,
    /// Offset of each group. Those beyond what is known follow each other.
    offsets: Vec<i32>,
    /// Groups allocated in this run.
    allocated: usize,
    moves: HashMap<(i32, i32), u32>,
    /// The first groups, which are never moved.
    fixed: usize,
    /// Offsets within the fixed groups where single registers may lie.
    gaps: Vec<i32>,
}

impl Layout {
    /// The offset of the next group of so many registers.
    pub(super) fn allocate(&mut self, length: usize) -> i32 {
        let group = self.allocated;
        self.allocated += 1;
        if let Some(&offset) = self.offsets.get(group) {
            assert_eq!(self.lengths[group], length as i32, "every run allocates as the first");
            return offset;
        }
        self.lengths.push(length as i32);
        let order: Vec<usize> = (self.fixed..self.lengths.len()).collect();
        self.offsets.push(0);
        self.offsets = self.place(&order);
        self.offsets[group]
    }

    /// Offsets up to the end of the registers allocated so far.
    pub fn length(&self) -> i32 {
        (0..self.allocated).map(|group| self.offsets[group] + self.lengths[group]).max().unwrap_or(0)
    }

    /// What is allocated so far stays where it is. Single registers may lie at these offsets within it.
    pub(super) fn fix(&mut self, gaps: Vec<i32>) {
        self.fixed = self.allocated;
        self.gaps = gaps;
    }

    /// The offsets of all groups, if those that are not fixed follow each other in this order: the first single ones lie in
    /// the gaps.
    fn place(&self, order: &[usize]) -> Vec<i32> {
        let mut offsets = self.offsets.clone();
        let mut next: i32 = self.lengths[..self.fixed].iter().sum();
        let mut gaps = self.gaps.iter();
        for &group in order {
            offsets[group] = match gaps.as_slice() {
                [gap, ..] if self.lengths[group] == 1 => {
                    gaps.next();
                    *gap
                }
                _ => {
                    next += self.lengths[group];
                    next - self.lengths[group]
                }
            };
        }
        offsets
    }

    pub(super) fn note_move(&mut self, from: i32, to: i32) {
        *self.moves.entry((from, to)).or_default() += 1;
    }

    /// Forgets the moves and the allocations, and keeps the order, for another run.
    fn again(&self) -> Layout {
        Layout { allocated: 0, moves: HashMap::new(), ..self.clone() }
    }

    /// A layout for another run in which the counted moves are shorter. Deterministic: it tries many changes of the
    /// order, in a sequence that is random but always the same.
    pub fn improved(&self) -> Layout {
        let group_at = |offset: i32| {
            // A register in a gap comes after the fixed group that has the gap.
            let found = (0..self.offsets.len()).rev().find(|&group| {
                (self.offsets[group]..self.offsets[group] + self.lengths[group]).contains(&offset)
            });
            // Cells beyond the registers, such as the edges of arrays, are as fixed as the first group.
            found.map(|group| (group, offset - self.offsets[group]))
        };
        let mut moves: Vec<_> = self.moves.iter().map(|(&(from, to), &count)| (from, to, count)).collect();
        moves.sort_unstable();
        let moves: Vec<_> = moves
            .into_iter()
            .map(|(from, to, count)| (group_at(from), from, group_at(to), to, count))
            .collect();
        let cost = |order: &[usize]| -> u64 {
            let offsets = self.place(order);
            let now = |group: Option<(usize, i32)>, fixed: i32| {
                group.map_or(fixed, |(group, inside)| offsets[group] + inside)
            };
            moves
                .iter()
                .map(|&(from, from_fixed, to, to_fixed, count)| {
                    u64::from(now(from, from_fixed).abs_diff(now(to, to_fixed))) * u64::from(count)
                })
                .sum()
        };
        let mut order: Vec<usize> = (self.fixed..self.offsets.len()).collect();
        order.sort_by_key(|&group| self.offsets[group]);
        if order.len() < 2 {
            return self.again();
        }

        let mut now = cost(&order);
        let (mut best, mut best_order) = (now, order.clone());
        let mut random = Random(1);
        // Moves that make it worse are taken at first, and less and less.
        for trial in 0..TRIALS {
            let mut tried = order.clone();
            let from = random.below(order.len());
            let most = (order.len() - from).min(1 << random.below(6));
            let length = 1 + random.below(most);
            match trial % 4 {
                0 => {
                    let to = random.below(order.len());
                    tried.swap(from, to);
                }
                1 => tried[from..from + length].reverse(),
                _ => {
                    let some: Vec<usize> = tried.drain(from..from + length).collect();
                    let to = random.below(tried.len() + 1);
                    tried.splice(to..to, some);
                }
            }
            let cost = cost(&tried);
            let left = (TRIALS - trial) as u64;
            let heat =
                (best / 20 * left / TRIALS as u64 * left / TRIALS as u64 * left / TRIALS as u64) as usize;
            if cost <= now + random.below(heat + 1) as u64 {
                now = cost;
                order = tried;
            }
            if now < best {
                best = now;
                best_order.clone_from(&order);
            }
        }
        let mut order = best_order;
        loop {
            let before = best;
            for from in 0..order.len() {
                for to in 0..order.len() {
                    let mut tried = order.clone();
                    let group = tried.remove(from);
                    tried.insert(to, group);
                    let cost = cost(&tried);
                    if cost < best {
                        best = cost;
                        order = tried;
                    }
                }
            }
            if best == before {
                break;
            }
        }
        Layout { offsets: self.place(&order), ..self.again() }
    }
}

/// Changes of the order that are tried.
const TRIALS: usize = 500_000;

/// A linear congruential generator (the constants are Knuth's for MMIX).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % limit as u64) as usize
    }
}
