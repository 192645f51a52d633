//! `brainfusion save-cells` and `brainfusion restore-cells`: the board's cells in a file of this machine.

use super::line::Line;
use super::load::{shell_at, Phases};
use super::port::PortOptions;
use super::shell::{Shell, ShellError};
use super::HostError;
use crate::image_file;
use images::machine::COMPUTER;
use kernel::service::shell::LINE;
use std::path::PathBuf;

/// Cells of the board.
pub const CELLS: usize = COMPUTER.cells as usize;
/// Cells that the shell shows in a line.
const ROW: usize = 16;
/// So often cells are written, if some were damaged on the way, and twice as often a line is asked for.
const TRIES: usize = 4;

/// The cells' file.
#[derive(Clone, Debug, clap::Args)]
pub struct CellsOptions {
    /// 4096 bytes, one for each cell
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Which board
    #[command(flatten)]
    pub port: PortOptions,
}

/// Why cells were not read or written.
#[derive(Debug, thiserror::Error)]
pub enum CellsError {
    /// The shell does not do what it was told.
    #[error(transparent)]
    Shell(#[from] ShellError),
    /// Some cells do not arrive.
    #[error("cell {0} does not arrive undamaged; check the cable and give the command again")]
    Noise(usize),
    /// A file of another length.
    #[error("{}: {bytes} bytes, but the board has {CELLS} cells; give a file that `brainfusion save-cells` made", path.display())]
    Length {
        /// The file.
        path: PathBuf,
        /// Its length.
        bytes: usize,
    },
    /// The shell does not know the command.
    #[error(
        "the board's shell says to `set`: {0}; put today's firmware on the board and give the command again"
    )]
    NoSet(String),
}

/// The line in which the shell shows these cells, without its end.
pub fn row(first: usize, cells: &[u8]) -> String {
    let mut text = format!("{first:4} ");
    for cell in cells {
        text += &format!(" {cell:3}");
    }
    text += "  ";
    text.extend(cells.iter().map(|cell| if cell.is_ascii_graphic() { char::from(*cell) } else { '.' }));
    text
}

/// The cells in such a line, and which the first one is; none if anything in it is not as it must be.
pub fn parse_row(line: &str) -> Option<(usize, Vec<u8>)> {
    let mut words = line.split_ascii_whitespace();
    let first: usize = words.next()?.parse().ok()?;
    // Where the text begins there are no more numbers; it may look like one.
    let count = ROW.min(CELLS.checked_sub(first)?);
    let cells: Vec<u8> = words.by_ref().take(count).map(|word| word.parse().ok()).collect::<Option<_>>()?;
    (first % ROW == 0 && cells.len() == count && row(first, &cells) == line).then_some((first, cells))
}

/// Reads all cells. A damaged line can look right: each one counts when it has come twice the same.
pub fn read<L: Line>(shell: &mut Shell<L>) -> Result<Vec<u8>, CellsError> {
    let mut rows = vec![Row::default(); CELLS / ROW];
    for _ in 0..2 {
        take_rows(&shell.command(&format!("mem 0 {CELLS}"))?, &mut rows);
    }
    for (number, row) in rows.iter_mut().enumerate() {
        let first = number * ROW;
        for _ in 0..2 * TRIES {
            if row.is_certain {
                break;
            }
            row.take(shell.command(&format!("mem {first} {ROW}"))?.lines().filter_map(parse_row), first);
        }
        if !row.is_certain {
            return Err(CellsError::Noise(first));
        }
    }
    Ok(rows.into_iter().flat_map(|row| row.cells).collect())
}

/// A line of cells, as it came last.
#[derive(Clone, Default)]
struct Row {
    cells: Vec<u8>,
    is_certain: bool,
}

impl Row {
    /// Takes those of these lines that begin with this cell.
    fn take(&mut self, lines: impl Iterator<Item = (usize, Vec<u8>)>, first: usize) {
        for (_, cells) in lines.filter(|line| line.0 == first) {
            self.is_certain |= self.cells == cells;
            if !self.is_certain {
                self.cells = cells;
            }
        }
    }
}

fn take_rows(text: &str, rows: &mut [Row]) {
    for (first, cells) in text.lines().filter_map(parse_row) {
        if let Some(row) = rows.get_mut(first / ROW) {
            row.take(std::iter::once((first, cells)), first);
        }
    }
}

/// The commands that make these cells of those: lines of the shell's length, from cells that differ to cells that differ.
pub fn set_lines(now: &[u8], wanted: &[u8]) -> Vec<String> {
    let differs = |at: &usize| now.get(*at) != wanted.get(*at);
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(first) = (at..wanted.len()).find(differs) {
        let mut line = format!("set {first}");
        // As far as the last one that differs.
        let mut complete = line.clone();
        at = first;
        for (cell, value) in wanted.iter().enumerate().skip(first) {
            line += &format!(" {value}");
            if line.len() > LINE {
                break;
            }
            if differs(&cell) {
                complete.clone_from(&line);
                at = cell + 1;
            }
        }
        lines.push(complete);
    }
    lines
}

