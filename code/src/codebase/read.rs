//! One file becomes its report, or the reason why it has none.

use std::fs::File;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use super::gather::Candidate;
use super::{Cache, CacheKey, SkipReason};
use crate::{Fault, Limits, Report, decode, examine};

/// Reads a file; a panic is this file's alone.
pub(super) fn read(
    root: &Path,
    file: &Candidate,
    limits: &Limits,
    cache: &dyn Cache,
) -> Result<Arc<Report>, SkipReason> {
    let read = AssertUnwindSafe(|| read_unguarded(root, file, limits, cache));
    catch_unwind(read).unwrap_or(Err(SkipReason::Panicked))
}

fn read_unguarded(
    root: &Path,
    file: &Candidate,
    limits: &Limits,
    cache: &dyn Cache,
) -> Result<Arc<Report>, SkipReason> {
    let bytes = content(&root.join(&file.path), limits.bytes)?;
    let text = decode(&bytes).map_err(|what| SkipReason::NotText { what })?;
    if let Some(longest_line) = minified(text) {
        return Err(SkipReason::Minified { longest_line });
    }
    let key = CacheKey::new(file.language, text, limits);
    if let Some(report) = cache.get(&key) {
        return Ok(report);
    }
    let report = examine(file.language, text, limits).map_err(|why| SkipReason::Limits { why })?;
    let report = Arc::new(report);
    cache.put(key, &report);
    Ok(report)
}

/// A file's bytes, never more than allowed, whatever it grows to meanwhile.
fn content(path: &Path, most: usize) -> Result<Vec<u8>, SkipReason> {
    let unreadable = |error: std::io::Error| SkipReason::Unreadable { error: error.to_string() };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > most {
        let bytes = usize::try_from(length).unwrap_or(usize::MAX).max(bytes.len());
        return Err(SkipReason::Limits { why: Fault::TooLong { bytes, most } });
    }
    Ok(bytes)
}

/// The longest line of a text that was minified: one line beyond what anybody writes, or long ones throughout
/// (GitHub's Linguist takes 110 bytes a line on average for that; we allow for tables and long strings).
fn minified(text: &str) -> Option<usize> {
    let (lines, longest) =
        text.lines().fold((0, 0), |(lines, longest), line| (lines + 1, line.len().max(longest)));
    let is_long_throughout = text.len() > 4_096 && text.len() / usize::max(lines, 1) > 300;
    (longest > 20_000 || is_long_throughout).then_some(longest)
}
