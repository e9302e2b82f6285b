//! What brought no answer, or was ended by somebody: it is paid for, counted once, and no limit is passed by it.

use super::house::{House, Script, nothing};
use super::undoing;
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::entity::EntityBranch;
use callboard_actors::nodes::Metrics;
use callboard_actors::processes::{Charge, Told};
use callboard_actors::supervision::{Branch, Verb};
use callboard_actors::workflows::{Command, Event, Fact};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

/// One that answers only from its nth call on, and breaks off before, which costs this.
fn broken_before(nth: u32, charge: Charge) -> Model {
    let calls = AtomicU32::new(0);
    Model::new(move |_| match calls.fetch_add(1, Ordering::Relaxed) + 1 {
        call if call < nth => Reply::BreaksOff(charge),
        _ => Reply::Says("so".into()),
    })
}

fn by_ann() -> String {
    "ann".to_owned()
}

/// What all its runs have taken.
async fn metrics(house: &House) -> Metrics {
    let row = house.row().await;
    match &row["metrics"] {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        metrics => serde_json::from_value(metrics.clone()).unwrap(),
    }
}

const STUBBORN: &str = r#"
name: stubborn
state: {a: {}}
limits: {usd: 1.2}
start: a
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
"#;

#[test]
fn each_attempt_after_one_that_was_lost_needs_room_of_its_own() {
    let (scene, model) = (Scene::new(), broken_before(9, Charge::Unknown));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(STUBBORN), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(
            failed.starts_with(
                "limit: the limit of 1.20 US dollars for run 1 of stubborn is reached: 0.00 spent, 1.00 lost, 0.00 reserved"
            ),
            "{failed}"
        );
        assert!(failed.ends_with("retry the run to grant 1.20 US dollars anew, or start it with a higher limit"), "{failed}");
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.0, 1.0, 0.0));
        assert_eq!((line.lost.turns, line.waiting), (2, 0));
        let took = metrics(&house).await.lost;
        assert_eq!((took.attempts, took.usd), (2, 1.0));
    });
    assert_eq!(model.asked().len(), 2, "a third one, which its process may make, has no room");
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const ASKING: &str = r#"
name: asking
state: {a: {}}
limits: {usd: 0.6, at_limit: ask}
start: a
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
"#;

#[test]
fn a_person_is_asked_for_another_attempt_also_over_a_crash() {
    let (scene, model) = (Scene::new(), broken_before(2, Charge::Unknown));
    let question = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        house.next_question(&[]).await
    });
    assert_eq!(model.asked().len(), 1);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.answer(question.clone(), json!({"grant": {"usd": 0.4}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"a": "so"}));
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.5, 0.5, 0.0));
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_person_who_grants_no_more_ends_the_process_that_waits_for_room() {
    let (scene, model) = (Scene::new(), broken_before(9, Charge::Unknown));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        let question = house.next_question(&[]).await;
        house.answer(question, json!({"stop": true})).await.unwrap();
        assert!(house.end_of(1).await.unwrap_err().starts_with("limit: "));
        assert_eq!(house.budget().await[0].reserved.usd.to_bits(), 0.0_f64.to_bits());
    });
    assert_eq!(model.asked().len(), 1);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_process_that_waits_for_room_is_cancelled_with_its_run() {
    let (scene, model) = (Scene::new(), broken_before(9, Charge::Unknown));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        house.next_question(&[]).await;
        house.tell(Command::Cancel { by: by_ann() }).await.unwrap();
        house.end_of(1).await.unwrap_err();
        let line = &house.budget().await[0];
        assert_eq!((line.lost.usd, line.reserved.usd, line.waiting), (0.5, 0.0, 0));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_was_told_is_what_an_attempt_has_cost_and_what_was_refused_costs_nothing() {
    let told = Told { tokens_in: 8, tokens_out: 2, cost_usd: Some(0.125) };
    for (charge, lost) in [(Charge::Told(told), (1, 10, 0.125)), (Charge::Nothing, (0, 0, 0.0))] {
        let (scene, model) = (Scene::new(), broken_before(2, charge));
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(ASKING), nothing()).await;
            if !charge.is_nothing() {
                let question = house.next_question(&[]).await;
                house.answer(question, json!({"grant": {"usd": 0.025}})).await.unwrap();
            }
            house.end_of(1).await.unwrap();
            let line = &house.budget().await[0];
            assert_eq!((line.lost.turns, line.lost.tokens, line.lost.usd), lost);
            assert_eq!((line.spent.usd, line.reserved.usd), (0.5, 0.0));
            let took = metrics(&house).await;
            assert_eq!((took.turns, took.lost.tokens, took.lost.usd), (1, lost.1, lost.2));
        });
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

