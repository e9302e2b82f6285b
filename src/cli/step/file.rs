//! [`JournalFile`]: a journal's database, looked at and left as it is.

use std::path::Path;

use callboard_actors::journal::{Fault, Inspection, Message, StreamInfo};
use serde::Serialize;
use serde_json::Value;

use crate::cli::Exit;
use crate::cli::failure::Failure;

/// An opened file.
pub(super) struct JournalFile(Inspection);

/// A message of a stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Entry {
    pub(super) position: i64,
    /// `command`, `event` or `fact`.
    pub(super) kind: String,
    pub(super) event_type: String,
    /// The refusal, of a command that was refused.
    pub(super) error: Option<Value>,
    pub(super) created_at: String,
    /// The position of the command that brought it about.
    pub(super) causation_id: Option<i64>,
    pub(super) data: Value,
}

impl JournalFile {
    /// Opens it.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if !path.is_file() {
            let text = format!("there is no database {}: name it with --db", path.display());
            return Err(Failure::new(Exit::NotFound, text));
        }
        let opened = Inspection::open(path);
        opened.map(Self).map_err(|error| Failure::new(Exit::Failed, error))
    }

    /// All streams, the oldest first.
    pub(super) fn streams(&self) -> Result<Vec<StreamInfo>, Failure> {
        self.0.streams().map_err(failed)
    }

    /// A stream's messages, the oldest first.
    pub(super) fn entries(&self, stream: &str) -> Result<Vec<Entry>, Failure> {
        let (kind, name) = stream.split_once('/').unwrap_or((stream, ""));
        let messages = self.0.messages(kind, name).map_err(failed)?;
        let messages = messages.ok_or_else(|| {
            let text = format!("there is no stream `{stream}`: `callboard step` lists all");
            Failure::new(Exit::NotFound, text)
        })?;
        Ok(messages.into_iter().map(Entry::from).collect())
    }
}

impl From<Message> for Entry {
    fn from(message: Message) -> Self {
        // It was JSON when it was read.
        let json = |text: &str| serde_json::from_str(text).unwrap_or(Value::Null);
        Self {
            position: message.position,
            kind: message.kind.as_str().to_owned(),
            event_type: message.event_type,
            error: message.error.map(|error| json(error.get())),
            created_at: message.created_at.rfc3339(),
            causation_id: message.causation_id,
            data: json(message.data.get()),
        }
    }
}

fn failed(fault: Fault) -> Failure {
    Failure::new(Exit::Failed, fault)
}
