//! Host facts: what is done to an entity rather than by its machine. They are journaled and published,
//! but no machine sees them and no version counts them.

use super::told::Told;
use crate::journal::{MessageKind, NewMessage, Parked};
use crate::machine::{Machine, tagged::Tagged};
use crate::vocabulary::{EffectKey, MessageId};
use serde::Serialize;
use serde_json::json;

/// Where facts are published, below the root.
const TOPIC: &str = "system.supervision";

fn fact<T: Serialize>(event_type: &str, data: &T, correlation: Option<MessageId>) -> NewMessage {
    NewMessage {
        kind: MessageKind::Fact,
        message_id: None,
        topic: Some(TOPIC.into()),
        event_type: event_type.into(),
        error: None,
        // Strings and numbers only: it cannot fail.
        data: serde_json::to_string(data).unwrap_or_else(|_| "{}".into()),
        caused_by: None,
        correlation,
    }
}

/// It is kept from acting.
pub(super) fn parked(parked: &Parked, correlation: Option<MessageId>) -> NewMessage {
    fact("ENTITY_PARKED", parked, correlation)
}

/// It may act again.
pub(super) fn resumed(by: &str, verb: &str) -> NewMessage {
    fact("ENTITY_RESUMED", &json!({ "by": by, "verb": verb }), None)
}

/// An operator ended it.
pub(super) fn failed(by: &str, why: &str) -> NewMessage {
    fact("ENTITY_FAILED", &json!({ "by": by, "why": why }), None)
}

/// An effect's news came when nobody wanted it any more.
pub(super) fn noted<M: Machine>(told: &Told<M>, key: &EffectKey, tagged: &Tagged) -> NewMessage {
    let data: serde_json::Value = serde_json::from_str(&tagged.data).unwrap_or_default();
    let note = json!({ "effect": key, "message_id": told.message_id, "type": tagged.event_type, "data": data });
    NewMessage { topic: None, ..fact("OUTCOME_NOTED", &note, told.correlation) }
}

/// A command as it stands in the journal.
pub(super) fn command(
    message_id: MessageId,
    tagged: Tagged,
    error: Option<String>,
    correlation: MessageId,
) -> NewMessage {
    NewMessage {
        kind: MessageKind::Command,
        message_id: Some(message_id),
        topic: None,
        event_type: tagged.event_type,
        error,
        data: tagged.data,
        caused_by: None,
        correlation: Some(correlation),
    }
}

/// An event as it stands in the journal; `caused_by` is the index of its command in the same append.
pub(super) fn event(
    tagged: Tagged,
    topic: String,
    caused_by: usize,
    correlation: MessageId,
) -> NewMessage {
    NewMessage {
        kind: MessageKind::Event,
        message_id: None,
        topic: Some(topic),
        event_type: tagged.event_type,
        error: None,
        data: tagged.data,
        caused_by: Some(caused_by),
        correlation: Some(correlation),
    }
}
