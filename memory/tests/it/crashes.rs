//! Killed in the middle of writes, everything agrees, and everything that was answered is there.
//!
//! A writer of its own process does a known series of changes, one commit each, and says after each that it was answered. It is
//! killed with -9 while it goes on; what is found must be the state after the last answer, or after the one
//! change that was under way. (A kill shows what a process loses, not what a disk does: for that, commits are synced.)

use crate::support::{Chance, embedding, entry, open};
use callboard_memory::{Entry, Query, Store};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

/// Where the writer finds its folder; without it, it is an ordinary test that has nothing to do.
const FOLDER: &str = "CALLBOARD_TEST_MEMORY_WRITER";

/// How often the writer is killed, unless `CALLBOARD_TEST_MEMORY_KILLS` says otherwise.
const KILLS: usize = 12;

/// What there should be: for each id, the text and the seed of the vector, if it has one.
type Model = BTreeMap<String, (String, Option<u64>)>;

/// A change: what is stored, and what is forgotten. The item `changes` counts them.
fn change(number: u64) -> (Vec<Entry>, Vec<String>) {
    let mut chance = Chance(number * 31 + 5);
    let stored = (0..chance.below(12)).map(|_| {
        let (id, text) = (chance.below(60).to_string(), format!("text {}", chance.below(5)));
        let mut entry = entry(&id, &text, chance.below(1_000) as u64);
        if chance.below(4) == 0 {
            entry.embedding = None;
        }
        entry
    });
    let mut stored: Vec<Entry> = stored.collect();
    stored.push(Entry { embedding: None, ..entry("changes", &number.to_string(), 0) });
    let forgotten = (0..chance.below(3)).map(|_| chance.below(60).to_string()).collect();
    (stored, forgotten)
}

/// What storing these makes of what there is.
fn store(model: &mut Model, entries: &[Entry], seeds: &BTreeMap<Vec<u32>, u64>) {
    for Entry { item, embedding } in entries {
        let given = embedding.as_ref().map(|made| seeds[&bits(&made.values)]);
        let kept =
            model.get(&item.id).filter(|(text, _)| *text == item.text).and_then(|(_, seed)| *seed);
        model.insert(item.id.clone(), (item.text.clone(), given.or(kept)));
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn apply(store: &mut Store, number: u64) {
    let (stored, forgotten) = change(number);
    // Two commits: what is forgotten, and then, with the count, what is stored.
    store.delete(&forgotten.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    store.store_all(&stored).unwrap();
}

#[test]
fn writer() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let mut store = open(Path::new(&folder));
    let done = store.get("changes").unwrap().map_or(0, |item| item.text.parse().unwrap());
    for number in done + 1.. {
        apply(&mut store, number);
        println!("\nanswered {number}");
        // Memory is in the way of a crash, too.
        store.search(&Query::vector(embedding(1))).unwrap();
    }
}

/// Has the writer work until it has answered so many changes, kills it, and says which it answered last.
fn work_and_kill(folder: &Path, answers: usize) -> u64 {
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crashes::writer", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
    let answered = lines.filter_map(|line| line.strip_prefix("answered ")?.parse().ok());
    let mut last = 0;
    for (count, number) in answered.enumerate() {
        last = number;
        if count == answers {
            writer.kill().unwrap();
        }
    }
    writer.wait().unwrap();
    assert_ne!(last, 0, "the writer did nothing");
    last
}

/// What is found in a store.
fn found(store: &mut Store, seeds: &BTreeMap<Vec<u32>, u64>, folder: &Path) -> Model {
    let page = store.list(None, 0, 1_000).unwrap();
    let index = folder.join("all.faiss");
    store.export_faiss(&index).unwrap();
    let mut with_vector = BTreeMap::new();
    let items = std::fs::read_to_string(folder.join("all.faiss.items.jsonl")).unwrap();
    let bytes = std::fs::read(&index).unwrap();
    for (line, row) in items.lines().zip(bytes[45..].chunks_exact(4 * 6)) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let values = row.chunks_exact(4).map(|four| u32::from_le_bytes(four.try_into().unwrap()));
        with_vector
            .insert(line["id"].as_str().unwrap().to_owned(), seeds[&values.collect::<Vec<_>>()]);
    }
    let items = page.items.into_iter();
    items.map(|item| (item.id.clone(), (item.text, with_vector.get(&item.id).copied()))).collect()
}

#[test]
fn a_writer_that_is_killed_leaves_what_it_answered_and_everything_agrees() {
    let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let kills =
        std::env::var("CALLBOARD_TEST_MEMORY_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let seeds = (0..1_000).map(|seed| (bits(&embedding(seed).values), seed)).collect();
    let (mut chance, mut model, mut done) = (Chance(4), Model::new(), 0);
    for kill in 0..kills {
        let answered = work_and_kill(folder.path(), chance.below(25));
        let mut opened = open(folder.path());
        assert_eq!(opened.verify().unwrap(), [""; 0], "kill {kill}");
        let written: u64 = opened.get("changes").unwrap().unwrap().text.parse().unwrap();
        assert!(
            written == answered || written == answered + 1,
            "answered {answered}, found {written}"
        );
        for number in done + 1..=written {
            let (stored, forgotten) = change(number);
            model.retain(|id, _| !forgotten.contains(id));
            store(&mut model, &stored, &seeds);
        }
        done = written;
        let found = found(&mut opened, &seeds, outside.path());
        // The next change may have forgotten already what it forgets.
        let (_, forgotten) = change(written + 1);
        let mut further = model.clone();
        further.retain(|id, _| !forgotten.contains(id));
        assert!(
            found == model || found == further,
            "kill {kill}: {found:?}\nin place of {model:?}"
        );
        model = found;
    }
    eprintln!("{kills} kills, {done} changes, none lost");
}
