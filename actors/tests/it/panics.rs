//! A machine that panics is parked, alone, where everyone can see it (law 10).

use crate::kit::{BROKEN, Command, Event, How, Scene, Spot, Stage, entries, lives, name};
use callboard_actors::entity::{EntityBranch, TellError};
use callboard_actors::supervision::{Branch, Verb};

const ON: Command = Command::Turn { by: 5 };

async fn operate(stage: &Stage, lamp: &str, verb: Verb) {
    let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
    branch.operate(vec![lamp.into()], verb, "ann".into()).await.unwrap();
}

async fn breaks(stage: &Stage, lamp: &str, spot: Spot) {
    let answer = stage.tell(lamp, "break", Command::Break { spot }).await;
    assert!(
        matches!(&answer, Err(TellError::Parked(parked)) if parked.by == "panic"),
        "{answer:?}"
    );
}

#[test]
fn a_machine_that_panics_anywhere_is_parked_and_its_siblings_finish() {
    for spot in [Spot::Decide, Spot::Apply, Spot::Wants, Spot::Row, Spot::Topic] {
        BROKEN.set(true);
        lives(async |stage| {
            stage.tell("bad", "1", ON).await.unwrap();
            let tell = |i: u32| stage.tell_later(&format!("lamp-{i}"), &format!("t{i}"), ON);
            let told: Vec<_> = (0..500).map(tell).collect();
            breaks(&stage, "bad", spot).await;
            let more: Vec<_> = (500..1000).map(tell).collect();
            for answer in futures::future::join_all(told.into_iter().chain(more)).await {
                answer.unwrap().unwrap();
            }
            assert_eq!(stage.parked("bad").await.as_deref(), Some("panic"), "{spot:?}");
            assert!(matches!(stage.tell("bad", "2", ON).await, Err(TellError::Parked(_))));
            let heard = stage.heard("claude.system.supervision").await;
            assert_eq!(heard.event_type, "ENTITY_PARKED");
            let parked = stage.journal.reader().parked("lamp", 10).await.unwrap();
            assert_eq!(parked.len(), 1);
            assert_eq!(parked[0].1.command.as_ref().unwrap().event_type, "BREAK");
        });
    }
}

#[test]
fn the_whole_story_of_a_bad_command_and_of_the_operator_who_skips_it() {
    let story = lives(async |stage| {
        stage.tell("bad", "1", ON).await.unwrap();
        breaks(&stage, "bad", Spot::Decide).await;
        operate(&stage, "bad", Verb::Skip).await;
        stage.tell("bad", "2", ON).await.unwrap();
        let again = stage.tell("bad", "break", Command::Break { spot: Spot::Decide }).await;
        assert!(matches!(again, Err(TellError::Skipped(by)) if by == "ann"));
        entries(&stage.journal).await
    });
    insta::assert_snapshot!(story);
}

#[test]
fn a_command_in_the_same_batch_as_the_culprit_is_not_lost() {
    lives(async |stage| {
        let bad = Command::Break { spot: Spot::Apply };
        let before = stage.tell_later("bad", "before", ON);
        let culprit = stage.tell_later("bad", "break", bad);
        let behind = stage.tell_later("bad", "behind", ON);
        before.await.unwrap().unwrap();
        assert!(matches!(culprit.await.unwrap(), Err(TellError::Parked(_))));
        assert!(matches!(behind.await.unwrap(), Err(TellError::Parked(_))), "it hears why");
        operate(&stage, "bad", Verb::Skip).await;
        assert_eq!(stage.tell("bad", "behind", ON).await.unwrap().version, 2);
    });
}

#[test]
fn a_mended_program_retries_what_it_parked_also_after_a_restart() {
    let scene = Scene::new();
    BROKEN.set(true);
    scene.life(async |stage| {
        stage.tell("bad", "1", ON).await.unwrap();
        breaks(&stage, "bad", Spot::Apply).await;
    });
    scene.life(async |stage| {
        assert!(matches!(stage.tell("bad", "2", ON).await, Err(TellError::Parked(_))));
        operate(&stage, "bad", Verb::Retry).await;
        let answer = stage.tell("bad", "2", ON).await;
        assert!(matches!(answer, Err(TellError::Parked(_))), "the bug is still there: {answer:?}");
        BROKEN.set(false);
        operate(&stage, "bad", Verb::Retry).await;
        assert_eq!(stage.tell("bad", "2", ON).await.unwrap().version, 3);
        let first = stage.tell("bad", "break", Command::Break { spot: Spot::Apply }).await;
        assert!(first.unwrap().repeated, "it was told again, under its own id");
    });
    BROKEN.set(true);
}

