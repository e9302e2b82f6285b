//! How many lines are code, comment and blank.
//!
//! A line with code and a comment is code. A line of white space is blank, also within a comment or a string. A
//! Python docstring is a comment, as tools like cloc have it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// The lines of a file by what they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCounts {
    /// All of them.
    pub total: usize,
    /// With code.
    pub code: usize,
    /// With a comment and nothing else.
    pub comment: usize,
    /// With white space at most.
    pub blank: usize,
}

impl std::ops::AddAssign for LineCounts {
    fn add_assign(&mut self, other: Self) {
        self.total += other.total;
        self.code += other.code;
        self.comment += other.comment;
        self.blank += other.blank;
    }
}

impl LineCounts {
    /// Counts, given where the comments are, in order.
    pub(super) fn of(text: &str, comments: &[Range<usize>]) -> Self {
        let mut counts = Self::default();
        let (mut start, mut comments) = (0, comments);
        for line in text.split_inclusive('\n') {
            let end = start + line.len();
            while let [first, rest @ ..] = comments
                && first.end <= start
            {
                comments = rest;
            }
            counts.total += 1;
            if line.trim().is_empty() {
                counts.blank += 1;
            } else if is_comment(text, start..end, comments) {
                counts.comment += 1;
            } else {
                counts.code += 1;
            }
            start = end;
        }
        counts
    }
}

/// Whether nothing of a line stands outside comments.
fn is_comment(text: &str, line: Range<usize>, comments: &[Range<usize>]) -> bool {
    let mut at = line.start;
    for comment in comments.iter().take_while(|comment| comment.start < line.end) {
        if comment.start > at && !text[at..comment.start].trim().is_empty() {
            return false;
        }
        at = at.max(comment.end.min(line.end));
    }
    text[at..line.end].trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_stands_on_it() {
        let text = "/* a\n\n b */ x\n// c\n/* d */ /* e */\ny // f\n";
        let mut comments = Vec::new();
        for comment in ["/* a\n\n b */", "// c", "/* d */", "/* e */", "// f"] {
            let start = text.find(comment).unwrap();
            comments.push(start..start + comment.len());
        }
        let counts = LineCounts { total: 6, code: 2, comment: 3, blank: 1 };
        assert_eq!(LineCounts::of(text, &comments), counts);
        assert_eq!(LineCounts::of("", &[]), LineCounts::default());
    }
}
