//! Going back: rolled back, tried again from a step, gone on with from a checkpoint.

use super::house::{House, Script, done, history, nothing, workflow};
use super::travel::Traveller as _;
use super::undoing::undone;
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::{Command, Event, OnRunning, Past};
use serde_json::json;

/// Three that write down that they were there, two of which can be undone; then a question.
const LINE: &str = r#"
name: line
state: {log: {reducer: append}, yes: {}}
start: a
nodes:
  a: {set: {log: "'a'"}, undo: un_a}
  un_a: {set: {log: "'not a'"}}
  b: {agent: {prompt: "b"}, write: {log: output}, undo: un_b}
  un_b: {agent: {prompt: "not {{ output }}"}, write: {log: output}}
  c: {set: {log: "'c'"}}
  ask: {interrupt: {question: "Well?"}, write: {yes: output}}
edges:
  - {from: a, to: b}
  - {from: b, to: c}
  - {from: c, to: ask}
"#;

const SCRIPT: Script = Script { root: LINE, others: &[] };

fn echo() -> Model {
    Model::new(|work| Reply::Says(work.prompt.clone()))
}

fn by_ada() -> String {
    "ada".into()
}

/// Waits for the question of a step.
async fn asked_in(house: &House, step: u32) -> callboard_actors::vocabulary::Name {
    house
        .until(|event| match event {
            Event::Interrupted { interrupt, .. }
                if interrupt.asker.item().is_some_and(|item| item.step == step) =>
            {
                Some(interrupt.interrupt_id.clone())
            }
            _ => None,
        })
        .await
}

