//! Moving a store to another model, behind its back and through crashes.

use crate::support::{Chance, embedding, entry, item, open, pinned};
use callboard_memory::{Embed, Embedded, Embedding, Pinned, Query, Step, Store};

/// A model that makes a vector of a text's bytes, and will have nothing to do with some words.
struct Model {
    pinned: Pinned,
    asked: usize,
    is_down: bool,
}

impl Model {
    fn new(name: &str, dimension: usize) -> Self {
        Self { pinned: Pinned::new(name, dimension), asked: 0, is_down: false }
    }

    fn vector(&self, text: &str) -> Vec<f32> {
        let seed =
            text.bytes().fold(7, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into()));
        Chance(seed).vector(self.pinned.dimension)
    }

    fn query(&self, text: &str) -> Query {
        Query::vector(Embedding::new(&self.pinned.model, self.vector(text)))
    }
}

impl Embed for Model {
    fn model(&self) -> &Pinned {
        &self.pinned
    }

    fn embed(&mut self, texts: &[&str]) -> Result<Vec<Result<Vec<f32>, String>>, String> {
        if self.is_down {
            return Err("503".to_owned());
        }
        self.asked += texts.len();
        let made = texts.iter().map(|text| match *text {
            "unspeakable" => Err("the provider refused it".to_owned()),
            text => Ok(self.vector(text)),
        });
        Ok(made.collect())
    }
}

fn first(store: &mut Store, query: &Query) -> String {
    store.search(query).unwrap().hits[0].item.id.clone()
}

#[test]
fn old_vectors_serve_until_all_new_ones_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let (mut old, mut new) = (Model::new("old", 4), Model::new("new", 9));
    let mut store = Store::open(folder.path(), Some(&old.pinned)).unwrap();
    let entries = (0..10).map(|number| item(&number.to_string(), &format!("text {number}")).into());
    store.store_all(&entries.collect::<Vec<_>>()).unwrap();
    while !store.reembed_step(&mut old, 4).unwrap().is_done {}
    assert_eq!((first(&mut store, &old.query("text 7")), old.asked), ("7".to_owned(), 10));
    for step in 0..3 {
        // The program ends after each step, and comes back with the new model.
        drop(store);
        store = Store::open(folder.path(), Some(&new.pinned)).unwrap();
        assert_eq!(store.serving(), Some(&old.pinned));
        assert_eq!(first(&mut store, &old.query("text 3")), "3");
        assert!(store.search(&new.query("text 3")).is_err(), "the new one does not serve yet");
        assert_eq!(store.status().unwrap().grown, 3 * step);
        store.reembed_step(&mut new, 3).unwrap();
    }
    while !store.reembed_step(&mut new, 3).unwrap().is_done {}
    assert_eq!((store.serving(), store.growing()), (Some(&new.pinned), None));
    assert_eq!((first(&mut store, &new.query("text 3")), new.asked), ("3".to_owned(), 10));
    assert_eq!(store.status().unwrap().vectors, 10);
    assert_eq!(store.verify().unwrap(), [""; 0], "what the old model made is cleared away");
}

#[test]
fn what_changes_while_it_is_embedded_is_embedded_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store
        .store_all(&[item("a", "one").into(), item("b", "two").into(), item("c", "three").into()])
        .unwrap();
    let (_, pending) = store.pending(10).unwrap().unwrap();
    store.store(&item("a", "changed"), None).unwrap();
    store.delete(&["c"]).unwrap();
    let results: Vec<Embedded> = pending
        .into_iter()
        .map(|pending| Embedded { pending, outcome: Ok(embedding(1).values) })
        .collect();
    let step = store.embedded("chance", &results).unwrap();
    assert_eq!(step, Step { embedded: 1, refused: 0, is_done: false });
    let (_, pending) = store.pending(10).unwrap().unwrap();
    let waiting: Vec<_> =
        pending.iter().map(|pending| (pending.id.as_str(), pending.text.as_str())).collect();
    assert_eq!(waiting, [("a", "changed")]);
    assert!(store.embedded("another", &[]).is_err());
}

#[test]
fn what_a_model_refuses_holds_up_nobody_and_a_model_that_is_down_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut model = Model::new("m", 3);
    let mut store = Store::open(folder.path(), Some(&model.pinned)).unwrap();
    let texts = ["one", "unspeakable", "two"];
    let entries: Vec<_> = texts.iter().map(|text| item(text, text).into()).collect();
    store.store_all(&entries).unwrap();
    model.is_down = true;
    let error = store.reembed_step(&mut model, 10).unwrap_err().to_string();
    assert_eq!(error, "failed to embed with m: 503");
    model.is_down = false;
    let step = store.reembed_step(&mut model, 10).unwrap();
    assert_eq!(step, Step { embedded: 2, refused: 1, is_done: true });
    let status = store.status().unwrap();
    assert_eq!((status.vectors, status.refused), (2, 1));
    assert_eq!(store.search(&Query::text("unspeakable")).unwrap().hits.len(), 1, "words find it");
    store.reembed_step(&mut model, 10).unwrap();
    assert_eq!(model.asked, 3, "it is not asked again");
}

#[test]
fn new_items_come_with_vectors_of_either_model_and_another_change_of_mind_is_no_harm() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = open(folder.path());
    store.store_all(&[entry("a", "x", 1)]).unwrap();
    let (other, third) = (Pinned::new("other", 2), Pinned::new("third", 3));
    store.pin(&other).unwrap();
    let made = Embedding::new("other", vec![1.0, 2.0]);
    store.store(&item("b", "y"), Some(&made)).unwrap();
    store.store_all(&[entry("c", "z", 3)]).unwrap();
    let status = store.status().unwrap();
    assert_eq!((status.vectors, status.grown), (2, 1));
    store.pin(&third).unwrap();
    assert_eq!(store.growing(), Some(&third));
    store.pin(&pinned()).unwrap();
    assert_eq!((store.serving(), store.growing()), (Some(&pinned()), None));
    let (_, pending) = store.pending(10).unwrap().unwrap();
    assert_eq!(pending.len(), 1, "only b has no vector of the model that serves");
    while !store.tidy_step().unwrap() {}
    assert_eq!(store.verify().unwrap(), [""; 0]);
}

#[test]
fn the_same_model_with_another_dimension_is_another() {
    let folder = tempfile::tempdir().unwrap();
    let (mut long, mut short) = (Model::new("m", 8), Model::new("m", 4));
    let mut store = Store::open(folder.path(), Some(&long.pinned)).unwrap();
    store.store(&item("a", "x"), None).unwrap();
    while !store.reembed_step(&mut long, 9).unwrap().is_done {}
    store.pin(&short.pinned).unwrap();
    let made = |model: &Model, text| Embedding::new("m", model.vector(text));
    store.store(&item("b", "y"), Some(&made(&short, "y"))).unwrap();
    store.store(&item("b", "y"), Some(&made(&long, "y"))).unwrap();
    assert_eq!(first(&mut store, &long.query("y")), "b");
    while !store.reembed_step(&mut short, 9).unwrap().is_done {}
    assert_eq!((first(&mut store, &short.query("y")), short.asked), ("b".to_owned(), 1));
}
