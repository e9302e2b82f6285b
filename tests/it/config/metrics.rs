//! What became of the work: each hour once, also those in which no server ran; totals up to now.

use crate::support::{TestApp, is_problem, until};
use callboard_actors::vocabulary::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

const HOUR: i64 = 3_600_000;

fn now() -> i64 {
    callboard_actors::vocabulary::Clock::system().now().0
}

fn hour(hours_ago: i64) -> Timestamp {
    Timestamp(now() / HOUR * HOUR - hours_ago * HOUR)
}

fn database(app: &TestApp) -> rusqlite::Connection {
    rusqlite::Connection::open(app.home().join("callboard.db")).unwrap()
}

async fn series(app: &TestApp, name: &str) -> Vec<(String, f64, String)> {
    let (_, page) = app.get(&format!("/metrics?name={name}&limit=1000")).await;
    let point = |item: &Value| {
        let text = |field: &str| item[field].as_str().unwrap().to_owned();
        (text("timestamp"), item["value"].as_f64().unwrap(), item["tags"].to_string())
    };
    page["items"].as_array().unwrap().iter().map(point).collect()
}

/// Two answers of one model and a failure of another, moved into the past, as if no server had run since.
async fn past() -> TestApp {
    let mut app = TestApp::start();
    let done = [
        app.spawn_with(json!({ "prompt": "a", "agent_id": "ada" })).await,
        app.spawn_with(json!({ "prompt": "b" })).await,
    ];
    for id in &done {
        app.wait_for(id, "COMPLETED").await;
    }
    let dead = app.spawn_with(json!({ "prompt": "hopeless", "model": "opus" })).await;
    app.wait_for(&dead, "DEAD").await;
    app.stop().await;
    let database = database(&app);
    let put = |id: &str, ended: Timestamp| {
        let sql = "UPDATE processes SET completed_at = ?2, metrics = iif(metrics IS NULL, NULL, ?3) WHERE id = ?1";
        let metrics = r#"{"tokens_in":10,"tokens_out":4,"cost_usd":0.5,"duration_ms":300}"#;
        assert_eq!(database.execute(sql, (id, ended.0, metrics)).unwrap(), 1);
    };
    put(&done[0], Timestamp(hour(9).0 + 5));
    put(&done[1], Timestamp(hour(8).0 - 1));
    put(&dead, hour(7));
    let sql = "UPDATE meta SET value = ? WHERE key = 'summed_until'";
    assert_eq!(database.execute(sql, [hour(30).0.to_string()]).unwrap(), 1);
    drop(database);
    app.start_again();
    app
}

