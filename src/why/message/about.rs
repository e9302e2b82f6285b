//! What is said of any message, whatever it is.

use super::super::answer::{Answer, Evidence};
use super::super::kinds::Kind;
use super::super::tale::evidence;
use callboard_actors::journal::{Message, MessageKind};

/// The kind of entity that a message belongs to.
pub(super) fn kind_of(message: &Message) -> Option<Kind> {
    Kind::of_word(message.stream.as_ref()?.split_once('/')?.0)
}

/// An answer about a message.
pub(super) fn answer(message: &Message, situation: &str, what: &str) -> Answer {
    let verdict = format!("message {} {what}", message.position);
    Answer::of("message", &message.position, situation, verdict)
}

/// Where it belongs, and as what it was brought.
pub(super) fn origin(message: &Message) -> Option<String> {
    let id = message.message_id.as_ref()?;
    // A publication happens once under a key of its client's; its own id is no more than a name.
    if message.kind == MessageKind::Publication {
        return Some(format!("its id is {id}"));
    }
    Some(format!(
        "whoever brought it called it {id}; told again under that id, it gets the same answer"
    ))
}

/// Another message as evidence.
pub(super) fn other(message: &Message, what: String) -> Evidence {
    evidence(message, what)
}
