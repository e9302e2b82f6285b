//! Reading along: what a process's model has said so far, from any offset.

use super::state::Process;
use crate::journal::{Fault, Journal, home};
use crate::machine::Machine;
use crate::vocabulary::{ProcessId, StreamId};
use serde::Serialize;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// A piece of an attempt's output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chunk {
    /// Whose.
    pub process_id: ProcessId,
    /// Of which attempt; 0: there was none yet.
    pub attempt: u32,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// Where the next one begins.
    pub next_offset: u64,
    /// What was said. Cut at characters, never within one.
    pub data: String,
    /// The process's state.
    pub status: String,
    /// Nothing more can come of this attempt.
    pub is_over: bool,
}

/// At most this many bytes at once.
const PIECE: u64 = 64 << 10;

/// Reads a process's output from `offset`: of the given attempt, or of the current one. `None`: there
/// is no such process.
pub async fn read_output(
    journal: &Journal,
    process_id: &ProcessId,
    attempt: Option<u32>,
    offset: u64,
) -> Result<Option<Chunk>, Fault> {
    let stream = StreamId { kind: Process::KIND, name: process_id.0.clone() };
    // First the state, then the file: what ended before it was read has nothing more to say.
    let Some(row) = journal.reader().row("processes", stream).await? else { return Ok(None) };
    let status = row.get("status").and_then(|v| v.as_str()).unwrap_or_default().to_owned();
    let current = row.get("attempt").and_then(serde_json::Value::as_u64).unwrap_or(0);
    let current = u32::try_from(current).unwrap_or(u32::MAX);
    let attempt = attempt.unwrap_or(current);
    let folder = home::attempt_folder(process_id, attempt);
    let read = journal.files().run(move |files| piece(&files.home().path(&folder), offset)).await;
    let mut bytes = read.map_err(|error| Fault::Unavailable(error.to_string()))?;
    let is_full = bytes.len() as u64 == PIECE;
    let has_ended = attempt < current || !matches!(status.as_str(), "STARTING" | "RUNNING");
    // Who asks from within a character gets what is said behind it.
    let skipped = bytes.iter().take_while(|byte| **byte & 0xC0 == 0x80).count();
    let offset = offset.saturating_add(skipped as u64);
    let data = characters(bytes.split_off(skipped), has_ended && !is_full);
    Ok(Some(Chunk {
        process_id: process_id.clone(),
        attempt,
        offset,
        next_offset: offset.saturating_add(data.len() as u64),
        data,
        is_over: has_ended && !is_full && !is_waiting(&status, attempt == current),
        status,
    }))
}

/// Whether the process has still to begin the attempt that was asked for.
fn is_waiting(status: &str, is_current: bool) -> bool {
    is_current && status == "PENDING"
}

/// What was said: the words beside a program's output, where that is in another format.
fn piece(folder: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let opened = match File::open(folder.join("words")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => File::open(folder.join("stdout")),
        words => words,
    };
    match opened {
        // Behind its end there is nothing; and far behind it the system would neither seek nor read.
        Ok(file) if offset >= file.metadata()?.len() => {}
        Ok(mut file) => {
            file.seek(SeekFrom::Start(offset))?;
            file.take(PIECE).read_to_end(&mut bytes)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(bytes)
}

/// The whole characters of these bytes. A character that is not finished yet waits for the next
/// piece, unless there is none.
fn characters(mut bytes: Vec<u8>, is_last: bool) -> String {
    if let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
        && !is_last
    {
        bytes.truncate(error.valid_up_to());
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        // Output of ours is text; what is not would make the offsets wrong if it were replaced.
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            String::from_utf8_lossy(&error.as_bytes()[..valid]).into_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_the_end_there_is_nothing_however_far() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stdout"), "words").unwrap();
        for (offset, words) in [(0, "words"), (4, "s"), (5, ""), (6, "")] {
            assert_eq!(piece(folder.path(), offset).unwrap(), words.as_bytes());
        }
        for offset in [u64::MAX, u64::MAX / 2, u64::MAX / 2 - 1] {
            assert!(piece(folder.path(), offset).unwrap().is_empty(), "{offset}");
        }
    }
}
