//! Writes the image into a folder (by default this one), under the name that says what it needs, and removes earlier ones.

use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map_or_else(|| PathBuf::from("."), PathBuf::from);
    let image = brainix::image();
    let path = folder.join(brainix::file_name(&image));
    for entry in std::fs::read_dir(&folder)? {
        let other = entry?.path();
        let name = other.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("brainix_v") && name.ends_with(".bf") && other != path {
            std::fs::remove_file(other)?;
        }
    }
    std::fs::write(&path, brainix::file_text(&image))?;
    println!("{}: {} commands", path.display(), image.len());
    Ok(())
}
