//! The supervision tree as data, and the operator's verbs.
//!
//! A [`Branch`] is anything that can show and operate the actors below one path: a supervisor, or a directory of
//! entities that supervises its own. Paths that a branch gets are relative, the paths it shows are absolute.

use std::str::FromStr;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::Exit;

/// What a [`Branch`] answers with.
pub type BranchFuture<T> = BoxFuture<'static, T>;

/// Shows and operates the actors below one path.
pub trait Branch: Send + Sync {
    /// The actor at `path` (segments below this branch; none: the branch itself) with what is below it, at most
    /// `limit` children at each level. None when there is no such actor.
    fn show(&self, path: Vec<String>, limit: usize) -> BranchFuture<Option<ActorInfo>>;

    /// Gives the actor at `path` an order, in the name of `by`. The answer says that the order was accepted, not that
    /// it was carried out.
    fn operate(
        &self,
        path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>>;
}

/// One actor of the tree, with what is below it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActorInfo {
    /// The absolute path: `/services/scheduler`; the root is `/`.
    pub path: String,
    /// What it is: `supervisor`, `service`, `entity`, …
    pub kind: String,
    /// What it is doing.
    pub status: Status,
    /// A supervisor's strategy: `one_for_one`, `one_for_all`, `rest_for_one`.
    pub strategy: Option<String>,
    /// When it is restarted: `permanent`, `transient`, `temporary`.
    pub restart: Option<String>,
    /// How often its supervisor restarted it, in all.
    pub restarts: u64,
    /// How its former incarnation ended.
    pub last_exit: Option<Exit>,
    /// For how long it has been running, in milliseconds; none when it is not.
    pub running_for_ms: Option<u64>,
    /// Whatever else its kind has to show.
    pub detail: serde_json::Value,
    /// What is below it, in start order; at most the limit that was asked for.
    pub children: Vec<ActorInfo>,
    /// How many are below it, shown or not.
    pub child_count: usize,
}

impl ActorInfo {
    /// An actor of which only this much is known; the other fields are empty.
    pub fn new(path: impl Into<String>, kind: impl Into<String>, status: Status) -> Self {
        Self {
            path: path.into(),
            kind: kind.into(),
            status,
            strategy: None,
            restart: None,
            restarts: 0,
            last_exit: None,
            running_for_ms: None,
            detail: serde_json::Value::Null,
            children: Vec::new(),
            child_count: 0,
        }
    }
}

/// What an actor is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It runs.
    Running,
    /// It is about to be started.
    Starting,
    /// It ended and waits for its restart.
    Waiting,
    /// It was asked to stop and has not ended yet.
    Stopping,
    /// It does not run and will not by itself.
    Stopped,
    /// It is kept from acting until someone decides.
    Parked,
    /// It will be woken when it is told something.
    Asleep,
}

/// What an operator can order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Stop it, then start it afresh; starts one that does not run.
    Restart,
    /// Keep it from acting. For a child of a supervisor the same as `stop`.
    Suspend,
    /// Let it act again. For a child of a supervisor: start it.
    Resume,
    /// Stop it; it stays stopped until restarted or resumed, also through a restart of its group.
    Stop,
    /// Tell it again what it failed on.
    Retry,
    /// Note what it failed on as failed, and go on.
    Skip,
    /// End it as failed.
    Fail,
}

impl Verb {
    /// Every verb with its word, as in URLs and on the command line.
    pub const WORDS: [(&'static str, Verb); 7] = [
        ("restart", Verb::Restart),
        ("suspend", Verb::Suspend),
        ("resume", Verb::Resume),
        ("stop", Verb::Stop),
        ("retry", Verb::Retry),
        ("skip", Verb::Skip),
        ("fail", Verb::Fail),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

impl FromStr for Verb {
    type Err = UnknownVerb;

    fn from_str(word: &str) -> Result<Self, UnknownVerb> {
        let known = Self::WORDS.iter().find(|(name, _)| *name == word);
        known.map(|(_, verb)| *verb).ok_or_else(|| UnknownVerb(word.to_owned()))
    }
}

/// A word that is no [`Verb`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown verb `{0}`; use restart, suspend, resume, stop, retry, skip or fail")]
pub struct UnknownVerb(pub String);

/// Why an order was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OperateError {
    /// There is no actor at that path.
    #[error("there is no actor at this path; show its parent to see what there is")]
    NotFound,
    /// The actor cannot take this order in the state it is in; the text says why and what to do.
    #[error("not now: {0}")]
    NotNow(String),
    /// This kind of actor never takes this order; the text says which do, or which order to use.
    #[error("not here: {0}")]
    NotHere(String),
}
