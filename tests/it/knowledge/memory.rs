//! What agents remember and learn: through the registry, over restarts, and once however often it is told.

use super::kit::call;
use crate::support::TestApp;
use serde_json::json;

#[tokio::test]
async fn what_was_stored_is_found_by_words_and_filters_come_before_the_best_are_picked() {
    let mut app = TestApp::start();
    for (text, kind, tag) in [
        ("tokio is a runtime for asynchronous rust", "research", "rust"),
        ("asynchronous python runs on an event loop", "research", "python"),
        ("the rust service is asynchronous", "design", "rust"),
    ] {
        let stored =
            json!({ "text": text, "type": kind, "tags": [tag], "metadata": { "score": 1 } });
        let stored = call(&app, "memory_store", stored).await.unwrap();
        assert_eq!(
            (&stored["stored"], &stored["where"]),
            (&json!("new"), &json!("home")),
            "{stored}"
        );
        assert!(stored["note"].as_str().unwrap().starts_with("by words alone"), "{stored}");
    }
    app.restart().await;
    let query = json!({ "query": "asynchronous rust", "k": 1, "type": "design", "tags": ["rust"], "filter": { "score": [1, 2] } });
    let found = call(&app, "memory_search", query).await.unwrap();
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    let hit = &found["hits"][0];
    assert_eq!(hit["text"], "the rust service is asynchronous");
    assert_eq!(
        (&hit["metadata"]["tags"], &found["searched_by"]),
        (&json!(["rust"]), &json!("words"))
    );
    assert!(hit["metadata"]["step"].as_str().unwrap().starts_with("one-memory-store/"), "{hit}");
    let all = call(&app, "memory_search", json!({ "query": "asynchronous" })).await.unwrap();
    assert_eq!(all["hits"].as_array().unwrap().len(), 3);
    assert!(app.home().join("state/memory/memory.db").exists());
}

#[tokio::test]
async fn the_same_name_holds_one_text() {
    let app = TestApp::start();
    let store = |text: &str| json!({ "id": "plan", "text": text });
    assert_eq!(call(&app, "memory_store", store("first")).await.unwrap()["stored"], "new");
    assert_eq!(call(&app, "memory_store", store("second")).await.unwrap()["stored"], "changed");
    let found = call(&app, "memory_search", json!({ "query": "first second" })).await.unwrap();
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    assert_eq!(found["hits"][0]["text"], "second");
}

#[tokio::test]
async fn what_worked_is_advised_and_what_failed_is_advised_against() {
    let app = TestApp::start();
    let learn = |approach: &str| json!({ "kind": "implementation", "task": "create a React component", "language": "TypeScript", "approach": approach, "evidence": { "tests": 3 } });
    for _ in 0..2 {
        call(&app, "learn_from_success", learn("vite with typescript")).await.unwrap();
    }
    let failed = call(&app, "learn_from_failure", learn("webpack by hand")).await.unwrap();
    assert_eq!((&failed["worked"], &failed["recorded"]), (&json!(false), &json!("new")));
    let task = json!({ "task": "create a React component for login", "language": "typescript" });
    let advice = call(&app, "suggest_approach", task).await.unwrap();
    let suggestions = advice["suggestions"].as_array().unwrap();
    assert_eq!(suggestions.len(), 2, "{advice}");
    assert_eq!(
        (&suggestions[0]["approach"], &suggestions[0]["worked"]),
        (&json!("vite with typescript"), &json!(2))
    );
    assert!(suggestions[0]["success"].as_f64() > suggestions[1]["success"].as_f64());
    assert_eq!(suggestions[0]["last"]["evidence"]["tests"], 3);
    let elsewhere = json!({ "task": "create a React component", "language": "go" });
    assert_eq!(call(&app, "suggest_approach", elsewhere).await.unwrap()["suggestions"], json!([]));
    let pattern =
        json!({ "kind": "pattern", "task": "design a queue", "approach": "outbox table" });
    call(&app, "learn_from_success", pattern).await.unwrap();
    let patterns = call(&app, "suggest_patterns", json!({})).await.unwrap();
    assert_eq!(patterns["suggestions"][0]["approach"], "outbox table");
    assert_eq!(patterns["suggestions"].as_array().unwrap().len(), 1);
}
