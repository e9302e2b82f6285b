//! `/definitions`, and the folder: what is in force, what is refused, and what an operator is told.

use super::kit::{app, begin, folder, reach};
use crate::support::{TestApp, is_problem, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const SMALL: &str =
    "name: small\nstate: { n: { reducer: sum } }\nstart: a\nnodes:\n  a: { set: { n: 1 } }\n";

async fn put(app: &TestApp, name: &str, text: &str) -> (StatusCode, Value) {
    let path = format!("/definitions/{name}");
    let answer = app.ask(Method::PUT, &path).body(text.to_owned()).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn names(app: &TestApp) -> Vec<String> {
    let (_, page) = app.get("/definitions").await;
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_is_registered_goes_over_the_file_is_kept_and_can_be_taken_back() {
    let mut app = app();
    assert_eq!(names(&app).await, ["house", "question", "slip", "talk"]);
    let (status, small) = put(&app, "small", SMALL).await;
    assert_eq!((status, &small["source"]), (StatusCode::OK, &json!("registered")), "{small}");
    let head = app.head().await;
    assert_eq!(put(&app, "small", SMALL).await.1["position"], small["position"]);
    assert_eq!(app.head().await, head, "the same again is no change");
    let mended =
        "name: slip\nstate: { n: { reducer: sum } }\nstart: a\nnodes:\n  a: { set: { n: 7 } }\n";
    assert_eq!(put(&app, "slip", mended).await.0, StatusCode::OK);
    app.restart().await;
    let id = begin(&app, "slip", json!({})).await;
    assert_eq!(reach(&app, &id, "completed").await["state"], json!({ "n": 7 }));
    let (_, shown) = app.get("/definitions/slip").await;
    assert_eq!((&shown["text"], &shown["source"]), (&json!(mended), &json!("registered")));
    let gone = app.ask(Method::DELETE, "/definitions/slip").send().await.unwrap();
    assert_eq!(gone.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.get("/definitions/slip").await.1["source"], "file");
    let again = app.ask(Method::DELETE, "/definitions/slip").send().await.unwrap();
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    let told = app.said("claude.system.config_change").await;
    assert_eq!(told.iter().filter(|change| change["definition"] == "slip").count(), 2, "{told:?}");
}

#[tokio::test]
async fn what_no_stack_could_hold_is_refused_and_the_house_stands() {
    let app = app();
    for chain in ["1".to_owned() + &"+1".repeat(20_000), "not ".repeat(20_000) + "1"] {
        let (status, problem) =
            put(&app, "small", &SMALL.replace("n: 1", &format!("n: '{chain}'"))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(problem["detail"].as_str().unwrap().contains("too many operators"), "{problem}");
    }
    let deep = "[".repeat(70) + &"]".repeat(70);
    for (path, body) in [
        ("/workflows", format!(r#"{{"type":"slip","params":{{"a":{deep}}}}}"#)),
        ("/messages", format!(r#"{{"topic":"a","data":{{"a":{deep}}}}}"#)),
    ] {
        let answer = app.ask(Method::POST, path).body(body).send().await.unwrap();
        let told = (answer.status(), answer.json().await.unwrap());
        is_problem(&told, 422, &["nested more than 64 levels deep"]);
    }
    assert_eq!(app.get("/messages?limit=1000").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_definition_is_refused_with_its_places() {
    let app = app();
    let (status, problem) = put(&app, "small", &SMALL.replace("start: a", "start: b")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        (&problem["problems"][0]["line"], &problem["problems"][0]["column"]),
        (&json!(3), &json!(8)),
        "{problem}"
    );
    is_problem(&put(&app, "other", SMALL).await, 422, &["call it `other`"]);
    let lost = "name: lost\nstart: a\nnodes:\n  a: { subgraph: { workflow: nowhere } }\n";
    is_problem(&put(&app, "lost", lost).await, 422, &["lost:4:", "nowhere"]);
    is_problem(&app.get("/definitions/lost").await, 404, &["lost"]);
    is_problem(&put(&app, "small", "name: [").await, 422, &["small:1:"]);
}

#[tokio::test]
async fn files_are_taken_up_while_everything_runs_and_a_bad_one_leaves_the_old_in_force() {
    let app = app();
    std::fs::write(folder(&app).join("small.yaml"), SMALL).unwrap();
    until("the new file", || async {
        names(&app).await.contains(&"small".to_owned()).then_some(())
    })
    .await;
    std::fs::write(folder(&app).join("small.yaml"), SMALL.replace("start: a", "start: b")).unwrap();
    let warning = until("the warning", || async {
        let (_, health) = app.get("/health").await;
        let warnings = health["warnings"].as_array()?.clone();
        warnings.into_iter().find(|warning| warning["source"] == "definitions")
    });
    let warning = warning.await;
    let words = warning["error"].as_str().unwrap();
    assert!(words.contains("small.yaml:3:8:") && words.contains("stays in force"), "{words}");
    let id = begin(&app, "small", json!({})).await;
    reach(&app, &id, "completed").await;
    std::fs::write(folder(&app).join("small.yaml"), SMALL.replace("n: 1", "n: 5")).unwrap();
    until("the mended file", || async {
        let (_, shown) = app.get("/definitions/small").await;
        shown["text"].as_str()?.contains("n: 5").then_some(())
    })
    .await;
    assert!(app.get("/health").await.1.get("warnings").is_none(), "the warning is settled");
}

#[tokio::test]
async fn a_broken_file_stops_no_start_and_is_named_to_whoever_starts_it() {
    let mut app = app();
    app.stop().await;
    std::fs::write(folder(&app).join("talk.yaml"), "name: talk\nstart: x\nnodes: {}\n").unwrap();
    app.start_again();
    assert_eq!(names(&app).await, ["house", "question", "slip"]);
    let start = app.post("/workflows", json!({ "type": "talk", "params": { "topic": "x" } })).await;
    is_problem(&start, 422, &["talk.yaml:"]);
    assert!(start.1["problems"][0]["line"].is_u64(), "{}", start.1);
}

#[tokio::test]
async fn a_definition_that_somebody_else_has_changed_is_not_written_over() {
    let app = app();
    let path = "/definitions/mine";
    let text = |n: u32| {
        format!("name: mine\nstate: {{n: {{}}}}\nstart: a\nnodes: {{a: {{set: {{n: {n}}}}}}}\n")
    };
    let send = async |method: Method, condition: Option<(&str, &str)>, body: String| {
        let mut request = app.ask(method, path);
        if let Some((header, tag)) = condition {
            request = request.header(header, tag);
        }
        let answer = request.body(body).send().await.unwrap();
        let tag = answer.headers().get("ETag").map(|tag| tag.to_str().unwrap().to_owned());
        (answer.status().as_u16(), tag.unwrap_or_default())
    };
    let put = async |condition, n| send(Method::PUT, condition, text(n)).await;
    assert_eq!(put(Some(("If-Match", "*")), 1).await.0, 412, "it is not there yet");
    let (status, first) = put(Some(("If-None-Match", "*")), 1).await;
    assert_eq!(status, 200);
    assert_eq!(put(Some(("If-None-Match", "*")), 2).await.0, 412, "it is there");
    let (status, second) = put(Some(("If-Match", &first)), 2).await;
    assert!(status == 200 && second != first, "{status} {first} {second}");
    assert_eq!(put(Some(("If-Match", &first)), 3).await.0, 412, "it has changed");
    let known = send(Method::GET, Some(("If-None-Match", &second)), String::new()).await;
    assert_eq!(known, (304, second.clone()));
    let shown = app.get(path).await.1;
    assert!(shown["text"].as_str().unwrap().contains("n: 2"), "{shown}");
    let gone = send(Method::DELETE, Some(("If-Match", &first)), String::new()).await.0;
    assert_eq!(gone, 412);
    // Of many at once that have seen the same, one gets it.
    let all = (4..12).map(|n| put(Some(("If-Match", second.as_str())), n));
    let all = futures::future::join_all(all).await;
    let done: Vec<_> = all.iter().filter(|(status, _)| *status == 200).collect();
    assert_eq!((all.len(), done.len()), (8, 1), "{all:?}");
    assert_eq!(send(Method::DELETE, Some(("If-Match", &done[0].1)), String::new()).await.0, 204);
    assert_eq!(put(None, 1).await.0, 200, "who sets no condition writes");
}