/// Parked for a command that a mended program could digest.
async fn park_and_mend(stage: &Stage, spot: Spot) {
    BROKEN.set(true);
    stage.tell("bad", "1", ON).await.unwrap();
    breaks(stage, "bad", spot).await;
    BROKEN.set(false);
}

/// The parked command, which no caller tells, has been taken in once.
async fn is_taken_in(stage: &Stage) {
    let broke = async || stage.story("bad").await.iter().filter(|s| s.contains(" BROKE ")).count();
    while broke().await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    stage.tell("bad", "2", ON).await.unwrap();
    assert_eq!(broke().await, 1);
    let again = stage.tell("bad", "break", Command::Break { spot: Spot::Row }).await;
    assert!(again.unwrap().repeated, "it was told again, under its own id");
}

#[test]
fn a_crash_right_after_a_retry_does_not_lose_the_command_that_waited() {
    let scene = Scene::new();
    scene.life(async |stage| {
        park_and_mend(&stage, Spot::Row).await;
        let parked = stage.journal.feed().head();
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        let retry = branch.operate(vec!["bad".into()], Verb::Retry, "ann".into());
        let _retrying = actix_rt::spawn(retry);
        while stage.journal.feed().head() == parked {
            tokio::task::yield_now().await;
        }
        assert_eq!(stage.journal.feed().head(), parked + 1, "the server falls in between");
    });
    scene.life(async |stage| {
        stage.start_scheduler();
        is_taken_in(&stage).await;
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
    BROKEN.set(true);
}

#[test]
fn who_is_suspended_right_after_a_retry_keeps_the_command_until_it_is_resumed() {
    lives(async |mut stage| {
        park_and_mend(&stage, Spot::Row).await;
        // While nobody is there to obey, the orders gather, one behind the other.
        stage.hosts = None;
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        let mut orders = Vec::new();
        for verb in [Verb::Retry, Verb::Suspend, Verb::Resume] {
            let order = branch.operate(vec!["bad".into()], verb, "ann".into());
            orders.push(actix_rt::spawn(order));
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
        stage.start_hosts();
        for obeyed in futures::future::join_all(orders).await {
            obeyed.unwrap().unwrap();
        }
        let story = stage.story("bad").await.join("\n");
        assert_eq!(story.matches("ENTITY_PARKED").count(), 2, "{story}");
        is_taken_in(&stage).await;
    });
    BROKEN.set(true);
}

#[test]
fn a_command_that_cannot_be_written_when_it_is_told_again_parks_again() {
    let scene = Scene::new();
    scene.life(async |stage| {
        park_and_mend(&stage, Spot::Row).await;
        scene.database().execute_batch("ALTER TABLE lamps RENAME TO hidden").unwrap();
        operate(&stage, "bad", Verb::Retry).await;
        while stage.parked("bad").await.as_deref() != Some("stuck") {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        scene.database().execute_batch("ALTER TABLE hidden RENAME TO lamps").unwrap();
        operate(&stage, "bad", Verb::Retry).await;
        is_taken_in(&stage).await;
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
    BROKEN.set(true);
}

#[test]
fn what_an_operator_failed_has_ended_for_good() {
    let scene = Scene::new();
    scene.life(async |stage| {
        stage.tell("bad", "1", ON).await.unwrap();
        let (key, how) = ("glow/1".into(), How::WhenLet);
        stage.tell("bad", "2", Command::Want { key, how, due: None }).await.unwrap();
        stage.world.until("begin glow/1", 1).await;
        operate(&stage, "bad", Verb::Fail).await;
        stage.world.until("aborted glow/1", 1).await;
    });
    scene.life(async |stage| {
        stage.start_scheduler();
        let answer = stage.tell("bad", "3", ON).await;
        assert!(matches!(answer, Err(TellError::Parked(parked)) if parked.failed));
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        let refused = branch.operate(vec!["bad".into()], Verb::Retry, "ann".into()).await;
        assert!(refused.unwrap_err().to_string().contains("ended with fail"));
        assert_eq!(stage.world.count("begin glow/1"), 1);
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
    let error = "SELECT count(*) FROM lamps WHERE error = 'an operator ended it' AND failed_at > 0";
    assert_eq!(scene.number(error), 1);
}

#[test]
fn what_an_operator_suspended_stays_so_through_a_restart_and_resumes_with_its_work() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let (key, how) = ("glow/1".into(), How::WhenLet);
        stage.tell("a", "1", Command::Want { key, how, due: None }).await.unwrap();
        operate(&stage, "a", Verb::Suspend).await;
        assert_eq!(stage.parked("a").await.as_deref(), Some("ann"));
    });
    scene.life(async |stage| {
        stage.start_scheduler();
        let answer = stage.tell("a", "2", ON).await;
        assert!(matches!(answer, Err(TellError::Parked(_))));
        assert_eq!(stage.world.count("begin glow/1"), 1);
        operate(&stage, "a", Verb::Resume).await;
        stage.world.until("begin glow/1", 2).await;
        stage.tell("a", "2", ON).await.unwrap();
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn what_was_suspended_and_resumed_still_wakes_at_the_next_start() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let (key, how) = ("glow/1".into(), How::WhenLet);
        stage.tell("a", "1", Command::Want { key, how, due: None }).await.unwrap();
        operate(&stage, "a", Verb::Suspend).await;
        operate(&stage, "a", Verb::Resume).await;
    });
    let begun = scene.world.count("begin glow/1");
    scene.life(async |stage| {
        stage.start_scheduler();
        stage.world.until("begin glow/1", begun + 1).await;
    });
}

#[test]
fn a_first_command_that_panics_can_be_seen_and_skipped() {
    lives(async |stage| {
        breaks(&stage, "new", Spot::Decide).await;
        let branch = EntityBranch::new(stage.lamps.clone(), "/lamps");
        assert!(branch.show(vec!["new".into()], 10).await.is_some());
        operate(&stage, "new", Verb::Skip).await;
        assert_eq!(stage.tell("new", "1", ON).await.unwrap().version, 1);
    });
}

#[test]
fn an_effect_that_panics_parks_its_entity_until_it_is_resumed() {
    for how in [How::Panics, How::PanicsAtOnce] {
        lives(async |stage| {
            let key = "glow/1".into();
            stage.tell("a", "1", Command::Want { key, how, due: None }).await.unwrap();
            let heard = stage.heard("claude.system.supervision").await;
            assert!(heard.data.get().contains("performing glow/1 panicked"), "{}", heard.data);
            assert_eq!(stage.parked("a").await.as_deref(), Some("panic"));
            operate(&stage, "a", Verb::Resume).await;
            stage.journal.feed().watch().wait_for(|head| *head >= 5).await.unwrap();
            assert_eq!(stage.parked("a").await.as_deref(), Some("panic"), "it was tried again");
        });
    }
}

#[test]
fn an_actor_that_keeps_being_killed_comes_back_with_its_state() {
    lives(async |mut stage| {
        stage.tell("a", "1", ON).await.unwrap();
        for round in 0..3 {
            stage.hosts = None;
            let waiting = stage.tell_later("a", &format!("r{round}"), ON);
            tokio::task::yield_now().await;
            stage.start_hosts();
            assert_eq!(waiting.await.unwrap().unwrap().version, round + 2);
        }
        assert!(stage.lamps.census().0 <= 1, "{:?}", name("a"));
    });
}

#[test]
fn an_outcome_that_cannot_be_written_parks_its_entity_after_some_tries() {
    let scene = Scene::new();
    scene.life(async |stage| {
        let want = Command::Want { key: "glow/1".into(), how: How::WhenLet, due: None };
        stage.tell("a", "want", want).await.unwrap();
        scene.database().execute_batch("ALTER TABLE lamps RENAME TO hidden").unwrap();
        stage.world.let_go("glow/1");
        while stage.parked("a").await.as_deref() != Some("stuck") {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        scene.database().execute_batch("ALTER TABLE hidden RENAME TO lamps").unwrap();
        operate(&stage, "a", Verb::Resume).await;
        let is_it = |event: &Event| matches!(event, Event::Forgotten { .. }).then_some(());
        stage.lamps.find_event(&name("a"), 0, is_it).await.unwrap();
        assert_eq!(stage.world.lines(), ["begin glow/1", "done glow/1"], "it is performed once");
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}
