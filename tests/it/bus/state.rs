//! `/state/{key}`: changed only by who knows what it holds, and whole over crashes.

use crate::support::{TestApp, is_problem};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

async fn put(app: &TestApp, key: &str, body: &Value, condition: Option<(&str, &str)>) -> Response {
    let mut request = app.ask(Method::PUT, &format!("/state/{key}")).json(body);
    if let Some((header, value)) = condition {
        request = request.header(header, value);
    }
    request.send().await.unwrap()
}

fn etag(response: &Response) -> String {
    response.headers()["etag"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_document_is_changed_only_by_who_knows_what_it_holds() {
    let mut app = TestApp::start();
    let large = json!({ "words": "x".repeat(1_000_000) });
    let made = put(&app, "plan", &large, Some(("If-None-Match", "*"))).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let first = etag(&made);
    let again = put(&app, "plan", &json!(1), Some(("If-None-Match", "*"))).await;
    assert_eq!(again.status(), StatusCode::PRECONDITION_FAILED);
    app.restart().await;
    assert_eq!(app.get("/state/plan").await.1, large);
    let file = app.home().join("state/shared/plan.json");
    assert_eq!(std::fs::read(&file).unwrap(), serde_json::to_vec(&large).unwrap());
    let cached = app.ask(Method::GET, "/state/plan").header("If-None-Match", &first);
    assert_eq!(cached.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let changed = put(&app, "plan", &json!([2]), Some(("If-Match", &first))).await;
    assert_eq!(changed.status(), StatusCode::OK);
    let stale = put(&app, "plan", &json!([3]), Some(("If-Match", &first))).await;
    let stale = (stale.status(), stale.json().await.unwrap());
    is_problem(&stale, 412, &["read it again"]);
    assert_eq!(app.get("/state/plan").await.1, json!([2]));
    let delete = |tag: &str| app.ask(Method::DELETE, "/state/plan").header("If-Match", tag).send();
    assert_eq!(delete(&first).await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(delete(&etag(&changed)).await.unwrap().status(), StatusCode::NO_CONTENT);
    is_problem(&app.get("/state/plan").await, 404, &["plan"]);
    assert!(!file.exists());
}

#[tokio::test]
async fn of_many_who_change_it_at_once_under_the_same_condition_one_succeeds() {
    let app = TestApp::start();
    let first = etag(&put(&app, "k", &json!(0), None).await);
    let writers = (1..=20).map(|n| {
        let (app, first) = (&app, &first);
        async move { put(app, "k", &json!(n), Some(("If-Match", first))).await.status() }
    });
    let statuses = futures::future::join_all(writers).await;
    assert_eq!(statuses.iter().filter(|status| status.is_success()).count(), 1, "{statuses:?}");
    assert_ne!(app.get("/state/k").await.1, json!(0));
}

#[tokio::test]
async fn a_crash_between_the_file_and_the_row_or_after_it_shows_what_the_row_says() {
    let mut app = TestApp::start();
    put(&app, "k", &json!("first"), None).await;
    app.stop().await;
    let shared = app.home().join("state/shared");
    // Before the row: what was written is debris.
    std::fs::write(shared.join("k.json.new"), "\"never told\"").unwrap();
    app.start_again();
    assert_eq!(app.get("/state/k").await.1, json!("first"));
    put(&app, "k", &json!("second"), None).await;
    app.stop().await;
    // After the row, before the rename: it lies where it was written first.
    std::fs::rename(shared.join("k.json"), shared.join("k.json.new")).unwrap();
    std::fs::write(shared.join("k.json"), "\"first\"").unwrap();
    app.start_again();
    assert_eq!(app.get("/state/k").await.1, json!("second"));
    put(&app, "k", &json!("third"), None).await;
    assert_eq!(app.get("/state/k").await.1, json!("third"));
    assert_eq!(std::fs::read_to_string(shared.join("k.json")).unwrap(), "\"third\"");
}

#[tokio::test]
async fn keys_are_names_and_documents_are_json_of_a_size() {
    let app = TestApp::with(|settings| settings.http.max_body_bytes = 1_000.try_into().unwrap());
    for key in ["..%2Fx", "a%2Fb", ".hidden", "a%20b", "-x"] {
        is_problem(&app.get(&format!("/state/{key}")).await, 400, &["not a valid id"]);
    }
    let long = put(&app, "k", &json!("x".repeat(2_000)), None).await;
    is_problem(&(long.status(), long.json().await.unwrap()), 413, &["1000"]);
    let text = app.ask(Method::PUT, "/state/k").body("{no json").send().await.unwrap();
    is_problem(&(text.status(), text.json().await.unwrap()), 422, &["not JSON"]);
    put(&app, "b", &json!(1), None).await;
    put(&app, "a", &json!(1), None).await;
    let (_, page) = app.get("/state?limit=1").await;
    assert_eq!((&page["items"][0]["key"], &page["next"]), (&json!("a"), &json!("a")));
    assert_eq!(app.get("/state?after=a").await.1["items"][0]["key"], "b");
}
