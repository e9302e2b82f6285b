//! Forks: from every checkpoint of a lineage, to the same end, without paying again what was paid; and other ways.

use super::house::{House, Script, workflow};
use super::travel::{Traveller, checkpoints};
use crate::kit::{Scene, Stage};
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::graph;
use callboard_actors::vocabulary::WorkflowId;
use callboard_actors::workflows::{
    Change, Command, Event, ForkError, Manner, OnRunning, Past, Record, Recorded, next_run,
};
use serde_json::{Value, json};

/// Parallel, three levels deep, looping; at its end it asks.
pub(crate) const WHOLE: Script = Script { root: ROOT, others: &[PART, DEEP] };
const ROOT: &str = r#"
name: whole
input: {type: object, properties: {sides: {type: array, default: ["a", "b"]}}}
state: {said: {reducer: append}, rounds: {reducer: sum}, agreed: {}, checked: {reducer: append}}
limits: {steps: 20}
start: [speak, check]
nodes:
  speak:
    for_each: input.sides
    agent: {prompt: "{{ item }} in round {{ state.rounds }}"}
    write: {said: output}
  check:
    for_each: "[1, 2]"
    subgraph: {workflow: part, input: {round: state.rounds, which: item}}
    write: {checked: output.double}
  count: {set: {rounds: 1}}
  ask: {interrupt: {question: "Enough?"}, write: {agreed: output}}
edges:
  - {from: [speak, check], to: count}
  - {from: count, to: [speak, check], when: "state.rounds < 2"}
  - {from: count, to: ask, otherwise: true}
"#;
const PART: &str = r#"
name: part
input: {type: object, properties: {round: {type: integer}, which: {type: integer}}}
state: {word: {}, below: {}, double: {}}
output: {double: state.double}
start: think
nodes:
  think: {agent: {prompt: "think {{ input.round }} of {{ input.which }}"}, write: {word: output}}
  aside: {agent: {prompt: "beside {{ input.round }} of {{ input.which }}"}}
  dig: {subgraph: {workflow: deep, input: {word: state.word}}, write: {below: output.found}}
  twice: {set: {double: "state.word ~ state.below"}}
edges:
  - {from: think, to: [dig, aside]}
  - {from: [dig, aside], to: twice}
"#;
const DEEP: &str = r#"
name: deep
input: {type: object, properties: {word: {type: string}}}
state: {found: {}}
start: first
nodes:
  first: {set: {found: "input.word"}}
  second: {agent: {prompt: "below {{ state.found }}"}, write: {found: output}}
  third: {set: {found: "state.found ~ '.'"}}
edges:
  - {from: first, to: second}
  - {from: second, to: third}
"#;

pub(crate) fn model() -> Model {
    Model::new(|work| Reply::Says(format!("<{}>", work.prompt)))
}

/// The agents whose answers a lineage had taken in at a position.
async fn finished(house: &House, position: i64) -> usize {
    let mut finished = 0;
    for id in house.lineage("it").await {
        let record = Record::read(&house.agents.journal, &id, position).await.unwrap();
        for step in 1..30 {
            let agents = record.of_step(step).filter(|((_, node, _), came_to)| {
                let is_agent = ["speak", "think", "aside", "second"].contains(&node.as_str());
                is_agent && matches!(came_to, Recorded::Done(_))
            });
            finished += agents.count();
        }
    }
    finished
}

