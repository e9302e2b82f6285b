//! Falling asleep and waking: memory is for what works (laws 4 and 8).

use crate::kit::{Command, How, Scene, Stage, lives};
use callboard_actors::entity::HostSettings;
use std::task::Poll;
use std::time::Duration;

const ON: Command = Command::Turn { by: 1 };

async fn pass(duration: Duration) {
    tokio::time::sleep(duration).await;
}

fn here(stage: &Stage) -> usize {
    stage.lamps.census().0
}

#[test]
fn an_idle_entity_leaves_memory_and_comes_back_when_told() {
    lives(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        assert_eq!(here(&stage), 1);
        pass(Duration::from_secs(3)).await;
        assert_eq!(here(&stage), 0);
        assert_eq!(stage.tell("a", "2", ON).await.unwrap().version, 2);
    });
}

#[test]
fn one_whose_story_is_over_leaves_memory_soon_and_comes_back_when_told() {
    lives(async |stage| {
        stage.tell("idle", "1", ON).await.unwrap();
        stage.tell("over", "1", Command::Turn { by: 1_000_000 }).await.unwrap();
        assert_eq!(here(&stage), 2);
        pass(Duration::from_millis(100)).await;
        assert_eq!(here(&stage), 1);
        assert_eq!(stage.tell("over", "2", ON).await.unwrap().version, 2);
    });
}

#[test]
fn a_busy_entity_does_not_fall_asleep() {
    lives(async |stage| {
        for round in 0..50 {
            stage.tell("a", &format!("{round}"), ON).await.unwrap();
            pass(Duration::from_millis(100)).await;
            assert_eq!(here(&stage), 1);
        }
    });
}

/// Lets the others that are ready go first, once; unlike tokio's `yield_now`, not all that follow from it.
async fn turn() {
    let mut has_turned = false;
    std::future::poll_fn(|cx| {
        if has_turned {
            return Poll::Ready(());
        }
        has_turned = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A lamp on the brink of sleep, in each of the moments around it.
async fn on_the_brink(stage: &Stage, lamp: &str, turns: usize) {
    stage.tell(lamp, &format!("{lamp} first"), ON).await.unwrap();
    pass(BRIEF).await;
    for _ in 0..turns {
        turn().await;
    }
}

const BRIEF: Duration = Duration::from_millis(1);

fn restless() -> Scene {
    let mut scene = Scene::new();
    scene.host = HostSettings { idle: BRIEF, ..HostSettings::default() };
    scene
}

#[test]
fn nothing_is_lost_when_told_at_the_very_moment_it_falls_asleep() {
    let scene = restless();
    scene.life(async |stage| {
        for turns in 0..60 {
            let lamp = format!("l{turns}");
            on_the_brink(&stage, &lamp, turns).await;
            assert_eq!(stage.tell(&lamp, &lamp, ON).await.unwrap().version, 2);
        }
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}

#[test]
fn a_wake_at_the_very_moment_it_falls_asleep_is_not_lost() {
    restless().life(async |stage| {
        for turns in 0..60 {
            let lamp = format!("l{turns}");
            on_the_brink(&stage, &lamp, turns).await;
            let has_left = here(&stage) == 0;
            stage.lamps.wake(&crate::kit::name(&lamp));
            for _ in 0..200 {
                turn().await;
            }
            // No time has passed: whoever came up is still there.
            assert!(!has_left || here(&stage) == 1, "{turns}");
            pass(Duration::from_secs(1)).await;
            assert_eq!(here(&stage), 0, "{turns}");
        }
    });
}

#[test]
fn a_timer_sleeps_without_memory_and_wakes_its_entity_when_it_is_due() {
    let scene = Scene::new();
    let due = scene.life(async |stage| {
        let due = stage.journal.clock().now().after(Duration::from_hours(5));
        let command = Command::Want { key: "glow/1".into(), how: How::AtOnce, due: Some(due) };
        stage.tell("a", "1", command).await.unwrap();
        pass(Duration::from_secs(5)).await;
        assert_eq!(here(&stage), 0);
        due
    });
    scene.life(async |stage| {
        stage.start_scheduler();
        pass(Duration::from_hours(1)).await;
        assert_eq!((here(&stage), stage.world.lines().len()), (0, 0));
        stage.world.until("done glow/1", 1).await;
        assert!(stage.journal.clock().now().since(due) < Duration::from_secs(2));
    });
}

#[test]
fn at_the_start_all_open_work_wakes_however_much_there_is() {
    let scene = Scene::new();
    let many = 2_100;
    scene.life(async |stage| {
        let want = |i: i32| {
            let (key, how) = (format!("glow/{i}").as_str().into(), How::WhenLet);
            stage.tell_later(
                &format!("l{i}"),
                &format!("{i}"),
                Command::Want { key, how, due: None },
            )
        };
        let told: Vec<_> = (0..many).map(want).collect();
        for answer in futures::future::join_all(told).await {
            answer.unwrap().unwrap();
        }
    });
    scene.life(async |stage| {
        assert_eq!(here(&stage), 0);
        stage.start_scheduler();
        for i in 0..many {
            stage.world.until(&format!("begin glow/{i}"), 2).await;
        }
        assert_eq!(here(&stage), usize::try_from(many).unwrap());
    });
}

#[test]
fn work_that_is_open_when_the_hosts_are_replaced_goes_on() {
    lives(async |mut stage| {
        stage.start_scheduler();
        let due = stage.journal.clock().now().after(Duration::from_secs(30));
        let later = Command::Want { key: "glow/1".into(), how: How::AtOnce, due: Some(due) };
        stage.tell("a", "1", later).await.unwrap();
        let now = Command::Want { key: "glow/2".into(), how: How::WhenLet, due: None };
        stage.tell("b", "2", now).await.unwrap();
        stage.world.until("begin glow/2", 1).await;
        stage.hosts = None;
        pass(Duration::from_secs(1)).await;
        stage.start_hosts();
        stage.world.until("done glow/1", 1).await;
        stage.world.let_go("glow/2");
        stage.world.until("done glow/2", 1).await;
        assert_eq!(stage.world.count("TWICE AT ONCE glow/2"), 0);
    });
}

#[test]
fn a_told_command_runs_though_nobody_waits_for_the_answer() {
    lives(async |stage| {
        let mut telling = Box::pin(stage.tell("a", "1", ON));
        assert!(futures::poll!(&mut telling).is_pending());
        drop(telling);
        assert!(stage.tell("a", "1", ON).await.unwrap().repeated);
    });
}

#[test]
fn what_is_held_waits_and_all_of_it_goes_on_afterwards() {
    use callboard_actors::journal::Parked;
    let scene = Scene::new();
    scene.life(async |stage| {
        let now = Command::Want { key: "glow/1".into(), how: How::WhenLet, due: None };
        stage.tell("a", "1", now).await.unwrap();
        stage.world.until("begin glow/1", 1).await;
    });
    scene.life(async |stage| {
        let since = stage.journal.clock().now();
        let (by, why) = ("start-up".into(), "it keeps dying".into());
        stage.lamps.hold(Some(Parked { by, why, since, command: None, failed: false }));
        stage.start_scheduler();
        assert!(stage.tell("a", "2", ON).await.is_err());
        pass(Duration::from_mins(5)).await;
        assert_eq!(stage.world.count("begin glow/1"), 1);
        stage.lamps.hold(None);
        stage.world.until("begin glow/1", 2).await;
    });
}
