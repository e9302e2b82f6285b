//! [`Person`]: whoever sits at the terminal while a run is followed, and answers what it asks.
//!
//! Only where both ends are a terminal: what is piped in was meant for somebody else.

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::Value;
use tokio::sync::mpsc;

use super::answer::post;
use super::workflow;
use crate::cli::failure::Failure;
use crate::cli::out::{Out, remark};
use crate::cli::spawn::Host;
use crate::cli::table::cut;

/// How much of a question stands before its answer, once more.
const WIDTH: usize = 60;

/// Whoever sits at the terminal.
pub(super) enum Person {
    /// Nobody.
    Nobody,
    /// Nothing was asked yet.
    Silent,
    /// What they type, line by line.
    Typing(mpsc::UnboundedReceiver<String>),
}

impl Person {
    /// Somebody, if lines are read from a terminal and written to one.
    pub(super) fn at(out: &Out) -> Self {
        if out.is_terminal() && io::stdin().is_terminal() { Self::Silent } else { Self::Nobody }
    }

    /// Asks for the answer to the oldest open question; `false`: nobody is here, or nothing is open.
    pub(super) async fn ask(
        &mut self,
        host: &mut Host<'_>,
        id: &str,
        out: &mut Out,
    ) -> Result<bool, Failure> {
        if matches!(self, Self::Nobody) {
            return Ok(false);
        }
        let Some(asked) = oldest(host, id).await? else { return Ok(false) };
        let question = asked["question"].as_str().unwrap_or_default();
        out.piece(&format!("answer to “{}”: ", cut(question, WIDTH)))?;
        if matches!(self, Self::Silent) {
            *self = Self::Typing(lines());
        }
        Ok(true)
    }

    /// What is typed next; never, where nobody types.
    pub(super) async fn line(&mut self) -> String {
        if let Self::Typing(lines) = self {
            if let Some(line) = lines.recv().await {
                return line;
            }
            // The terminal is closed for reading: others may still answer.
            *self = Self::Nobody;
        }
        std::future::pending().await
    }

    /// Gives the oldest open question this answer. What is wrong with it, the server says.
    pub(super) async fn answer(host: &mut Host<'_>, id: &str, line: &str) -> Result<(), Failure> {
        let Some(asked) = oldest(host, id).await? else {
            remark("somebody else has answered");
            return Ok(());
        };
        let given = host.ask(async |client| post(&client, id, &asked, line).await).await;
        if let Err(failure) = given {
            remark(failure.message);
        }
        Ok(())
    }
}

async fn oldest(host: &mut Host<'_>, id: &str) -> Result<Option<Value>, Failure> {
    let mut now = host.ask(async |client| workflow(&client, id).await).await?;
    let open = now["interrupts"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let at = |asked: &Value| asked["at"].as_str().unwrap_or_default().to_owned();
    Ok(open.into_iter().min_by_key(at))
}

/// Reads on a thread of its own: nothing else can wait for a terminal, and nothing has to wait for it.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (typed, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if typed.send(line).is_err() {
                return;
            }
        }
    });
    lines
}