/// The names of all entities of a kind.
async fn names(house: &House, kind: &'static str) -> Vec<String> {
    let table = if kind == "node" { "nodes" } else { "processes" };
    let rows = house.agents.journal.reader().rows(table, Vec::new(), None, 10).await.unwrap();
    rows.items.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

async fn is_settled_as_lost(house: &House) {
    house.end_of(1).await.unwrap_err();
    let line = &house.budget().await[0];
    assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.0, 0.5, 0.0));
    let took = metrics(house).await.lost;
    assert_eq!((took.attempts, took.usd), (1, 0.5));
}

#[test]
fn what_was_reserved_for_a_node_or_a_process_that_an_operator_ends_is_lost_and_not_held() {
    for kind in ["node", "process"] {
        let (scene, model) = (Scene::new(), Model::waiting("never heard"));
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(STUBBORN), nothing()).await;
            model.until_asked(1).await;
            let names = names(&house, kind).await;
            for verb in [Verb::Suspend, Verb::Fail] {
                let (path, by) = (vec![names[0].clone()], by_ann());
                let done = match kind {
                    "node" => {
                        EntityBranch::new(house.agents.nodes.clone(), "/nodes")
                            .operate(path, verb, by)
                            .await
                    }
                    _ => {
                        EntityBranch::new(house.agents.processes.clone(), "/processes")
                            .operate(path, verb, by)
                            .await
                    }
                };
                done.unwrap();
            }
            is_settled_as_lost(&house).await;
        });
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

// ---- what is stopped, undone or sent back ----

/// Nothing reserved, no answer of it counted twice: what the root says it took is what was asked.
async fn took(house: &House) -> (u32, u32) {
    let took = metrics(house).await;
    (took.turns, took.lost.attempts)
}

fn echo() -> Model {
    Model::new(|work| Reply::Says(work.prompt.clone()))
}

#[test]
fn what_undoes_a_subgraphs_deeds_is_paid_for_by_its_parent() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(undoing::SCRIPT, nothing()).await;
        house.end_of(1).await.unwrap();
        assert_eq!(took(&house).await, (4, 0));
        house.tell(Command::CancelAndUndo { by: by_ann() }).await.unwrap();
        let spent = house
            .until(|event| match event {
                Event::Undone { spent, .. } => Some(*spent),
                _ => None,
            })
            .await;
        assert_eq!((spent.turns, spent.cost_usd), (3, Some(1.5)), "two bookings, and one inside");
        assert_eq!(took(&house).await, (7, 0));
    });
    assert_eq!(model.asked().len(), 7);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// It comes back only from the nth call for that on.
fn homesick(nth: u32, before: Reply) -> Model {
    let calls = AtomicU32::new(0);
    Model::new(move |work| {
        let is_back = work.prompt.starts_with("come back");
        let is_early = is_back && calls.fetch_add(1, Ordering::Relaxed) + 1 < nth;
        if is_early { before.clone() } else { Reply::Says(work.prompt.clone()) }
    })
}

#[test]
fn an_undoing_inside_that_fails_is_paid_for_and_counted_once_when_it_is_gone_on_with() {
    let (scene, model) = (Scene::new(), homesick(4, Reply::BreaksOff(Charge::Unknown)));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(undoing::SCRIPT, nothing()).await;
        house.end_of(1).await.unwrap();
        house.tell(Command::CancelAndUndo { by: by_ann() }).await.unwrap();
        let failed = house.until(|event| match event {
            Event::Failed { failure, .. } => Some(failure.kind.clone()),
            _ => None,
        });
        assert_eq!(failed.await, "undo_failed");
        assert_eq!(took(&house).await, (4, 3), "three attempts were made in vain");
        house.tell(Command::Retry { by: by_ann() }).await.unwrap();
        house.until(|event| matches!(event, Event::Cancelled { .. }).then_some(())).await;
        assert_eq!(took(&house).await, (7, 3));
    });
    assert_eq!(model.asked().len(), 10);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_run_that_is_cancelled_while_a_subgraph_undoes_does_not_count_that_twice() {
    let (scene, model) = (Scene::new(), homesick(2, Reply::Waits("never heard")));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(undoing::SCRIPT, nothing()).await;
        house.end_of(1).await.unwrap();
        house.tell(Command::CancelAndUndo { by: by_ann() }).await.unwrap();
        model.until_asked(5).await;
        house.tell(Command::Cancel { by: by_ann() }).await.unwrap();
        house.until(|event| matches!(event, Event::Cancelled { .. }).then_some(())).await;
        assert_eq!(took(&house).await, (4, 1));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const DEEP: &str = r#"
name: deep
state: {a: {}, b: {}}
start: [a, b]
nodes:
  a: {agent: {prompt: "wait"}, write: {a: output}}
  b: {subgraph: {workflow: below}, write: {b: output}}
"#;

const BELOW: &str = r#"
name: below
state: {a: {}, b: {}}
start: a
nodes:
  a: {agent: {prompt: "say"}, write: {a: output}}
  b: {agent: {prompt: "wait"}, write: {b: output}}
edges:
  - {from: a, to: b}
"#;

/// One that waits if it is told to.
fn obedient() -> Model {
    Model::new(|work| match work.prompt.as_str() {
        "wait" => Reply::Waits("so long"),
        prompt => Reply::Says(prompt.to_owned()),
    })
}

#[test]
fn what_is_stopped_says_what_it_took_an_agent_and_a_whole_subgraph() {
    let (scene, model) = (Scene::new(), obedient());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script { root: DEEP, others: &[BELOW] }, nothing()).await;
        model.until_asked(3).await;
        house.tell(Command::Cancel { by: by_ann() }).await.unwrap();
        house.end_of(1).await.unwrap_err();
        let events = house.events().await;
        let mut stopped: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::NodeStopped { item, spent, .. } => {
                    Some((item.node.as_str(), spent.turns, spent.cost_usd, spent.lost.attempts))
                }
                _ => None,
            })
            .collect();
        stopped.sort_by_key(|stopped| stopped.0);
        assert_eq!(stopped, [("a", 0, None, 1), ("b", 1, Some(0.5), 1)]);
        assert_eq!(took(&house).await, (1, 2));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const TWO: &str = r#"
