//! A supervised actor: runs, was restarted (by which panic, by whose decision, how often), or does not run.

use super::super::answer::{Answer, Remedy};
use super::super::commands::{operate, restart, serve, show};
use super::super::house::{House, Look};
use super::super::words::{count, moment, quoted};
use super::decisions::{Decided, Decisions, supervisor};
use callboard_actors::supervision::{ActorInfo, Intensity, Status, What};
use callboard_actors::system::INTENSITY;
use callboard_actors::vocabulary::{Timestamp, span};

/// Why the actor at a path is as it is; `None`: there is none.
pub(super) async fn explain(house: &House, path: &str) -> Look<Option<Answer>> {
    let info = house.actor(path).await;
    if info.is_none() && house.is_served() {
        return Ok(None);
    }
    let decisions = Decisions::about(house, path).await?;
    let answer = match &info {
        Some(info) => living(house, path, info, &decisions).await,
        None if decisions.own().next().is_some() => unserved(house, path, &decisions),
        None => return Ok(None),
    };
    Ok(Some(answer.evidence(decisions.evidence())))
}

fn answer(path: &str, situation: &str, what: &str) -> Answer {
    Answer::of("actor", path, situation, format!("actor {path} {what}"))
}

async fn living(house: &House, path: &str, info: &ActorInfo, decisions: &Decisions) -> Answer {
    let cause = decisions.cause();
    let answer = match info.status {
        Status::Running => runs(path, cause),
        Status::Waiting | Status::Starting => {
            let why = cause.map(|cause| fall(path, cause)).unwrap_or_default();
            answer(path, "restarting", &format!("ended and waits for its restart: {why}"))
                .remedies(again(path, "starts it at once"))
        }
        Status::Stopping => answer(path, "stopping", "is being stopped"),
        Status::Stopped | Status::Parked | Status::Asleep => stopped(path, info, cause),
    };
    let since =
        info.running_for_ms.map(|running| Timestamp(house.now.0.saturating_sub_unsigned(running)));
    let since = since.or(cause.map(|cause| cause.at)).or(answer.since);
    let answer = Answer { since, ..answer };
    answer
        .and_because(cause.map(|cause| told(house, path, cause)))
        .and_because(rules(house, path, info, decisions).await)
        .remedy(show(path, "shows it as it is now"))
}

/// Has it restarted; the root takes no orders.
fn again(path: &str, does: &str) -> Option<Remedy> {
    (path != "/").then(|| restart(path, does))
}

fn runs(path: &str, cause: Option<&Decided>) -> Answer {
    let Some(cause) = cause else {
        return answer(path, "running", "runs, and was not restarted since this server started")
            .remedies(again(path, "starts it afresh"));
    };
    let situation = if cause.decision.what == What::Operated { "operated" } else { "restarted" };
    answer(path, situation, &format!("runs again: {}", fall(path, cause)))
        .remedies(again(path, "starts it afresh once more"))
}

fn stopped(path: &str, info: &ActorInfo, cause: Option<&Decided>) -> Answer {
    // What was decided a moment ago may still be on its way into the journal.
    let ended = || info.last_exit.as_ref().map(|exit| format!("it {}", quoted(&exit.to_string())));
    let why = cause.map(|cause| fall(path, cause)).or_else(ended);
    let why = why.unwrap_or_else(|| "it was not started".to_owned());
    answer(path, "stopped", &format!("does not run, and will not by itself: {why}"))
        .remedy(operate("resume", path, "starts it"))
}

/// What it was that took it down.
fn fall(path: &str, Decided { decision, .. }: &Decided) -> String {
    let other = &decision.path;
    let whose = if other == path { "it".to_owned() } else { other.clone() };
    match (&decision.what, &decision.exit) {
        (What::Operated, _) if other == path => {
            format!("an operator's order ({})", quoted(&decision.why))
        }
        (What::Operated, _) => {
            format!("an operator's order to {other} ({})", quoted(&decision.why))
        }
        (What::GaveUp, _) => format!("{other} gave up: {}", quoted(&decision.why)),
        (_, Some(exit)) => format!("{whose} {}", quoted(&exit.to_string())),
        (_, None) => format!("{whose} {}", quoted(&decision.why)),
    }
}

/// Who decided it, and when.
fn told(house: &House, path: &str, Decided { decision, at, .. }: &Decided) -> String {
    let (other, above, at) = (&decision.path, supervisor(&decision.path), moment(*at, house.now));
    match decision.what {
        What::Operated => format!("the order came {at}"),
        What::GaveUp => format!("that was {at}"),
        _ if other == path => {
            format!("its supervisor {above} decided so {at}: restart {} in a row", decision.attempt)
        }
        _ => format!(
            "{above} restarts {other} and, with it, what comes after it; it decided so {at}"
        ),
    }
}

/// What its supervisor does, and how near it is to giving up.
async fn rules(
    house: &House,
    path: &str,
    info: &ActorInfo,
    decisions: &Decisions,
) -> Option<String> {
    let above = house.actor(supervisor(path)).await?;
    let strategy = above.strategy?;
    let Intensity { restarts: most, within } = INTENSITY;
    let window = i64::try_from(within.as_millis()).unwrap_or(i64::MAX);
    let window = Timestamp(house.now.0.saturating_sub(window));
    let within = span(within);
    if path == "/" {
        return Some(format!(
            "nobody restarts it: at more than {most} restarts of its children in {within} it gives up, and the program ends"
        ));
    }
    let lately = count(decisions.restarts_since(window) as u64, "restart");
    let rule = match info.restart.as_deref() {
        Some("transient") => "when it fails",
        Some("temporary") => "never",
        _ => "whenever it ends",
    };
    let above = above.path;
    Some(format!(
        "its supervisor {above} ({strategy}) restarts it {rule}: {lately} in the last {within}; {above} gives up itself at more than {most} of all its children in that time"
    ))
}

fn unserved(house: &House, path: &str, decisions: &Decisions) -> Answer {
    let what = "does not run: no server answers on this home";
    let last = decisions.own().next_back().map(|one| one.at);
    let cause = decisions.cause().map(|cause| format!("when one last did, {}", fall(path, cause)));
    let since =
        last.map(|at| format!("the last that was decided about it was {}", moment(at, house.now)));
    Answer { since: last, ..answer(path, "no_server", what) }
        .and_because(cause)
        .and_because(since)
        .remedy(serve())
}
