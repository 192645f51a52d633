//! The dialogue with the board's shell: its prompt, a line, its answer.

use super::line::{Line, LineError, Wire};
use kernel::service::console::LEAVE_KEY;
use kernel::ymodem::{CAN, INVITATION};
use std::time::Duration;

/// What the shell's prompt looks like, at the start of a line.
const PROMPT: &[u8] = b"\n> ";
/// Takes back what is typed.
const CONTROL_U: u8 = 0x15;
/// So often the prompt is asked for. A receiver that was left in the middle of a block is free after three.
const ROUNDS: usize = 12;
/// So often a line is typed, if its echo is another one.
const TRIES: usize = 4;
/// A line is quiet when nothing has come for so long. A receiver that was cancelled waits for 200 ms without a byte.
const QUIET: Duration = Duration::from_millis(400);
/// The longest wait for a quiet line: a program may print without an end.
const MOST_NOISE: Duration = Duration::from_secs(3);
/// What follows a prompt that is not the last one follows in this time.
const SETTLE: Duration = Duration::from_millis(150);
/// The prompt comes in this time. A receiver in a block that does not go on asks for it after a second.
const PROMPTED: Duration = Duration::from_millis(1_500);
/// The echo of a line comes in this time.
const ECHOED: Duration = Duration::from_secs(2);
/// The next byte of an answer comes in this time. To save cells and to erase the flash takes longest.
const ANSWERED: Duration = Duration::from_secs(15);
/// No command has a longer answer: all cells take 23 KB.
const MOST_ANSWER: usize = 256 * 1024;

/// Why the shell did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum ShellError {
    /// The port does not work any more.
    #[error(transparent)]
    Line(#[from] LineError),
    /// Nothing came at all.
    #[error(
        "nothing answers at this port; see that the board has power and that this is its port (`brainfusion ports`), \
         press its reset button, and give the command again"
    )]
    Silent,
    /// Something came, but no prompt.
    #[error(
        "what comes from this port does not end in the shell's prompt; give the right --baud, or press the board's \
         reset button, and give the command again"
    )]
    NoPrompt,
    /// The echo of a line is another line.
    #[error(
        "the line is noisy: `{0}` came back as something else; check the cable and give the command again"
    )]
    Noise(String),
    /// An answer did not end.
    #[error("the board's answer to `{0}` does not end; press its reset button and give the command again")]
    NoAnswer(String),
    /// The shell says why not.
    #[error("the board says to `{command}`: {said}; see to that and give the command again")]
    Refused {
        /// What was typed.
        command: String,
        /// What it said.
        said: String,
    },
}

/// The shell at the other end of a line.
pub struct Shell<L> {
    wire: Wire<L>,
}

impl<L: Line> Shell<L> {
    /// The shell at the other end.
    pub fn new(wire: Wire<L>) -> Shell<L> {
        Shell { wire }
    }

    /// The line itself.
    pub fn wire(&mut self) -> &mut Wire<L> {
        &mut self.wire
    }

    /// Leads the board to its prompt, whatever it does: out of a program, out of a transfer that failed, out of a line
    /// that was begun.
    pub fn bring_to_prompt(&mut self) -> Result<(), ShellError> {
        let mut heard = false;
        for _ in 0..ROUNDS {
            // The key first: a program must not read the rest.
            self.wire.write(&[LEAVE_KEY, CAN, CAN])?;
            heard |= !self.wire.drain(QUIET, MOST_NOISE)?.is_empty();
            self.wire.write(&[CONTROL_U, b'\r'])?;
            let until = self.wire.after(PROMPTED);
            let mut came = Vec::new();
            while let Some(byte) = self.wire.byte(until)? {
                came.push(byte);
                // A program can print the same, but then it goes on.
                if came.ends_with(PROMPT) && self.wire.drain(SETTLE, SETTLE)?.is_empty() {
                    return Ok(());
                }
            }
            heard |= !came.is_empty();
        }
        Err(if heard { ShellError::NoPrompt } else { ShellError::Silent })
    }

    /// Carries out a command, at the prompt. What it prints.
    pub fn command(&mut self, line: &str) -> Result<String, ShellError> {
        self.type_line(line)?;
        self.answer(line)
    }

    /// Types a line. Enter is typed only when the echo has shown that the line arrived.
    fn type_line(&mut self, line: &str) -> Result<(), ShellError> {
        for _ in 0..TRIES {
            self.wire.write(line.as_bytes())?;
            let until = self.wire.after(ECHOED);
            let mut echo = Vec::new();
            while echo.len() < line.len() {
                let Some(byte) = self.wire.byte(until)? else { break };
                echo.push(byte);
            }
            if echo == line.as_bytes() && self.wire.drain(Duration::ZERO, MOST_NOISE)?.is_empty() {
                self.wire.write(b"\r")?;
                return Ok(());
            }
            self.wire.write(&[CONTROL_U])?;
            self.wire.drain(QUIET, MOST_NOISE)?;
        }
        Err(ShellError::Noise(line.to_owned()))
    }

    /// What is printed before the next prompt. The name is for the error.
    pub fn answer(&mut self, command: &str) -> Result<String, ShellError> {
        let mut said = vec![];
        while !(said.ends_with(PROMPT) || said == PROMPT[1..]) {
            let until = self.wire.after(ANSWERED);
            match self.wire.byte(until)? {
                Some(byte) if said.len() < MOST_ANSWER => said.push(byte),
                _ => return Err(ShellError::NoAnswer(command.to_owned())),
            }
        }
        said.truncate(said.len() - (PROMPT.len() - 1));
        Ok(text(&said))
    }

    /// Begins to receive files on the board, at the prompt.
    pub fn begin_load(&mut self) -> Result<(), ShellError> {
        const COMMAND: &str = "load";
        self.type_line(COMMAND)?;
        loop {
            let until = self.wire.after(ANSWERED);
            match self.wire.byte(until)? {
                Some(b'\r' | b'\n') => {}
                Some(INVITATION) => return Ok(()),
                Some(byte) => {
                    self.wire.put_back(&[byte]);
                    let said = self.answer(COMMAND)?;
                    return Err(ShellError::Refused { command: COMMAND.to_owned(), said });
                }
                None => return Err(ShellError::NoAnswer(COMMAND.to_owned())),
            }
        }
    }
}

/// The text in what came, without what a transfer has left of itself.
fn text(bytes: &[u8]) -> String {
    let is_text = |byte: &&u8| matches!(byte, b'\n' | b' '..=b'~');
    let text: String = bytes.iter().filter(is_text).map(|byte| char::from(*byte)).collect();
    text.trim_matches('\n').to_owned()
}
