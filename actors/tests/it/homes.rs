//! The home: locked, private, and opened again whatever happened to it.

use crate::kit::{Command, Scene};
use callboard_actors::journal::{Home, HomeError, Journal, OpenError};
use std::os::unix::fs::PermissionsExt;

const ON: Command = Command::Turn { by: 1 };

#[test]
fn a_home_that_a_killed_server_leaves_only_after_a_moment_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let first = Home::open(folder.path(), None).unwrap();
    // As a program that the server was just starting when it was killed: it holds the locks until it is itself.
    let leaving = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        drop(first);
    });
    Home::open(folder.path(), None).unwrap();
    leaving.join().unwrap();
}

#[test]
fn a_second_server_is_refused_as_long_as_the_first_one_lives() {
    let scene = Scene::new();
    let journal = scene.open();
    let second = Home::open(scene.folder.path(), None).unwrap_err();
    assert!(matches!(second, HomeError::InUse(_)), "{second}");
    drop(journal);
    scene.home();
}

#[test]
fn a_database_of_a_newer_program_is_refused_with_what_to_do() {
    let scene = Scene::new();
    scene.database().pragma_update(None, "user_version", 999).unwrap();
    let refused = Journal::open(
        scene.home(),
        scene.settings.clone(),
        callboard_actors::vocabulary::Clock::system(),
    );
    let error = refused.unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 999, .. }), "{error}");
    let text = error.to_string();
    assert!(text.ends_with("use a newer callboard, or restore a backup"), "{text}");
}

#[test]
fn database_wal_and_folders_are_for_their_owner_alone() {
    let scene = Scene::new();
    scene.life(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        let mode = |file: &str| {
            let metadata = std::fs::metadata(scene.folder.path().join(file)).unwrap();
            metadata.permissions().mode() & 0o777
        };
        for file in ["callboard.db", "callboard.db-wal", "callboard.db-shm", "lock"] {
            assert_eq!(mode(file), 0o600, "{file}");
        }
        for folder in ["claude_logs", "prompts/queue", "processes", "state/blobs"] {
            assert_eq!(mode(folder), 0o700, "{folder}");
        }
    });
}

#[test]
fn starts_that_do_not_settle_are_counted_and_the_epoch_stays() {
    let scene = Scene::new();
    // A start that comes to nothing before anybody writes says nothing about entities.
    for _ in 0..2 {
        assert_eq!(scene.open().unsettled_starts(), 0);
    }
    for before in 0..2 {
        scene.life(async |stage| {
            assert_eq!(stage.journal.unsettled_starts(), before);
            stage.tell("a", "0", Command::Look).await.unwrap();
        });
    }
    let epoch = scene.life(async |stage| {
        assert_eq!(stage.journal.unsettled_starts(), 2);
        stage.journal.settle();
        // Whatever is written behind it: then it has been noted.
        stage.tell("a", "1", Command::Look).await.unwrap();
        stage.tell("a", "2", Command::Look).await.unwrap();
        stage.journal.epoch().to_owned()
    });
    let next = scene.open();
    assert_eq!((next.unsettled_starts(), next.epoch()), (0, epoch.as_str()));
}

#[test]
fn what_a_killed_server_left_in_the_wal_is_checkpointed_before_it_counts() {
    let scene = Scene::new();
    // What kill -9 leaves: the files as they are, the WAL not copied back.
    let copy = scene.life(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        let copy = tempfile::TempDir::new().unwrap();
        for file in ["callboard.db", "callboard.db-wal"] {
            std::fs::copy(scene.folder.path().join(file), copy.path().join(file)).unwrap();
        }
        copy
    });
    let home = Home::open(copy.path(), None).unwrap();
    let clock = callboard_actors::vocabulary::Clock::system();
    let journal = Journal::open(home, scene.settings.clone(), clock).unwrap();
    assert_eq!(journal.feed().head(), 2);
    assert!(journal.health().check().is_ok());
    let wal = std::fs::metadata(copy.path().join("callboard.db-wal"));
    assert!(wal.map_or(0, |wal| wal.len()) == 0, "all of it is in the database file");
}

