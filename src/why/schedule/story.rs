//! A schedule's events in words.

use super::super::tale;
use super::super::words::{count, quoted};
use callboard_actors::journal::Message;
use callboard_actors::machine::tagged;
use callboard_actors::schedules::{Because, End, Event};

/// An event of a schedule in words.
pub(in crate::why) fn event(message: &Message) -> String {
    let Ok(event) = tagged::join(&message.event_type, message.data.get()) else {
        return tale::in_capitals(message, &message.event_type);
    };
    match event {
        Event::Created { spec, .. } => {
            format!("made to start a {}", quoted(&spec.start.in_words()))
        }
        Event::Changed { spec, by, .. } => {
            format!("changed by {}: starts a {}", quoted(&by), quoted(&spec.start.in_words()))
        }
        Event::Paused { by, .. } => format!("paused by {}", quoted(&by)),
        Event::Resumed { by, .. } => format!("resumed by {}", quoted(&by)),
        Event::Due { n, by: Some(by), .. } => {
            format!("time {n}: {} wanted it started at once", quoted(&by))
        }
        Event::Due { n, due, stands_for: 0, .. } => format!("time {n} had come: {due}"),
        Event::Due { n, due, stands_for, .. } => {
            let many = count(stands_for, "time");
            format!("time {n} had come: {due}; it stands for {many} that were missed before it")
        }
        Event::Fired { n, made, .. } => format!("time {n}: {made} was started"),
        Event::Failed { n, error, .. } => {
            format!("time {n}: nothing could be started: {}", quoted(&error))
        }
        Event::Skipped { n, made, .. } => format!("time {n} was left out: {made} still ran"),
        Event::Missed { times, first, because, .. } => {
            let why = match because {
                Because::Down => "nobody saw to them",
                Because::Paused => "it was paused",
            };
            format!("{} passed, from {first} on: {why}", count(times, "time"))
        }
        Event::Ended { why: End::Over, .. } => "ended: no time is left".to_owned(),
        Event::Ended { why: End::Deleted { by }, .. } => format!("ended by {}", quoted(&by)),
    }
}
