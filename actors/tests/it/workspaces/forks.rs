//! A fork gets its source's files as they were, and works on them in a folder of its own.

use super::house::{Deed, House, picture};
use crate::kit::Scene;
use callboard_actors::vocabulary::{WorkflowId, Workplace};
use callboard_actors::workspaces::{Moment, Order, Origin};
use std::fs;
use std::os::unix::fs::symlink;
use tempfile::TempDir;

#[test]
fn a_fork_has_the_files_of_then_and_leaves_its_sources_alone() {
    let (scene, above) = (Scene::new(), TempDir::new().unwrap());
    let (source, fork) = (above.path().join("source"), above.path().join("fork"));
    fs::create_dir_all(source.join("d")).unwrap();
    fs::write(source.join("d/kept"), "kept").unwrap();
    symlink("d/kept", source.join("link")).unwrap();
    scene.life_in_real_time(async |stage| {
        let mut house = House::on(&stage, &source);
        let write = |path: &str, content: &str| Deed::Write(path.into(), content.into());
        house.act("1", &write("a", "then")).await.unwrap();
        let (then, position) = (picture(&source), stage.journal.feed().head());
        for (call, deed) in [
            ("2", write("a", "later")),
            ("3", write("x/y", "later")),
            ("4", Deed::Delete("d/kept".into())),
        ] {
            house.act(call, &deed).await.unwrap();
        }
        let later = picture(&source);
        let place = house.place.clone();
        let folder = fs::canonicalize(above.path()).unwrap().join("fork");
        let folder = folder.to_str().unwrap().to_owned();
        let record = WorkflowId("fork".parse().unwrap());
        let origin = Some(Origin { place, position });
        let order = Order { folder: folder.clone(), origin };
        // Told again, it is done once.
        house.workspaces.open(&record, order.clone()).await.unwrap();
        house.workspaces.open(&record, order).await.unwrap();
        assert_eq!(picture(&fork), then);
        house.place = Workplace { record, folder, within: String::new() };
        house.act("5", &write("a", "the fork's")).await.unwrap();
        assert_eq!(fs::read_to_string(fork.join("a")).unwrap(), "the fork's");
        house.undo("undo", Moment::Beginning, false).await;
        assert_eq!((picture(&fork), picture(&source)), (then, later));
    });
}

#[test]
fn a_crash_before_a_fork_has_its_files_leaves_the_same_files() {
    let (scene, above) = (Scene::new(), TempDir::new().unwrap());
    let (source, fork) = (above.path().join("source"), above.path().join("fork"));
    fs::create_dir_all(&source).unwrap();
    fs::write(source.join("a"), "a").unwrap();
    let folder = fs::canonicalize(above.path()).unwrap().join("fork");
    let record = WorkflowId("fork".parse().unwrap());
    let open = async |house: &House| {
        let origin = Some(Origin { place: house.place.clone(), position: 0 });
        let order = Order { folder: folder.to_str().unwrap().to_owned(), origin };
        house.workspaces.open(&record, order).await
    };
    for cut in 1..=2 {
        scene.life_in_real_time(async |stage| {
            let house = House::on(&stage, &source);
            let mut heads = stage.journal.feed().watch();
            let until = heads.wait_for(|head| *head >= cut);
            tokio::select! { biased; _ = until => {}, _ = open(&house) => {} }
        });
        // What the one before was doing is half done.
        fs::create_dir_all(above.path().join(".fork.filling/half")).unwrap();
    }
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, &source);
        open(&house).await.unwrap();
        assert_eq!(picture(&fork), picture(&source));
    });
}
