//! Rows outside any stream: settings made while the server runs, and sums of what was done.
//!
//! They are no read models, because no stream amounts to them; but they are written as everything is, by
//! the one writer, in one transaction with the messages that tell of them.

use super::{Committed, Fault, NewMessage};
use crate::vocabulary::{Position, Timestamp};
use serde::Serialize;
use tokio::sync::oneshot;

/// Rows and messages, written whole or not at all.
#[derive(Debug)]
pub struct Aside {
    /// The rows.
    pub rows: AsideRows,
    /// What is published of them.
    pub messages: Vec<NewMessage>,
    /// Where the answer goes, once durable.
    pub reply: oneshot::Sender<Result<Committed, Fault>>,
}

/// What is written.
#[derive(Debug)]
pub enum AsideRows {
    /// A setting is made, or unmade (`value` is `None`).
    Setting {
        /// Its key.
        key: String,
        /// The position its row has to have now; 0: there must be none.
        expected: Position,
        /// What it is from now on.
        value: Option<SettingRow>,
    },
    /// A definition of workflows is registered, or not any more (`value` is `None`).
    Definition {
        /// Its name.
        name: String,
        /// The position its row has to have now; 0: there must be none.
        expected: Position,
        /// What it is from now on.
        value: Option<DefinitionRow>,
    },
    /// Secrets are sealed anew: key, and value. Positions stay as they are: they mean the same as before.
    Sealed(Vec<(String, String)>),
    /// What ended from one moment up to another.
    Hours {
        /// Up to here everything was summed up before; `None`: nothing was.
        expected: Option<Timestamp>,
        /// Up to here everything is summed up now.
        until: Timestamp,
        /// The sums, each of one hour.
        sums: Vec<Summed>,
        /// Points before this moment go.
        forget_before: Timestamp,
    },
}

/// A setting made while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// Its value: JSON, or sealed.
    pub value: String,
    /// Why it is as it is, in the words of whoever made it.
    pub description: Option<String>,
    /// Whether the value is sealed.
    pub is_secret: bool,
    /// When it was made.
    pub updated_at: Timestamp,
    /// Its revision: the position of the message that told of it.
    pub position: Position,
}

/// A definition of workflows that was registered while the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionRow {
    /// What it says: YAML, as it was given.
    pub text: String,
    /// Of the text.
    pub hash: String,
    /// When it was registered.
    pub updated_at: Timestamp,
    /// Its revision: the position of the message that told of it.
    pub position: Position,
}

/// What ended in one hour, of one runtime, model and agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Summed {
    /// The hour's beginning.
    pub hour: Timestamp,
    /// The runtime.
    pub runtime: String,
    /// The model.
    pub model: String,
    /// On whose behalf; empty: nobody's.
    pub agent_id: String,
    /// What it came to.
    pub performance: Performance,
}

/// What a number of processes came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Performance {
    /// How many ended, cancelled ones apart.
    pub count: i64,
    /// How many of them without an answer.
    pub failures: i64,
    /// How many have a duration.
    #[serde(skip)]
    pub answers: i64,
    /// How long those took, together.
    #[serde(skip)]
    pub duration_ms: i64,
    /// Tokens that went in.
    pub tokens_in: i64,
    /// Tokens that came out.
    pub tokens_out: i64,
    /// US dollars, as far as prices are known.
    pub cost_usd: f64,
}

impl Performance {
    /// Adds another's numbers to these.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.failures += other.failures;
        self.answers += other.answers;
        self.duration_ms += other.duration_ms;
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        self.cost_usd += other.cost_usd;
    }

    /// How long an answer took on average, in milliseconds.
    pub fn average_ms(&self) -> f64 {
        if self.answers == 0 { 0.0 } else { number(self.duration_ms) / number(self.answers) }
    }

    /// Every number with its name, as points of a time series.
    pub fn points(&self) -> [(&'static str, f64); 6] {
        [
            ("count", number(self.count)),
            ("failures", number(self.failures)),
            ("average_duration_ms", self.average_ms()),
            ("tokens_in", number(self.tokens_in)),
            ("tokens_out", number(self.tokens_out)),
            ("cost_usd", self.cost_usd),
        ]
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn number(count: i64) -> f64 {
    count as f64
}

impl Aside {
    /// Roughly the memory it holds.
    pub(super) fn bytes(&self) -> usize {
        let rows = match &self.rows {
            AsideRows::Setting { value, .. } => value.as_ref().map_or(0, |row| row.value.len()),
            AsideRows::Definition { value, .. } => value.as_ref().map_or(0, |row| row.text.len()),
            AsideRows::Sealed(rows) => rows.iter().map(|(_, value)| 100 + value.len()).sum(),
            AsideRows::Hours { sums, .. } => sums.len() * 200,
        };
        rows + self.messages.iter().map(|message| 200 + message.data.get().len()).sum::<usize>()
    }
}
