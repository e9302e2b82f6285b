//! What is kept: content, rows, the stored forms, and that its past makes it again.

use super::kit::{
    NOW, after, answered, begin, called, cancel, costing, done, end, failed, large, lost, misfit,
    order, reference, said, start, stopped, ways, workflow,
};
use crate::machine::{Context, Held, Machine, tagged};
use crate::nodes::{
    Command, Ended, Event, FailureKind, Lost, Metrics, Node, Order, Outcome, Phase, Said, Why,
    name_of,
};
use crate::vocabulary::{MessageId, NodeId, StreamId, WorkflowId};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn what_it_is_asked_is_kept_until_it_ends_and_its_output_beyond() {
    let asked = order().asked;
    let held = |commands: Vec<Command>, command: Command| {
        let events = after(commands).when(command).result.unwrap();
        events.iter().flat_map(Node::held).collect::<Vec<_>>()
    };
    assert_eq!(held(vec![], start()), [Held::Keep(asked.clone())]);
    let release = Held::Release(asked.into_inner());
    assert_eq!(held(vec![start()], end(1, answered())), std::slice::from_ref(&release));
    let output = Held::Keep(reference("output", None));
    assert_eq!(held(vec![start()], end(1, large())), [output, release.clone()]);
    assert_eq!(held(vec![start()], end(1, misfit())), []);
    let arguments = Held::Keep(reference("arguments", None));
    assert_eq!(held(vec![start()], end(1, called())), [arguments]);
    let failed = failed(FailureKind::ProcessFailed);
    assert_eq!(held(vec![start()], end(1, failed)), std::slice::from_ref(&release));
    assert_eq!(held(vec![start(), cancel()], stopped(1)), [release]);
}

#[test]
fn a_node_has_the_name_of_its_place() {
    let name = |path| name_of(&workflow(), path);
    assert_eq!(name("a/1"), name("a/1"));
    assert_ne!(name("a/1"), name("a/2"));
    assert_ne!(name("a/1"), name_of(&WorkflowId("other".parse().unwrap()), "a/1"));
}

#[test]
fn its_row_says_who_is_at_work_for_it_and_how_it_ended() {
    let row = |state: &str| {
        let columns = after(ways()[state].clone()).state().row().unwrap().columns;
        let columns: BTreeMap<_, _> = columns.into_iter().collect();
        columns
    };
    let process = crate::nodes::state::process_of(&"it".parse().unwrap(), 1).to_string();
    assert_eq!(row("running")["current_process_id"], process.into());
    assert_eq!(row("running")["completed_at"], crate::machine::Field::Null);
    assert_eq!(row("last turn")["turn"], 2_u32.into());
    assert_eq!(row("failed")["current_process_id"], crate::machine::Field::Null);
    assert_eq!(row("failed")["error"], "it is dead".into());
    assert_eq!(row("cancelled")["completed_at"], NOW.into());
    assert_eq!(row("running")["path"], "debate/run 1/step 3/judge[2]".into());
    let columns: Vec<_> = after([start()]).state().row().unwrap().columns;
    let failed = Node::row_when_failed("x", NOW).unwrap().columns;
    let names: BTreeSet<_> = columns.iter().map(|(name, _)| *name).collect();
    assert!(failed.iter().all(|(name, _)| names.contains(name)), "it patches what is there");
}

#[test]
fn every_event_says_whose_it_is() {
    let ends = [
        vec![start(), end(1, misfit()), end(2, answered())],
        vec![start(), end(1, failed(FailureKind::Cancelled))],
        vec![start(), cancel(), stopped(1)],
        vec![start(), end(1, called()), begin(1, 0), done(1, 0), lost(1, 1)],
    ];
    let stream = StreamId { kind: "node", name: "it".parse().unwrap() };
    let context = Context { stream: &stream, message_id: MessageId::derived(&["x"]), now: NOW };
    for commands in ends {
        let mut node = Node::default();
        for command in commands {
            for event in node.decide(&command, &context).unwrap() {
                node.apply(&event);
                let data = tagged::split(&event).unwrap().data;
                let data: serde_json::Value = serde_json::from_str(data.get()).unwrap();
                assert_eq!(data["node_id"], json!(NodeId(stream.name.clone())));
            }
        }
    }
}

