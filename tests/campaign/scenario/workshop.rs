//! The evening of the team: `autoagent` designs, writes, tests and mends code in a folder in which somebody has worked
//! before; and then all of it is taken back.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use super::cast::Cast;
use super::graphs::played;
use crate::trace::Operation;
use crate::world::Client;

/// Where it is, in the home, so that what is lost of it in a crash is decided by the model, too.
const PLACE: &str = "workspaces/calc";

/// What is there before: files that the team replaces. What it leaves alone is new after a crash here, as a copy is, and
/// `check_rules` would ask who has put it there.
const BEFORE: [(&str, u32, &str); 2] = [
    ("src/lib.rs", 0o600, "//! To be written.\n\npub fn evaluate() {}\n"),
    ("src/parse.rs", 0o640, "//! From tokens to a value.\n"),
];

/// By path: who may do what with it, and what a file holds. Without what agents remember.
pub(crate) type Tree = BTreeMap<String, (u32, Option<Vec<u8>>)>;

/// A workspace, as it has to be.
#[derive(Debug, Clone)]
pub(crate) struct Workshop {
    before: Tree,
    made: Tree,
    known: Vec<String>,
}

/// A workspace, as it was found.
#[derive(Debug)]
pub(crate) struct Kept {
    found: Tree,
    /// It had been taken back before anybody looked.
    is_taken_back: bool,
    /// After it was taken back; or why that was refused.
    then: Result<Tree, String>,
    known: Vec<String>,
}

/// Whoever has put files there has had them synced.
pub(crate) fn props() -> Vec<Operation> {
    let at = |path: &str| format!("{PLACE}/{path}");
    let folders = ["workspaces".to_owned(), PLACE.to_owned(), at("src")];
    let mut props: Vec<_> =
        folders.iter().map(|path| Operation::Mkdir { path: path.clone(), mode: 0o700 }).collect();
    for (path, mode, content) in BEFORE {
        let (path, data) = (at(path), content.as_bytes().to_vec());
        props.push(Operation::Open { path: path.clone(), create: true, truncate: false, mode });
        props.push(Operation::Write { path, offset: None, data });
    }
    let began = props.len();
    let files = BEFORE.iter().map(|(path, ..)| at(path));
    let all = files.chain(folders).chain([String::new()]);
    props.extend(all.map(|path| Operation::Sync { path, began }));
    props
}

fn before() -> Tree {
    let files = BEFORE.map(|(path, mode, content)| (path.to_owned(), (mode, Some(content.into()))));
    files.into_iter().chain([("src".to_owned(), (0o700, None))]).collect()
}

/// Plays it all and tells who took part.
pub(crate) fn team(client: &Client) -> Cast {
    let params = json!({"task": "Create a calculator app", "workspace": format!("home/{PLACE}")});
    let cast = played(client, [json!({"type": "autoagent", "params": params})]);
    let workflow = cast.graphs.keys().next().unwrap().clone();
    let (folder, _) = record_of(client, &workflow).unwrap();
    let (made, known) = (tree(&folder), known(&folder));
    assert!(made.len() > 10 && known.len() > 5, "{:?}, {known:#?}", made.keys());
    assert_eq!(take_back(client, &workflow, &folder), Ok(before()));
    let workshop = Workshop { before: before(), made, known };
    Cast { workshop: Some(workshop), has_tools: true, ..cast }
}

/// What is found in the workspace of the one workflow that has one; it is taken back then.
pub(crate) fn kept(client: &Client, ends: &BTreeMap<String, Value>) -> Option<Kept> {
    let mut all = ends.keys();
    let (id, (folder, changes)) = all.find_map(|id| Some((id, record_of(client, id)?)))?;
    let is_taken_back = changes.iter().any(|change| change["tool"] == "undo");
    let (found, known) = (tree(&folder), known(&folder));
    let then = take_back(client, id, &folder);
    Some(Kept { found, is_taken_back, then, known })
}

