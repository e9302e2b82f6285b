//! The workspace's machine; and a change that is made again after a crash, wherever the crash was.

use super::apply::Applying;
use super::guard::Guard;
use super::root::Root;
use super::{By, Change, Command, FileState, Order, Settled, Touch, Undo, Workspace};
use crate::journal::{Files, Home};
use crate::machine::scenario::{Outcome, Scenario};
use crate::vocabulary::{Durable, Hash, MessageId, Reference, WorkflowId, Workplace};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn state(content: &str) -> FileState {
    let (hash, bytes) = (Hash::of(content.as_bytes()), content.len() as u64);
    let content = Reference { hash, bytes, file: "state/blobs/x".into(), line: None };
    FileState { content: Durable::vouched(content), mode: 0o644 }
}

fn record() -> WorkflowId {
    WorkflowId("it".parse().unwrap())
}

fn by() -> By {
    let call = MessageId::derived(&["call"]);
    By { workflow_id: record(), path: "p".into(), tool: "write_file".into(), call }
}

fn touch(path: &str, before: Option<&str>, after: Option<&str>) -> Touch {
    Touch { path: path.into(), before: before.map(state), after: after.map(state) }
}

fn change(touches: Vec<Touch>, make: &[&str]) -> Change {
    let make = make.iter().map(ToString::to_string).collect();
    Change { touches, make, remove: Vec::new(), by: by() }
}

fn open() -> Scenario<Workspace> {
    let order = Order { folder: "/w".into(), origin: None };
    Scenario::given([]).when(Command::Open(order)).scenario
}

/// Asks for a change, and has it come to something.
fn done(workspace: Scenario<Workspace>, change: Change, settled: Settled) -> Scenario<Workspace> {
    let workspace = workspace.when(Command::Change(Box::new(change))).scenario;
    let number = u32::try_from(workspace.state().changes().len()).unwrap();
    let Outcome { scenario, result } = workspace.when(Command::ReportChange { number, settled });
    assert_eq!(result.unwrap().len(), 1);
    scenario
}

fn undo(keep: u32, of: u32, found: BTreeMap<String, Option<FileState>>) -> Command {
    Command::Undo(Box::new(Undo { keep, of, found, leave: BTreeSet::new(), by: by() }))
}

fn wanted(workspace: &Scenario<Workspace>) -> Vec<String> {
    workspace.wants().into_keys().map(|key| key.0).collect()
}

#[test]
fn changes_are_made_one_after_the_other_under_keys_of_their_own() {
    let workspace = open();
    let first = Command::Change(Box::new(change(vec![touch("a", None, Some("x"))], &[])));
    let workspace = workspace.when(&first).scenario;
    assert_eq!(wanted(&workspace), ["change/1"]);
    let workspace = workspace
        .when(&first)
        .refused("another change of this workspace is under way: ask again in a moment");
    let late = Command::ReportChange { number: 2, settled: Settled::Done };
    let workspace = workspace.when(late).refused("change 2 is not under way");
    let settled = Command::ReportChange { number: 1, settled: Settled::Done };
    let workspace = workspace.when(settled).scenario;
    assert_eq!(wanted(&workspace), Vec::<String>::new());
    let same = Command::Change(Box::new(change(vec![touch("a", Some("x"), Some("x"))], &[])));
    workspace.when(same).refused("this changes nothing");
}

#[test]
fn an_undo_comes_back_to_what_was_there_before_the_first_change_of_each_file() {
    let conflict = Settled::Conflict { path: "c".into(), why: "no".into(), done: vec![] };
    let workspace =
        done(open(), change(vec![touch("d/a", None, Some("1"))], &["d"]), Settled::Done);
    let moved = vec![touch("b", None, Some("1")), touch("d/a", Some("1"), None)];
    let workspace = done(workspace, change(moved, &[]), Settled::Done);
    let workspace =
        done(workspace, change(vec![touch("b", Some("1"), Some("2"))], &[]), Settled::Done);
    let workspace = done(workspace, change(vec![touch("c", None, Some("1"))], &[]), conflict);
    let moved_on =
        "something was changed in the workspace since it was looked at: look again, then ask again";
    let workspace = workspace.when(undo(0, 3, BTreeMap::new())).refused(moved_on);
    let workspace = workspace.when(undo(0, 4, BTreeMap::new())).scenario;
    let last = workspace.state().changes().last().unwrap();
    assert_eq!((last.number, &last.change.touches[..]), (5, &[touch("b", Some("2"), None)][..]));
    assert_eq!(last.change.remove, ["d"], "what was made goes, too");
    assert_eq!(wanted(&workspace), ["change/5"]);
}

