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

#[test]
fn verify_names_each_row_that_cannot_be_read_and_goes_on() {
    let scene = scene();
    // What a flipped bit leaves.
    let flip = "UPDATE messages SET event_type = CAST(x'41ff42' AS TEXT) WHERE id = 7;
        UPDATE messages SET data = '{' WHERE id = 9;
        UPDATE streams SET version = 77 WHERE id = 3;";
    scene.database().execute_batch(flip).unwrap();
    let found = scene.findings();
    let names = |words: &[&str]| {
        assert!(found.iter().any(|f| words.iter().all(|word| f.contains(word))), "{found:#?}");
    };
    names(&["every row can be read", "messages id 7: event_type is no text"]);
    names(&["every row can be read", "messages id 9: data is no JSON"]);
    names(&["a stream's version counts its events", "says 77, has 1"]);
    names(&["a read model shows", "cannot be read"]);
    assert!(found.len() < 10, "{found:#?}");
}

#[test]
fn verify_says_what_it_can_of_a_database_with_a_broken_page() {
    let scene = scene();
    let database = scene.database();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let size = u64::try_from(scene.number("PRAGMA page_size")).unwrap();
    let leaf = "SELECT max(pageno) FROM dbstat WHERE name = 'messages' AND pagetype = 'leaf'";
    let page = database.query_row(leaf, [], |row| row.get::<_, i64>(0)).unwrap_or(20);
    let page = u64::try_from(page).unwrap();
    drop(database);
    let path = scene.folder.path().join("callboard.db");
    let mut file = std::fs::File::options().write(true).open(path).unwrap();
    file.seek(SeekFrom::Start((page - 1) * size)).unwrap();
    file.write_all(&vec![0x5a; usize::try_from(size).unwrap()]).unwrap();
    let found = scene.findings();
    assert!(found.iter().any(|f| f.starts_with("the database is whole: ")), "{found:#?}");
}
