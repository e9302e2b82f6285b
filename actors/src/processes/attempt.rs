//! An attempt's folder, and the road through it.
//!
//! ```text
//! processes/{id}/{n}/claim     who executes it; made exclusively, synced before the work begins
//!                    stdout    what the model says, as it says it; not synced, followed by offset
//!                    outcome   the session's line to be, durable before it is told
//!                    exit      how it ended, durable: from here on the attempt is never repeated
//! ```
//!
//! Performing an attempt is adopting it: a folder with an `exit` gives that, a folder whose claim is
//! dead is lost, and only a folder that nobody has claimed is worked in.

use super::command::{Ended, ErrorKind};
use super::effect::Attempt;
use super::identity::Executor;
use super::metrics::Metrics;
use crate::journal::{Files, home};
use crate::vocabulary::{Hash, Timestamp};
use dashmap::DashSet;
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

/// Asks a model. This is all that a runtime has to be able to do.
pub trait Execute: 'static {
    /// Does the work and says how it ended. What the model says is written to `output` as it comes.
    /// The future may be dropped at any await when nobody wants the answer any more.
    fn execute(
        &self,
        work: Work,
        output: Writer,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>>;

    /// The process has ended: whatever was remembered of it may be forgotten.
    fn forget(&self, _process: &str) {}
}

/// What a runtime gets.
#[derive(Debug, Clone)]
pub struct Work {
    /// The attempt.
    pub attempt: Attempt,
    /// What the model is asked.
    pub prompt: String,
    /// What was said before in this session, oldest first.
    pub history: Vec<Past>,
}

/// An earlier turn of the session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Past {
    /// What was asked.
    pub prompt: String,
    /// What was answered.
    pub content: String,
}

/// What a runtime gives back.
#[derive(Debug, Clone, PartialEq)]
pub struct Executed {
    /// The answer.
    pub content: String,
    /// The model that gave it.
    pub model: String,
    /// Why it ended, in the provider's word.
    pub stop_reason: Option<String>,
    /// Tokens that went in.
    pub tokens_in: u64,
    /// Tokens that came out.
    pub tokens_out: u64,
    /// US dollars, where the price is known.
    pub cost_usd: Option<f64>,
    /// What a reader has to know of the answer, e.g. that it was replayed.
    pub label: Option<String>,
}

/// Why a runtime has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecuteError {
    /// Whether another attempt may succeed.
    pub is_passing: bool,
    /// What happened, in words.
    pub error: String,
    /// How long the provider asks to wait, in milliseconds.
    pub retry_after_ms: Option<u64>,
}

impl From<ExecuteError> for Ended {
    fn from(ExecuteError { is_passing, error, retry_after_ms }: ExecuteError) -> Self {
        let kind = if is_passing { ErrorKind::Passing } else { ErrorKind::Final };
        Self::Failed { kind, error, retry_after_ms }
    }
}

/// Where the model's words go as they come.
#[derive(Debug)]
pub struct Writer(File);

impl Writer {
    /// Adds to what was said.
    pub fn write(&mut self, text: &str) -> io::Result<()> {
        self.0.write_all(text.as_bytes())
    }
}

/// The line that a session's file gets of an answer.
#[derive(Debug, Serialize)]
struct Line<'a> {
    r#type: &'static str,
    session_id: &'a str,
    process_id: &'a str,
    attempt: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    runtime: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    prompt: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_reason: Option<&'a str>,
    metrics: Metrics,
    timestamp: Timestamp,
}

/// An attempt's folder on disk.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    files: Files,
    relative: String,
    is_started: bool,
}

/// What was found in a folder.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing: it is ours now, until the claim is dropped.
    Ours(Claim),
    /// It has ended like this.
    Ended(Ended),
    /// Somebody works in it.
    Busy,
    /// Whoever worked in it has gone without a word.
    Lost(String),
}

/// Says that this process works in a folder. While it lives, no other task of this process takes the
/// folder for abandoned.
#[derive(Debug)]
pub(super) struct Claim(String);

static CLAIMS: LazyLock<Arc<DashSet<String>>> = LazyLock::new(Arc::default);

impl Drop for Claim {
    fn drop(&mut self) {
        CLAIMS.remove(&self.0);
    }
}

impl Folder {
    pub(super) fn of(files: &Files, attempt: &Attempt) -> Self {
        let relative = home::attempt_folder(&attempt.process_id, attempt.number);
        Self { files: files.clone(), relative, is_started: attempt.is_started }
    }

    fn name(&self, file: &str) -> String {
        format!("{}/{file}", self.relative)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.files.home().path(&self.name(file))
    }

    /// Claims the folder, or says what is in it. Blocks.
    pub(super) fn claim(&self) -> io::Result<Found> {
        if let Some(ended) = self.exit()? {
            return Ok(Found::Ended(ended));
        }
        let key = self.path("").display().to_string();
        if !CLAIMS.insert(key.clone()) {
            return Ok(Found::Busy);
        }
        let claim = Claim(key);
        if self.is_started {
            return Ok(Found::Lost(self.who_went()));
        }
        let this = Executor::this();
        if self.files.create_exclusively(&self.name("claim"), &json(&this)?)? {
            return Ok(Found::Ours(claim));
        }
        // A claim that was cut off by a crash names nobody: its owner never got to work.
        if self.owner().is_some() {
            return Ok(Found::Lost(self.who_went()));
        }
        self.files.publish(&self.name("claim"), &json(&this)?)?;
        Ok(Found::Ours(claim))
    }

