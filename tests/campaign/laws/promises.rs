//! Nothing is answered, shown or performed before it is committed: whatever was said before the
//! crash stands in the journal that the crash left.

use std::fs;

use super::{Case, Journal};
use crate::scenario::Said;
use crate::world::Counts;

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found: Vec<_> = case.said.iter().filter_map(|said| broken(said, case.before)).collect();
    found.sort();
    found.dedup();
    found.extend(unadmitted_calls(case));
    found.extend(another_token(case));
    found
}

/// Whoever was answered can go on talking.
fn another_token(case: &Case<'_>) -> Option<String> {
    let was_used = case.said.iter().any(|said| !matches!(said, Said::Asked { .. }));
    let token = fs::read_to_string(case.home.join("token")).unwrap_or_default();
    let is_another = was_used && token.trim() != case.token;
    is_another.then(|| "the token that clients were given is not valid any more".to_owned())
}

fn broken(said: &Said, before: &Journal) -> Option<String> {
    let stands = |process: &str, event: &str| before.events(process, &[event]).next().is_some();
    match said {
        Said::Accepted { process } => (!stands(process, "SPAWN_REQUEST"))
            .then(|| format!("process {process} was accepted, and is not in the journal")),
        Said::Ordered { process } => {
            let orders = ["CANCEL", "RETRY"];
            before.events(process, &orders).next().is_none().then(|| {
                format!("an order about process {process} was taken, and is not in the journal")
            })
        }
        Said::Shown { process, status } => {
            let event = event_of(status);
            (!stands(process, event)).then(|| {
                format!("process {process} was shown {status}, and the journal knows no {event}")
            })
        }
        Said::Published { position, event_type } => {
            let index = usize::try_from(position - 1).unwrap();
            let stands =
                before.messages.get(index).is_some_and(|found| found.event_type == *event_type);
            (!stands).then(|| {
                format!(
                    "message {position} ({event_type}) was published, and is not in the journal"
                )
            })
        }
        // What the bus said is looked at with the bus.
        _ => None,
    }
}

/// The event that brings a process into a state.
fn event_of(status: &str) -> &'static str {
    match status {
        "PENDING" => "SPAWN_REQUEST",
        "STARTING" => "SPAWN_ADMITTED",
        "RUNNING" => "SPAWN_STARTED",
        "SUCCESS" => "SPAWN_SUCCESS",
        "COMPLETED" => "SPAWN_COMPLETE",
        "RETRY" => "SPAWN_RETRY",
        "HELD" => "SPAWN_HELD",
        "INDETERMINATE" => "SPAWN_INDETERMINATE",
        "DEAD" => "SPAWN_DEAD",
        "CANCELLING" => "SPAWN_CANCELLING",
        "CANCELLED" => "SPAWN_CANCELLED",
        _ => "a state of that name",
    }
}

/// A model is asked only for attempts that are in the journal.
fn unadmitted_calls(case: &Case<'_>) -> Vec<String> {
    let mut asked = Counts::new();
    for said in case.said {
        if let Said::Asked { key } = said {
            *asked.entry(key.clone()).or_default() += 1;
        }
    }
    let parts = case.cast.parts.iter().filter_map(|part| {
        let admitted = case.before.events(&part.process, &["SPAWN_ADMITTED"]).count();
        let asked = asked.get(&part.key).copied().unwrap_or(0);
        (asked > admitted).then(|| {
            format!("{:?} was asked {asked} times, with {admitted} attempts admitted", part.key)
        })
    });
    parts.collect()
}
