//! Bounds: queues hold what they may, and outcomes still arrive (law 14).

use crate::kit::{Command, Event, How, Scene, lives, name};
use callboard_actors::entity::{HostSettings, TellError};
use callboard_actors::journal::{Fault, JournalSettings};
use futures::future::join_all;
use std::time::Duration;

const ON: Command = Command::Turn { by: 1 };

#[test]
fn past_its_inbox_an_entity_says_that_it_is_overloaded_and_an_outcome_still_arrives() {
    let mut scene = Scene::new();
    scene.host = HostSettings { inbox: 4, ..HostSettings::default() };
    scene.life(async |mut stage| {
        let want = Command::Want { key: "glow/1".into(), how: How::WhenLet, due: None };
        stage.tell("a", "want", want).await.unwrap();
        stage.writer = None;
        let first = stage.tell_later("a", "first", ON);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        // One batch is on its way to a writer who is not there; behind it the inbox fills.
        let told: Vec<_> = (0..10).map(|i| stage.tell_later("a", &format!("{i}"), ON)).collect();
        stage.world.let_go("glow/1");
        stage.world.until("done glow/1", 1).await;
        stage.start_writer();
        let answers = join_all(told).await;
        let is_over = |a: &Result<_, TellError<_>>| matches!(a, Err(TellError::Overloaded));
        let over = answers.iter().filter(|a| is_over(a.as_ref().unwrap())).count();
        assert_eq!(over, 6);
        first.await.unwrap().unwrap();
        let is_it = |event: &Event| matches!(event, Event::Forgotten { .. }).then_some(());
        stage.lamps.find_event(&name("a"), 0, is_it).await.unwrap();
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn past_its_bytes_the_journal_says_that_it_is_overloaded_and_an_outcome_still_arrives() {
    let mut scene = Scene::new();
    scene.settings = JournalSettings { queue_bytes: 3_000, ..JournalSettings::default() };
    scene.life(async |mut stage| {
        let want = Command::Want { key: "glow/1".into(), how: How::WhenLet, due: None };
        stage.tell("a", "want", want).await.unwrap();
        stage.writer = None;
        let told: Vec<_> =
            (0..20).map(|i| stage.tell_later(&format!("l{i}"), &format!("{i}"), ON)).collect();
        while stage.journal.queue_depth().0 < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let (writes, bytes, limit) = stage.journal.queue_depth();
        assert!(writes > 0 && bytes <= limit, "{bytes} of {limit}");
        stage.world.let_go("glow/1");
        tokio::time::sleep(Duration::from_secs(10)).await;
        stage.start_writer();
        let answers = join_all(told).await;
        let is_over =
            |a: &Result<_, TellError<_>>| matches!(a, Err(TellError::Fault(Fault::Overloaded)));
        assert!(answers.iter().any(|a| is_over(a.as_ref().unwrap())));
        assert!(answers.iter().any(|a| a.as_ref().unwrap().is_ok()));
        let is_it = |event: &Event| matches!(event, Event::Forgotten { .. }).then_some(());
        stage.lamps.find_event(&name("a"), 0, is_it).await.unwrap();
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn ten_thousand_idle_timers_hold_no_entity_in_memory() {
    lives(async |stage| {
        let due = stage.journal.clock().now().after(Duration::from_hours(100));
        let want = |i: u32| {
            let (key, how) = (format!("glow/{i}").as_str().into(), How::AtOnce);
            let command = Command::Want { key, how, due: Some(due) };
            stage.tell_later(&format!("l{i}"), &format!("{i}"), command)
        };
        join_all((0..1_000).map(want)).await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(stage.lamps.census(), (0, 0, 0));
    });
}

#[test]
fn while_nobody_hosts_them_few_commands_wait_and_none_for_long() {
    let mut scene = Scene::new();
    scene.host = HostSettings { inbox: 4, ..HostSettings::default() };
    scene.life(async |mut stage| {
        stage.hosts = None;
        tokio::time::sleep(Duration::from_millis(10)).await;
        let tell = |stage: &crate::kit::Stage, i: u32| {
            stage.tell_later(&format!("l{i}"), &format!("{i}"), ON)
        };
        let told: Vec<_> = (0..10).map(|i| tell(&stage, i)).collect();
        let answers = join_all(told).await;
        let unattended = |a: &Result<_, TellError<_>>| matches!(a, Err(TellError::Unattended));
        assert!(answers.iter().all(|a| unattended(a.as_ref().unwrap())));
        assert_eq!(stage.lamps.census(), (0, 0, 0), "what was refused is not kept");
        assert!(unattended(&stage.tell("late", "late", ON).await));
        stage.start_hosts();
        tokio::time::sleep(Duration::from_millis(10)).await;
        // In the short gap of a restart, those for whom there is room wait.
        stage.hosts = None;
        tokio::time::sleep(Duration::from_millis(10)).await;
        let told: Vec<_> = (10..20).map(|i| tell(&stage, i)).collect();
        tokio::time::sleep(Duration::from_secs(1)).await;
        stage.start_hosts();
        let answers = join_all(told).await;
        let taken = answers.iter().filter(|a| a.as_ref().unwrap().is_ok()).count();
        assert_eq!(taken, 4);
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}
