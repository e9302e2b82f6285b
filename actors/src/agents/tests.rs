//! The agent's machine, asked everything in every state.

use super::{Agent, Changes, Command, Event, Letter, Outcome, Registration, Status};
use crate::machine::scenario::Scenario;
use crate::machine::{Context, Machine, tagged};
use crate::vocabulary::{MessageId, ProcessId, SessionId, StreamId, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const NOW: Timestamp = Timestamp(1_000_000);

fn registration() -> Registration {
    Registration {
        profile: "coder".into(),
        display_name: "Ada".into(),
        capabilities: vec!["coding".into()],
        permissions: json!({ "write": ["src"] }).as_object().cloned().unwrap(),
    }
}

fn register() -> Command {
    Command::Register(registration())
}

fn connect(connection: &str) -> Command {
    Command::Connect { connection: connection.into() }
}

fn disconnect(connection: &str) -> Command {
    Command::Disconnect { connection: connection.into(), why: "it ended".into() }
}

fn begin(process: &str) -> Command {
    let process_id = ProcessId(process.parse().unwrap());
    Command::BeginProcess { process_id, session_id: SessionId("talk".parse().unwrap()) }
}

fn end(process: &str, outcome: Outcome) -> Command {
    Command::EndProcess { process_id: ProcessId(process.parse().unwrap()), outcome }
}

fn completed() -> Outcome {
    Outcome::Completed { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.5), duration_ms: 6 }
}

fn letter() -> Command {
    Command::Receive(Letter {
        from: Some("boss".parse().unwrap()),
        event_type: None,
        correlation_id: None,
        data: json!({ "do": "it" }),
    })
}

fn unregister() -> Command {
    Command::Unregister { by: "me".into() }
}

/// An agent to which these commands have been told, all of them accepted.
fn after(commands: impl IntoIterator<Item = Command>) -> Scenario<Agent> {
    let start = Scenario::<Agent>::given([]).at(NOW);
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
        ("inactive", vec![register()]),
        ("active", vec![register(), connect("c")]),
        ("busy", vec![register(), connect("c"), begin("p")]),
        ("unregistered", vec![register(), unregister()]),
    ])
}

/// Everything that can be asked.
fn questions() -> Vec<(&'static str, Command)> {
    vec![
        ("Register", register()),
        ("Update", Command::Update(Changes::default())),
        ("Unregister", unregister()),
        ("Connect", connect("d")),
        ("Disconnect", disconnect("c")),
        ("BeginProcess", begin("q")),
        ("EndProcess", end("p", completed())),
        ("Receive", letter()),
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
        assert_eq!(after(way.clone()).state().status().as_str(), state);
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
    let source = include_str!("mod.rs");
    let rows = source.lines().filter_map(|line| line.strip_prefix("//! | ")).skip(1);
    let mut table = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [states, command, events, ..] = cells[..] else { continue };
        for state in states.split(", ") {
            let events = events.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            table.insert((state.to_owned(), command.trim_matches('`').to_owned()), events);
        }
    }
    table
}

#[test]
fn the_transition_table_at_the_head_of_the_module_is_true() {
    let (real, written) = (real_table(), written_table());
    let keys = |table: &BTreeMap<(String, String), _>| table.keys().cloned().collect::<Vec<_>>();
    let written_keys: Vec<_> = written.keys().cloned().collect();
    assert_eq!(keys(&real), written_keys);
    for (key, events) in real {
        for event in events {
            assert!(written[&key].contains(&event), "{key:?} brings about {event}");
        }
    }
}

#[test]
fn it_is_busy_while_a_process_runs_and_then_what_it_was() {
    let busy = after([register(), connect("c"), begin("p"), begin("q")]);
    let still = busy.when(end("p", completed())).scenario;
    assert_eq!(still.state().status(), Status::Busy);
    let waiting = still.when(end("q", Outcome::Waiting)).scenario;
    assert_eq!(waiting.state().status(), Status::Active);
    let gone = waiting.when(disconnect("c")).scenario;
    assert_eq!(gone.state().status(), Status::Inactive);
    let metrics = gone.state().metrics();
    assert_eq!((metrics.completed, metrics.retries, metrics.tokens_out), (1, 1, 4));
}

