//! Who plays: the processes of the scenario, and how each has to end.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::bus::Plans;
use super::workshop::Workshop;
use crate::laws::Journal;
use crate::world::key_of;

/// Every process of a scenario.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cast {
    pub(crate) parts: Vec<Part>,
    pub(crate) plans: Plans,
    /// The workflows that were started, each with how it has to end.
    pub(crate) graphs: BTreeMap<String, Value>,
    /// Who works for them calls tools.
    pub(crate) has_tools: bool,
    /// What they work in.
    pub(crate) workshop: Option<Workshop>,
}

/// One process.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) process: String,
    pub(crate) prompt: String,
    /// By what its calls are counted.
    pub(crate) key: String,
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

    /// The same with those who work for workflows: whichever they are, each has to be answered. One that is told what
    /// calls of tools came to has no prompt, but goes on with its session's last question.
    pub(crate) fn with_workers(&self, after: &Journal, home: &Path) -> Self {
        let mut questions: HashMap<&str, (String, usize)> = HashMap::new();
        let workers = after.processes.iter().filter(|process| process.has_workflow);
        let workers = workers.map(|process| {
            let prompt = fs::read_to_string(home.join(&process.prompt_file)).unwrap_or_default();
            let (question, round) = questions.entry(&process.session).or_default();
            *round += 1;
            if !prompt.is_empty() {
                (*question, *round) = (prompt.clone(), 0);
            }
            let (process, key) = (process.id.clone(), key_of(question, *round));
            Part { process, prompt, key, answer: None, fate: Fate::Answered }
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