name: two
state: {a: {}, b: {}}
limits: {turns: 2}
start: a
nodes:
  a: {agent: {prompt: "say"}, write: {a: output}}
  b: {agent: {prompt: "wait"}, write: {b: output}}
edges:
  - {from: a, to: b}
"#;

#[test]
fn a_run_that_is_sent_back_in_its_middle_is_granted_nothing_anew() {
    let (scene, model) = (Scene::new(), obedient());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(TWO), nothing()).await;
        model.until_asked(2).await;
        house.tell(Command::Pause { by: by_ann() }).await.unwrap();
        // As `resume --checkpoint` does, which pauses first: it waits there, and goes on.
        let back = house.back_to(1, false, true).await;
        house.tell(back).await.unwrap();
        house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
        house.tell(Command::Resume { by: by_ann() }).await.unwrap();
        let failed = house.end_of(1).await.unwrap_err();
        assert!(
            failed.starts_with("limit: the limit of 2 turns for run 1 of two is reached: 1 spent, 1 lost, 0 reserved"),
            "{failed}"
        );
        let line = &house.budget().await[0];
        assert_eq!((line.renewed, line.before), (0, None));
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const REGRET: &str = r#"
name: regret
state: {a: {}, undone: {reducer: append}}
limits: {turns: 3}
start: a
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}, undo: back}
  back: {set: {undone: "'a'"}}
  pay: {agent: {prompt: "pay"}}
edges:
  - {from: a, to: pay}
"#;

#[test]
fn a_run_that_was_undone_and_begins_anew_shows_what_it_took_before() {
    let (scene, model) = (Scene::new(), undoing::model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(REGRET), nothing()).await;
        house.end_of(1).await.unwrap_err();
        for times in 1..=2_u32 {
            house.tell(Command::Retry { by: by_ann() }).await.unwrap();
            until_failed(&house, times + 1).await;
            let line = &house.budget().await[0];
            assert_eq!((line.renewed, line.spent.turns), (times, 1));
            assert_eq!(line.before.map(|before| before.turns), Some(times.into()));
        }
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// Waits until it has failed so often.
async fn until_failed(house: &House, times: u32) {
    for _ in 0..2_000 {
        let events = house.events().await;
        let failed = events.iter().filter(|event| matches!(event, Event::Failed { .. }));
        if failed.count() as u64 >= times.into() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("it has not failed {times} times");
}

const HANDY: &str = r#"
name: handy
state: {a: {}}
limits: {usd: 5}
start: a
nodes:
  a: {agent: {prompt: "look it up", tools: [echo], max_turns: 3}, write: {a: output}}
"#;

#[test]
fn each_turn_of_an_agent_with_tools_is_reserved_with_what_it_is_told_and_given() {
    let (scene, model) = (
        Scene::new(),
        Model::new(|work| match work.results.len() {
            0 => Reply::Calls(&[("echo", r#"{"text": "some twenty bytes..."}"#)]),
            _ => Reply::Says("so".into()),
        }),
    );
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(HANDY), nothing()).await;
        house.end_of(1).await.unwrap();
        let events = house.events().await;
        let keys: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::Budget { fact: Fact::Reserved { reservation, .. }, .. } => {
                    Some(reservation.key.0.rsplit('/').next().unwrap().to_owned())
                }
                _ => None,
            })
            .collect();
        assert_eq!(keys, ["1", "2"]);
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.reserved.usd), (1.0, 0.0));
    });
    let [first, second] = model.weighed()[..] else { panic!("{:?}", model.weighed()) };
    assert!(first.tools > 50 && second.tools == first.tools, "{first:?}");
    assert_eq!((first.results, first.history), (None, 0));
    assert!(second.results.unwrap() >= 20 && second.history > 100, "{second:?}");
    assert_eq!(findings(&scene), Vec::<String>::new());
}
