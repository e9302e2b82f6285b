//! Every transition, and what each state wants.

use super::kit::{
    after, answered, archived, begun, cancel, denied, end, executor, fail, failed, order, recorded,
    redrive, room, succeeded, ways, with,
};
use crate::processes::{Charge, Command, ErrorKind, Event, Phase};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that can be asked.
fn questions() -> Vec<(&'static str, Command)> {
    vec![
        ("Spawn", Command::Spawn(order().into())),
        ("Admit", Command::Admit),
        ("ReportStarted", Command::ReportStarted { attempt: 1, executor: executor() }),
        ("EndAttempt answered", end(1, answered())),
        ("EndAttempt failed", end(1, failed(ErrorKind::Passing))),
        ("RecordTurn", recorded()),
        ("RefuseTurn", Command::RefuseTurn { attempt: 1, why: "it was failed".into() }),
        ("RefuseFiles", Command::RefuseFiles { attempt: 1, why: "others were there".into() }),
        ("Cancel", cancel()),
        ("ReportStopped", Command::ReportStopped { attempt: 1 }),
        ("ReportArchived", archived()),
        ("ReportRoom", room(1, denied())),
        ("Retry", redrive()),
        ("Fail", fail()),
    ]
}

fn variant(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

/// What the machine really does: (state, command) → events, where there are any.
fn real_table() -> BTreeMap<(String, String), Vec<String>> {
    let mut table = BTreeMap::new();
    for (state, way) in ways() {
        for (question, command) in questions() {
            let Ok(events) = after(way.clone()).when(command).result else { continue };
            if !events.is_empty() {
                let key = (state.to_owned(), question.to_owned());
                table.insert(key, events.iter().map(variant).collect());
            }
        }
    }
    table
}

/// What the table at the head of the module says.
fn written_table() -> BTreeMap<(String, String), BTreeSet<String>> {
    let source = include_str!("../mod.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [states, command, events, ..] = cells[..] else { continue };
        let words = |text: &str| -> Vec<String> {
            text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let name = words(command).first().cloned().unwrap_or_default();
        let name = match (name.as_str(), command.contains("answered")) {
            ("EndAttempt", true) => "EndAttempt answered".to_owned(),
            ("EndAttempt", false) => "EndAttempt failed".to_owned(),
            _ => name,
        };
        for state in states.split(", ") {
            let events = words(events).into_iter().collect();
            table.insert((state.to_owned(), name.clone()), events);
        }
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    let (real, written) = (real_table(), written_table());
    let real_keys: BTreeSet<_> = real.keys().cloned().collect();
    let written_keys: BTreeSet<_> = written.keys().cloned().collect();
    assert_eq!(real_keys, written_keys);
    for (key, events) in real {
        for event in events {
            assert!(written[&key].contains(&event), "{key:?} brings about {event}");
        }
    }
}

#[test]
fn an_answer_whose_files_cannot_be_taken_over_has_cost_what_it_cost_and_is_tried_again() {
    let refuse = |attempt| Command::RefuseFiles { attempt, why: "others were there".into() };
    let mut commands = with(succeeded(), [refuse(1)]);
    let events = after(succeeded()).when(refuse(1)).result.unwrap();
    let [Event::Failed { charge: Charge::Told(told), error, .. }, Event::RetryScheduled { .. }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((told.tokens_in, told.tokens_out, told.cost_usd), (3, 4, Some(0.5)));
    assert!(error.contains("others were there"), "{error}");
    assert!(after(succeeded()).when(cancel()).result.is_err(), "nobody cancels it any more");
    for attempt in 2..=3 {
        commands =
            with(with(commands, begun(attempt)), [end(attempt, answered()), refuse(attempt)]);
    }
    assert_eq!(after(commands).state().phase(), &Phase::Dead);
}

#[test]
fn each_state_wants_exactly_what_brings_it_further() {
    let wants = |state: &str| -> Vec<String> {
        after(ways()[state].clone()).wants().into_keys().map(|key| key.0).collect()
    };
    for (state, wanted) in [
        ("PENDING", vec![]),
        ("STARTING", vec!["attempt/1"]),
        ("RUNNING", vec!["attempt/1"]),
        ("SUCCESS", vec!["turn/1"]),
        ("COMPLETED", vec!["archive"]),
        ("RETRY", vec![]),
        ("HELD", vec![]),
        ("INDETERMINATE", vec![]),
        ("DEAD", vec![]),
        ("CANCELLING", vec!["stop/1"]),
        ("CANCELLED", vec!["archive"]),
    ] {
        assert_eq!(wants(state), wanted, "{state}");
    }
    assert!(after(with(succeeded(), [recorded(), archived()])).wants().is_empty());
}
