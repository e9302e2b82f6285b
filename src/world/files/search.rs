//! [`search`]: lines that fit a regular expression, by ripgrep's own searcher. Time is linear in what is read, and bounded.

use super::tour::{Picked, Tour};
use callboard_actors::workspaces::{FilePath, Root, Trouble};
use grep_regex::{RegexMatcher, RegexMatcherBuilder};
use grep_searcher::sinks::Lossy;
use grep_searcher::{BinaryDetection, Searcher, SearcherBuilder};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

/// So long may it take.
const LONGEST: Duration = Duration::from_secs(20);

/// Files above this are not searched, in bytes.
const MOST_BYTES: u64 = 64 << 20;

/// So long may a line be that is shown, in characters.
const LONGEST_LINE: usize = 500;

/// What is searched for.
#[derive(Debug)]
pub(in crate::world) struct Search {
    pub(in crate::world) pattern: String,
    pub(in crate::world) ignore_case: bool,
    pub(in crate::world) from: FilePath,
    pub(in crate::world) picked: Picked,
    /// So many lines at most.
    pub(in crate::world) limit: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub(in crate::world) struct Found {
    /// Path, number of the line, the line.
    pub(in crate::world) lines: Vec<(String, u64, String)>,
    /// How many files were searched.
    pub(in crate::world) files: usize,
    /// There are more lines.
    pub(in crate::world) more: bool,
    /// It took too long, and was left there.
    pub(in crate::world) late: bool,
}

/// Searches.
pub(in crate::world) fn search(root: &Root, search: &Search) -> Result<Found, Trouble> {
    let matcher = RegexMatcherBuilder::new()
        .case_insensitive(search.ignore_case)
        .line_terminator(Some(b'\n'))
        .build(&search.pattern)
        .map_err(|error| Trouble::refused(format!("the pattern: {error}")))?;
    let searcher = SearcherBuilder::new().binary_detection(BinaryDetection::quit(0)).build();
    let until = began() + LONGEST;
    let mut work = Work { matcher, searcher, limit: search.limit, until, found: Found::default() };
    let _ = Tour::new(root, &search.picked).visit(&search.from, &mut |path, spot| {
        let (file, bytes, _) = root.open_file(spot)?;
        if bytes <= MOST_BYTES {
            work.file(path, &file)?;
        }
        let is_enough = work.found.more || work.found.late;
        Ok(if is_enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(work.found)
}

struct Work {
    matcher: RegexMatcher,
    searcher: Searcher,
    limit: usize,
    until: Instant,
    found: Found,
}

impl Work {
    fn file(&mut self, path: &str, file: &std::fs::File) -> Result<(), Trouble> {
        let (found, limit, until) = (&mut self.found, self.limit, self.until);
        found.files += 1;
        found.late = began() > until;
        let sink = Lossy(|number, line| {
            if found.lines.len() >= limit {
                found.more = true;
                return Ok(false);
            }
            let line = line.trim_end_matches(['\n', '\r']);
            let line = line.chars().take(LONGEST_LINE).collect();
            found.lines.push((path.to_owned(), number, line));
            found.late = began() > until;
            Ok(!found.late)
        });
        let searched = self.searcher.search_file(&self.matcher, file, sink);
        searched.map_err(|error| Trouble::io("search", path, &error))
    }
}

/// How long it takes is no part of what it finds.
fn began() -> Instant {
    Instant::now()
}
