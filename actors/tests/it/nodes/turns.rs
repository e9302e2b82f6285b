//! Turns: what is asked, what comes of it, and how answers are mended.

use super::house::{House, Model, Reply, findings, free, judge, output};
use crate::kit::Scene;
use callboard_actors::graph::Agent;
use callboard_actors::nodes::{self, FailureKind, Order, Outcome};
use callboard_actors::vocabulary::{Payload, SessionId};
use serde_json::{Value, json};

/// A life with this model; at its end nothing may be wrong with the journal.
fn life<T>(model: &Model, work: impl AsyncFnOnce(House) -> T) -> T {
    let scene = Scene::new();
    let result = scene.life(async |stage| work(House::on(&stage, model)).await);
    assert_eq!(findings(&scene), Vec::<String>::new());
    result
}

#[test]
fn a_node_has_the_model_asked_and_ends_with_what_it_said() {
    let model = Model::saying("Both.");
    life(&model, async |house| {
        let outcome = house.carry_out("debate/judge", &free()).await;
        assert_eq!(*output(&outcome), json!("Both."));
        let Outcome::Completed { metrics, .. } = outcome else { unreachable!() };
        assert_eq!((metrics.turns, metrics.tokens_in, metrics.cost_usd), (1, 10, Some(0.5)));
        let (name, _) = house.order("debate/judge", &free()).await;
        let row = house.row(&name).await;
        assert_eq!((&row["status"], &row["turn"]), (&json!("completed"), &json!(1)));
        assert_eq!((&row["path"], &row["workflow_id"]), (&json!("debate/judge"), &json!("wf")));
        assert_eq!(row["current_process_id"], Value::Null);
    });
    assert_eq!(model.asked(), ["0 Who is right?"]);
}

#[test]
fn whoever_has_it_carried_out_again_gets_the_same_and_the_model_is_asked_once() {
    let model = Model::saying("Both.");
    life(&model, async |house| {
        let free = free();
        let (first, again) =
            futures::join!(house.carry_out("judge", &free), house.carry_out("judge", &free));
        assert_eq!(first, again);
        assert_eq!(house.carry_out("judge", &free).await, first);
        let other = Agent { prompt: "Who is wrong?".into(), ..free };
        let Outcome::Failed { error, .. } = house.carry_out("judge", &other).await else {
            panic!("another question has another place")
        };
        assert!(error.ends_with("was started before, with another order"), "{error}");
    });
    assert_eq!(model.asked().len(), 1);
}

#[test]
fn an_answer_that_does_not_fit_is_mended_in_the_same_conversation() {
    let model = Model::rash();
    life(&model, async |house| {
        let outcome = house.carry_out("judge", &judge()).await;
        assert_eq!(*output(&outcome), json!({ "winner": "pro" }));
        let Outcome::Completed { metrics, .. } = outcome else { unreachable!() };
        assert_eq!((metrics.turns, metrics.tokens_out, metrics.cost_usd), (2, 2, Some(1.0)));
    });
    let asked = model.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].starts_with("0 Who is right?\n\nAnswer with one JSON value"), "{}", asked[0]);
    assert!(asked[1].starts_with("1 Your last answer is not what it has to be"), "{}", asked[1]);
    assert!(asked[1].contains("the answer holds no JSON"), "{}", asked[1]);
}

#[test]
fn what_is_never_mended_fails_when_it_has_been_asked_often_enough() {
    let model = Model::saying("{\"winner\": \"me\"}");
    life(&model, async |house| {
        let outcome = house.carry_out("judge", &judge()).await;
        let Outcome::Failed { kind, error, metrics } = outcome else { panic!("{outcome:?}") };
        assert_eq!((kind, metrics.turns), (FailureKind::InvalidOutput, 3));
        assert!(error.contains("after 3 turns"), "{error}");
        let (name, _) = house.order("judge", &judge()).await;
        assert_eq!(house.row(&name).await["error"], json!(error));
    });
    assert_eq!(model.asked().len(), 3);
}

#[test]
fn nodes_of_one_conversation_hear_one_another() {
    let model = Model::saying("Yes.");
    life(&model, async |house| {
        for path in ["first", "second"] {
            let (name, order) = house.order(path, &free()).await;
            let session_id = Some(SessionId("talk".parse().unwrap()));
            nodes::carry_out(&house.nodes, &name, Order { session_id, ..order }).await;
        }
    });
    assert_eq!(model.asked(), ["0 Who is right?", "1 Who is right?"]);
}

#[test]
fn a_large_output_lies_in_a_file_and_is_kept() {
    let text = "long ".repeat(Payload::INLINE_BYTES / 5);
    let said = text.clone();
    let model = Model::new(move |_| Reply::Says(said.clone()));
    life(&model, async |house| {
        let outcome = house.carry_out("essay", &free()).await;
        let Outcome::Completed { output, .. } = outcome else { panic!("{outcome:?}") };
        let file = output.file().expect("a file").file.clone();
        assert!(file.starts_with("state/blobs/"), "{file}");
        assert_eq!(house.journal.value(&output).await.unwrap(), json!(text));
        // Whatever has been released may go at once; what is kept may not.
        let (_, order) = house.order("essay", &free()).await;
        let now = house.journal.clock().now().after(std::time::Duration::from_hours(1));
        house.journal.sweep_now(std::time::Duration::ZERO, now).await.unwrap();
        assert_eq!(house.journal.value(&output).await.unwrap(), json!(text));
        assert!(house.journal.content((*order.asked).clone()).await.is_err(), "it was released");
    });
}

#[test]
fn a_process_that_dies_fails_its_node_with_its_error() {
    let model = Model::new(|_| Reply::Breaks);
    life(&model, async |house| {
        let outcome = house.carry_out("judge", &free()).await;
        let Outcome::Failed { kind, error, metrics } = outcome else { panic!("{outcome:?}") };
        assert_eq!((kind, metrics.turns), (FailureKind::ProcessFailed, 0));
        assert!(error.ends_with("no retry can mend this: it does not understand"), "{error}");
    });
}

#[test]
fn a_process_that_takes_too_long_fails_its_node_as_timed_out() {
    let model = Model::waiting("too late");
    life(&model, async |house| {
        let (name, order) = house.order("judge", &free()).await;
        let order = Order { timeout_s: Some(1), max_retries: Some(1), ..order };
        let outcome = nodes::carry_out(&house.nodes, &name, order).await;
        assert!(
            matches!(outcome, Outcome::Failed { kind: FailureKind::TimedOut, .. }),
            "{outcome:?}"
        );
    });
    assert_eq!(model.asked().len(), 2, "its retries are the process's own affair");
}

#[test]
fn what_cannot_be_ordered_fails_and_nobody_is_asked() {
    let model = Model::saying("Both.");
    life(&model, async |house| {
        let agent = Agent { runtime: Some("oracle".into()), ..free() };
        let outcome = house.carry_out("judge", &agent).await;
        let Outcome::Failed { kind, error, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(kind, FailureKind::ProcessFailed);
        assert_eq!(error, "there is no runtime \"oracle\": choose one of program, scripted");
    });
    assert!(model.asked().is_empty());
}
