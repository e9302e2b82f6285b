//! Finds a message by its position or its caller's id, and chooses by what it is.

use super::super::answer::Answer;
use super::super::commands::{step, why};
use super::super::house::{House, Look};
use super::{command, deliveries, others};
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
    let answer = deliveries::told(house, message, answer).await?.since(message.created_at);
    let Some(stream) = &message.stream else { return Ok(answer) };
    Ok(answer.remedy(why(stream, "says how things stand there now")).remedy(step(stream)))
}
