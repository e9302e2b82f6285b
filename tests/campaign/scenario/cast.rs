//! Who plays: the processes of the scenario, and how each has to end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::bus::Plans;
use crate::laws::Journal;
use crate::world::answer_to;

/// Every process of a scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cast {
    pub(crate) parts: Vec<Part>,
    pub(crate) plans: Plans,
    /// The workflows that were started, each with how it has to end.
    pub(crate) graphs: BTreeMap<String, Value>,
}

/// One process.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) process: String,
    pub(crate) prompt: String,
    /// What it is answered; `None`: that does not matter.
    pub(crate) answer: Option<String>,
    pub(crate) fate: Fate,
}

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// With its answer, whatever happens.
    Answered,
    /// Cancelled, once that was acknowledged; until then perhaps with its answer.
    Cancelled,
    /// With its answer, once its redrive was acknowledged; until then perhaps dead.
    Redriven,
}

impl Fate {
    /// The states in which it may end; `ordered`: a cancel or redrive was acknowledged.
    pub(crate) fn ends(self, ordered: bool) -> &'static [&'static str] {
        match (self, ordered) {
            (Self::Answered, _) | (Self::Redriven, true) => &["COMPLETED"],
            (Self::Cancelled, true) => &["CANCELLED"],
            (Self::Cancelled, false) => &["COMPLETED", "CANCELLED"],
            (Self::Redriven, false) => &["COMPLETED", "DEAD"],
        }
    }
}

impl Cast {
    pub(crate) fn part(&self, process: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.process == process)
    }

    /// The same with those who work for workflows: whichever they are, each has to answer its prompt.
    pub(crate) fn with_workers(&self, after: &Journal, home: &Path) -> Self {
        let workers = after.processes.iter().filter(|process| process.has_workflow);
        let workers = workers.map(|process| {
            let prompt = fs::read_to_string(home.join(&process.prompt_file)).unwrap_or_default();
            let (process, answer) = (process.id.clone(), Some(answer_to(&prompt)));
            Part { process, prompt, answer, fate: Fate::Answered }
        });
        let parts = self.parts.iter().cloned().chain(workers).collect();
        Self { parts, ..self.clone() }
    }
}

/// A process of the runtime that plays a script.
pub(crate) fn replayed(prompt: &str, session: &str) -> Value {
    json!({"prompt": prompt, "runtime": "replay", "session_id": session, "max_retries": 10})
}

/// One of an agent's.
pub(crate) fn of_agent(agent: &str, mut order: Value) -> Value {
    order["agent_id"] = json!(agent);
    order
}

/// A process of one of the runtimes that work in shims.
pub(crate) fn in_shim(runtime: &str, prompt: &str, session: &str) -> Value {
    json!({"prompt": prompt, "runtime": runtime, "session_id": session, "max_retries": 10})
}

/// A process of the runtime that asks an API.
pub(crate) fn called(prompt: &str, session: &str) -> Value {
    json!({"prompt": prompt, "runtime": "anthropic", "session_id": session, "max_retries": 10})
}
