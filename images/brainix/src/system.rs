//! The registers and routines that the parts of the system share.

use images::assembler::{Assembler, Cell, Flow, Goal, Layout, Routine};

use crate::stacks::{BLOCK, CARRY};
use crate::store;
use crate::tape::{magic, BLOCK_BYTES, KEPT_CELLS, LEFT_EDGE, MAGIC};

/// Everything the parts need to write themselves.
pub struct System {
    /// The program that is being written.
    pub flow: Flow,
    /// The entries of the parts.
    pub routines: Routines,
    /// 0 before and after every routine.
    pub temporary: [Cell; TEMPORARIES],
    /// The cells of a division: see [`Assembler::divide`]. All 0 before and after every routine.
    pub division: Cell,
    /// What a routine answers: whether it found something.
    pub flag: Cell,
    /// The byte that goes to or comes from a routine.
    pub byte: Cell,
    /// Number of the message about what went wrong, or 0.
    pub error: Cell,
    /// Whether the last command failed.
    pub status: Cell,
    /// What commands keep between their blocks; they find anything there.
    pub local: [Cell; 4],
    /// The letters of a command's name, behind two cells for the choice. These too are anything when the command begins.
    pub letters: Cell,
    /// Registers of the store.
    pub store: store::Registers,
    /// Whether the word had more letters.
    pub long: Cell,
    /// The command has an argument, or needs none.
    pub named: Cell,
    /// Owner of the file that was found or made.
    pub file: Cell,
    /// What the line says: see `parser`.
    pub line: LineRegisters,
    /// Where output goes and input comes from: see `files`.
    pub io: IoRegisters,
}

/// How many temporary registers there are.
pub const TEMPORARIES: usize = 6;

/// The temporary register that routines of the store leave alone.
pub const HELD: usize = 5;

/// Helpers that lie between the registers. More make each copy cheaper and everything else farther.
const SPARE: usize = 2;

/// Letters that tell the names of commands apart, and the end of the longest one.
pub const LETTERS: i32 = 7;

/// Registers of the parser.
#[derive(Clone, Copy)]
pub struct LineRegisters {
    /// Kind of the item at the cursor.
    pub kind: Cell,
    /// Its number within its class.
    pub number: Cell,
    /// Its class, one of these is 1: part of a word, blank, redirection, end of a command. None: nothing.
    pub letter: Cell,
    /// See `letter`.
    pub blank: Cell,
    /// See `letter`.
    pub redirection: Cell,
    /// See `letter`.
    pub end: Cell,
    /// What ended the command: one more than the number of its kind; 0 before it is reached.
    pub terminator: Cell,
    /// Of the redirection whose name is being read; 0 for none.
    pub mode: Cell,
    /// How many letters the word has room for.
    pub room: Cell,
    /// Long words are read in pieces.
    pub pieces: Cell,
    /// There is more to read.
    pub going: Cell,
    /// The word that is read goes on after this piece.
    pub partial: Cell,
}

/// Registers of input and output.
#[derive(Clone, Copy)]
pub struct IoRegisters {
    /// Output goes to a file.
    pub redirected: Cell,
    /// Its owner.
    pub out_owner: Cell,
    /// Sequence of the next block written.
    pub out_sequence: Cell,
    /// A file is the input, and its owner.
    pub has_input: Cell,
    /// See `has_input`.
    pub input: Cell,
    /// Owner of the file that is read.
    pub reader: Cell,
    /// Sequence of the block that is read.
    pub read_sequence: Cell,
    /// The next block that is read will be gone after the transaction.
    pub replace: Cell,
}

