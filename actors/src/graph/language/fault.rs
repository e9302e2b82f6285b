//! What minijinja found wrong, in words that name the place in the text.

use super::bounded::MOST_BYTES;
use minijinja::{Error, ErrorKind};
use std::ops::Range;

/// The error in words; `text` is what was run.
pub(super) fn words(error: &Error, text: &str) -> String {
    let place = error.range().and_then(|range| place(text, range));
    match (error.kind(), place) {
        (ErrorKind::UndefinedError, Some(place)) => format!("`{place}` is undefined"),
        (ErrorKind::OutOfFuel, _) => "it takes too many steps".to_owned(),
        (ErrorKind::WriteFailure, _) => format!("it makes more than {MOST_BYTES} bytes"),
        (_, Some(place)) => format!("{} (at `{place}`)", plain(error)),
        (_, None) => plain(error),
    }
}

/// The part of the text; where it begins with a dot or a bracket, with the name in front of it.
fn place(text: &str, range: Range<usize>) -> Option<&str> {
    let found = text.get(range.clone())?.trim();
    let mut begin = range.start;
    if found.starts_with(['.', '[']) {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        begin = text[..begin].trim_end_matches(is_name).len();
    }
    let whole = text.get(begin..range.end)?.trim();
    (!whole.is_empty() && whole.len() <= 80).then_some(whole)
}

/// That the whole of an expression is undefined.
pub(super) fn undefined(text: &str) -> String {
    format!("`{}` is undefined", text.trim())
}

/// Without the place.
pub(super) fn plain(error: &Error) -> String {
    match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    }
}
