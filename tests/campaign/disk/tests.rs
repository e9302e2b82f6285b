//! The model is held against real folders, and against what it promises.

use std::fs;
use std::io;
use std::os::unix::fs::{FileExt, PermissionsExt, symlink};
use std::path::Path;

use proptest::prelude::*;
use rustix::fs::{CWD, RenameFlags, renameat_with};

use super::{Disk, Policy, State};
use crate::disk::state::Entry;
use crate::trace::Operation;

fn open(path: &str) -> Operation {
    Operation::Open { path: path.into(), create: true, truncate: false, mode: 0o600 }
}

fn write(path: &str, offset: u64, data: &[u8]) -> Operation {
    Operation::Write { path: path.into(), offset: Some(offset), data: data.to_vec() }
}

/// A sync that covers all that was done before.
fn sync(path: &str) -> Operation {
    Operation::Sync { path: path.into(), began: usize::MAX }
}

fn rename(from: &str, to: &str) -> Operation {
    Operation::Rename { from: from.into(), to: to.into() }
}

fn mkdir(path: &str) -> Operation {
    Operation::Mkdir { path: path.into(), mode: 0o700 }
}

fn crash(operations: &[Operation], policy: Policy) -> State {
    Disk::after(operations).unwrap().crash(policy)
}

fn content(state: &State, path: &str) -> Option<Vec<u8>> {
    match state.entries.get(path)? {
        Entry::File { content, .. } => Some(content.to_vec()),
        _ => None,
    }
}

#[test]
fn a_synced_file_whose_folder_was_not_synced_is_not_found() {
    let done = [open("a"), write("a", 0, b"x"), sync("a")];
    assert_eq!(crash(&done, Policy::DropUnsynced), State::default());
    assert_eq!(content(&crash(&done, Policy::KeepAll), "a"), Some(b"x".to_vec()));
}

#[test]
fn a_name_that_was_synced_without_its_content_holds_nothing() {
    let done = [open("a"), write("a", 0, b"x"), sync("")];
    assert_eq!(content(&crash(&done, Policy::DropUnsynced), "a"), Some(Vec::new()));
}

#[test]
fn an_exchange_comes_whole_with_its_folder_and_permissions_with_their_file() {
    let files = [open("a"), write("a", 0, b"a"), open("b"), write("b", 0, b"b")];
    let synced = [sync("a"), sync("b"), sync("")];
    let exchange = Operation::Exchange { one: "a".into(), other: "b".into() };
    let permit = Operation::Mode { path: "a".into(), mode: 0o640 };
    let done = [files.as_slice(), &synced, &[exchange, permit]].concat();
    let found = |state: &State| {
        let mode = match &state.entries["a"] {
            Entry::File { mode, .. } => *mode,
            other => panic!("{other:?}"),
        };
        (content(state, "a").unwrap(), content(state, "b").unwrap(), mode)
    };
    let [a, b] = [b"a", b"b"].map(|content| content.to_vec());
    assert_eq!(found(&crash(&done, Policy::DropUnsynced)), (a.clone(), b.clone(), 0o600));
    assert_eq!(found(&crash(&done, Policy::KeepAll)), (b.clone(), a.clone(), 0o640));
    let done = [done.as_slice(), &[sync("")]].concat();
    assert_eq!(found(&crash(&done, Policy::DropUnsynced)), (b.clone(), a.clone(), 0o600));
    let done = [done.as_slice(), &[sync("a")]].concat();
    assert_eq!(found(&crash(&done, Policy::DropUnsynced)), (b, a, 0o640));
}

#[test]
fn with_a_rename_pending_there_is_the_old_name_or_the_new() {
    let done = [open("a"), sync(""), rename("a", "b")];
    let names = |seed| crash(&done, Policy::Mixed(seed)).entries.into_keys().collect::<Vec<_>>();
    let found: std::collections::BTreeSet<_> = (0..50).map(names).collect();
    assert_eq!(found, [vec!["a".to_owned()], vec!["b".to_owned()]].into());
}

