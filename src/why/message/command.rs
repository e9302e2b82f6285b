//! A command: carried out, or refused.

use super::super::answer::Answer;
use super::super::house::{House, Look};
use super::super::tale;
use super::about::{answer, kind_of, origin, other};
use super::others::in_words;
use callboard_actors::journal::Message;

pub(super) async fn explain(house: &House, message: &Message) -> Look<Answer> {
    let stream = message.stream.clone().unwrap_or_default();
    let (name, kind) = (&message.event_type, kind_of(message));
    if let Some(why) = tale::refusal(kind, message) {
        let what = format!("is the command {name} to {stream}; it was refused: {why}");
        return Ok(answer(message, "refused", &what)
            .because("a refused command changes nothing")
            .and_because(origin(message))
            .evidence([other(message, format!("{name} was told to {stream}, and refused"))]));
    }
    let brought = brought_about(house, message).await?;
    let names: Vec<_> = brought.iter().map(|event| event.event_type.as_str()).collect();
    let what = match names.as_slice() {
        [] => format!("is the command {name} to {stream}; it was taken in, and changed nothing"),
        names => {
            format!("is the command {name} to {stream}; it brought about {}", names.join(" and "))
        }
    };
    let events = brought.iter().map(|event| other(event, in_words(event)));
    Ok(answer(message, "carried_out", &what)
        .and_because(origin(message))
        .evidence([other(message, format!("{name} was told to {stream}"))])
        .evidence(events))
}

/// The events of a command: they were written with it, right behind it.
async fn brought_about(house: &House, message: &Message) -> Look<Vec<Message>> {
    let mut events = Vec::new();
    let mut position = message.position + 1;
    while let Some(next) = house.reader.message(position).await?
        && next.causation_id == Some(message.position)
    {
        events.push(next);
        position += 1;
    }
    Ok(events)
}
