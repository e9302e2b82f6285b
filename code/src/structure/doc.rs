//! What a declaration's documentation says, without the marks of a comment.

use std::ops::Range;

use tree_sitter::Node;

use crate::Language;
use crate::syntax::Source;
use crate::text::excerpt;

/// The documentation of a declaration, given the comments that touch it.
pub(super) fn of(source: &Source<'_>, node: Node<'_>, comments: &[Range<usize>]) -> Option<String> {
    let text = match source.language {
        Language::Python => docstring(source, node)?,
        language => {
            let is_doc = |bytes: &&Range<usize>| is_doc(language, source.slice((*bytes).clone()));
            comments
                .iter()
                .filter(is_doc)
                .map(|bytes| plain(source.slice(bytes.clone())))
                .collect::<Vec<_>>()
                .join("\n")
        }
    };
    let text = text.trim();
    (!text.is_empty()).then(|| excerpt(text, 1_000))
}

fn is_doc(language: Language, comment: &str) -> bool {
    match language {
        Language::Go => true,
        Language::Rust => {
            (comment.starts_with("///") && !comment.starts_with("////"))
                || comment.starts_with("/**")
        }
        _ => comment.starts_with("/**"),
    }
}

/// A comment's lines without their marks.
fn plain(comment: &str) -> String {
    let inner = comment.trim_end().trim_end_matches("*/");
    let line = |line: &str| {
        let marks = line.trim_start().trim_start_matches(['/', '*']);
        marks.strip_prefix(' ').unwrap_or(marks).trim_end().to_owned()
    };
    inner.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The string that stands first in a body.
fn docstring(source: &Source<'_>, node: Node<'_>) -> Option<String> {
    let string = node.child_by_field_name("body")?.named_child(0)?.named_child(0)?;
    let content = (string.kind() == "string").then(|| string.named_child(1))??;
    let lines = source.of(content).lines().map(str::trim);
    Some(lines.collect::<Vec<_>>().join("\n"))
}
