//! Chooses the situation of a schedule.

use super::super::answer::{Answer, Remedy};
use super::super::commands::{resume_all, schedule as order, serve, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::words::{count, moment, quoted};
use super::super::{parked, tale};
use super::story::event;
use callboard_actors::journal::{Loaded, MessageKind, Parked};
use callboard_actors::machine::Machine;
use callboard_actors::schedules::{Came, End, Firing, Missed, Occasion, Phase, Schedule, Start};
use callboard_actors::vocabulary::{Name, StreamId, Timestamp};

/// Why a schedule starts something, or does not; `None`: there is none of this name.
pub(in crate::why) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let stream = StreamId { kind: Schedule::KIND, name: name.clone() };
    let loaded = house.reader.stream(stream, 0).await?;
    if loaded.head == 0 {
        return Ok(None);
    }
    let schedule = Schedule::read(&loaded)?;
    let answer = match (&loaded.parked, house.held(Kind::Schedule.folder()).await) {
        (Some(parked), _) => parked::explain(Kind::Schedule, name.as_str(), parked),
        (None, Some(held)) => of(name, "held", &held_by("is held with all others", &held))
            .since(held.since)
            .remedy(resume_all(Kind::Schedule)),
        (None, None) => situation(house, name, &schedule).await,
    };
    let answer = answer.and_because(last(house, &schedule)).and_because(policy(&schedule));
    let answer = since(answer, &loaded).remedies(made(&schedule));
    let story = tale::told(&loaded.messages, Kind::Schedule, |message| Some(event(message)));
    let answer = answer.evidence(story);
    Ok(Some(if house.is_served() { answer } else { answer.remedy(serve()) }))
}

fn of(name: &Name, situation: &str, what: &str) -> Answer {
    Answer::of("schedule", name, situation, format!("schedule {name} {what}"))
}

fn held_by(what: &str, held: &Parked) -> String {
    format!("{what} by {}: {}", held.by, quoted(&held.why))
}

fn since(answer: Answer, loaded: &Loaded) -> Answer {
    let newest = loaded.messages.iter().rfind(|message| message.kind == MessageKind::Event);
    match (newest, answer.since) {
        (Some(newest), None) => answer.since(newest.created_at),
        _ => answer,
    }
}

async fn situation(house: &House, name: &Name, schedule: &Schedule) -> Answer {
    if let Some(firing) = schedule.firing() {
        return starting(house, name, firing).await;
    }
    let run = || order("run", name.as_str(), "starts it now, whatever the time");
    match schedule.phase() {
        Some(Phase::Paused { by }) => {
            of(name, "paused", &format!("starts nothing: {} has paused it", quoted(by)))
                .because("times that pass meanwhile are left out, not made good")
                .remedy(order("resume", name.as_str(), "goes on with its next time"))
                .remedy(run())
        }
        Some(Phase::Ended { why: End::Over, .. }) => {
            of(name, "over", "starts nothing more: all its times have passed")
        }
        Some(Phase::Ended { why: End::Deleted { by }, .. }) => {
            of(name, "deleted", &format!("starts nothing more: {} has deleted it", quoted(by)))
        }
        Some(Phase::Active) | None => active(house, name, schedule).remedy(run()),
    }
}

fn active(house: &House, name: &Name, schedule: &Schedule) -> Answer {
    let error = schedule.error().map(quoted);
    let failed = error.as_ref().map(|error| format!("its last time was in vain: {error}"));
    let mend = "what it asks for is checked when it is made; something has changed since: mend that, or change the schedule";
    let mend = error.is_some().then(|| mend.to_owned());
    match (schedule.next(), error) {
        (None, error) => {
            let error = error.unwrap_or_default();
            of(name, "failed", &format!("has started nothing at its only time: {error}"))
                .and_because(mend)
                .remedy(order("delete", name.as_str(), "gives it up, and the warning"))
        }
        (Some(next), _) if next <= house.now => {
            of(name, "late", &format!("should have started something {}", moment(next, house.now)))
                .because(
                    "a server looks every second for what is due: none ran, or it has much to do",
                )
                .and_because(failed)
        }
        (Some(next), error) => {
            let situation = if error.is_some() { "failing" } else { "waiting" };
            of(name, situation, &format!("waits for its next time, {}", moment(next, house.now)))
                .and_because(failed)
                .and_because(mend)
        }
    }
}

/// Something is being started, which takes no time unless something is in the way.
async fn starting(house: &House, name: &Name, firing: &Firing) -> Answer {
    let what = firing.start.in_words();
    let said = format!("is starting a {} for its time of {}", quoted(&what), firing.due);
    let answer = of(name, "starting", &said)
        .because("it tries until that is started or refused; its next times wait meanwhile");
    let kind = match firing.start {
        Start::Process(_) => Kind::Process,
        Start::Workflow(_) | Start::Run(_) => Kind::Workflow,
    };
    match house.held(kind.folder()).await {
        Some(held) => answer
            .because(held_by(&format!("{} is held", kind.folder()), &held))
            .remedy(resume_all(kind)),
        None => answer,
    }
}

/// What came of its newest time.
fn last(house: &House, schedule: &Schedule) -> Option<String> {
    let Occasion { n, due, came, .. } = schedule.recent().next_back()?;
    let when = told(*due, house.now);
    Some(match came.as_ref()? {
        Came::Started { made } => format!("its last time ({n}, {when}) started {made}"),
        Came::Failed { error } => {
            format!("its last time ({n}, {when}) was in vain: {}", quoted(error))
        }
        Came::Overlapped { made } => {
            format!("its last time ({n}, {when}) was left out: {made} still ran")
        }
    })
}

fn told(due: Timestamp, now: Timestamp) -> String {
    moment(due, now).trim_start_matches("at ").to_owned()
}

/// What becomes of what is missed, where it may miss something yet.
fn policy(schedule: &Schedule) -> Option<String> {
    let spec = schedule.spec().filter(|_| schedule.next().is_some())?;
    let late = count(spec.tolerance_s, "second");
    Some(match spec.missed {
        Missed::Skip => format!("what nobody saw to for {late} is left out"),
        Missed::Once => format!("of times that nobody saw to for {late} the last is made good"),
        Missed::All => format!("each time that nobody saw to for {late} is made good, in order"),
    })
}

/// What was started last can be asked on.
fn made(schedule: &Schedule) -> Option<Remedy> {
    let came = schedule.recent().rev().find_map(|occasion| match occasion.came.as_ref()? {
        Came::Started { made } | Came::Overlapped { made } => Some(made),
        Came::Failed { .. } => None,
    })?;
    let words = came.to_string();
    let (_, id) = words.split_once(' ')?;
    Some(why(id, "says what became of what it started last"))
}
