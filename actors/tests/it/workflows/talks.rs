//! Conversations of a workflow that goes back: they go on with what was said by then, and with nothing that was left.

use super::house::{House, Script, nothing, workflow};
use super::travel::Traveller as _;
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::{Command, Event, OnRunning, Past, Rewind, Targets};
use serde_json::{Value, json};

/// Says in each turn what was said before it, and asks a person before it says the last.
const TALK: &str = r#"
name: talk
state: {heard: {reducer: append}, n: {reducer: sum}}
start: say
nodes:
  say:
    agent: {prompt: "turn {{ state.n }} of {{ step }}", session: chat}
    write: {heard: output, n: "1"}
  ask: {interrupt: {question: "Well?"}}
edges:
  - {from: say, to: say, when: "state.n % 3 != 0"}
  - {from: say, to: ask, otherwise: true}
"#;

const SCRIPT: Script = Script { root: TALK, others: &[] };

/// It tells what it remembers.
fn model() -> Model {
    Model::new(|work| {
        let before: Vec<_> = work.history.iter().map(|past| past.prompt.clone()).collect();
        Reply::Says(format!("{} after {}", work.prompt, before.join(", ")))
    })
}

/// Answers the question of a step, and waits for the end that follows: what was heard.
async fn heard(house: &House, step: u32) -> Value {
    let asked = |event: &Event| match event {
        Event::Interrupted { interrupt, .. }
            if interrupt.asker.item().is_some_and(|item| item.step == step) =>
        {
            Some(interrupt.interrupt_id.clone())
        }
        _ => None,
    };
    let asked = house.until(asked).await;
    house.answer(asked, json!(null)).await.unwrap();
    let is_there = |event: &Event| match event {
        Event::StepCommitted { checkpoint, .. } if checkpoint.number == step => Some(()),
        _ => None,
    };
    house.until(is_there).await;
    house.state().await["heard"].clone()
}

#[test]
fn who_goes_back_speaks_on_from_there_however_often_and_over_crashes() {
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        let said = heard(&house, 5).await;
        assert_eq!(said[2], "turn 2 of 4 after turn 0 of 2, turn 1 of 3");
        // Behind the first turn.
        house.tell(house.back_to(2, false, false).await).await.unwrap();
        let said = heard(&house, 8).await;
        assert_eq!(said[2], "turn 2 of 7 after turn 0 of 2, turn 1 of 6");
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        // Behind what was said after the first time, and back to before that again.
        house.tell(house.back_to(6, false, false).await).await.unwrap();
        let said = heard(&house, 10).await;
        assert_eq!(said[2], "turn 2 of 9 after turn 0 of 2, turn 1 of 6");
        house.tell(house.anew_from(3, false).await).await.unwrap();
        let said = heard(&house, 13).await;
        assert_eq!(said[2], "turn 2 of 12 after turn 0 of 2, turn 1 of 11");
        house.tell(house.back_to(1, false, false).await).await.unwrap();
        let said = heard(&house, 17).await;
        assert_eq!(said[0], "turn 0 of 14 after ", "nothing had been said");
        // Another run speaks on, and so does a fork of what was left.
        house.run(SCRIPT, nothing(), OnRunning::Reject).await.unwrap();
        let said = heard(&house, 23).await;
        assert_eq!(said[3], "turn 3 of 20 after turn 0 of 14, turn 1 of 15, turn 2 of 16");
        let fork = house.named("fork");
        house.fork(&workflow(), Some(6), None, "fork").await.unwrap();
        house.answered("fork", json!(null)).await.unwrap();
        let past = Past::read(&house.agents.journal, &fork);
        let past = past.await.unwrap();
        let newest = past.workflow.checkpoint().unwrap().number;
        let said = past.state_at(&house.agents.journal, newest).await.unwrap();
        assert_eq!(said["heard"][2], "turn 2 of 7 after turn 0 of 2, turn 1 of 6");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_run_that_takes_the_place_of_another_does_not_remember_it() {
    let (scene, model) = (Scene::new(), model());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(SCRIPT, nothing()).await;
        let asks = |event: &Event| matches!(event, Event::Interrupted { .. }).then_some(());
        house.until(asks).await;
        house.run(SCRIPT, nothing(), OnRunning::Rollback).await.unwrap();
        let said = heard(&house, 11).await;
        assert_eq!(said[2], "turn 2 of 10 after turn 0 of 8, turn 1 of 9");
        // A fork of that, sent back to its beginning, is where its source was.
        let fork = house.named("fork");
        house.fork(&workflow(), Some(9), None, "fork").await.unwrap();
        let asks = |event: &Event| match event {
            Event::Interrupted { interrupt, .. } => Some(interrupt.interrupt_id.clone()),
            _ => None,
        };
        let interrupt_id = house.workflows.find_event(&fork.0, 0, asks).await.unwrap();
        let answer = Command::Answer { interrupt_id, answer: json!(null), by: "ada".into() };
        house.tell_to("fork", answer).await.unwrap();
        house.end_of_run("fork", 2).await.unwrap();
        let targets = Targets::read(&house.agents.journal, &fork);
        let targets = targets.await.unwrap();
        let (to, course) = (targets.checkpoint(9).unwrap(), targets.course());
        let rewind = Rewind { by: "ada".into(), to, course, undo: false, pause: false };
        house.tell_to("fork", Command::Rewind(Box::new(rewind))).await.unwrap();
        let again = |event: &Event| match event {
            Event::StepCommitted { checkpoint, .. } if checkpoint.number == 12 => Some(()),
            _ => None,
        };
        house.workflows.find_event(&house.named("fork").0, 0, again).await.unwrap();
        let past = Past::read(&house.agents.journal, &fork);
        let state = past.await.unwrap().state_at(&house.agents.journal, 12).await.unwrap();
        assert_eq!(state["heard"][2], "turn 2 of 12 after turn 0 of 8, turn 1 of 9");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}
