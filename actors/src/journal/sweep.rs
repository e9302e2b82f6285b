//! Sweeping: what lies on disk without a row is debris, and content whose time is over goes.
//!
//! Listing is done by whoever asks, off the writer's thread; deciding and deleting by the writer
//! alone, so that nothing can begin to need a file between the decision and the deed.

use super::files::is_temporary;
use super::home::{ARCHIVE, BLOBS, PROCESSES, QUEUE, SESSIONS};
use super::store::Store;
use super::{Fault, Home};
use crate::vocabulary::Timestamp;
use serde::Serialize;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio::sync::oneshot;

/// When things may go.
#[derive(Debug, Clone, Copy)]
pub struct SweepSettings {
    /// What is younger than this is left alone: its row may still be on its way.
    pub grace: Duration,
    /// How long content outlives its last use.
    pub keep: Duration,
}

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Files whose time was over.
    pub expired: usize,
    /// Files and folders that nothing named.
    pub debris: usize,
}

/// A file or folder, relative to the home, that is older than the grace period.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub(super) path: String,
    /// When it was last changed, moved or linked: it goes only if that is still so.
    pub(super) changed: SystemTime,
}

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) candidates: Vec<Candidate>,
    pub(super) released_before: Timestamp,
    pub(super) reply: oneshot::Sender<Result<Swept, Fault>>,
}

/// Files and folders that are older than the grace period and might be debris.
pub(crate) fn candidates(
    home: &Home,
    grace: Duration,
    now: SystemTime,
) -> io::Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for folder in [QUEUE, ARCHIVE, PROCESSES] {
        list(home, folder, grace, now, &mut found)?;
    }
    for shard in fs::read_dir(home.path(BLOBS))? {
        let shard = shard?;
        // What is none of ours is left alone.
        if shard.file_type()?.is_dir() {
            let shard = shard.file_name();
            list(home, &format!("{BLOBS}/{}", shard.to_string_lossy()), grace, now, &mut found)?;
        }
    }
    // Files that were being written when a server was killed.
    for folder in ["", SESSIONS] {
        let mut others = Vec::new();
        list(home, folder, grace, now, &mut others)?;
        found.extend(others.into_iter().filter(|other| is_temporary(&other.path)));
    }
    Ok(found)
}

fn list(
    home: &Home,
    folder: &str,
    grace: Duration,
    now: SystemTime,
    found: &mut Vec<Candidate>,
) -> io::Result<()> {
    for entry in fs::read_dir(home.path(folder))? {
        let entry = entry?;
        // An entry that has gone meanwhile is no candidate.
        let Ok(metadata) = entry.metadata() else { continue };
        let changed = changed(&metadata);
        let age = now.duration_since(changed).unwrap_or_default();
        if age >= grace
            && let Some(name) = entry.file_name().to_str()
        {
            let path = Path::new(folder).join(name).to_string_lossy().into_owned();
            found.push(Candidate { path, changed });
        }
    }
    Ok(())
}

/// Decides, commits the decision, and deletes.
///
/// What was published anew since it was listed stays: its row may be on its way.
pub(super) fn carry_out(store: &mut Store, home: &Home, sweep: Sweep) {
    let old = sweep.candidates.into_iter().filter(|candidate| is_untouched(home, candidate));
    let old: Vec<String> = old.map(|candidate| candidate.path).collect();
    let result = match store.plan_sweep(&old, sweep.released_before) {
        Ok(plan) => Ok(Swept {
            expired: plan.expired.iter().filter(|path| remove(&home.path(path))).count(),
            debris: plan.debris.iter().filter(|path| remove(&home.path(path))).count(),
        }),
        Err(error) => Err(Fault::Refused(error.to_string())),
    };
    // Whoever asked may have gone; what was swept was swept.
    let _ = sweep.reply.send(result);
}

/// Removes the file at a place that content has left, now that the journal says so. A crash before
/// this leaves debris.
pub(super) fn remove_left(store: &Store, home: &Home, path: &str) {
    let Ok(at) = home.within(path) else { return };
    // A row that cannot be looked for may be there.
    if !store.is_named(path).unwrap_or(true) && at.exists() {
        remove(&at);
    }
}

fn is_untouched(home: &Home, candidate: &Candidate) -> bool {
    let metadata = home.within(&candidate.path).and_then(fs::symlink_metadata);
    metadata.is_ok_and(|metadata| changed(&metadata) == candidate.changed)
}

/// The status change time: unlike the modification time, it also moves when a file gets a new name.
fn changed(metadata: &fs::Metadata) -> SystemTime {
    let seconds = u64::try_from(metadata.ctime()).unwrap_or(0);
    let nanos = u32::try_from(metadata.ctime_nsec()).unwrap_or(0);
    SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
}

fn remove(path: &Path) -> bool {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = &removed {
        tracing::warn!(path = %path.display(), %error, "failed to remove debris");
    }
    removed.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Files;

    #[test]
    fn what_is_published_or_linked_after_it_was_listed_is_not_what_was_listed() {
        let folder = tempfile::TempDir::new().unwrap();
        let home = Home::open(folder.path(), None).unwrap();
        let files = Files::new(home.clone());
        let blob = files.publish("state/blobs/ab/x", b"x").unwrap();
        #[expect(clippy::disallowed_methods, reason = "files carry the system's time")]
        let now = SystemTime::now() + Duration::from_secs(1);
        let listed = |grace| candidates(&home, grace, now).unwrap();
        assert!(listed(Duration::from_hours(1)).is_empty(), "it is young");
        fs::write(folder.path().join("state/blobs/stray"), "somebody's").unwrap();
        fs::write(folder.path().join("notes"), "somebody's").unwrap();
        let left = [".tmp-1-0", "claude_logs/.tmp-1-1"];
        for left in left {
            fs::write(folder.path().join(left), "").unwrap();
        }
        let paths: Vec<_> = listed(Duration::ZERO).into_iter().map(|found| found.path).collect();
        assert_eq!(paths[1..], left);
        for left in left {
            fs::remove_file(folder.path().join(left)).unwrap();
        }
        let before = listed(Duration::ZERO);
        assert_eq!(before.len(), 1, "what is no shard is left alone");
        assert!(is_untouched(&home, &before[0]));
        while !listed(Duration::ZERO).iter().all(|now| now.changed != before[0].changed) {
            files.publish("state/blobs/ab/x", b"x").unwrap();
        }
        assert!(!is_untouched(&home, &before[0]));
        let listed_again = listed(Duration::ZERO);
        while is_untouched(&home, &listed_again[0]) {
            files.link(&blob, "state/blobs/ab/y").unwrap();
            files.remove("state/blobs/ab/y").unwrap();
        }
    }
}
