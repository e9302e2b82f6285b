//! Host facts: what is done to an entity rather than by its machine. They are journaled and published,
//! but no machine sees them and no version counts them.

use super::told::Told;
use crate::journal::{MessageKind, NewMessage, Parked, ParkedCommand};
use crate::machine::{Machine, tagged::Tagged};
use crate::vocabulary::{EffectKey, MessageId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};

/// Where facts are published, below the root.
const TOPIC: &str = "system.supervision";

fn fact<T: Serialize>(event_type: &str, data: &T, correlation: Option<MessageId>) -> NewMessage {
    NewMessage {
        kind: MessageKind::Fact,
        message_id: None,
        topic: Some(TOPIC.into()),
        event_type: event_type.into(),
        error: None,
        data: json(data),
        caused_by: None,
        correlation,
    }
}

/// As JSON; what cannot be written says why in its place.
pub(super) fn json<T: Serialize>(value: &T) -> Box<RawValue> {
    let said = to_raw_value(value).or_else(|error| to_raw_value(&error.to_string()));
    // A text can always be written.
    said.unwrap_or_else(|_| RawValue::NULL.to_owned())
}

/// An outcome that came when nobody wanted it any more. What it said is kept to the letter: told again,
/// it has to be known for the same.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Noted {
    pub(super) effect: EffectKey,
    #[serde(rename = "type")]
    pub(super) event_type: String,
    pub(super) data: Box<RawValue>,
}

/// The variant's name of [`Noted`].
pub(super) const NOTED: &str = "OUTCOME_NOTED";

/// What stands in place of a refusal where an operator skipped the command.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Skip {
    pub(super) skipped_by: String,
}

/// It is kept from acting.
pub(super) fn parked(parked: &Parked, correlation: Option<MessageId>) -> NewMessage {
    fact("ENTITY_PARKED", parked, correlation)
}

/// It may act again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Resumed {
    pub(super) by: String,
    pub(super) verb: String,
    /// The command that is told again. It stands here until it stands in the stream itself: a crash in
    /// between must not lose it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) command: Option<ParkedCommand>,
}

/// The variant's name of [`Resumed`].
pub(super) const RESUMED: &str = "ENTITY_RESUMED";

/// It may act again.
pub(super) fn resumed(by: &str, verb: &str, command: Option<ParkedCommand>) -> NewMessage {
    fact(RESUMED, &Resumed { by: by.to_owned(), verb: verb.to_owned(), command }, None)
}

/// The variant's name of [`abandoned`].
pub(super) const ABANDONED: &str = "ENTITY_ABANDONED";

/// It is parked, and what worked for it has gone.
pub(super) fn abandoned() -> NewMessage {
    fact(ABANDONED, &json!({ "why": "it is parked, and what worked for it has gone" }), None)
}

/// An operator ended it.
pub(super) fn failed(by: &str, why: &str) -> NewMessage {
    fact("ENTITY_FAILED", &json!({ "by": by, "why": why }), None)
}

/// An effect's news came when nobody wanted it any more.
pub(super) fn noted<M: Machine>(told: &Told<M>, key: &EffectKey, tagged: &Tagged) -> NewMessage {
    let Tagged { event_type, data } = tagged.clone();
    let note = Noted { effect: key.clone(), event_type, data };
    let message_id = Some(told.message_id);
    NewMessage { topic: None, message_id, ..fact(NOTED, &note, told.correlation) }
}

/// A command as it stands in the journal.
pub(super) fn command(
    message_id: MessageId,
    tagged: Tagged,
    error: Option<Box<RawValue>>,
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
