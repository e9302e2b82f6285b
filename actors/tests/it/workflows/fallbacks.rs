//! Somebody else is asked, within limits: whoever falls back waits for room like whoever tries again.

use super::house::{House, Script, nothing};
use crate::kit::Scene;
use crate::nodes::house::{Model, Reply, findings};
use callboard_actors::processes::Charge;
use serde_json::json;

const ELSEWHERE: &str = r#"
name: elsewhere
state: {a: {}}
limits: {usd: 1.6, at_limit: ask}
start: a
nodes:
  a: {agent: {prompt: "a", fallbacks: [{runtime: scripted, model: opus}]}, write: {a: output}}
"#;

/// The first breaks off whatever is asked, and nobody knows what that costs; the other answers.
fn only_the_other() -> Model {
    Model::new(|work| match work.attempt.model.as_str() {
        "opus" => Reply::Says("so".into()),
        _ => Reply::BreaksOff(Charge::Unknown),
    })
}

#[test]
fn whoever_falls_back_is_asked_once_there_is_room_also_over_a_crash() {
    let (scene, model) = (Scene::new(), only_the_other());
    let question = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ELSEWHERE), nothing()).await;
        house.next_question(&[]).await
    });
    assert_eq!(
        model.asked().len(),
        3,
        "the first is out of attempts, and for the other there is no room"
    );
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.answer(question.clone(), json!({"grant": {"usd": 0.4}})).await.unwrap();
        assert_eq!(house.end_of(1).await.unwrap(), json!({"a": "so"}));
        let line = &house.budget().await[0];
        assert_eq!((line.spent.usd, line.lost.usd, line.reserved.usd), (0.5, 1.5, 0.0));
    });
    assert_eq!(model.asked().len(), 4);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn where_there_is_no_room_nobody_else_is_asked() {
    let (scene, model) = (Scene::new(), only_the_other());
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        house.start(Script::of(ELSEWHERE), nothing()).await;
        let question = house.next_question(&[]).await;
        house.answer(question, json!({"stop": true})).await.unwrap();
        assert!(house.end_of(1).await.unwrap_err().starts_with("limit: "));
        let line = &house.budget().await[0];
        assert_eq!((line.lost.usd, line.reserved.usd), (1.5, 0.0));
    });
    assert_eq!(model.asked().len(), 3);
    assert_eq!(findings(&scene), Vec::<String>::new());
}
