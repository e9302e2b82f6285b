//! Replays of what somebody went back in: they go the way that counts in the end, and undo nothing that was not undone.

use super::house::{House, Script, nothing, workflow};
use super::travel::Traveller as _;
use super::undoing::{self, undone};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::entity::Directory;
use callboard_actors::nodes::Metrics;
use callboard_actors::vocabulary::WorkflowId;
use callboard_actors::workflows::{Command, Event, OnRunning, Past, Rewind, Targets, Workflow};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

/// Whatever is asked twice is answered otherwise; two levels of subgraphs.
const ROOT: &str = r#"
name: root
state: {log: {reducer: append}}
output: {log: state.log}
start: first
nodes:
  first: {agent: {prompt: "first"}, write: {log: output}, undo: sorry}
  sorry: {agent: {prompt: "sorry for {{ output }}"}, write: {log: output}}
  middle: {subgraph: {workflow: middle}, write: {log: output.log}}
  last: {agent: {prompt: "last"}, write: {log: output}}
edges:
  - {from: first, to: middle}
  - {from: middle, to: last}
"#;

const MIDDLE: &str = r#"
name: middle
state: {log: {reducer: append}}
output: {log: state.log}
start: open
nodes:
  open: {agent: {prompt: "open"}, write: {log: output}}
  inner: {for_each: "['x', 'y']", concurrency: 1, subgraph: {workflow: inner}, write: {log: output.said}}
edges:
  - {from: open, to: inner}
"#;

const INNER: &str = r#"
name: inner
state: {said: {}}
output: {said: state.said}
start: say
nodes:
  say: {agent: {prompt: "say"}, write: {said: output}}
"#;

const SCRIPT: Script = Script { root: ROOT, others: &[MIDDLE, INNER] };

/// Every answer is another; where `breaks` is set, `last` fails.
fn counting(breaks: &Arc<AtomicBool>) -> Model {
    let (count, breaks) = (AtomicUsize::new(0), Arc::clone(breaks));
    Model::new(move |work| {
        if work.prompt == "last" && breaks.load(Ordering::SeqCst) {
            return Reply::Breaks;
        }
        Reply::Says(format!("{} {}", work.prompt, count.fetch_add(1, Ordering::SeqCst)))
    })
}

/// What it holds at its newest checkpoint.
async fn state(house: &House, id: &WorkflowId) -> Value {
    let past = Past::read(&house.agents.journal, id).await.unwrap();
    let newest = past.workflow.checkpoint().unwrap().number;
    Value::Object(past.state_at(&house.agents.journal, newest).await.unwrap())
}

