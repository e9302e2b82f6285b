//! Every kind of node, and what holds for any.

use super::house::{House, Script, done, nothing, straight};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::Event;
use serde_json::json;

const COUNT: &str = r#"
name: count
input: {type: object, properties: {to: {type: integer, default: 3}}}
state:
  n: {reducer: sum}
  seen: {reducer: append}
limits: {steps: 50}
start: add
nodes:
  add: {set: {n: 1, seen: "state.n"}}
edges:
  - {from: add, to: add, when: "state.n < input.to"}
  - {from: add, to: end, otherwise: true}
"#;

#[test]
fn a_loop_goes_on_until_its_condition_fails_and_costs_one_commit_a_step() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(COUNT), json!({"to": 10})).await;
        let end = house.end_of(1).await.unwrap();
        assert_eq!(end, json!({"n": 10, "seen": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}));
        assert_eq!(house.state().await, *end.as_object().unwrap());
        assert_eq!(house.row().await["status"], "completed");
    });
    // One command for the start, one a step: each is an append of its own, and they follow one another.
    assert_eq!(scene.number("SELECT count(*) FROM messages WHERE kind = 'command'"), 11);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const PANEL: &str = r#"
name: panel
input: {type: object, required: [sides], properties: {sides: {type: array}}}
state:
  said: {reducer: append}
  verdict: {}
start: speak
concurrency: 2
nodes:
  speak:
    for_each: input.sides
    agent: {prompt: "Speak for {{ item }}."}
    write: {said: "{'side': item, 'text': output}"}
  judge:
    agent:
      prompt: "Who won? {{ state.said | length }} spoke."
      output: {type: object, required: [winner], properties: {winner: {type: string}}}
      max_turns: 2
    write: {verdict: output.winner}
edges:
  - {from: speak, to: judge}
output: {verdict: state.verdict, first: "state.said[0].text"}
"#;

fn panel() -> Model {
    Model::new(|work| {
        let prompt = &work.prompt;
        let text = if prompt.starts_with("Who won?") {
            r#"{"winner": "b"}"#.to_owned()
        } else {
            format!("I say: {prompt}")
        };
        Reply::Says(text)
    })
}

#[test]
fn a_list_is_spoken_for_item_by_item_and_written_in_its_order() {
    let model = panel();
    let end = straight(Script::of(PANEL), &model, &json!({"sides": ["a", "b", "c"]}));
    assert_eq!(end.unwrap(), json!({"verdict": "b", "first": "I say: Speak for a."}));
    assert_eq!(model.asked().len(), 4);
}

const FALLIBLE: &str = r#"
name: fallible
state: {outcome: {}}
start: try
nodes:
  try:
    agent: {prompt: "Will it work?"}
    retry: {attempts: 2, backoff: 1s}
    on_error: mend
    write: {outcome: output}
  mend: {set: {outcome: "'mended: ' ~ error.error.kind"}}
edges:
  - {from: try, to: end}
"#;

