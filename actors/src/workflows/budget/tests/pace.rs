//! Steps and time: what a run waits for, and how it goes on.

use super::super::fact::Fact;
use super::kit::{Told, answer, asking, commit, done, facts, refused, reserve, root, told, usd};
use crate::graph::Limits;
use crate::machine::scenario::Outcome;
use crate::nodes::{Bound, BoundId, Demand, Key, Reservation};
use crate::vocabulary::Timestamp;
use crate::workflows::command::{self, Command};
use crate::workflows::event::Event;
use crate::workflows::item::{Failure, ItemId};
use serde_json::json;

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
