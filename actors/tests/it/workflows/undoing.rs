//! What a run did is undone when it fails, is rolled back, or is cancelled so: the newest first.

use super::house::{House, Script, done, history, nothing};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::{Command, Event, OnRunning};
use serde_json::{Value, json};

/// A loop, a list, two at once, and a subgraph with things to undo of its own; then something fails.
pub(super) const TRAVEL: &str = r#"
name: travel
input: {type: object, properties: {to: {type: string, default: Rome}}}
state:
  n: {reducer: sum}
  said: {reducer: append}
  undone: {reducer: append}
limits: {steps: 20}
start: save
nodes:
  save: {set: {n: 1}, undo: spend}
  spend: {set: {undone: "'save ' ~ output.n ~ ' of ' ~ state.n ~ ' for ' ~ input.to"}}
  book:
    for_each: "['train', 'hotel']"
    agent: {prompt: "book {{ item }}"}
    write: {said: output}
    undo: unbook
  unbook:
    agent: {prompt: "cancel {{ output }} ({{ item }}, {{ index }}), as {{ error.error.error }}"}
    write: {undone: output}
  trip: {subgraph: {workflow: trip}, undo: regret}
  regret: {set: {undone: "'trip, though ' ~ output.fun"}}
  pay: {agent: {prompt: "pay"}, write: {said: output}}
edges:
  - {from: save, to: save, when: "state.n < 2"}
  - {from: save, to: [book, trip], otherwise: true}
  - {from: [book, trip], to: pay}
"#;

pub(super) const TRIP: &str = r#"
name: trip
state: {fun: {}, back: {reducer: append}}
output: {fun: state.fun}
start: go
nodes:
  go: {agent: {prompt: "go"}, write: {fun: output}, undo: back}
  back: {agent: {prompt: "come back from {{ output }}, as {{ error.node }} failed"}, write: {back: output}}
"#;

pub(super) const SCRIPT: Script = Script { root: TRAVEL, others: &[TRIP] };

pub(super) fn model() -> Model {
    Model::new(|work| match work.prompt.as_str() {
        "pay" => Reply::Breaks,
        prompt => Reply::Says(format!("<{prompt}>")),
    })
}

/// What was undone, in order: `step node` and whether it was inside.
pub(super) fn undone(events: &[Event]) -> Vec<String> {
    let undone = events.iter().filter_map(|event| match event {
        Event::NodeUndone { deed, .. } => Some(deed.to_string()),
        _ => None,
    });
    undone.collect()
}

#[test]
fn a_run_that_fails_undoes_what_it_did_the_newest_first() {
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.starts_with("process_failed: "), "{failed}");
        let events = house.events().await;
        assert_eq!(
            undone(&events),
            [
                "trip of step 4",
                "what was done inside of trip of step 4",
                "book[1] of step 4",
                "book[0] of step 4",
                "save of step 3",
                "save of step 2",
            ]
        );
        let state = house.state().await;
        let said = state["undone"].as_array().unwrap();
        assert_eq!((said.len(), &said[0]), (5, &json!("trip, though <go>")));
        let text = said[1].as_str().unwrap();
        assert!(text.starts_with("<cancel <book hotel> (hotel, 1), as "), "{text}");
        assert_eq!(said[3..], [json!("save 1 of 2 for Rome"), json!("save 1 of 2 for Rome")]);
        assert_eq!(house.row().await["status"], "failed");
        let history = history(&house).await;
        let undoing: Vec<_> = history.steps.iter().filter(|step| step.undoes.is_some()).collect();
        assert_eq!((undoing.len(), undoing[0].step, undoing[5].step), (6, 6, 11));
        let statuses: Vec<_> = history.steps[3].nodes.iter().map(|node| node.status).collect();
        assert_eq!(statuses, ["undone", "undone"]);
        assert_eq!(house.row().await["current_step"], 11);
    });
    assert!(model.asked().contains(&"0 come back from <go>, as pay failed".to_owned()));
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_run_that_was_undone_begins_anew_when_it_is_tried_again() {
    let (scene, broken, mended) = (Scene::new(), model(), Model::saying("fine"));
    scene.life(async |stage| {
        let house = House::on(&stage, &broken);
        house.start(SCRIPT, nothing()).await;
        house.end_of(1).await.unwrap_err();
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &mended);
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        let end = house.completed().await;
        assert_eq!(end, json!({"n": 2, "said": ["fine", "fine", "fine"], "undone": []}));
        assert_eq!(house.row().await["current_step"], 15);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn an_undoing_that_fails_is_gone_on_with_when_it_is_tried_again() {
    let scene = Scene::new();
    let broken = Model::new(|work| match work.prompt.as_str() {
        "pay" => Reply::Breaks,
        prompt if prompt.starts_with("cancel <book hotel>") => Reply::Breaks,
        prompt => Reply::Says(format!("<{prompt}>")),
    });
    let mended = model();
    scene.life(async |stage| {
        let house = House::on(&stage, &broken);
        house.start(SCRIPT, nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.starts_with("undo_failed: failed to undo book[1] of step 4: "), "{failed}");
        assert!(failed.contains(", and 3 more wait to be undone"), "{failed}");
        assert_eq!(undone(&house.events().await).len(), 2);
        assert_eq!(house.row().await["status"], "failed");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &mended);
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Undone { .. }).then_some(())).await;
        assert_eq!(undone(&house.events().await).len(), 6);
        assert_eq!(house.row().await["status"], "failed");
        let error = house.row().await["error"].to_string();
        assert!(!error.contains("failed to undo"), "{error}");
    });
    let of_hotel = |model: &Model| {
        model.asked().iter().filter(|asked| asked.starts_with("0 cancel <book hotel>")).count()
    };
    assert_eq!((of_hotel(&broken), of_hotel(&mended), mended.asked().len()), (1, 1, 2));
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// The inner undoing fails.
#[test]
fn what_a_subgraph_cannot_undo_is_seen_and_tried_again_from_its_parent() {
    let scene = Scene::new();
    let broken = Model::new(|work| match work.prompt.as_str() {
        "pay" => Reply::Breaks,
        prompt if prompt.starts_with("come back") => Reply::Breaks,
        prompt => Reply::Says(format!("<{prompt}>")),
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &broken);
        house.start(SCRIPT, nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        let expected = "undo_failed: failed to undo what was done inside of trip of step 4: failed to undo go of step 2: ";
        assert!(failed.starts_with(expected), "{failed}");
    });
    let mended = model();
    scene.life(async |stage| {
        let house = House::on(&stage, &mended);
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Undone { .. }).then_some(())).await;
        assert_eq!(undone(&house.events().await).len(), 6);
    });
    assert_eq!(mended.asked().len(), 3);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const ORDER: &str = r#"