/// Writes the cells that differ. How many did.
pub fn write<L: Line>(
    shell: &mut Shell<L>,
    wanted: &[u8],
    told: &mut dyn FnMut(usize, usize),
) -> Result<usize, CellsError> {
    let mut now = read(shell)?;
    let count = now.iter().zip(wanted).filter(|(now, wanted)| now != wanted).count();
    for _ in 0..TRIES {
        let lines = set_lines(&now, wanted);
        if lines.is_empty() {
            return Ok(count);
        }
        for (number, line) in lines.iter().enumerate() {
            told(number, lines.len());
            let said = shell.command(line)?;
            if !said.is_empty() {
                return Err(CellsError::NoSet(said));
            }
        }
        // What was damaged on the way shows here.
        now = read(shell)?;
    }
    Err(CellsError::Noise(now.iter().zip(wanted).position(|(now, wanted)| now != wanted).unwrap_or(0)))
}

/// Saves the board's cells in a file. The exit status.
pub fn save_cells(options: &CellsOptions) -> Result<u8, HostError> {
    let phases = Phases::new();
    let mut shell = shell_at(&options.port, &phases)?;
    phases.enter("reading the cells");
    let cells = read(&mut shell)?;
    phases.clear();
    image_file::write_whole(&options.file, &cells)?;
    println!(
        "{CELLS} cells are in {}; if a program was left for this, `resume` in the board's shell (`brainfusion \
         monitor`) goes on with it",
        options.file.display()
    );
    Ok(0)
}

/// Writes a file into the board's cells. The exit status.
pub fn restore_cells(options: &CellsOptions) -> Result<u8, HostError> {
    let wanted = image_file::read_bytes(&options.file)?;
    if wanted.len() != CELLS {
        return Err(CellsError::Length { path: options.file.clone(), bytes: wanted.len() }.into());
    }
    let phases = Phases::new();
    let mut shell = shell_at(&options.port, &phases)?;
    phases.enter("reading the cells");
    let count = write(&mut shell, &wanted, &mut |line, lines| {
        phases.count("writing the cells", line as u64, lines as u64);
    })?;
    phases.clear();
    println!(
        "{count} cells were written, the others were right; next, in the board's shell (`brainfusion monitor`): \
         `resume` goes on with the program that was left, `save` keeps the cells"
    );
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_row_is_what_the_shell_prints() {
        let mut cells = [0; ROW];
        cells[..5].copy_from_slice(b"Hi 7\xFF");
        let line = row(4080, &cells);
        assert_eq!(
            line,
            "4080   72 105  32  55 255   0   0   0   0   0   0   0   0   0   0   0  Hi.7............"
        );
        assert_eq!(parse_row(&line), Some((4080, cells.to_vec())));
        assert_eq!(parse_row(&line.replace(" 55", " 56")), None, "the text says another value");
        assert_eq!(parse_row(&line.replace("4080", "4081")), None, "no row begins there");
        assert_eq!(parse_row(&line.replace("4080", "9999")), None, "there is no such cell");
        assert_eq!(parse_row("the cells are 0 to 4095; give such a number"), None);
        assert_eq!(parse_row(""), None);
    }

    #[test]
    fn equal_cells_are_not_sent() {
        assert_eq!(set_lines(&[1, 2, 3, 4], &[1, 2, 3, 4]), Vec::<String>::new());
        assert_eq!(set_lines(&[1, 2, 3, 4], &[1, 9, 3, 4]), ["set 1 9"]);
        assert_eq!(set_lines(&[1, 2, 3, 4], &[9, 2, 9, 4]), ["set 0 9 2 9"]);
    }

    proptest! {
        #[test]
        fn rows_are_read_as_they_were_shown(row_number in 0..CELLS / ROW, cells in prop::collection::vec(any::<u8>(), ROW)) {
            let first = row_number * ROW;
            prop_assert_eq!(parse_row(&row(first, &cells)), Some((first, cells)));
        }

        #[test]
        fn lines_make_the_wanted_cells_and_fit(
            now in prop::collection::vec(0_u8..3, CELLS),
            wanted in prop::collection::vec(prop_oneof![Just(0_u8), Just(1), any::<u8>()], CELLS),
        ) {
            let mut cells = now.clone();
            for line in set_lines(&now, &wanted) {
                prop_assert!(line.len() <= LINE);
                let numbers: Vec<usize> =
                    line.split(' ').skip(1).map(|word| word.parse().expect("a number")).collect();
                for (at, value) in numbers[1..].iter().enumerate() {
                    cells[numbers[0] + at] = *value as u8;
                }
            }
            prop_assert_eq!(cells, wanted);
        }
    }
}
