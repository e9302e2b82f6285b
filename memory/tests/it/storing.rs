//! What goes in comes out, once, and as it was.

use crate::support::{embedding, pinned};
use crate::support::{entry, item, metadata, open};
use callboard_memory::{Embedding, Filter, Query, Store, Stored};
use serde_json::json;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn the_same_item_is_stored_once_and_another_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let first = item("a", "vite and react");
    assert_eq!(store.store(&first, Some(&embedding(1))).unwrap(), Stored::New);
    let later = callboard_memory::Item { created_at: 2_000, ..first.clone() };
    assert_eq!(store.store(&later, Some(&embedding(1))).unwrap(), Stored::Same);
    assert_eq!(store.get("a").unwrap(), Some(first.clone()), "when it came first is kept");
    assert_eq!(store.store(&first, Some(&embedding(2))).unwrap(), Stored::Changed);
    assert_eq!(store.store(&item("a", "svelte"), None).unwrap(), Stored::Changed);
    assert_eq!(store.get("a").unwrap().unwrap().text, "svelte");
    let status = store.status().unwrap();
    assert_eq!((status.items, status.vectors), (1, 0), "the vector was of the text that has gone");
    assert!(store.search(&Query::text("react")).unwrap().hits.is_empty());
    assert_eq!(store.verify().unwrap(), [""; 0]);
}

#[test]
fn a_vector_stays_where_only_metadata_changes() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store(&item("a", "text"), Some(&embedding(1))).unwrap();
    // What is held in memory has to follow, too.
    store.search(&Query::vector(embedding(1))).unwrap();
    let mut changed = item("a", "text");
    changed.metadata = metadata(json!({ "agent": "review" }));
    assert_eq!(store.store(&changed, None).unwrap(), Stored::Changed);
    let query = Query::vector(embedding(1)).among(Filter::equals("agent", "review"));
    for _ in 0..2 {
        let hits = store.search(&query).unwrap().hits;
        assert_eq!(hits.len(), 1);
        assert_eq!(hits[0].similarity, Some(1.0));
        drop(store);
        store = open(folder.path());
    }
}

#[test]
fn a_batch_is_stored_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut bad = entry("b", "two", 2);
    bad.embedding = Some(Embedding::new("chance", vec![1.0; 5]));
    let error = store.store_all(&[entry("a", "one", 1), bad]).unwrap_err();
    assert_eq!(error.to_string(), "the vector cannot be used: it has 5 numbers, chance makes 6");
    assert_eq!(store.count(None).unwrap(), 0);
}

#[test]
fn vectors_without_a_distance_and_items_beyond_limits_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let vector = Embedding::new("chance", vec![0.0, 1.0, bad, 0.0, 0.0, 0.0]);
        let error = store.store(&item("a", "x"), Some(&vector)).unwrap_err().to_string();
        assert!(error.starts_with("the vector cannot be used: its number 2 is "), "{error}");
        assert!(store.search(&Query::vector(vector)).is_err());
    }
    let other = Embedding::new("another", vec![0.0; 6]);
    let error = store.store(&item("a", "x"), Some(&other)).unwrap_err().to_string();
    assert!(error.contains("made by \"another\", the store's model is \"chance\""), "{error}");
    assert!(store.search(&Query::vector(other)).is_err());
    let mut large = item("a", "x");
    large.metadata = metadata(json!({ "all": "x".repeat(70_000) }));
    assert!(store.store(&large, None).unwrap_err().to_string().contains("its metadata has 7001"));
    assert!(store.store(&item("", "x"), None).is_err());
    assert_eq!(store.count(None).unwrap(), 0);
}

#[test]
fn forgotten_items_are_gone_with_all_that_belongs_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store_all(&[entry("a", "one word", 1), entry("b", "another word", 2)]).unwrap();
    assert_eq!(store.search(&Query::text("word")).unwrap().hits.len(), 2);
    assert_eq!(store.delete(&["a", "nobody", "a"]).unwrap(), 1);
    let ids = |store: &mut Store, query: Query| -> Vec<String> {
        store.search(&query).unwrap().hits.into_iter().map(|hit| hit.item.id).collect()
    };
    assert_eq!(ids(&mut store, Query::text("word")), ["b"]);
    assert_eq!(ids(&mut store, Query::vector(embedding(1))), ["b"]);
    assert_eq!(store.get("a").unwrap(), None);
    assert_eq!(store.status().unwrap().vectors, 1);
    assert_eq!(store.verify().unwrap(), [""; 0]);
}

#[test]
fn pages_show_every_item_once_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let all: Vec<_> = (0..25).map(|number| entry(&format!("{number:02}"), "x", number)).collect();
    store.store_all(&all).unwrap();
    for filter in [None, Some(Filter::equals("agent", "research"))] {
        let (mut seen, mut behind) = (Vec::new(), Some(0));
        while let Some(from) = behind {
            let page = store.list(filter.as_ref(), from, 10).unwrap();
            seen.extend(page.items.into_iter().map(|item| item.id));
            behind = page.next;
        }
        let expected: Vec<String> = (0..25).map(|number| format!("{number:02}")).collect();
        assert_eq!(seen, expected);
        assert_eq!(store.count(filter.as_ref()).unwrap(), 25);
    }
}

#[test]
fn only_its_owner_may_look_into_it() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("deep/memory");
    let mut store = open(&folder);
    store.store(&item("a", "x"), None).unwrap();
    let mode = |name: &str| folder.join(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!([mode("memory.db"), mode("memory.db-wal"), mode("lock")], [0o600; 3]);
}

#[test]
fn without_a_model_words_are_enough() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(folder.path(), None).unwrap();
    store.store(&item("a", "Vite + React 18 recommended for 2025"), None).unwrap();
    let found = store.search(&Query::text("modern react frameworks")).unwrap();
    assert_eq!(found.hits[0].item.id, "a");
    assert_eq!(found.hits[0].similarity, None);
    assert_eq!(found.hits[0].why, "number 1 by words");
    let error = store.search(&Query::vector(embedding(1))).unwrap_err().to_string();
    assert_eq!(error, "the vector cannot be used: the store has no model, so it holds no vectors");
    assert!(store.store(&item("b", "x"), Some(&embedding(1))).is_err());
    drop(store);
    let mut store = Store::open(folder.path(), Some(&pinned())).unwrap();
    let (model, pending) = store.pending(10).unwrap().unwrap();
    assert_eq!((model, pending[0].id.as_str()), (pinned(), "a"));
}
