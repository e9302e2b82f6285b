//! Finds a message by its position or its caller's id, and chooses by what it is.

use super::super::answer::{Answer, Evidence};
use super::super::commands::{step, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::tale::evidence;
use super::{command, others};
use callboard_actors::journal::{Message, MessageKind};
use callboard_actors::vocabulary::MessageId;
use uuid::Uuid;

/// Why the messages of this position or id are as they are. Several streams may have been told the same id.
pub(in crate::why) async fn explain(house: &House, id: &str) -> Look<Vec<Answer>> {
    let mut answers = Vec::new();
    for message in found(house, id).await? {
        answers.push(explain_one(house, &message).await?);
    }
    Ok(answers)
}

async fn found(house: &House, id: &str) -> Look<Vec<Message>> {
    let position = id.strip_prefix('#').unwrap_or(id).parse();
    if let Ok(position) = position {
        return Ok(house.reader.message(position).await?.into_iter().collect());
    }
    let Ok(uuid) = id.parse::<Uuid>() else { return Ok(Vec::new()) };
    let found = house.reader.brought_as(MessageId(uuid)).await?;
    Ok(found.messages)
}

async fn explain_one(house: &House, message: &Message) -> Look<Answer> {
    let answer = match message.kind {
        MessageKind::Command => command::explain(house, message).await?,
        MessageKind::Event => others::event(house, message).await?,
        MessageKind::Fact => others::fact(message),
        MessageKind::Publication => others::publication(message),
    };
    let answer = answer.since(message.created_at);
    let Some(stream) = &message.stream else { return Ok(answer) };
    let Some((_, name)) = stream.split_once('/') else { return Ok(answer) };
    Ok(answer.remedy(why(name, "says how things stand there now")).remedy(step(stream)))
}

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
    Some(format!(
        "whoever brought it called it {id}; told again under that id, it gets the same answer"
    ))
}

/// Another message as evidence.
pub(super) fn other(message: &Message, what: String) -> Evidence {
    evidence(message, what)
}
