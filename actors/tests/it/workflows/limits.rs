//! Limits: nothing passes them, whoever is at work; and a person may be asked for more.

use super::house::{House, Script, done, nothing};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::workflows::{Command, Event};
use serde_json::json;

const PAIR: &str = r#"
name: pair
state: {a: {}, b: {}}
limits: {turns: 1}
start: [a, b]
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
  b: {agent: {prompt: "b"}, write: {b: output}}
"#;

fn echo() -> Model {
    Model::new(|work| Reply::Says(work.prompt.clone()))
}

#[test]
fn of_two_at_once_only_one_passes_a_limit_that_has_room_for_one() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(PAIR), nothing()).await;
        model.until_asked(1).await;
        house
            .until(|event| match event {
                Event::Budget { fact, .. } if format!("{fact:?}").starts_with("Waiting") => {
                    Some(())
                }
                _ => None,
            })
            .await;
        assert_eq!(model.asked().len(), 1, "the other waits: the first may cost nothing yet");
        model.let_go();
        let failed = house.end_of(1).await.unwrap_err();
        assert!(
            failed.starts_with(
                "limit: the limit of 1 turns for run 1 of pair is reached: 1 spent, 0 reserved"
            ),
            "{failed}"
        );
        assert!(failed.contains("retry the run to grant 1 turns anew"), "{failed}");
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Completed { .. }).then_some(())).await;
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const OUTER: &str = r"
name: outer
state: {first: {}, second: {}}
limits: {usd: 1.0}
start: first
nodes:
  first: {subgraph: {workflow: part}, write: {first: output.word}}
  second: {subgraph: {workflow: part}, write: {second: output.word}}
edges:
  - {from: first, to: second}
";

const PART: &str = r#"
name: part
state: {word: {}}
limits: {usd: 5, turns: 2}
start: one
nodes:
  one: {agent: {prompt: "one"}, write: {word: output}}
  two: {agent: {prompt: "two"}, write: {word: output}}
edges:
  - {from: one, to: two}
"#;

#[test]
fn a_subgraph_stands_under_its_parents_limits_beside_its_own() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script { root: OUTER, others: &[PART] }, nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(
            failed.starts_with("limit: the limit of 1.00 US dollars for run 1 of outer"),
            "{failed}"
        );
        assert_eq!(model.asked().len(), 2);
        let budget = house.budget().await;
        let spent: Vec<_> =
            budget.iter().map(|line| (line.of.as_str(), line.spent.turns)).collect();
        assert!(
            spent.contains(&("run 1 of outer", 2)) && spent.contains(&("run 1 of part", 2)),
            "{spent:?}"
        );
        // As much once more, for all that is below.
        house.tell(Command::Retry { by: "an operator".into() }).await.unwrap();
        house.until(|event| matches!(event, Event::Completed { .. }).then_some(())).await;
    });
    assert_eq!(model.asked().len(), 4);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const ASKING: &str = r#"
name: asking
state: {a: {}, b: {}}
limits: {usd: 0.5, at_limit: ask}
start: [a, b]
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
  b: {agent: {prompt: "b"}, write: {b: output}}
"#;

#[test]
fn a_run_goes_on_when_a_person_grants_more_also_over_a_crash() {
    let (scene, model) = (Scene::new(), echo());
    let question = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        let question = house.next_question(&[]).await;
        let row = house.row().await;
        assert_eq!((&row["status"], &row["interrupts"]), (&json!("interrupted"), &json!(1)));
        question
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let refused = house.answer(question.clone(), json!({"grant": {"steps": 1}})).await;
        assert!(refused.unwrap_err().to_string().contains("does not fit"));
        house.answer(question.clone(), json!({"grant": {"usd": 0.5}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"a": "a", "b": "b"}));
        let budget = house.budget().await;
        assert_eq!(
            (budget[0].spent.usd, budget[0].granted.usd, budget[0].reserved.usd),
            (1.0, 0.5, 0.0)
        );
    });
    assert_eq!(model.asked().len(), 2);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_run_fails_at_its_limit_when_a_person_grants_no_more() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ASKING), nothing()).await;
        let question = house.next_question(&[]).await;
        house.answer(question, json!({"stop": true})).await.unwrap();
        let failed = house.end_of(1).await.unwrap_err();
        assert!(failed.starts_with("limit: the limit of 0.50 US dollars"), "{failed}");
        assert_eq!(done(&house.events().await).len(), 1);
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const ALONE: &str = r#"
name: alone
state: {a: {}}
limits: {usd: 2, tokens: 100}
start: a
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
"#;

