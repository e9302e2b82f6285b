//! Lists, histories, checkpoints, differences and drawings.

use super::kit::{answer, app, begin, question, reach, talked};
use crate::support::is_problem;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn workflows_are_listed_by_what_they_are_and_were_given() {
    let app = app();
    let tea = talked(&app, "tea").await;
    let milk = talked(&app, "milk").await;
    let slip = begin(&app, "slip", json!({ "a \"b\"": true, "n": 1.0 })).await;
    reach(&app, &slip, "failed").await;
    let ids = async |query: &str| {
        let (status, page) = app.get(&format!("/workflows{query}")).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        items.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, [slip.clone(), milk.clone(), tea.clone()]);
    assert_eq!(ids("?type=talk").await, [milk.clone(), tea.clone()]);
    assert_eq!(ids("?status=failed").await, [&*slip]);
    let params = |value: Value| format!("?params={}", urlencode(&value.to_string()));
    assert_eq!(ids(&params(json!({ "topic": "tea", "rounds": 1 }))).await, [&*tea]);
    assert_eq!(ids(&params(json!({ "topic": "tea", "rounds": "1" }))).await, Vec::<String>::new());
    for (wanted, is_found) in [
        (json!({ "a \"b\"": true }), true),
        (json!({ "a \"b\"": 1 }), false),
        (json!({ "a b": true }), false),
        (json!({ "n": 1 }), true),
        (json!({ "n": null }), false),
        (json!({ "m": null }), false),
    ] {
        assert_eq!(ids(&params(wanted.clone())).await == [&*slip], is_found, "{wanted}");
    }
    assert_eq!(ids("?to=2020-01-01").await, Vec::<String>::new());
    assert_eq!(ids("?from=2020-01-01&type=talk").await, [milk.clone(), tea.clone()]);
    let (_, page) = app.get("/workflows?limit=2").await;
    let next = page["next"].as_i64().unwrap();
    assert_eq!(ids(&format!("?limit=2&before={next}")).await, [tea]);
    is_problem(&app.get("/workflows?status=odd").await, 400, &["odd", "interrupted"]);
    is_problem(&app.get("/workflows?params=odd").await, 400, &["JSON object"]);
    is_problem(&app.get("/workflows/nobody").await, 404, &["nobody"]);
}

fn urlencode(text: &str) -> String {
    let bytes: Vec<String> = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    bytes.concat()
}

#[tokio::test]
async fn every_step_can_be_looked_back_at() {
    let app = app();
    let id = talked(&app, "tea").await;
    let (_, history) = app.get(&format!("/workflows/{id}/history")).await;
    let steps = history["items"].as_array().unwrap();
    let numbers: Vec<_> = steps.iter().map(|step| step["step"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [4, 3, 2, 1], "{history}");
    let talk = &steps[1];
    assert_eq!(talk["nodes"].as_array().unwrap().len(), 2);
    assert!(talk["nodes"].as_array().unwrap().iter().all(|node| node["status"] == "done"));
    assert_eq!(
        (&talk["spent"]["turns"], &talk["writes"][0]["channel"]),
        (&json!(2), &json!("said"))
    );
    assert_eq!(
        (&steps[3]["is_input"], &history["runs"][0]["status"]),
        (&json!(true), &json!("completed"))
    );
    let (_, page) = app.get(&format!("/workflows/{id}/history?limit=2&before=4")).await;
    assert_eq!((&page["items"][0]["step"], &page["next"]), (&json!(3), &json!(2)));

    let (_, second) = app.get(&format!("/workflows/{id}/checkpoints/2")).await;
    assert_eq!(second["state"], json!({ "count": 1, "said": [], "verdict": null }));
    is_problem(&app.get(&format!("/workflows/{id}/checkpoints/9")).await, 404, &["checkpoint 9"]);
    let (_, diff) = app.get(&format!("/workflows/{id}/diff?from=2&to=4")).await;
    let channels = json!({
        "said": { "appended": ["an answer", "an answer"] },
        "verdict": { "old": null, "new": "pro" },
    });
    assert_eq!(diff["channels"], channels, "{diff}");
    let (_, newest) = app.get(&format!("/workflows/{id}/diff")).await;
    assert_eq!((&newest["from"], &newest["to"]), (&json!(3), &json!(4)));
}

#[tokio::test]
async fn the_graph_is_drawn_as_it_was_when_the_workflow_began() {
    let app = app();
    let id = talked(&app, "tea").await;
    let file = super::kit::folder(&app).join("talk.yaml");
    std::fs::remove_file(file).unwrap();
    let text = async |format: &str| {
        let path = format!("/workflows/{id}/graph?format={format}");
        app.ask(Method::GET, &path).send().await.unwrap().text().await.unwrap()
    };
    let mermaid = text("mermaid").await;
    assert!(mermaid.starts_with("flowchart TD\n"), "{mermaid}");
    assert!(mermaid.contains("classDef done"), "{mermaid}");
    let dot = text("dot").await;
    assert!(dot.contains("\"open\" -> \"pro\";"), "{dot}");
    let (_, graph) = app.get(&format!("/workflows/{id}/graph")).await;
    let nodes = graph["nodes"].as_array().unwrap();
    assert!(nodes.len() == 4 && nodes.iter().all(|node| node["status"] == "done"), "{graph}");
    is_problem(&app.get(&format!("/workflows/{id}/graph?format=ascii")).await, 400, &["ascii"]);
}

#[tokio::test]
async fn who_is_asked_by_a_subgraph_is_found_among_those_that_are_interrupted() {
    let app = app();
    let id = begin(&app, "house", json!({})).await;
    let asked = question(&app, &id).await;
    let found = async |query: &str| {
        let (_, page) = app.get(&format!("/workflows?{query}")).await;
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("status=interrupted").await, std::slice::from_ref(&id));
    assert_eq!(
        found("status=interrupted&type=question").await,
        Vec::<String>::new(),
        "roots are listed"
    );
    let below = found(&format!("status=interrupted&root_id={id}")).await;
    assert!(below.len() == 1 && below[0] != id, "{below:?}");
    assert_eq!(answer(&app, &id, &asked, json!(true)).await.0, StatusCode::ACCEPTED);
    reach(&app, &id, "completed").await;
    assert_eq!(found("status=interrupted").await, Vec::<String>::new());
}
