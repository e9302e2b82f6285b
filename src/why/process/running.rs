//! A process at work: which attempt, by whom, for how long, and what was heard of it.

use super::super::answer::Answer;
use super::super::commands::{cancel, follow, restart, serve};
use super::super::house::House;
use super::super::words::{ago, between, moment};
use super::past::{Attempt, Past};
use callboard_actors::journal::home;
use callboard_actors::processes::{Executor, OnLost};
use callboard_actors::vocabulary::{ProcessId, Timestamp};
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What it is at, and whether anything is wrong with that.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let Some(attempt) = past.last() else { return super::completed::explain(past) };
    match &attempt.started {
        None => starting(house, past, attempt),
        Some((_, executor)) if executor.is_alive() => running(house, past, attempt, executor),
        Some(_) if has_ended(house, past, attempt) => ended(house, past, attempt),
        Some((_, executor)) => abandoned(house, past, attempt, executor),
    }
}

fn starting(house: &House, past: &Past, attempt: &Attempt) -> Answer {
    let verdict = format!("process {} is being started: attempt {}", past.id, attempt.number);
    let answer =
        Answer::of("process", &past.id, "starting", verdict).since(attempt.admitted).because(
            "its turn has come; it runs as soon as its executor has claimed the attempt's folder",
        );
    common(house, past, answer, "the next one goes on with the attempt, or begins another")
}

fn running(house: &House, past: &Past, attempt: &Attempt, executor: &Executor) -> Answer {
    let (number, pid) = (attempt.number, executor.pid);
    // After a redrive the count of attempts begins anew, their numbers do not.
    let most = Some(past.most()).filter(|most| number <= *most);
    let most = most.map(|most| format!(" of at most {most}")).unwrap_or_default();
    let heard = Heard::of(house, past, attempt).in_words(house.now);
    let verdict =
        format!("process {} runs: attempt {number}{most}, in process {pid}; {heard}", past.id);
    let answer = Answer::of("process", &past.id, "running", verdict).since(attempt.began());
    let limit = deadline(past, attempt)
        .map(|end| format!("it is stopped if it has no answer {}", moment(end, house.now)));
    let then = "the attempt goes on without one, and the next takes up what comes of it";
    common(house, past, answer.and_because(limit), then)
}

/// It came to its end where no server was there to take that in.
fn ended(house: &House, past: &Past, attempt: &Attempt) -> Answer {
    let verdict = format!(
        "process {} has an outcome of attempt {} that was not taken in yet; {}",
        past.id,
        attempt.number,
        Heard::of(house, past, attempt).in_words(house.now),
    );
    let answer = Answer::of("process", &past.id, "outcome_waits", verdict)
        .since(attempt.began())
        .because("it is safe on disk: nobody is asked, or paid, for it again");
    common(house, past, answer, "the next one takes it in")
}

/// Its executor has gone: a server finds that out when it starts, and journals the attempt as lost.
fn abandoned(house: &House, past: &Past, attempt: &Attempt, executor: &Executor) -> Answer {
    let (number, pid) = (attempt.number, executor.pid);
    let verdict = format!(
        "process {} was at attempt {number} when its executor (process {pid}) went, without leaving an outcome; {}",
        past.id,
        Heard::of(house, past, attempt).in_words(house.now),
    );
    let answer =
        Answer::of("process", &past.id, "executor_gone", verdict).since(attempt.began()).because(
            "that attempt may have been paid for; it counts as lost, apart from those that failed",
        );
    let then = format!("the next one finds it lost: {}", when_lost(past));
    let answer = common(house, past, answer, &then);
    if !house.is_served() {
        return answer;
    }
    let path = format!("/processes/{}", past.id);
    answer.remedy(restart(&path, "has the attempt looked at again, and taken up or found lost"))
}

/// What follows a lost attempt.
fn when_lost(past: &Past) -> &'static str {
    match past.asked.as_ref().map(|asked| asked.on_lost) {
        Some(OnLost::Ask) => "you are asked what to do, for its runtime says on_lost = \"ask\"",
        _ => "another follows",
    }
}

/// `then` says what the next server does where there is none.
fn common(house: &House, past: &Past, answer: Answer, then: &str) -> Answer {
    let answer = answer.and_because(past.attempts_in_words()).and_because(past.redrives());
    if !house.is_served() {
        let unserved = format!("no server answers on this home: {then}");
        return answer.because(unserved).remedy(serve());
    }
    answer
        .remedy(follow(&past.stream()))
        .remedy(cancel(&past.id, "stops it; what it has cost is not given back"))
}

/// What goes on in an attempt while its process may not act.
pub(super) fn meanwhile(house: &House, past: &Past) -> Vec<String> {
    let Some(attempt) = past.last() else { return Vec::new() };
    let is_at_work = attempt.started.as_ref().is_none_or(|(_, executor)| executor.is_alive());
    let number = attempt.number;
    if !is_at_work && has_ended(house, past, attempt) {
        let kept = "is safe on disk, and is taken in when it may act again";
        return vec![format!("attempt {number} has ended: its outcome {kept}")];
    }
    let heard = Heard::of(house, past, attempt).in_words(house.now);
    if !is_at_work {
        let then =
            format!("when it may act again, that attempt is found lost: {}", when_lost(past));
        return vec![format!("nobody works on attempt {number} any more; {heard}"), then];
    }
    let began = between(attempt.began(), house.now);
    let kept =
        "its attempt is not stopped by that: what it answers is taken in when it may act again";
    vec![kept.to_owned(), format!("attempt {number} runs for {began}; {heard}")]
}

/// Whether an attempt has left an outcome.
fn has_ended(house: &House, past: &Past, attempt: &Attempt) -> bool {
    folder(house, past, attempt).is_some_and(|folder| folder.join("exit").exists())
}

fn folder(house: &House, past: &Past, attempt: &Attempt) -> Option<PathBuf> {
    let process = ProcessId(past.id.parse().ok()?);
    Some(house.folder.join(home::attempt_folder(&process, attempt.number)))
}

fn deadline(past: &Past, attempt: &Attempt) -> Option<Timestamp> {
    let seconds = past.order.as_ref()?.timeout_s;
    Some(attempt.began().after(Duration::from_secs(seconds.into())))
}

/// What an attempt has said so far.
struct Heard {
    bytes: u64,
    last: Option<Timestamp>,
}

impl Heard {
    fn of(house: &House, past: &Past, attempt: &Attempt) -> Self {
        let silence = Self { bytes: 0, last: None };
        let Some(folder) = folder(house, past, attempt) else { return silence };
        let Ok(file) = folder.join("stdout").metadata() else { return silence };
        Self { bytes: file.len(), last: file.modified().ok().and_then(moment_of) }
    }

    fn in_words(&self, now: Timestamp) -> String {
        match (self.bytes, self.last) {
            (0, _) | (_, None) => "it has said nothing so far".to_owned(),
            (bytes, Some(last)) => {
                format!("it has said {bytes} bytes, the last {}", ago(last.min(now), now))
            }
        }
    }
}

fn moment_of(time: SystemTime) -> Option<Timestamp> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(since.as_millis()).ok()?))
}
