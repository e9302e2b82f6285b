//! Honest retries: the same id gives the first answer, whatever has happened since (law 7).

use crate::kit::{Command, Dark, Scene, lives};
use callboard_actors::entity::TellError;

const ON: Command = Command::Turn { by: 5 };
const OFF: Command = Command::Turn { by: -5 };

#[test]
fn the_same_command_told_again_gets_the_first_receipt() {
    lives(async |stage| {
        let first = stage.tell("a", "1", ON).await.unwrap();
        assert!(!first.repeated);
        stage.tell("a", "2", OFF).await.unwrap();
        let again = stage.tell("a", "1", ON).await.unwrap();
        assert!(again.repeated);
        assert_eq!((again.position, again.version), (first.position, first.version));
    });
}

#[test]
fn in_the_same_batch_too() {
    lives(async |stage| {
        let told: Vec<_> = (0..5).map(|_| stage.tell_later("a", "1", ON)).collect();
        let answers = futures::future::join_all(told).await;
        let positions: Vec<_> = answers.into_iter().map(|a| a.unwrap().unwrap().position).collect();
        assert_eq!(positions, [1; 5]);
        assert_eq!(stage.story("a").await.len(), 2);
    });
}

#[test]
fn after_a_crash_and_though_the_machine_would_refuse_now() {
    let scene = Scene::new();
    let (off, no_events) = scene.life(async |stage| {
        stage.tell("a", "on", ON).await.unwrap();
        let look = stage.tell("a", "look", Command::Look).await.unwrap();
        (stage.tell("a", "off", OFF).await.unwrap(), look)
    });
    scene.life(async |stage| {
        let dark = stage.tell("a", "new", OFF).await.unwrap_err();
        assert!(matches!(dark, TellError::Refused(Dark { light: 0 })));
        let again = stage.tell("a", "off", OFF).await.unwrap();
        assert_eq!((again.position, again.version), (off.position, off.version));
        let again = stage.tell("a", "look", Command::Look).await.unwrap();
        assert_eq!((again.position, again.version), (no_events.position, no_events.version));
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn the_same_id_with_another_body_is_told_so() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let (first, second) = (stage.tell_later("a", "1", ON), stage.tell_later("a", "1", OFF));
        first.await.unwrap().unwrap();
        assert!(matches!(second.await.unwrap(), Err(TellError::DifferentBody)), "in one batch");
        assert!(matches!(stage.tell("a", "1", OFF).await, Err(TellError::DifferentBody)));
    });
    scene.life(async |stage| {
        assert!(matches!(stage.tell("a", "1", OFF).await, Err(TellError::DifferentBody)));
    });
}

#[test]
fn a_refusal_comes_back_as_the_same_refusal_though_the_machine_would_accept_now() {
    let scene = Scene::new();
    let refused = |answer| assert!(matches!(answer, Err(TellError::Refused(Dark { light: 5 }))));
    scene.life(async |stage| {
        stage.tell("a", "on", ON).await.unwrap();
        refused(stage.tell("a", "no", Command::Turn { by: -6 }).await);
        stage.tell("a", "more", ON).await.unwrap();
        refused(stage.tell("a", "no", Command::Turn { by: -6 }).await);
    });
    scene.life(async |stage| refused(stage.tell("a", "no", Command::Turn { by: -6 }).await));
}

#[test]
fn a_refusal_to_be_born_leaves_no_trace() {
    lives(async |stage| {
        assert!(matches!(stage.tell("a", "1", OFF).await, Err(TellError::Refused(_))));
        assert!(stage.story("a").await.is_empty());
    });
}

#[test]
fn a_child_told_again_by_a_parent_that_crashed_half_way_is_the_same_child() {
    use callboard_actors::vocabulary::{MessageId, Name};
    let child = Name::derived(&["workflow-1", "node", "1"]);
    let told = MessageId::derived(&["workflow-1", "node", "1", "start"]);
    let scene = Scene::new();
    let tell = async |stage: crate::kit::Stage| stage.lamps.tell(&child, told, ON).await.unwrap();
    let (first, second) = (scene.life(tell), scene.life(tell));
    assert_eq!((first.position, first.repeated), (1, false));
    assert_eq!((second.position, second.repeated), (1, true));
    assert_eq!(scene.number("SELECT count(*) FROM streams"), 1);
}

#[test]
fn a_name_told_as_fresh_that_is_not_loses_nothing_but_time() {
    let scene = Scene::new();
    scene.life(async |stage| stage.tell("a", "1", ON).await.unwrap());
    scene.life(async |stage| {
        let a = crate::kit::name("a");
        let again = stage.lamps.tell_fresh(&a, crate::kit::id("1"), ON).await.unwrap();
        assert!(again.repeated);
        let next = stage.lamps.tell_fresh(&a, crate::kit::id("2"), OFF).await.unwrap();
        assert_eq!(next.version, 2);
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}