#[test]
fn a_node_that_fails_is_tried_again_and_then_handed_over() {
    let model = Model::new(|_| Reply::Breaks);
    let (scene, broken) = (Scene::new(), model.clone());
    scene.life(async |stage| {
        let house = House::on(&stage, &broken);
        house.start(Script::of(FALLIBLE), nothing()).await;
        assert_eq!(house.end_of(1).await.unwrap(), json!({"outcome": "mended: process_failed"}));
        let events = house.events().await;
        let retries = events.iter().filter(|e| matches!(e, Event::NodeRetry { .. })).count();
        assert_eq!((retries, done(&events)), (1, vec!["3 mend".to_owned()]));
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const OUTER: &str = r#"
name: outer
state: {answers: {reducer: append}}
start: inner
nodes:
  inner:
    for_each: "[1, 2]"
    subgraph: {workflow: inner, input: {number: item}}
    write: {answers: output.doubled}
"#;

const INNER: &str = r#"
name: inner
input: {type: object, required: [number], properties: {number: {type: integer}}}
state: {doubled: {}}
start: twice
nodes:
  twice: {set: {doubled: "input.number * 2"}}
"#;

#[test]
fn subgraphs_have_states_of_their_own() {
    let script = Script { root: OUTER, others: &[INNER] };
    let end = straight(script, &Model::saying("?"), &nothing());
    assert_eq!(end.unwrap(), json!({"answers": [2, 4]}));
}

const ASKING: &str = r#"
name: asking
state: {name: {}, age: {}, done: {}}
start: [who, how_old]
nodes:
  who: {interrupt: {question: "Who are you?"}, write: {name: output}}
  how_old:
    interrupt: {question: "How old?", answer: {type: integer}}
    write: {age: output}
  both: {set: {done: "state.name ~ ' ' ~ state.age"}}
edges:
  - {from: [who, how_old], to: both}
"#;

#[test]
fn two_questions_are_open_at_once_and_answered_in_any_order_over_crashes() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    let age = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        house.asked("Who are you?").await;
        let age = house.asked("How old?").await;
        assert_eq!(house.row().await["status"], "interrupted");
        let refused = house.answer(age.clone(), json!("old")).await.unwrap_err().to_string();
        assert!(refused.contains("does not fit the question"), "{refused}");
        age
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.answer(age.clone(), json!(42)).await.unwrap();
        let again = house.answer(age.clone(), json!(43)).await.unwrap_err().to_string();
        assert!(again.contains("is open"), "{again}");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let who = house.asked("Who are you?").await;
        house.answer(who, json!("Ada")).await.unwrap();
        let end = house.end_of(1).await.unwrap();
        assert_eq!(end, json!({"name": "Ada", "age": 42, "done": "Ada 42"}));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const WAITING: &str = r#"
name: waiting
state: {heard: {}}
start: sleep
nodes:
  sleep: {wait: {for: 10m}}
  listen:
    wait: {topic: "news.*", when: "message.data.size > 2"}
    timeout: 1h
    write: {heard: output.data.size}
edges:
  - {from: sleep, to: listen}
"#;

#[test]
fn a_wait_ends_at_its_time_and_with_the_message_that_it_is_for() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(WAITING), nothing()).await;
        house.until(|event| matches!(event, Event::NodeWaits { .. }).then_some(())).await;
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let listens = |event: &Event| match event {
            Event::NodeWaits { item, .. } if item.node == "listen" => Some(()),
            _ => None,
        };
        house.until(listens).await;
        for size in [1, 2, 3] {
            house.publish("news.today", json!({"size": size})).await;
        }
        assert_eq!(house.end_of(1).await.unwrap(), json!({"heard": 3}));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_handler_hears_of_all_that_failed_in_its_step() {
    const SEVERAL: &str = r#"
name: several
state: {first: {}, all: {}}
start: [ask, try]
nodes:
  ask: {for_each: "['a', 'b', 'c']", agent: {prompt: "{{ item }}"}, on_error: mend}
  try: {tool: {name: broken, with: {text: "'x'"}}, on_error: mend}
  mend:
    set:
      first: "error.node ~ ': ' ~ error.error.kind"
      all: "error.failures"
edges: []
"#;
    let model = Model::new(|work| match work.prompt.as_str() {
        "b" => Reply::Says("fine".into()),
        _ => Reply::Breaks,
    });
    let end = straight(Script::of(SEVERAL), &model, &nothing()).unwrap();
    let all = end["all"].as_array().unwrap();
    let of: Vec<_> =
        all.iter().map(|one| (&one["node"], &one["index"], &one["error"]["kind"])).collect();
    let (ask, failed) = (json!("ask"), json!("process_failed"));
    assert_eq!(of[..2], [(&ask, &json!(0), &failed), (&ask, &json!(2), &failed)], "{end}");
    assert_eq!((of.len(), of[2].0, of[2].1), (3, &json!("try"), &json!(null)), "{end}");
    assert_eq!(end["first"], "ask: process_failed");
}
