//! Crashes: whatever falls, a turn that has its answer is never asked again.

use super::house::{House, Model, findings, free, judge, output};
use crate::kit::Scene;
use callboard_actors::nodes::Outcome;
use callboard_actors::processes::{Command, OnLost};
use callboard_actors::vocabulary::MessageId;
use serde_json::json;

#[test]
fn nodes_that_end_in_the_middle_of_a_turn_find_its_process_at_work() {
    let (scene, model) = (Scene::new(), Model::waiting("Both."));
    scene.life(async |stage| {
        let mut house = House::on(&stage, &model);
        let (_, carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        house.end_nodes().await;
        // What orders get by default has changed meanwhile.
        house.start_nodes(OnLost::Ask);
        model.let_go();
        assert_eq!(*output(&carried.await.unwrap()), json!("Both."));
    });
    assert_eq!((model.asked().len(), model.given_up()), (1, 0));
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn an_answer_that_came_while_no_node_lived_is_heard_in_the_next_life() {
    let (scene, model) = (Scene::new(), Model::waiting("Both."));
    scene.life(async |stage| {
        let mut house = House::on(&stage, &model);
        let (name, _carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        let process = house.process(&name).await;
        house.end_nodes().await;
        model.let_go();
        stage.heard("claude.spawn.complete").await;
        assert_eq!(house.status(&process).await, "COMPLETED");
        assert_eq!(house.row(&name).await["status"], json!("running"));
    });
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let message = stage.heard("claude.node.complete").await;
        assert!(message.data.get().contains("Both."), "woken, not asked for");
        assert_eq!(*output(&house.carry_out("judge", &free()).await), json!("Both."));
    });
    assert_eq!(model.asked().len(), 1);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn an_attempt_that_is_lost_is_tried_again_by_the_same_process_of_the_same_turn() {
    let (scene, model) = (Scene::new(), Model::waiting("Both."));
    let before = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let (name, _carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        house.process(&name).await
    });
    model.let_go();
    scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let outcome = house.carry_out("judge", &free()).await;
        assert_eq!(*output(&outcome), json!("Both."));
        let Outcome::Completed { metrics, .. } = outcome else { unreachable!() };
        assert_eq!(metrics.turns, 1);
        assert_eq!(house.status(&before).await, "COMPLETED");
    });
    assert_eq!(scene.number("SELECT count(*) FROM processes"), 1);
    assert_eq!(scene.number("SELECT lost_count FROM processes"), 1);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_node_waits_with_its_process_for_an_operator_and_goes_on_with_it() {
    let (scene, model) = (Scene::new(), Model::waiting("Both."));
    scene.life(async |stage| {
        let house = House::with(&stage, &model, OnLost::Ask);
        let _begun = house.begin("judge", &free()).await;
        model.until_asked(1).await;
    });
    model.let_go();
    scene.life(async |stage| {
        let house = House::with(&stage, &model, OnLost::Ask);
        let (name, carried) = house.begin("judge", &free()).await;
        stage.heard("claude.spawn.indeterminate").await;
        let process = house.process(&name).await;
        tokio::time::sleep(std::time::Duration::from_hours(1)).await;
        assert_eq!(house.status(&process).await, "INDETERMINATE");
        assert_eq!(house.row(&name).await["status"], json!("running"));
        let retry = Command::Retry { by: "ann".into() };
        house.processes.tell(&process.0, MessageId::fresh(), retry).await.unwrap();
        assert_eq!(*output(&carried.await.unwrap()), json!("Both."));
    });
    assert_eq!(model.asked().len(), 2, "the operator wanted it so");
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// Everything falls when the journal has come to `head`; the next life has it carried out. Says how many messages
/// there were when it fell.
fn fall_at(head: i64) -> i64 {
    let (scene, model) = (Scene::new(), Model::rash());
    let fell_at = scene.life(async |stage| {
        let house = House::on(&stage, &model);
        let (_, carried) = house.begin("judge", &judge()).await;
        let mut grown = house.journal.feed().watch();
        while house.journal.feed().head() < head && !carried.is_finished() {
            tokio::select! {
                changed = grown.changed() => changed.unwrap(),
                () = tokio::time::sleep(std::time::Duration::from_millis(1)) => {}
            }
        }
        house.journal.feed().head()
    });
    scene.life(async |stage| {
        let outcome = House::on(&stage, &model).carry_out("judge", &judge()).await;
        assert_eq!(*output(&outcome), json!({ "winner": "pro" }), "fallen at {head}");
        let Outcome::Completed { metrics, .. } = outcome else { unreachable!() };
        assert_eq!(metrics.turns, 2, "fallen at {head}");
    });
    assert_eq!(findings(&scene), Vec::<String>::new(), "fallen at {head}");
    assert_eq!(scene.number("SELECT count(*) FROM processes"), 2, "fallen at {head}");
    let lost = scene.number("SELECT sum(lost_count) FROM processes");
    let asked = i64::try_from(model.asked().len()).unwrap();
    assert!(asked <= 2 + lost, "asked {asked} times with {lost} lost, fallen at {head}");
    fell_at
}

#[test]
fn wherever_it_falls_it_comes_to_the_same_end_and_asks_nothing_twice_that_was_answered() {
    let mut head = 1;
    let mut states = 0;
    while fall_at(head) >= head {
        states += 1;
        head += 1;
    }
    assert!(states > 20, "there were only {states} places to fall at");
}
