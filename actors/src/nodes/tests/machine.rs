//! Every transition, and what each state wants.

use super::kit::{
    after, answered, begin, called, cancel, done, end, failed, lost, misfit, start, stopped, ways,
};
use crate::nodes::{Command, Event, FailureKind};
use std::collections::BTreeMap;

/// Everything that can be asked of a node at this turn, and at this call of it.
fn questions(turn: u32, call: u32) -> Vec<(&'static str, Command)> {
    vec![
        ("Start", start()),
        ("EndTurn answered", end(turn, answered())),
        ("EndTurn misfit", end(turn, misfit())),
        ("EndTurn called", end(turn, called())),
        ("BeginCall", begin(turn, call)),
        ("EndCall done", done(turn, call)),
        ("EndCall lost", lost(turn, call)),
        ("EndTurn failed", end(turn, failed(FailureKind::TimedOut))),
        ("Cancel", cancel()),
        ("ReportStopped", stopped(turn)),
    ]
}

fn variant(event: &Event) -> String {
    let text = format!("{event:?}");
    text.split([' ', '(']).next().unwrap_or_default().to_owned()
}

type Table = BTreeMap<(String, String), (Vec<String>, Vec<String>)>;

/// What the machine really does: (state, command) → events and then wants, where there are events.
fn real_table() -> Table {
    let mut table = Table::new();
    for (state, way) in ways() {
        let turn = if state == "last turn" { 2 } else { 1 };
        let call = u32::from(state == "last call");
        for (question, command) in questions(turn, call) {
            let outcome = after(way.clone()).when(command);
            let events = outcome.result.unwrap_or_default();
            if !events.is_empty() {
                let wants = outcome.scenario.wants().into_keys();
                let wants = wants.map(|key| key.0.split('/').next().unwrap().to_owned()).collect();
                let key = (state.to_owned(), question.to_owned());
                table.insert(key, (events.iter().map(variant).collect(), wants));
            }
        }
    }
    table
}

/// What the table at the head of the module says.
fn written_table() -> Table {
    let source = include_str!("../mod.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    let quoted = |text: &str| -> Vec<String> {
        text.split('`').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let mut table = Table::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [states, command, events, wants, ..] = cells[..] else { continue };
        let name = quoted(command)[0].clone();
        let hows = ["answered", "misfit", "called", "failed", "done", "lost"];
        let how = hows.iter().find(|how| command.ends_with(**how));
        let has_hows = name == "EndTurn" || name == "EndCall";
        let name = how.filter(|_| has_hows).map_or(name.clone(), |how| format!("{name} {how}"));
        let wants = quoted(wants);
        let wants: Vec<_> =
            wants.iter().map(|key| key.split('/').next().unwrap().to_owned()).collect();
        for state in states.split(", ") {
            table.insert((state.to_owned(), name.clone()), (quoted(events), wants.clone()));
        }
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    assert_eq!(real_table(), written_table());
}

#[test]
fn each_state_wants_exactly_what_brings_it_further() {
    for (state, wanted) in [
        ("new", vec![]),
        ("running", vec!["turn/1"]),
        ("last turn", vec!["turn/2"]),
        ("calling", vec!["call/1/0", "call/1/1"]),
        ("begun", vec!["call/1/0", "call/1/1"]),
        ("last call", vec!["call/1/1"]),
        ("cancelling", vec!["cancel/1"]),
        ("completed", vec![]),
        ("failed", vec![]),
        ("cancelled", vec![]),
    ] {
        let wants = after(ways()[state].clone()).wants().into_keys().map(|key| key.0);
        assert_eq!(wants.collect::<Vec<_>>(), wanted, "{state}");
    }
}
