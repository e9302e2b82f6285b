//! Roots of lineages with limits, and what they are told, in few words.

use super::super::fact::Fact;
use crate::graph::{AtLimit, Limits};
use crate::machine::Machine;
use crate::machine::scenario::{Outcome, Scenario};
use crate::nodes::{Amount, Bill, Bound, Demand, Key, Reservation};
use crate::vocabulary::{Durable, Hash, Name, Payload, Reference, Timestamp};
use crate::workflows::checkpoint::{Next, NodeKind, Plan, Spec, Then};
use crate::workflows::command::{self, Command, Input, Order};
use crate::workflows::event::Event;
use crate::workflows::forks::Manner;
use crate::workflows::item::ItemId;
use crate::workflows::state::Workflow;
use serde_json::Value;

pub(super) type Told = Scenario<Workflow>;

pub(super) fn usd(usd: f64) -> Limits {
    Limits { usd: Some(usd), ..Limits::default() }
}

pub(super) fn asking(limits: &Limits) -> Limits {
    Limits { at_limit: Some(AtLimit::Ask), ..limits.clone() }
}

pub(super) fn spec(kind: NodeKind) -> Spec {
    let (items, concurrency, retry, timeout_ms) = Default::default();
    let (limits, is_caught, error) = Default::default();
    let (is_undoable, undoes_inside) = Default::default();
    Spec {
        kind,
        items,
        concurrency,
        retry,
        timeout_ms,
        limits,
        is_caught,
        is_undoable,
        undoes_inside,
        error,
    }
}

pub(super) fn next() -> Next {
    let nodes = ["a", "b"].map(|node| (node.to_owned(), spec(NodeKind::Agent)));
    Next { nodes: nodes.into(), joins: Vec::new(), concurrency: 9 }
}

/// A root whose nodes `a` and `b` are at work.
pub(super) fn root(limits: Limits) -> Told {
    let (hash, file) = (Hash::of(b"x"), "state/blobs/x".to_owned());
    let bundle = Durable::vouched(Reference { hash: hash.clone(), bytes: 1, file, line: None });
    let (input, writes) = (Payload::default(), Payload::default());
    let order = Order {
        definition: "panel".into(),
        bundle,
        asked: hash,
        parent: None,
        runtime: None,
        priority: 0,
        limits,
        manner: Manner::default(),
        workplace: None,
        origin: None,
        run: Input { input, writes, bytes: 0, next: Some(next()) },
    };
    told(Scenario::given([]), Command::StartWorkflow(order.into()))
}

#[track_caller]
pub(super) fn told(scenario: Told, command: Command) -> Told {
    let Outcome { scenario, result } = scenario.when(command);
    result.unwrap();
    scenario
}

/// Tells it, and says which facts follow, in a word each.
#[track_caller]
pub(super) fn facts(scenario: Told, command: Command) -> (Told, Vec<String>) {
    let Outcome { scenario, result } = scenario.when(command);
    let words = result.unwrap().iter().map(word).collect();
    (scenario, words)
}

pub(super) fn word(event: &Event) -> String {
    match event {
        Event::Budget { fact, .. } => match fact {
            Fact::Reserved { reservation, .. } => format!("{} reserved", reservation.key.0),
            Fact::Waiting { reservation } => format!("{} waits", reservation.key.0),
            Fact::Denied { key, .. } => format!("{} denied", key.0),
            Fact::Settled { key, .. } => format!("{} settled", key.0),
            Fact::Granted { .. } => "granted".into(),
            Fact::Stopped { .. } => "stopped".into(),
            Fact::Bound { .. } => "bound".into(),
        },
        Event::Interrupted { .. } => "asks".into(),
        Event::NodeStarted { node, .. } => format!("{node} begins"),
        Event::Failed { .. } => "failed".into(),
        Event::Stopping { .. } => "stopping".into(),
        other => format!("{other:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
    }
}

#[track_caller]
pub(super) fn refused(scenario: &Told, command: &Command) -> String {
    let stream = crate::vocabulary::StreamId { kind: Workflow::KIND, name: name("it") };
    let message_id = crate::vocabulary::MessageId::derived(&["x"]);
    let context = crate::machine::Context { stream: &stream, message_id, now: Timestamp(0) };
    scenario.state().decide(command, &context).unwrap_err().to_string()
}

pub(super) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

pub(super) fn bounds(scenario: &Told) -> Vec<Bound> {
    scenario.state().facts.as_ref().unwrap().bounds()
}

pub(super) fn amount(usd: f64) -> Amount {
    Amount { turns: 1, tokens: Some(100), usd: Some(usd) }
}

pub(super) fn reserve_within(key: &str, amount: Amount, bounds: Vec<Bound>) -> Command {
    let demand = Demand::Call(amount);
    let (key, path) = (Key(key.into()), format!("panel/{key}"));
    Command::Reserve(Box::new(Reservation { key, path, bounds, demand }))
}

pub(super) fn reserve(scenario: &Told, key: &str, usd: f64) -> Command {
    reserve_within(key, amount(usd), bounds(scenario))
}

pub(super) fn settle(key: &str, usd: f64, lost: u32) -> Command {
    let turns = u32::from(usd > 0.0);
    let bill = Bill { turns, tokens: 10 * u64::from(turns), usd, lost, ..Bill::default() };
    Command::Settle { key: Key(key.into()), bill }
}

pub(super) fn question(scenario: &Told) -> Name {
    scenario.state().interrupts().next().unwrap().interrupt_id.clone()
}

pub(super) fn answer(scenario: &Told, answer: Value) -> Command {
    Command::Answer { interrupt_id: question(scenario), answer, by: "ann".into() }
}

pub(super) fn commit(step: u32) -> Command {
    let plan = Plan { writes: Payload::default(), bytes: 0, whole: None, then: Then::Next(next()) };
    Command::CommitStep { step, plan }
}

pub(super) fn done(it: Told, step: u32) -> Told {
    let report = |node: &str| {
        let item = ItemId { step, node: node.into(), index: None, attempt: 1 };
        let outcome = command::Outcome::Done {
            output: Payload::default(),
            spent: crate::nodes::Metrics::default(),
        };
        Command::ReportItem { item, outcome, plan: None }
    };
    told(told(it, report("a")), report("b"))
}
