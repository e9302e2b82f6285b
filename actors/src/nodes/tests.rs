//! The node's machine: every transition, what it wants, what it keeps, and that its past makes it again.

use super::{
    CallEnded, Called, Command, Ended, Event, FailureKind, Lost, Metrics, Node, Order, Outcome,
    Phase, Said, Why, name_of,
};
use crate::graph::Agent;
use crate::machine::scenario::Scenario;
use crate::machine::{Context, Held, Machine, tagged};
use crate::processes;
use crate::vocabulary::{
    Durable, Hash, MessageId, NodeId, Payload, Reference, SessionId, StreamId, Timestamp,
    WorkflowId,
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp(1_000_000);

fn reference(file: &str, line: Option<u64>) -> Durable<Reference> {
    Durable::vouched(Reference {
        hash: Hash::of(file.as_bytes()),
        bytes: 3,
        file: file.into(),
        line,
    })
}

fn workflow() -> WorkflowId {
    WorkflowId("wf".parse().unwrap())
}

/// An order for two turns at most.
fn order() -> Order {
    let agent = Agent { max_turns: 2, ..Agent::default() };
    Order::new(workflow(), "debate/run 1/step 3/judge[2]", &agent, reference("asked", None))
}

fn start() -> Command {
    Command::Start(Box::new(order()))
}

fn paid() -> processes::Metrics {
    processes::Metrics { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.5), duration_ms: 6 }
}

/// Any price: a sum of them has more digits than people would write.
fn costing(cost_usd: f64) -> processes::Metrics {
    processes::Metrics { cost_usd: Some(cost_usd), ..paid() }
}

fn said() -> Said {
    Said {
        session_id: SessionId("talk".parse().unwrap()),
        line: reference("claude_logs/talk.jsonl", Some(1)),
        metrics: paid(),
    }
}

fn end(turn: u32, ended: Ended) -> Command {
    Command::EndTurn { turn, ended: Box::new(ended), lost: Lost::default() }
}

fn answered() -> Ended {
    Ended::Answered { output: Payload::Inline(json!({ "winner": "pro" })), said: said() }
}

/// An answer that is too large for a message.
fn large() -> Ended {
    Ended::Answered { output: Payload::File(reference("output", None)), said: said() }
}

fn misfit() -> Ended {
    Ended::Misfit { violations: "the answer lacks \"winner\"".into(), said: said() }
}

/// Two calls, one of them with arguments that are too large for a message.
fn called() -> Ended {
    let call = |id: &str, arguments| Called { id: id.into(), name: "look".into(), arguments };
    let large = Payload::File(reference("arguments", None));
    Ended::Called {
        calls: vec![call("a", Payload::Inline(json!({}))), call("b", large)],
        said: said(),
    }
}

fn begin(turn: u32, index: u32) -> Command {
    Command::BeginCall { turn, index }
}

fn done(turn: u32, index: u32) -> Command {
    let result = Payload::Inline(json!("seen"));
    Command::EndCall { turn, index, ended: CallEnded::Done { result, is_error: false } }
}

fn lost(turn: u32, index: u32) -> Command {
    Command::EndCall { turn, index, ended: CallEnded::Lost }
}

fn failed(kind: FailureKind) -> Ended {
    Ended::Failed { kind, error: "it is dead".into() }
}

fn cancel() -> Command {
    Command::Cancel { by: "ann".into() }
}

fn stopped(turn: u32) -> Command {
    Command::ReportStopped { turn, paid: None, lost: Lost::default() }
}

/// A node to which these commands have been told, all of them accepted.
fn after(commands: impl IntoIterator<Item = Command>) -> Scenario<Node> {
    let start = Scenario::<Node>::given([]).at(NOW);
    commands.into_iter().fold(start, |scenario, command| {
        let text = format!("{command:?}");
        let outcome = scenario.when(command);
        assert!(outcome.result.is_ok(), "{text} was refused");
        outcome.scenario
    })
}

