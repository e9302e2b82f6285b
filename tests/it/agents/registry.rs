//! Registering, finding, changing and removing agents.

use crate::support::{TestApp, is_problem};
use reqwest::Method;
use serde_json::{Value, json};

pub(super) async fn register(app: &TestApp, id: &str) -> Value {
    let (status, row) = app.post("/agents", json!({ "id": id, "profile": "coder" })).await;
    assert_eq!(status, 201, "{row}");
    row
}

async fn ids(app: &TestApp, query: &str) -> Vec<String> {
    let (status, page) = app.get(&format!("/agents?{query}")).await;
    assert_eq!(status, 200, "{page}");
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_agent_takes_after_its_profile_and_is_found_by_what_it_can_do() {
    let mut app = TestApp::start();
    let ada = register(&app, "ada").await;
    assert_eq!(ada["status"], "inactive");
    assert_eq!(ada["capabilities"], json!(["coding", "testing"]));
    assert_eq!(ada["permissions"]["write"], json!(["."]));
    let body = json!({ "id": "bob", "profile": "coder", "display_name": "Bob", "capabilities": ["dance"] });
    app.post("/agents", body).await;
    for restarted in [false, true] {
        if restarted {
            app.restart().await;
        }
        assert_eq!(ids(&app, "").await, ["bob", "ada"]);
        assert_eq!(ids(&app, "capability=coding").await, ["ada"]);
        assert_eq!(ids(&app, "capability=dance&status=inactive").await, ["bob"]);
        assert_eq!(ids(&app, "capability=danc").await, [""; 0]);
        assert_eq!(ids(&app, "profile=coder&limit=1").await, ["bob"]);
    }
    let (_, page) = app.get("/agents?limit=1").await;
    assert_eq!(ids(&app, &format!("before={}", page["next"])).await, ["ada"]);
}

#[tokio::test]
async fn an_agent_is_changed_goes_and_comes_back() {
    let app = TestApp::start();
    register(&app, "ada").await;
    let patch = json!({ "display_name": "Ada L.", "capabilities": ["review"] });
    let changed = app.ask(Method::PATCH, "/agents/ada").json(&patch).send().await.unwrap();
    let changed: Value = changed.json().await.unwrap();
    assert_eq!(
        (&changed["display_name"], &changed["profile"]),
        (&json!("Ada L."), &json!("coder"))
    );
    let gone = app.ask(Method::DELETE, "/agents/ada").send().await.unwrap();
    assert_eq!(gone.json::<Value>().await.unwrap()["status"], "unregistered");
    is_problem(
        &app.post("/agents/ada/messages", json!({ "data": 1 })).await,
        409,
        &["register it again"],
    );
    assert_eq!(register(&app, "ada").await["status"], "inactive");
    let (_, news) = app.get("/messages?topic=claude.agent.state_change").await;
    let told = news["items"].as_array().unwrap().iter();
    let told: Vec<_> = told.map(|m| (m["data"]["from"].clone(), m["data"]["to"].clone())).collect();
    let expected =
        [("new", "inactive"), ("inactive", "unregistered"), ("unregistered", "inactive")];
    assert_eq!(told, expected.map(|(from, to)| (json!(from), json!(to))));
}

#[tokio::test]
async fn a_retry_of_a_registration_gives_the_same_agent() {
    let app = TestApp::start();
    let mut seen = Vec::new();
    for _ in 0..2 {
        let request = app.ask(Method::POST, "/agents").header("Idempotency-Key", "k");
        let answer = request.json(&json!({ "profile": "coder" })).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        seen.push(answer.json::<Value>().await.unwrap()["id"].clone());
    }
    assert_eq!(seen[0], seen[1]);
    let request = app.ask(Method::POST, "/agents").header("Idempotency-Key", "k");
    let other = request.json(&json!({ "profile": "analyst" })).send().await.unwrap();
    assert_eq!(other.status(), 422);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_words() {
    let app = TestApp::start();
    register(&app, "ada").await;
    let post = |body: Value| app.post("/agents", body);
    is_problem(
        &post(json!({ "profile": "ghost" })).await,
        422,
        &["ghost", "analyst, architect, coder"],
    );
    is_problem(
        &post(json!({ "id": "ada", "profile": "coder" })).await,
        409,
        &["registered already"],
    );
    is_problem(&post(json!({ "id": "../x", "profile": "coder" })).await, 422, &["not a valid id"]);
    is_problem(&post(json!({ "profile": "coder", "capabilities": ["A b"] })).await, 422, &["A b"]);
    is_problem(&post(json!({ "profil": "coder" })).await, 422, &["profil"]);
    is_problem(&app.get("/agents?status=asleep").await, 400, &["inactive, active"]);
    is_problem(&app.get("/agents/nobody").await, 404, &["nobody"]);
    is_problem(&app.get("/agents/nobody/messages").await, 404, &["nobody"]);
    let long = json!({ "data": "x".repeat(10_001) });
    is_problem(&app.post("/agents/ada/messages", long).await, 413, &["PUT /state/KEY"]);
    is_problem(&app.post("/agents/nobody/messages", json!({ "data": 1 })).await, 404, &[]);
}

#[tokio::test]
async fn profiles_of_ones_own_count_and_a_wrong_one_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let own = "name: cook\nrole: Cooks\ncapabilities: [soup]\n";
    std::fs::write(folder.path().join("cook.yaml"), own).unwrap();
    let path = folder.path().to_owned();
    let app = TestApp::with(|settings| settings.agents.folder = path);
    let (status, _) = app.post("/agents", json!({ "profile": "cook" })).await;
    assert_eq!(status, 201);
    is_problem(&app.post("/agents", json!({ "profile": "coder" })).await, 422, &["cook"]);
    std::fs::write(folder.path().join("cook.yaml"), "name: cook\nrle: Cooks\n").unwrap();
    let mut settings = callboard::settings::Settings::default();
    let home = tempfile::tempdir().unwrap();
    settings.home = home.path().join("home");
    settings.database = settings.home.join("callboard.db");
    settings.agents.folder = folder.path().to_owned();
    let error = callboard::startup::embed(&settings).unwrap_err().to_string();
    assert!(error.contains("cook.yaml:2:1") && error.contains("did you mean `role`?"), "{error}");
}