/// Waits until a workflow has come to an end so often.
async fn ended(house: &House, id: &WorkflowId, times: usize) {
    for _ in 0..2_000 {
        let loaded = house.agents.journal.load(Directory::<Workflow>::stream(&id.0), 0).await;
        let is_end = |kind: &str| matches!(kind, "WORKFLOW_COMPLETE" | "WORKFLOW_FAILED");
        let messages = loaded.unwrap().messages;
        if messages.iter().filter(|message| is_end(&message.event_type)).count() >= times {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{id} has not ended {times} times");
}

/// Replays it from there: it comes to the same, and nobody is asked.
async fn same_again(house: &House, model: &Model, from: Option<u32>, id: &str) {
    let asked = model.asked().len();
    house.replay("it", from, id).await;
    let end = house.end_of_run(id, 1).await;
    assert!(end.is_ok(), "from {from:?}: {end:?}");
    let (was, is) = (state(house, &workflow()).await, state(house, &house.named(id)).await);
    assert_eq!(was, is, "from {from:?}");
    assert_eq!(model.asked().len(), asked, "a replay asks nobody");
}

#[test]
fn a_replay_goes_the_way_that_was_gone_last() {
    let (scene, breaks) = (Scene::new(), Arc::new(AtomicBool::new(false)));
    let model = counting(&breaks);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        ended(&house, &workflow(), 1).await;
        // Step 3 is the subgraph; done anew it is step 5, and 5 done anew from 4 and so on: twice back, to other places.
        house.tell(house.anew_from(3, false).await).await.unwrap();
        ended(&house, &workflow(), 2).await;
        house.tell(house.anew_from(6, false).await).await.unwrap();
        ended(&house, &workflow(), 3).await;
        let log = state(&house, &workflow()).await;
        assert_eq!(log["log"], json!(["first 0", "open 5", "say 6", "say 7", "last 9"]), "{log}");
        for (place, from) in [None, Some(1), Some(2), Some(5), Some(7)].into_iter().enumerate() {
            same_again(&house, &model, from, &format!("replay-{place}")).await;
        }
        // Also of a replay, and of a fork.
        house.replay("replay-0", None, "twice").await;
        assert_eq!(house.end_of_run("twice", 1).await.unwrap(), log);
        house.fork(&workflow(), Some(5), None, "fork").await.unwrap();
        let forked = house.end_of_run("fork", 1).await.unwrap();
        house.replay("fork", None, "of-fork").await;
        assert_eq!(house.end_of_run("of-fork", 1).await.unwrap(), forked);
        // From a checkpoint that was left behind, its own way is gone.
        house.replay("it", Some(3), "abandoned").await;
        let went = house.end_of_run("abandoned", 1).await.unwrap();
        assert_eq!(went["log"], json!(["first 0", "open 1", "say 2", "say 3", "last 4"]));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn where_somebody_went_back_and_nothing_came_of_it_yet_the_way_before_is_replayed() {
    let (scene, breaks) = (Scene::new(), Arc::new(AtomicBool::new(false)));
    let model = counting(&breaks);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        ended(&house, &workflow(), 1).await;
        let was = state(&house, &workflow()).await;
        let asked = model.asked().len();
        for (times, to) in [2, 1].into_iter().enumerate() {
            house.tell(house.back_to(to, false, true).await).await.unwrap();
            for from in [None, Some(1), Some(2), Some(3)] {
                let id = format!("replay-{times}-{}", from.unwrap_or_default());
                house.replay("it", from, &id).await;
                assert_eq!(house.end_of_run(&id, 1).await.as_ref(), Ok(&was), "{to}: {from:?}");
            }
        }
        assert_eq!(model.asked().len(), asked, "a replay asks nobody");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_replay_of_what_was_undone_and_tried_again_goes_the_second_way() {
    let (scene, breaks) = (Scene::new(), Arc::new(AtomicBool::new(true)));
    let model = counting(&breaks);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        ended(&house, &workflow(), 1).await;
        assert_eq!(undone(&house.events().await), ["first of step 2"]);
        // What has failed is replayed with its undoing.
        let asked = model.asked().len();
        house.replay("it", None, "failed").await;
        let failed = house.end_of_run("failed", 1).await.unwrap_err();
        assert!(failed.starts_with("process_failed: "), "{failed}");
        assert_eq!(
            state(&house, &house.named("failed")).await,
            state(&house, &workflow()).await,
            "also what was written by the undoing"
        );
        assert_eq!(model.asked().len(), asked);
        breaks.store(false, Ordering::SeqCst);
        house.tell(Command::Retry { by: "ada".into() }).await.unwrap();
        ended(&house, &workflow(), 2).await;
        same_again(&house, &model, None, "again").await;
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_replay_follows_a_rollback_and_a_subgraph_that_was_sent_back_itself() {
    let (scene, breaks) = (Scene::new(), Arc::new(AtomicBool::new(true)));
    let model = Model::new({
        let (count, breaks) = (AtomicUsize::new(0), Arc::clone(&breaks));
        move |work| match work.prompt.as_str() {
            "say" if breaks.load(Ordering::SeqCst) => Reply::Waits("say"),
            prompt => Reply::Says(format!("{prompt} {}", count.fetch_add(1, Ordering::SeqCst))),
        }
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        model.until_asked(3).await;
        let middle = house.lineage("it").await.into_iter().nth(1).unwrap();
        breaks.store(false, Ordering::SeqCst);
        // The subgraph goes back to its beginning and does all anew.
        let journal = &house.agents.journal;
        let targets = Targets::read(journal, &middle).await.unwrap();
        let (to, course) = (targets.checkpoint(1).unwrap(), targets.course());
        let back = Rewind { by: "ada".into(), to, course, undo: false, pause: true };
        house.tell_to(middle.0.as_str(), Command::Rewind(Box::new(back))).await.unwrap();
        let rewound = |event: &Event| matches!(event, Event::Rewound { .. }).then_some(());
        house.workflows.find_event(&middle.0, 0, rewound).await.unwrap();
        let by = || "ada".to_owned();
        house.tell_to(middle.0.as_str(), Command::Resume { by: by() }).await.unwrap();
        ended(&house, &workflow(), 1).await;
        same_again(&house, &model, None, "sent-back").await;
        // From the inside, too: from its first checkpoint the way is the second one.
        house.replay(middle.0.as_str(), Some(1), "inside").await;
        assert_eq!(house.end_of_run("inside", 1).await.unwrap(), state(&house, &workflow()).await);
        house.tell(house.back_to(2, true, true).await).await.unwrap();
        house.until(rewound).await;
        house.tell(Command::Resume { by: by() }).await.unwrap();
        ended(&house, &workflow(), 2).await;
        same_again(&house, &model, None, "rolled-back").await;
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn where_the_record_ends_nothing_is_undone_and_nothing_caught() {
    const CAUGHT: &str = r#"
name: caught
state: {log: {reducer: append}}
start: book
nodes:
  book: {agent: {prompt: "book"}, write: {log: output}, undo: unbook}
  unbook: {agent: {prompt: "unbook"}, write: {log: output}}
  below: {subgraph: {workflow: below}, on_error: oh}
  oh: {set: {log: "'oh'"}}
edges:
  - {from: book, to: below}
"#;
    const BELOW: &str = r#"
name: below
state: {}
start: pay
nodes:
  pay: {agent: {prompt: "pay"}}
"#;
    let model = Model::new(|work| match work.prompt.as_str() {
        "pay" => Reply::Waits("pay"),
        prompt => Reply::Says(prompt.to_owned()),
    });
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script { root: CAUGHT, others: &[BELOW] }, nothing()).await;
        model.until_asked(2).await;
        house.replay("it", None, "replay").await;
        let failed = house.end_of_run("replay", 1).await.unwrap_err();
        assert!(failed.starts_with("no_recording: "), "{failed}");
        // The same once it was cancelled with all that it did: that undoing followed nothing that failed.
        house.tell(Command::CancelAndUndo { by: "ada".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Cancelled { .. }).then_some(())).await;
        assert_eq!(undone(&house.events().await), ["book of step 2"]);
        house.replay("it", None, "cancelled").await;
        let failed = house.end_of_run("cancelled", 1).await.unwrap_err();
        assert!(failed.starts_with("no_recording: "), "{failed}");
        for id in ["replay", "cancelled"] {
            let past = Past::read(&house.agents.journal, &house.named(id)).await.unwrap();
            let steps = &past.history.steps;
            assert!(steps.iter().all(|step| step.undoes.is_none()), "{id}: {steps:#?}");
            assert_eq!(state(&house, &house.named(id)).await["log"], json!(["book"]), "{id}");
        }
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_second_run_is_replayed_and_forked_from_its_beginning() {
    let (scene, breaks) = (Scene::new(), Arc::new(AtomicBool::new(false)));
    let model = counting(&breaks);
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        ended(&house, &workflow(), 1).await;
        house.run(SCRIPT, nothing(), OnRunning::Reject).await.unwrap();
        ended(&house, &workflow(), 2).await;
        house.replay("it", Some(5), "replay").await;
        assert_eq!(house.end_of_run("replay", 2).await.unwrap(), state(&house, &workflow()).await);
        let asked = model.asked().len();
        house.fork(&workflow(), Some(5), None, "fork").await.unwrap();
        let forked = house.end_of_run("fork", 2).await.unwrap();
        assert_eq!(forked["log"].as_array().unwrap().len(), 10, "{forked}");
        assert_eq!(model.asked().len(), asked + 5);
        let spent = Past::read(&house.agents.journal, &house.named("replay")).await.unwrap();
        assert_eq!(spent.workflow.spent(), Metrics::default());
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn the_undoing_of_a_failure_is_replayed_whole_with_what_was_inside() {
    let (scene, model) = (Scene::new(), undoing::model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(undoing::SCRIPT, nothing()).await;
        house.end_of(1).await.unwrap_err();
        let asked = model.asked().len();
        house.replay("it", None, "replay").await;
        let failed = house.end_of_run("replay", 1).await.unwrap_err();
        assert!(failed.starts_with("process_failed: "), "{failed}");
        assert_eq!(state(&house, &house.named("replay")).await, state(&house, &workflow()).await);
        assert_eq!(model.asked().len(), asked);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}
