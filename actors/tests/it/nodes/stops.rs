//! Stopping: by the workflow, by an operator, before there is anything to stop.

use super::house::{House, Model, findings, free};
use crate::kit::Scene;
use callboard_actors::entity::EntityBranch;
use callboard_actors::journal::Parked;
use callboard_actors::nodes::{self, FailureKind, Outcome};
use callboard_actors::processes::Command;
use callboard_actors::supervision::{Branch, Verb};
use callboard_actors::vocabulary::{MessageId, Timestamp};
use serde_json::json;

fn life<T>(model: &Model, work: impl AsyncFnOnce(House) -> T) -> T {
    let scene = Scene::new();
    let result = scene.life(async |stage| work(House::on(&stage, model)).await);
    assert_eq!(findings(&scene), Vec::<String>::new());
    result
}

#[test]
fn a_node_that_is_stopped_ends_when_its_process_has() {
    let model = Model::waiting("never heard");
    life(&model, async |house| {
        let (name, carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        let process = house.process(&name).await;
        let stopped = nodes::stop(&house.nodes, &name, "ann").await.unwrap();
        let Outcome::Failed { kind, error, .. } = &stopped else { panic!("{stopped:?}") };
        assert_eq!((*kind, error.as_str()), (FailureKind::Cancelled, "it was cancelled by ann"));
        assert_eq!(house.status(&process).await, "CANCELLED");
        let all = house.journal.messages(None, 0, 1_000).await.unwrap().items;
        let at = |kind: &str| all.iter().position(|message| message.event_type == kind).unwrap();
        assert!(at("SPAWN_CANCELLED") < at("NODE_CANCELLED"), "first the process, then the node");
        assert_eq!(carried.await.unwrap(), stopped, "whoever has it carried out hears the same");
        assert_eq!(nodes::stop(&house.nodes, &name, "bob").await, Some(stopped));
        assert_eq!(house.row(&name).await["status"], json!("cancelled"));
    });
    assert_eq!(model.given_up(), 1, "nobody waits for the model any more");
}

#[test]
fn a_node_that_has_ended_is_not_stopped_and_one_that_never_began_is_none() {
    let model = Model::saying("Both.");
    life(&model, async |house| {
        let outcome = house.carry_out("judge", &free()).await;
        let (name, _) = house.order("judge", &free()).await;
        assert_eq!(nodes::stop(&house.nodes, &name, "ann").await, Some(outcome));
        let (other, _) = house.order("other", &free()).await;
        assert_eq!(nodes::stop(&house.nodes, &other, "ann").await, None);
    });
}

#[test]
fn a_node_whose_process_cannot_come_into_being_is_stopped_without_one() {
    let model = Model::saying("Both.");
    life(&model, async |house| {
        let (by, why) = ("ann".to_owned(), "a pause".to_owned());
        let since = Timestamp(0);
        house.processes.hold(Some(Parked { by, why, since, command: None, failed: false }));
        let (name, _carried) = house.begin("judge", &free()).await;
        while house.row(&name).await.is_null() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let process = house.process(&name).await;
        let (nodes, of) = (house.nodes.clone(), name.clone());
        let stopping = actix_rt::spawn(async move { nodes::stop(&nodes, &of, "ann").await });
        while house.row(&name).await["status"] != "cancelling" {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        house.processes.hold(None);
        assert!(stopping.await.unwrap().is_some());
        assert_eq!(house.status(&process).await, "none");
    });
    assert!(model.asked().is_empty());
}

#[test]
fn a_process_that_an_operator_cancels_fails_its_node_as_cancelled() {
    let model = Model::waiting("never heard");
    life(&model, async |house| {
        let (name, carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        let process = house.process(&name).await;
        let cancel = Command::Cancel { by: "ann".into() };
        house.processes.tell(&process.0, MessageId::fresh(), cancel).await.unwrap();
        let outcome = carried.await.unwrap();
        let Outcome::Failed { kind, error, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(kind, FailureKind::Cancelled);
        assert_eq!(error, format!("process {process} was cancelled by ann"));
    });
}

#[test]
fn who_has_a_node_carried_out_that_an_operator_ends_hears_of_it() {
    let model = Model::waiting("never heard");
    life(&model, async |house| {
        let (name, carried) = house.begin("judge", &free()).await;
        model.until_asked(1).await;
        let branch = EntityBranch::new(house.nodes.clone(), "/nodes");
        for verb in [Verb::Suspend, Verb::Fail] {
            branch.operate(vec![name.to_string()], verb, "ann".into()).await.unwrap();
        }
        let outcome = carried.await.unwrap();
        let Outcome::Failed { kind, error, .. } = &outcome else { panic!("{outcome:?}") };
        assert_eq!(*kind, FailureKind::ProcessFailed);
        assert!(error.starts_with("ann keeps this entity from acting"), "{error}");
        assert_eq!(house.carry_out("judge", &free()).await, outcome);
        assert_eq!(nodes::stop(&house.nodes, &name, "bob").await, Some(outcome));
        let row = house.row(&name).await;
        assert_eq!((&row["status"], row["current_process_id"].is_null()), (&json!("failed"), true));
    });
}
