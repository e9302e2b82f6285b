//! What is no command: events, host facts, publications.

use super::super::actor;
use super::super::answer::Answer;
use super::super::commands::why;
use super::super::entities;
use super::super::house::{House, Look};
use super::super::tale;
use super::about::{answer, kind_of, origin, other};
use callboard_actors::journal::{Message, MessageKind};

/// An event, and the command that brought it about.
pub(super) async fn event(house: &House, message: &Message) -> Look<Answer> {
    let stream = message.stream.clone().unwrap_or_default();
    let what = format!("is the event {} of {stream}: {}", message.event_type, in_words(message));
    let mut answer = answer(message, "event", &what);
    let Some(cause) = message.causation_id else { return Ok(answer) };
    if let Some(command) = house.reader.message(cause).await? {
        let told = format!("{} was told to {stream}", command.event_type);
        answer = answer
            .because(format!("the command {} (#{cause}) brought it about", command.event_type))
            .and_because(origin(&command))
            .evidence([other(&command, told), other(message, in_words(message))])
            .remedy(why(&cause.to_string(), "says more of that command"));
    }
    Ok(answer)
}

/// Something that was done to an entity.
pub(super) fn fact(message: &Message) -> Answer {
    let stream = message.stream.clone().unwrap_or_default();
    let what = format!("says what was done to {stream}: {}", tale::fact(message));
    answer(message, "fact", &what).evidence([other(message, tale::fact(message))])
}

/// Something that was said on a topic.
pub(super) fn publication(message: &Message) -> Answer {
    let topic = message.topic.clone().unwrap_or_default();
    let what = format!("was published on {topic}: {}", in_words(message));
    let path = tale::text(message, "path");
    let answer = answer(message, "published", &what)
        .and_because(origin(message))
        .evidence([other(message, in_words(message))]);
    let is_of_an_actor = path.starts_with('/');
    if is_of_an_actor { answer.remedy(why(&path, "says how that actor is now")) } else { answer }
}

/// Any message in words.
pub(super) fn in_words(message: &Message) -> String {
    let words = match (message.kind, kind_of(message)) {
        (MessageKind::Fact, _) => Some(tale::fact(message)),
        (MessageKind::Event, Some(kind)) => entities::event(kind, message),
        (MessageKind::Publication, _) => actor::in_words(message),
        _ => None,
    };
    words.unwrap_or_else(|| tale::in_capitals(message, &message.event_type))
}
