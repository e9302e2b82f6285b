//! The speed of searching, as a ratio to FAISS's flat index over the same vectors in the same run.
//!
//! ```sh
//! python3 -m venv faiss && faiss/bin/pip install faiss-cpu numpy
//! CALLBOARD_TEST_FAISS_PYTHON=faiss/bin/python cargo bench -p callboard-memory              # 100,000 × 384
//! CALLBOARD_TEST_FAISS_PYTHON=faiss/bin/python cargo bench -p callboard-memory -- index     # the index over 250,000
//! CALLBOARD_BENCH=tiny cargo bench -p callboard-memory                                 # only to see that it runs
//! ```
//!
//! Searches of both alternate one by one, each with one thread. FAISS gets its filters ready-made (a bitmap); ours is worked out in each
//! search, which also reads the ten items from the database. Without FAISS only our own figures are told.

#![expect(clippy::print_stdout, reason = "the results are for whoever started it")]
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]
#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people anyway")]

mod rival;
mod world;

use callboard_memory::{Embedding, Filter, Options, Query, Store};
use rival::Faiss;
use std::time::Instant;
use world::{DIMENSION, MODEL, World, median};

/// How many hits.
const K: usize = 10;

/// A share of the items, by a field of theirs.
const SHARES: [(&str, u32); 4] =
    [("all", 1), ("one in 2", 2), ("one in 10", 10), ("one in 100", 100)];

fn main() {
    let is_tiny = std::env::var("CALLBOARD_BENCH").is_ok_and(|scale| scale == "tiny");
    let is_index = std::env::args().any(|argument| argument == "index");
    match (is_index || is_tiny, is_tiny) {
        (true, true) => (flat(&World::of(1_000, 10), 2), index(&World::of(600, 10), 500)).1,
        (true, false) => index(&World::of(250_000, 200), 200_000),
        (false, _) => flat(&World::of(100_000, 100), 5),
    }
}

fn query(values: &[f32]) -> Query {
    Query::vector(Embedding::new(MODEL, values.to_vec())).at_most(K)
}

fn filter(share: u32) -> Filter {
    Filter::equals(&format!("of_{share}"), 0)
}

/// How many milliseconds a search took, and what it found.
fn search(store: &mut Store, values: &[f32], share: u32) -> (f64, Vec<String>) {
    let query = query(values).among(filter(share));
    let began = Instant::now();
    let hits = store.search(&query).unwrap().hits;
    let took = began.elapsed().as_secs_f64() * 1e3;
    (took, hits.into_iter().map(|hit| hit.item.id).collect())
}

/// The median over all queries, and what was found.
fn ours(store: &mut Store, world: &World, share: u32) -> (f64, Vec<Vec<String>>) {
    let all = world.queries.iter().map(|values| search(store, values, share));
    let (times, found) = all.unzip::<_, _, Vec<_>, Vec<_>>();
    (median(times), found)
}

fn recall(found: &[Vec<String>], expected: &[Vec<String>]) -> f64 {
    let hits = found.iter().zip(expected);
    let hits: usize =
        hits.map(|(found, all)| all.iter().filter(|id| found.contains(id)).count()).sum();
    hits as f64 / expected.iter().map(Vec::len).sum::<usize>() as f64
}

/// The exact scan against FAISS's.
fn flat(world: &World, rounds: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = world.fill(folder.path(), Options::default());
    let began = Instant::now();
    store.search(&query(&world.queries[0])).unwrap();
    println!("loaded {} × {DIMENSION} in {:.1} s", world.rows.len(), began.elapsed().as_secs_f64());
    let mut faiss = Faiss::start(world, folder.path());
    println!(
        "| allowed | ours, p50 | FAISS, p50 | ratio | recall of FAISS's |\n|---|---|---|---|---|"
    );
    for (name, share) in SHARES {
        let (mut mine, mut theirs, mut found, mut expected) = (vec![], vec![], vec![], vec![]);
        for (number, values) in
            std::iter::repeat_n(world.queries.iter().enumerate(), rounds).flatten()
        {
            let (time, ids) = search(&mut store, values, share);
            mine.push(time);
            found.push(ids);
            if let Some((time, ids)) = faiss.as_mut().map(|faiss| faiss.search(number, share)) {
                theirs.push(time);
                expected.push(ids);
            }
        }
        let mine = median(mine);
        if theirs.is_empty() {
            println!("| {name} | {mine:.2} ms | skipped: needs faiss-cpu | – | – |");
        } else {
            let (theirs, recall) = (median(theirs), recall(&found, &expected));
            println!(
                "| {name} | {mine:.2} ms | {theirs:.2} ms | {:.2} | {recall:.4} |",
                mine / theirs
            );
        }
    }
}

/// The index against our own exact scan.
fn index(world: &World, above: usize) {
    let folder = tempfile::tempdir().unwrap();
    let mut store = world.fill(folder.path(), Options { index_above: above, ..Options::default() });
    let scans = SHARES.map(|(_, share)| ours(&mut store, world, share));
    let began = Instant::now();
    while store.index_step(1_000).unwrap() > 0 {}
    println!("linked {} × {DIMENSION} in {:.0} s", world.rows.len(), began.elapsed().as_secs_f64());
    println!("| allowed | scan, p50 | index, p50 | recall |\n|---|---|---|---|");
    for ((name, share), (scan, expected)) in SHARES.into_iter().zip(scans) {
        let (time, found) = ours(&mut store, world, share);
        println!("| {name} | {scan:.2} ms | {time:.2} ms | {:.4} |", recall(&found, &expected));
    }
}
