//! Looks a text through for what its language's rules are about.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};

use tree_sitter::{QueryCursor, QueryCursorOptions, QueryMatch, StreamingIterator};

use super::queries::{Pattern, Queries};
use super::{Issue, Issues, measured};
use crate::limits::Watch;
use crate::structure::{Complexity, structure};
use crate::syntax::Source;
use crate::text::excerpt;
use crate::{Fault, Language, Limits};

/// Tells a text's issues.
pub fn issues(language: Language, text: &str, limits: &Limits) -> Result<Issues, Fault> {
    let mut watch = Watch::start(text, limits)?;
    let source = Source::read(language, text, limits, &watch)?;
    let parsed = structure(&source, &mut watch)?;
    found(&source, &parsed.complexity, &mut watch)
}

/// The same for a text that has been read.
pub(crate) fn found(
    source: &Source<'_>,
    complexity: &Complexity,
    watch: &mut Watch,
) -> Result<Issues, Fault> {
    let matches = Matches::of(source, watch)?;
    let mut issues = measured::found(source, complexity);
    issues.extend(matches.issues(source));
    issues.sort_by(|one, other| {
        let key = |issue: &Issue| (issue.span.bytes.start, issue.span.bytes.end);
        key(one).cmp(&key(other)).then_with(|| one.id.cmp(&other.id))
    });
    issues.dedup_by(|one, other| one.id == other.id && one.span.bytes == other.span.bytes);
    let left_out = issues.len().saturating_sub(source.items);
    issues.truncate(source.items);
    Ok(Issues { issues, left_out })
}

/// What the patterns matched: the places of rules, and the regions.
#[derive(Default)]
struct Matches<'q> {
    places: Vec<(usize, &'q [String], Range<usize>)>,
    regions: BTreeMap<&'q str, Vec<Range<usize>>>,
}

impl<'q> Matches<'q> {
    fn of(source: &Source<'_>, watch: &Watch) -> Result<Self, Fault> {
        let queries: &'q Queries = Queries::of(source.language);
        let mut found = Self::default();
        let mut stop = |_: &_| match watch.look() {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        };
        let options = QueryCursorOptions::new().progress_callback(&mut stop);
        let mut cursor = QueryCursor::new();
        let root = source.tree.root_node();
        let mut matches =
            cursor.matches_with_options(&queries.query, root, source.text.as_bytes(), options);
        while let Some(one) = matches.next() {
            found.note(queries, one);
        }
        // A query that was stopped ends as one that is through.
        watch.look()?;
        Ok(found)
    }

    fn note(&mut self, queries: &'q Queries, one: &QueryMatch<'_, '_>) {
        let place =
            one.captures().iter().find(|capture| queries.places.contains(&Some(capture.index)));
        let Some(bytes) = place.map(|capture| capture.node.byte_range()) else { return };
        match &queries.patterns[one.pattern_index] {
            Pattern::Region(name) => self.regions.entry(name).or_default().push(bytes),
            Pattern::Finds { rule, outside } => self.places.push((*rule, outside, bytes)),
        }
    }

    fn issues(self, source: &Source<'_>) -> Vec<Issue> {
        let Self { places, regions } = self;
        let regions: BTreeMap<&str, Vec<Range<usize>>> =
            regions.into_iter().map(|(name, ranges)| (name, outermost(ranges))).collect();
        let rules = &Queries::of(source.language).rules;
        let counts = |outside: &[String], bytes: &Range<usize>| {
            let mut named = outside.iter().filter_map(|name| regions.get(name.as_str()));
            !named.any(|ranges| is_inside(ranges, bytes.start))
        };
        let told = places.into_iter().filter(|(_, outside, bytes)| counts(outside, bytes));
        told.map(|(rule, _, bytes)| {
            let span = source.places.span(bytes);
            let text = excerpt(source.places.line(span.start.line), 200);
            Issue::new(&rules[rule], span, text)
        })
        .collect()
    }
}

/// Without those that lie in another one, in order.
fn outermost(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    ranges.retain(|range| {
        let is_outside = range.end > end;
        end = end.max(range.end);
        is_outside
    });
    ranges
}

fn is_inside(ranges: &[Range<usize>], byte: usize) -> bool {
    let behind = ranges.partition_point(|range| range.start <= byte);
    behind.checked_sub(1).is_some_and(|last| ranges[last].contains(&byte))
}
