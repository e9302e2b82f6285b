//! A workflow outlives its runs; and those who steer it.

use super::house::{House, Script, done, nothing, workflow};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::{Command, Event, OnRunning};
use serde_json::json;

const SHORT: &str = r#"
name: short
state: {log: {reducer: append}}
limits: {steps: 2}
start: x
nodes: {x: {set: {log: "'x'"}}, y: {set: {log: "'y'"}}}
edges: [{from: x, to: y}]
"#;

#[test]
fn every_run_has_as_many_steps_as_the_first() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &echo());
        house.start(Script::of(SHORT), nothing()).await;
        for (run, log) in [(1, json!(["x", "y"])), (2, json!(["x", "y", "x", "y"]))] {
            assert_eq!(house.end_of(run).await.unwrap(), json!({ "log": log }));
            house.run(Script::of(SHORT), nothing(), OnRunning::Reject).await.unwrap();
        }
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const NESTS: &str = r#"
name: nests
state: {a: {}, i: {reducer: sum}}
limits: {steps: 200}
start: wrap
nodes: {wrap: {set: {a: "[state.a]", i: 1}}}
edges:
  - {from: wrap, to: wrap, when: state.i < 150}
  - {from: wrap, to: end, otherwise: true}
"#;

#[test]
fn a_value_that_is_nested_deeper_each_time_fails_its_run_before_nobody_can_read_it() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &echo());
        house.start(Script::of(NESTS), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.contains("nested more than 64 levels deep"), "{failed}");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const CHAT: &str = r#"
name: chat
input: {type: object, properties: {said: {type: string}}}
state: {heard: {reducer: append}, answer: {}}
start: answer
nodes:
  answer:
    agent: {prompt: "{{ input.said }}", session: chat}
    write: {heard: input.said, answer: output}
"#;

fn echo() -> Model {
    Model::new(|work| Reply::Says(format!("{} after {}", work.prompt, work.history.len())))
}

fn said(text: &str) -> serde_json::Value {
    json!({ "said": text })
}

#[test]
fn another_run_goes_on_with_the_state_and_the_conversation() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &echo());
        house.start(Script::of(CHAT), said("one")).await;
        house.end_of(1).await.unwrap();
        house.run(Script::of(CHAT), said("two"), OnRunning::Reject).await.unwrap();
        let end = house.end_of(2).await.unwrap();
        assert_eq!(end, json!({"heard": ["one", "two"], "answer": "two after 1"}));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_happens_to_a_run_under_way_is_chosen() {
    for (on_running, heard) in [
        (OnRunning::Enqueue, json!(["one", "two", "three"])),
        (OnRunning::Interrupt, json!(["one", "three"])),
        (OnRunning::Rollback, json!(["one", "three"])),
    ] {
        let scene = Scene::new();
        let model = Model::new(|work| match work.prompt.as_str() {
            "two" => Reply::Waits("two"),
            text => Reply::Says(text.to_owned()),
        });
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(CHAT), said("one")).await;
            house.end_of(1).await.unwrap();
            house.run(Script::of(CHAT), said("two"), OnRunning::Reject).await.unwrap();
            model.until_asked(2).await;
            let refused = house.run(Script::of(CHAT), said("no"), OnRunning::Reject).await;
            assert!(refused.unwrap_err().to_string().contains("a run is under way"));
            house.run(Script::of(CHAT), said("three"), on_running).await.unwrap();
            if on_running == OnRunning::Enqueue {
                model.let_go();
                house.end_of(2).await.unwrap();
            } else {
                let stopped = house.end_of(2).await.unwrap_err();
                assert_eq!(stopped, "cancelled by another run");
            }
            let end = house.end_of(3).await.unwrap();
            assert_eq!(end["heard"], heard, "{on_running:?}");
        });
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

