//! A pause is one of a whole lineage.

use super::house::{House, Script, nothing};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::machine::Machine as _;
use callboard_actors::vocabulary::{MessageId, Name, WorkflowId};
use callboard_actors::workflows::{Command, Event, Past, Rewind, Targets, Workflow};
use serde_json::json;

const TOP: &str = r#"
name: top
state: {log: {reducer: append}}
start: [left, right]
nodes:
  left: {subgraph: {workflow: middle}, write: {log: "'left'"}}
  right: {subgraph: {workflow: bottom}, write: {log: "'right'"}}
"#;

const MIDDLE: &str = r"
name: middle
state: {}
start: down
nodes:
  down: {subgraph: {workflow: bottom}}
";

const BOTTOM: &str = r#"
name: bottom
state: {n: {reducer: sum}}
start: think
nodes:
  think: {agent: {prompt: "think"}}
  more: {agent: {prompt: "more"}}
edges:
  - {from: think, to: more}
"#;

const SCRIPT: Script = Script { root: TOP, others: &[MIDDLE, BOTTOM] };

const ALL: [&str; 4] = ["bottom", "bottom", "middle", "top"];

fn standing(how: [&'static str; 4]) -> Vec<(&'static str, &'static str)> {
    ALL.into_iter().zip(how).collect()
}

fn pause() -> Command {
    Command::Pause { by: "ada".into() }
}

fn resume() -> Command {
    Command::Resume { by: "ada".into() }
}

#[test]
fn a_pause_reaches_all_subgraphs_and_so_does_its_end_over_crashes() {
    let scene = Scene::new();
    let model = Model::new(|work| match work.prompt.as_str() {
        "think" => Reply::Waits("thought"),
        prompt => Reply::Says(prompt.to_owned()),
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        model.until_asked(2).await;
        // Whatever falls between, and however soon: each is told what holds now.
        house.tell(pause()).await.unwrap();
        house.tell(resume()).await.unwrap();
        house.tell(pause()).await.unwrap();
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.until_below(&standing(["paused"; 4])).await;
        let (workflow, id) = (child(&house).await, MessageId::fresh());
        let refused = house.workflows.tell(&workflow.0, id, resume()).await.unwrap_err();
        assert!(refused.to_string().contains("its parent is paused"), "{refused}");
        model.let_go();
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        // What was under way ends, and nothing follows.
        house.until_below(&standing(["paused"; 4])).await;
        house.tell(resume()).await.unwrap();
        assert_eq!(house.completed().await, json!({"log": ["left", "right"]}));
        house.until_below(&standing(["completed"; 4])).await;
    });
    assert_eq!(model.asked().iter().filter(|asked| *asked == "0 more").count(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// One of the two at the bottom.
async fn child(house: &House) -> WorkflowId {
    let filters = vec![callboard_actors::journal::RowFilter::is("type", "bottom".to_owned())];
    let rows = house.agents.journal.reader().rows("workflows", filters, None, 10).await.unwrap();
    WorkflowId(rows.items[0]["id"].as_str().unwrap().parse::<Name>().unwrap())
}

#[test]
fn what_an_operator_has_paused_does_not_go_on_with_its_parent() {
    let (scene, model) = (Scene::new(), Model::waiting("thought"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        model.until_asked(2).await;
        let child = child(&house).await;
        house.workflows.tell(&child.0, MessageId::fresh(), pause()).await.unwrap();
        house.tell(pause()).await.unwrap();
        house.until_below(&standing(["paused"; 4])).await;
        house.tell(resume()).await.unwrap();
        house.until_below(&standing(["paused", "running", "running", "running"])).await;
        house.workflows.tell(&child.0, MessageId::fresh(), resume()).await.unwrap();
        house.until_below(&standing(["running"; 4])).await;
        model.let_go();
        house.completed().await;
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// What takes a subgraph back to its beginning.
async fn back(house: &House, child: &WorkflowId) -> Rewind {
    let targets = Targets::read(&house.agents.journal, child).await.unwrap();
    let (to, course) = (targets.checkpoint(1).unwrap(), targets.course());
    Rewind { by: "ada".into(), to, course, undo: false, pause: true }
}

#[test]
fn a_subgraph_does_not_go_back_while_its_parent_holds_it_nor_after_that_has_gone_on() {
    let (scene, model) = (Scene::new(), Model::waiting("thought"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        model.until_asked(2).await;
        let child = child(&house).await;
        let refused = async |rewind| {
            let command = Command::Rewind(Box::new(rewind));
            let told = house.workflows.tell(&child.0, MessageId::fresh(), command).await;
            told.unwrap_err().to_string()
        };
        house.tell(pause()).await.unwrap();
        house.until_below(&standing(["paused"; 4])).await;
        let held = refused(back(&house, &child).await).await;
        assert!(held.contains("its parent is paused: resume that one"), "{held}");
        house.tell(resume()).await.unwrap();
        model.let_go();
        house.completed().await;
        let left = refused(back(&house, &child).await).await;
        assert!(left.contains("its parent has gone on without it"), "{left}");
        house.until_below(&standing(["completed"; 4])).await;
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn who_sent_a_workflow_back_decides_when_it_goes_on_and_not_the_pause_of_its_parent() {
    let (scene, model) = (Scene::new(), Model::waiting("thought"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        model.until_asked(2).await;
        house.tell(pause()).await.unwrap();
        house.until_below(&standing(["paused"; 4])).await;
        let child = child(&house).await;
        let mut held: Workflow = Past::read(&house.agents.journal, &child).await.unwrap().workflow;
        assert!(held.is_held());
        let Rewind { by, to, .. } = back(&house, &child).await;
        let rewound = |is_paused| Event::Rewound {
            workflow_id: child.clone(),
            by: by.clone(),
            to: Box::new(to.clone()),
            step: 9,
            is_paused,
            at: callboard_actors::vocabulary::Timestamp(1),
        };
        let mut running = held.clone();
        running.apply(&rewound(false));
        held.apply(&rewound(true));
        assert_eq!((held.status(), held.is_held()), ("paused", false));
        // Also where it is paused anew.
        let paused = Event::Paused {
            workflow_id: child.clone(),
            by: by.clone(),
            is_held: false,
            at: callboard_actors::vocabulary::Timestamp(2),
        };
        running.apply(&paused);
        assert_eq!((running.status(), running.is_held()), ("paused", false));
        model.let_go();
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const COUNT: &str = r#"
name: count
state: {n: {reducer: sum}}
start: add
nodes:
  add: {set: {n: 1}}
edges:
  - {from: add, to: add, when: "state.n < 600"}
  - {from: add, to: end, otherwise: true}
"#;

#[test]
fn a_pause_at_any_moment_loses_nothing() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    let pauses = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(COUNT), nothing()).await;
        let mut pauses = 0_u32;
        // It may have come to its end.
        while pauses < 40 && house.tell(pause()).await.is_ok() {
            pauses += 1;
            for _ in 0..pauses % 7 {
                tokio::task::yield_now().await;
            }
            house.tell(resume()).await.unwrap();
            for _ in 0..pauses {
                tokio::task::yield_now().await;
            }
        }
        assert_eq!(house.completed().await, json!({"n": 600}));
        pauses
    });
    assert!(pauses > 3, "it was paused only {pauses} times");
    assert_eq!(findings(&scene), Vec::<String>::new());
}
