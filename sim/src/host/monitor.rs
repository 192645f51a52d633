//! `brainfusion monitor`: a terminal for the board.
//!
//! Keys go to the board at once; Ctrl-] opens a menu. Lines end as in the simulator's own terminal
//! ([`terminal`](crate::terminal)). If the port vanishes the monitor waits until it is there again.

use super::line::Line;
use super::port::{OpenPort, PortOptions};
use super::HostError;
use crate::incoming::Incoming;
use crate::terminal::{RawMode, QUIT_KEY};
use kernel::service::console::LEAVE_KEY;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Between two looks for keys.
const LOOK: Duration = Duration::from_millis(10);
/// Between two tries to open a port that is gone.
const RETRY: Duration = Duration::from_millis(300);
/// When the input is a pipe that has ended, the answer to it has ended when nothing came for so long, times the patience.
const ANSWERED: Duration = Duration::from_secs(1);
/// Ctrl-C: drops a line that was begun.
const CONTROL_C: u8 = 0x03;

/// The board to talk to.
#[derive(Clone, Debug, clap::Args)]
pub struct MonitorOptions {
    /// Which board
    #[command(flatten)]
    pub port: PortOptions,
}

/// What a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The board gets this byte.
    Send(u8),
    /// The menu is open.
    Menu,
    /// The menu is closed.
    Continue,
    /// There is nothing of that name in the menu, which is closed.
    Unknown,
    /// The monitor ends.
    Quit,
    /// The board gets a break.
    Break,
    /// The board is to start again.
    Reset,
}

/// The keys, with a menu.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    menu: bool,
}

impl Keys {
    /// Takes the next key.
    pub fn take(&mut self, key: u8) -> Action {
        if !std::mem::take(&mut self.menu) {
            self.menu = key == QUIT_KEY;
            return if self.menu { Action::Menu } else { Action::Send(key) };
        }
        match key {
            b'q' | b'Q' => Action::Quit,
            b'b' | b'B' => Action::Break,
            b'r' | b'R' => Action::Reset,
            b']' | QUIT_KEY => Action::Send(QUIT_KEY),
            b'c' | b'C' | b'\r' | b'\n' => Action::Continue,
            _ => Action::Unknown,
        }
    }
}

/// Says something that does not come from the board.
fn tell(text: &str) {
    eprintln!("\r\n[{text}]\r");
}

/// The connection, which may be gone.
struct Connection<'a> {
    options: &'a PortOptions,
    name: String,
    port: Option<OpenPort>,
}

impl Connection<'_> {
    /// Does something with the port, if it is there.
    fn with<T>(&mut self, act: impl FnOnce(&mut OpenPort) -> io::Result<T>) -> Option<T> {
        match act(self.port.as_mut()?) {
            Ok(value) => Some(value),
            Err(error) => {
                self.port = None;
                tell(&format!(
                    "{} is gone ({error}); plug the board in again, this goes on by itself; Ctrl-] q quits",
                    self.name
                ));
                None
            }
        }
    }

    /// Looks whether the port is there again. It can have another name then, if the user has named none.
    fn reconnect(&mut self) {
        let Ok(name) = self.options.find() else { return };
        if let Ok(port) = OpenPort::open(&name, self.options.baud) {
            tell(&format!("{name} is there again"));
            (self.name, self.port) = (name, Some(port));
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Send(byte) => drop(self.with(|port| port.write(&[byte]))),
            Action::Menu => tell("q quit, b send a break, r reset the board, ] send Ctrl-], c continue"),
            Action::Unknown => tell("not in the menu: go on, or press Ctrl-] again"),
            Action::Break => {
                // Pseudo-terminals have none, and still work.
                if let Some(Err(error)) = self.with(|port| Ok(port.send_break())) {
                    tell(&format!("no break was sent ({}); Ctrl-\\ leaves a program too", error.0));
                }
            }
            Action::Reset => {
                // Out of a program, or of a line that was begun.
                let _ = self.with(|port| port.write(&[LEAVE_KEY, CONTROL_C]));
                let _ = self.with(|port| port.write(b"reset\r"));
            }
            Action::Continue | Action::Quit => {}
        }
    }
}

/// Talks to the board until the user quits. The exit status.
pub fn monitor(options: &MonitorOptions) -> Result<u8, HostError> {
    let options = &options.port;
    let name = options.find()?;
    let port = Some(OpenPort::open(&name, options.baud)?);
    let interactive = io::stdin().is_terminal();
    let _raw = if interactive { Some(RawMode::enter().map_err(HostError::Terminal)?) } else { None };
    if interactive {
        tell(&format!("{name}, {} baud; Ctrl-] opens a menu", options.baud));
    }
    let mut connection = Connection { options, name, port };
    let mut input = Incoming::new(io::stdin(), None);
    let mut keys = Keys::default();
    let mut output = io::stdout();
    let answered = ANSWERED.saturating_mul(options.patience_at(&connection.name));
    let mut heard = Instant::now();
    while !input.wants_to_quit() {
        if connection.port.is_none() {
            // Keys are for the menu only.
            input.wait(RETRY).map_err(HostError::Terminal)?;
            connection.reconnect();
        }
        let mut bytes = [0; 1024];
        if let Some(count @ 1..) = connection.with(|port| port.read(&mut bytes, LOOK)) {
            let written = output.write_all(&bytes[..count]).and_then(|()| output.flush());
            written.map_err(HostError::Terminal)?;
            heard = Instant::now();
        }
        input.look().map_err(HostError::Terminal)?;
        while let Some(key) = input.pop() {
            // From a pipe all bytes are for the board.
            let action = if interactive { keys.take(key) } else { Action::Send(key) };
            if action == Action::Quit {
                return Ok(0);
            }
            connection.act(action);
            heard = Instant::now();
        }
        if input.has_ended() && (connection.port.is_none() || heard.elapsed() >= answered) {
            return Ok(0);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_for_the_board_and_those_behind_the_menu_key_are_not() {
        let mut keys = Keys::default();
        let mut all = |typed: &[u8]| typed.iter().map(|key| keys.take(*key)).collect::<Vec<_>>();
        assert_eq!(all(b"q\x1C"), [Action::Send(b'q'), Action::Send(0x1C)]);
        assert_eq!(all(b"\x1Dq"), [Action::Menu, Action::Quit]);
        assert_eq!(all(b"\x1Dbq"), [Action::Menu, Action::Break, Action::Send(b'q')]);
        assert_eq!(all(b"\x1Dr"), [Action::Menu, Action::Reset]);
        assert_eq!(
            all(b"\x1D]\x1D\x1D"),
            [Action::Menu, Action::Send(0x1D), Action::Menu, Action::Send(0x1D)]
        );
        assert_eq!(all(b"\x1Dcc"), [Action::Menu, Action::Continue, Action::Send(b'c')]);
        assert_eq!(all(b"\x1Dxx"), [Action::Menu, Action::Unknown, Action::Send(b'x')]);
    }
}
