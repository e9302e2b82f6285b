//! The only place that writes to the terminal: answers to stdout, remarks to stderr.
//!
//! A closed stdout is no fault: the error that it gives ends the command quietly (see
//! [`Failure`](super::failure::Failure)). Remarks never fail: nobody can be told.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use super::legible::legible;

/// What a command has to say.
pub(super) struct Out {
    writer: Box<dyn Write>,
    is_terminal: bool,
    is_at_line_start: bool,
}

impl Out {
    /// To stdout.
    pub(super) fn stdout() -> Self {
        let stdout = io::stdout();
        let is_terminal = stdout.is_terminal();
        Self { writer: Box::new(stdout), is_terminal, is_at_line_start: true }
    }

    /// Whether a person reads along.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether nothing stands in the current line.
    pub(super) fn is_at_line_start(&self) -> bool {
        self.is_at_line_start
    }

    /// A piece of text, visible at once.
    pub(super) fn piece(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        // A file or another program is given what was said; a terminal would obey it.
        let shown = if self.is_terminal { legible(text) } else { text.into() };
        self.writer.write_all(shown.as_bytes())?;
        self.is_at_line_start = text.ends_with('\n');
        self.writer.flush()
    }

    /// A line, in a line of its own.
    pub(super) fn line(&mut self, line: impl Display) -> io::Result<()> {
        self.end_line()?;
        self.piece(&format!("{line}\n"))
    }

    /// Ends the current line if there is something in it.
    pub(super) fn end_line(&mut self) -> io::Result<()> {
        if self.is_at_line_start { Ok(()) } else { self.piece("\n") }
    }

    /// The current line was ended by somebody else: whoever pressed Enter.
    pub(super) fn line_was_ended(&mut self) {
        self.is_at_line_start = true;
    }

    /// A document for scripts, indented.
    pub(super) fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string_pretty(value)?;
        self.line(text)
    }

    /// A document for scripts, in one line.
    pub(super) fn json_line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(text)
    }
}

/// A remark, on stderr.
pub(super) fn remark(text: impl Display) {
    let _ = writeln!(io::stderr(), "{}", legible(&text.to_string()));
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// What was written, kept in memory.
    #[derive(Clone, Default)]
    pub(in crate::cli) struct Captured(Rc<RefCell<Vec<u8>>>);

    impl Captured {
        pub(in crate::cli) fn out(&self) -> Out {
            let writer = Box::new(self.clone());
            Out { writer, is_terminal: false, is_at_line_start: true }
        }

        pub(in crate::cli) fn text(&self) -> String {
            String::from_utf8(self.0.borrow().clone()).unwrap()
        }
    }

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_never_continues_what_was_streamed() {
        let captured = Captured::default();
        let mut out = captured.out();
        out.piece("half").unwrap();
        out.line("whole").unwrap();
        out.end_line().unwrap();
        assert_eq!(captured.text(), "half\nwhole\n");
    }
}
