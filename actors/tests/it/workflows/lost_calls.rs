//! Calls that may have been made and whose results are lost: a person says what has become of them.

use super::house::{House, Script, nothing, workflow};
use super::tools::fall_during;
use super::travel::Traveller as _;
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::vocabulary::{MessageId, Name};
use callboard_actors::workflows::{Command, Event, Interrupt};
use serde_json::{Value, json};

const ONCE: &str = r#"
name: once
state: {said: {}}
start: call
nodes:
  call:
    tool: {name: once_slow, with: {text: "'x'"}}
    retry: {attempts: 3, backoff: 1s}
    write: {said: output}
"#;

/// Waits for a question about a lost call that is none of these.
async fn lost(house: &House, known: &[Name]) -> Interrupt {
    let asks = |event: &Event| match event {
        Event::Interrupted { interrupt, .. } if !known.contains(&interrupt.interrupt_id) => {
            Some((**interrupt).clone())
        }
        _ => None,
    };
    let asked = house.until(asks).await;
    assert!(asked.is_lost_call, "{asked:?}");
    assert!(asked.question.contains("was called"), "{}", asked.question);
    asked
}

#[test]
fn the_result_of_a_lost_call_can_be_given_and_nothing_is_called_again() {
    let model = Model::saying("?");
    fall_during(ONCE, &model, async |house| {
        let asked = lost(&house, &[]).await;
        let row = house.row().await;
        assert_eq!((&row["status"], &row["interrupts"]), (&json!("interrupted"), &json!(1)));
        let id = asked.interrupt_id;
        for wrong in [
            json!("done"),
            json!({}),
            json!({"again": false}),
            json!({"again": true, "fail": true}),
        ] {
            let refused = house.answer(id.clone(), wrong).await.unwrap_err().to_string();
            assert!(refused.contains("does not fit the question"), "{refused}");
        }
        let retry = house.tell(Command::Retry { by: "ann".into() }).await.unwrap_err().to_string();
        assert!(retry.contains("only a failed run"), "{retry}");
        house.answer(id.clone(), json!({"result": {"by": "hand"}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"said": {"by": "hand"}}));
        assert!(house.answer(id, json!({"again": true})).await.is_err(), "it is answered");
        house.replay("it", None, "replay").await;
        assert_eq!(house.end_of_run("replay", 1).await.unwrap(), json!({"said": {"by": "hand"}}));
    });
    assert_eq!(model.bench.begun().len(), 1);
}

#[test]
fn a_lost_call_is_made_again_where_somebody_wants_it_and_that_is_another_call() {
    let model = Model::saying("?");
    fall_during(ONCE, &model, async |house| {
        let asked = lost(&house, &[]).await;
        assert_eq!(model.bench.begun().len(), 1, "also where the node may be tried again");
        house.answer(asked.interrupt_id, json!({"again": true})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"said": "x, at last"}));
    });
    let begun = model.bench.begun();
    assert_eq!(begun.len(), 2);
    assert_ne!(begun[0], begun[1]);
}

#[test]
fn a_lost_call_that_has_failed_fails_its_node_and_a_retry_makes_it_again() {
    let model = Model::saying("?");
    fall_during(ONCE, &model, async |house| {
        let asked = lost(&house, &[]).await;
        house.answer(asked.interrupt_id, json!({"fail": true})).await.unwrap();
        let error = house.end_of(1).await.unwrap_err();
        assert!(error.starts_with("indeterminate: the tool once_slow was called"), "{error}");
        assert_eq!((model.bench.begun().len(), &house.row().await["interrupts"]), (1, &json!(0)));
        house.tell(Command::Retry { by: "ann".into() }).await.unwrap();
        assert_eq!(house.completed().await, json!({"said": "x, at last"}));
    });
    assert_eq!(model.bench.begun().len(), 2);
}

