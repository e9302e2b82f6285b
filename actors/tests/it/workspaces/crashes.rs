//! Crashes at every commit, and between any two of the things that a change does to the disk: the same files.

use super::house::{Deed, House, picture};
use crate::kit::{Scene, Stage};
use callboard_actors::workspaces::{Entry, Moment};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in [("a", "one"), ("b", "two")] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

type Picture = BTreeMap<String, (u32, Vec<u8>)>;

/// Changes, moves, deletes, undoes some of it.
async fn play(stage: &Stage, folder: &Path) -> Picture {
    let house = House::on(stage, folder);
    let write = |path: &str, content: &str| Deed::Write(path.into(), content.into());
    for (call, deed) in [
        ("1", write("a", "three")),
        ("2", write("x/y/new", "four")),
        ("3", Deed::Move("b".into(), "x/b".into())),
        ("4", Deed::Delete("a".into())),
        ("5", write("x/b", "five")),
    ] {
        house.act(call, &deed).await.unwrap();
    }
    let undone = house.undo("undo", Moment::Change(2), false).await;
    assert!(undone.conflicts.is_empty() && undone.changes.iter().all(Entry::is_done));
    picture(folder)
}

#[test]
fn whatever_was_committed_last_the_files_are_the_same() {
    let (scene, straight) = (Scene::new(), folder());
    let end = scene.life_in_real_time(async |stage| play(&stage, straight.path()).await);
    assert_eq!(end.len(), 5, "{end:?}");
    let head = scene.open().feed().head();
    for cut in 1..head {
        let (scene, folder) = (Scene::new(), folder());
        scene.life_in_real_time(async |stage| {
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= cut);
            tokio::select! {
                biased;
                _ = until => {}
                _ = play(&stage, folder.path()) => {}
            }
        });
        let ended = scene.life_in_real_time(async |stage| play(&stage, folder.path()).await);
        assert_eq!(ended, end, "cut at {cut}");
        assert_eq!(scene.open().feed().head(), head, "cut at {cut}: nothing was done twice");
    }
}
