//! Effects: begun after the commit, never twice at once, ended when nobody wants them (laws 1, 4, 6, 8).

use crate::kit::{Command, Event, How, Scene, Stage, id, lives, name};
use callboard_actors::entity::{EntityBranch, TellError};
use callboard_actors::supervision::{Branch, Verb};
use callboard_actors::vocabulary::{MessageId, Timestamp};
use std::time::Duration;

const ON: Command = Command::Turn { by: 5 };

async fn want(stage: &Stage, key: &str, how: How) {
    let command = Command::Want { key: key.into(), how, due: None };
    stage.tell("a", &format!("want {key}"), command).await.unwrap();
}

async fn restart(stage: &Stage) {
    let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
    branch.operate(vec!["a".into()], Verb::Restart, "ann".into()).await.unwrap();
}

/// Waits until an outcome has ended its wish.
async fn forgotten(stage: &Stage) {
    let is_it = |event: &Event| matches!(event, Event::Forgotten { .. }).then_some(());
    stage.lamps.find_event(&name("a"), 0, is_it).await.unwrap();
}

fn events(story: &[String], what: &str) -> usize {
    story.iter().filter(|line| line.contains(what)).count()
}

#[test]
fn an_effect_outlives_the_restart_of_its_entity_and_is_never_done_twice_at_once() {
    lives(async |stage| {
        want(&stage, "glow/1", How::WhenLet).await;
        stage.world.until("begin glow/1", 1).await;
        for round in 0..3 {
            restart(&stage).await;
            stage.tell("a", &format!("r{round}"), ON).await.unwrap();
        }
        stage.world.let_go("glow/1");
        forgotten(&stage).await;
        assert_eq!(stage.world.lines(), ["begin glow/1", "done glow/1"]);
    });
}

#[test]
fn nothing_is_performed_that_could_not_be_committed() {
    lives(async |mut stage| {
        stage.tell("a", "1", ON).await.unwrap();
        stage.writer = None;
        let command = Command::Want { key: "glow/1".into(), how: How::AtOnce, due: None };
        let told = stage.tell_later("a", "2", command);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!told.is_finished(), "nothing is answered before it is committed");
        assert_eq!(stage.world.lines(), Vec::<String>::new(), "or performed");
        let (head, page) = (stage.journal.feed().head(), &stage.journal);
        assert_eq!(
            page.messages(None, 0, 10).await.unwrap().items.last().map(|m| m.position),
            Some(head)
        );
        stage.start_writer();
        told.await.unwrap().unwrap();
        stage.world.until("done glow/1", 1).await;
    });
}

#[test]
fn what_is_no_longer_wanted_is_aborted() {
    lives(async |stage| {
        want(&stage, "glow/1", How::WhenLet).await;
        stage.world.until("begin glow/1", 1).await;
        stage.tell("a", "2", Command::Forget { key: "glow/1".into() }).await.unwrap();
        stage.world.until("aborted glow/1", 1).await;
    });
}

