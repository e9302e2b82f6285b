//! Crashes: wherever it falls, each thing is started once.

use super::house::{House, World, findings, minutely, pass};
use crate::kit::Scene;
use callboard_actors::schedules::Missed;
use std::time::Duration;

/// Made in one life; three minutes go by; the next life falls when the journal has come to `head`; the last one goes on.
/// Says how many messages there were when it fell.
fn fall_at(head: i64, missed: Missed, expected: &[i64]) -> i64 {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| House::on(&stage, &world).create("it", minutely(missed)).await);
    scene.pass(Duration::from_mins(3));
    let fell_at = scene.life(async |stage| {
        let house = House::on(&stage, &world);
        let mut grown = house.journal.feed().watch();
        let end = tokio::time::sleep(Duration::from_secs(5));
        tokio::pin!(end);
        while house.journal.feed().head() < head {
            tokio::select! {
                changed = grown.changed() => changed.unwrap(),
                () = &mut end => break,
            }
        }
        house.journal.feed().head()
    });
    scene.life(async |stage| {
        let _house = House::on(&stage, &world);
        pass(5).await;
    });
    assert_eq!(world.started(), expected, "{missed:?}, fallen at {head}");
    assert_eq!(findings(&scene), Vec::<String>::new(), "{missed:?}, fallen at {head}");
    fell_at
}

#[test]
fn wherever_it_falls_each_thing_is_started_once() {
    for (missed, expected) in
        [(Missed::Skip, &[][..]), (Missed::Once, &[120]), (Missed::All, &[0, 60, 120])]
    {
        let (mut head, mut states) = (1, 0);
        while fall_at(head, missed, expected) >= head {
            states += 1;
            head += 1;
        }
        assert!(states > 3 * expected.len(), "{missed:?}: only {states} places to fall at");
    }
}

/// The world was asked, and nobody heard what came of it.
#[test]
fn what_was_started_and_not_heard_of_is_found_by_its_name() {
    let (scene, world) = (Scene::new(), World::default());
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        house.create("it", minutely(Missed::Skip)).await;
        while world.asked() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    // Long enough to be missed, had it not been decided before.
    scene.pass(Duration::from_secs(50));
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        pass(1).await;
        let schedule = house.schedule("it").await;
        assert_eq!(schedule.recent().count(), 1);
        assert!(schedule.firing().is_none());
    });
    assert_eq!((world.started(), world.asked()), (vec![0], 2));
    assert_eq!(findings(&scene), Vec::<String>::new());
}