#[test]
fn stored_forms_stay_what_they_are() {
    let stored = |event: &Event| {
        let tagged = tagged::split(event).unwrap();
        format!("{} {} {}", Node::topic(event), tagged.event_type, tagged.data)
    };
    let first = after([]).when(start()).result.unwrap();
    let rest = after([start(), end(1, misfit())]).when(end(2, answered())).result.unwrap();
    let asked = Event::Asked {
        node_id: NodeId("it".parse().unwrap()),
        turn: 2,
        process_id: processes_id(),
        why: Why::Mend,
        at: NOW,
    };
    let calls = after([start()]).when(end(1, called())).result.unwrap();
    let calling = || after([start(), end(1, called())]);
    let begun = calling().when(begin(1, 1)).result.unwrap();
    let results = after([start(), end(1, called()), done(1, 1)]).when(done(1, 0)).result.unwrap();
    let called = calls[1..].iter().chain(&begun).chain(&results);
    let lines: Vec<_> =
        first.iter().chain(&rest).chain([&asked]).chain(called).map(stored).collect();
    insta::assert_snapshot!(lines.join("\n"));
    let outcome = Outcome::Failed {
        kind: FailureKind::InvalidOutput,
        error: "no".into(),
        metrics: Metrics::default(),
    };
    assert_eq!(serde_json::to_value(outcome).unwrap()["kind"], "invalid_output");
}

fn processes_id() -> crate::vocabulary::ProcessId {
    crate::vocabulary::ProcessId("p".parse().unwrap())
}

fn any_command() -> impl Strategy<Value = Command> {
    let turn = 1..4_u32;
    let ended = prop_oneof![
        1 => Just(answered()),
        1 => Just(large()),
        3 => (0.0..1.0).prop_map(|cost_usd| Ended::Misfit {
            violations: "no".into(),
            said: Said { metrics: costing(cost_usd), ..said() },
        }),
        3 => Just(called()),
        1 => Just(failed(FailureKind::ProcessFailed)),
        1 => Just(failed(FailureKind::Cancelled)),
    ];
    let calls = || (1..4_u32, 0..2_u32);
    prop_oneof![
        1 => Just(start()),
        6 => (turn.clone(), ended).prop_map(|(turn, ended)| end(turn, ended)),
        2 => calls().prop_map(|(turn, index)| begin(turn, index)),
        6 => calls().prop_map(|(turn, index)| done(turn, index)),
        1 => calls().prop_map(|(turn, index)| lost(turn, index)),
        1 => Just(cancel()),
        2 => (turn, prop::option::of(0.0..1.0)).prop_map(|(turn, cost_usd)| {
            let lost = Lost { attempts: 1, tokens: 7, usd: cost_usd.unwrap_or(0.1) };
            Command::ReportStopped { turn, paid: cost_usd.map(costing), lost }
        }),
    ]
}

proptest! {
    #[test]
    fn a_node_rebuilt_from_its_stored_events_is_the_live_one(
        commands in prop::collection::vec(any_command(), 0..20),
        max_turns in 0..4_u32,
    ) {
        let stream = StreamId { kind: "node", name: "it".parse().unwrap() };
        let context = Context { stream: &stream, message_id: MessageId::derived(&["x"]), now: NOW };
        let first = Command::Start(Box::new(Order { max_turns, ..order() }));
        let (mut live, mut stored) = (Node::default(), Vec::new());
        let (mut keys, mut open) = (BTreeSet::new(), BTreeSet::new());
        for command in std::iter::once(first).chain(commands) {
            for event in live.decide(&command, &context).into_iter().flatten() {
                live.apply(&event);
                stored.push(tagged::split(&event).unwrap());
            }
            let now_open: BTreeSet<_> = live.wants().into_keys().collect();
            for key in now_open.difference(&open) {
                prop_assert!(keys.insert(key.clone()), "{key} was used twice");
            }
            open = now_open;
        }
        let mut rebuilt = Node::default();
        for event in stored {
            rebuilt.apply(&tagged::join(&event.event_type, event.data.get()).unwrap());
        }
        prop_assert_eq!(&rebuilt, &live);
        prop_assert_eq!(rebuilt.row(), live.row());
        let calls = live.facts.as_ref().map_or(0, |facts| facts.open_indices().count());
        let calls = if *live.phase() == Phase::Calling { calls } else { 0 };
        prop_assert_eq!(live.wants().len(), calls + usize::from(live.phase().process().is_some()));
        prop_assert_eq!(*live.phase() == Phase::Calling, calls > 0, "it goes on with the last");
    }
}