#[test]
fn what_somebody_decided_holds_over_a_crash_and_a_call_may_be_lost_twice() {
    let decisions = [json!({"result": 7}), json!({"fail": true}), json!({"again": true})];
    for decision in decisions {
        let (scene, model) = (Scene::new(), Model::saying("?"));
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(ONCE), nothing()).await;
            model.bench.until_begun(1).await;
        });
        let told = MessageId::fresh();
        let decide = async |house: &House, interrupt_id: &Name| {
            let (answer, by) = (decision.clone(), "ann".to_owned());
            let command = Command::Answer { interrupt_id: interrupt_id.clone(), answer, by };
            house.workflows.tell(&workflow().0, told, command).await.unwrap();
        };
        // It falls as soon as the decision is on record; who tells it again is told that it is.
        let asked = scene.life(async |stage| {
            let house = House::on(&stage, &model);
            let asked = lost(&house, &[]).await.interrupt_id;
            decide(&house, &asked).await;
            asked
        });
        model.bench.let_go();
        let (end, asked_again) = scene.life(async |stage| {
            let house = House::on(&stage, &model);
            decide(&house, &asked).await;
            // The other call may have begun before the fall.
            let next = |event: &Event| match event {
                Event::Interrupted { interrupt, .. } if interrupt.interrupt_id != asked => {
                    Some(Some(interrupt.interrupt_id.clone()))
                }
                Event::Completed { .. } | Event::Failed { .. } => Some(None),
                _ => None,
            };
            let again = house.until(next).await;
            if let Some(id) = again.clone() {
                house.answer(id, json!({"result": "known"})).await.unwrap();
            }
            (house.end_of(1).await, again.is_some())
        });
        let calls = model.bench.begun().len();
        match (decision.get("result"), decision.get("fail")) {
            (Some(_), _) => assert_eq!((end, calls), (Ok(json!({"said": 7})), 1)),
            (_, Some(_)) => assert!(end.unwrap_err().starts_with("indeterminate: ") && calls == 1),
            _ if asked_again => assert_eq!((end, calls), (Ok(json!({"said": "known"})), 2)),
            _ => assert_eq!((end, calls), (Ok(json!({"said": "x, at last"})), 2)),
        }
        assert_eq!(findings(&scene), Vec::<String>::new(), "{decision}");
    }
}

const LIST: &str = r#"
name: list
state: {said: {reducer: append}, why: {}}
start: each
nodes:
  each:
    for_each: "['a', 'b']"
    agent: {prompt: "{{ item }}", tools: [once_slow]}
    write: {said: output}
    on_error: note
  note: {set: {why: "error.error.kind"}}
edges: []
"#;

#[test]
fn of_an_agent_that_lost_a_call_the_answer_can_be_given_and_on_error_follows_its_failure() {
    for (second, expected) in [
        (json!({"result": "B"}), json!({"said": ["A", "B"], "why": null})),
        (json!({"fail": true}), json!({"said": [], "why": "indeterminate"})),
    ] {
        let model = Model::new(|_| Reply::Calls(&[("once_slow", r#"{"text": "x"}"#)]));
        let scene = Scene::new();
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script::of(LIST), nothing()).await;
            model.bench.until_begun(2).await;
        });
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            let one = lost(&house, &[]).await;
            let other = lost(&house, std::slice::from_ref(&one.interrupt_id)).await;
            let index = |asked: &Interrupt| asked.asker.item().unwrap().index;
            let [first, last] = if index(&one) == Some(0) { [one, other] } else { [other, one] };
            house.answer(first.interrupt_id, json!({"result": "A"})).await.unwrap();
            house.answer(last.interrupt_id, second.clone()).await.unwrap();
            assert_eq!(house.end_of(1).await.unwrap(), expected);
            let turns = super::house::history(&house).await.steps[1].spent.turns;
            assert_eq!(turns, 2, "what they took before counts");
        });
        assert_eq!((model.bench.begun().len(), Value::is_null(&second)), (2, false));
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}