#[test]
fn what_was_found_is_what_an_undo_replaces() {
    let workspace =
        done(open(), change(vec![touch("a", Some("0"), Some("1"))], &[]), Settled::Done);
    let found = BTreeMap::from([("a".to_owned(), Some(state("somebody's")))]);
    let workspace = workspace.when(undo(0, 1, found)).scenario;
    let last = workspace.state().changes().last().unwrap();
    assert_eq!(last.change.touches, [touch("a", Some("somebody's"), Some("0"))]);
}

#[test]
fn a_workspace_stays_in_its_folder() {
    let elsewhere = Command::Open(Order { folder: "/v".into(), origin: None });
    open().when(elsewhere).refused("the workspace is /w, and stays that");
    let workspace = Scenario::<Workspace>::given([]);
    workspace.when(undo(0, 0, BTreeMap::new())).refused("there is no such workspace");
}

// ---- made again ----

const BEFORE: &str = "what was before";
const AFTER: &str = "what is to be";
const FOREIGN: &str = "somebody else's";

/// What lies there after a crash.
fn put(path: &Path, content: Option<&str>) {
    let Some(content) = content else { return };
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
}

/// What the folder holds, by name, once the change was made again.
fn again(
    file: Option<&str>,
    beside: Option<&str>,
    after: Option<&str>,
) -> (Settled, BTreeMap<String, String>) {
    let (home, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let files = Files::new(Home::open(home.path(), None).unwrap());
    let kept = |content: &str| FileState {
        content: files.publish_by_hash(content.as_bytes()).unwrap(),
        mode: 0o644,
    };
    let touch = Touch { path: "f".into(), before: Some(kept(BEFORE)), after: after.map(kept) };
    let change = Change { touches: vec![touch], make: vec![], remove: vec![], by: by() };
    let path = fs::canonicalize(folder.path()).unwrap();
    put(&path.join("f"), file);
    let whose = Hash::of(b"it");
    put(&path.join(format!(".callboard-tmp-{}-7-0", &whose.as_str()[..12])), beside);
    let within = String::new();
    let place = Workplace { record: record(), folder: path.to_str().unwrap().into(), within };
    let root = Root::open(&place, &Guard::new(files.home())).unwrap();
    let settled = Applying::new(&files, &root, (&record(), 7), &change).apply().unwrap();
    let found = fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path());
    let found = found.map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    (settled, found.collect())
}

#[test]
fn wherever_a_crash_was_the_change_is_done_or_refused_and_nothing_of_others_is_lost() {
    let torn = &AFTER[..5];
    for after in [Some(AFTER), None] {
        for file in [Some(BEFORE), after, Some(FOREIGN), None] {
            for beside in [None, Some(torn), Some(AFTER), Some(BEFORE), Some(FOREIGN)] {
                let (settled, found) = again(file, beside, after);
                let case = format!(
                    "{file:?}, beside it {beside:?}, to be {after:?}: {settled:?} {found:?}"
                );
                let is_ours = file == Some(BEFORE) || file == after;
                // Where nothing is, somebody's file that was taken from there is put back.
                let is_back = file.is_none() && found.contains_key("f");
                assert_eq!(settled == Settled::Done, is_ours && !is_back, "{case}");
                let expected = if is_ours { after } else { file };
                assert!(is_back || found.get("f").map(String::as_str) == expected, "{case}");
                let is_kept = found.values().any(|content| content == FOREIGN);
                let was_there = [file, beside].contains(&Some(FOREIGN));
                assert!(is_kept || !was_there, "{case}");
                assert!(found.keys().all(|name| !name.starts_with(".callboard-tmp")), "{case}");
            }
        }
    }
}
