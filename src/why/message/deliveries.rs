//! Who is to get a message, and has not handled it: subscriptions before whose cursor it does not stand yet,
//! and those where it is dead.

use super::super::answer::Answer;
use super::super::commands::{redrive, why};
use super::super::house::{House, Look};
use super::super::words::{count, moment, quoted};
use callboard_actors::agents::{Agent, Event, mailbox_id};
use callboard_actors::journal::{Message, SubscriptionRow, Trouble};
use callboard_actors::machine::Machine;
use callboard_actors::vocabulary::{AgentId, Patterns, Topic};

/// How many subscriptions are looked at.
const LOOKED_AT: usize = 1_000;
/// How many of them are named.
const NAMED: usize = 5;

/// How a message stands at a subscription that it concerns.
enum Reach {
    Handled,
    /// It is still to be handled; it may have been delivered in vain.
    Waits(Option<Trouble>),
    Dead(Trouble),
}

/// Adds what is still to be done with it to what is said of a message.
pub(super) async fn told(house: &House, message: &Message, answer: Answer) -> Look<Answer> {
    let Some(topic) = &message.topic else { return Ok(answer) };
    let rows = house.reader.subscriptions(None, String::new(), LOOKED_AT).await?;
    let epoch = house.reader.epoch().await?;
    let concerned: Vec<_> =
        rows.into_iter().filter(|row| concerns(row, message, topic, &epoch)).collect();
    let troubles = house.reader.troubles_with(message.position).await?;
    let unopened = unopened(house, message, topic, &concerned);
    let reached: Vec<_> =
        concerned.into_iter().map(|row| (reach(&row, message, &troubles), row)).collect();
    let answer = reached
        .iter()
        .filter(|(reach, _)| !matches!(reach, Reach::Handled))
        .take(NAMED)
        .fold(verdict(answer, &reached), |answer, (reach, row)| {
            one(house, message, answer, row, reach)
        });
    let handled = reached.iter().filter(|(reach, _)| matches!(reach, Reach::Handled)).count();
    let handled = (handled > 0).then(|| past_it(handled as u64));
    Ok(answer.and_because(unopened).and_because(handled))
}

/// Handled there, or they began behind it: their cursors do not tell which.
fn past_it(number: u64) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} {are} past it: it does not come there again", count(number, "subscription"))
}

/// What its cursor says of another journal says nothing of this one; a mailbox goes on with its stream.
fn concerns(row: &SubscriptionRow, message: &Message, topic: &str, epoch: &str) -> bool {
    let is_its = match &row.stream {
        Some(stream) => message.stream.as_ref() == Some(stream),
        None => row.epoch == epoch,
    };
    is_its && Patterns::parse(&row.topics).is_ok_and(|patterns| patterns.matches(topic))
}

fn reach(row: &SubscriptionRow, message: &Message, troubles: &[Trouble]) -> Reach {
    let trouble = troubles.iter().find(|trouble| trouble.subscription == row.name).cloned();
    match trouble {
        Some(trouble) if trouble.is_dead => Reach::Dead(trouble),
        Some(trouble) => Reach::Waits(Some(trouble)),
        None if message.position > row.position => Reach::Waits(None),
        None => Reach::Handled,
    }
}

/// That it is dead, or waits, comes before what it is.
fn verdict(answer: Answer, reached: &[(Reach, SubscriptionRow)]) -> Answer {
    let number =
        |is: fn(&Reach) -> bool| reached.iter().filter(|(reach, _)| is(reach)).count() as u64;
    let dead = number(|reach| matches!(reach, Reach::Dead(_)));
    let waits = number(|reach| matches!(reach, Reach::Waits(_)));
    let (situation, what) = match (dead, waits) {
        (0, 0) => return answer,
        (0, waits) => {
            ("unacknowledged", format!("waits for {} to handle it", count(waits, "subscription")))
        }
        (dead, _) => {
            ("dead_letter", format!("is a dead letter at {}", count(dead, "subscription")))
        }
    };
    let verdict = format!("{}; it {what}", answer.verdict);
    Answer { situation: situation.to_owned(), verdict, ..answer }
}

fn one(
    house: &House,
    message: &Message,
    answer: Answer,
    row: &SubscriptionRow,
    reach: &Reach,
) -> Answer {
    let (name, subscriber) = (&row.name, &row.subscriber);
    let of = format!("subscription {name} of {subscriber}");
    let error = |trouble: &Trouble| quoted(trouble.error.as_deref().unwrap_or_default());
    let more = why(&format!("subscription/{name}"), "says whom that one waits for");
    match reach {
        Reach::Handled => answer,
        Reach::Dead(trouble) => {
            let at = trouble.at.map(|at| moment(at, house.now)).unwrap_or_default();
            let given_up = format!("{of} gave it up {at}: {}", error(trouble));
            let remedy = house.is_served().then(|| redrive(house, message.position, name));
            answer.because(given_up).remedies(remedy).remedy(more)
        }
        Reach::Waits(Some(trouble)) if trouble.retry_count > 0 => {
            answer.because(format!("{of} gets it again: {}", error(trouble))).remedy(more)
        }
        Reach::Waits(Some(_)) => {
            answer.because(format!("{of} gets it once more, for it was redriven")).remedy(more)
        }
        Reach::Waits(None) => {
            let cursor = row.position;
            let stands = format!("{of} has not acknowledged it yet: it stands at #{cursor}");
            let is_paused = if row.active { "" } else { ", and is paused" };
            answer.because(format!("{stands}{is_paused}")).remedy(more)
        }
    }
}

/// A mailbox comes into being when somebody first looks into it; until then all in it waits.
fn unopened(
    house: &House,
    message: &Message,
    topic: &str,
    concerned: &[SubscriptionRow],
) -> Option<String> {
    let (kind, agent) = message.stream.as_deref()?.split_once('/')?;
    let is_letter =
        kind == Agent::KIND && topic == Topic::of(Event::MESSAGE).under(&house.topic_root);
    let mailbox = mailbox_id(&AgentId(agent.parse().ok()?));
    let is_open = concerned.iter().any(|row| row.name == mailbox);
    (is_letter && !is_open)
        .then(|| format!("it waits in the mailbox of {agent}, into which nobody has looked yet"))
}