#[test]
fn an_attempt_that_is_lost_costs_what_was_reserved_for_it() {
    let scene = Scene::new();
    let (silent, speaking) = (Model::waiting("late"), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &silent);
        house.start(Script::of(ALONE), nothing()).await;
        silent.until_asked(1).await;
        assert_eq!(json!(house.budget().await[0].reserved.usd), 0.5);
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &speaking);
        house.end_of(1).await.unwrap();
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.5, 0.5, 0.0));
        assert_eq!((line.spent.tokens, line.lost.tokens), (11, 11));
        let metrics: serde_json::Value = house.row().await["metrics"].clone();
        let metrics =
            metrics.as_str().map_or(metrics.clone(), |m| serde_json::from_str(m).unwrap());
        assert_eq!(metrics["lost"], json!({"attempts": 1, "tokens": 11, "usd": 0.5}), "{metrics}");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const CROWD: &str = r#"
name: crowd
input: {type: object, properties: {who: {type: array, default: [1, 2, 3, 4, 5, 6]}}}
state: {said: {reducer: append}}
limits: {turns: 6, usd: 100}
start: speak
nodes:
  speak: {for_each: input.who, agent: {prompt: "{{ item }}"}, write: {said: output}}
"#;

#[test]
fn what_was_never_sent_costs_nothing_and_what_was_stopped_may_have_cost_its_reservation() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(CROWD), nothing()).await;
        // There is room for four at once; the others queue.
        model.until_asked(4).await;
        let mut reserved = 0;
        house
            .until(|event| {
                let is_one = matches!(event, Event::Budget { fact, .. } if format!("{fact:?}").starts_with("Reserved"));
                reserved += u32::from(is_one);
                (reserved >= 6).then_some(())
            })
            .await;
        house.tell(Command::Cancel { by: "an operator".into() }).await.unwrap();
        house.end_of(1).await.unwrap_err();
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.0, 2.0, 0.0));
        assert_eq!((line.lost.turns, model.given_up()), (4, 4));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const NODE: &str = r#"
name: node
input: {type: object, properties: {who: {type: array, default: [1, 2, 3]}}}
state: {said: {reducer: append}, why: {}}
start: speak
nodes:
  speak:
    for_each: input.who
    agent: {prompt: "{{ item }}"}
    limits: {turns: 2}
    retry: {attempts: 3}
    on_error: mend
    write: {said: output}
  mend: {set: {why: "error.error.kind"}}
edges:
  - {from: speak, to: end}
"#;

#[test]
fn a_node_has_limits_of_its_own_and_a_limit_is_not_tried_again() {
    let (scene, model) = (Scene::new(), echo());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(NODE), nothing()).await;
        assert_eq!(house.end_of(1).await.unwrap()["why"], "limit");
        let retried = house.events().await;
        assert!(!retried.iter().any(|event| matches!(event, Event::NodeRetry { .. })));
    });
    assert_eq!(model.asked().len(), 2, "siblings that fit went on");
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const SLOW: &str = r#"
name: slow
state: {a: {}}
start: a
nodes:
  a: {agent: {prompt: "a"}, limits: {seconds: 60}, write: {a: output}}
"#;

#[test]
fn a_node_that_takes_longer_than_it_may_is_stopped() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(SLOW), nothing()).await;
        let failed = house.end_of(1).await.unwrap_err();
        assert!(
            failed.starts_with(
                "limit: the limit of 60 seconds for node a of slow, step 2 is reached"
            ),
            "{failed}"
        );
        assert_eq!(model.given_up(), 1, "nobody works on");
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const PATIENT: &str = r#"
name: patient
state: {a: {}}
start: a
nodes:
  a: {agent: {prompt: "a"}, limits: {seconds: 60, at_limit: ask}, write: {a: output}}
