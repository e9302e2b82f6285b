//! Why a session is as it is: parked, writing a line, waiting for a turn's answer, or at rest.

use super::answer::Answer;
use super::commands::{resume_all, serve, why};
use super::house::{House, Look};
use super::kinds::Kind;
use super::process::Past;
use super::tale;
use super::words::{between, count, quoted};
use super::{parked, process};
use callboard_actors::journal::{Loaded, Message, MessageKind, Parked};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::sessions::{Event, Session, TurnAppended, TurnQueued};
use callboard_actors::vocabulary::{Name, StreamId, Timestamp};
use std::collections::VecDeque;

/// How many of those who wait are named.
const NAMED: usize = 20;

/// Why a session is as it is; `None`: nobody has spoken or waits to speak in one of this name.
pub(super) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let stream = StreamId { kind: Session::KIND, name: name.clone() };
    let loaded = house.reader.stream(stream, 0).await?;
    let open = house.reader.open_in_session(name.to_string(), NAMED).await?;
    if loaded.head == 0 && open.is_empty() {
        return Ok(None);
    }
    let open = process::pasts(house, &open).await?;
    let said = Said::of(&loaded);
    let answer = match &loaded.parked {
        Some(parked) => stopped(name, parked),
        None => unparked(house, name, &said, &open).await,
    };
    let story = tale::told(&loaded.messages, Kind::Session, |message| Some(event(message)));
    Ok(Some(said.told(answer).and_because(waiting(&open)).evidence(story)))
}

/// What the stream says was said.
#[derive(Default)]
struct Said {
    lines: u64,
    bytes: u64,
    last: Option<Timestamp>,
    queue: VecDeque<(TurnQueued, Timestamp)>,
}

impl Said {
    fn of(loaded: &Loaded) -> Self {
        let mut said = Self::default();
        for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
            match read(message) {
                Some(Event::TurnQueued(turn)) => said.queue.push_back((turn, message.created_at)),
                Some(Event::TurnAppended(TurnAppended { length, .. })) => {
                    said.queue.pop_front();
                    (said.lines, said.bytes) = (said.lines + 1, length);
                    said.last = Some(message.created_at);
                }
                Some(Event::TurnSkipped(_)) => drop(said.queue.pop_front()),
                Some(Event::Branched(_)) | None => {}
            }
        }
        said
    }

    fn told(&self, answer: Answer) -> Answer {
        let (turns, bytes) = (count(self.lines, "turn"), self.bytes);
        answer.because(format!(
            "its file holds {turns}, {bytes} bytes in all: what lies beyond was not said"
        ))
    }
}

fn read(message: &Message) -> Option<Event> {
    tagged::join(&message.event_type, message.data.get()).ok()
}

fn stopped(name: &Name, parked: &Parked) -> Answer {
    let answer = parked::explain(Kind::Session, name.as_str(), parked);
    if parked.command.is_none() {
        return answer;
    }
    let mend = "give the file back what was committed (from a backup) before it is told again: lines are never written over a gap";
    answer.because(mend)
}

async fn unparked(house: &House, name: &Name, said: &Said, open: &[Past]) -> Answer {
    let of = |situation: &str, what: String| {
        Answer::of("session", name, situation, format!("session {name} {what}"))
    };
    if let Some(held) = house.held(Kind::Session.folder()).await {
        return of(
            "held",
            format!("is held with all others by {}: {}", held.by, quoted(&held.why)),
        )
        .since(held.since)
        .remedy(resume_all(Kind::Session));
    }
    if let Some((turn, at)) = said.queue.front() {
        let what =
            format!("writes line {}: the answer of process {}", turn.number, turn.process_id);
        let answer = of("writing", what).since(*at);
        return if house.is_served() { answer } else { answer.remedy(serve()) };
    }
    match open.iter().find(|past| past.is_at_work()) {
        Some(speaker) => {
            of("speaking", format!("waits for process {}, which is {}", speaker.id, speaker.status))
                .since(speaker.since)
                .because("its turns follow one another: one process at a time is at work in it")
                .because(format!(
                    "process {} is {} for {}",
                    speaker.id,
                    speaker.status,
                    between(speaker.since, house.now)
                ))
                .remedy(why(&speaker.id, "says what that one is at"))
        }
        None => quiet(&of, said, open),
    }
}

fn quiet(of: &impl Fn(&str, String) -> Answer, said: &Said, open: &[Past]) -> Answer {
    if let Some(first) = open.first() {
        return of("queued", format!("waits for the turn of process {}", first.id))
            .since(first.since)
            .remedy(why(&first.id, "says what that one waits for"));
    }
    let answer = of("at_rest", "is at rest: nobody speaks or waits to speak in it".to_owned());
    Answer { since: said.last, ..answer }
}

/// Who waits to speak.
fn waiting(open: &[Past]) -> Option<String> {
    let waiting: Vec<_> =
        open.iter().filter(|past| !past.is_at_work()).map(|p| p.id.as_str()).collect();
    let number = count(waiting.len() as u64, "turn");
    (!waiting.is_empty()).then(|| format!("{number} waiting in it: {}", waiting.join(", ")))
}

/// A session's event in words.
pub(super) fn event(message: &Message) -> String {
    match read(message) {
        Some(Event::Branched(branched)) => format!(
            "began with what was said in session {}, as far as {} bytes",
            branched.from, branched.bytes
        ),
        Some(Event::TurnQueued(turn)) => format!(
            "the answer of process {}, attempt {}, waits for line {}",
            turn.process_id, turn.attempt, turn.number
        ),
        Some(Event::TurnAppended(turn)) => format!(
            "line {} stands in the file: process {}, {} bytes in all",
            turn.line.line.unwrap_or(0),
            turn.process_id,
            turn.length
        ),
        Some(Event::TurnSkipped(turn)) => format!(
            "the answer of process {}, attempt {}, gets no line: {} had it skipped",
            turn.process_id, turn.attempt, turn.by
        ),
        None => tale::in_capitals(message, &message.event_type),
    }
}