#[test]
fn open_work_is_begun_again_after_a_crash_until_its_outcome_is_committed_once() {
    let scene = Scene::new();
    scene.life(async |stage| {
        want(&stage, "glow/1", How::WhenLet).await;
        stage.world.until("begin glow/1", 1).await;
    });
    scene.world.let_go("glow/1");
    for _ in 0..2 {
        scene.life(async |stage| {
            stage.start_scheduler();
            stage.tell("a", "look", Command::Look).await.unwrap();
            forgotten(&stage).await;
            assert_eq!(events(&stage.story("a").await, "REPORT"), 1);
        });
    }
    assert_eq!(scene.world.count("begin glow/1"), 2);
    assert_eq!(scene.world.count("TWICE AT ONCE glow/1"), 0);
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn news_is_committed_while_the_work_goes_on() {
    lives(async |stage| {
        want(&stage, "glow/1", How::WithNews).await;
        forgotten(&stage).await;
        let story = stage.story("a").await;
        let at = |what| story.iter().position(|line| line.contains(what)).unwrap();
        assert!(at("FLICKERED") < at("FORGOTTEN"));
    });
}

#[test]
fn an_outcome_that_leaves_its_key_wanted_parks_the_entity_and_is_not_written() {
    let scene = Scene::new();
    scene.life(async |stage| {
        want(&stage, "glow/1", How::Stuck).await;
        let heard = stage.heard("claude.system.supervision").await;
        assert!(heard.data.get().contains("the outcome of glow/1 left it wanted"));
        assert_eq!(stage.parked("a").await.as_deref(), Some("stuck"));
        assert_eq!(events(&stage.story("a").await, "command REPORT"), 0);
        tokio::time::sleep(Duration::from_mins(10)).await;
        assert_eq!(stage.world.count("begin glow/1"), 1, "no silent loops");
        // Who retries has it performed once more: it may have been mended outside.
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        branch.operate(vec!["a".into()], Verb::Retry, "ann".into()).await.unwrap();
        stage.world.until("begin glow/1", 2).await;
        while stage.parked("a").await.is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(stage.world.count("TWICE AT ONCE glow/1"), 0);
    });
    // Skipped, the outcome is on the record; its key may not be used again.
    scene.life(async |stage| {
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        branch.operate(vec!["a".into()], Verb::Skip, "ann".into()).await.unwrap();
        let answer = stage.tell("a", "2", ON).await;
        assert!(
            matches!(&answer, Err(TellError::Parked(p)) if p.why.contains("stands in the journal")),
            "{answer:?}"
        );
        assert_eq!(stage.world.count("begin glow/1"), 2);
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn retried_a_stuck_outcome_is_not_told_again_but_brought_anew() {
    lives(async |stage| {
        want(&stage, "glow/1", How::Stuck).await;
        stage.heard("claude.system.supervision").await;
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        branch.operate(vec!["a".into()], Verb::Retry, "ann".into()).await.unwrap();
        stage.world.until("begin glow/1", 2).await;
        assert_eq!(events(&stage.story("a").await, "command REPORT"), 0);
    });
}

#[test]
fn a_key_that_is_used_again_parks_the_entity() {
    lives(async |stage| {
        want(&stage, "glow/1", How::AtOnce).await;
        forgotten(&stage).await;
        let again = Command::Want { key: "glow/1".into(), how: How::AtOnce, due: None };
        stage.tell("a", "again", again).await.unwrap();
        let answer = stage.tell("a", "2", ON).await;
        assert!(matches!(&answer, Err(TellError::Parked(p)) if p.by == "stuck"), "{answer:?}");
        assert_eq!(stage.world.count("begin glow/1"), 1);
    });
}

#[test]
fn an_outcome_that_wants_its_own_key_again_parks_the_entity() {
    lives(async |stage| {
        want(&stage, "glow/1", How::Reuses).await;
        let heard = stage.heard("claude.system.supervision").await;
        assert!(heard.data.get().contains("left it wanted"), "{}", heard.data);
        assert_eq!(stage.world.count("begin glow/1"), 1);
    });
}

#[test]
fn what_is_due_later_is_begun_then() {
    lives(async |stage| {
        let due = stage.journal.clock().now().after(Duration::from_hours(1));
        let command = Command::Want { key: "glow/1".into(), how: How::AtOnce, due: Some(due) };
        stage.tell("a", "1", command).await.unwrap();
        stage.start_scheduler();
        stage.world.until("begin glow/1", 1).await;
        let late = stage.journal.clock().now().since(due);
        assert!(late < Duration::from_secs(2), "{late:?}");
        assert!(stage.journal.clock().now() >= due);
        assert_eq!(Timestamp(5).since(Timestamp(7)), Duration::ZERO);
    });
}

#[test]
fn a_late_outcome_is_noted_changes_nothing_and_its_receipt_is_kept() {
    let scene = Scene::new();
    let report = Command::Report { key: "glow/1".into(), ends: true, then: None };
    let outcome = MessageId::derived(&["lamp", "a", "glow/1", "outcome"]);
    let receipt = scene.life(async |mut stage| {
        want(&stage, "glow/1", How::WhenLet).await;
        stage.world.until("begin glow/1", 1).await;
        // While one batch is on its way, the forgetting and the outcome meet in the next.
        stage.writer = None;
        let first = stage.tell_later("a", "first", ON);
        settle().await;
        let forget = stage.tell_later("a", "forget", Command::Forget { key: "glow/1".into() });
        settle().await;
        stage.world.let_go("glow/1");
        stage.world.until("done glow/1", 1).await;
        settle().await;
        stage.start_writer();
        first.await.unwrap().unwrap();
        forget.await.unwrap().unwrap();
        let story = stage.story("a").await;
        assert_eq!((events(&story, "OUTCOME_NOTED"), events(&story, "command REPORT")), (1, 0));
        stage.lamps.tell(&name("a"), outcome, report.clone()).await.unwrap()
    });
    assert!(receipt.repeated);
    let again =
        scene.life(async |stage| stage.lamps.tell(&name("a"), outcome, report).await.unwrap());
    assert_eq!(again, receipt, "also by what was rebuilt");
    assert_eq!(scene.number("SELECT version FROM streams"), 3);
    assert_eq!(scene.findings(), Vec::<String>::new());
}

/// Lets everyone do what they can do without time passing.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_name_told_as_fresh_while_it_works_keeps_its_work_through_a_restart() {
    lives(async |stage| {
        want(&stage, "glow/1", How::WhenLet).await;
        stage.world.until("begin glow/1", 1).await;
        stage.lamps.tell_fresh(&name("a"), id("fresh"), ON).await.unwrap();
        restart(&stage).await;
        stage.tell("a", "2", ON).await.unwrap();
        assert_eq!(stage.world.lines(), ["begin glow/1"]);
    });
}