#[test]
fn a_reader_who_holds_up_that_checkpoint_holds_up_all_that_depends_on_it() {
    let scene = Scene::new();
    scene.life(async |stage| stage.tell("a", "1", ON).await.unwrap());
    let reader = scene.database();
    reader.execute_batch("BEGIN; SELECT count(*) FROM messages").unwrap();
    scene.database().execute_batch("INSERT INTO meta VALUES ('x', 'y')").unwrap();
    scene.life(async |stage| {
        let early = stage.tell("a", "2", ON).await;
        assert!(early.is_err(), "{early:?}");
        assert!(stage.journal.health().check().unwrap_err().contains("readers hold up"));
        reader.execute_batch("COMMIT").unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(10)).await;
        assert_eq!(stage.tell("a", "2", ON).await.unwrap().version, 2);
    });
}

#[test]
fn a_history_without_its_database_is_not_begun_anew() {
    let clock = callboard_actors::vocabulary::Clock::system;
    for content in ["claude_logs/s.jsonl", "processes/p", "prompts/archive/p.txt"] {
        let scene = Scene::new();
        std::fs::write(scene.folder.path().join(content), "{}\n").unwrap();
        for attempt in ["a database without a history", "no database", "an empty one"] {
            let open = || Journal::open(scene.home(), scene.settings.clone(), clock());
            let error = open().unwrap_err();
            assert!(matches!(error, OpenError::Missing { .. }), "{attempt}: {error}");
            assert!(error.to_string().contains(content), "{attempt}: {error}");
            let database = scene.folder.path().join("callboard.db");
            let _ = std::fs::remove_file(&database);
            if attempt == "no database" {
                std::fs::write(&database, "").unwrap();
            }
        }
        std::fs::remove_file(scene.folder.path().join(content)).unwrap();
        drop(scene.open());
    }
}

#[test]
fn a_database_that_is_deleted_under_a_server_takes_nothing_more_until_it_is_back() {
    let scene = Scene::new();
    scene.life(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        let path = |file: &str| scene.folder.path().join(file);
        for file in ["callboard.db", "callboard.db-wal"] {
            std::fs::rename(path(file), path("away")).unwrap();
            let refused = stage.tell("a", file, ON).await;
            assert!(refused.is_err(), "{file}: {refused:?}");
            let why = stage.journal.health().check().unwrap_err();
            assert!(why.contains("was deleted or replaced"), "{why}");
            assert!(!path(file).exists(), "nobody makes it anew");
            std::fs::rename(path("away"), path(file)).unwrap();
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
            stage.tell("a", file, ON).await.unwrap();
        }
        std::fs::rename(path("callboard.db"), path("away")).unwrap();
        std::fs::copy(path("away"), path("callboard.db")).unwrap();
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        assert!(stage.journal.health().check().is_err(), "an idle server notices, too");
        assert!(stage.tell("a", "3", ON).await.is_err());
    });
}

#[test]
fn a_database_into_which_somebody_else_writes_takes_nothing_more() {
    let scene = Scene::new();
    scene.life(async |stage| {
        stage.tell("a", "1", ON).await.unwrap();
        let columns: String = scene
            .database()
            .query_row("SELECT group_concat(name) FROM pragma_table_info('messages')", [], |row| {
                row.get(0)
            })
            .unwrap();
        let values = columns.replacen("id", "id + 1", 1);
        let sql = format!("INSERT INTO messages ({columns}) SELECT {values} FROM messages ORDER BY id DESC LIMIT 1");
        scene.database().execute_batch(&sql).unwrap();
        for _ in 0..2 {
            assert!(stage.tell("a", "2", ON).await.is_err());
            let why = stage.journal.health().check().unwrap_err();
            assert!(why.contains("another program writes"), "{why}");
            tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        }
    });
}

#[test]
fn a_home_whose_lock_was_deleted_is_taken_all_the_same() {
    let scene = Scene::new();
    let _home = scene.home();
    std::fs::remove_file(scene.folder.path().join("lock")).unwrap();
    let second = Home::open(scene.folder.path(), None).unwrap_err();
    assert!(matches!(second, HomeError::InUse(_)), "{second}");
}