#[test]
fn across_folders_a_rename_may_lose_both_names() {
    let done = [mkdir("d"), open("a"), sync(""), rename("a", "d/a"), sync("")];
    let state = crash(&done, Policy::DropUnsynced);
    assert_eq!(state.entries.into_keys().collect::<Vec<_>>(), ["d"]);
}

#[test]
fn a_sync_covers_only_what_had_ended_before_it_began() {
    let began_early = Operation::Sync { path: "a".into(), began: 2 };
    let done = [open("a"), write("a", 0, b"x"), write("a", 1, b"y"), sync(""), began_early];
    assert_eq!(content(&crash(&done, Policy::DropUnsynced), "a"), Some(b"x".to_vec()));
    assert_eq!(content(&crash(&done, Policy::KeepAll), "a"), Some(b"xy".to_vec()));
}

#[test]
fn a_torn_write_leaves_whole_sectors() {
    let done = [open("a"), sync(""), write("a", 100, &[7; 2000])];
    let states = (0..2000).map(|seed| content(&crash(&done, Policy::Mixed(seed)), "a").unwrap());
    let mut lengths = std::collections::BTreeSet::new();
    for found in states {
        let first = found.iter().position(|byte| *byte == 7);
        assert!(first.is_none_or(|first| first == 100 || first % 512 == 0), "{first:?}");
        assert!(found[first.unwrap_or(found.len())..].iter().all(|byte| *byte == 7));
        lengths.insert(found.len());
    }
    assert_eq!(lengths, [0, 512, 1024, 1536, 2048, 2100].into());
}

#[test]
fn what_was_published_is_there_whatever_else_is_lost() {
    let mut done = vec![mkdir("d"), sync(""), open("d/t"), write("d/t", 0, b"old"), sync("d/t")];
    done.extend([rename("d/t", "d/a"), sync("d")]);
    done.extend([open("d/t"), write("d/t", 0, b"new"), sync("d/t"), rename("d/t", "d/a")]);
    for seed in 0..100 {
        let found = content(&crash(&done, Policy::Mixed(seed)), "d/a").unwrap();
        assert!(found == b"old" || found == b"new", "{found:?}");
    }
}

#[test]
fn a_state_made_real_is_the_same_state() {
    let link = Operation::Link { from: "d/a".into(), to: "b".into() };
    let symlink = Operation::Symlink { target: "d/a".into(), path: "s".into() };
    let done = [mkdir("d"), open("d/a"), write("d/a", 3, b"x"), link, symlink, open("x-shm")];
    let (state, folder) = (crash(&done, Policy::KeepAll), tempfile::tempdir().unwrap());
    state.write(folder.path());
    assert_eq!(State::read(folder.path()), state.comparable());
}

/// Something done to a real folder and to the model alike.
fn act(operation: &Operation, root: &Path) -> io::Result<()> {
    match operation {
        Operation::Open { path, truncate, .. } => {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(*truncate).open(root.join(path)).map(drop)
        }
        Operation::Write { path, offset, data } => {
            let file = fs::OpenOptions::new().write(true).open(root.join(path))?;
            let offset = offset.unwrap_or(file.metadata()?.len());
            file.write_all_at(data, offset)
        }
        Operation::Truncate { path, length } => {
            fs::OpenOptions::new().write(true).open(root.join(path))?.set_len(*length)
        }
        Operation::Sync { path, .. } => root.join(path).symlink_metadata().map(drop),
        Operation::Mkdir { path, .. } => fs::create_dir(root.join(path)),
        Operation::Link { from, to } => fs::hard_link(root.join(from), root.join(to)),
        Operation::Symlink { target, path } => symlink(target, root.join(path)),
        Operation::Rename { from, to } => fs::rename(root.join(from), root.join(to)),
        Operation::Exchange { one, other } => {
            let [one, other] = [one, other].map(|path| root.join(path));
            Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
        }
        Operation::Mode { path, mode } => {
            fs::set_permissions(root.join(path), fs::Permissions::from_mode(*mode))
        }
        Operation::Remove { path } => fs::remove_file(root.join(path)),
        Operation::Sent { .. } => Ok(()),
    }
}

