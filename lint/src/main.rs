//! `hdl-lint FILE|FOLDER..`: checks Rust sources with [`hdl_lint`]. Prints findings; exits with 1 if there are any,
//! with 2 if a file cannot be read or is not Rust.

use hdl_lint::check_source;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Why a source was not checked.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{}: {source}", .path.display())]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("{}:{}:{}: {source}", .path.display(), .source.span().start().line, .source.span().start().column + 1)]
    Unparsable { path: PathBuf, source: syn::Error },
}

fn main() -> ExitCode {
    let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    if paths.is_empty() {
        eprintln!("usage: hdl-lint FILE|FOLDER..");
        return ExitCode::from(2);
    }
    let (mut findings, mut failed) = (0, false);
    for path in paths {
        let checked =
            sources(&path).and_then(|files| files.iter().map(|file| check(file)).sum::<Result<usize, _>>());
        match checked {
            Ok(found) => findings += found,
            Err(error) => {
                eprintln!("{error}");
                failed = true;
            }
        }
    }
    match (failed, findings) {
        (true, _) => ExitCode::from(2),
        (false, 0) => ExitCode::SUCCESS,
        (false, _) => ExitCode::FAILURE,
    }
}

/// Checks a file, prints what is found, and counts it.
fn check(path: &Path) -> Result<usize, Error> {
    let source = std::fs::read_to_string(path).map_err(unreadable(path))?;
    let findings = check_source(&path.display().to_string(), &source)
        .map_err(|source| Error::Unparsable { path: path.to_path_buf(), source })?;
    for finding in &findings {
        println!("{finding}");
    }
    Ok(findings.len())
}

/// The file itself, or all `.rs` files in the folder and those below it, in order.
fn sources(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let entries = std::fs::read_dir(path).map_err(unreadable(path))?;
    let mut entries: Vec<PathBuf> =
        entries.map(|entry| Ok(entry?.path())).collect::<Result<_, _>>().map_err(unreadable(path))?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() || entry.extension().is_some_and(|extension| extension == "rs") {
            files.append(&mut sources(&entry)?);
        }
    }
    Ok(files)
}

fn unreadable(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |source| Error::Unreadable { path: path.to_path_buf(), source }
}
