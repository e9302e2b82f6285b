//! A COMMIT in doubt: whether it happened or not, nobody is told anything that may not last (law 3).

use super::kit::{Command, How, Scene, Stage};
use crate::entity::TellError;
use crate::journal::Fault;
use crate::journal::doubt::{Failure, fail_next};
use crate::vocabulary::Patterns;
use std::time::Duration;

const ON: Command = Command::Turn { by: 5 };
const FAILURES: [Failure; 3] = [Failure::Happened, Failure::NotHappened, Failure::Hanging];

/// A lamp with one committed command, and one whose COMMIT fails.
async fn doubt(stage: &Stage, failure: Failure) {
    stage.tell("a", "1", ON).await.unwrap();
    fail_next(failure);
    let answer = stage.tell("a", "2", ON).await;
    assert!(matches!(answer, Err(TellError::Fault(Fault::Unknown(_)))), "{failure:?} {answer:?}");
}

#[test]
fn the_caller_hears_unknown_and_asking_again_gives_the_one_true_result() {
    for failure in FAILURES {
        let scene = Scene::new();
        scene.life(async |stage| {
            let mut feed = stage.journal.subscribe(Patterns::default(), 0);
            doubt(&stage, failure).await;
            assert!(stage.journal.health().check().unwrap_err().contains("the disk lies"));
            tokio::time::sleep(Duration::from_secs(5)).await;
            assert!(stage.journal.health().check().is_ok(), "{failure:?}");
            let again = stage.tell("a", "2", ON).await.unwrap();
            assert_eq!((again.position, again.version), (3, 2));
            assert_eq!(again.repeated, failure == Failure::Happened);
            assert_eq!(stage.tell("a", "3", ON).await.unwrap().version, 3);
            let mut seen = Vec::new();
            while feed.position() < 6 {
                let batch = feed.next().await.unwrap();
                seen.extend(batch.messages.iter().map(|message| message.position));
            }
            assert_eq!(seen, [2, 4, 6], "each once, {failure:?}");
        });
        assert_eq!(scene.findings(), Vec::<String>::new());
    }
}

#[test]
fn nothing_is_shown_or_written_before_the_checkpoint_which_a_reader_holds_up() {
    for failure in FAILURES {
        let scene = Scene::new();
        scene.life(async |stage| {
            let reader = scene.database();
            stage.tell("b", "1", ON).await.unwrap();
            reader.execute_batch("BEGIN; SELECT count(*) FROM messages").unwrap();
            doubt(&stage, failure).await;
            for round in 0..3 {
                let answer = stage.tell("a", "2", ON).await;
                assert!(matches!(answer, Err(TellError::Fault(_))), "{round} {answer:?}");
                assert!(stage.journal.messages(None, 0, 10).await.is_err());
                assert!(stage.journal.reader().rows("lamps", vec![], None, 10).await.is_err());
                assert_eq!(stage.journal.feed().head(), 4);
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            reader.execute_batch("COMMIT").unwrap();
            tokio::time::sleep(Duration::from_secs(5)).await;
            let again = stage.tell("a", "2", ON).await.unwrap();
            assert_eq!((again.position, again.version), (5, 2));
        });
        assert_eq!(scene.findings(), Vec::<String>::new());
    }
}

#[test]
fn a_doubt_outlives_the_writer_that_had_it() {
    for failure in FAILURES {
        let scene = Scene::new();
        scene.life(async |mut stage| {
            let reader = scene.database();
            stage.tell("b", "1", ON).await.unwrap();
            reader.execute_batch("BEGIN; SELECT count(*) FROM messages").unwrap();
            doubt(&stage, failure).await;
            stage.writer = None;
            tokio::task::yield_now().await;
            stage.start_writer();
            tokio::time::sleep(Duration::from_secs(2)).await;
            assert!(stage.journal.health().check().is_err());
            assert_eq!(stage.journal.feed().head(), 4);
            reader.execute_batch("COMMIT").unwrap();
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert_eq!(stage.tell("a", "2", ON).await.unwrap().position, 5);
        });
        assert_eq!(scene.findings(), Vec::<String>::new());
    }
}

#[test]
fn an_outcome_whose_commit_was_in_doubt_is_told_until_it_is_known() {
    for failure in FAILURES {
        let scene = Scene::new();
        scene.life(async |stage| {
            let want = Command::Want { key: "glow/1".into(), how: How::WhenLet, due: None };
            stage.tell("a", "1", want).await.unwrap();
            fail_next(failure);
            stage.world.let_go("glow/1");
            let is_it = |event: &super::kit::Event| {
                matches!(event, super::kit::Event::Forgotten { .. }).then_some(())
            };
            let a = super::kit::name("a");
            loop {
                match stage.lamps.find_event(&a, 0, is_it).await {
                    Ok(()) => break,
                    Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
                }
            }
            assert_eq!(stage.world.lines(), ["begin glow/1", "done glow/1"]);
        });
        assert_eq!(scene.findings(), Vec::<String>::new());
        let reports = "SELECT count(*) FROM messages WHERE event_type = 'REPORT'";
        assert_eq!(scene.number(reports), 1);
    }
}
