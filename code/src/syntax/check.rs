//! Whether a text parses, and each place where it does not.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use tree_sitter::Node;

use super::error::{SyntaxError, SyntaxErrorKind};
use super::{At, Source, Visit, exact, lenient, walk};
use crate::limits::Watch;
use crate::text::excerpt;
use crate::{Fault, Language, Limits};

/// What a check of a text found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// The errors, in the order of their places.
    pub errors: Vec<SyntaxError>,
    /// How many more there are than [`Limits::items`].
    pub left_out: usize,
}

impl Validation {
    /// Whether the text parses.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty() && self.left_out == 0
    }
}

/// Checks a text's syntax.
///
/// The first error has the exact place of the token behind which nothing can follow that would mend it; those behind
/// it are where the parser could not make sense of the text after it had gone on, so mend the first and ask
/// again. The text is taken for a whole file. What a grammar lets pass that a compiler does not (names, types, a `return` outside a function) is no
/// syntax error here.
pub fn validate(language: Language, text: &str, limits: &Limits) -> Result<Validation, Fault> {
    let mut watch = Watch::start(text, limits)?;
    let source = Source::read(language, text, limits, &watch)?;
    validation(&source, &mut watch)
}

/// The same for a text that has been read.
pub(crate) fn validation(source: &Source<'_>, watch: &mut Watch) -> Result<Validation, Fault> {
    let mut check = Check { source, told: Vec::new(), lenient: Vec::new(), left_out: 0 };
    walk(source, watch, &mut check)?;
    let Check { told, lenient, left_out, .. } = check;
    // Recovery makes strange trees: what is lenient in those says nothing.
    let is_broken = source.tree.root_node().has_error();
    let mut found = if is_broken { sharpened(source, watch, told) } else { lenient };
    found.sort_by_key(|(_, bytes)| bytes.start);
    let left_out = left_out + found.len().saturating_sub(source.items);
    found.truncate(source.items);
    let errors = found.into_iter().map(|(kind, bytes)| error(source, kind, bytes)).collect();
    Ok(Validation { errors, left_out })
}

type Found = Vec<(SyntaxErrorKind, Range<usize>)>;

/// What the tree tells, its first error replaced by the exact place, if that is known.
fn sharpened(source: &Source<'_>, watch: &Watch, told: Found) -> Found {
    if let Some((SyntaxErrorKind::Missing { .. }, _)) = told.first() {
        return told;
    }
    let Some(stop) = exact::first(source, watch) else {
        // A hidden node may be all that is wrong, and no place of its own.
        let whole = || (unexpected(named(source, 0..source.text.len()), Vec::new()), 0..0);
        return if told.is_empty() { vec![whole()] } else { told };
    };
    let bytes = stop.byte..stop.end;
    let first = (unexpected(named(source, bytes.clone()), stop.expected), bytes);
    // Recovery may have seen further errors before that place: they are part of this one.
    let behind = told.into_iter().filter(|(_, bytes)| bytes.start > stop.byte);
    std::iter::once(first).chain(behind).collect()
}

fn unexpected(found: String, expected: Vec<String>) -> SyntaxErrorKind {
    SyntaxErrorKind::Unexpected { found, expected }
}

fn error(source: &Source<'_>, kind: SyntaxErrorKind, bytes: Range<usize>) -> SyntaxError {
    let span = source.places.span(bytes);
    let text = excerpt(source.places.line(span.start.line), 200);
    SyntaxError { message: kind.message(), kind, span, text }
}

/// The errors on the way through a tree: of an error within an error only the outer one.
struct Check<'s, 't> {
    source: &'s Source<'t>,
    /// Errors of the grammar.
    told: Found,
    /// What it lets pass.
    lenient: Found,
    left_out: usize,
}

impl Check<'_, '_> {
    fn note(&mut self, kind: SyntaxErrorKind, bytes: Range<usize>) {
        if self.told.len() < self.source.items.max(1) {
            self.told.push((kind, bytes));
        } else {
            self.left_out += 1;
        }
    }
}

impl<'t> Visit<'t> for Check<'_, '_> {
    fn enter(&mut self, at: &At<'_, 't>) -> bool {
        let node = at.node;
        if node.is_missing() {
            let what = exact::said(node.kind(), node.is_named());
            self.note(SyntaxErrorKind::Missing { what }, node.byte_range());
            return false;
        }
        if node.is_error() {
            let bytes = trimmed(self.source, node);
            let found = named(self.source, bytes.clone());
            self.note(unexpected(found, Vec::new()), bytes);
            return false;
        }
        self.lenient.extend(lenient::faults(self.source, node));
        node.has_error() || lenient::are_anywhere(self.source.language)
    }

    fn leave(&mut self, _depth: usize) {}
}

/// An error's bytes without the white space around them.
fn trimmed(source: &Source<'_>, node: Node<'_>) -> Range<usize> {
    let text = source.of(node);
    let start = node.start_byte() + text.len() - text.trim_start().len();
    start..(node.start_byte() + text.trim_end().len()).max(start)
}

/// What stands there, in words.
fn named(source: &Source<'_>, bytes: Range<usize>) -> String {
    if bytes.start >= source.text.trim_end().len() {
        return "end of file".to_owned();
    }
    let first_line = source.slice(bytes).lines().next().unwrap_or_default();
    if first_line.is_empty() {
        "end of line".to_owned()
    } else {
        format!("`{}`", excerpt(first_line, 40))
    }
}
