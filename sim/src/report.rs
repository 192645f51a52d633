//! What a command has found out, for who asked.

use std::io::{self, ErrorKind, Write};

/// Prints it. A reader that has seen enough may be gone: that is no error.
pub fn print(report: impl AsRef<[u8]>) -> io::Result<()> {
    let mut out = io::stdout();
    match out.write_all(report.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
