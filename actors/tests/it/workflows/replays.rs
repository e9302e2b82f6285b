//! Replays: the same way again, with what was recorded, and nobody is asked.

use super::forks::{WHOLE, model};
use super::house::{House, Script, workflow};
use super::travel::{Traveller, checkpoints};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::nodes::Metrics;
use callboard_actors::workflows::{Command, Event, Past};
use serde_json::json;

/// What a workflow's runs took in all.
async fn spent(house: &House, id: &str) -> Metrics {
    let past = Past::read(&house.agents.journal, &house.named(id)).await.unwrap();
    past.history.steps.iter().fold(Metrics::default(), |sum, step| sum.plus(step.spent))
}

#[test]
fn a_replay_comes_to_the_same_end_at_every_step_and_asks_neither_models_nor_persons() {
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(WHOLE, json!({"sides": ["a", "b", "c"]})).await;
        let end = house.answered("it", json!(true)).await.unwrap();
        let asked = model.asked().len();
        house.replay("it", None, "replay").await;
        assert_eq!(house.end_of_run("replay", 1).await, Ok(end.clone()));
        for checkpoint in checkpoints(&house, &workflow()).await {
            let id = format!("replay-{checkpoint}");
            house.replay("it", Some(checkpoint), &id).await;
            assert_eq!(house.end_of_run(&id, 1).await, Ok(end.clone()), "from {checkpoint}");
        }
        let journal = &house.agents.journal;
        let (was, is) = (Past::read(journal, &workflow()).await.unwrap(), house.named("replay"));
        let is = Past::read(journal, &is).await.unwrap();
        assert!(was.checkpoints.keys().eq(is.checkpoints.keys()));
        for number in was.checkpoints.keys() {
            let states =
                (was.state_at(journal, *number).await, is.state_at(journal, *number).await);
            assert_eq!(states.0.unwrap(), states.1.unwrap(), "at {number}");
        }
        assert_eq!(house.lineage("replay").await.len(), house.lineage("it").await.len());
        assert_eq!(spent(&house, "replay").await, Metrics::default());
        // Also of a fork of a subgraph, and of a replay.
        let deep = house.lineage("it").await.into_iter().next_back().unwrap();
        house.fork(&deep, Some(1), None, "fork").await.unwrap();
        house.answered("fork", json!(true)).await.unwrap();
        let asked_by_fork = model.asked().len();
        for (of, id) in [("fork", "replay of fork"), ("replay", "replay of replay")] {
            let id = id.replace(' ', "-");
            house.replay(of, None, &id).await;
            assert_eq!(house.end_of_run(&id, 1).await, Ok(end.clone()), "{id}");
        }
        assert_eq!(model.asked().len(), asked_by_fork);
        assert!(asked_by_fork > asked, "a fork does ask");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const STUBBORN: &str = r#"
name: stubborn
state: {heard: {}, outcome: {}}
start: sleep
nodes:
  sleep: {wait: {for: 10m}}
  listen: {wait: {topic: "news.*"}, write: {heard: output.data.size}}
  try:
    agent: {prompt: "Will it work?"}
    retry: {attempts: 2, backoff: 1h}
    on_error: mend
  mend: {set: {outcome: "'mended: ' ~ error.error.kind"}}
edges:
  - {from: sleep, to: listen}
  - {from: listen, to: try}
"#;

#[test]
fn waits_and_failures_are_replayed_at_once() {
    let (scene, model) = (Scene::new(), Model::new(|_| Reply::Breaks));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(STUBBORN), json!({})).await;
        let listens = |event: &Event| match event {
            Event::NodeWaits { item, .. } if item.node == "listen" => Some(()),
            _ => None,
        };
        house.until(listens).await;
        house.publish("news.today", json!({"size": 3})).await;
        let end = house.end_of(1).await.unwrap();
        assert_eq!(end, json!({"heard": 3, "outcome": "mended: process_failed"}));
        let (asked, began) = (model.asked().len(), tokio::time::Instant::now());
        house.replay("it", None, "replay").await;
        assert_eq!(house.end_of_run("replay", 1).await, Ok(end));
        assert_eq!(model.asked().len(), asked);
        assert!(began.elapsed().as_secs() < 60, "nobody waits: {:?}", began.elapsed());
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn where_nothing_was_recorded_a_replay_fails_and_says_so() {
    let model = Model::new(|work| match work.prompt.as_str() {
        "b in round 0" => Reply::Waits("late"),
        text => Reply::Says(text.to_owned()),
    });
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(WHOLE, json!({})).await;
        model.until_asked(8).await;
        house.replay("it", None, "replay").await;
        let failed = house.end_of_run("replay", 1).await.unwrap_err();
        assert!(
            failed.starts_with("no_recording: the record of it says nothing of speak[1] in step 2"),
            "{failed}"
        );
        let by = "an operator".to_owned();
        house.tell_to("replay", Command::Cancel { by }).await.unwrap_err();
        assert_eq!(model.asked().len(), 8);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_run_that_got_more_steps_when_it_was_tried_again_is_replayed_to_its_end() {
    const TREADMILL: &str = r#"
name: treadmill
state: {n: {reducer: sum}}
limits: {steps: 5, seconds: 1}
start: step
nodes: {step: {set: {n: 1}}}
edges:
  - {from: step, to: step, when: "state.n < 8"}
  - {from: step, to: end, otherwise: true}
"#;
    let (scene, model) = (Scene::new(), Model::saying("?"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(TREADMILL), json!({})).await;
        assert!(house.end_of(1).await.unwrap_err().contains("limit of 5 steps"));
        house.replay("it", None, "short").await;
        assert!(house.end_of_run("short", 1).await.unwrap_err().contains("limit of "));
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Completed { .. }).then_some(())).await;
        house.replay("it", None, "long").await;
        assert_eq!(house.end_of_run("long", 1).await, Ok(json!({"n": 8})));
    });
}