"#;

#[test]
fn a_node_works_on_while_a_person_is_asked_for_more_time() {
    let (scene, model) = (Scene::new(), Model::waiting("late"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(PATIENT), nothing()).await;
        let first = house.next_question(&[]).await;
        house.answer(first.clone(), json!({"grant": {"seconds": 30}})).await.unwrap();
        let second = house.next_question(std::slice::from_ref(&first)).await;
        assert_eq!(model.given_up(), 0);
        model.let_go();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"a": "late"}));
        let gone = house.answer(second, json!({"grant": {"seconds": 30}})).await;
        assert!(gone.is_err(), "nobody waits for it any more");
    });
    assert_eq!(model.asked().len(), 1);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const QUEUE: &str = r#"
name: queue
state: {said: {reducer: append}}
start: ask
nodes:
  ask:
    for_each: "[1, 2, 3]"
    agent: {prompt: "{{ item }}"}
    limits: {turns: 1, at_limit: ask}
    write: {said: output}
"#;

#[test]
fn a_run_of_which_all_work_waits_for_a_person_at_its_nodes_limit_is_interrupted() {
    let (scene, model) = (Scene::new(), Model::saying("said"));
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(QUEUE), nothing()).await;
        let question = house.next_question(&[]).await;
        assert_eq!(house.row().await["status"], "interrupted");
        house.answer(question, json!({"grant": {"turns": 2}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap()["said"].as_array().unwrap().len(), 3);
    });
    assert_eq!(model.asked().len(), 3);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

const DUET: &str = r#"
name: duet
state: {a: {}, b: {}}
start: a
nodes:
  a: {agent: {prompt: "a"}, write: {a: output}}
  b: {agent: {prompt: "b"}, write: {b: output}}
edges: [{from: a, to: b}]
"#;

const RUN_OVER_DUET: &str = r"
name: over
state: {n: {}}
limits: {seconds: 60, at_limit: ask}
start: down
nodes: {down: {subgraph: {workflow: duet, input: {}}, write: {n: output.b}}}
";

const NODE_OVER_DUET: &str = r"
name: over
state: {n: {}}
start: down
nodes:
  down:
    subgraph: {workflow: duet, input: {}}
    limits: {seconds: 60, at_limit: ask}
    write: {n: output.b}
";

#[test]
fn a_subgraph_begins_nothing_new_while_a_person_is_asked_for_more_time() {
    for root in [RUN_OVER_DUET, NODE_OVER_DUET] {
        let (scene, model) = (Scene::new(), Model::waiting("late"));
        scene.life(async |stage| {
            let house = House::on(&stage, &model);
            house.start(Script { root, others: &[DUET] }, nothing()).await;
            let question = house.next_question(&[]).await;
            model.let_go();
            tokio::time::sleep(std::time::Duration::from_secs(30)).await;
            assert_eq!(model.asked().len(), 1, "the second call is paid for only with a yes");
            house.answer(question, json!({"grant": {"seconds": 60}})).await.unwrap();
            assert_eq!(house.end_of(1).await.unwrap()["n"], "late");
        });
        assert_eq!(model.asked().len(), 2);
        assert_eq!(findings(&scene), Vec::<String>::new());
    }
}

const TREADMILL: &str = r#"
name: treadmill
state: {n: {reducer: sum}}
limits: {steps: 5, at_limit: ask}
start: step
nodes:
  step: {set: {n: 1}}
edges:
  - {from: step, to: step, when: "state.n < 8"}
  - {from: step, to: end, otherwise: true}
"#;

#[test]
fn a_run_waits_at_its_limit_of_steps_and_goes_on_where_it_stood() {
    let (scene, model) = (Scene::new(), Model::saying("?"));
    let question = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(TREADMILL), nothing()).await;
        house.next_question(&[]).await
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        assert_eq!(house.row().await["status"], "interrupted");
        house.answer(question, json!({"grant": {"steps": 9}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"n": 8}));
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
}
