//! [`Place`]: where images and the like are kept that tools of MCP servers gave: `mcp/files` in the home, by what is in
//! them. It is a place to look at what was given, no archive: the oldest go when it is full.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use callboard_actors::journal::Files;
use callboard_actors::vocabulary::Hash;
use std::io;
use std::path::Path;
use std::time::SystemTime;

/// In the home.
const FOLDER: &str = "mcp/files";

/// The largest thing that is kept, in bytes.
const LARGEST: usize = 8 << 20;

/// So much is kept in all, in bytes.
const ROOM: u64 = 128 << 20;

/// Where they are kept. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Place(Files);

/// Something that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Where, from the home on.
    pub(super) file: String,
    /// How large it is.
    pub(super) bytes: usize,
    /// By SHA-256.
    pub(super) hash: String,
}

impl Place {
    pub(super) fn new(files: Files) -> Self {
        Self(files)
    }

    /// Keeps what stands in this text in base 64.
    ///
    /// # Errors
    /// Why not, in words.
    pub(super) async fn keep(&self, mime_type: &str, text: &str) -> Result<Kept, String> {
        if text.len() / 4 > LARGEST / 3 {
            return Err(format!("it has more than {LARGEST} bytes"));
        }
        let data = STANDARD.decode(text.trim()).map_err(|_| "it is not in base 64".to_owned())?;
        let hash = Hash::of(&data).as_str().to_owned();
        let kept = Kept {
            file: format!("{FOLDER}/{hash}.{}", ending(mime_type)),
            bytes: data.len(),
            hash,
        };
        let (files, file) = (self.0.clone(), kept.file.clone());
        let written = actix_rt::task::spawn_blocking(move || {
            files.publish(&file, &data)?;
            make_room(&files.home().path(FOLDER))
        });
        let failed = |why: &dyn std::fmt::Display| format!("it could not be kept: {why}");
        written.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
        Ok(kept)
    }
}

/// What a file's name ends in; it says nothing of what is in it.
fn ending(mime_type: &str) -> String {
    let sub = mime_type.split(['/', ';', '+']).nth(1).unwrap_or_default();
    let fit: String = sub.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    if fit.is_empty() { "bin".into() } else { fit.to_lowercase() }
}

/// The oldest go until the rest has room.
fn make_room(folder: &Path) -> io::Result<()> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        all.push((
            metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            metadata.len(),
            entry.path(),
        ));
    }
    all.sort();
    let mut used: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
    for (_, bytes, path) in all {
        if used <= ROOM {
            break;
        }
        std::fs::remove_file(path)?;
        used -= bytes;
    }
    Ok(())
}
