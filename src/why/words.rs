//! Words for moments, spans and numbers.

use callboard_actors::vocabulary::{Timestamp, span};
use chrono::{DateTime, Local};
use std::time::Duration;

/// The longest text that is quoted from an error.
const QUOTED: usize = 240;

/// A moment by the local clock, with its day unless that is today's.
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let local = |moment: Timestamp| {
        let moment = DateTime::from_timestamp_millis(moment.min(Timestamp::MAX).0);
        moment.unwrap_or_default().with_timezone(&Local)
    };
    let (at, now) = (local(at), local(now));
    let form = if at.date_naive() == now.date_naive() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.format(form).to_string()
}

/// `3 m 20 s ago`
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    if at > now {
        format!("in {}", span(at.since(now)))
    } else {
        format!("{} ago", span(now.since(at)))
    }
}

/// `at 03:14:05, in 12 s`, or `at 03:14:05, 12 s ago`.
pub(super) fn moment(at: Timestamp, now: Timestamp) -> String {
    format!("at {}, {}", clock(at, now), ago(at, now))
}

/// From one moment to another.
pub(super) fn between(from: Timestamp, to: Timestamp) -> String {
    span(to.since(from))
}

/// Milliseconds as a span.
pub(super) fn millis(milliseconds: u64) -> String {
    span(Duration::from_millis(milliseconds))
}

/// `1 place`, `2 places`, `3 processes`
pub(super) fn count(number: impl Into<u64>, noun: &str) -> String {
    match number.into() {
        1 => format!("1 {noun}"),
        many if noun.ends_with('s') => format!("{many} {noun}es"),
        many => format!("{many} {noun}s"),
    }
}

/// A word as a shell takes it, whatever is in it: what is to be copied may have been chosen by others.
pub fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A text from outside, in one line, not too long, and without what a terminal would obey.
pub(super) fn quoted(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|letter| !letter.is_control()).collect();
    if line.chars().count() <= QUOTED {
        return line;
    }
    let beginning: String = line.chars().take(QUOTED).collect();
    format!("{}…", beginning.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_told_with_its_age() {
        let now = Timestamp(1_000_000);
        assert_eq!(ago(Timestamp(800_000), now), "3 m 20 s ago");
        assert_eq!(ago(Timestamp(1_012_000), now), "in 12 s");
        assert_eq!(clock(Timestamp(0), now).len(), "00:00:00".len());
        assert_eq!(
            clock(Timestamp(0), Timestamp(1_763_683_200_000)).len(),
            "1970-01-01 00:00:00".len()
        );
    }

    #[test]
    fn a_word_stays_a_word_in_a_shell() {
        assert_eq!(shell_word("/a/b-1"), "/a/b-1");
        assert_eq!(shell_word("$(x)'y"), r"'$(x)'\''y'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn what_is_quoted_is_one_line() {
        assert_eq!(quoted("a\n  b\x1b[31m"), "a b[31m");
        assert!(quoted(&"x".repeat(900)).ends_with('…'));
    }
}