#[test]
fn a_rollback_undoes_what_was_done_since_and_waits_there() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        let well = asked_in(&house, 5).await;
        let (first, second) =
            (house.back_to(2, true, true).await, house.back_to(1, true, true).await);
        house.tell(first).await.unwrap();
        // Two operators at once: the other meant a workflow that is not so any more.
        let refused = house.tell(second).await.unwrap_err().to_string();
        assert!(refused.contains("has taken another course"), "{refused}");
        house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
        let row = house.row().await;
        assert_eq!((&row["status"], &row["current_step"]), (&json!("paused"), &json!(7)));
        assert_eq!(undone(&house.events().await), ["b of step 3"]);
        assert_eq!(house.state_at(6).await["log"], json!(["a", "b", "c", "not b"]));
        assert!(house.answer(well, json!(1)).await.is_err(), "nobody asks any more");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.tell(Command::Resume { by: by_ada() }).await.unwrap();
        let well = asked_in(&house, 9).await;
        house.answer(well, json!(true)).await.unwrap();
        assert_eq!(house.completed().await, json!({"log": ["a", "b", "c"], "yes": true}));
        assert_eq!(done(&house.events().await).len(), 3 + 1 + 3);
        assert_eq!(house.row().await["current_step"], 9);
        let history = history(&house).await;
        let parents: Vec<_> = history.steps.iter().map(|step| (step.step, step.parent)).collect();
        assert_eq!(parents[6], (7, Some(2)), "{parents:?}");
        assert_eq!((history.runs.len(), history.runs[0].status), (1, "completed"));
    });
    assert_eq!(model.asked(), ["0 b", "0 not b", "0 b"]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_step_is_done_anew_after_all_has_completed() {
    for undo in [false, true] {
        let (scene, model) = (Scene::new(), echo());
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(SCRIPT, nothing()).await;
            let well = asked_in(&house, 5).await;
            let running = house.tell(house.anew_from(3, false).await).await.unwrap_err();
            assert!(running.to_string().contains("pause or cancel it first"), "{running}");
            house.answer(well, json!(1)).await.unwrap();
            house.end_of(1).await.unwrap();
            house.tell(house.anew_from(3, undo).await).await.unwrap();
            let step = if undo { 9 } else { 8 };
            let well = asked_in(&house, step).await;
            house.answer(well, json!(2)).await.unwrap();
            let second = |event: &Event| match event {
                Event::Answered { item, .. } if item.step == step => Some(()),
                _ => None,
            };
            house.until(second).await;
            assert_eq!(house.row().await["status"], "completed");
            assert_eq!(json!(house.state().await), json!({"log": ["a", "b", "c"], "yes": 2}));
            let expected: &[&str] = if undo { &["b of step 3"] } else { &[] };
            assert_eq!(undone(&house.events().await), expected);
            // A new run has a number and a place of its own.
            house.run(SCRIPT, nothing(), OnRunning::Reject).await.unwrap();
            house
                .until(|event| matches!(event, Event::RunStarted { run: 2, .. }).then_some(()))
                .await;
        });
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

#[test]
fn what_was_cancelled_or_paused_goes_on_from_a_checkpoint() {
    for is_cancelled in [true, false] {
        let (scene, model) = (Scene::new(), echo());
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(SCRIPT, nothing()).await;
            asked_in(&house, 5).await;
            house
                .tell(if is_cancelled {
                    Command::Cancel { by: by_ada() }
                } else {
                    Command::Pause { by: by_ada() }
                })
                .await
                .unwrap();
            house.tell(house.back_to(3, false, false).await).await.unwrap();
            let well = asked_in(&house, 7).await;
            house.answer(well, json!(2)).await.unwrap();
            assert_eq!(house.completed().await["log"], json!(["a", "b", "c"]));
        });
        assert_eq!(model.asked().len(), 1, "what stands before the checkpoint stays done");
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

#[test]
fn there_is_no_way_back_to_what_was_never_there_or_undid_something() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        asked_in(&house, 5).await;
        house.tell(house.back_to(2, true, true).await).await.unwrap();
        house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
        let targets = house.targets().await;
        let told = |number| targets.checkpoint(number).unwrap_err().to_string();
        assert!(told(99).contains("has no checkpoint 99"), "{}", told(99));
        assert!(told(6).contains("step 6 undid"), "{}", told(6));
        assert!(
            targets.before(6).is_err() && targets.before(7).is_ok() && targets.before(1).is_err()
        );
        // The end of a run can be stood at, and is not gone on from.
        house.tell(Command::Resume { by: by_ada() }).await.unwrap();
        let well = asked_in(&house, 9).await;
        house.answer(well, json!(1)).await.unwrap();
        house.completed().await;
        let end = house.tell(house.back_to(9, false, false).await).await.unwrap_err().to_string();
        assert!(end.contains("nothing follows checkpoint 9"), "{end}");
        house.run(SCRIPT, nothing(), OnRunning::Reject).await.unwrap();
        asked_in(&house, 15).await;
        house.tell(house.back_to(9, true, true).await).await.unwrap();
        house
            .until(|event| match event {
                Event::Rewound { to, .. } if to.checkpoint.number == 9 => Some(()),
                _ => None,
            })
            .await;
        assert_eq!(house.row().await["status"], "completed");
        assert_eq!(undone(&house.events().await), ["b of step 3", "b of step 13", "a of step 12"]);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const OUTER: &str = r#"
name: outer
state: {log: {reducer: append}}
start: inner
nodes:
  inner: {subgraph: {workflow: inner}, write: {log: "'inner'"}}
"#;

const INNER: &str = r#"
name: inner
state: {log: {reducer: append}}
start: a
nodes:
  a: {set: {log: "'a'"}, undo: un_a}
  un_a: {agent: {prompt: "not a"}, write: {log: output}}
  wait: {agent: {prompt: "wait"}}
edges:
  - {from: a, to: wait}
"#;

#[test]
fn a_subgraph_at_work_is_stopped_and_undone_by_a_rollback() {
    let scene = Scene::new();
    let model = Model::new(|work| match work.prompt.as_str() {
        "wait" => Reply::Waits("late"),
        prompt => Reply::Says(prompt.to_owned()),
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script { root: OUTER, others: &[INNER] }, nothing()).await;
        model.until_asked(1).await;
        house.tell(house.back_to(1, true, true).await).await.unwrap();
        house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
        assert_eq!(undone(&house.events().await), ["what was done inside of inner of step 2"]);
        assert_eq!(model.given_up(), 1, "nobody works on");
        house.until_below(&[("inner", "cancelled"), ("outer", "paused")]).await;
        model.let_go();
        house.tell(Command::Resume { by: by_ada() }).await.unwrap();
        assert_eq!(house.completed().await, json!({"log": ["inner"]}));
        house
            .until_below(&[("inner", "cancelled"), ("inner", "completed"), ("outer", "completed")])
            .await;
    });
    assert_eq!(model.asked(), ["0 wait", "0 not a", "0 wait"]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_fork_begins_where_its_source_has_gone_back_to_and_before_what_undid_something() {
    let (scene, model) = (Scene::new(), echo());
    let whole = json!({"log": ["a", "b", "c"], "yes": true});
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        asked_in(&house, 5).await;
        house.tell(house.back_to(2, true, true).await).await.unwrap();
        house.until(|event| matches!(event, Event::Rewound { .. }).then_some(())).await;
        let cut = house.fork(&workflow(), None, None, "back").await.unwrap();
        assert_eq!(cut.named.checkpoint, 2);
        assert_eq!(house.answered("back", json!(true)).await.unwrap(), whole);
        // Its steps have the numbers that they would have had there.
        let past = Past::read(&house.agents.journal, &house.named("back")).await.unwrap();
        let steps: Vec<_> = past.history.steps.iter().map(|step| step.step).collect();
        assert_eq!(steps, [6, 7, 8, 9]);
        // A step that undid something is none to begin at.
        let none = house.fork(&workflow(), Some(6), None, "none").await.unwrap_err();
        assert_eq!(none.to_string(), "the workflow has no checkpoint 6");
        house.fork(&workflow(), Some(4), None, "late").await.unwrap();
        assert_eq!(house.answered("late", json!(true)).await.unwrap(), whole);
    });
    assert_eq!(model.asked(), ["0 b", "0 not b", "0 b"]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}
