//! A process at work: which attempt, by whom, for how long, and what was heard of it.

use super::super::answer::Answer;
use super::super::commands::{cancel, follow, restart, serve};
use super::super::house::House;
use super::super::words::{ago, between, moment};
use super::past::{Attempt, Past};
use callboard_actors::journal::home;
use callboard_actors::processes::Executor;
use callboard_actors::vocabulary::{ProcessId, Timestamp};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What it is at, and whether anything is wrong with that.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let Some(attempt) = past.last() else { return super::completed::explain(past) };
    match &attempt.started {
        None => starting(house, past, attempt),
        Some((_, executor)) if executor.is_alive() => running(house, past, attempt, executor),
        Some((_, executor)) => abandoned(house, past, attempt, executor),
    }
}

fn starting(house: &House, past: &Past, attempt: &Attempt) -> Answer {
    let verdict = format!("process {} is being started: attempt {}", past.id, attempt.number);
    let answer =
        Answer::of("process", &past.id, "starting", verdict).since(attempt.admitted).because(
            "its turn has come; it runs as soon as its executor has claimed the attempt's folder",
        );
    common(house, past, answer)
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
    common(house, past, answer.and_because(limit))
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
    if house.is_served() {
        let path = format!("/processes/{}", past.id);
        return common(house, past, answer)
            .remedy(restart(&path, "has the attempt looked at again, and taken up or found lost"));
    }
    common(house, past, answer)
}

fn common(house: &House, past: &Past, answer: Answer) -> Answer {
    let answer = answer.and_because(past.attempts_in_words()).and_because(past.redrives());
    if !house.is_served() {
        let unserved = "no server answers on this home: the next one takes the attempt up, or finds it lost and tries again";
        return answer.because(unserved).remedy(serve());
    }
    answer
        .remedy(follow(&past.stream()))
        .remedy(cancel(&past.id, "stops it; what it has cost is not given back"))
}

/// What goes on in an attempt, for whoever is told of something else first.
pub(super) fn in_words(house: &House, past: &Past) -> Option<String> {
    let attempt = past.last()?;
    let heard = Heard::of(house, past, attempt).in_words(house.now);
    let began = between(attempt.began(), house.now);
    Some(format!("attempt {} runs for {began}; {heard}", attempt.number))
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
        let Ok(name) = past.id.parse() else { return silence };
        let folder = home::attempt_folder(&ProcessId(name), attempt.number);
        let Ok(file) = house.folder.join(folder).join("stdout").metadata() else { return silence };
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
