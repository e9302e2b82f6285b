//! Crashes at every commit: the same end, and nothing that was finished is done again.

use super::house::{House, Script, done};
use crate::kit::{Scene, Stage};
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::vocabulary::Position;
use serde_json::{Value, json};

/// Nested, parallel, looping, interrupting.
const WHOLE: &str = r#"
name: whole
input: {type: object, properties: {sides: {type: array, default: ["a", "b"]}}}
state: {said: {reducer: append}, rounds: {reducer: sum}, agreed: {}, checked: {}}
limits: {steps: 20}
start: [speak, check]
nodes:
  speak:
    for_each: input.sides
    agent: {prompt: "{{ item }} in round {{ state.rounds }}"}
    write: {said: output}
  check: {subgraph: {workflow: part, input: {round: state.rounds}}, write: {checked: output.double}}
  count: {set: {rounds: 1}}
  ask: {interrupt: {question: "Enough?"}, write: {agreed: output}}
edges:
  - {from: [speak, check], to: count}
  - {from: count, to: [speak, check], when: "state.rounds < 2"}
  - {from: count, to: ask, otherwise: true}
"#;

const PART: &str = r#"
name: part
input: {type: object, properties: {round: {type: integer}}}
state: {word: {}, double: {}}
start: think
nodes:
  think: {agent: {prompt: "think {{ input.round }}"}, write: {word: output}}
  twice: {set: {double: "state.word ~ state.word"}}
edges:
  - {from: think, to: twice}
"#;

const SCRIPT: Script = Script { root: WHOLE, others: &[PART] };

fn model() -> Model {
    Model::new(|work| Reply::Says(format!("<{}>", work.prompt)))
}

/// Goes on to the end.
async fn finish(stage: &Stage, model: &Model) -> (Value, Vec<String>) {
    let house = House::on(stage, model);
    house.start(SCRIPT, json!({})).await;
    let enough = house.asked("Enough?").await;
    // Answered before a crash, it is not open any more.
    let _ = house.answer(enough, json!(true)).await;
    let end = house.end_of(1).await.unwrap();
    (end, done(&house.events().await))
}

fn straight() -> (Value, Vec<String>, Position) {
    let scene = Scene::new();
    let model = model();
    let (end, done) = scene.life(async |stage| finish(&stage, &model).await);
    (end, done, scene.open().feed().head())
}

#[test]
fn whatever_was_committed_last_the_end_is_the_same_and_nothing_is_asked_twice() {
    let (end, done, head) = straight();
    assert_eq!(end["said"].as_array().unwrap().len(), 4);
    // Some of them; CALLBOARD_CUTS=all tries every one, which takes minutes.
    let stride =
        std::env::var("CALLBOARD_CUTS").map_or(11, |all| if all == "all" { 1 } else { 11 });
    for cut in (1..head).step_by(stride) {
        let (scene, model) = (Scene::new(), model());
        scene.life(async |stage| {
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= cut);
            tokio::select! {
                biased;
                _ = until => {}
                _ = finish(&stage, &model) => {}
            }
        });
        let (ended, mut was_done) = scene.life(async |stage| finish(&stage, &model).await);
        was_done.sort();
        let mut expected = done.clone();
        expected.sort();
        assert_eq!((ended, was_done), (end.clone(), expected), "cut at {cut}");
        let lost = scene.number("SELECT coalesce(sum(lost_count), 0) FROM processes");
        let asked = i64::try_from(model.asked().len()).unwrap();
        assert!(asked <= 6 + lost, "cut at {cut}: asked {asked} times, and {lost} were lost");
        assert_eq!(findings(&scene), Vec::<String>::new(), "cut at {cut}");
    }
}
