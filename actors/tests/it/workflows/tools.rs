//! Tools in workflows: nodes that call one, agents that call some; what fails, what is lost, what takes too long.

use super::house::{House, Script, nothing, straight};
use crate::kit::{Scene, Stage};
use crate::nodes::house::{Model, Reply, findings};
use serde_json::{Value, json};
use std::time::Duration;

const CALLS: &str = r#"
name: calls
input: {type: object, properties: {texts: {type: array, default: ["a", "b"]}}}
state: {said: {reducer: append}, first: {}}
start: say
nodes:
  say:
    for_each: input.texts
    tool: {name: echo, with: {text: "item ~ index"}}
    write: {said: output.said}
  once: {tool: {name: once, with: {text: "state.said | join(' ')"}}, write: {first: output.said}}
edges:
  - {from: say, to: once}
"#;

#[test]
fn a_node_calls_a_tool_with_what_its_expressions_give() {
    let model = Model::saying("?");
    let end = straight(Script::of(CALLS), &model, &nothing()).unwrap();
    assert_eq!(end, json!({ "said": ["a0", "b1"], "first": "a0 b1" }));
    let mut names = model.bench.names();
    names.sort();
    assert_eq!(names, ["echo a0", "echo b1", "once a0 b1"]);
}

const FAILS: &str = r#"
name: fails
state: {why: {}}
start: call
nodes:
  call:
    tool: {name: broken, with: {text: "'x'"}}
    retry: {attempts: 3, backoff: 1s, on: [tool_failed]}
    on_error: note
  note: {set: {why: error.error}}
edges:
  - {from: note, to: end}
"#;

#[test]
fn what_a_tool_refuses_can_be_retried_and_taken_over() {
    let model = Model::saying("?");
    let end = straight(Script::of(FAILS), &model, &nothing()).unwrap();
    assert_eq!(end["why"], json!({ "kind": "tool_failed", "error": "it is broken: use another" }));
    let begun = model.bench.begun();
    assert_eq!(begun.len(), 3);
    assert_ne!(begun[0], begun[1], "another attempt is another call");
}

const UNFIT: &str = r#"
name: unfit
start: call
nodes:
  call: {tool: {name: echo, with: {text: "1 + 1"}}}
"#;

#[test]
fn arguments_that_do_not_fit_fail_the_node() {
    let model = Model::saying("?");
    let error = straight(Script::of(UNFIT), &model, &nothing()).unwrap_err();
    assert!(error.starts_with("tool_failed: the arguments of echo do not fit"), "{error}");
    assert!(model.bench.begun().is_empty());
}

/// A server falls while a tool is at work; the next one has the workflow.
pub(super) fn fall_during(script: &'static str, model: &Model, then: impl AsyncFnOnce(House)) {
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, model);
        house.start(Script::of(script), nothing()).await;
        model.bench.until_begun(1).await;
    });
    model.bench.let_go();
    scene.life(async |stage| then(House::on(&stage, model)).await);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const SLOW: &str = r#"
name: slow
state: {said: {}}
start: call
nodes:
  call: {tool: {name: slow, with: {text: "'x'"}}, write: {said: output}}
"#;

#[test]
fn a_call_that_was_lost_is_made_again_with_its_id_where_that_does_no_harm() {
    let model = Model::saying("?");
    fall_during(SLOW, &model, async |house| {
        assert_eq!(house.end_of(1).await.unwrap(), json!({ "said": "x, at last" }));
    });
    let begun = model.bench.begun();
    assert_eq!((begun.len(), &begun[0]), (2, &begun[1]));
}

const LATE: &str = r#"
name: late
state: {}
start: work
nodes:
  work: {timeout: 5s, agent: {prompt: "Work.", tools: [slow]}}
"#;

#[test]
fn an_agent_that_takes_too_long_stops_calling() {
    let (scene, model) =
        (Scene::new(), Model::new(|_| Reply::Calls(&[("slow", r#"{"text": "x"}"#)])));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(LATE), nothing()).await;
        let error = house.end_of(1).await.unwrap_err();
        let words = "/work took longer than its time-out of 5s: give it more (`timeout`)";
        assert!(error.starts_with("timed_out: ") && error.contains(words), "{error}");
        model.bench.let_go();
        tokio::time::sleep(Duration::from_mins(1)).await;
    });
    assert_eq!(scene.number("SELECT count(*) FROM nodes WHERE status = 'cancelled'"), 1);
    assert_eq!((model.asked().len(), model.bench.begun().len()), (1, 1));
    let failed = "SELECT data ->> '$.spent.turns' FROM messages WHERE event_type = 'NODE_FAILED'";
    assert_eq!(scene.number(failed), 1, "what it took counts");
}

const LOOPS: &str = r#"
name: loops
input: {type: object, properties: {names: {type: array, default: ["a", "b"]}}}
state: {said: {reducer: append}}
start: work
nodes:
  note: {tool: {name: echo, with: {text: "'note'"}}}
  work:
    for_each: input.names
    agent: {prompt: "Work as {{ item }}.", tools: [echo]}
    write: {said: output}
edges:
  - {from: work, to: note}
"#;

/// Each worker makes two calls at once, and then one more.
fn worker() -> Model {
    Model::new(|work| match work.history.len() {
        0 => Reply::Calls(&[("echo", r#"{"text": "1"}"#), ("echo", r#"{"text": "2"}"#)]),
        1 => Reply::Calls(&[("echo", r#"{"text": "3"}"#)]),
        _ => Reply::Says("done".into()),
    })
}

async fn finish(stage: &Stage, model: &Model) -> Value {
    let house = House::on(stage, model);
    house.start(Script::of(LOOPS), nothing()).await;
    house.end_of(1).await.unwrap()
}

#[test]
fn wherever_it_falls_a_call_that_has_its_result_is_not_made_again() {
    let head = {
        let (scene, model) = (Scene::new(), worker());
        scene.life(async |stage| finish(&stage, &model).await);
        assert_eq!(model.bench.begun().len(), 7);
        scene.open().feed().head()
    };
    let stride =
        if std::env::var("CALLBOARD_TEST_CUTS").is_ok_and(|all| all == "all") { 1 } else { 9 };
    for cut in (2..head).step_by(stride) {
        let (scene, model) = (Scene::new(), worker());
        scene.life(async |stage| {
            let mut heads = stage.journal.feed().watch();
            tokio::select! {
                biased;
                _ = heads.wait_for(|head| *head >= cut) => {}
                _ = finish(&stage, &model) => {}
            }
        });
        let recorded = "SELECT count(*) FROM messages WHERE event_type = 'TOOL_RESULT'";
        let (ended, before) = (scene.number(recorded), model.bench.begun().len());
        let end = scene.life(async |stage| finish(&stage, &model).await);
        assert_eq!(end, json!({ "said": ["done", "done"] }), "cut at {cut}");
        let again = i64::try_from(model.bench.begun().len() - before).unwrap();
        // Six by the workers, one by the node, which may have ended before, too.
        assert!(again <= 7 - ended, "cut at {cut}: {ended} had ended, {again} were made again");
        assert_eq!(scene.number(recorded), 6, "cut at {cut}");
        assert_eq!(findings(&scene), Vec::<String>::new(), "cut at {cut}");
    }
}
