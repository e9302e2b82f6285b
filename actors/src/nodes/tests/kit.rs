//! Orders, commands and ways into each state.

use crate::graph::Agent;
use crate::machine::scenario::Scenario;
use crate::nodes::{CallEnded, Called, Command, Ended, FailureKind, Lost, Node, Order, Said};
use crate::processes;
use crate::vocabulary::{Durable, Hash, Payload, Reference, SessionId, Timestamp, WorkflowId};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) const NOW: Timestamp = Timestamp(1_000_000);

pub(super) fn reference(file: &str, line: Option<u64>) -> Durable<Reference> {
    Durable::vouched(Reference {
        hash: Hash::of(file.as_bytes()),
        bytes: 3,
        file: file.into(),
        line,
    })
}

pub(super) fn workflow() -> WorkflowId {
    WorkflowId("wf".parse().unwrap())
}

/// An order for two turns at most.
pub(super) fn order() -> Order {
    let agent = Agent { max_turns: 2, ..Agent::default() };
    Order::new(workflow(), "debate/run 1/step 3/judge[2]", &agent, reference("asked", None))
}

pub(super) fn start() -> Command {
    Command::Start(Box::new(order()))
}

pub(super) fn paid() -> processes::Metrics {
    processes::Metrics { tokens_in: 3, tokens_out: 4, cost_usd: Some(0.5), duration_ms: 6 }
}

/// Any price: a sum of them has more digits than people would write.
pub(super) fn costing(cost_usd: f64) -> processes::Metrics {
    processes::Metrics { cost_usd: Some(cost_usd), ..paid() }
}

pub(super) fn said() -> Said {
    Said {
        session_id: SessionId("talk".parse().unwrap()),
        line: reference("claude_logs/talk.jsonl", Some(1)),
        metrics: paid(),
    }
}

pub(super) fn end(turn: u32, ended: Ended) -> Command {
    Command::EndTurn { turn, ended: Box::new(ended), lost: Lost::default() }
}

pub(super) fn answered() -> Ended {
    Ended::Answered { output: Payload::Inline(json!({ "winner": "pro" })), said: said() }
}

/// An answer that is too large for a message.
pub(super) fn large() -> Ended {
    Ended::Answered { output: Payload::File(reference("output", None)), said: said() }
}

pub(super) fn misfit() -> Ended {
    Ended::Misfit { violations: "the answer lacks \"winner\"".into(), said: said() }
}

/// Two calls, one of them with arguments that are too large for a message.
pub(super) fn called() -> Ended {
    let call = |id: &str, arguments| Called { id: id.into(), name: "look".into(), arguments };
    let large = Payload::File(reference("arguments", None));
    Ended::Called {
        calls: vec![call("a", Payload::Inline(json!({}))), call("b", large)],
        said: said(),
    }
}

pub(super) fn begin(turn: u32, index: u32) -> Command {
    Command::BeginCall { turn, index }
}

pub(super) fn done(turn: u32, index: u32) -> Command {
    let result = Payload::Inline(json!("seen"));
    Command::EndCall { turn, index, ended: CallEnded::Done { result, is_error: false } }
}

pub(super) fn lost(turn: u32, index: u32) -> Command {
    Command::EndCall { turn, index, ended: CallEnded::Lost }
}

pub(super) fn failed(kind: FailureKind) -> Ended {
    Ended::Failed { kind, error: "it is dead".into() }
}

pub(super) fn cancel() -> Command {
    Command::Cancel { by: "ann".into() }
}

pub(super) fn stopped(turn: u32) -> Command {
    Command::ReportStopped { turn, paid: None, lost: Lost::default() }
}

/// A node to which these commands have been told, all of them accepted.
pub(super) fn after(commands: impl IntoIterator<Item = Command>) -> Scenario<Node> {
    let start = Scenario::<Node>::given([]).at(NOW);
    commands.into_iter().fold(start, |scenario, command| {
        let text = format!("{command:?}");
        let outcome = scenario.when(command);
        assert!(outcome.result.is_ok(), "{text} was refused");
        outcome.scenario
    })
}

/// A way into every state.
pub(super) fn ways() -> BTreeMap<&'static str, Vec<Command>> {
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
