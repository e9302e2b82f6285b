//! Whether the database is whole: looked at before serving after the machine fell, else in the background.

use crate::kit::{Command, Scene, Stage};
use std::io::{Seek, SeekFrom, Write};
use std::time::Duration;

const ON: Command = Command::Turn { by: 1 };

/// A scene with a past.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.life(async |stage| {
        let told = (0..500).map(|i| stage.tell_later(&format!("l{i}"), &format!("{i}"), ON));
        for answer in futures::future::join_all(told).await {
            answer.unwrap().unwrap();
        }
    });
    scene
}

/// Overwrites what the index of the streams' names holds, which nobody reads in the normal course.
fn damage(scene: &Scene) {
    let database = scene.database();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let index = "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_streams_1'";
    let page = u64::try_from(scene.number(index)).unwrap();
    let size = u64::try_from(scene.number("PRAGMA page_size")).unwrap();
    drop(database);
    let path = scene.folder.path().join("callboard.db");
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    // The pointers to its cells.
    file.seek(SeekFrom::Start((page - 1) * size + 12)).unwrap();
    file.write_all(&[0x7f; 64]).unwrap();
}

fn set_boot(scene: &Scene, boot: &str) {
    let sql = "INSERT INTO meta VALUES ('running_on', ?)
               ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    scene.database().execute(sql, [boot]).unwrap();
}

async fn becomes_ill(stage: &Stage) {
    let ill = stage.journal.health().check().unwrap_err();
    assert!(ill.contains("the database is damaged") && ill.contains("restore a backup"), "{ill}");
    let said = stage.heard("claude.system.error").await;
    assert_eq!(said.event_type, "INTEGRITY_BROKEN");
    let before = stage.journal.feed().head();
    stage.journal.settle();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(stage.journal.health().check().is_err(), "a write that succeeds mends nothing");
    assert_eq!(stage.journal.feed().head(), before);
}

#[test]
fn after_the_machine_fell_damage_is_known_before_anyone_is_served() {
    let scene = scene();
    set_boot(&scene, "a boot long ago");
    damage(&scene);
    let journal = scene.open();
    assert!(journal.health().check().unwrap_err().contains("the database is damaged"));
    drop(journal);
    scene.life(async |stage| becomes_ill(&stage).await);
}

#[test]
fn after_a_mere_kill_it_is_looked_for_in_the_background() {
    let scene = scene();
    assert_eq!(scene.number("SELECT count(*) FROM meta WHERE key = 'running_on'"), 1, "killed");
    damage(&scene);
    scene.life(async |stage| {
        assert!(stage.journal.health().check().is_ok(), "nobody has looked");
        let found = stage.journal.check_integrity().await.unwrap();
        assert!(!found.findings.is_empty());
        becomes_ill(&stage).await;
    });
}

#[test]
fn a_whole_database_is_found_whole_also_after_the_machine_fell() {
    let scene = scene();
    set_boot(&scene, "a boot long ago");
    scene.life(async |stage| {
        assert!(stage.journal.health().check().is_ok());
        let said = stage.heard("claude.system.metric").await;
        assert_eq!(said.event_type, "INTEGRITY_CHECKED", "it was looked through");
        assert_eq!(stage.journal.check_integrity().await.unwrap().findings, Vec::<String>::new());
        assert!(stage.journal.health().check().is_ok());
    });
    assert_eq!(scene.findings(), Vec::<String>::new());
}
