//! [`Progress`]: one line on stderr that moves while something is awaited, on terminals only.

use std::io::{self, IsTerminal as _, Write as _};
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cli::table::span;

/// How often it moves.
const TICK: Duration = Duration::from_millis(120);

/// What shows that it moves.
const WHEEL: [char; 8] = ['⣷', '⣯', '⣟', '⡿', '⢿', '⣻', '⣽', '⣾'];

/// The line.
#[derive(Debug)]
pub(in crate::cli) struct Progress {
    is_on: bool,
    since: Instant,
    turns: usize,
}

impl Progress {
    /// On stderr, if that is a terminal.
    pub(in crate::cli) fn on_stderr() -> Self {
        Self { is_on: io::stderr().is_terminal(), since: Instant::now(), turns: 0 }
    }

    /// Never shown.
    #[cfg(test)]
    pub(super) fn off() -> Self {
        Self { is_on: false, since: Instant::now(), turns: 0 }
    }

    /// Shows `what` and the time while the work is awaited, unless the line is taken.
    pub(in crate::cli) async fn during<T>(
        &mut self,
        what: &str,
        is_line_free: bool,
        work: impl Future<Output = T>,
    ) -> T {
        if !self.is_on || !is_line_free {
            return work.await;
        }
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => {
                    clear();
                    return done;
                }
                () = sleep(TICK) => self.draw(what),
            }
        }
    }

    fn draw(&mut self, what: &str) {
        self.turns += 1;
        let elapsed = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        let wheel = WHEEL[self.turns % WHEEL.len()];
        let mut stderr = io::stderr();
        let _ = write!(stderr, "\r\u{1b}[2K{wheel} {what}, {}", span(elapsed));
        let _ = stderr.flush();
    }
}

fn clear() {
    let _ = write!(io::stderr(), "\r\u{1b}[2K");
}
