//! A process whose answer is safe on disk and waits for its line in the session's file.

use super::super::answer::{Answer, Remedy};
use super::super::commands::{follow, resume_all, serve, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::parked;
use super::super::words::{quoted, shell_word};
use super::past::Past;
use super::queued::session_parked;
use callboard_actors::journal::home;
use callboard_actors::vocabulary::ProcessId;

/// What keeps the line from being written.
pub(super) async fn explain(house: &House, past: &Past) -> Look<Answer> {
    let answer = obstacle(house, past).await?;
    let safe = "the answer is safe on disk: it will not be asked for, nor paid for, again";
    Ok(answer.because(safe).and_because(past.attempts_in_words()).and_because(past.redrives()))
}

async fn obstacle(house: &House, past: &Past) -> Look<Answer> {
    let Some(session) = past.session() else { return Ok(written(past)) };
    if let Some(parked) = session_parked(house, session).await? {
        let on = format!("its session {session} is parked: {}", quoted(&parked.why));
        return Ok(waits(past, "session_parked", &on)
            .remedies(parked::remedies(Kind::Session, session.as_str(), &parked))
            .remedies(spooled(house, past))
            .remedy(why(session.as_str(), "says more of the session")));
    }
    if !house.is_served() {
        return Ok(waits(past, "no_server", "no server answers on this home").remedy(serve()));
    }
    let folder = Kind::Session.folder();
    if let Some(held) = house.held(folder).await {
        let on = format!("all sessions are held by {}: {}", held.by, quoted(&held.why));
        return Ok(waits(past, "held", &on).remedy(resume_all(Kind::Session)));
    }
    Ok(written(past))
}

/// Reads the answer where it lies.
pub(super) fn spooled(house: &House, past: &Past) -> Option<Remedy> {
    let id = ProcessId(past.id.parse().ok()?);
    let folder = house.folder.join(home::attempt_folder(&id, past.last()?.number));
    let command = format!("cat {}", shell_word(&folder.join("outcome").to_string_lossy()));
    Some(Remedy { command, does: "shows the answer".to_owned() })
}

fn waits(past: &Past, situation: &str, on: &str) -> Answer {
    let verdict = format!("process {} has its answer, which waits for its line: {on}", past.id);
    Answer::of("process", &past.id, situation, verdict).since(past.since)
}

fn written(past: &Past) -> Answer {
    let verdict =
        format!("process {} has its answer, which is being written into its session", past.id);
    Answer::of("process", &past.id, "answer_being_written", verdict)
        .since(past.since)
        .remedy(follow(&past.stream()))
}
