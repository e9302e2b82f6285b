//! `/processes` and `/sessions`: lists, answers, output, cancel and retry in every state.

use crate::support::{TestApp, is_problem};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pages_show_every_process_once_newest_first_while_others_come() {
    let app = TestApp::start();
    let mut spawned = Vec::new();
    for number in 0..25 {
        spawned.push(app.spawn(&format!("number {number}")).await);
    }
    spawned.reverse();
    let mut seen = Vec::new();
    let mut path = "/processes?limit=4".to_owned();
    loop {
        let (_, page) = app.get(&path).await;
        seen.extend(ids(&page));
        app.spawn("a newcomer").await;
        match page["next"].as_i64() {
            Some(next) => path = format!("/processes?limit=4&before={next}"),
            None => break,
        }
    }
    assert_eq!(seen, spawned);
}

#[tokio::test]
async fn lists_are_filtered_by_what_they_show() {
    let app = TestApp::start();
    let ada = app.spawn_with(json!({ "prompt": "a", "agent_id": "ada", "session_id": "s1" })).await;
    let bob = app
        .spawn_with(json!({ "prompt": "hopeless", "agent_id": "bob", "workflow_id": "w" }))
        .await;
    app.wait_for(&ada, "COMPLETED").await;
    app.wait_for(&bob, "DEAD").await;
    let wanted = [
        ("agent_id=ada", vec![&ada]),
        ("agent_id=nobody", vec![]),
        ("session_id=s1", vec![&ada]),
        ("workflow_id=w", vec![&bob]),
        ("status=DEAD", vec![&bob]),
        ("status=dead", vec![&bob]),
        ("status=COMPLETED&agent_id=bob", vec![]),
        ("runtime=replay", vec![&bob, &ada]),
        ("agent_id=ada'%20OR%201=1--", vec![]),
    ];
    for (filter, expected) in wanted {
        let (status, page) = app.get(&format!("/processes?{filter}")).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(ids(&page).iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    for (query, word) in [
        ("status=SLEEPING", "PENDING"),
        ("limit=0", "1 to 1000"),
        ("limit=1001", "1 to 1000"),
        ("limit=x", "whole number"),
        ("before=x", "whole number"),
        ("colour=red", "colour"),
    ] {
        is_problem(&app.get(&format!("/processes?{query}")).await, 400, &[word]);
    }
}

#[tokio::test]
async fn cancel_and_retry_do_what_each_state_allows() {
    let app = TestApp::with(|settings| {
        settings.runtimes.get_mut("replay").unwrap().concurrency = 1.try_into().unwrap();
    });
    let order = |prompt: &str| json!({ "prompt": prompt, "max_retries": 5 });
    let running = app.spawn_with(order("for ever")).await;
    app.wait_for(&running, "RUNNING").await;
    let pending = app.spawn_with(order("waits")).await;
    let (_, row) = app.get(&format!("/processes/{pending}")).await;
    assert_eq!(row["status"], "PENDING");

    let refuses = async |id: &str, verb: &str, state: &str| {
        is_problem(&app.post(&format!("/processes/{id}/{verb}"), json!({})).await, 409, &[state]);
    };
    let does = async |id: &str, verb: &str| {
        let (status, row) = app.post(&format!("/processes/{id}/{verb}"), json!({})).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{row}");
    };
    for (id, state) in [(&running, "RUNNING"), (&pending, "PENDING")] {
        refuses(id, "retry", state).await;
    }
    is_problem(
        &app.get(&format!("/processes/{running}/response")).await,
        409,
        &["RUNNING", "no answer"],
    );
    for id in [&pending, &running] {
        does(id, "cancel").await;
        app.wait_for(id, "CANCELLED").await;
        does(id, "cancel").await;
        refuses(id, "retry", "CANCELLED").await;
    }
    let completed = app.spawn_with(order("fine")).await;
    app.wait_for(&completed, "COMPLETED").await;
    refuses(&completed, "cancel", "COMPLETED").await;
    refuses(&completed, "retry", "COMPLETED").await;
    let retrying = app.spawn_with(order("later")).await;
    app.wait_for(&retrying, "RETRY").await;
    refuses(&retrying, "retry", "RETRY").await;
    does(&retrying, "cancel").await;
    app.wait_for(&retrying, "CANCELLED").await;
    let dead = app.spawn_with(order("hopeless")).await;
    let row = app.wait_for(&dead, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("the script says no"), "{row}");
    refuses(&dead, "cancel", "DEAD").await;
    is_problem(
        &app.get(&format!("/processes/{dead}/response")).await,
        409,
        &["DEAD", "the script says no"],
    );
    does(&dead, "retry").await;
    let row = app.wait_for(&dead, "DEAD").await;
    assert_eq!(row["attempt"], 2, "a redrive is a new attempt: {row}");
}

#[tokio::test]
async fn output_is_read_from_any_byte() {
    let app = TestApp::start();
    let id = app.spawn("letters").await;
    app.wait_for(&id, "COMPLETED").await;
    let whole = "aäß€𝄞z";
    let count = whole.len();
    for offset in 0..=count + 2 {
        let (_, chunk) = app.get(&format!("/processes/{id}/output?offset={offset}")).await;
        let from = (offset.min(count)..=count).find(|at| whole.is_char_boundary(*at)).unwrap();
        assert_eq!(chunk["data"], whole[from..], "from {offset}");
        assert_eq!((&chunk["is_over"], &chunk["status"]), (&json!(true), &json!("COMPLETED")));
        assert_eq!(chunk["next_offset"], offset.max(count), "from {offset}");
    }
    let (status, chunk) = app.get(&format!("/processes/{id}/output?offset={}", u64::MAX)).await;
    assert_eq!((status, &chunk["data"]), (StatusCode::OK, &json!("")));
    let (_, chunk) = app.get(&format!("/processes/{id}/output?attempt=9")).await;
    assert_eq!((&chunk["data"], &chunk["is_over"]), (&json!(""), &json!(true)));
    for query in ["offset=-1", "offset=x", "wait_s=31", "attempt=-1"] {
        is_problem(&app.get(&format!("/processes/{id}/output?{query}")).await, 400, &[]);
    }
    is_problem(&app.get("/processes/nobody/output").await, 404, &["nobody"]);
}

#[tokio::test]
async fn output_waits_for_more_and_gives_all_of_it_once() {
    let app = TestApp::start();
    let id = app.spawn("drip").await;
    let (mut text, mut offset, mut pieces) = (String::new(), 0, 0);
    loop {
        let (_, chunk) =
            app.get(&format!("/processes/{id}/output?offset={offset}&wait_s=10")).await;
        text.push_str(chunk["data"].as_str().unwrap());
        offset = chunk["next_offset"].as_u64().unwrap();
        pieces += 1;
        if chunk["is_over"] == true {
            break;
        }
    }
    assert_eq!(text, "drop by drop the answer comes and comes and never hurries");
    assert!(pieces > 3, "it came live, not at the end: {pieces}");
}

#[tokio::test]
async fn a_session_has_its_turns_in_order() {
    let app = TestApp::start();
    let mut spawned = Vec::new();
    for number in 0..5 {
        spawned.push(
            app.spawn_with(json!({ "prompt": format!("turn {number}"), "session_id": "talk" }))
                .await,
        );
    }
    for id in &spawned {
        app.wait_for(id, "COMPLETED").await;
    }
    let (_, session) = app.get("/sessions/talk").await;
    let prompts: Vec<_> =
        session["turns"].as_array().unwrap().iter().map(|turn| turn["prompt"].clone()).collect();
    let expected: Vec<_> = (0..5).map(|number| json!(format!("turn {number}"))).collect();
    assert_eq!((prompts, &session["next_line"]), (expected, &json!(5)));
    assert_eq!(session["session"]["line_count"], 5, "{session}");
    let (_, page) = app.get("/sessions/talk?after_line=3&limit=1").await;
    assert_eq!((&page["turns"][0]["prompt"], &page["next_line"]), (&json!("turn 3"), &json!(4)));
    for (number, id) in spawned.iter().enumerate() {
        let (_, turn) = app.get(&format!("/processes/{id}/response")).await;
        assert_eq!((&turn["response_line"], &turn["process_id"]), (&json!(number + 1), &json!(id)));
    }
    let (_, page) = app.get("/sessions").await;
    assert_eq!(ids(&page), ["talk"]);
    is_problem(&app.get("/sessions/silence").await, 404, &["silence"]);
    let latest = std::fs::read_link(app.home().join("claude_logs/latest.jsonl")).unwrap();
    assert_eq!(latest.to_str(), Some("talk.jsonl"));
}

#[tokio::test]
async fn orders_under_one_idempotency_key_are_carried_out_once() {
    let app = TestApp::start();
    let id = app.spawn("hopeless").await;
    app.wait_for(&id, "DEAD").await;
    let redrive = async |key: &str| {
        let request = app.ask(reqwest::Method::POST, &format!("/processes/{id}/retry"));
        request.header("Idempotency-Key", key).send().await.unwrap().status()
    };
    for key in ["a", "a", "a", "b", "a"] {
        assert_eq!(redrive(key).await, StatusCode::ACCEPTED, "an honest retry gets its receipt");
        app.wait_for(&id, "DEAD").await;
    }
    let (_, redriven) = app.get("/messages?topic=claude.spawn.redriven").await;
    assert_eq!(redriven["items"].as_array().unwrap().len(), 2, "{redriven}");

    let id = app.spawn("for ever").await;
    let cancel = format!("/processes/{id}/cancel");
    for _ in 0..2 {
        let request = app.ask(reqwest::Method::POST, &cancel).header("Idempotency-Key", "a");
        assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    }
    app.wait_for(&id, "CANCELLED").await;
    let (_, cancels) = app.get(&format!("/messages?stream=process/{id}&limit=100")).await;
    let told = cancels["items"].as_array().unwrap().iter();
    assert_eq!(told.filter(|m| m["event_type"] == "CANCEL").count(), 1, "{cancels}");
}

#[tokio::test]
async fn an_attempt_whose_folder_cannot_be_made_ends_with_the_error_and_can_be_cancelled() {
    let app = TestApp::start();
    let folder = app.home().join("processes");
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    let [failing, cancelled] =
        ["anything", "for ever"].map(|prompt| json!({ "prompt": prompt, "max_retries": 0 }));
    let failing = app.spawn_with(failing).await;
    let cancelled = app.spawn_with(cancelled).await;
    app.wait_for(&cancelled, "STARTING").await;
    app.post(&format!("/processes/{cancelled}/cancel"), json!({})).await;
    let row = app.wait_for(&failing, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("folder"), "{row}");
    app.wait_for(&cancelled, "CANCELLED").await;
}