#[test]
fn the_end_of_a_connection_that_was_taken_over_changes_nothing() {
    let connected = after([register(), connect("c"), connect("d")]);
    let still = connected.when(disconnect("c")).then([]);
    assert_eq!(still.state().status(), Status::Active);
}

#[test]
fn an_agent_that_went_may_come_back_and_keeps_what_it_did() {
    let way = [register(), begin("p"), end("p", completed()), unregister(), register()];
    let back = after(way);
    assert_eq!(back.state().status(), Status::Inactive);
    assert_eq!(back.state().metrics().completed, 1);
    after([register(), unregister()])
        .when(letter())
        .refused("this agent is unregistered: register it again first");
}

#[test]
fn a_change_leaves_alone_what_it_does_not_name() {
    let changes = Changes { display_name: Some("Grace".into()), ..Changes::default() };
    let agent = after([register(), Command::Update(changes)]);
    let row = format!("{:?}", agent.state().row().unwrap());
    assert!(row.contains("Grace") && row.contains("coding") && row.contains("coder"), "{row}");
}

#[test]
fn a_process_that_waits_for_an_operator_keeps_nobody_busy_and_counts_when_that_has_decided() {
    let asked = after([register(), begin("p"), end("p", Outcome::Unknown)]);
    assert_eq!(asked.state().status(), Status::Inactive);
    assert_eq!(asked.state().facts.as_ref().unwrap().metrics, super::Metrics::default());
    let failed = asked.when(end("p", Outcome::Failed)).scenario;
    assert_eq!(failed.state().facts.as_ref().unwrap().metrics.failed, 1);
    let again = failed.when(begin("p")).scenario;
    assert_eq!(again.state().status(), Status::Busy);
}

fn any_command() -> impl Strategy<Value = Command> {
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let outcome = prop_oneof![
        Just(completed()),
        Just(Outcome::Failed),
        Just(Outcome::Cancelled),
        Just(Outcome::Waiting),
        Just(Outcome::Unknown),
    ];
    prop_oneof![
        2 => Just(register()),
        1 => Just(unregister()),
        1 => name().prop_map(|name| Command::Update(Changes {
            profile: Some(name.into()),
            capabilities: Some(vec![name.into()]),
            ..Changes::default()
        })),
        2 => name().prop_map(connect),
        2 => name().prop_map(disconnect),
        4 => name().prop_map(begin),
        4 => (name(), outcome).prop_map(|(process, outcome)| end(process, outcome)),
        2 => Just(letter()),
    ]
}

proptest! {
    #[test]
    fn an_agent_rebuilt_from_its_stored_events_is_the_live_one(
        commands in prop::collection::vec(any_command(), 0..40)
    ) {
        let stream = StreamId { kind: "agent", name: "it".parse().unwrap() };
        let context = Context { stream: &stream, message_id: MessageId::derived(&["x"]), now: NOW };
        let (mut live, mut stored) = (Agent::default(), Vec::new());
        for command in commands {
            let before = live.status();
            let events = live.decide(&command, &context).unwrap_or_default();
            for event in &events {
                live.apply(event);
                stored.push(tagged::split(event).unwrap());
            }
            let told = events.iter().any(|event| matches!(event, Event::StateChanged { .. }));
            prop_assert_eq!(told, before != live.status(), "every change is told, and nothing else");
        }
        let mut rebuilt = Agent::default();
        for event in stored {
            rebuilt.apply(&tagged::join(&event.event_type, event.data.get()).unwrap());
        }
        prop_assert_eq!(&rebuilt, &live);
        prop_assert_eq!(rebuilt.row(), live.row());
    }
}
