//! A process whose turn has not come: what stands before it, the hardest obstacle first.

use super::super::answer::Answer;
use super::super::commands::{cancel, operate, resume_all, serve, set, show, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::parked;
use super::super::words::{between, quoted};
use super::past::Past;
use super::turns::pasts;
use callboard_actors::journal::Parked;
use callboard_actors::machine::Machine;
use callboard_actors::sessions::Session;
use callboard_actors::supervision::{ActorInfo, Status};
use callboard_actors::vocabulary::{Name, StreamId};

/// Where the service is that decides whose turn it is.
const ADMISSION: &str = "/services/admission";

/// How many of the others are named.
const NAMED: usize = 5;

/// Why its turn has not come.
pub(super) async fn explain(house: &House, past: &Past) -> Look<Answer> {
    let answer = obstacle(house, past).await?;
    let answer = answer.and_because(past.redrives()).and_because(past.attempts_in_words());
    let cancel = cancel(&past.id, "takes it out of the queue");
    Ok(if house.is_served() { answer.remedy(cancel) } else { answer })
}

async fn obstacle(house: &House, past: &Past) -> Look<Answer> {
    if !house.is_served() {
        return Ok(unserved(past));
    }
    if let Some(held) = house.held(Kind::Process.folder()).await {
        return Ok(held_up(house, past, &held).await);
    }
    let admission = house.actor(ADMISSION).await;
    if let Some(ill) = admission.filter(|info| info.status != Status::Running) {
        return Ok(nobody_admits(past, &ill));
    }
    let Some(limit) = house.limits.get(past.runtime()) else { return Ok(no_runtime(house, past)) };
    if let Some(answer) = behind_its_session(house, past).await? {
        return Ok(answer);
    }
    behind_the_limit(house, past, *limit).await
}

fn waiting(past: &Past, situation: &str, on: &str) -> Answer {
    let verdict = format!("process {} waits for its turn: {on}", past.id);
    Answer::of("process", &past.id, situation, verdict).since(past.since)
}

fn unserved(past: &Past) -> Answer {
    let verdict = format!("process {} waits for a server: none answers on this home", past.id);
    Answer::of("process", &past.id, "no_server", verdict).since(past.since).remedy(serve())
}

/// All processes are held: after starts that went wrong, or by an operator.
async fn held_up(house: &House, past: &Past, held: &Parked) -> Answer {
    let on = format!("all processes are held by {}", held.by);
    let mut answer = waiting(past, "held", &on).because(quoted(&held.why));
    answer.since = Some(held.since);
    let mut answer = answer.remedy(resume_all(Kind::Process));
    for kind in Kind::ALL {
        if house.held(kind.folder()).await.is_some() {
            answer = answer.remedy(resume_all(kind));
        }
    }
    answer
}

fn nobody_admits(past: &Past, admission: &ActorInfo) -> Answer {
    let on = "the service that admits processes does not run";
    let exit = admission.last_exit.as_ref().map(|exit| format!("{ADMISSION} {exit}"));
    waiting(past, "admission_down", on)
        .and_because(exit)
        .remedy(operate("resume", ADMISSION, "starts the service"))
        .remedy(why(ADMISSION, "says why it does not run"))
}

fn no_runtime(house: &House, past: &Past) -> Answer {
    let runtime = past.runtime();
    let known: Vec<_> = house.limits.keys().map(String::as_str).collect();
    let key = runtime_key(runtime);
    waiting(past, "unknown_runtime", &format!("this server has no runtime `{runtime}`"))
        .because(format!("it has {}", known.join(", ")))
        .because("its turn comes all the same, for nothing: it is dead then, and nobody was asked")
        .because(format!(
            "`callboard config set {key} '{{ kind = … }}'` makes it while the server runs, and `callboard retry` brings the dead back"
        ))
}

/// Turns of a session are serial: whoever is at work in it, or has an answer that it cannot take in.
async fn behind_its_session(house: &House, past: &Past) -> Look<Option<Answer>> {
    let Some(session) = past.session() else { return Ok(None) };
    let open = house.reader.open_in_session(session.to_string(), 1).await?;
    let open = pasts(house, &open).await?;
    let Some(busy) = open.into_iter().find(|other| other.id != past.id && other.is_at_work())
    else {
        return Ok(None);
    };
    if let Some(parked) = session_parked(house, session).await? {
        return Ok(Some(behind_a_parked_session(past, session, &busy, &parked)));
    }
    let on = format!("an earlier turn of its session, process {}, is {}", busy.id, busy.status);
    let answer = waiting(past, "queued_behind_session", &on)
        .because(format!("the turns of session {session} follow one another"))
        .because(format!(
            "process {} is {} for {}",
            busy.id,
            busy.status,
            between(busy.since, house.now)
        ))
        .evidence([busy.standing()])
        .remedy(why(&busy.id, "says why that one takes its time"));
    let ends = "stops the earlier turn, so that the next one comes";
    Ok(Some(if busy.status == "SUCCESS" { answer } else { answer.remedy(cancel(&busy.id, ends)) }))
}

fn behind_a_parked_session(past: &Past, session: &Name, busy: &Past, parked: &Parked) -> Answer {
    let on = format!(
        "its session {session} is parked, with the answer of process {} not taken in",
        busy.id
    );
    waiting(past, "session_parked", &on)
        .because(quoted(&parked.why))
        .evidence([busy.standing()])
        .remedies(parked::remedies(Kind::Session, session.as_str(), parked))
        .remedy(why(session.as_str(), "says more of the session"))
}

/// Why a session is kept from acting.
pub(super) async fn session_parked(house: &House, session: &Name) -> Look<Option<Parked>> {
    let stream = StreamId { kind: Session::KIND, name: session.clone() };
    house.reader.parked_stream(stream).await
}

/// All places of its runtime are taken, or its turn is about to come.
async fn behind_the_limit(house: &House, past: &Past, limit: usize) -> Look<Answer> {
    let runtime = past.runtime();
    let (holders, taken) = house.reader.holders(runtime.to_owned(), NAMED).await?;
    let ahead = house.reader.ahead_of(past.id.clone(), house.now).await?;
    if usize::try_from(taken).unwrap_or(usize::MAX) < limit {
        let on = format!("it comes as soon as {ADMISSION} looks, which it does after every commit");
        return Ok(waiting(past, "next", &on)
            .because(format!("{taken} of {limit} places of runtime {runtime} are taken"))
            .remedy(show(ADMISSION, "shows that service")));
    }
    let holders = pasts(house, &holders).await?;
    let answer = waiting(past, "queued_behind_limit", &taken_by(runtime, limit, &holders))
        .because(format!("{} before it at this runtime", waits(ahead)));
    let answer = holders.iter().fold(answer, |answer, holder| held_by(house, answer, holder));
    let key = format!("{}.concurrency", runtime_key(runtime));
    let places = limit.saturating_mul(2).to_string();
    Ok(answer.remedy(set(&key, &places, "makes more places, at once and for good")))
}

fn taken_by(runtime: &str, limit: usize, holders: &[Past]) -> String {
    match (limit, holders) {
        (1, [holder]) => {
            format!("the only place of runtime {runtime} is taken by process {}", holder.id)
        }
        _ => format!("all {limit} places of runtime {runtime} are taken"),
    }
}

fn held_by(house: &House, answer: Answer, holder: &Past) -> Answer {
    let Past { id, status, since, .. } = holder;
    answer
        .because(format!("process {id} holds a place: {status} for {}", between(*since, house.now)))
        .evidence([holder.standing()])
        .remedy(cancel(id, "stops that one and frees its place"))
}

/// The name of a runtime's settings; one that is no plain word stands in quotes there.
fn runtime_key(runtime: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if !runtime.is_empty() && runtime.bytes().all(is_plain) {
        return format!("runtimes.{runtime}");
    }
    format!("runtimes.{runtime:?}")
}

fn waits(ahead: u32) -> String {
    match ahead {
        0 => "nobody waits".to_owned(),
        1 => "1 waits".to_owned(),
        many => format!("{many} wait"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_is_named_as_settings_are() {
        let keys = ["open_ai-2", "gpt-4.1"].map(runtime_key);
        assert_eq!(keys, ["runtimes.open_ai-2", "runtimes.\"gpt-4.1\""]);
    }
}
