//! Searching finds what looking at everything finds.

use crate::filters::{meets, some_filter, some_metadata};
use crate::support::{Chance, DIMENSION, MODEL, distance, embedding, entry, item, open, pinned};
use callboard_memory::{Embedding, Entry, Filter, Found, How, Item, Mode, Options, Query, Store};
use proptest::prelude::*;

fn ids(found: &Found) -> Vec<&str> {
    found.hits.iter().map(|hit| hit.item.id.as_str()).collect()
}

/// The nearest of all, looked up one by one.
fn brute_force(
    entries: &[Entry],
    query: &[f32],
    filter: Option<&Filter>,
    k: usize,
) -> Vec<(String, f64)> {
    let allowed =
        entries.iter().filter(|entry| filter.is_none_or(|filter| meets(&entry.item, filter)));
    let mut all: Vec<(String, f64)> = allowed
        .filter_map(|entry| {
            let values = &entry.embedding.as_ref()?.values;
            Some((entry.item.id.clone(), distance(values, query)))
        })
        .collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all.truncate(k);
    all
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    prop::collection::vec((some_metadata(), any::<bool>(), any::<u16>()), 0..40).prop_map(|all| {
        let entries = all.into_iter().enumerate().map(|(number, (metadata, has_vector, seed))| {
            let seed = u64::from(seed) * 100 + number as u64;
            let item = Item { metadata, ..item(&format!("{number}"), "x") };
            Entry { item, embedding: has_vector.then(|| embedding(seed)) }
        });
        entries.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn the_nearest_are_those_of_brute_force_in_memory_from_disk_and_through_the_index(
        entries in entries(),
        filter in prop::option::of(some_filter()),
        seed in any::<u16>(),
        k in 1_usize..8,
    ) {
        let query = Chance(u64::from(seed)).vector(DIMENSION);
        let expected = brute_force(&entries, &query, filter.as_ref(), k);
        let (in_memory, from_disk, indexed) = (
            Options::default(),
            Options { memory_bytes: 100, ..Options::default() },
            Options { index_above: 3, breadth: 64, ..Options::default() },
        );
        for options in [in_memory, from_disk, indexed] {
            let folder = tempfile::tempdir().unwrap();
            let mut store = Store::open_with(folder.path(), Some(&pinned()), options).unwrap();
            store.store_all(&entries).unwrap();
            if options.index_above == 3 {
                while store.index_step(7).unwrap() > 0 {}
            }
            let mut wanted = Query::vector(Embedding::new(MODEL, query.clone())).at_most(k);
            wanted.filter.clone_from(&filter);
            let found = store.search(&wanted).unwrap();
            prop_assert_eq!(found.hits.len(), expected.len());
            for (hit, (id, distance)) in found.hits.iter().zip(&expected) {
                prop_assert_eq!(&hit.item.id, id);
                prop_assert!((hit.distance.unwrap() - distance).abs() < 1e-5);
                prop_assert!((hit.similarity.unwrap() - 1.0 / (1.0 + distance)).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn hybrid_search_is_the_sum_of_reciprocal_ranks(
        texts in prop::collection::vec("(red |green |blue ){1,4}", 1..30),
        seed in any::<u16>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let entries: Vec<Entry> = texts.iter().enumerate()
            .map(|(number, text)| entry(&number.to_string(), text, number as u64)).collect();
        store.store_all(&entries).unwrap();
        let vector = Embedding::new(MODEL, Chance(u64::from(seed)).vector(DIMENSION));
        let both = Query::text("red blue").with_vector(vector).at_most(10);
        let mut list = |mode| {
            let found = store.search(&both.clone().by(mode).at_most(100)).unwrap();
            ids(&found).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let (by_vector, by_words) = (list(Mode::Vector), list(Mode::Keywords));
        let found = store.search(&both).unwrap();
        let rank = |list: &[String], id: &str| list.iter().position(|other| other == id).map(|index| index + 1);
        #[expect(clippy::cast_precision_loss, reason = "ranks are small")]
        let part = |rank: Option<usize>| rank.map_or(0.0, |rank| 1.0 / (60.0 + rank as f64));
        let mut scores: Vec<f64> = (0..texts.len()).map(|number| {
            let id = number.to_string();
            part(rank(&by_vector, &id)) + part(rank(&by_words, &id))
        }).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        prop_assert_eq!(found.hits.len(), texts.len().min(10));
        for (hit, score) in found.hits.iter().zip(scores) {
            prop_assert!((hit.score - score).abs() < 1e-12);
            prop_assert_eq!(hit.ranks.vector, rank(&by_vector, &hit.item.id));
            prop_assert_eq!(hit.ranks.keywords, rank(&by_words, &hit.item.id));
        }
    }
}

#[test]
fn a_filter_leaves_as_many_hits_as_were_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let mut entries: Vec<_> =
        (0..500).map(|number| entry(&number.to_string(), "a word", number)).collect();
    // The only ones that are allowed are the furthest.
    let mut far: Vec<_> =
        (500..510).map(|number| entry(&number.to_string(), "a word", number)).collect();
    for entry in &mut far {
        entry.item.kind = "far".to_owned();
        entry.embedding = Some(Embedding::new(MODEL, vec![100.0; DIMENSION]));
    }
    entries.append(&mut far);
    store.store_all(&entries).unwrap();
    let both = Query::text("word").with_vector(embedding(1)).among(Filter::equals("$kind", "far"));
    for mode in [Mode::Vector, Mode::Keywords, Mode::Hybrid] {
        assert_eq!(
            store.search(&both.clone().by(mode).at_most(10)).unwrap().hits.len(),
            10,
            "{mode:?}"
        );
    }
}

#[test]
fn the_index_finds_nearly_all_of_the_nearest_and_says_that_it_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { index_above: 1_000, ..Options::default() };
    let mut store = Store::open_with(folder.path(), Some(&pinned()), options).unwrap();
    let mut entries: Vec<_> =
        (0..3_000).map(|number| entry(&number.to_string(), "x", number)).collect();
    for (number, entry) in entries.iter_mut().enumerate() {
        entry.item.kind = if number % 3 == 0 { "third" } else { "other" }.to_owned();
        entry.item.created_at = i64::try_from(number).unwrap();
    }
    store.store_all(&entries).unwrap();
    let mut left = usize::MAX;
    while left > 500 {
        left = store.index_step(500).unwrap();
    }
    // A part is indexed, the rest is looked at; some are gone, some came later.
    store.delete(&["3", "4", "5"]).unwrap();
    entries.retain(|entry| !["3", "4", "5"].contains(&entry.item.id.as_str()));
    let later = entry("later", "x", 4_321);
    store.store_all(std::slice::from_ref(&later)).unwrap();
    entries.push(later);
    let third = Filter::equals("$kind", "third");
    for filter in [None, Some(third)] {
        let (mut hits, mut all) = (0, 0);
        for seed in 0..50 {
            let query = Chance(seed + 77).vector(DIMENSION);
            let expected = brute_force(&entries, &query, filter.as_ref(), 10);
            let mut wanted = Query::vector(Embedding::new(MODEL, query)).at_most(10);
            wanted.filter.clone_from(&filter);
            let found = store.search(&wanted).unwrap();
            assert_eq!(found.vectors, How::Index);
            all += expected.len();
            hits += expected.iter().filter(|(id, _)| ids(&found).contains(&id.as_str())).count();
        }
        assert!(hits * 100 >= all * 97, "{hits} of {all}");
    }
    let first = callboard_memory::Range {
        below: Some(100.into()),
        ..callboard_memory::Range::of("$created_at")
    };
    let few = Query::vector(embedding(3)).among(Filter::Range(first));
    assert_eq!(store.search(&few).unwrap().vectors, How::Exact, "few are looked at one by one");
}

#[test]
fn memory_follows_what_is_stored_after_it_was_filled() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store_all(&[entry("a", "x", 1)]).unwrap();
    assert_eq!(store.search(&Query::vector(embedding(2))).unwrap().hits.len(), 1);
    store.store_all(&[entry("b", "x", 2)]).unwrap();
    assert_eq!(ids(&store.search(&Query::vector(embedding(2))).unwrap())[0], "b");
    store.store_all(&[entry("b", "x", 3)]).unwrap();
    let found = store.search(&Query::vector(embedding(3))).unwrap();
    assert_eq!((ids(&found)[0], found.hits[0].similarity), ("b", Some(1.0)));
    assert_eq!(found.hits.len(), 2);
}

#[test]
fn words_are_stemmed_case_and_accents_do_not_matter_and_syntax_means_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store
        .store(&item("a", "Modern frameworks: cafés_served by `learn_from_success()`"), None)
        .unwrap();
    store.store(&item("b", "Something else"), None).unwrap();
    for text in
        ["FRAMEWORK", "cafe", "success", "learning AND OR NOT (", "\"frameworks", "frame* modern"]
    {
        assert_eq!(ids(&store.search(&Query::text(text)).unwrap()), ["a"], "{text}");
    }
    for text in ["", " *\"' ", "frame*"] {
        assert!(store.search(&Query::text(text)).unwrap().hits.is_empty(), "{text}");
    }
}

#[test]
fn a_hit_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store_all(&[entry("a", "red", 1), entry("b", "blue", 2)]).unwrap();
    let query = Query::text("red").with_vector(embedding(1));
    let hits = store.search(&query).unwrap().hits;
    let hits = serde_json::to_string_pretty(&hits).unwrap();
    insta::assert_snapshot!(hits, @r#"
    [
      {
        "item": {
          "id": "a",
          "kind": "note",
          "text": "red",
          "metadata": {
            "agent": "research"
          },
          "created_at": 1000
        },
        "similarity": 1.0,
        "distance": 0.0,
        "ranks": {
          "vector": 1,
          "keywords": 1
        },
        "score": 0.03278688524590164,
        "why": "number 1 by meaning (distance 0.000), number 1 by words"
      },
      {
        "item": {
          "id": "b",
          "kind": "note",
          "text": "blue",
          "metadata": {
            "agent": "research"
          },
          "created_at": 1000
        },
        "similarity": 0.5054478507525247,
        "distance": 0.9784434705008092,
        "ranks": {
          "vector": 2
        },
        "score": 0.016129032258064516,
        "why": "number 2 by meaning (distance 0.978)"
      }
    ]
    "#);
}

#[test]
fn a_query_that_means_nothing_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    let text = || Query::text("x");
    let vector = || Query::vector(embedding(1));
    let nothing = Query { text: None, ..text() };
    for query in [
        text().at_most(0),
        text().at_most(10_001),
        text().by(Mode::Vector),
        vector().by(Mode::Keywords),
        vector().by(Mode::Hybrid),
        nothing,
    ] {
        let error = store.search(&query).unwrap_err().to_string();
        assert!(error.starts_with("the search cannot be made: "), "{error}");
    }
}