#[tokio::test]
async fn hours_in_which_no_server_ran_are_made_good_once() {
    let mut app = past().await;
    let expected = [
        (hour(9).to_string(), 2.0, r#"{"model":"sonnet","runtime":"replay"}"#.to_owned()),
        (hour(7).to_string(), 1.0, r#"{"model":"opus","runtime":"replay"}"#.to_owned()),
    ];
    until("the hours", || async {
        (series(&app, "process.performance.count").await == expected).then_some(())
    })
    .await;
    let value = async |name: &str| -> Vec<f64> {
        let points = series(&app, &format!("process.performance.{name}")).await;
        points.into_iter().map(|(_, value, _)| value).collect()
    };
    assert_eq!(value("failures").await, [0.0, 1.0]);
    assert_eq!(value("average_duration_ms").await, [300.0, 0.0]);
    assert_eq!(value("tokens_in").await, [20.0, 0.0]);
    assert_eq!(value("cost_usd").await, [1.0, 0.0]);
    let told = app.said("claude.system.metric").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!((&told[0]["hour"], &told[0]["buckets"][0]["count"]), (&json!(hour(9)), &json!(2)));
    for _ in 0..2 {
        app.restart().await;
    }
    // The services start one after another; this one is last, and looks at once.
    until("the services", || async { (app.get("/health").await.0 == 200).then_some(()) }).await;
    assert_eq!(series(&app, "process.performance.count").await, expected);
    assert_eq!(series(&app, "process.performance").await.len(), 12);
    assert_eq!(app.said("claude.system.metric").await.len(), 2);
}

#[tokio::test]
async fn totals_are_of_all_that_ended_up_to_now() {
    let app = past().await;
    until("the hours", || async {
        (series(&app, "process.performance").await.len() == 12).then_some(())
    })
    .await;
    let id = app.spawn_with(json!({ "prompt": "c", "agent_id": "ada" })).await;
    app.wait_for(&id, "COMPLETED").await;
    let totals = async |by: &str| -> Vec<(Value, i64, i64)> {
        let (_, page) = app.get(&format!("/metrics/totals?by={by}")).await;
        let number = |item: &Value, field: &str| item[field].as_i64().unwrap();
        let items = page["items"].as_array().unwrap().iter();
        items
            .map(|item| (item[by].clone(), number(item, "count"), number(item, "failures")))
            .collect()
    };
    assert_eq!(totals("agent").await, [(Value::Null, 2, 1), (json!("ada"), 2, 0)]);
    assert_eq!(totals("model").await, [(json!("opus"), 1, 1), (json!("sonnet"), 3, 0)]);
    assert_eq!(totals("runtime").await, [(json!("replay"), 4, 1)]);
    let days = totals("day").await;
    assert_eq!(days.iter().map(|(_, count, _)| count).sum::<i64>(), 4, "{days:?}");
    let today = Timestamp(now()).to_string()[..10].to_owned();
    assert_eq!(days.last().unwrap().0, json!(today));
    let (_, page) = app.get(&format!("/metrics/totals?by=model&to={}", hour(48))).await;
    assert_eq!(page["items"], json!([]));

    let request = app.ask(Method::GET, "/metrics/prometheus").send().await.unwrap();
    assert!(request.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    let text = request.text().await.unwrap();
    for line in [
        "callboard_processes_by_model_total{model=\"sonnet\"} 3",
        "callboard_process_failures_by_runtime_total{runtime=\"replay\"} 1",
        "# TYPE callboard_processes_open gauge",
        "callboard_warnings 0",
    ] {
        assert!(text.lines().any(|found| found == line), "{line:?} is missing in\n{text}");
    }
    let bare = app.bare(Method::GET, "/metrics/prometheus").send().await.unwrap();
    assert_eq!(bare.status().as_u16(), 401);
}

#[tokio::test]
async fn points_are_found_by_name_span_and_tags_and_go_when_their_time_is_over() {
    let app = past().await;
    until("the hours", || async {
        (series(&app, "process.performance").await.len() == 12).then_some(())
    })
    .await;
    let count = async |query: &str| {
        let (status, page) = app.get(&format!("/metrics?{query}")).await;
        assert_eq!(status, 200, "{page}");
        page["items"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 12);
    assert_eq!(count("name=process.perf").await, 0);
    assert_eq!(count("tags=model:opus").await, 6);
    assert_eq!(count("tags=model:opus,runtime:other").await, 0);
    assert_eq!(count(&format!("from={}", hour(8))).await, 6);
    assert_eq!(count(&format!("to={}", hour(9))).await, 0);
    let (_, page) = app.get("/metrics?limit=8").await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (6, &json!(hour(7))));
    for (query, words) in [("limit=3", "limit"), ("from=monday", "from"), ("tags=model", "tags")] {
        is_problem(&app.get(&format!("/metrics?{query}")).await, 400, &[words]);
    }
    is_problem(&app.get("/metrics/totals?by=mood").await, 400, &["agent, model, runtime or day"]);
}

#[tokio::test]
async fn points_beyond_their_days_go_and_totals_stay() {
    let mut app = past().await;
    until("the hours", || async {
        (series(&app, "process.performance").await.len() == 12).then_some(())
    })
    .await;
    app.stop().await;
    let connection = database(&app);
    let sql = "UPDATE metrics SET timestamp = timestamp - ?";
    connection.execute(sql, [2 * 24 * HOUR]).unwrap();
    let sql = "UPDATE meta SET value = ? WHERE key = 'summed_until'";
    connection.execute(sql, [hour(2).0.to_string()]).unwrap();
    drop(connection);
    app.begin_with(|settings| settings.metrics.keep_days = 1.try_into().unwrap());
    until("their end", || async {
        series(&app, "process.performance").await.is_empty().then_some(())
    })
    .await;
    let (_, page) = app.get("/metrics/totals?by=runtime").await;
    assert_eq!(page["items"][0]["count"], 3);
}