/// A way into every state.
fn ways() -> BTreeMap<&'static str, Vec<Command>> {
    BTreeMap::from([
        ("new", vec![]),
        ("running", vec![start()]),
        ("last turn", vec![start(), end(1, misfit())]),
        ("calling", vec![start(), end(1, called())]),
        ("begun", vec![start(), end(1, called()), begin(1, 0)]),
        ("last call", vec![start(), end(1, called()), done(1, 0)]),
        ("cancelling", vec![start(), cancel()]),
        ("completed", vec![start(), end(1, answered())]),
        ("failed", vec![start(), end(1, failed(FailureKind::ProcessFailed))]),
        ("cancelled", vec![start(), cancel(), stopped(1)]),
    ])
}

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
    let source = include_str!("mod.rs");
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

#[test]
fn a_later_turn_is_another_process_in_the_conversation_of_the_first() {
    let asked = |scenario: &Scenario<Node>| {
        let want = scenario.wants().into_values().next().unwrap();
        let super::Effect::RunTurn(turn) = want.effect else { panic!("{want:?}") };
        *turn
    };
    let first = asked(&after([start()]));
    assert_eq!((first.session_id, first.ask), (None, super::Ask::Work));
    let second = asked(&after([start(), end(1, misfit())]));
    assert_eq!(second.session_id, Some(said().session_id));
    let violations = "the answer lacks \"winner\"".into();
    assert_eq!(second.ask, super::Ask::Mend { violations });
    assert_ne!(first.process_id, second.process_id);
    assert_eq!(first.process_id, asked(&after([start()])).process_id, "derived, not drawn");
}

