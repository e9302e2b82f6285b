//! What stands in a schedule's way, and how one hears of it.

use super::{app, hello, make, reach, verb};
use crate::support::Client;
use serde_json::{Value, json};

/// What `/health` warns of a schedule.
async fn warned(client: &Client, id: &str) -> Option<String> {
    let (_, health) = client.get("/health").await;
    let about = format!("schedule/{id}");
    let warnings = health["warnings"].as_array().cloned().unwrap_or_default();
    let warning = warnings.into_iter().find(|warning| warning["about"] == *about)?;
    Some(warning["error"].as_str().unwrap().to_owned())
}

async fn why(client: &Client, id: &str) -> Value {
    client.get(&format!("/why/{id}")).await.1
}

#[tokio::test]
async fn what_cannot_be_started_any_more_is_told_until_it_can() {
    let mut app = app();
    make(&app, "it", json!({ "workflow": { "type": "count", "params": { "by": 1 } } })).await;
    let file = app.home().parent().unwrap().join("workflows/count.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("name: count", "name: counter")).unwrap();
    std::fs::rename(&file, file.with_file_name("counter.yaml")).unwrap();
    app.stop().await;
    app.start_again();
    verb(&app, "it", "run").await;
    let failed = reach(&app, "it", |it| it["failing"] == 1).await;
    assert_eq!(failed["status"], "active", "its next times come");
    let warning = warned(&app, "it").await.unwrap();
    assert!(
        warning.contains("no definition \"count\"") && warning.contains("callboard why it"),
        "{warning}"
    );
    let told = why(&app, "it").await;
    assert_eq!(told["situation"], "failing", "{told}");
    assert!(told["because"][0].as_str().unwrap().contains("no definition"), "{told}");
    // Also after a restart: it stands in its row.
    app.stop().await;
    std::fs::write(&file, text).unwrap();
    app.start_again();
    assert!(warned(&app, "it").await.is_some());
    verb(&app, "it", "run").await;
    reach(&app, "it", |it| it["failing"] == 0 && it["started"] == 1).await;
    assert_eq!(warned(&app, "it").await, None);
    assert_eq!(why(&app, "it").await["situation"], "waiting");
}

#[tokio::test]
async fn while_processes_are_suspended_it_waits_and_says_so() {
    let app = app();
    make(&app, "it", hello()).await;
    app.post("/actors/processes/suspend", json!({})).await;
    verb(&app, "it", "run").await;
    let told = why(&app, "it").await;
    assert_eq!(told["situation"], "starting", "{told}");
    assert!(told["because"].to_string().contains("/processes is held by api"), "{told}");
    assert!(told["commands"].to_string().contains("callboard operate resume /processes"), "{told}");
    let again = verb(&app, "it", "run").await;
    crate::support::is_problem(&again, 409, &["ask again when that is done"]);
    app.post("/actors/processes/resume", json!({})).await;
    reach(&app, "it", |it| it["started"] == 1).await;
}

#[tokio::test]
async fn while_the_former_runs_no_other_is_started_where_that_was_wanted() {
    let app = app();
    let body = json!({ "overlap": "skip", "process": { "prompt": "for ever" } });
    make(&app, "it", body).await;
    verb(&app, "it", "run").await;
    let first = reach(&app, "it", |it| it["started"] == 1).await;
    let process = first["recent"][0]["came"]["process_id"].as_str().unwrap().to_owned();
    verb(&app, "it", "run").await;
    let second =
        reach(&app, "it", |it| it["recent"][0]["n"] == 2 && !it["recent"][0]["came"].is_null());
    let second = second.await;
    assert_eq!(second["recent"][0]["came"], json!({ "how": "overlapped", "process_id": process }));
    app.post(&format!("/processes/{process}/cancel"), json!({})).await;
    app.wait_for(&process, "CANCELLED").await;
    verb(&app, "it", "run").await;
    reach(&app, "it", |it| it["started"] == 2).await;
}

#[tokio::test]
async fn it_is_an_actor_like_the_others() {
    let app = app();
    make(&app, "it", hello()).await;
    let (status, _) = app.post("/actors/schedules/it/suspend", json!({})).await;
    assert_eq!(status.as_u16(), 202);
    let told = why(&app, "it").await;
    assert_eq!(told["situation"], "suspended", "{told}");
    assert!(told["commands"].to_string().contains("callboard operate resume /schedules/it"));
    crate::support::is_problem(&verb(&app, "it", "run").await, 409, &["keeps this entity"]);
    app.post("/actors/schedules/it/resume", json!({})).await;
    verb(&app, "it", "run").await;
    reach(&app, "it", |it| it["started"] == 1).await;
    let (_, tree) = app.get("/actors/schedules").await;
    assert!(tree.to_string().contains("/schedules/it"), "{tree}");
}
