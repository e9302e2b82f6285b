//! A folder is listed, read by threads, and put together.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::gather::{Candidate, gather};
use super::read::read;
use super::{Cache, Codebase, CouldNotAnalyze, Options, SkipReason, Skipped, SourceFile};

/// Analyses a folder. What cannot be read is skipped, with its reason; only a root that is no folder is an error.
pub fn analyze(
    root: &Path,
    options: &Options,
    cache: &dyn Cache,
) -> Result<Codebase, CouldNotAnalyze> {
    let unreadable = |source| CouldNotAnalyze::Unreadable { path: root.to_owned(), source };
    let root = root.canonicalize().map_err(unreadable)?;
    if !root.metadata().map_err(unreadable)?.is_dir() {
        return Err(CouldNotAnalyze::NoFolder { path: root });
    }
    std::fs::read_dir(&root).map_err(unreadable)?;
    let begun = Instant::now();
    let mut gathered = gather(&root, options.files);
    let candidates =
        within(std::mem::take(&mut gathered.candidates), options.bytes, &mut gathered.skipped);
    let is_over = || begun.elapsed() >= options.time;
    let one = |file: &Candidate| {
        if is_over() { Err(SkipReason::OutOfTime) } else { read(&root, file, &options.file, cache) }
    };
    let mut files = Vec::new();
    for (file, result) in
        candidates.iter().zip(in_parallel(&candidates, options.threads.get(), one))
    {
        let path = file.path.clone();
        match result {
            Ok(report) => files.push(SourceFile { path, report }),
            Err(reason) => gathered.skipped.push(Skipped { path, reason }),
        }
    }
    Ok(Codebase::new(files, gathered))
}

/// The files that fit into the bytes allowed; the order of their paths decides.
fn within(candidates: Vec<Candidate>, most: u64, skipped: &mut Vec<Skipped>) -> Vec<Candidate> {
    let mut left = most;
    let (fitting, others) = candidates.into_iter().partition(|file| {
        let rest = left.checked_sub(file.bytes);
        left = rest.unwrap_or(left);
        rest.is_some()
    });
    let others: Vec<Candidate> = others;
    skipped.extend(
        others.into_iter().map(|file| Skipped { path: file.path, reason: SkipReason::TooMuch }),
    );
    fitting
}

/// Does something with each item, on so many threads, and gives the results in the order of the items.
fn in_parallel<T: Sync, R: Send + Sync>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results: Vec<OnceLock<R>> = items.iter().map(|_| OnceLock::new()).collect();
    let take_turns = || {
        while let Some((item, result)) = {
            let turn = next.fetch_add(1, Ordering::Relaxed);
            items.get(turn).zip(results.get(turn))
        } {
            let _ = result.set(work(item));
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            scope.spawn(take_turns);
        }
        take_turns();
    });
    results.into_iter().filter_map(OnceLock::into_inner).collect()
}