name: order
input: {type: object, properties: {what: {type: string}}}
state: {ordered: {reducer: append}, undone: {reducer: append}, yes: {}}
start: order
nodes:
  order: {set: {ordered: input.what}, undo: return}
  return: {set: {undone: "output.ordered ~ ' since ' ~ error.error.kind"}}
  ask: {interrupt: {question: "Keep {{ input.what }}?"}, write: {yes: output}, undo: forget}
  forget: {set: {undone: "'the answer ' ~ output"}}
edges:
  - {from: order, to: ask}
"#;

fn what(what: &str) -> Value {
    json!({ "what": what })
}

#[test]
fn a_run_that_is_rolled_back_is_undone_before_the_other_begins() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    let script = Script::of(ORDER);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(script, what("tea")).await;
        let asked = house.asked("Keep tea?").await;
        house.answer(asked, json!(true)).await.unwrap();
        house.end_of(1).await.unwrap();
        house.run(script, what("ink"), OnRunning::Reject).await.unwrap();
        house.asked("Keep ink?").await;
        house.run(script, what("rum"), OnRunning::Rollback).await.unwrap();
        house.asked("Keep rum?").await;
        // The state is as if the second run had not been; what it did is in the past.
        assert_eq!(house.state().await["ordered"], json!(["tea", "rum"]));
        let events = house.events().await;
        assert_eq!(undone(&events), ["order of step 6"]);
        let state = house.state_at(8).await;
        assert_eq!(state["undone"], json!(["ink since rolled_back"]));
        assert_eq!(done(&events).len(), 5);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_cancelled_run_is_undone_if_that_is_wanted_then_or_later() {
    for is_late in [false, true] {
        let (scene, model) = (Scene::new(), Model::saying("?"));
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(ORDER), what("tea")).await;
            house.asked("Keep tea?").await;
            if is_late {
                house.tell(Command::Cancel { by: "ada".into() }).await.unwrap();
                assert_eq!(undone(&house.events().await), Vec::<String>::new());
            }
            house.tell(Command::CancelAndUndo { by: "ada".into() }).await.unwrap();
            house.until(|event| matches!(event, Event::Undone { .. }).then_some(())).await;
            assert_eq!(house.state().await["undone"], json!(["tea since cancelled"]));
            assert_eq!(house.row().await["status"], "cancelled");
            let again = house.tell(Command::CancelAndUndo { by: "ada".into() }).await;
            let again = again.unwrap_err().to_string();
            assert!(again.contains("nothing that could be undone"), "{again}");
        });
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

const HANDLED: &str = r#"
name: handled
state: {log: {reducer: append}}
start: a
nodes:
  a: {set: {log: "'a'"}, undo: un_a}
  un_a:
    agent: {prompt: "undo a"}
    retry: {attempts: 2, backoff: 1s}
    on_error: by_hand
  by_hand: {set: {log: "'by hand, as ' ~ error.node ~ ' failed'"}}
  b: {set: {log: "1 // 0"}}
edges:
  - {from: a, to: b}
"#;

#[test]
fn what_undoes_has_its_own_retries_and_on_error() {
    let (scene, model) = (Scene::new(), Model::new(|_| Reply::Breaks));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(HANDLED), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.starts_with("definition: "), "{failed}");
        assert_eq!(house.state().await["log"], json!(["a", "by hand, as un_a failed"]));
        assert_eq!(undone(&house.events().await), ["a of step 2"]);
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}
