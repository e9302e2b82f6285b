//! What a client says. All of it is JSON text; `docs/CHAT.md` explains each.

use callboard_actors::vocabulary::{Name, Position};
use callboard_actors::workflows::OnRunning;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    /// This thread, from there on.
    Open(Box<Open>),
    /// This is what is wished for: a run begins.
    Message {
        /// The same again is the same message.
        id: Value,
        #[serde(default)]
        text: Option<String>,
        #[serde(default)]
        params: Option<Map<String, Value>>,
        #[serde(default)]
        on_running: Option<OnRunning>,
    },
    /// This answers a question.
    Answer {
        #[serde(default)]
        id: Value,
        interrupt_id: String,
        value: Value,
        #[serde(default)]
        by: Option<String>,
    },
    /// Stop for good; with `undo`, take back what the run did.
    Cancel {
        #[serde(default)]
        id: Value,
        #[serde(default)]
        undo: bool,
    },
    /// Begin nothing new.
    Pause {
        #[serde(default)]
        id: Value,
    },
    /// Go on.
    Resume {
        #[serde(default)]
        id: Value,
    },
    /// Try again what has failed.
    Retry {
        #[serde(default)]
        id: Value,
    },
    /// Are you there?
    Ping {
        #[serde(default)]
        id: Value,
    },
}

/// Which thread, and from where on.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Open {
    #[serde(default)]
    pub(super) id: Value,
    /// The definition of a thread that is to begin.
    #[serde(default)]
    pub(super) workflow: Option<String>,
    /// The thread; without one a new one.
    #[serde(default)]
    pub(super) workflow_id: Option<String>,
    /// The last position that was heard; without one all is told.
    #[serde(default)]
    pub(super) after: Option<Position>,
    /// Of which journal the position is.
    #[serde(default)]
    pub(super) epoch: Option<String>,
    /// What models say.
    #[serde(default)]
    pub(super) tokens: Tokens,
    /// The turns that were under way at the position, and how much of each was heard.
    #[serde(default)]
    pub(super) streams: Vec<Heard>,
}

/// Which turns' words are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Tokens {
    /// Those of all turns that are told.
    #[default]
    All,
    /// Those of turns that are not over yet.
    Live,
    /// None.
    None,
}

/// How much was heard of a turn's words.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Heard {
    /// Which process has the model asked.
    pub(super) process: Name,
    /// What its node was called; it is called so again.
    #[serde(default)]
    pub(super) path: String,
    /// Which attempt of it.
    #[serde(default = "first")]
    pub(super) attempt: u32,
    /// Up to where, in bytes.
    #[serde(default)]
    pub(super) offset: u64,
}

fn first() -> u32 {
    1
}

impl Request {
    /// What the answer will be called by.
    pub(super) fn id(&self) -> &Value {
        match self {
            Self::Open(open) => &open.id,
            Self::Message { id, .. }
            | Self::Answer { id, .. }
            | Self::Cancel { id, .. }
            | Self::Pause { id }
            | Self::Resume { id }
            | Self::Retry { id }
            | Self::Ping { id } => id,
        }
    }
}
