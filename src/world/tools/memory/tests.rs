//! Memory by meaning: with an embedder that knows what is like what, that fails, and that changes.

use super::*;
use crate::memories::Memories;
use crate::world::tools::act::Act;
use callboard_actors::tools::{Caller, Meter, Spent};
use callboard_actors::vocabulary::{Clock, Estimate, MessageId, WorkflowId};
use callboard_memory::Pinned;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Texts about cats are alike, whatever their words; `None`: it is out of order.
struct Knows(Option<&'static str>);

impl Embedder for Knows {
    fn model(&self) -> Pinned {
        Pinned::new(self.0.unwrap_or("first"), 2)
    }

    fn estimate(&self, bytes: u64) -> Estimate {
        Estimate { tokens: Some(bytes), usd: None }
    }

    fn embed(&self, texts: Vec<String>, meter: Meter) -> LocalBoxFuture<'static, Made> {
        let asking = meter.asks();
        let is_cat = |text: &String| ["cat", "feline"].iter().any(|word| text.contains(word));
        let vector = |text| if is_cat(text) { vec![1.0, 0.0] } else { vec![0.0, 1.0] };
        let made = texts.iter().map(|text| match text.as_str() {
            "unspeakable" => Err("this text is none".to_owned()),
            _ => Ok(vector(text)),
        });
        let made = self.0.map(|_| made.collect()).ok_or_else(|| "out of order".to_owned());
        match &made {
            Ok(_) => asking.cost(texts.len() as u64, Some(0.25)),
            Err(_) => asking.cost_nothing(),
        }
        async move { made }.boxed_local()
    }
}

/// A home, and who embeds in it just now.
struct House {
    _home: TempDir,
    knowledge: Knowledge,
    embeds: Arc<Mutex<Option<&'static str>>>,
}

fn house(model: Option<&'static str>) -> House {
    let home = tempfile::tempdir().unwrap();
    let embeds = Arc::new(Mutex::new(model));
    let now = Arc::clone(&embeds);
    let find: FindEmbedder = Arc::new(move || Some(Arc::new(Knows(*now.lock().unwrap()))));
    let path = home.path().to_owned();
    let knowledge = Knowledge::new(Memories::default(), path, Clock::system(), find);
    House { _home: home, knowledge, embeds }
}

fn caller(call: &str) -> Caller {
    let (id, workflow_id) = (MessageId::derived(&[call]), WorkflowId("w".parse().unwrap()));
    Caller {
        id,
        workflow_id,
        path: "w/run 1".into(),
        profile: Some("coder".into()),
        workplace: None,
        meter: Meter::default(),
    }
}

impl House {
    async fn store(&self, call: &str, text: &str) -> Value {
        let tool = MemoryStore(self.knowledge.clone());
        tool.call(json!({ "text": text }), caller(call)).await.unwrap()
    }

    async fn search(&self, query: &str) -> Value {
        let tool = MemorySearch(self.knowledge.clone());
        tool.call(json!({ "query": query, "k": 1, "agent": "coder" }), caller("s")).await.unwrap()
    }
}

#[actix_rt::test]
async fn what_means_the_same_is_found_whatever_its_words() {
    let house = house(Some("first"));
    let stored = house.store("a", "the feline sleeps").await;
    assert_eq!((&stored["found_by"], &stored["note"]), (&json!("meaning and words"), &json!(null)));
    house.store("b", "the engine is warm").await;
    let found = house.search("my cat").await;
    assert_eq!(found["searched_by"], "meaning and words");
    assert_eq!(found["hits"][0]["text"], "the feline sleeps");
    assert_eq!(found["hits"][0]["similarity"], 1.0);
}

#[actix_rt::test]
async fn the_same_call_stores_and_learns_once() {
    let house = house(Some("first"));
    assert_eq!(house.store("a", "the feline sleeps").await["stored"], "new");
    assert_eq!(house.store("a", "the feline sleeps").await["stored"], "same");
    let learn = Learn { knowledge: house.knowledge.clone(), worked: true };
    let outcome = json!({ "kind": "fix", "task": "feed the cat", "approach": "tuna" });
    for recorded in ["new", "same"] {
        let learned = learn.call(outcome.clone(), caller("l")).await.unwrap();
        assert_eq!(learned["recorded"], recorded);
    }
    let suggest = Suggest { knowledge: house.knowledge.clone(), only_patterns: false };
    let advice = suggest.call(json!({ "task": "a hungry feline" }), caller("q")).await.unwrap();
    assert_eq!(
        (&advice["suggestions"][0]["worked"], &advice["suggestions"][0]["similarity"]),
        (&json!(1), &json!(1.0))
    );
}

#[actix_rt::test]
async fn while_the_embedder_is_out_of_order_words_do_and_meaning_comes_later() {
    let house = house(None);
    let stored = house.store("a", "the feline sleeps").await;
    assert_eq!(stored["note"], "by words alone: failed to embed the text: out of order");
    assert_eq!(house.search("feline").await["hits"][0]["text"], "the feline sleeps");
    *house.embeds.lock().unwrap() = Some("first");
    house.store("b", "the engine is warm").await;
    assert_eq!(house.search("my cat").await["hits"][0]["text"], "the feline sleeps");
}

#[actix_rt::test]
async fn what_vectors_cost_is_said_before_and_told_after_and_who_brings_none_up_pays_nothing() {
    let house = house(Some("first"));
    let (tool, text) = (MemoryStore(house.knowledge.clone()), json!({ "text": "a cat" }));
    let most = tool.estimate(&text).unwrap().tokens.unwrap();
    assert!((5 + 1..100_000).contains(&most), "{most}: others' texts are bounded");
    let caller = caller("a");
    let meter = caller.meter.clone();
    tool.call(text, caller).await.unwrap();
    assert_eq!(meter.spent(), Spent { tokens: 1, usd: 0.25, ..Spent::default() });
}

#[actix_rt::test]
async fn a_text_that_can_have_no_vector_holds_up_no_other() {
    let house = house(None);
    house.store("a", "unspeakable").await;
    house.store("b", "the feline sleeps").await;
    *house.embeds.lock().unwrap() = Some("first");
    house.store("c", "the engine is warm").await;
    assert_eq!(house.search("my cat").await["hits"][0]["text"], "the feline sleeps");
}

#[actix_rt::test]
async fn another_model_takes_over_without_a_search_that_fails() {
    let house = house(Some("first"));
    house.store("a", "the feline sleeps").await;
    *house.embeds.lock().unwrap() = Some("second");
    let meanwhile = house.search("feline").await;
    assert_eq!(
        meanwhile["note"],
        "by words alone: the memory is moving from the vectors of first to second"
    );
    house.store("b", "the engine is warm").await;
    let found = house.search("my cat").await;
    assert_eq!(
        (&found["searched_by"], &found["note"]),
        (&json!("meaning and words"), &json!(null))
    );
    assert_eq!(found["hits"][0]["text"], "the feline sleeps");
}
