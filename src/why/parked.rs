//! An entity that is kept from acting: suspended by an operator, parked by its host, or ended as failed.

use super::answer::{Answer, Remedy};
use super::commands::{operate, step, verify};
use super::kinds::Kind;
use super::words::quoted;
use callboard_actors::journal::{Parked, ParkedCommand};

/// Who parks by itself; every other name is an operator's.
const HOSTS: [&str; 4] = ["panic", "stuck", "restarts", JOURNAL];
/// Because the entity's messages cannot be read.
const JOURNAL: &str = "journal";
/// What is known of such a journal.
const UNREAD: &str = "either a newer program has written it, and can read it, or it is damaged, and a backup has it whole";

/// The answer about an entity that is parked. `meanwhile` says what goes on all the same.
pub(super) fn explain(kind: Kind, name: &str, parked: &Parked) -> Answer {
    let (word, why) = (kind.word(), quoted(&parked.why));
    let (situation, verdict) = match parked.by.as_str() {
        by if parked.failed => {
            ("ended_by_operator", format!("{word} {name} was ended as failed by {by}: {why}"))
        }
        by @ JOURNAL => ("parked", format!("{word} {name} is parked by {by}: {why}")),
        by if HOSTS.contains(&by) => {
            ("parked", format!("{word} {name} is parked ({}): {why}", accident(by)))
        }
        by => ("suspended", format!("{word} {name} is suspended by {by}: {why}")),
    };
    let command = parked.command.as_ref().map(in_its_way);
    let unread = (parked.by == JOURNAL && !parked.failed).then(|| UNREAD.to_owned());
    Answer::of(word, name, situation, verdict)
        .since(parked.since)
        .and_because(command)
        .and_because(unread)
        .remedies(remedies(kind, name, parked))
}

fn accident(by: &str) -> &'static str {
    match by {
        "panic" => "its code panicked",
        "stuck" => "an outcome did not settle what it was about",
        _ => "its actor kept ending",
    }
}

fn in_its_way(command: &ParkedCommand) -> String {
    let ParkedCommand { event_type, effect, .. } = command;
    let effect = effect.as_ref().map(|key| format!(", the outcome of {key},")).unwrap_or_default();
    format!("the command {event_type}{effect} is in its way; it is kept until somebody decides")
}

/// What an operator may do with it.
pub(super) fn remedies(kind: Kind, name: &str, parked: &Parked) -> Vec<Remedy> {
    let path = format!("{}/{name}", kind.folder());
    let fail = || operate("fail", &path, "ends it as failed, for good");
    let step = || step(&format!("{}/{name}", kind.word()));
    match &parked.command {
        _ if parked.failed => Vec::new(),
        None if !HOSTS.contains(&parked.by.as_str()) => {
            vec![operate("resume", &path, "lets it act again"), fail()]
        }
        None if parked.by == JOURNAL => vec![
            verify(),
            operate("retry", &path, "rebuilds it, once its journal can be read"),
            fail(),
            step(),
        ],
        None => vec![operate("retry", &path, "rebuilds it and lets it try again"), fail(), step()],
        Some(command) if parked.by == "stuck" && command.effect.is_some() => {
            let retry =
                operate("retry", &path, "has that work done anew, once its cause is mended");
            std::iter::once(retry).chain(without(kind, &path)).chain([fail(), step()]).collect()
        }
        Some(_) => vec![
            operate("retry", &path, "tells it that command again, once the cause is mended"),
            operate("skip", &path, "notes that command as failed and goes on"),
            fail(),
            step(),
        ],
    }
}

/// Goes on without an outcome, where the machine knows how: others would only park again.
fn without(kind: Kind, path: &str) -> Option<Remedy> {
    let does = "goes on without that line: its process is dead then, its answer stays in the attempt's folder";
    (kind == Kind::Session).then(|| operate("skip", path, does))
}