/// What could be done among a few names.
fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let path =
        || proptest::sample::select(vec!["a", "b", "d", "d/a", "d/b"]).prop_map(String::from);
    let folder_or_file = prop_oneof![path(), Just(String::new())];
    let data = proptest::collection::vec(any::<u8>(), 1..1500);
    let one = prop_oneof![
        (path(), any::<bool>()).prop_map(|(path, truncate)| Operation::Open {
            path,
            create: true,
            truncate,
            mode: 0o600
        }),
        (path(), proptest::option::of(0_u64..2000), data)
            .prop_map(|(path, offset, data)| Operation::Write { path, offset, data }),
        (path(), 0_u64..2000).prop_map(|(path, length)| Operation::Truncate { path, length }),
        folder_or_file.prop_map(|path| Operation::Sync { path, began: usize::MAX }),
        Just(mkdir("d")),
        (path(), path()).prop_map(|(from, to)| Operation::Link { from, to }),
        path().prop_map(|path| Operation::Symlink { target: "nowhere".into(), path }),
        (path(), path())
            .prop_filter("to itself", |(from, to)| from != to)
            .prop_map(|(from, to)| Operation::Rename { from, to }),
        proptest::sample::select(vec![("a", "b"), ("a", "d"), ("d/a", "d/b")])
            .prop_map(|(one, other)| Operation::Exchange { one: one.into(), other: other.into() }),
        path().prop_map(|path| Operation::Mode { path, mode: 0o750 }),
        path().prop_map(|path| Operation::Remove { path }),
    ];
    proptest::collection::vec(one, 0..40)
}

/// A file system knows things that no trace of successful calls has to: links that are followed,
/// and renames among names of one file, which do nothing.
fn is_beyond_the_model(operation: &Operation, root: &Path) -> bool {
    let is_symlink = |path: &str| root.join(path).is_symlink();
    let node = |path: &str| {
        use std::os::unix::fs::MetadataExt;
        root.join(path).symlink_metadata().map(|metadata| metadata.ino()).ok()
    };
    match operation {
        Operation::Open { path, .. }
        | Operation::Write { path, .. }
        | Operation::Truncate { path, .. }
        | Operation::Mode { path, .. }
        | Operation::Sync { path, .. } => is_symlink(path),
        Operation::Link { from, .. } => is_symlink(from),
        Operation::Rename { from, to } => node(from).is_some() && node(from) == node(to),
        _ => false,
    }
}

/// Performs on both what can be performed.
fn perform_on_both(operations: &[Operation], root: &Path) -> Disk {
    let mut disk = Disk::new();
    for operation in operations {
        if !is_beyond_the_model(operation, root) && act(operation, root).is_ok() {
            disk.perform(operation).unwrap();
        }
    }
    disk
}

/// Syncs everything that a reader sees.
fn sync_all(disk: &mut Disk) {
    let paths: Vec<_> = disk.crash(Policy::KeepAll).entries.into_keys().collect();
    for path in paths.iter().map(String::as_str).chain([""]) {
        disk.perform(&sync(path)).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_is_there(operations in operations()) {
        let folder = tempfile::tempdir().unwrap();
        let disk = perform_on_both(&operations, folder.path());
        let kept = disk.crash(Policy::KeepAll).comparable();
        let real = State::read(folder.path());
        prop_assert_eq!(kept.differences(&real), Vec::<&str>::new());
    }

    #[test]
    fn what_is_synced_is_there_whatever_the_policy(operations in operations(), seed: u64) {
        let folder = tempfile::tempdir().unwrap();
        let mut disk = perform_on_both(&operations, folder.path());
        sync_all(&mut disk);
        let kept = disk.crash(Policy::KeepAll);
        prop_assert_eq!(&disk.crash(Policy::DropUnsynced), &kept);
        prop_assert_eq!(&disk.crash(Policy::Mixed(seed)), &kept);
    }

    #[test]
    fn the_same_seed_leaves_the_same_state(operations in operations(), seed: u64) {
        let folder = tempfile::tempdir().unwrap();
        let disk = perform_on_both(&operations, folder.path());
        prop_assert_eq!(disk.crash(Policy::Mixed(seed)), disk.crash(Policy::Mixed(seed)));
    }
}
