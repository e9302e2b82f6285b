//! Sweeping: what lies on disk without a row is debris, and content whose time is over goes.
//!
//! Listing is done by whoever asks, off the writer's thread; deciding and deleting by the writer
//! alone, so that nothing can begin to need a file between the decision and the deed.

use super::home::{ARCHIVE, BLOBS, PROCESSES, QUEUE};
use super::store::Store;
use super::{Fault, Home};
use crate::vocabulary::Timestamp;
use serde::Serialize;
use std::fs;
use std::io;
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

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) struct Sweep {
    pub(super) candidates: Vec<String>,
    pub(super) released_before: Timestamp,
    pub(super) reply: oneshot::Sender<Result<Swept, Fault>>,
}

/// Files and folders, relative to the home, that are older than the grace period and might be debris.
pub(crate) fn candidates(home: &Home, grace: Duration, now: SystemTime) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in [QUEUE, ARCHIVE, PROCESSES] {
        list(home, folder, grace, now, &mut found)?;
    }
    for shard in fs::read_dir(home.path(BLOBS))? {
        let shard = shard?.file_name();
        list(home, &format!("{BLOBS}/{}", shard.to_string_lossy()), grace, now, &mut found)?;
    }
    Ok(found)
}

fn list(
    home: &Home,
    folder: &str,
    grace: Duration,
    now: SystemTime,
    found: &mut Vec<String>,
) -> io::Result<()> {
    for entry in fs::read_dir(home.path(folder))? {
        let entry = entry?;
        // An entry that has gone meanwhile is no candidate.
        let Ok(modified) = entry.metadata().and_then(|metadata| metadata.modified()) else {
            continue;
        };
        let age = now.duration_since(modified).unwrap_or_default();
        if age >= grace
            && let Some(name) = entry.file_name().to_str()
        {
            found.push(format!("{folder}/{name}"));
        }
    }
    Ok(())
}

/// Decides, commits the decision, and deletes.
pub(super) fn carry_out(store: &mut Store, home: &Home, sweep: Sweep) {
    let result = match store.plan_sweep(&sweep.candidates, sweep.released_before) {
        Ok(plan) => Ok(Swept {
            expired: plan.expired.iter().filter(|path| remove(&home.path(path))).count(),
            debris: plan.debris.iter().filter(|path| remove(&home.path(path))).count(),
        }),
        Err(error) => Err(Fault::Refused(error.to_string())),
    };
    // Whoever asked may have gone; what was swept was swept.
    let _ = sweep.reply.send(result);
}

fn remove(path: &Path) -> bool {
    let removed = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    if let Err(error) = &removed {
        tracing::warn!(path = %path.display(), %error, "failed to remove debris");
    }
    removed.is_ok()
}
