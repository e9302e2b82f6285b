//! [`Room`]: place on the disk, kept ahead of a program that writes into a file by itself.
//!
//! Nobody sees whether such a program heeds that the disk is full: many go on, end well, and their answer
//! is cut short. Reserved place cannot be taken by anyone else, so as long as the program has not used
//! all of it, everything is there. One that uses it all up while there is no more has to be doubted.
//!
//! What is not seen: a disk that is full for some hundredths of a second only, while more than
//! [`AHEAD`] is written.

use rustix::fs::{FallocateFlags, fallocate, fstatvfs};
use rustix::io::Errno;
use std::fs::File;
use std::io;
use std::path::Path;
use std::time::Duration;

/// So much is kept.
const AHEAD: u64 = 256 << 10;
/// How often it is looked how much is left.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Place on the disk ahead of what is written to a file.
#[derive(Debug)]
pub(super) struct Room {
    file: File,
    /// Up to here there is place for certain.
    upto: u64,
    /// It was all used up, and there was no more.
    was_short: bool,
}

impl Room {
    /// Reserves it. Fails where there is none, so that nothing is begun that could not be written down.
    pub(super) fn ahead_of(file: File) -> io::Result<Self> {
        let mut room = Self { file, upto: 0, was_short: false };
        room.look();
        if room.was_short {
            Err(full("there is no room for what the program would say"))
        } else {
            Ok(room)
        }
    }

    /// Keeps it ahead, until it is dropped.
    pub(super) async fn keep(&mut self) -> std::convert::Infallible {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            self.look();
        }
    }

    /// Gives back what was not used. An error says that not all that was said may be there.
    pub(super) fn close(mut self) -> io::Result<()> {
        self.look();
        let length = self.file.metadata()?.len();
        if let Err(error) = self.file.set_len(length) {
            tracing::warn!(%error, "failed to give back room that was reserved for a program's output");
        }
        if self.was_short {
            Err(full("not all that the program said may be there"))
        } else {
            Ok(())
        }
    }

    fn look(&mut self) {
        let Ok(length) = self.file.metadata().map(|metadata| metadata.len()) else { return };
        if length + AHEAD / 2 <= self.upto {
            return;
        }
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, length, AHEAD) {
            Ok(()) => self.upto = length + AHEAD,
            Err(Errno::NOSPC | Errno::DQUOT) => self.was_short |= length >= self.upto,
            // A file system that cannot reserve can at least be asked.
            Err(_) => self.was_short |= fstatvfs(&self.file).is_ok_and(|disk| disk.f_bavail == 0),
        }
    }
}

/// With less than this nothing is begun: an attempt has to leave an end, and the journal to take it.
const LEAST: u64 = 4 << 20;

/// Whether a folder's disk has room for one more attempt.
pub(super) fn expect_some(folder: &Path) -> io::Result<()> {
    let disk = rustix::fs::statvfs(folder)?;
    if disk.f_bavail.saturating_mul(disk.f_frsize) < LEAST {
        return Err(full("there is no room for another attempt"));
    }
    Ok(())
}

/// Whether an error says that there is no room, which may change.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

fn full(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, format!("the disk was full: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn room_is_ahead_of_what_is_written_and_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stdout");
        let open = || File::options().create(true).append(true).open(&path).unwrap();
        let (mut program, mut room) = (open(), Room::ahead_of(open()).unwrap());
        program.write_all(&vec![b'x'; 300 << 10]).unwrap();
        room.look();
        let whole = (300 << 10) + AHEAD;
        assert!([0, whole].contains(&room.upto), "{room:?}");
        assert_eq!(path.metadata().unwrap().len(), 300 << 10, "nobody sees it");
        room.close().unwrap();
        let left = path.metadata().unwrap();
        assert_eq!(left.len(), 300 << 10);
        assert!(left.blocks() * 512 < (300 << 10) + AHEAD / 2, "{left:?}");
    }
}
