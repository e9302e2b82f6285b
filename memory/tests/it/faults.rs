//! What cannot work says so, in words, and loses nothing.

use crate::support::{SmallDisk, entry, item, open};
use callboard_memory::{Error, Pinned, Query, Store};
use rusqlite::Connection;
use std::path::Path;

fn refusal(folder: &Path) -> String {
    Store::open(folder, None).unwrap_err().to_string().replace(&folder.display().to_string(), "…")
}

#[test]
fn a_second_one_is_refused_while_the_first_has_it() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    assert_eq!(
        refusal(folder.path()),
        "the memory in … is in use: end the other program, or ask it"
    );
    drop(first);
    open(folder.path());
}

#[test]
fn a_file_that_is_no_database_is_told_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("memory.db");
    std::fs::write(&path, "something else ".repeat(500)).unwrap();
    assert_eq!(
        refusal(folder.path()),
        "the memory …/memory.db is damaged (file is not a database): restore it from a backup, or move it away"
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else ".repeat(500));
}

#[test]
fn a_newer_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let connection = Connection::open(folder.path().join("memory.db")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    assert_eq!(
        refusal(folder.path()),
        "the memory …/memory.db has schema version 99, this program knows 2: use a newer program"
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("memory"), None).unwrap_err().to_string();
    assert!(
        error.starts_with("failed to create the folder ") && error.contains("ot a directory"),
        "{error}"
    );
}

#[test]
fn a_folder_that_may_only_be_read_is_told_and_what_it_holds_stays() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("disk")) else { return skip() };
    let memory = disk.at.join("memory");
    open(&memory).store_all(&[entry("a", "x", 1)]).unwrap();
    let remount = |how: &str| {
        let mut mount = std::process::Command::new("mount");
        assert!(
            mount.args(["-o", &format!("remount,{how}")]).arg(&disk.at).status().unwrap().success()
        );
    };
    remount("ro");
    let error = refusal(&memory);
    assert!(error.starts_with("failed to open …/lock: Read-only file system"), "{error}");
    remount("rw");
    assert_eq!(open(&memory).count(None).unwrap(), 1);
}

fn skip() {
    eprintln!("skipped: needs a mountable tmpfs");
}

#[test]
fn vectors_that_are_not_what_was_stored_are_found_out() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).store_all(&[entry("a", "x", 1), entry("b", "y", 2)]).unwrap();
    let connection = Connection::open(folder.path().join("memory.db")).unwrap();
    connection.execute("UPDATE vectors SET vector = x'00000000' WHERE item = 2", []).unwrap();
    drop(connection);
    let mut store = open(folder.path());
    let query = Query::vector(crate::support::embedding(1));
    assert!(matches!(store.search(&query), Err(Error::Damaged { .. })));
    assert_eq!(store.search(&Query::text("x")).unwrap().hits.len(), 1, "words still serve");
    let problems = store.verify().unwrap();
    assert_eq!(problems[0], "the vector of \"b\" has 4 bytes in place of 24");
}

#[test]
fn words_that_do_not_agree_with_texts_are_found_out() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path()).store(&item("a", "right"), None).unwrap();
    let connection = Connection::open(folder.path().join("memory.db")).unwrap();
    connection.execute("UPDATE items SET text = 'wrong'", []).unwrap();
    drop(connection);
    let problems = open(folder.path()).verify().unwrap();
    assert!(problems[0].starts_with("the words do not agree with the texts"), "{problems:?}");
}

#[test]
fn a_full_disk_loses_nothing_and_needs_no_new_start() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("disk")) else { return skip() };
    let mut store = open(&disk.at.join("memory"));
    let mut answered = 0;
    for round in 0..2 {
        store.search(&Query::vector(crate::support::embedding(1))).unwrap();
        disk.fill();
        let error = loop {
            let text = "word ".repeat(500);
            match store.store_all(&[entry(&answered.to_string(), &text, answered)]) {
                Ok(_) => answered += 1,
                Err(error) => break error.to_string(),
            }
            assert!(answered < 5_000, "a full disk took everything");
        };
        let path = disk.at.join("memory/memory.db");
        let expected = format!(
            "no room for the memory {}: make room on its disk, and try again",
            path.display()
        );
        assert_eq!(error, expected);
        let found = store.search(&Query::text("word room")).unwrap().hits.len();
        assert_eq!(found as u64, answered.min(5), "it still searches");
        assert_eq!(store.count(None).unwrap(), answered, "round {round}");
        disk.make_room();
        store.store_all(&[entry(&answered.to_string(), "room again", answered)]).unwrap();
        answered += 1;
        let found = store.search(&Query::vector(crate::support::embedding(answered - 1))).unwrap();
        assert_eq!(found.hits[0].similarity, Some(1.0));
        assert_eq!(store.verify().unwrap(), [""; 0]);
    }
}

#[test]
fn a_model_that_cannot_be_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for bad in [Pinned::new("", 3), Pinned::new("m", 0), Pinned::new("m", 100_000)] {
        assert!(Store::open(folder.path(), Some(&bad)).is_err(), "{bad:?}");
    }
}
