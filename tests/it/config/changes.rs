//! `PUT /config/{key}`: what is taken, what is not, and what comes of it.

use crate::support::{TestApp, is_problem, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const MODEL: &str = "processes.default_model";

#[tokio::test]
async fn a_setting_is_set_published_and_used_at_once_and_unset_again() {
    let app = TestApp::start();
    let (status, shown) = app.set(MODEL, json!("opus")).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert_eq!((&shown["value"], &shown["source"]), (&json!("opus"), &json!("stored")));
    assert_eq!(shown["takes_effect"], "now");
    let id = app.spawn("with the new default").await;
    assert_eq!(app.wait_for(&id, "COMPLETED").await["model"], "opus");
    let (_, shown) = app.unset(MODEL).await;
    assert_eq!((&shown["value"], &shown["source"]), (&json!("sonnet"), &json!("default")));
    is_problem(&app.unset(MODEL).await, 404, &[MODEL, "config get"]);
    assert_eq!(
        app.said("claude.system.config_change").await,
        [
            json!({ "key": MODEL, "old": "sonnet", "new": "opus", "by": "api" }),
            json!({ "key": MODEL, "old": "opus", "new": "sonnet", "by": "api" }),
        ]
    );
}

#[tokio::test]
async fn what_was_set_outlives_the_server_and_a_rebuild_of_read_models() {
    let mut app = TestApp::start();
    app.set(MODEL, json!("opus")).await;
    app.set("processes.max_retries", json!(7)).await;
    app.stop().await;
    {
        use callboard_actors::journal::{Home, JournalSettings, rebuild};
        let home = Home::open(&app.home(), None).unwrap();
        rebuild(&home, &JournalSettings::default(), &callboard_actors::system::rebuild_tables())
            .unwrap();
    }
    app.start_again();
    let id = app.spawn("after a restart").await;
    let row = app.wait_for(&id, "COMPLETED").await;
    assert_eq!((&row["model"], &row["max_retries"]), (&json!("opus"), &json!(7)));
}

#[tokio::test]
async fn what_cannot_work_is_refused_as_the_file_would_be_and_changes_nothing() {
    let app = TestApp::start();
    let before = app.get("/config").await;
    let refused: &[(&str, Value, u16, &str)] = &[
        (
            "http.lisen",
            json!("127.0.0.1:1"),
            422,
            "http.lisen: this is no setting; did you mean `http.listen`?",
        ),
        (
            "http.listen",
            json!("8000"),
            422,
            "http.listen: invalid socket address syntax; write ADDRESS:PORT, such as 127.0.0.1:8000",
        ),
        (
            "http.listen",
            json!("0.0.0.0:8000"),
            422,
            "http.listen: 0.0.0.0:8000 can be reached from other machines; listen on 127.0.0.1, or set http.allow_non_loopback = true if that is meant",
        ),
        (
            "processes.default_runtime",
            json!("antropic"),
            422,
            "processes.default_runtime: there is no runtime `antropic`; did you mean `anthropic`?",
        ),
        (
            "processes.max_retries",
            json!("many"),
            422,
            "processes.max_retries: invalid type: string \"many\", expected a whole number, zero or more",
        ),
        ("processes.timeout_s", json!(0), 422, "a whole number above zero"),
        (
            "log.level",
            json!("inof"),
            422,
            "log.level: `inof` is no log level; did you mean `info`?",
        ),
        ("models.prices.mine", json!({ "input": 1 }), 422, "lacks its `output`"),
        ("processes", json!({ "max_retries": 1 }), 422, "this is a section"),
        ("processes.default_model", json!(null), 422, "to unset"),
        ("home", json!("/elsewhere"), 422, "home: this decides where settings are kept"),
        ("runtimes.replay.base_url", json!("http://a"), 422, "which has no `base_url`"),
        ("a%20b", json!(1), 400, "no name of a setting"),
    ];
    for (key, value, status, words) in refused {
        is_problem(&app.set(key, value.clone()).await, *status, &[words]);
    }
    is_problem(&app.get("/config/procesess.default_model").await, 404, &["did you mean"]);
    for body in ["{}", r#"{"value": 1, "text": "1"}"#] {
        let request = app.ask(Method::PUT, "/config/processes.max_retries").body(body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 422);
    }
    assert!(app.get("/config").await == before, "something has changed");
    assert_eq!(app.said("claude.system.config_change").await, [""; 0]);
}

#[tokio::test]
async fn a_text_is_read_as_what_the_setting_needs() {
    let app = TestApp::start();
    for (key, text, value) in [
        ("processes.max_retries", "5", json!(5)),
        (MODEL, "4", json!("4")),
        (
            "models.prices.mine",
            "{ input = 3.0, output = 15 }",
            json!({ "input": 3.0, "output": 15.0 }),
        ),
        ("http.allowed_origins", "[\"http://localhost:3000\"]", json!(["http://localhost:3000"])),
    ] {
        let request =
            app.ask(Method::PUT, &format!("/config/{key}")).json(&json!({ "text": text }));
        let shown: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(shown["value"], value, "{shown}");
    }
}

#[tokio::test]
async fn what_needs_a_restart_says_so_and_counts_after_it() {
    let mut app = TestApp::start();
    let (_, shown) = app.set("http.max_body_bytes", json!(300)).await;
    assert_eq!(
        (&shown["takes_effect"], &shown["pending_restart"]),
        (&json!("restart"), &json!(true))
    );
    let long = json!({ "prompt": "x".repeat(400) });
    assert_eq!(app.post("/spawn", long.clone()).await.0, StatusCode::ACCEPTED);
    app.restart().await;
    assert_eq!(app.post("/spawn", long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(app.get("/config/http.max_body_bytes").await.1["pending_restart"].is_null());
}

#[tokio::test]
async fn who_changes_something_older_than_what_is_there_is_told_so() {
    let app = TestApp::start();
    let etag =
        |response: &reqwest::Response| response.headers()["etag"].to_str().unwrap().to_owned();
    let path = format!("/config/{MODEL}");
    let seen = etag(&app.ask(Method::GET, &path).send().await.unwrap());
    let put = |tag: String, value: &str| {
        let request = app.ask(Method::PUT, &path).header("If-Match", tag);
        request.json(&json!({ "value": value })).send()
    };
    let first = put(seen.clone(), "opus").await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let second = put(seen.clone(), "haiku").await.unwrap();
    assert_eq!(second.status(), StatusCode::PRECONDITION_FAILED);
    let delete = app.ask(Method::DELETE, &path).header("If-Match", seen).send().await.unwrap();
    assert_eq!(delete.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(app.get(&path).await.1["value"], "opus");
    assert_eq!(put(etag(&first), "haiku").await.unwrap().status(), StatusCode::OK);
    assert_eq!(put("*".into(), "sonnet").await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn many_who_change_the_same_from_the_same_state_are_one_who_succeeds() {
    let app = TestApp::start();
    let path = format!("/config/{MODEL}");
    let seen = app.ask(Method::GET, &path).send().await.unwrap();
    let seen = seen.headers()["etag"].clone();
    let puts = (0..20).map(|number| {
        let request = app.ask(Method::PUT, &path).header("If-Match", seen.clone());
        request.json(&json!({ "value": format!("m{number}") })).send()
    });
    let answers = futures::future::join_all(puts).await;
    let won = answers.iter().filter(|a| a.as_ref().unwrap().status() == StatusCode::OK).count();
    assert_eq!(won, 1);
    assert_eq!(app.said("claude.system.config_change").await.len(), 1);
}

#[tokio::test]
async fn more_room_on_a_runtime_lets_in_at_once_who_waits_for_it() {
    let app = TestApp::with(|settings| {
        settings.runtimes.get_mut("replay").unwrap().concurrency = 1.try_into().unwrap();
    });
    let busy = app.spawn("wait for ever").await;
    app.wait_for(&busy, "RUNNING").await;
    let next = app.spawn("next").await;
    assert_eq!(app.get(&format!("/processes/{next}")).await.1["status"], "PENDING");
    app.set("runtimes.replay.concurrency", json!(2)).await;
    app.wait_for(&next, "COMPLETED").await;
}

#[tokio::test]
async fn a_runtime_may_be_added_and_taken_away_while_everything_runs() {
    let app = TestApp::start();
    let body = json!({ "prompt": "x", "runtime": "second" });
    assert_eq!(app.post("/spawn", body.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, shown) = app.set("runtimes.second.kind", json!("replay")).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    let id = app.spawn_with(body.clone()).await;
    app.wait_for(&id, "COMPLETED").await;
    app.set("processes.default_runtime", json!("second")).await;
    // It is needed by another setting: taking it away would make that one wrong.
    is_problem(&app.unset("runtimes.second.kind").await, 422, &["there is no runtime `second`"]);
    app.unset("processes.default_runtime").await;
    assert_eq!(app.unset("runtimes.second.kind").await.0, StatusCode::OK);
    assert_eq!(app.post("/spawn", body).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_stored_setting_that_does_not_fit_any_more_is_left_out_and_told() {
    let mut app = TestApp::with(|settings| {
        let replay = settings.runtimes["replay"].clone();
        settings.runtimes.insert("extra".into(), replay);
    });
    app.set("processes.default_runtime", json!("extra")).await;
    app.set("processes.max_retries", json!(9)).await;
    app.restart_with(|settings| drop(settings.runtimes.remove("extra"))).await;
    let (status, health) = app.get("/health").await;
    assert_eq!((status, &health["status"]), (StatusCode::OK, &json!("healthy")));
    let warnings = health["warnings"].to_string();
    assert!(warnings.contains("processes.default_runtime"), "{warnings}");
    let id = app.spawn("all the same").await;
    let row = app.wait_for(&id, "COMPLETED").await;
    assert_eq!((&row["runtime"], &row["max_retries"]), (&json!("replay"), &json!(9)));
    until("the warning's message", || async {
        let said = app.said("claude.system.error").await;
        said.iter().any(|data| data["about"] == "processes.default_runtime").then_some(())
    })
    .await;
}
