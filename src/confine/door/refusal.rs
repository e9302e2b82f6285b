//! [`No`]: why somebody was not let through, as HTTP says it.

use std::io::{self, Write};

/// Why not.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct No {
    status: u16,
    words: String,
}

impl No {
    /// It was not said what a proxy can do.
    pub(super) fn unclear(words: impl Into<String>) -> Self {
        Self { status: 400, words: words.into() }
    }

    /// It may not be done.
    pub(super) fn refused(words: impl Into<String>) -> Self {
        Self { status: 403, words: words.into() }
    }

    /// It may, and cannot.
    pub(super) fn unreached(words: impl Into<String>) -> Self {
        Self { status: 502, words: words.into() }
    }

    /// There are too many already.
    pub(super) fn busy(words: impl Into<String>) -> Self {
        Self { status: 503, words: words.into() }
    }

    /// Whether it is a rule that was in the way, in its words.
    pub(super) fn by_a_rule(&self) -> Option<&str> {
        (self.status == 403).then_some(self.words.as_str())
    }

    /// Says it. Many clients show no more of an answer than its first line, so all of it stands there, too.
    pub(super) fn say(&self, to: &mut impl Write) -> io::Result<()> {
        let Self { status, words } = self;
        let shown = |letter: char| if letter.is_ascii_graphic() { letter } else { ' ' };
        let line: String = words.chars().map(shown).collect();
        let length = words.len() + 1;
        let answer = format!(
            "HTTP/1.1 {status} {line}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{words}\n"
        );
        // In one piece: many clients read no further than their first line at first.
        to.write_all(answer.as_bytes())
    }
}