#[test]
fn a_cancellation_calls_off_the_runs_that_wait_and_what_is_asked_for_later_begins() {
    let scene = Scene::new();
    let model = Model::new(|work| match work.prompt.as_str() {
        "one" => Reply::Waits("one"),
        text => Reply::Says(text.to_owned()),
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(CHAT), said("one")).await;
        model.until_asked(1).await;
        for text in ["two", "three"] {
            house.run(Script::of(CHAT), said(text), OnRunning::Enqueue).await.unwrap();
        }
        house.tell(Command::Cancel { by: "an operator".into() }).await.unwrap();
        let called_off = house.until(|event| match event {
            Event::Stopping { called_off, .. } => Some(*called_off),
            _ => None,
        });
        assert_eq!(called_off.await, 2);
        house.run(Script::of(CHAT), said("four"), OnRunning::Enqueue).await.unwrap();
        assert_eq!(house.end_of(2).await.unwrap()["heard"], json!(["four"]));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const PAIR: &str = r#"
name: pair
state: {a: {}, b: {}}
start: [a, b]
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
  b: {agent: {prompt: "b"}, write: {b: output}}
"#;

#[test]
fn only_what_has_failed_is_tried_again() {
    let scene = Scene::new();
    let broken = Model::new(|work| match work.prompt.as_str() {
        "b" => Reply::Breaks,
        text => Reply::Says(text.to_owned()),
    });
    let mended = Model::new(|work| Reply::Says(work.prompt.clone()));
    scene.life(async |stage| {
        let house = House::on(&stage, &broken);
        house.start(Script::of(PAIR), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.starts_with("process_failed: "), "{failed}");
        assert_eq!(house.row().await["status"], "failed");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &mended);
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        let end = house.until(|event| match event {
            Event::Completed { output, .. } => Some(output.clone()),
            _ => None,
        });
        let end = house.agents.journal.value(&end.await).await.unwrap();
        assert_eq!(end, json!({"a": "a", "b": "b"}));
        assert_eq!(done(&house.events().await), ["2 a", "2 b"]);
    });
    assert_eq!((broken.asked().len(), mended.asked().len()), (2, 1));
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn cancelling_stops_those_who_work_and_pausing_begins_nothing_new() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(PAIR), nothing()).await;
        model.until_asked(2).await;
        house.tell(Command::Pause { by: "an operator".into() }).await.unwrap();
        assert_eq!(house.row().await["status"], "paused");
        house.tell(Command::Resume { by: "an operator".into() }).await.unwrap();
        house.tell(Command::Cancel { by: "an operator".into() }).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap_err(), "cancelled by an operator");
        assert_eq!(model.given_up(), 2, "nobody works on");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const TREADMILL: &str = r#"
name: treadmill
state: {n: {reducer: sum}}
limits: {steps: 5}
start: step
nodes:
  step: {set: {n: 1}}
edges:
  - {from: step, to: step, when: "state.n < 8"}
  - {from: step, to: end, otherwise: true}
"#;

#[test]
fn a_run_ends_at_its_limit_and_gets_as_much_again_when_it_is_tried_again() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(TREADMILL), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.contains("limit of 5 steps"), "{failed}");
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        let end = house.until(|event| matches!(event, Event::Completed { .. }).then_some(()));
        end.await;
        assert_eq!(house.state().await["n"], 8);
        assert_eq!(workflow().to_string(), "it");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_was_at_work_when_it_was_paused_ends_and_nothing_follows_until_it_goes_on() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(PAIR), nothing()).await;
        model.until_asked(2).await;
        house.tell(Command::Pause { by: "an operator".into() }).await.unwrap();
        model.let_go();
        let both = |event: &Event| match event {
            Event::NodeDone { item, .. } if item.node == "b" => Some(()),
            _ => None,
        };
        house.until(both).await;
        assert_eq!(house.row().await["status"], "paused");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.tell(Command::Resume { by: "an operator".into() }).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"a": "late", "b": "late"}));
    });
    assert_eq!(model.asked().len(), 2, "nothing is asked again");
    assert_eq!(findings(&scene), Vec::<String>::new());
}