/// Where a workflow works, and every change that is on the record.
fn record_of(client: &Client, workflow: &str) -> Option<(PathBuf, Vec<Value>)> {
    let answer = client.get(&format!("/workflows/{workflow}/files?limit=1000")).ok()?.body;
    Some((answer["folder"].as_str()?.into(), answer["items"].as_array()?.clone()))
}

/// Who takes back what was taken back already changes nothing.
fn take_back(client: &Client, workflow: &str, folder: &Path) -> Result<Tree, String> {
    let answer = client.ask("POST", &format!("/workflows/{workflow}/undo"), "", "{}");
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status == 200 { Ok(tree(folder)) } else { Err(answer.body.to_string()) }
}

fn tree(folder: &Path) -> Tree {
    let mut tree = Tree::new();
    collect(folder, "", &mut tree);
    tree
}

fn collect(folder: &Path, below: &str, tree: &mut Tree) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        let metadata = entry.metadata().unwrap();
        let content = metadata.is_file().then(|| without_day(fs::read(entry.path()).unwrap()));
        if path == ".callboard" {
            continue;
        }
        tree.insert(path.clone(), (metadata.permissions().mode() & 0o7777, content));
        if metadata.is_dir() {
            collect(&entry.path(), &format!("{path}/"), tree);
        }
    }
}

/// A decision record says on which day it was written; it may be midnight meanwhile.
fn without_day(content: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(content) {
        Ok(text) => {
            let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("date: "));
            lines.collect::<String>().into_bytes()
        }
        Err(error) => error.into_bytes(),
    }
}

/// What was remembered and learned there, whenever that was.
fn known(folder: &Path) -> Vec<String> {
    const ITEMS: &str = "SELECT kind || ': ' || text || ' ' || metadata FROM items";
    const OUTCOMES: &str =
        "SELECT a.kind || ' ' || o.worked || ': ' || a.task || ': ' || a.approach
        FROM outcomes o JOIN approaches a ON a.number = o.approach";
    let memory = folder.join(".callboard/memory");
    let mut known = texts(&memory.join("memory.db"), ITEMS);
    known.extend(texts(&memory.join("learning/memory.db"), OUTCOMES));
    known.sort();
    known
}

fn texts(database: &Path, select: &str) -> Vec<String> {
    let read = || {
        let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut select = connection.prepare(select)?;
        select.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
    };
    read()
        .unwrap_or_else(|error| vec![format!("{} is not to be read: {error}", database.display())])
}

impl Workshop {
    /// What is another than it has to be.
    pub(crate) fn differences(&self, kept: &Kept) -> Vec<String> {
        let mut found = Vec::new();
        let expected = if kept.is_taken_back { &self.before } else { &self.made };
        found.extend(difference("when all was done", expected, &kept.found));
        match &kept.then {
            Ok(then) => found.extend(difference("taken back", &self.before, then)),
            Err(error) => found.push(format!("its files could not be taken back: {error}")),
        }
        if self.known != kept.known {
            let (expected, known) = (&self.known, &kept.known);
            found.push(format!("it remembers {known:#?}\nand without a crash {expected:#?}"));
        }
        found
    }
}

fn difference(when: &str, expected: &Tree, found: &Tree) -> Option<String> {
    let paths = expected.keys().chain(found.keys());
    let differ: Vec<_> = paths.filter(|path| expected.get(*path) != found.get(*path)).collect();
    let shown = |tree: &Tree| match differ.first().and_then(|path| tree.get(*path)) {
        Some((mode, Some(content))) => format!("{mode:o} {}", String::from_utf8_lossy(content)),
        Some((mode, None)) => format!("a folder, {mode:o}"),
        None => "nothing".to_owned(),
    };
    let text = || {
        let (found, expected) = (shown(found), shown(expected));
        format!(
            "{when} other files are there: {differ:?}; at first {found}\nin place of {expected}"
        )
    };
    (!differ.is_empty()).then(text)
}
