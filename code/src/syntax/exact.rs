//! The first error's exact place: the token behind which the text can no longer be a program.
//!
//! A tree with errors shows what recovery made of the text: the node `ERROR` begins where the parser fell back
//! to, often lines before what is wrong. So a text that does not parse is parsed once more, with the parser's log,
//! as far as the place where its last live version stops. The log's words are tree-sitter's own affair: where
//! they cannot be read, the tree's answer stands.

use std::sync::{Arc, Mutex, PoisonError};

use tree_sitter::LogType;

use super::Source;
use super::source::{feed, parser};
use crate::limits::Watch;

/// Where a parse came to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    /// The beginning of what cannot stand there.
    pub(super) byte: usize,
    /// Its end.
    pub(super) end: usize,
    /// What could stand there; empty where that is too much.
    pub(super) expected: Vec<String>,
}

/// Texts above this are not parsed again: the log costs ten times the parse.
const MOST_BYTES: usize = 1 << 20;
/// More than that helps nobody.
const MOST_EXPECTED: usize = 4;

/// What the log has told so far.
#[derive(Debug, Default)]
struct Log {
    /// Where the version at work stands: its state, row and column (in bytes), behind the last token.
    at: Option<(u16, usize, usize)>,
    /// The furthest of those that could not go on.
    furthest: Option<(usize, usize, u16)>,
    /// All of them could not.
    is_over: bool,
}

impl Log {
    fn hear(&mut self, message: &str) {
        if self.is_over {
            return;
        }
        if let Some(rest) = message.strip_prefix("process version:") {
            self.at = numbers(rest);
        } else if message.starts_with("detect_error") {
            let here = self.at.map(|(state, row, column)| (row, column, state));
            self.furthest = self.furthest.max(here);
        } else if message.starts_with("resume version:") {
            self.is_over = true;
        }
    }
}

/// `0, version_count:1, state:12, row:3, col:4`
fn numbers(message: &str) -> Option<(u16, usize, usize)> {
    let mut values =
        message.split(", ").skip(2).map(|part| part.split_once(':').map(|(_, value)| value));
    let state = values.next()??.parse().ok()?;
    Some((state, values.next()??.parse().ok()?, values.next()??.parse().ok()?))
}

/// The first error's exact place, if the log tells it.
pub(super) fn first(source: &Source<'_>, watch: &Watch) -> Option<Stop> {
    if source.text.len() > MOST_BYTES {
        return None;
    }
    let log = Arc::new(Mutex::new(Log::default()));
    let (ears, eyes) = (Arc::clone(&log), Arc::clone(&log));
    let mut parser = parser(source.grammar);
    parser.set_logger(Some(Box::new(move |kind, message| {
        if matches!(kind, LogType::Parse) {
            ears.lock().unwrap_or_else(PoisonError::into_inner).hear(message);
        }
    })));
    let is_over = || eyes.lock().unwrap_or_else(PoisonError::into_inner).is_over;
    feed(&mut parser, source.text, &mut || is_over() || watch.look().is_err());
    drop(parser);
    let log = log.lock().unwrap_or_else(PoisonError::into_inner);
    let (row, column, state) = log.furthest.filter(|_| log.is_over)?;
    let behind = source.places.offset(row, column)?;
    let (byte, end) = token(source, behind);
    Some(Stop { byte, end, expected: expected(source, state) })
}

/// What stands behind a token: white space is skipped, and where only an end of line follows, that is it.
fn token(source: &Source<'_>, behind: usize) -> (usize, usize) {
    let rest = source.slice(behind..source.text.len());
    let byte = behind + rest.len() - rest.trim_start().len();
    let root = source.tree.root_node();
    let leaf =
        root.descendant_for_byte_range(byte, byte + 1).filter(|node| node.child_count() == 0);
    match leaf.filter(|node| node.start_byte() == byte && node.end_byte() > byte) {
        Some(node) => (byte, node.end_byte()),
        None => (byte, byte + word(&source.text[byte..])),
    }
}

/// The bytes of the first word, or of the first character.
fn word(text: &str) -> usize {
    let is_inside = |character: char| character.is_alphanumeric() || character == '_';
    let word = text.find(|character| !is_inside(character)).unwrap_or(text.len());
    word.max(text.chars().next().map_or(0, char::len_utf8))
}

/// What a state takes, in the grammar's order, if it is little.
fn expected(source: &Source<'_>, state: u16) -> Vec<String> {
    let language = &source.grammar.language;
    let Some(symbols) = language.lookahead_iterator(state) else { return Vec::new() };
    // What may stand anywhere is no news.
    let extras = [
        "comment",
        "line_comment",
        "block_comment",
        "//",
        "/*",
        "line_continuation",
        "ERROR",
        "end",
    ];
    let mut names: Vec<String> = symbols
        .filter(|symbol| language.node_kind_is_visible(*symbol))
        .filter_map(|symbol| Some((symbol, language.node_kind_for_id(symbol)?)))
        .filter(|(_, name)| !extras.contains(name))
        .map(|(symbol, name)| said(name, language.node_kind_is_named(symbol)))
        .collect();
    names.dedup();
    if names.len() <= MOST_EXPECTED { names } else { Vec::new() }
}

/// Tokens as they are written, others by their names with spaces.
pub(super) fn said(name: &str, is_named: bool) -> String {
    if is_named { name.replace('_', " ") } else { format!("`{}`", name.escape_debug()) }
}
