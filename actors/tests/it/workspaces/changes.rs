//! What is changed can be undone, bit by bit; what somebody else has changed is left alone.

use super::house::{Deed, House, picture, set_mode};
use crate::kit::Scene;
use callboard_actors::workspaces::{Entry, Moment, Trouble};
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A folder with some files in it.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::create_dir_all(path.join("d/e")).unwrap();
    for (name, content, mode) in
        [("a", "one\n", 0o644), ("d/b", "\0\u{1}two", 0o755), ("d/e/c", "", 0o600)]
    {
        fs::write(path.join(name), content).unwrap();
        set_mode(&path.join(name), mode);
    }
    std::os::unix::fs::symlink("d/b", path.join("link")).unwrap();
    folder
}

fn write(path: &str, content: &str) -> Deed {
    Deed::Write(path.into(), content.as_bytes().to_vec())
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let path =
        prop::sample::select(vec!["a", "d/b", "d/e/c", "link", "new", "x/y/z", "x/w", "d/e/v"]);
    let path = path.prop_map(str::to_owned).boxed();
    let content = prop::collection::vec(any::<u8>(), 0..40);
    let deed = prop_oneof![
        3 => (path.clone(), content).prop_map(|(path, content)| Deed::Write(path, content)),
        2 => path.clone().prop_map(Deed::Delete),
        2 => (path.clone(), path).prop_map(|(from, to)| Deed::Move(from, to)),
    ];
    prop::collection::vec(deed, 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is done: undone to any place and to the beginning, and brought back, it is as it was there.
    #[test]
    fn whatever_was_done_is_undone_bit_by_bit(deeds in deeds(), cut in 0_usize..12) {
        let (scene, folder) = (Scene::new(), folder());
        let path = folder.path().to_owned();
        scene.life_in_real_time(async |stage| {
            let house = House::on(&stage, &path);
            let (mut pictures, mut count) = (vec![picture(&path)], 0);
            for (index, deed) in deeds.iter().enumerate() {
                // Some cannot be: a file where a folder is, say.
                if let Ok(Some(entry)) = house.act(&index.to_string(), deed).await {
                    count = entry.number;
                    pictures.push(picture(&path));
                }
            }
            assert_eq!(usize::try_from(count).unwrap() + 1, pictures.len(), "no number is skipped");
            let cut = cut % pictures.len();
            for (call, to) in [("there", cut), ("beginning", 0), ("back", pictures.len() - 1), ("again", cut)] {
                let number = u32::try_from(to).unwrap();
                let undone = house.undo(call, Moment::Change(number), false).await;
                assert_eq!(undone.conflicts, Vec::<String>::new());
                assert!(undone.changes.iter().all(Entry::is_done), "{:?}", undone.changes);
                assert_eq!(picture(&path), pictures[to], "{call}");
            }
        });
    }
}

#[test]
fn a_call_that_is_made_again_changes_nothing_and_comes_to_the_same() {
    let (scene, folder) = (Scene::new(), folder());
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, folder.path());
        let first = house.act("call", &write("a", "two")).await.unwrap();
        fs::write(folder.path().join("a"), "somebody").unwrap();
        assert_eq!(house.act("call", &write("a", "three")).await.unwrap(), first);
        assert_eq!(read(folder.path(), "a"), "somebody");
        let so_already = house.act("other", &write("a", "somebody")).await.unwrap();
        assert_eq!(so_already, None, "nothing had to be changed");
    });
}

#[test]
fn what_is_no_file_any_more_is_left_by_force_and_the_others_are_taken_back() {
    let (scene, folder) = (Scene::new(), folder());
    let path = folder.path();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, path);
        for (call, name) in [("1", "a"), ("2", "x"), ("3", "d/b"), ("4", "new")] {
            house.act(call, &write(name, "ours")).await.unwrap();
        }
        for name in ["a", "x", "d/b"] {
            fs::remove_file(path.join(name)).unwrap();
        }
        fs::create_dir(path.join("a")).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", path.join("x")).unwrap();
        std::os::unix::fs::symlink("e/c", path.join("d/b")).unwrap();
        let before = picture(path);
        let careful = house.undo("careful", Moment::Beginning, false).await;
        let names: Vec<_> = careful.blocked.keys().map(String::as_str).collect();
        assert_eq!((names, careful.changes.len()), (vec!["a", "d/b", "x"], 0));
        assert_eq!(picture(path), before, "nothing was done");
        let forced = house.undo("forced", Moment::Beginning, true).await;
        assert_eq!((forced.changes.len(), forced.blocked.len()), (1, 3), "{forced:?}");
        assert_eq!(forced.blocked["a"], "a folder is in its place");
        assert!(forced.blocked["x"].contains("leads out of the workspace"), "{forced:?}");
        assert_eq!(forced.blocked["d/b"], "it leads to \"d/e/c\" now");
        assert!(!path.join("new").exists());
        assert_eq!(read(path, "d/e/c"), "", "what a link leads to is left alone");
        // Once they are out of the way, the rest can be taken back as well.
        fs::remove_dir(path.join("a")).unwrap();
        let rest = house.undo("rest", Moment::Beginning, true).await;
        assert_eq!((read(path, "a"), rest.blocked.len()), ("one\n".to_owned(), 2));
    });
}

