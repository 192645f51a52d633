//! The receiver against `sb` of lrzsz, over pipes. `make test` installs it; skipped where it is not there (or named by `SB`).

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc::{channel, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{content, Caller};

/// What came from `sb` with these options.
fn receive(options: &[&str], file: &[u8]) -> Option<Caller> {
    let folder = std::env::temp_dir().join(format!("ymodem-{}-{}", std::process::id(), options.len()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("file.bf");
    std::fs::write(&path, file).expect("a file");
    let sb = std::env::var("SB").unwrap_or("sb".into());
    let piped = Command::new(sb)
        .args(options)
        .arg(&path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let mut sb = match piped {
        Ok(sb) => sb,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            eprintln!("skipped: lrzsz is not installed");
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    let (mut from, mut to) = (sb.stdout.take().expect("a pipe"), sb.stdin.take().expect("a pipe"));
    let (sender, bytes) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 256];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            if sender.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    let mut caller = Caller::new();
    let mut answers = std::mem::take(&mut caller.sent);
    let mut ticked = Instant::now();
    while caller.outcome.is_none() {
        to.write_all(&answers).and_then(|()| to.flush()).expect("sb reads");
        answers = match bytes.recv_timeout(Duration::from_millis(10)) {
            Ok(bytes) => caller.bytes(&bytes),
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => panic!("sb ended early"),
        };
        let passed = ticked.elapsed().as_millis() as u32;
        ticked += Duration::from_millis(passed.into());
        caller.tick(passed);
        answers.append(&mut caller.sent);
    }
    to.write_all(&answers).expect("sb reads");
    assert!(sb.wait().expect("sb ends").success());
    std::fs::remove_dir_all(folder).expect("the folder");
    Some(caller)
}

#[test]
fn files_from_sb_arrive() {
    for options in [&[][..], &["-k"]] {
        let file = content(40_000);
        let Some(caller) = receive(options, &file) else { return };
        assert_eq!(caller.outcome, Some(Ok(())));
        assert_eq!(caller.files, [("file.bf".into(), Some(40_000), file)]);
    }
}