    /// Who left the claim, if it can be read. Attempts run within the server and its home is locked:
    /// whoever it names, and whoever has that number by now, the executor has gone.
    fn owner(&self) -> Option<Executor> {
        let claim = std::fs::read(self.path("claim")).ok()?;
        serde_json::from_slice(&claim).ok()
    }

    fn who_went(&self) -> String {
        match self.owner() {
            Some(owner) => {
                format!("its executor (process {}) went without leaving an outcome", owner.pid)
            }
            None => "it was begun, but its claim is gone or damaged on disk".into(),
        }
    }

    /// Where the model's words go. Blocks.
    pub(super) fn output(&self) -> io::Result<Writer> {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600);
        options.open(self.path("stdout")).map(Writer)
    }

    /// Makes an end durable. Blocks.
    pub(super) fn end(&self, ended: &Ended) -> io::Result<()> {
        self.files.publish(&self.name("exit"), &json(ended)?).map(drop)
    }

    /// Makes an answer durable, and then that the attempt has ended with it. Blocks.
    pub(super) fn answer(
        &self,
        work: &Work,
        executed: &Executed,
        duration_ms: u64,
        timestamp: Timestamp,
    ) -> io::Result<Ended> {
        let metrics = Metrics {
            tokens_in: executed.tokens_in,
            tokens_out: executed.tokens_out,
            cost_usd: executed.cost_usd,
            duration_ms,
        };
        let line = json(&line(work, executed, metrics, timestamp))?;
        let spool = self.files.publish(&self.name("outcome"), &line)?;
        let ended = Ended::Answered { spool, metrics };
        self.end(&ended)?;
        Ok(ended)
    }

    /// How the attempt ended, if it has; an answer only if it is still whole. What is damaged will not
    /// mend by waiting: it is lost.
    fn exit(&self) -> io::Result<Option<Ended>> {
        let Some(text) = self.read("exit")? else { return Ok(None) };
        let Ok(ended) = serde_json::from_slice::<Ended>(&text) else {
            return Ok(Some(Ended::Lost { why: "the note of its end was damaged on disk".into() }));
        };
        if let Ended::Answered { spool, .. } = &ended {
            let outcome = self.read("outcome")?;
            if outcome.is_none_or(|outcome| Hash::of(&outcome) != spool.hash) {
                let why = "its answer was damaged on disk".into();
                return Ok(Some(Ended::Lost { why }));
            }
        }
        Ok(Some(ended))
    }

    fn read(&self, file: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path(file)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            result => result.map(Some),
        }
    }
}

fn line<'a>(
    work: &'a Work,
    executed: &'a Executed,
    metrics: Metrics,
    timestamp: Timestamp,
) -> Line<'a> {
    let attempt = &work.attempt;
    Line {
        r#type: "claude",
        session_id: attempt.session_id.0.as_str(),
        process_id: attempt.process_id.0.as_str(),
        attempt: attempt.number,
        agent_id: attempt.agent_id.as_ref().map(|agent| agent.0.as_str()),
        runtime: &attempt.runtime,
        model: &executed.model,
        label: executed.label.as_deref(),
        prompt: &work.prompt,
        content: &executed.content,
        stop_reason: executed.stop_reason.as_deref(),
        metrics,
        timestamp,
    }
}

fn json<T: Serialize>(value: &T) -> io::Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Home;
    use crate::vocabulary::Reference;

    /// What a later server finds in an attempt's folder that holds these files.
    fn found(files: &[(&str, &[u8])], is_started: bool) -> Found {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder {
            files: Files::new(Home::open(home.path(), None).unwrap()),
            relative: "processes/p/1".into(),
            is_started,
        };
        for (file, content) in files {
            folder.files.publish(&folder.name(file), content).unwrap();
        }
        folder.claim().unwrap()
    }

    #[test]
    fn a_note_or_an_answer_that_was_damaged_is_lost_and_nobody_waits_for_it() {
        let spool = Reference {
            hash: Hash::of(b"answer"),
            bytes: 6,
            file: "processes/p/1/outcome".into(),
            line: None,
        };
        let ended =
            serde_json::json!({ "how": "answered", "spool": spool, "metrics": Metrics::default() });
        let exit = ended.to_string();
        let exit = ("exit", exit.as_bytes());
        for damaged in [&[("exit", b"".as_slice())][..], &[exit], &[exit, ("outcome", b"answ")]] {
            let found = found(damaged, true);
            assert!(matches!(found, Found::Ended(Ended::Lost { .. })), "{damaged:?}: {found:?}");
        }
        let whole = found(&[exit, ("outcome", b"answer")], true);
        assert!(matches!(whole, Found::Ended(Ended::Answered { .. })), "{whole:?}");
    }

    #[test]
    fn an_attempt_that_was_begun_is_lost_whatever_became_of_its_claim() {
        // Process 1 always lives: but it is no executor of ours.
        let living = Executor { pid: 1, ..Executor::this() };
        let living = serde_json::to_vec(&living).unwrap();
        for claim in [&[][..], &[("claim", b"".as_slice())], &[("claim", &living)]] {
            let begun = found(claim, true);
            assert!(matches!(begun, Found::Lost(_)), "{claim:?}: {begun:?}");
        }
        assert!(matches!(found(&[("claim", &living)], false), Found::Lost(_)));
        for unclaimed in [&[][..], &[("claim", b"".as_slice())]] {
            let fresh = found(unclaimed, false);
            assert!(matches!(fresh, Found::Ours(_)), "{unclaimed:?}: {fresh:?}");
        }
    }
}
