//! Several commands of one answer on one budget; and all that a program said, where the model is told only a part.

use super::kit::{Lab, rules_with};
use reqwest::StatusCode;
use serde_json::{Value, json};

fn sleep(seconds: &str) -> (&'static str, Value) {
    ("run_command", json!({ "program": "/bin/sleep", "arguments": [seconds] }))
}

#[actix_web::test]
async fn commands_at_once_share_a_budget_and_only_what_was_used_is_used() {
    // Each would hold 120 seconds, if there were so many.
    let mut rules: Value = serde_json::from_str(&rules_with(&["/bin/sleep *"])).unwrap();
    rules["profiles"]["coder"]["budgets"] = json!({ "command_seconds": 30 });
    let calls = [sleep("0.1"), sleep("0.2"), sleep("0.3")];
    let lab = Lab::open(Some(&rules.to_string()), "coder", &calls).await;
    for result in lab.results().await {
        assert_eq!(result["content"]["exit_code"], 0, "{result}");
    }
    let audit = lab.audit().await;
    let millis: u64 = audit.iter().map(|row| row["millis"].as_u64().unwrap()).sum();
    assert!(audit.len() == 3 && (600..30_000).contains(&millis), "{audit:#?}");
}

#[actix_web::test]
async fn a_command_takes_no_more_than_its_budget_has() {
    let mut rules: Value = serde_json::from_str(&rules_with(&["/bin/sleep *"])).unwrap();
    rules["profiles"]["coder"]["budgets"] = json!({ "command_seconds": 1 });
    let calls = [sleep("31.9"), sleep("32.9")];
    let lab = Lab::open(Some(&rules.to_string()), "coder", &calls).await;
    let results = lab.results().await;
    let stopped: Vec<_> =
        results.iter().filter(|one| one["content"]["stopped"].is_string()).collect();
    let refused: Vec<_> = results.iter().filter(|one| one["is_error"] == true).collect();
    assert_eq!((stopped.len(), refused.len()), (1, 1), "{results:#?}");
    assert_eq!(stopped[0]["content"]["stopped"], "it ran longer than 1 s");
    assert!(refused[0]["content"].as_str().unwrap().contains("they are used up"), "{results:#?}");
}

#[actix_web::test]
async fn all_that_a_program_said_is_kept_where_the_model_is_told_a_part() {
    let line = ("run_command", json!({ "program": "/usr/bin/seq", "arguments": ["30000"] }));
    let short = ("run_command", json!({ "program": "/usr/bin/seq", "arguments": ["3"] }));
    let lab = Lab::open(Some(&rules_with(&["/usr/bin/seq *"])), "coder", &[line, short]).await;
    let results = lab.results().await;
    let came = &results[0]["content"];
    assert!(came["stdout"].as_str().unwrap().contains("bytes are left out"), "{came}");
    let at = came["stdout_whole"].as_str().unwrap_or_else(|| panic!("{came}"));
    let answer = lab.server.ask(reqwest::Method::GET, at).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let mut all: Vec<_> = (1..=30_000).map(|n| n.to_string()).collect();
    all.push(String::new());
    assert!(answer.text().await.unwrap() == all.join("\n"), "it is not what was said");
    assert!(results[1]["content"].get("stdout_whole").is_none(), "{}", results[1]);
    let (status, said) = lab.server.get(&at.replace("stdout", "stderr")).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{said}");
}

#[actix_web::test]
async fn it_is_said_by_thing_what_the_kernel_holds() {
    let lab = Lab::open(None, "coder", &[("current_time", json!({}))]).await;
    let (_, rules) = lab.server.get("/rules").await;
    let kernel = &rules["kernel"];
    for thing in ["files", "attributes", "network", "ports", "hosts", "processes"] {
        assert!(["enforced", "checked"].iter().any(|word| kernel[thing] == *word), "{kernel}");
    }
    let (_, health) = lab.server.get("/health").await;
    assert_eq!(health["checks"]["rules"]["kernel"], *kernel, "{health}");
    let (_, tree) = lab.server.get("/actors").await;
    assert_eq!(tree["kernel"], *kernel);
    let is_whole = kernel
        .as_object()
        .unwrap()
        .iter()
        .all(|(thing, hold)| thing == "tools" || *hold != "checked");
    assert_eq!(health["checks"]["rules"]["detail"].is_null(), is_whole, "{health}");
}
