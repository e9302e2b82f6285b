//! What any stream's journal tells beside its machine's events: what its host and operators did to it, and
//! which commands were refused.

use super::answer::Evidence;
use super::kinds::Kind;
use super::words::quoted;
use callboard_actors::journal::{Message, MessageKind};
use serde::Deserialize;
use serde_json::Value;

/// A stream in words, line by line; `event` tells its machine's events.
pub(super) fn told(
    messages: &[Message],
    kind: Kind,
    event: fn(&Message) -> Option<String>,
) -> Vec<Evidence> {
    let lines = messages.iter().filter_map(|message| {
        let what = match message.kind {
            MessageKind::Event => event(message),
            MessageKind::Fact => Some(fact(message)),
            MessageKind::Command => refused(kind, message),
            MessageKind::Publication => None,
        };
        what.map(|what| evidence(message, what))
    });
    lines.collect()
}

/// A message as evidence.
pub(super) fn evidence(message: &Message, what: impl Into<String>) -> Evidence {
    Evidence { position: Some(message.position), at: message.created_at, what: what.into() }
}

/// A field of a message's content.
pub(super) fn field(message: &Message, name: &str) -> Value {
    let data: Value = serde_json::from_str(message.data.get()).unwrap_or_default();
    data.get(name).cloned().unwrap_or_default()
}

/// A text of a message's content.
pub(super) fn text(message: &Message, name: &str) -> String {
    field(message, name).as_str().map(quoted).unwrap_or_default()
}

/// What was done to an entity rather than by its machine.
pub(super) fn fact(message: &Message) -> String {
    let of = |name| text(message, name);
    match message.event_type.as_str() {
        "ENTITY_PARKED" => format!("parked by {}: {}", of("by"), of("why")),
        "ENTITY_RESUMED" => format!("let act again by {} ({})", of("by"), of("verb")),
        "ENTITY_FAILED" => format!("ended as failed by {}: {}", of("by"), of("why")),
        "ENTITY_ABANDONED" => "found parked, with nothing at work for it any more".to_owned(),
        "OUTCOME_NOTED" => {
            format!("{} of {} came when nobody wanted it any more", of("type"), of("effect"))
        }
        other => in_capitals(message, other),
    }
}

/// A command that was refused; one that was carried out shows in its events.
pub(super) fn refused(kind: Kind, message: &Message) -> Option<String> {
    let why = refusal(Some(kind), message)?;
    Some(format!("{} was refused: {why}", message.event_type))
}

/// Why a command brought nothing about.
pub(super) fn refusal(kind: Option<Kind>, message: &Message) -> Option<String> {
    #[derive(Deserialize)]
    struct Skip {
        skipped_by: String,
    }
    let error = message.error.as_ref()?.get();
    if let Ok(Skip { skipped_by }) = serde_json::from_str(error) {
        return Some(format!("{skipped_by} skipped it"));
    }
    Some(kind.and_then(|kind| kind.refusal(error)).unwrap_or_else(|| quoted(error)))
}

/// A message that this program has no words for: its name, and its reason if it has one.
pub(super) fn in_capitals(message: &Message, name: &str) -> String {
    let why = ["why", "error"].map(|field| text(message, field));
    match why.into_iter().find(|why| !why.is_empty()) {
        Some(why) => format!("{}: {why}", quoted(name)),
        None => quoted(name),
    }
}
