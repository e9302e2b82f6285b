//! Ending in order: what waits is written, what runs may come to its end.

use crate::kit::{Command, How, Scene, Stage};
use callboard_actors::entity::Hosts;
use callboard_actors::journal::Writer;
use callboard_actors::supervision::{Exit, Lifeline, Shutdown, start_here};
use futures::future::join_all;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

const ON: Command = Command::Turn { by: 1 };
const RUNNING_ON: &str = "SELECT count(*) FROM meta WHERE key = 'running_on'";

fn line() -> (Lifeline, oneshot::Receiver<Exit>) {
    let (ended, exit) = oneshot::channel();
    (Lifeline::new(Box::new(|exit| drop(ended.send(exit)))), exit)
}

#[test]
fn a_writer_that_is_asked_to_end_first_writes_all_that_waits() {
    let scene = Scene::new();
    scene.life(async |mut stage| {
        stage.tell("a", "0", ON).await.unwrap();
        stage.writer = None;
        tokio::task::yield_now().await;
        let told: Vec<_> =
            (0..6_000).map(|i| stage.tell_later(&format!("l{i}"), &format!("{i}"), ON)).collect();
        // All of it is drafted and waits: more than one batch.
        while stage.journal.queue_depth().0 < 6_000 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (line, exit) = line();
        let writer = start_here::<Writer>(line, |line| stage.journal.writer(line).unwrap());
        writer.address.do_send(Shutdown);
        assert_eq!(exit.await.unwrap(), Exit::Normal);
        assert_eq!(stage.journal.queue_depth().0, 0);
        for answer in join_all(told).await {
            answer.unwrap().unwrap();
        }
    });
    assert_eq!(scene.number("SELECT max(id) FROM messages"), 12_002);
    assert_eq!(scene.number(RUNNING_ON), 0, "it has ended in order");
    assert_eq!(scene.findings(), Vec::<String>::new());
}

/// Hosts with an effect that runs, asked to end.
async fn ending(stage: &mut Stage) -> oneshot::Receiver<Exit> {
    stage.hosts = None;
    let (line, exit) = line();
    let (lamps, world) = (stage.lamps.clone(), stage.world.clone());
    let hosts = start_here(line, |line| Hosts::new(lamps, world, line));
    let (key, how) = ("glow/1".into(), How::WhenLet);
    stage.tell("a", "1", Command::Want { key, how, due: None }).await.unwrap();
    stage.world.until("begin glow/1", 1).await;
    hosts.address.do_send(Shutdown);
    stage.hosts = Some(hosts.hold);
    exit
}

#[test]
fn hosts_that_are_asked_to_end_wait_for_what_runs_and_for_what_is_told_meanwhile() {
    let scene = Scene::new();
    scene.life(async |mut stage| {
        let mut exit = ending(&mut stage).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(exit.try_recv().is_err(), "something still runs");
        let late = stage.tell("b", "late", ON).await.unwrap();
        assert_eq!(late.version, 1);
        stage.world.let_go("glow/1");
        assert_eq!(exit.await.unwrap(), Exit::Normal);
        let story = stage.story("a").await.join("\n");
        assert!(story.contains("command REPORT"), "its outcome is in the journal: {story}");
        assert_eq!(stage.world.count("aborted glow/1"), 0);
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn they_do_not_wait_for_ever_and_what_is_left_is_begun_anew_in_the_next_life() {
    let scene = Scene::new();
    scene.life(async |mut stage| {
        let began = Instant::now();
        let exit = ending(&mut stage).await;
        assert_eq!(exit.await.unwrap(), Exit::Normal);
        let took = began.elapsed();
        let drain = stage.lamps.settings().drain;
        assert!((drain..drain + Duration::from_secs(1)).contains(&took), "{took:?}");
        stage.world.until("aborted glow/1", 1).await;
    });
    scene.life(async |stage| {
        stage.start_scheduler();
        stage.world.let_go("glow/1");
        stage.world.until("done glow/1", 1).await;
    });
    assert_eq!(scene.number(RUNNING_ON), 1, "its writer did not end in order");
    assert_eq!(scene.findings(), Vec::<String>::new());
}
