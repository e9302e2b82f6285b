//! How the output of programs is read, by the rules of their runtimes.

use super::house::House;
use serde_json::json;
use std::fs;

const TURN: &str = r#"{"type":"thread.started","thread_id":"t-1"}
{"type":"item.completed","item":{"type":"reasoning","text":"hm"}}
{"type":"item.completed","item":{"type":"agent_message","text":"Hello from a program."}}
no JSON at all
{"type":"turn.completed","usage":{"input_tokens":24,"output_tokens":7}}
"#;

const FAILED: &str = r#"{"type":"thread.started","thread_id":"t-1"}
{"type":"turn.failed","error":{"message":"401: no key"}}
"#;

#[tokio::test]
async fn lines_of_json_give_the_answer_what_it_took_and_the_conversation() {
    let house = House::new();
    fs::write(house.path().join("lines"), TURN).unwrap();
    let server = house.serve().await;
    let body = json!({ "prompt": "go", "runtime": "codex", "model": "0", "session_id": "talk" });
    let process = server.spawn_with(body.clone()).await;
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!(server.content(&process).await, "Hello from a program.");
    assert_eq!(
        (&row["metrics"]["tokens_in"], &row["metrics"]["tokens_out"]),
        (&json!(24), &json!(7))
    );
    assert_eq!(house.file(&process, 1, "stdout"), TURN);
    assert_eq!(house.file(&process, 1, "words"), "Hello from a program.");
    assert_eq!(house.last_arguments(), "json 0", "what is empty is left out");
    let process = server.spawn_with(body).await;
    server.wait_for(&process, "COMPLETED").await;
    assert_eq!(house.last_arguments(), "json 0 resume t-1");
    for (runtime, answer) in [("last", TURN.lines().last().unwrap()), ("pointer", "7")] {
        let process = server.spawn(runtime).await;
        server.wait_for(&process, "COMPLETED").await;
        assert_eq!(server.content(&process).await, answer);
    }
    server.terminate().await;
}

#[tokio::test]
async fn standing_instructions_go_where_the_template_has_them_else_before_the_prompt() {
    let house = House::new();
    let server = house.serve().await;
    let said = async |runtime: &str, system: &str| {
        let body = json!({ "prompt": "go", "runtime": runtime, "system": system });
        let process = server.spawn_with(body).await;
        server.wait_for(&process, "COMPLETED").await;
        server.content(&process).await
    };
    let placed = said("placed", "Be brief.").await;
    let (system, rest) = placed.trim().split_once(' ').unwrap().0.split_once('=').unwrap();
    assert_eq!((system, rest), ("--system", "Be"), "{placed}");
    let words: Vec<&str> = placed.split_whitespace().collect();
    let [_, "brief.", file, "go"] = words[..] else { panic!("{placed}") };
    assert_eq!(fs::read_to_string(file).unwrap(), "Be brief.");
    assert_eq!(said("placed", "").await.trim(), "go");
    let unplaced = said("unplaced", "Be brief.").await;
    assert_eq!(unplaced.trim(), "<instructions>\nBe brief.\n</instructions>\n\ngo");
    assert_eq!(said("unplaced", "").await.trim(), "go");
    server.terminate().await;
}

#[tokio::test]
async fn an_error_is_told_in_the_words_of_the_program_and_judged_by_its_rules() {
    let house = House::new();
    let server = house.serve().await;
    let ask = async |lines: &str, code: &str| {
        fs::write(house.path().join("lines"), lines).unwrap();
        let body = json!({ "prompt": "go", "runtime": "codex", "model": code, "max_retries": 1 });
        let process = server.spawn_with(body).await;
        let row = server.wait_for(&process, "DEAD").await;
        (row["error"].as_str().unwrap().to_owned(), row["attempt"].as_u64().unwrap())
    };
    let (error, attempts) = ask(FAILED, "1").await;
    assert!(error.ends_with("ended with exit code 1: 401: no key"), "{error}");
    assert_eq!(attempts, 1, "its words are final");
    let (error, attempts) = ask(TURN, "2").await;
    assert!(error.ends_with("ended with exit code 2: it did not say why"), "{error}");
    assert_eq!(attempts, 1, "its code is final");
    let (error, attempts) = ask("{}\n", "0").await;
    assert!(error.contains("ended without an answer"), "{error}");
    assert_eq!(attempts, 2, "that may pass");
    server.terminate().await;
}
