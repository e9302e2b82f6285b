//! `/schedules`: what is answered.

use super::{app, hello, make, reach, send, verb};
use crate::support::is_problem;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_schedule_is_made_looked_at_changed_steered_and_ended() {
    let app = app();
    let body = json!({ "cron": "0 3 * * *", "zone": "Europe/Berlin", "missed": "all" });
    let mut all = body.as_object().unwrap().clone();
    all.extend(hello().as_object().unwrap().clone());
    let made = make(&app, "nightly", Value::Object(all)).await;
    assert_eq!((&made["schedule_id"], &made["status"]), (&json!("nightly"), &json!("active")));
    let next: Vec<_> =
        made["next"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(next.len(), 5);
    assert!(next.iter().all(|time| time.contains("T01:00:00") || time.contains("T02:00:00")));

    let (_, shown) = app.get("/schedules/nightly").await;
    assert_eq!(shown["timing"], json!({ "cron": "0 3 * * *", "zone": "Europe/Berlin" }));
    assert_eq!(shown["spec"]["start"], hello());
    assert_eq!((&shown["next"], &shown["recent"]), (&made["next"], &json!([])));
    let (_, list) = app.get("/schedules?status=active&limit=1").await;
    assert_eq!(list["items"][0]["starts"], json!("process: hello"));
    is_problem(&app.get("/schedules?status=asleep").await, 400, &["active, paused, failed"]);

    let (status, paused) = verb(&app, "nightly", "pause").await;
    assert_eq!((status.as_u16(), &paused["status"]), (202, &json!("paused")));
    assert_eq!(app.get("/schedules/nightly").await.1["paused_by"], json!("api"));
    assert_eq!(verb(&app, "nightly", "resume").await.1["status"], json!("active"));

    let other = json!({ "cron": "@hourly", "process": { "prompt": "hello again" } });
    let (status, changed) = send(&app, Method::PUT, "/schedules/nightly", other).await;
    assert_eq!(status.as_u16(), 200, "{changed}");
    assert!(changed["next"][0].as_str().unwrap().ends_with(":00:00.000Z"));

    assert_eq!(verb(&app, "nightly", "run").await.0.as_u16(), 202);
    let ran = reach(&app, "nightly", |it| it["recent"][0]["came"]["how"] == "started").await;
    let process = ran["recent"][0]["came"]["process_id"].as_str().unwrap();
    app.wait_for(process, "COMPLETED").await;

    let (status, ended) = send(&app, Method::DELETE, "/schedules/nightly", json!(null)).await;
    assert_eq!((status.as_u16(), &ended["status"]), (200, &json!("ended")));
    is_problem(&verb(&app, "nightly", "run").await, 409, &["ended", "create it anew"]);
    make(&app, "nightly", hello()).await;
    is_problem(&app.get("/schedules/other").await, 404, &["no schedule other"]);
    is_problem(&verb(&app, "other", "run").await, 404, &["no schedule other"]);
}

#[tokio::test]
async fn what_comes_again_with_its_key_is_the_same_and_with_its_name_is_refused() {
    let app = app();
    let post = async |key: &str, body: &Value| {
        let request = app.ask(Method::POST, "/schedules").header("Idempotency-Key", key);
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status();
        (status, answer.json::<Value>().await.unwrap())
    };
    let soon = json!({ "in": "1h", "process": { "prompt": "hello" } });
    let (status, first) = post("k", &soon).await;
    assert_eq!(status.as_u16(), 201, "{first}");
    assert_eq!(post("k", &soon).await, (status, first.clone()), "not an hour from now on");
    let other = json!({ "in": "2h", "process": { "prompt": "hello" } });
    is_problem(&post("k", &other).await, 422, &["Idempotency-Key"]);
    let id = first["schedule_id"].as_str().unwrap();
    let named = json!({ "schedule_id": id, "in": "2h", "process": { "prompt": "hello" } });
    is_problem(&app.post("/schedules", named).await, 409, &["exists already"]);
    assert_eq!(app.get("/schedules").await.1["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_could_not_be_started_is_refused_at_once_with_what_to_do() {
    let app = app();
    let cases = [
        (json!({ "cron": "0 25 * * *", "process": { "prompt": "x" } }), "cron: failed to read"),
        (
            json!({ "cron": "@daily", "zone": "Berlin", "process": { "prompt": "x" } }),
            "did you mean",
        ),
        (json!({ "in": "soon", "process": { "prompt": "x" } }), "write it like 90s"),
        (json!({ "at": "tomorrow", "process": { "prompt": "x" } }), "2026-12-01T09:00:00Z"),
        (json!({ "at": "2020-01-01T00:00:00Z", "process": { "prompt": "x" } }), "no time is left"),
        (json!({ "process": { "prompt": "x" } }), "say when"),
        (
            json!({ "in": "9s", "at": "2030-01-01T00:00:00Z", "process": { "prompt": "x" } }),
            "say when",
        ),
        (
            json!({ "in": "9s", "zone": "UTC", "process": { "prompt": "x" } }),
            "zone belongs to cron",
        ),
        (json!({ "in": "9s" }), "say what is started"),
        (json!({ "in": "9s", "process": {} }), "give either a prompt or a template"),
        (json!({ "in": "9s", "process": { "prompt": "x", "runtime": "nowhere" } }), "nowhere"),
        (json!({ "in": "9s", "process": { "promt": "x" } }), "promt"),
        (json!({ "in": "9s", "workflow": { "type": "cuont" } }), "did you mean \"count\""),
        (json!({ "in": "9s", "workflow": { "type": "count", "params": { "by": "x" } } }), "by"),
        (
            json!({ "in": "9s", "workflow": { "type": "count", "params": { "by": 1 }, "workflow_id": "w" } }),
            "use run",
        ),
        (json!({ "in": "9s", "run": { "workflow_id": "nobody" } }), "no workflow nobody"),
        (
            json!({ "in": "9s", "run": { "workflow_id": "nobody" }, "overlap": "skip" }),
            "on_running",
        ),
        (json!({ "in": "9s", "tolerance_s": 1, "process": { "prompt": "x" } }), "5 to 604800"),
        (json!({ "in": "9s", "missed": "never", "process": { "prompt": "x" } }), "never"),
        (json!({ "in": "9s", "every": "9s", "process": { "prompt": "x" } }), "every"),
    ];
    for (body, word) in cases {
        let answer = app.post("/schedules", body.clone()).await;
        is_problem(&answer, 422, &[word]);
    }
    let large = json!({ "in": "9s", "process": { "prompt": "x".repeat(10_001) } });
    is_problem(&app.post("/schedules", large).await, 413, &["10000"]);
    assert_eq!(app.get("/schedules").await.1["items"], json!([]), "nothing was left behind");
}

#[tokio::test]
async fn a_workflow_and_further_runs_of_it_are_started() {
    let app = app();
    let start = json!({ "in": "1s", "workflow": { "type": "count", "params": { "by": 2 } } });
    make(&app, "once", start).await;
    let ended = reach(&app, "once", |it| it["status"] == "ended").await;
    let id = ended["recent"][0]["came"]["workflow_id"].as_str().unwrap().to_owned();
    let done = |n: i64| {
        let (app, path) = (&app, format!("/workflows/{id}"));
        async move {
            crate::support::until("the run's end", || async {
                let (_, workflow) = app.get(&path).await;
                (workflow["status"] == "completed" && workflow["output"]["n"] == n)
                    .then_some(workflow)
            })
            .await
        }
    };
    done(2).await;
    let again =
        json!({ "run": { "workflow_id": id, "params": { "by": 5 }, "on_running": "enqueue" } });
    make(&app, "again", again).await;
    verb(&app, "again", "run").await;
    assert_eq!(done(7).await["run"], json!(2));
    let said = app.said("claude.schedule.fired").await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.iter().all(|fired| fired["workflow_id"] == *id));
}
