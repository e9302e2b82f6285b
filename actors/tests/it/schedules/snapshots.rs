//! A stream without end is not read from its beginning.

use super::house::{House, World, findings, minutely, pass};
use crate::kit::{Scene, id, name};
use callboard_actors::entity::TellError;
use callboard_actors::schedules::{Command, Missed};

fn by() -> String {
    "ada".into()
}

/// Paused and resumed so often that it has more than a thousand events.
async fn grow(house: &House) {
    house.create("it", minutely(Missed::Skip)).await;
    for _ in 0..510 {
        house.tell("it", Command::Pause { by: by() }).await;
        house.tell("it", Command::Resume { by: by() }).await;
    }
}

/// As another program would have it: nobody can read the beginning any more.
fn lose_the_beginning(scene: &Scene) {
    let sql = "UPDATE messages SET data = '{}' WHERE event_type = 'SCHEDULE_CREATED'";
    assert_eq!(scene.database().execute(sql, []).unwrap(), 1);
}

#[test]
fn a_long_stream_is_folded_from_its_snapshot() {
    let (scene, world) = (Scene::new(), World::default());
    let before = scene.life(async |stage| {
        let house = House::on(&stage, &world);
        grow(&house).await;
        house.schedule("it").await
    });
    assert_eq!(scene.number("SELECT count(*) FROM snapshots"), 1);
    assert_eq!(findings(&scene), Vec::<String>::new());
    lose_the_beginning(&scene);
    scene.life(async |stage| {
        let house = House::on(&stage, &world);
        assert_eq!(house.schedule("it").await, before);
        // Its times come, and an honest retry of its first command is known for one.
        house.create("it", minutely(Missed::Skip)).await;
        let other = Command::Pause { by: by() };
        let told = house.schedules.tell(&name("it"), id("it"), other).await;
        assert!(matches!(told, Err(TellError::DifferentBody)), "{told:?}");
        pass(25).await;
    });
    assert_eq!(world.started(), [0]);
}

#[test]
fn a_snapshot_that_is_of_another_program_or_cannot_be_read_is_none() {
    let (scene, world) = (Scene::new(), World::default());
    let before = scene.life(async |stage| {
        let house = House::on(&stage, &world);
        grow(&house).await;
        house.schedule("it").await
    });
    for change in
        ["data = '{}'", "data = replace(data, 'active', 'acting')", "program = '0.0.1', data = ''"]
    {
        let sql = format!("UPDATE snapshots SET {change}");
        assert_eq!(scene.database().execute(&sql, []).unwrap(), 1);
        let again = scene.life(async |stage| House::on(&stage, &world).schedule("it").await);
        assert_eq!(again, before, "{change}");
    }
}