/// What can be called.
#[derive(Clone, Copy)]
pub struct Routines {
    /// See `store`.
    pub next_block: Routine,
    /// See `store`.
    pub read_block: Routine,
    /// See `store`.
    pub write_block: Routine,
    /// See `store`.
    pub drop_blocks: Routine,
    /// See `store`.
    pub settle: Routine,
    /// See `files`.
    pub find_name: Routine,
    /// See `files`.
    pub write_name: Routine,
    /// See `files`.
    pub make_file: Routine,
    /// See `files`.
    pub open_output: Routine,
    /// See `files`.
    pub read: Routine,
    /// See `output`.
    pub put: Routine,
    /// See `output`.
    pub put_bytes: Routine,
    /// See `output`.
    pub flush: Routine,
    /// See `parser`.
    pub fetch: Routine,
    /// See `parser`.
    pub take_letter: Routine,
    /// See `parser`.
    pub word: Routine,
    /// See `files`.
    pub spell: Routine,
    /// See `store`.
    pub read_byte: Routine,
    /// See `commands`.
    pub next_name: Routine,
    /// See `commands`.
    pub next_file: Routine,
    /// See `commands`.
    pub two_names: Routine,
    /// See `commands::bf`.
    pub append: Routine,
    /// See `parser`.
    pub redirections: Routine,
    /// See `files`.
    pub copy: Routine,
    /// See `files`.
    pub abandon: Routine,
    /// See `files`.
    pub finish: Routine,
}

impl System {
    /// Registers at places that suit the layout, and nothing written yet.
    pub fn new(layout: Layout) -> Self {
        let mut asm = Assembler::with_layout(Goal::Size, layout);
        let kept = asm.array(KEPT_CELLS as usize);
        assert_eq!(kept, LEFT_EDGE, "the left edge is the first cell");
        // The cells between the kept ones are only needed at boot.
        asm.fix_layout((0..=MAGIC.len()).map(|index| magic(index).offset - 1).collect());
        for _ in 0..SPARE {
            let cell = asm.cell();
            asm.spare(cell);
        }
        let mut flow = Flow::new(asm);
        let routines = Routines {
            next_block: flow.routine(1),
            read_block: flow.routine(1),
            write_block: flow.routine(2),
            drop_blocks: flow.routine(2),
            settle: flow.routine(2),
            find_name: flow.routine(2),
            write_name: flow.routine(3),
            make_file: flow.routine(4),
            open_output: flow.routine(6),
            read: flow.routine(2),
            put: flow.routine(4),
            put_bytes: flow.routine(5),
            flush: flow.routine(3),
            fetch: flow.routine(0),
            take_letter: flow.routine(0),
            word: flow.routine(3),
            spell: flow.routine(6),
            read_byte: flow.routine(0),
            next_name: flow.routine(6),
            next_file: flow.routine(7),
            two_names: flow.routine(8),
            append: flow.routine(0),
            redirections: flow.routine(7),
            copy: flow.routine(5),
            abandon: flow.routine(3),
            finish: flow.routine(4),
        };
        let temporary = [(); TEMPORARIES].map(|()| flow.cell());
        let division = flow.array(6);
        let store = store::Registers::new(&mut flow, division);
        let letters = flow.array(LETTERS as usize + 2).at(2);
        let local = std::array::from_fn(|index| letters.at(index as i32));
        let mut cell = || flow.cell();
        let line = LineRegisters {
            kind: cell(),
            number: cell(),
            letter: cell(),
            blank: cell(),
            redirection: cell(),
            end: cell(),
            terminator: cell(),
            mode: cell(),
            room: cell(),
            pieces: cell(),
            partial: cell(),
            going: cell(),
        };
        let io = IoRegisters {
            redirected: cell(),
            out_owner: cell(),
            out_sequence: cell(),
            has_input: cell(),
            input: cell(),
            reader: cell(),
            read_sequence: cell(),
            replace: cell(),
        };
        System {
            routines,
            temporary,
            division,
            local,
            letters,
            flag: cell(),
            byte: cell(),
            error: cell(),
            status: cell(),
            store,
            long: cell(),
            named: cell(),
            file: cell(),
            line,
            io,
            flow,
        }
    }

    /// Writes code that sends a text, no longer than a block, to the output.
    pub fn say(&mut self, text: &str) {
        let bytes = (1..=BLOCK_BYTES).map(|number| BLOCK.byte(number));
        self.flow.code(|a| a.add_each(bytes.zip(text.bytes()).collect(), CARRY));
        self.flow.call(self.routines.put_bytes);
    }
}
