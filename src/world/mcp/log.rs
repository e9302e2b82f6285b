//! What a server's program writes to its stderr: into `mcp/NAME.log` in the home, of bounded length; and the last line of
//! it, which says as often as not why it ended.

use super::plain::line;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncRead, AsyncReadExt};

/// So long a log becomes, in bytes, before it is begun anew; the one before is kept beside it.
const LONGEST: u64 = 512 * 1024;

/// So much is read at a time.
const PIECE: usize = 8 * 1024;

/// So many bytes at the end are looked at for the last line.
const END: usize = 1_000;

/// The last that was written. Clones share it.
#[derive(Debug, Clone, Default)]
pub(super) struct LastWords(Arc<Mutex<Vec<u8>>>);

impl LastWords {
    fn heard(&self, piece: &[u8]) {
        let mut end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        end.extend_from_slice(piece);
        let surplus = end.len().saturating_sub(END);
        end.drain(..surplus);
    }

    /// The last line that says anything.
    pub(super) fn line(&self) -> Option<String> {
        let end = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&end);
        text.lines().map(|text| line(text, 300)).rfind(|line| !line.is_empty())
    }
}

/// Writes down what is said until nobody can say any more. A log that cannot be written is lost; it is read all the same,
/// so that nobody waits for us.
pub(super) async fn write_down(mut from: impl AsyncRead + Unpin, path: PathBuf, last: LastWords) {
    let mut log = None;
    let mut piece = vec![0; PIECE];
    while let Ok(read @ 1..) = from.read(&mut piece).await {
        last.heard(&piece[..read]);
        let (said, path, open) = (piece[..read].to_vec(), path.clone(), log.take());
        let written = actix_rt::task::spawn_blocking(move || append(open, &path, &said)).await;
        log = written.ok().and_then(Result::ok);
    }
}

fn append(open: Option<File>, path: &Path, said: &[u8]) -> io::Result<File> {
    let mut file = match open {
        Some(file) if file.metadata()?.len() < LONGEST => file,
        _ => begin(path)?,
    };
    file.write_all(said)?;
    Ok(file)
}

fn begin(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    if path.metadata().is_ok_and(|there| there.len() >= LONGEST) {
        fs::rename(path, path.with_extension("log.1"))?;
    }
    File::options().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_log_is_bounded_and_its_last_line_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp/s.log");
        let last = LastWords::default();
        let said = format!("{}\n\u{1b}[31mit is broken\n\n", "x".repeat(3 << 20));
        write_down(said.as_bytes(), path.clone(), last.clone()).await;
        let bytes = |name: &str| folder.path().join(name).metadata().unwrap().len();
        let most = LONGEST + PIECE as u64;
        assert!(bytes("mcp/s.log") <= most && bytes("mcp/s.log.1") <= most);
        assert_eq!(last.line().as_deref(), Some("[31mit is broken"));
    }
}
