//! [`Paint`]: colours, where a terminal shows them and nobody has said otherwise (`NO_COLOR`).

/// Colours, or none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    is_on: bool,
}

impl Paint {
    /// As this terminal wants it.
    pub(super) fn of(is_terminal: bool) -> Self {
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { is_on: is_terminal && !is_unwanted }
    }

    /// What is less important.
    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    /// What went wrong.
    pub(super) fn alarm(self, text: &str) -> String {
        self.with("31", text)
    }

    /// What is asked.
    pub(super) fn ask(self, text: &str) -> String {
        self.with("1;33", text)
    }

    /// A unified diff: what came, what went, and where.
    pub(super) fn diff(self, diff: &str) -> String {
        let line = |line: &str| match line.as_bytes() {
            [b'+', b'+', b'+', ..] | [b'-', b'-', b'-', ..] => self.with("1", line),
            [b'+', ..] => self.with("32", line),
            [b'-', ..] => self.with("31", line),
            [b'@', ..] => self.with("36", line),
            _ => line.to_owned(),
        };
        diff.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.is_on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_is_coloured_by_line_and_only_where_colours_are_on() {
        let diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n";
        let on = Paint { is_on: true }.diff(diff);
        assert!(on.contains("\u{1b}[31m-old\u{1b}[0m\n\u{1b}[32m+new\u{1b}[0m\n same"), "{on}");
        assert_eq!(Paint { is_on: false }.diff(diff), diff.trim_end());
    }
}
