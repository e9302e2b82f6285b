//! Supervisors' decisions, journaled and published on `system.supervision`.

use crate::journal::{Journal, MessageKind, NewMessage};
use crate::supervision::{Decision, Record};
use serde_json::value::{RawValue, to_raw_value};

/// Writes every decision into the journal, without waiting for it.
#[derive(Debug)]
pub(super) struct JournalRecord(pub(super) Journal);

impl Record for JournalRecord {
    fn record(&self, decision: Decision) {
        tracing::debug!(?decision, "supervision");
        self.0.note(NewMessage {
            kind: MessageKind::Publication,
            message_id: None,
            topic: Some(format!("{}.system.supervision", self.0.topic_root())),
            event_type: "SUPERVISION".into(),
            error: None,
            data: to_raw_value(&decision).unwrap_or_else(|_| RawValue::NULL.to_owned()),
            caused_by: None,
            correlation: None,
        });
    }
}
