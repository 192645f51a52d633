//! Printing longer texts: from several cells at once.
//!
//! A text jumps between small letters, spaces and line feeds. Cells that lie side by side, one near each of them, print it with a
//! few steps and a move per letter, where a single cell would be counted up and down.

use super::{Assembler, Cell};

/// Values for cells, all made by one loop, from which some texts are short to print.
#[derive(Clone, Debug)]
pub struct Palette {
    /// Turns of the loop.
    turns: i32,
    /// What each cell gains in a turn.
    each: Vec<i32>,
}

/// Most cells of a palette.
const MOST: usize = 4;
/// Partial solutions that are kept while a text is written.
const WIDTH: usize = 200;

/// A way to write the beginning of a text.
#[derive(Clone)]
struct Partial {
    values: Vec<i32>,
    at: usize,
    length: i32,
    chosen: Vec<usize>,
}

impl Palette {
    /// A palette for texts each of which is printed from its values.
    pub fn new(texts: &[&str]) -> Palette {
        let mut bytes: Vec<i32> = texts.iter().flat_map(|text| text.bytes()).map(i32::from).collect();
        bytes.sort_unstable();
        let start = |turns: i32, cells: usize| {
            let quantile = |cell: usize| bytes[(2 * cell + 1) * bytes.len() / (2 * cells)];
            Palette { turns, each: (0..cells).map(|cell| (quantile(cell) / turns).max(1)).collect() }
        };
        if bytes.is_empty() {
            return Palette { turns: 0, each: Vec::new() };
        }
        let cost = |palette: &Palette| -> i32 {
            palette.overhead() + texts.iter().map(|text| palette.estimate(text)).sum::<i32>()
        };
        (2..=16)
            .flat_map(|turns| (1..=MOST).map(move |cells| (turns, cells)))
            .map(|(turns, cells)| improve(start(turns, cells), &cost))
            .min_by_key(|&(cost, _)| cost)
            .map(|(_, palette)| palette)
            .expect("some palettes")
    }

    /// Cells that it needs: those of the texts, and one more for the loop.
    pub fn cells(&self) -> usize {
        self.each.len() + 1
    }

    /// What it costs besides the texts: the loop, and making the cells 0.
    fn overhead(&self) -> i32 {
        self.turns + self.each.iter().sum::<i32>() + 7 * self.each.len() as i32 + 4
    }

    /// What a text costs if every letter is printed from the cell that is nearest then.
    fn estimate(&self, text: &str) -> i32 {
        let mut values = [0; MOST];
        for (value, each) in values.iter_mut().zip(&self.each) {
            *value = each * self.turns;
        }
        let (mut at, mut sum) = (0_usize, 0);
        for byte in text.bytes().map(i32::from) {
            let cost = |cell: usize| (byte - values[cell]).abs() + cell.abs_diff(at) as i32;
            let best = (0..self.each.len()).min_by_key(|&cell| cost(cell)).unwrap_or(0);
            sum += cost(best) + 1;
            values[best] = byte;
            at = best;
        }
        sum
    }

    /// The shortest of the ways that it finds to write a text, looking at so many at a time.
    fn write(&self, text: &str, width: usize) -> Partial {
        let values = self.each.iter().map(|each| each * self.turns).collect();
        let mut partials = vec![Partial { values, at: 0, length: 0, chosen: Vec::new() }];
        for byte in text.bytes().map(i32::from) {
            let mut next: Vec<Partial> = Vec::new();
            for partial in &partials {
                for cell in 0..self.each.len() {
                    let mut longer = partial.clone();
                    longer.length +=
                        (byte - partial.values[cell]).abs() + partial.at.abs_diff(cell) as i32 + 1;
                    longer.values[cell] = byte;
                    longer.at = cell;
                    longer.chosen.push(cell);
                    next.push(longer);
                }
            }
            next.sort_by_key(|partial| partial.length);
            // Of those that go on alike, the first is the shortest.
            let mut seen = std::collections::HashSet::new();
            next.retain(|partial| seen.insert((partial.at, partial.values.clone())));
            next.truncate(width);
            partials = next;
        }
        partials.swap_remove(0)
    }
}

/// Changes single values as long as that spares something.
fn improve(mut palette: Palette, cost: &impl Fn(&Palette) -> i32) -> (i32, Palette) {
    let mut best = cost(&palette);
    loop {
        let before = best;
        for cell in 0..palette.each.len() {
            for by in [-3, -2, -1, 1, 2, 3] {
                let mut tried = palette.clone();
                tried.each[cell] += by;
                if tried.each[cell] * tried.turns > 127 || tried.each[cell] < 1 {
                    continue;
                }
                let cost = cost(&tried);
                if cost < best {
                    best = cost;
                    palette = tried;
                }
            }
        }
        if best == before {
            return (best, palette);
        }
    }
}

impl Assembler {
    /// Gives the cells beside the first one, all 0 like it, the values of a palette.
    pub fn load_palette(&mut self, first: Cell, palette: &Palette) {
        self.add(first, palette.turns);
        self.while_nz(first, |a| {
            a.add(first, -1);
            for (cell, &each) in palette.each.iter().enumerate() {
                a.add(first.at(1 + cell as i32), each);
            }
        });
    }

    /// Sends a text from cells that have the values of the palette, and then others.
    pub fn print_from(&mut self, first: Cell, palette: &Palette, text: &str) {
        let mut values: Vec<i32> = palette.each.iter().map(|each| each * palette.turns).collect();
        let chosen = palette.write(text, WIDTH).chosen;
        for (byte, cell) in text.bytes().map(i32::from).zip(chosen) {
            let place = first.at(1 + cell as i32);
            self.add(place, byte - values[cell]);
            self.output(place);
            values[cell] = byte;
        }
    }

    /// Makes the cells of a palette 0.
    pub fn clear_palette(&mut self, first: Cell, palette: &Palette) {
        for cell in (0..palette.each.len()).rev() {
            self.clear(first.at(1 + cell as i32));
        }
    }

    /// Sends a text, with cells side by side that are 0 before and after: so many as its palette has.
    pub fn print_long(&mut self, first: Cell, text: &str) {
        let palette = Palette::new(&[text]);
        self.load_palette(first, &palette);
        self.print_from(first, &palette, text);
        self.clear_palette(first, &palette);
    }
}
