//! What the server says, as far as the command line looks at it. Unknown fields are left alone: a newer server
//! may say more. With `--json` the answer is passed on as it came, not as it stands here.

use serde::Deserialize;
use serde_json::Value;

/// Part of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    /// The items.
    pub(super) items: Vec<T>,
    /// Give this to get the next page.
    pub(super) next: Option<i64>,
}

/// A row of `GET /processes`.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Process {
    pub(super) id: String,
    pub(super) status: String,
    #[serde(default)]
    pub(super) runtime: String,
    #[serde(default)]
    pub(super) model: String,
    #[serde(default)]
    pub(super) attempt: u32,
    pub(super) error: Option<String>,
    #[serde(default)]
    pub(super) created_at: String,
    pub(super) metrics: Option<Metrics>,
    pub(super) parked: Option<Parked>,
}

/// A row of `GET /agents`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Agent {
    pub(super) id: String,
    pub(super) status: String,
    pub(super) profile: String,
    pub(super) display_name: String,
    pub(super) capabilities: Vec<String>,
    pub(super) current_process_id: Option<String>,
    pub(super) current_session_id: Option<String>,
}

/// Whether nothing more comes of a process in this status by itself.
pub(super) fn is_over(status: &str) -> bool {
    matches!(status, "COMPLETED" | "INDETERMINATE" | "DEAD" | "CANCELLED" | "FAILED")
}

/// What an answer took.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Metrics {
    pub(super) tokens_in: u64,
    pub(super) tokens_out: u64,
    pub(super) cost_usd: Option<f64>,
    pub(super) duration_ms: u64,
}

/// Why an entity is kept from acting.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Parked {
    pub(super) by: String,
    pub(super) why: String,
}

/// What `POST /spawn` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Spawned {
    pub(super) process_id: String,
}

/// A piece of an attempt's output.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Chunk {
    /// Of which attempt; 0: none was begun.
    pub(super) attempt: u32,
    /// Where the next piece begins.
    pub(super) next_offset: u64,
    /// What was said.
    pub(super) data: String,
    /// The status of the process.
    pub(super) status: String,
    /// Whether nothing more can come of this attempt.
    pub(super) is_over: bool,
}

/// What came of a completed process.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Answer {
    /// What the model said.
    pub(super) content: String,
    /// Who said it, if it was no model.
    pub(super) label: Option<String>,
    /// What it goes by.
    #[serde(default)]
    pub(super) sources: Vec<Source>,
}

/// What an answer goes by.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Source {
    url: String,
    title: Option<String>,
    date: Option<String>,
}

impl Answer {
    /// Its sources, a line each, numbered as it names them.
    pub(super) fn sources(&self) -> impl Iterator<Item = String> {
        (1..).zip(&self.sources).map(|(number, Source { url, title, date })| {
            let date = date.as_ref().map(|date| format!(" ({date})")).unwrap_or_default();
            let title = title.as_ref().map(|title| format!("{title}{date}: ")).unwrap_or_default();
            format!("[{number}] {title}{url}")
        })
    }
}

/// A message of the journal.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    pub(super) position: i64,
    pub(super) kind: String,
    pub(super) stream: Option<String>,
    pub(super) topic: Option<String>,
    pub(super) event_type: String,
    #[serde(default)]
    pub(super) status: String,
    pub(super) error: Option<Value>,
    #[serde(default)]
    pub(super) created_at: String,
    #[serde(default)]
    pub(super) data: Value,
}

impl Message {
    /// A text in its content.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.data.get(field).and_then(Value::as_str)
    }

    /// A number in its content.
    pub(super) fn number(&self, field: &str) -> Option<u64> {
        self.data.get(field).and_then(Value::as_u64)
    }
}

/// What `GET /messages` answers.
#[derive(Debug, Deserialize)]
pub(super) struct Messages<T> {
    pub(super) items: Vec<T>,
    /// The position to go on from.
    pub(super) next: Option<i64>,
    /// The position of the newest message of all.
    pub(super) head: i64,
    /// Changes when the database is restored: positions of another epoch mean nothing.
    #[serde(default)]
    pub(super) epoch: String,
}

/// A row of `GET /sessions`.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) file: String,
    pub(super) line_count: u64,
    pub(super) bytes: u64,
    pub(super) agent_id: Option<String>,
    pub(super) last_active_at: Option<String>,
}

/// An actor of the tree, with what is below it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Actor {
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) status: String,
    pub(super) strategy: Option<String>,
    #[serde(default)]
    pub(super) restarts: u64,
    pub(super) last_exit: Option<Exited>,
    pub(super) running_for_ms: Option<u64>,
    #[serde(default)]
    pub(super) detail: Value,
    #[serde(default)]
    pub(super) children: Vec<Actor>,
    #[serde(default)]
    pub(super) child_count: usize,
}

/// How an actor's former incarnation ended.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Exited {
    pub(super) reason: String,
    pub(super) why: Option<String>,
}

impl Actor {
    /// Why it is kept from acting, if it is.
    pub(super) fn parked_why(&self) -> Option<&str> {
        let parked = self.detail.get("parked").or_else(|| self.detail.get("held"))?;
        parked.get("why").and_then(Value::as_str)
    }
}
