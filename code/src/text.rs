//! Bytes become text, and offsets become places that people and editors know.
//!
//! Lines and columns count from 1, columns in characters (Unicode scalar values), as editors show them; the grammar
//! counts bytes from 0. Offsets stay beside them for whoever cuts the text. Ends are exclusive.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Position {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
}

/// A piece of a text: from its first character to the place behind its last.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// The place behind its end.
    pub end: Position,
    /// The same in bytes.
    pub bytes: Range<usize>,
}

impl Span {
    /// How many lines it touches.
    pub fn lines(&self) -> usize {
        let ends_before = usize::from(self.end.column == 1 && self.end.line > self.start.line);
        self.end.line - self.start.line + 1 - ends_before
    }

    /// Whether it touches a line (from 1).
    pub fn has_line(&self, line: usize) -> bool {
        (self.start.line..self.start.line + self.lines()).contains(&line)
    }
}

/// Why bytes are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "not_text", rename_all = "snake_case")]
pub enum NotText {
    /// A zero byte within the first 8,000, by which git knows binary files.
    #[error("this is a binary file: byte {byte} is zero")]
    Binary {
        /// Where, from 0.
        byte: usize,
    },
    /// Not UTF-8.
    #[error("byte {byte} (line {line}) is not UTF-8: convert the file")]
    NotUtf8 {
        /// Where, from 0.
        byte: usize,
        /// The line, from 1.
        line: usize,
    },
}

/// The text of a file's bytes, if it is one.
pub fn decode(bytes: &[u8]) -> Result<&str, NotText> {
    let head = &bytes[..bytes.len().min(8_000)];
    if let Some(byte) = head.iter().position(|byte| *byte == 0) {
        return Err(NotText::Binary { byte });
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        let line = bytes[..byte].split(|byte| *byte == b'\n').count();
        NotText::NotUtf8 { byte, line }
    })
}

/// Finds lines and columns of offsets, also in lines of megabytes.
#[derive(Debug)]
pub(crate) struct Places<'t> {
    text: &'t str,
    /// Where each line begins.
    starts: Vec<usize>,
    /// The characters before each block of bytes.
    characters: Vec<usize>,
}

/// Characters are counted from the last of these on: no column costs more than a block.
const BLOCK: usize = 512;

impl<'t> Places<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let behind_newline =
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(behind_newline).collect();
        let mut before = 0;
        let count = |block: &[u8]| {
            let here = before;
            before += characters(block);
            here
        };
        Self { text, starts, characters: text.as_bytes().chunks(BLOCK).map(count).collect() }
    }

    /// The place of an offset; one beyond the end is the end.
    pub(crate) fn position(&self, byte: usize) -> Position {
        let byte = byte.min(self.text.len());
        let line = self.starts.partition_point(|start| *start <= byte);
        let start = self.starts[line - 1];
        let column = if byte - start <= BLOCK {
            characters(&self.text.as_bytes()[start..byte])
        } else {
            self.before(byte) - self.before(start)
        };
        Position { line, column: 1 + column }
    }

    pub(crate) fn span(&self, bytes: Range<usize>) -> Span {
        let bytes = bytes.start.min(self.text.len())..bytes.end.min(self.text.len());
        Span { start: self.position(bytes.start), end: self.position(bytes.end), bytes }
    }

    /// The offset of a row and a column in bytes, both from 0, as the grammar counts them.
    pub(crate) fn offset(&self, row: usize, column: usize) -> Option<usize> {
        let byte = self.starts.get(row)? + column;
        self.text.is_char_boundary(byte).then_some(byte)
    }

    /// The text of a line (from 1) without its end.
    pub(crate) fn line(&self, line: usize) -> &'t str {
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(self.text.len());
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    fn before(&self, byte: usize) -> usize {
        let block = byte / BLOCK;
        let counted = self.characters.get(block).copied();
        let Some(counted) = counted else {
            // The end of a text whose last block is full.
            let last = self.characters.len().saturating_sub(1) * BLOCK;
            return self.characters.last().copied().unwrap_or(0)
                + characters(&self.text.as_bytes()[last..byte]);
        };
        counted + characters(&self.text.as_bytes()[block * BLOCK..byte])
    }
}

/// The characters that begin in these bytes of a text.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// The beginning of a text, at most so many characters; `…` says that there was more.
pub(crate) fn excerpt(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters_and_lines_their_newlines() {
        let places = Places::new("aä\n→x\r\n");
        assert_eq!(places.position(3), Position { line: 1, column: 3 });
        assert_eq!(places.position(7), Position { line: 2, column: 2 });
        assert_eq!(places.position(99), Position { line: 3, column: 1 });
        assert_eq!((places.line(2), places.line(3), places.line(9)), ("→x", "", ""));
    }

    #[test]
    fn bytes_that_are_no_text_say_where() {
        assert_eq!(decode(b"ab\0"), Err(NotText::Binary { byte: 2 }));
        assert_eq!(decode(b"a\nb\xff"), Err(NotText::NotUtf8 { byte: 3, line: 2 }));
        assert_eq!(decode("ä".as_bytes()), Ok("ä"));
    }

    proptest! {
        #[test]
        fn places_are_those_of_counting_from_the_beginning(text in "[aä→\n]{0,200}", repeat in 1_usize..40) {
            let text = text.repeat(repeat);
            let places = Places::new(&text);
            for (byte, _) in text.char_indices().step_by(97).chain([(text.len(), ' ')]) {
                let before = &text[..byte];
                let line = 1 + before.matches('\n').count();
                let column = 1 + before.rsplit('\n').next().unwrap_or_default().chars().count();
                prop_assert_eq!(places.position(byte), Position { line, column });
            }
        }
    }
}
