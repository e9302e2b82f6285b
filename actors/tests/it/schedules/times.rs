//! Times that come while somebody lives, and times that do not.

use super::house::{House, World, findings, minutely, once, pass};
use crate::kit::Scene;
use callboard_actors::schedules::{Command, Hitch, Missed, Overlap, Spec};
use serde_json::json;
use std::time::Duration;

#[test]
fn each_time_something_is_started_and_between_them_it_sleeps() {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", minutely(Missed::Skip)).await;
        pass(10).await;
        assert_eq!(house.schedules.census().0, 0, "it costs no memory while it waits");
        pass(140).await;
    });
    assert_eq!((world.started(), world.asked()), (vec![0, 60, 120], 3));
    assert_eq!(findings(&scene), Vec::<String>::new());
}

/// What is started when nobody lives for ten minutes and five seconds beyond the first time.
fn after_a_gap(spec: Spec) -> (Vec<i64>, i64) {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| House::on(&stage, &world).create("it", spec).await);
    scene.pass(Duration::from_secs(20 + 600 + 5));
    scene.life(async |stage| {
        let _house = House::on(&stage, &world);
        pass(70).await;
    });
    assert_eq!(findings(&scene), Vec::<String>::new());
    (world.started(), scene.number("SELECT missed_times FROM schedules"))
}

#[test]
fn of_what_was_missed_while_nobody_lived_none_one_or_all_are_made_good() {
    assert_eq!(after_a_gap(minutely(Missed::Skip)), (vec![600, 660], 10));
    assert_eq!(after_a_gap(minutely(Missed::Once)), (vec![600, 660], 0));
    let all: Vec<i64> = (0..=11).map(|minute| minute * 60).collect();
    assert_eq!(after_a_gap(minutely(Missed::All)), (all, 0));
}

#[test]
fn a_single_time_that_was_missed_is_made_good_or_over() {
    assert_eq!(after_a_gap(Spec { missed: Missed::Skip, ..once(300) }), (vec![], 1));
    assert_eq!(after_a_gap(Spec { missed: Missed::Once, ..once(300) }), (vec![300], 0));
    assert_eq!(after_a_gap(Spec { missed: Missed::All, ..once(300) }), (vec![300], 0));
}

#[test]
fn what_cannot_be_started_is_told_and_the_next_time_comes() {
    let (scene, world) = (Scene::new(), World::default());
    world.hitch(Hitch::Refused("there is no definition".into()));
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", minutely(Missed::Skip)).await;
        pass(30).await;
        let row = house.row("it").await;
        assert_eq!((&row["failing"], &row["error"]), (&json!(1), &json!("there is no definition")));
        assert_eq!(row["status"], json!("active"));
        pass(60).await;
        let row = house.row("it").await;
        assert_eq!((&row["failing"], &row["error"]), (&json!(0), &json!(null)));
        assert_eq!(stage.heard("claude.schedule.failed").await.event_type, "SCHEDULE_FAILED");
    });
    assert_eq!(world.started(), [60]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn what_is_in_the_way_for_a_while_is_waited_for() {
    let (scene, world) = (Scene::new(), World::default());
    for _ in 0..5 {
        world.hitch(Hitch::Passing("the disk is full".into()));
    }
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", once(0)).await;
        pass(60).await;
        assert_eq!(house.row("it").await["status"], json!("ended"));
    });
    assert_eq!(world.started(), [0]);
}

#[test]
fn while_the_former_runs_nothing_is_started_where_that_was_wanted() {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        let spec = Spec { overlap: Overlap::Skip, ..minutely(Missed::Skip) };
        house.create("it", spec).await;
        world.runs(true);
        pass(90).await;
        assert_eq!(world.started(), [0], "the first has no former");
        world.runs(false);
        pass(60).await;
    });
    assert_eq!(world.started(), [0, 120]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn in_a_pause_times_pass_and_are_not_made_good() {
    let (scene, world) = (Scene::new(), World::default());
    let by = || "ann".to_owned();
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", minutely(Missed::All)).await;
        pass(30).await;
        house.tell("it", Command::Pause { by: by() }).await;
        pass(180).await;
        assert_eq!(world.started(), [0]);
        house.tell("it", Command::Resume { by: by() }).await;
        pass(60).await;
        assert_eq!(world.started(), [0, 240]);
        house.tell("it", Command::Run { by: by() }).await;
        pass(1).await;
        assert_eq!(world.started(), [0, 240, 250]);
        house.tell("it", Command::End { by: by() }).await;
        pass(600).await;
    });
    assert_eq!(world.started(), [0, 240, 250]);
    assert_eq!(scene.number("SELECT missed_times FROM schedules"), 3);
    assert_eq!(findings(&scene), Vec::<String>::new());
}

#[test]
fn a_change_holds_for_the_next_time() {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", minutely(Missed::All)).await;
        pass(30).await;
        let spec = Box::new(once(45));
        house.tell("it", Command::Change { spec, by: "ann".into() }).await;
        pass(600).await;
        assert_eq!(house.schedule("it").await.status(), "ended");
    });
    assert_eq!(world.started(), [0, 45]);
    assert_eq!(findings(&scene), Vec::<String>::new());
}