#[test]
fn a_fork_of_any_checkpoint_of_a_lineage_comes_to_the_same_end_and_asks_only_what_was_not_answered()
{
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(WHOLE, json!({})).await;
        let enough = house.asked("Enough?").await;
        house.answer(enough, json!(true)).await.unwrap();
        let end = house.end_of(1).await.unwrap();
        let all = model.asked().len();
        assert_eq!(all, 2 * (2 + 2 * 3));
        let mut tried = 0;
        for of in house.lineage("it").await {
            for checkpoint in checkpoints(&house, &of).await {
                tried += 1;
                let before = model.asked().len();
                let id = format!("fork-{tried}");
                let cut = house.fork(&of, Some(checkpoint), None, &id).await.unwrap();
                let (place, position) = (format!("{of} at {checkpoint}"), cut.named.position);
                assert_eq!(house.answered(&id, json!(true)).await, Ok(end.clone()), "{place}");
                let asked = model.asked().len() - before;
                assert_eq!(asked, all - finished(&house, position).await, "{place}");
            }
        }
        assert_eq!(tried, 6 + 4 * 4 + 4 * 4, "all checkpoints of 1 + 4 + 4 workflows");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_fork_of_a_running_workflow_takes_over_what_was_done_beside_and_disturbs_nothing() {
    let model = Model::new(|work| match work.prompt.as_str() {
        "below <think 0 of 1>" => Reply::Waits("late"),
        text => Reply::Says(format!("<{text}>")),
    });
    let scene = Scene::new();
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(WHOLE, json!({})).await;
        model.until_asked(8).await;
        for (node, index) in [("speak", 0), ("speak", 1), ("check", 1)] {
            let is_it = |event: &Event| match event {
                Event::NodeDone { item, .. } => {
                    (item.node == node && item.index == Some(index)).then_some(())
                }
                _ => None,
            };
            house.until(is_it).await;
        }
        let of = house.lineage("it").await;
        let deep = house.child_at(&of, "deep", "below <think 0 of 1>").await;
        let events = house.events().await.len();
        let cut = house.fork(&deep, None, None, "fork").await.unwrap();
        assert_eq!((cut.root.clone(), cut.named.workflow_id.clone()), (workflow(), deep));
        let all = 8 - finished(&house, cut.named.position).await;
        model.until_asked(8 + all).await;
        assert_eq!(house.events().await.len(), events, "the source is where it was");
        let again = &model.asked()[8..];
        assert!(again.contains(&"0 below <think 0 of 1>".to_owned()), "{again:?}");
        assert!(!again.contains(&"0 think 0 of 1".to_owned()), "{again:?}");
        model.let_go();
        let end = house.answered("fork", json!(true)).await.unwrap();
        assert_eq!(house.answered("it", json!(true)).await.unwrap(), end);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

fn change(of: &str, state: Value, next: Option<&[&str]>) -> Change {
    let Value::Object(state) = state else { panic!("no object") };
    let next = next.map(|names| names.iter().map(ToString::to_string).collect());
    Change { workflow_id: WorkflowId(of.parse().unwrap()), state, next }
}

const CROSSING: &str = r#"
name: crossing
input: {type: object, properties: {who: {type: string, default: "ada"}}}
state:
  way: {schema: {enum: [null, left, right]}}
  list: {reducer: append}
  seen: {reducer: append}
start: look
nodes:
  look: {agent: {prompt: "Which way, {{ input.who }}?", model: haiku}, write: {way: "'left'", list: "['one']"}}
  walk:
    for_each: state.list
    agent: {prompt: "walk to {{ item }}", model: haiku}
    write: {seen: output}
  left: {set: {seen: "'went left'"}}
  right: {set: {seen: "'went right'"}}
edges:
  - {from: look, to: walk}
  - {from: walk, to: left, when: "state.way == 'left'"}
  - {from: walk, to: right, otherwise: true}
"#;

#[test]
fn a_fork_with_another_state_takes_another_way_with_another_model() {
    let scene = Scene::new();
    let model =
        Model::new(|work| Reply::Says(format!("{} said {}", work.attempt.model, work.prompt)));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(CROSSING), json!({})).await;
        let straight = house.end_of(1).await.unwrap();
        assert_eq!(straight["seen"], json!(["haiku said walk to one", "went left"]));

        let edits = json!({ "way": "right", "list": ["two", "three"] });
        let manner = Manner { model: Some("opus".into()), ..Manner::default() };
        house
            .fork_in(&workflow(), Some(2), Some(change("it", edits, None)), "other", manner)
            .await
            .unwrap();
        let other = house.answered("other", json!(null)).await.unwrap();
        let seen = ["opus said walk to two", "opus said walk to three", "went right"];
        assert_eq!(other["seen"], json!(seen));

        let past = Past::read(&house.agents.journal, &house.named("other")).await.unwrap();
        let first = &past.history.steps[0];
        assert_eq!((first.step, first.source.as_ref().unwrap().checkpoint), (2, 2));
        let edits = house.agents.journal.value(&first.writes).await.unwrap();
        assert_eq!(edits[1], json!({ "channel": "way", "value": "right" }), "{edits}");
        assert_eq!(past.state_at(&house.agents.journal, 2).await.unwrap()["way"], "right");

        let asked = model.asked().len();
        house
            .fork(&workflow(), None, Some(change("it", json!({}), Some(&["right"]))), "end")
            .await
            .unwrap();
        let end = house.answered("end", json!(null)).await.unwrap();
        assert_eq!(end["seen"], json!(["haiku said walk to one", "went left", "went right"]));
        house.fork(&workflow(), None, None, "over").await.unwrap();
        assert_eq!(
            house.answered("over", json!(null)).await.unwrap(),
            straight,
            "nothing is left to do"
        );
        assert_eq!(model.asked().len(), asked);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_does_not_fit_is_refused_before_anything_begins() {
    let (scene, model) = (Scene::new(), Model::saying("left"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(CROSSING), json!({})).await;
        house.end_of(1).await.unwrap();
        for (checkpoint, state, next, words) in [
            (2, json!({ "wey": 1 }), None, "did you mean \"way\"?"),
            (2, json!({ "way": "up" }), None, "state.way: "),
            (2, json!({ "list": 1 }), None, "declared with reducer append"),
            (2, json!({}), Some(&["wlak"][..]), "did you mean \"walk\"?"),
            (2, json!({}), Some(&[][..]), "next is empty"),
            (9, json!({}), None, "no checkpoint 9"),
        ] {
            let change = Some(change("it", state, next));
            let refused = house.fork(&workflow(), Some(checkpoint), change, "no").await;
            let error = refused.unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    });
}

#[test]
fn a_subgraph_is_forked_with_another_state_far_below_the_root() {
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(WHOLE, json!({})).await;
        let end = house.answered("it", json!(true)).await.unwrap();
        let of = house.lineage("it").await;
        let deep = house.child_at(&of, "deep", "below <think 0 of 1>").await;
        let before = model.asked().len();
        let edits = Some(change(deep.0.as_str(), json!({ "found": "treasure" }), None));
        house.fork(&deep, Some(2), edits, "fork").await.unwrap();
        let other = house.answered("fork", json!(true)).await.unwrap();
        assert_eq!(other["checked"][0], "<think 0 of 1><below treasure>.");
        assert_eq!((&other["checked"][1], &other["said"]), (&end["checked"][1], &end["said"]));
        assert!(model.asked()[before..].contains(&"0 below treasure".to_owned()));
        // Forked again, at its own first checkpoint: what it had taken over is taken over once more.
        let before = model.asked().len();
        house.fork(&house.named("fork"), Some(1), None, "again").await.unwrap();
        assert_eq!(house.answered("again", json!(true)).await.unwrap(), other);
        assert!(!model.asked()[before..].contains(&"0 think 0 of 1".to_owned()));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const IMPATIENT: Script = Script {
    root: r#"
name: impatient
state: {got: {}}
start: try
nodes:
  try: {subgraph: {workflow: slow}, timeout: 1m, on_error: after}
  after: {agent: {prompt: "after"}, write: {got: output}}
"#,
    others: &[r#"
name: slow
state: {a: {}, b: {}}
start: one
nodes:
  one: {wait: {for: 2m}}
  two: {agent: {prompt: "two"}}
edges: [{from: one, to: two}]
"#],
};

#[test]
fn a_subgraph_that_its_parent_has_left_cannot_be_forked() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(IMPATIENT, json!({})).await;
        house.end_of(1).await.unwrap();
        let of = house.lineage("it").await;
        let slow = house.named(of[1].0.as_str());
        house
            .workflows
            .find_event(&slow.0, 0, |event| matches!(event, Event::Completed { .. }).then_some(()))
            .await
            .unwrap();
        let refused = house.fork(&slow, None, None, "no").await.unwrap_err();
        assert!(matches!(refused, ForkError::Left { .. }), "{refused}");
        house.fork(&slow, Some(1), None, "early").await.unwrap();
        assert_eq!(house.answered("early", json!(null)).await.unwrap(), json!({ "got": "?" }));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_fork_that_is_done_takes_another_run() {
    const CHAT: &str = r#"
name: chat
input: {type: object, properties: {said: {type: string}}}
state: {heard: {reducer: append}, answer: {}}
start: answer
nodes:
  answer: {agent: {prompt: "{{ input.said }}"}, write: {heard: input.said, answer: output}}
"#;
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(CHAT), json!({ "said": "one" })).await;
        house.end_of(1).await.unwrap();
        house.fork(&workflow(), None, None, "fork").await.unwrap();
        for (id, said) in [("it", "two"), ("fork", "three")] {
            let journal = &house.agents.journal;
            let definition = graph::read(CHAT, "chat.yaml").unwrap().definition;
            let input = json!({ "said": said });
            let run = next_run(journal, &definition, &input).await.unwrap();
            let on_running = OnRunning::Reject;
            house.tell_to(id, Command::StartRun { run, on_running }).await.unwrap();
            let end = house.end_of_run(id, 2).await.unwrap();
            assert_eq!(end["heard"], json!(["one", said]));
        }
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// Forks the workflow far below its root, and goes on to the end of the fork.
///
/// What it comes to, and how many answers it took over.
async fn fork_and_finish(stage: &Stage, model: &Model) -> (Value, usize) {
    let house = House::on(stage, model);
    let of = house.lineage("it").await;
    let deep = house.child_at(&of, "deep", "below <think 0 of 1>").await;
    let edits = Some(change(deep.0.as_str(), json!({ "found": "treasure" }), None));
    let cut = house.fork(&deep, Some(2), edits, "fork").await.unwrap();
    let taken_over = finished(&house, cut.named.position).await;
    (house.answered("fork", json!(true)).await.unwrap(), taken_over)
}

/// A workflow that has come to its end; the head of its journal.
fn source(scene: &Scene, model: &Model) -> i64 {
    scene.life(async |stage| {
        let house = House::on(&stage, model);
        house.start(WHOLE, json!({})).await;
        house.answered("it", json!(true)).await.unwrap();
        stage.journal.feed().head()
    })
}

#[test]
fn a_fork_outlives_crashes_at_any_commit() {
    let (scene, straight) = (Scene::new(), model());
    let began = source(&scene, &straight);
    let (end, _) = scene.life(async |stage| fork_and_finish(&stage, &straight).await);
    let head = scene.open().feed().head() - began;
    assert_eq!(end["checked"][0], "<think 0 of 1><below treasure>.");
    let stride =
        std::env::var("CALLBOARD_TEST_CUTS").map_or(29, |all| if all == "all" { 1 } else { 29 });
    for cut in (1..head).step_by(stride) {
        let (scene, model) = (Scene::new(), model());
        let (began, once) = (source(&scene, &model), model.asked().len());
        scene.life(async |stage| {
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= began + cut);
            tokio::select! {
                biased;
                _ = until => {}
                _ = fork_and_finish(&stage, &model) => {}
            }
        });
        let (ended, taken_over) = scene.life(async |stage| fork_and_finish(&stage, &model).await);
        assert_eq!(ended, end, "cut at {cut}");
        let lost = scene.number("SELECT coalesce(sum(lost_count), 0) FROM processes");
        let most = once + once - taken_over + usize::try_from(lost).unwrap();
        assert!(model.asked().len() <= most, "cut at {cut}: {} of {most}", model.asked().len());
        assert_eq!(findings(&scene), Vec::<String>::new(), "cut at {cut}");
    }
}

#[test]
fn the_conversations_of_a_fork_go_on_with_what_was_said_and_go_their_own_way() {
    const TALK: &str = r#"
name: talk
state: {heard: {reducer: append}, n: {reducer: sum}}
start: say
nodes:
  say: {agent: {prompt: "turn {{ state.n }}", session: chat}, write: {heard: output, n: "1"}}
edges:
  - {from: say, to: say, when: "state.n < 4"}
  - {from: say, to: end, otherwise: true}
"#;
    let scene = Scene::new();
    let model = Model::new(|work| {
        let before: Vec<_> = work.history.iter().map(|past| past.prompt.clone()).collect();
        Reply::Says(format!("{} after {}", work.prompt, before.join(", ")))
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(TALK), json!({})).await;
        let end = house.end_of(1).await.unwrap();
        assert_eq!(end["heard"][3], "turn 3 after turn 0, turn 1, turn 2");
        house.fork(&workflow(), Some(3), None, "fork").await.unwrap();
        assert_eq!(house.answered("fork", json!(null)).await.unwrap(), end);
        // Of a fork that never spoke, and of one that did.
        let edits = Some(change("fork", json!({ "n": 7 }), None));
        house.fork(&house.named("fork"), Some(3), edits, "silent").await.unwrap();
        let silent = house.answered("silent", json!(null)).await.unwrap();
        assert_eq!(silent["heard"][2], "turn 7 after turn 0, turn 1");
        house.fork(&house.named("fork"), Some(4), None, "late").await.unwrap();
        assert_eq!(house.answered("late", json!(null)).await.unwrap(), end);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}
