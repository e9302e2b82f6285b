//! What is removed in the background, and what is not.

use crate::support::{TestApp, is_problem, until};
use serde_json::json;
use std::path::Path;

fn is_gone(path: &Path) -> bool {
    !path.exists()
}

#[tokio::test]
async fn archives_and_debris_go_and_what_is_at_work_stays() {
    let mut app = TestApp::start();
    let prompts = app.home().join("prompts");
    let done = app.spawn("the first").await;
    let twin = app.spawn("the first").await;
    let running = app.spawn("for ever").await;
    let retrying = app.spawn("later").await;
    for id in [&done, &twin] {
        app.wait_for(id, "COMPLETED").await;
        let (archived, queued) =
            (prompts.join(format!("archive/{id}.txt")), prompts.join(format!("queue/{id}.txt")));
        until("the archive", || async { (archived.exists() && !queued.exists()).then_some(()) })
            .await;
        assert_eq!(std::fs::read_to_string(archived).unwrap(), "the first");
    }
    app.wait_for(&running, "RUNNING").await;
    app.wait_for(&retrying, "RETRY").await;
    let debris = [
        "prompts/queue/nobody.txt",
        "prompts/archive/nobody.txt",
        "state/blobs/ab/nothing",
        "processes/nobody",
    ];
    for path in debris {
        let path = app.home().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        if path.ends_with("processes/nobody") {
            std::fs::create_dir(path).unwrap();
        } else {
            std::fs::write(path, "x").unwrap();
        }
    }
    app.restart_with(|settings| {
        settings.cleanup.archive_days = 0;
        settings.cleanup.grace_s = 0;
        settings.cleanup.interval_s = 1.try_into().unwrap();
    })
    .await;
    let goes = debris
        .iter()
        .map(|path| app.home().join(path))
        .chain([&done, &twin].map(|id| prompts.join(format!("archive/{id}.txt"))));
    for path in goes {
        until(&format!("{} to go", path.display()), || async { is_gone(&path).then_some(()) })
            .await;
    }
    // What was said stays, and so does whatever is still at work.
    let (_, turn) = app.get(&format!("/processes/{done}/response")).await;
    assert_eq!(turn["content"], "an answer");
    for id in [&running, &retrying] {
        assert!(prompts.join(format!("queue/{id}.txt")).exists(), "{id} lost its prompt");
        assert!(app.home().join(format!("processes/{id}/1")).exists(), "{id} lost its attempt");
    }
    app.wait_for(&running, "RUNNING").await;
    for id in [&running, &retrying] {
        app.post(&format!("/processes/{id}/cancel"), json!({})).await;
        app.wait_for(id, "CANCELLED").await;
    }
    is_problem(&app.get("/processes/nobody/output").await, 404, &["nobody"]);
}

#[tokio::test]
async fn a_prompt_that_others_share_outlives_their_end() {
    let app = TestApp::with(|settings| {
        settings.cleanup.archive_days = 0;
        settings.cleanup.grace_s = 0;
        settings.cleanup.interval_s = 1.try_into().unwrap();
        settings.runtimes.get_mut("replay").unwrap().concurrency = 1.try_into().unwrap();
    });
    let first = app.spawn("shared").await;
    app.wait_for(&first, "COMPLETED").await;
    let busy = app.spawn("for ever").await;
    app.wait_for(&busy, "RUNNING").await;
    let second = app.spawn("shared").await;
    // Two sweeps come and go while it waits.
    for number in 0..2 {
        let marker = app.home().join(format!("prompts/queue/marker-{number}.txt"));
        std::fs::write(&marker, "x").unwrap();
        until("a sweep", || async { is_gone(&marker).then_some(()) }).await;
    }
    app.post(&format!("/processes/{busy}/cancel"), json!({})).await;
    app.wait_for(&second, "COMPLETED").await;
    let (_, turn) = app.get(&format!("/processes/{second}/response")).await;
    assert_eq!(turn["prompt"], "shared");
}