#[test]
fn an_answer_that_does_not_fit_is_mended_as_often_as_it_may_and_no_oftener() {
    let outcome = after([start(), end(1, misfit())]).when(end(2, misfit()));
    let events = outcome.result.unwrap();
    let [_, Event::Failed { kind, error, metrics, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!(*kind, FailureKind::InvalidOutput);
    assert_eq!(
        error,
        "after 2 turns the answer still does not fit its schema: the answer lacks \"winner\""
    );
    let sums = Metrics {
        turns: 2,
        tokens_in: 6,
        tokens_out: 8,
        cost_usd: Some(1.0),
        duration_ms: 12,
        lost: Lost::default(),
    };
    assert_eq!(*metrics, sums, "what was said in vain was paid for");
    let mended = after([start(), end(1, misfit()), end(2, answered())]);
    assert_eq!(*mended.state().phase(), Phase::Completed);
    assert_eq!(mended.state().facts.as_ref().unwrap().metrics, sums);
    assert_eq!(mended.state().facts.as_ref().unwrap().violations, None);
}

/// What the next turn of a node asks.
fn next(scenario: &Scenario<Node>) -> super::Turn {
    let want = scenario.wants().into_values().next().unwrap();
    let super::Effect::RunTurn(turn) = want.effect else { panic!("{want:?}") };
    *turn
}

#[test]
fn what_calls_came_to_is_told_once_in_the_models_order() {
    let told = after([start(), end(1, called()), done(1, 1), done(1, 0)]);
    let turn = next(&told);
    let super::Ask::Results(results) = turn.ask else { panic!("{:?}", turn.ask) };
    let ids: Vec<_> = results.iter().map(|told| told.call.id.as_str()).collect();
    assert_eq!((ids, turn.session_id), (vec!["a", "b"], Some(said().session_id)));
    let order = Order { max_turns: 9, ..order() };
    let start = || Command::Start(Box::new(order.clone()));
    let loops = [start(), end(1, called()), done(1, 0), done(1, 1), end(2, misfit())];
    assert!(matches!(next(&after(loops)).ask, super::Ask::Mend { .. }));
    let again = [start(), end(1, called()), done(1, 0), done(1, 1), end(2, called()), done(2, 1)];
    let keys: Vec<_> = after(again).wants().into_keys().map(|key| key.0).collect();
    assert_eq!(keys, ["call/2/0"], "those of the turn before are forgotten");
}

#[test]
fn who_still_calls_at_the_last_turn_is_out_of_turns() {
    let outcome = after([start(), end(1, misfit())]).when(end(2, called()));
    let events = outcome.result.unwrap();
    let [_, Event::Failed { kind, error, metrics, .. }] = &events[..] else { panic!("{events:?}") };
    assert_eq!((*kind, metrics.turns), (FailureKind::OutOfTurns, 2));
    assert_eq!(
        error,
        "after 2 turns the model still calls tools (look, look) in place of an answer: raise max_turns, or ask for less"
    );
}

#[test]
fn a_call_that_is_not_open_takes_no_news() {
    let hint = "call 0 of turn 1 was reported, but it is not open";
    after(ways()["last call"].clone()).when(done(1, 0)).refused(hint);
    after(ways()["last call"].clone()).when(begin(1, 0)).refused(hint);
    after(ways()["begun"].clone()).when(begin(1, 0)).refused(hint);
    after([start()]).when(done(1, 0)).refused(hint);
    after([start(), end(1, called()), cancel()]).when(done(1, 0)).refused(hint);
    let lost = after(ways()["begun"].clone()).when(lost(1, 0)).scenario;
    assert_eq!(*lost.state().phase(), Phase::Failed(FailureKind::Indeterminate));
}

#[test]
fn a_node_that_may_be_asked_never_is_asked_once() {
    let never = Order { max_turns: 0, ..order() };
    let outcome = after([Command::Start(Box::new(never))]).when(end(1, misfit()));
    assert!(matches!(&outcome.result.unwrap()[1], Event::Failed { .. }));
}

#[test]
fn what_has_ended_is_not_cancelled_and_what_is_being_cancelled_is_not_twice() {
    let hint = "the node is completed: it has ended already";
    after(ways()["completed"].clone()).when(cancel()).refused(hint);
    after(ways()["cancelling"].clone()).when(Command::Cancel { by: "bob".into() }).then([]);
    after(ways()["cancelled"].clone()).when(cancel()).then([]);
    after([]).when(cancel()).refused("there is no such node");
    after([start()]).when(start()).refused("this node was started already");
}

#[test]
fn reports_about_another_turn_are_refused() {
    after([start()])
        .when(end(2, answered()))
        .refused("turn 2 was reported, but the node is at turn 1");
    after(ways()["last turn"].clone())
        .when(stopped(1))
        .refused("turn 1 was reported, but the node is at turn 2");
}

#[test]
fn an_answer_that_came_before_it_could_be_stopped_was_paid_for() {
    let stopped = Command::ReportStopped { turn: 1, paid: Some(paid()), lost: Lost::default() };
    let cancelled = after([start(), cancel(), stopped]);
    let facts = cancelled.state().facts.as_ref().unwrap();
    assert_eq!((facts.metrics.turns, facts.metrics.tokens_out), (1, 4));
}

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
fn it_goes_on_without_an_outcome_that_was_skipped() {
    for (state, key, then, wants) in [
        ("running", "turn/1", "failed", 0),
        ("cancelling", "cancel/1", "cancelled", 0),
        ("calling", "call/1/1", "calling", 1),
        ("begun", "call/1/0", "calling", 1),
        ("last call", "call/1/1", "running", 1),
    ] {
        let node = after(ways()[state].clone());
        assert_eq!(node.state().when_skipped(&"turn/9".into(), "ann"), None);
        let skip = node.state().when_skipped(&key.into(), "ann").unwrap();
        let outcome = node.when(skip);
        assert!(outcome.result.is_ok());
        assert_eq!(outcome.scenario.state().phase().status(), then);
        assert_eq!(outcome.scenario.wants().len(), wants);
    }
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
    let process = super::state::process_of(&"it".parse().unwrap(), 1).to_string();
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
