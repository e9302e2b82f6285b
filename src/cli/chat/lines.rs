//! [`Lines`]: what is typed, or piped in, line by line.

use std::io::{self, BufRead as _, IsTerminal as _};

use tokio::sync::mpsc;

/// So many lines are read before they are wanted.
const AHEAD: usize = 16;

/// What is typed.
pub(super) struct Lines {
    typed: mpsc::Receiver<String>,
    is_terminal: bool,
    is_over: bool,
}

impl Lines {
    /// Of stdin, read on a thread of its own: nothing else can wait for a terminal, and nothing has to wait for it.
    pub(super) fn of_stdin() -> Self {
        let (typed, lines) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            for line in io::stdin().lock().lines() {
                let Ok(line) = line else { return };
                if typed.blocking_send(line).is_err() {
                    return;
                }
            }
        });
        Self { typed: lines, is_terminal: io::stdin().is_terminal(), is_over: false }
    }

    /// Whether a person types them.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Whether there will be no more.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// The next one; `None`: there is none.
    pub(super) async fn next(&mut self) -> Option<String> {
        let line = self.typed.recv().await;
        self.is_over = line.is_none();
        line
    }
}