#[test]
fn where_nothing_is_left_to_undo_nothing_is_put_on_record() {
    let (scene, folder) = (Scene::new(), folder());
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, folder.path());
        house.act("1", &write("n/new", "ours")).await.unwrap();
        assert_eq!(house.undo("undo", Moment::Beginning, false).await.changes.len(), 1);
        for to in [Moment::Beginning, Moment::Change(2)] {
            assert_eq!(house.undo("again", to, false).await.changes, [], "{to:?}");
        }
        let back = house.undo("back", Moment::Change(1), false).await;
        assert_eq!((back.changes.len(), read(folder.path(), "n/new")), (1, "ours".to_owned()));
        let beyond = house.try_to_undo("beyond", Moment::Change(999)).await.unwrap_err();
        assert_eq!(beyond.to_string(), "there is no change 999: the last one is 3");
    });
}

#[test]
fn what_somebody_else_has_changed_is_told_and_kept_even_by_force() {
    let (scene, folder) = (Scene::new(), folder());
    let path = folder.path();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, path);
        for (call, deed) in
            [("1", write("a", "ours")), ("2", write("n/new", "ours")), ("3", write("d/b", "ours"))]
        {
            house.act(call, &deed).await.unwrap();
        }
        fs::write(path.join("a"), "somebody's").unwrap();
        fs::write(path.join("n/beside"), "somebody's").unwrap();
        let before = picture(path);
        let undone = house.undo("undo", Moment::Beginning, false).await;
        assert_eq!(undone.conflicts, ["a"]);
        assert_eq!((undone.changes.len(), picture(path)), (0, before.clone()), "nothing was done");
        let forced = house.undo("force", Moment::Beginning, true).await;
        assert_eq!((forced.conflicts.len(), forced.changes.len()), (0, 3));
        assert_eq!(read(path, "a"), "one\n");
        assert!(!path.join("n/new").exists());
        assert_eq!(read(path, "n/beside"), "somebody's", "its folder stays");
        house.undo("back", Moment::Change(3), false).await;
        assert_eq!(picture(path), before, "what somebody made of it was kept");
    });
}

#[test]
fn a_subgraph_works_in_its_folder_and_no_other() {
    let (scene, folder) = (Scene::new(), folder());
    fs::write(folder.path().join("canary"), "canary").unwrap();
    std::os::unix::fs::symlink("../canary", folder.path().join("d/out")).unwrap();
    scene.life_in_real_time(async |stage| {
        let mut house = House::on(&stage, folder.path());
        house.place.within = "d".into();
        house.act("1", &write("b", "new")).await.unwrap();
        assert_eq!(read(folder.path(), "d/b"), "new");
        let error = house.act("2", &write("out", "new")).await.unwrap_err();
        assert!(matches!(&error, Trouble::Refused(text) if text.contains("leads out")), "{error}");
        house.place.within = "made/for/it".into();
        house.act("3", &write("x", "new")).await.unwrap();
        assert_eq!(read(folder.path(), "made/for/it/x"), "new");
        assert_eq!(read(folder.path(), "canary"), "canary");
        house.place.within = String::new();
        let undone = house.undo("undo", Moment::Beginning, false).await;
        assert_eq!(
            (undone.changes.len(), read(folder.path(), "d/b").as_bytes()),
            (2, &b"\0\x01two"[..])
        );
    });
}

#[test]
fn another_name_of_a_file_is_left_as_it_was() {
    let (scene, folder, outside) = (Scene::new(), folder(), TempDir::new().unwrap());
    let canary = outside.path().join("canary");
    fs::write(&canary, "canary").unwrap();
    fs::hard_link(&canary, folder.path().join("hard")).unwrap();
    scene.life_in_real_time(async |stage| {
        let house = House::on(&stage, folder.path());
        house.act("1", &write("hard", "new")).await.unwrap();
        assert_eq!(
            (read(folder.path(), "hard"), read(outside.path(), "canary")),
            ("new".into(), "canary".into())
        );
    });
}
