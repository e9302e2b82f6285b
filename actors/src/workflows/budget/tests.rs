//! The root's ledger: what fits, what waits, what is asked and what is refused, and that no order of events passes a limit.

use super::fact::Fact;
use crate::graph::{AtLimit, Limits};
use crate::machine::Machine;
use crate::machine::scenario::{Outcome, Scenario};
use crate::nodes::{Amount, Bill, Bound, BoundId, Demand, Key, Reservation};
use crate::vocabulary::{Durable, Hash, Name, Payload, Reference, Timestamp};
use crate::workflows::checkpoint::{Next, NodeKind, Plan, Spec, Then};
use crate::workflows::command::{self, Command, Input, Order, Refusal};
use crate::workflows::event::Event;
use crate::workflows::forks::Manner;
use crate::workflows::item::{Failure, ItemId};
use crate::workflows::state::{Phase, Workflow};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

type Told = Scenario<Workflow>;

fn usd(usd: f64) -> Limits {
    Limits { usd: Some(usd), ..Limits::default() }
}

fn asking(limits: &Limits) -> Limits {
    Limits { at_limit: Some(AtLimit::Ask), ..limits.clone() }
}

fn spec(kind: NodeKind) -> Spec {
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

fn next() -> Next {
    let nodes = ["a", "b"].map(|node| (node.to_owned(), spec(NodeKind::Agent)));
    Next { nodes: nodes.into(), joins: Vec::new(), concurrency: 9 }
}

/// A root whose nodes `a` and `b` are at work.
fn root(limits: Limits) -> Told {
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
    told(Scenario::given([]), Command::StartWorkflow(order))
}

#[track_caller]
fn told(scenario: Told, command: Command) -> Told {
    let Outcome { scenario, result } = scenario.when(command);
    result.unwrap();
    scenario
}

/// Tells it, and says which facts follow, in a word each.
#[track_caller]
fn facts(scenario: Told, command: Command) -> (Told, Vec<String>) {
    let Outcome { scenario, result } = scenario.when(command);
    let words = result.unwrap().iter().map(word).collect();
    (scenario, words)
}

fn word(event: &Event) -> String {
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
fn refused(scenario: &Told, command: &Command) -> String {
    let stream = crate::vocabulary::StreamId { kind: Workflow::KIND, name: name("it") };
    let message_id = crate::vocabulary::MessageId::derived(&["x"]);
    let context = crate::machine::Context { stream: &stream, message_id, now: Timestamp(0) };
    scenario.state().decide(command, &context).unwrap_err().to_string()
}

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

fn bounds(scenario: &Told) -> Vec<Bound> {
    scenario.state().facts.as_ref().unwrap().bounds()
}

fn amount(usd: f64) -> Amount {
    Amount { turns: 1, tokens: Some(100), usd: Some(usd) }
}

fn reserve_within(key: &str, amount: Amount, bounds: Vec<Bound>) -> Command {
    let demand = Demand::Call(amount);
    let (key, path) = (Key(key.into()), format!("panel/{key}"));
    Command::Reserve(Box::new(Reservation { key, path, bounds, demand }))
}

fn reserve(scenario: &Told, key: &str, usd: f64) -> Command {
    reserve_within(key, amount(usd), bounds(scenario))
}

fn settle(key: &str, usd: f64, lost: u32) -> Command {
    let turns = u32::from(usd > 0.0);
    let bill = Bill { turns, tokens: 10 * u64::from(turns), usd, unpriced: 0, lost };
    Command::Settle { key: Key(key.into()), bill }
}

fn question(scenario: &Told) -> Name {
    scenario.state().interrupts().next().unwrap().interrupt_id.clone()
}

fn answer(scenario: &Told, answer: Value) -> Command {
    Command::Answer { interrupt_id: question(scenario), answer, by: "ann".into() }
}

#[test]
fn what_has_no_room_beside_others_waits_for_them_and_is_then_let_go_or_refused() {
    let it = root(usd(1.0));
    let (it, said) = {
        let c = reserve(&it, "a", 0.6);
        facts(it, c)
    };
    assert_eq!(said, ["a reserved"]);
    let (it, said) = {
        let c = reserve(&it, "b", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["b waits"]);
    // One that fits goes past it.
    let (it, said) = {
        let c = reserve(&it, "c", 0.3);
        facts(it, c)
    };
    assert_eq!(said, ["c reserved"]);
    let (it, said) = facts(it, settle("a", 0.1, 0));
    assert_eq!(said, ["a settled", "b reserved"]);
    let (it, said) = {
        let c = reserve(&it, "d", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["d waits"]);
    let (it, said) = facts(it, settle("b", 0.5, 0));
    assert_eq!(said, ["b settled", "d denied"]);
    let text = refused(&it, &reserve(&it, "e", 0.5));
    assert_eq!(
        text,
        "the limit of 1.00 US dollars for run 1 of panel is reached: 0.60 spent, 0.30 reserved, and the next call of \
         panel/e may take 0.50 more: retry the run to grant as much once more, or start it with a higher limit"
    );
}

#[test]
fn what_was_lost_counts_as_much_as_was_reserved_for_it_and_what_was_not_sent_nothing() {
    let it = root(usd(1.0));
    let it = {
        let c = reserve(&it, "a", 0.25);
        told(it, c)
    };
    let it = told(it, settle("a", 0.125, 2));
    let line = &it.state().budget()[0];
    assert_eq!((line.spent.usd, line.lost.usd, line.lost.turns), (0.125, 0.5, 2));
    let it = {
        let c = reserve(&it, "b", 0.25);
        told(it, c)
    };
    let it = told(it, settle("b", 0.0, 0));
    let line = &it.state().budget()[0];
    assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.125, 0.5, 0.0));
    assert!(refused(&it, &settle("b", 0.0, 0)).contains("no work at b"), "it is settled once");
}

#[test]
fn a_price_that_nobody_knows_lets_nothing_begin_once_all_is_spent() {
    let it = root(usd(1.0));
    let unknown = |it: &Told, key: &str| {
        let amount = Amount { turns: 1, tokens: None, usd: None };
        reserve_within(key, amount, bounds(it))
    };
    let it = {
        let c = unknown(&it, "a");
        told(it, c)
    };
    let it = {
        let c = unknown(&it, "b");
        told(it, c)
    };
    let bill = Bill { turns: 1, unpriced: 1, ..Bill::default() };
    let it = told(it, Command::Settle { key: Key("a".into()), bill });
    assert_eq!(it.state().budget()[0].unpriced_turns, 1);
    let it = told(it, settle("b", 1.5, 0));
    assert!(refused(&it, &unknown(&it, "c")).contains("nobody knows how much more"));
}

#[test]
fn a_person_is_asked_once_and_a_grant_lets_go_in_order_what_fits() {
    let it = root(asking(&usd(0.5)));
    let it = {
        let c = reserve(&it, "a", 0.5);
        told(it, c)
    };
    let it = told(it, settle("a", 0.5, 0));
    let (it, said) = {
        let c = reserve(&it, "b", 0.4);
        facts(it, c)
    };
    assert_eq!(said, ["b waits", "asks"]);
    let (it, said) = {
        let c = reserve(&it, "c", 0.4);
        facts(it, c)
    };
    assert_eq!(said, ["c waits"], "nobody is asked twice");
    assert_eq!(it.state().status(), "interrupted");
    let text = &it.state().interrupts().next().unwrap().question;
    assert!(text.contains("0.50 spent, 0.00 reserved") && text.ends_with("or stop?"), "{text}");
    for wrong in [
        json!({}),
        json!({"grant": {}}),
        json!({"grant": {"usd": -1}}),
        json!({"stop": false}),
        json!("yes"),
    ] {
        let text = refused(&it, &answer(&it, wrong));
        assert!(text.contains("does not fit the question"), "{text}");
    }
    let before = question(&it);
    let (it, said) = {
        let c = answer(&it, json!({"grant": {"usd": 0.5}}));
        facts(it, c)
    };
    assert_eq!(said, ["granted", "b reserved"], "c has to wait until it is known what is left");
    assert_eq!(it.state().status(), "running");
    let (it, said) = facts(it, settle("b", 0.4, 0));
    assert_eq!(said, ["b settled", "asks"]);
    assert_ne!(question(&it), before, "a question is answered once");
    let (it, said) = {
        let c = answer(&it, json!({"stop": true}));
        facts(it, c)
    };
    assert_eq!(said, ["stopped", "c denied"]);
    assert_eq!(it.state().interrupts().count(), 0);
    assert!(refused(&it, &reserve(&it, "d", 0.4)).contains("is reached"), "and is asked no more");
}

#[test]
fn nobody_is_asked_for_one_who_waits_no_more() {
    let it = root(asking(&usd(0.5)));
    let it = {
        let c = reserve(&it, "a", 0.6);
        told(it, c)
    };
    assert_eq!(it.state().interrupts().count(), 1);
    let it = told(it, settle("a", 0.0, 0));
    assert_eq!(it.state().interrupts().count(), 0);
}

#[test]
fn what_is_below_is_bounded_by_all_above_in_one_commit() {
    let it = root(usd(1.0));
    let id = BoundId("child/run/1/0".into());
    let child =
        Bound { id, of: "run 1 of part".into(), limits: Limits { turns: Some(1), ..usd(5.0) } };
    let chain = [vec![child], bounds(&it)].concat();
    let it = told(it, reserve_within("a", amount(0.7), chain.clone()));
    let it = told(it, reserve_within("b", amount(0.1), chain.clone()));
    assert_eq!(it.state().budget().len(), 2);
    let (it, said) = facts(it, settle("a", 0.7, 0));
    assert_eq!(said, ["a settled", "b denied"], "the child may take one turn");
    let text = refused(&it, &reserve(&it, "c", 0.4));
    assert!(text.contains("1.00 US dollars for run 1 of panel"), "{text}");
}

#[test]
fn a_run_that_is_tried_again_is_granted_as_much_once_more() {
    let it = root(usd(0.5));
    let it = {
        let c = reserve(&it, "a", 0.5);
        told(it, c)
    };
    let it = told(it, settle("a", 0.5, 0));
    let failure = Failure::new("limit", "reached");
    let it = ["a", "b"].into_iter().fold(it, |it, node| {
        let item = ItemId { step: 2, node: node.into(), index: None, attempt: 1 };
        let spent = crate::nodes::Metrics::default();
        let outcome = command::Outcome::Failed { failure: failure.clone(), spent };
        told(it, Command::ReportItem { item, outcome, plan: None })
    });
    assert_eq!(*it.state().phase(), Phase::Failed);
    assert!(refused(&it, &reserve(&it, "b", 0.1)).contains("under way"));
    let it = told(it, Command::Retry { by: "ann".into() });
    let (_, said) = {
        let c = reserve(&it, "b2", 0.5);
        facts(it, c)
    };
    assert_eq!(said, ["b2 reserved"]);
}

fn commit(step: u32) -> Command {
    let plan = Plan { writes: Payload::default(), bytes: 0, whole: None, then: Then::Next(next()) };
    Command::CommitStep { step, plan }
}

fn done(it: Told, step: u32) -> Told {
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

#[test]
fn a_run_waits_for_more_steps_and_its_nodes_begin_when_they_are_granted() {
    let limits = asking(&Limits { steps: Some(1), ..Limits::default() });
    let it = done(root(limits), 2);
    let (it, said) = facts(it, commit(2));
    assert_eq!(said, ["StepCommitted", "asks"]);
    assert_eq!((it.wants().len(), it.state().status()), (0, "interrupted"));
    let it =
        told(told(it, Command::Pause { by: "ann".into() }), Command::Resume { by: "ann".into() });
    assert_eq!(it.wants().len(), 0, "to go on is not to grant");
    let (it, said) = {
        let c = answer(&it, json!({"grant": {"steps": 1}}));
        facts(it, c)
    };
    assert_eq!(said, ["granted", "a begins", "b begins"]);
    assert_eq!(it.wants().len(), 2);
    let it = told(done(it, 3), commit(3));
    let (it, said) = {
        let c = answer(&it, json!({"stop": true}));
        facts(it, c)
    };
    assert_eq!(said, ["stopped", "failed"]);
    let it = told(it, Command::Retry { by: "ann".into() });
    assert_eq!(it.wants().len(), 2);
}

#[test]
fn a_run_that_is_out_of_time_ends_what_it_is_at_and_goes_on_when_it_is_granted_more() {
    let limits = asking(&Limits { seconds: Some(10), ..Limits::default() });
    let it = root(limits).at(Timestamp(10_000));
    let due = |it: &Told| {
        let wants = it.wants();
        wants.iter().find(|(key, _)| key.0.starts_with("limit/")).map(|(k, w)| (k.0.clone(), w.due))
    };
    assert_eq!(due(&it), Some(("limit/1/0".into(), Some(Timestamp(10_000)))));
    let (it, said) = facts(it, Command::AskForTime { run: 1 });
    assert_eq!(said, ["asks"]);
    assert_eq!((it.wants().len(), due(&it)), (2, None), "who is at work goes on");
    let it = done(it, 2);
    assert_eq!((it.wants().len(), it.state().status()), (0, "interrupted"));
    let it = it.at(Timestamp(90_000));
    let (it, said) = {
        let c = answer(&it, json!({"grant": {"seconds": 5}}));
        facts(it, c)
    };
    assert_eq!(said, ["granted"]);
    assert!(it.wants().contains_key(&crate::vocabulary::EffectKey("step/2/0.1".into())));
    let it = told(it, commit(2));
    // The person's time is not the run's.
    assert_eq!(due(&it), Some(("limit/1/0.1".into(), Some(Timestamp(95_000)))));
    let it = told(it, Command::AskForTime { run: 1 });
    let (_, said) = {
        let c = answer(&it, json!({"stop": true}));
        facts(it, c)
    };
    assert_eq!(said, ["stopped", "stopping"]);
}

#[test]
fn more_time_for_a_node_begins_when_it_is_granted() {
    let it = root(Limits::default()).at(Timestamp(10_000));
    let limits = asking(&Limits { seconds: Some(10), ..Limits::default() });
    let bound = Bound { id: BoundId("it/node/2/a/0".into()), of: "node a".into(), limits };
    let time = |key: &str, seconds| {
        let demand = Demand::Time { seconds };
        let (key, path, bounds) = (Key(key.into()), "panel/a".into(), vec![bound.clone()]);
        Command::Reserve(Box::new(Reservation { key, path, bounds, demand }))
    };
    let (it, said) = facts(it, time("1", 10));
    assert_eq!(said, ["1 waits", "asks"]);
    let it = it.at(Timestamp(70_000));
    let command = answer(&it, json!({"grant": {"seconds": 5}}));
    let Outcome { scenario: it, result } = it.when(command);
    let until = result.unwrap().iter().find_map(|event| match event {
        Event::Budget { fact: Fact::Reserved { until, .. }, .. } => *until,
        _ => None,
    });
    assert_eq!(until, Some((15, Timestamp(75_000))));
    let (_, said) = facts(it, time("2", 15));
    assert_eq!(said, ["2 waits", "asks"], "what was granted is used up");
}

#[test]
fn a_run_that_is_going_to_fail_asks_nobody() {
    let it = root(asking(&usd(0.5)));
    let it = {
        let c = reserve(&it, "a", 0.6);
        told(it, c)
    };
    let item = ItemId { step: 2, node: "b".into(), index: None, attempt: 1 };
    let (failure, spent) = (Failure::new("x", "y"), crate::nodes::Metrics::default());
    let outcome = command::Outcome::Failed { failure, spent };
    let (it, said) = facts(it, Command::ReportItem { item, outcome, plan: None });
    assert_eq!(said, ["NodeFailed", "a denied"]);
    assert_eq!(it.state().interrupts().count(), 0);
    assert!(matches!(refused(&it, &reserve(&it, "c", 0.6)), text if text.contains("is reached")));
}

/// What may happen to a budget.
#[derive(Debug, Clone)]
enum Move {
    Reserve { cents: u32 },
    Settle { which: usize, cents: u32, lost: u32 },
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let reserve = (1..60_u32).prop_map(|cents| Move::Reserve { cents });
    let settle = (any::<prop::sample::Index>(), 0..80_u32, 0..2_u32)
        .prop_map(|(which, cents, lost)| Move::Settle { which: which.index(1_000), cents, lost });
    prop::collection::vec(prop_oneof![reserve, settle], 1..60)
}

fn dollars(cents: u32) -> f64 {
    f64::from(cents) / 100.0
}

proptest! {
    /// What is spent and reserved passes a limit by no more than answers cost beyond their estimates, and what was lost.
    #[test]
    fn no_order_of_reserving_and_settling_passes_a_limit(moves in moves(), inner in 1..150_u32) {
        let mut it = root(usd(1.0));
        let id = BoundId("child".into());
        let child = Bound { id, of: "child".into(), limits: usd(dollars(inner)) };
        let chain = [vec![child], bounds(&it)].concat();
        let (mut open, mut beyond) = (BTreeMap::<String, u32>::new(), 0.0);
        for (number, step) in moves.into_iter().enumerate() {
            let command = match step {
                Move::Reserve { cents } => reserve_within(&format!("{number:02}-{cents}"), amount(dollars(cents)), chain.clone()),
                Move::Settle { which, cents, lost } => {
                    let Some(key) = open.keys().nth(which % open.len().max(1)).cloned() else { continue };
                    let estimate = open.remove(&key).unwrap();
                    beyond += dollars(cents.saturating_sub(estimate)) + dollars(estimate) * f64::from(lost);
                    settle(&key, dollars(cents), lost)
                }
            };
            let Outcome { scenario, result } = it.when(command);
            it = scenario;
            for event in result.iter().flatten() {
                if let Event::Budget { fact: Fact::Reserved { reservation, .. }, .. } = event {
                    let cents = reservation.key.0.split('-').nth(1).unwrap().parse().unwrap();
                    prop_assert!(open.insert(reservation.key.0.clone(), cents).is_none());
                }
            }
            prop_assert!(result.is_ok() || matches!(result, Err(Refusal::Limit(_))));
            for line in it.state().budget() {
                let most = line.limit.usd.unwrap() + beyond + 1e-6;
                let held = line.spent.usd + line.lost.usd + line.reserved.usd;
                prop_assert!(held <= most, "{held} of {most}: {line:?}");
            }
            // Whoever waits has somebody to wait for.
            prop_assert!(!open.is_empty() || it.state().facts.as_ref().unwrap().ledger.waiting.is_empty());
        }
    }
}
