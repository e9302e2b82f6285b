//! Limits from outside: the page's own example, followed, asked about, explained, granted and shown.

use super::line::{callboard, say};
use crate::support::{Server, until};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Output;

const PAGE: &str = include_str!("../../../docs/WORKFLOWS.md");

/// What the page's example is answered, and for how much.
const DEAR: &str = "
name: dear estimates
answers:
- match: { prompt_contains: Estimate }
  answer: Rather much.
  usage: { tokens_in: 12, tokens_out: 4 }
  cost_usd: 0.4
";

/// A server that has the page's example.
async fn server(folder: &Path) -> Server {
    let (definitions, replay) = (folder.join("workflows"), folder.join("replay"));
    std::fs::create_dir_all(&definitions).unwrap();
    std::fs::create_dir_all(&replay).unwrap();
    let blocks = PAGE.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next());
    let frugal = blocks.into_iter().find(|block| block.starts_with("name: frugal")).unwrap();
    std::fs::write(definitions.join("frugal.yaml"), frugal).unwrap();
    std::fs::write(replay.join("a-dear.yaml"), DEAR).unwrap();
    let definitions = definitions.to_string_lossy().into_owned();
    let variables = [("CALLBOARD_WORKFLOWS__FOLDER", definitions.as_str())];
    Server::start(folder, &folder.join("home"), &variables).await
}

/// The node that waits for room.
async fn waiting_node(server: &Server) -> String {
    let (_, page) = server.get("/messages?topic=claude.node.started&limit=100").await;
    let (_, budget) = server.get("/messages?topic=claude.workflow.budget&limit=100").await;
    let facts = budget["items"].as_array().unwrap();
    let waits = facts.iter().find(|fact| fact["data"]["fact"] == "waiting").unwrap();
    let path = &waits["data"]["reservation"]["path"];
    let nodes = page["items"].as_array().unwrap();
    let node = nodes.iter().find(|node| node["data"]["path"] == *path).unwrap();
    node["data"]["node_id"].as_str().unwrap().to_owned()
}

/// What it waits for is said by `why` of the node and of the workflow, and by `show`, with the command that answers.
async fn is_explained(folder: &Path, server: &Server, id: &str, interrupt: &str) {
    let grant = format!("callboard workflows answer {id} {interrupt}");
    let node = waiting_node(server).await;
    for what in [node.as_str(), id] {
        let (_, why, _) = say(folder, &["why", what]).await;
        assert!(why.contains("waits for a person") && why.contains(&grant), "{why}");
    }
    let (_, table, _) = say(folder, &["workflows", "show", id]).await;
    assert!(table.contains("0.4 of 0.5 usd spent") && table.contains(&grant), "{table}");
}

#[tokio::test]
async fn the_pages_example_waits_for_a_grant_and_says_so_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = server(folder).await;
    let mut command = callboard(folder, &["run", "frugal", "topic=tea"]);
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let id = until("the question", || async {
        let (_, page) = server.get("/workflows?status=interrupted").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let (_, shown) = server.get(&format!("/workflows/{id}")).await;
    let asked = &shown["interrupts"][0];
    let question = asked["question"].as_str().unwrap();
    assert!(
        question.starts_with(
            "the limit of 0.50 US dollars for run 1 of frugal is reached: 0.40 spent, 0.00 reserved"
        ),
        "{question}"
    );
    assert_eq!(asked["limit"]["asks"], "reservations", "{asked}");
    let line = &shown["budget"][0];
    assert_eq!(
        (&line["limit"]["usd"], &line["spent"]["usd"]),
        (&json!(0.5), &json!(0.4)),
        "{line}"
    );
    assert_eq!((&line["reserved"]["usd"], &line["waiting"]), (&json!(0.0), &json!(1)), "{line}");

    is_explained(folder, &server, &id, asked["interrupt_id"].as_str().unwrap()).await;

    let (code, _, error) =
        say(folder, &["workflows", "answer", &id, r#"{"grant":{"usd":0}}"#]).await;
    assert!(code == Some(5) && error.contains("does not fit"), "{code:?} {error}");
    let answered = say(folder, &["workflows", "answer", &id, r#"{"grant":{"usd":0.5}}"#]).await;
    assert_eq!(answered.0, Some(0), "{answered:?}");
    let Output { status, stdout, stderr } = run.await.unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&stderr));
    for line in [
        "waits: its limits have no room for it now",
        "? the limit of 0.50",
        "ada grants {\"usd\":0.5}",
        "$0.8000",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let (_, done) = server.get(&format!("/workflows/{id}")).await;
    assert_eq!((&done["status"], &done["interrupts"]), (&json!("completed"), &json!([])));
    assert_eq!(done["budget"][0]["granted"], json!({ "usd": 0.5 }));
    let (_, why, _) = say(folder, &["why", &id]).await;
    assert!(why.contains("ada granted more"), "{why}");
}

#[tokio::test]
async fn a_limit_that_lets_nothing_through_is_refused_and_one_that_stops_says_whose_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = server(folder).await;
    let (code, _, error) = say(folder, &["run", "frugal", "topic=tea", "--limit", "usd=0"]).await;
    assert!(code != Some(0) && error.contains("limits.usd is not more than zero"), "{error}");
    let words =
        ["run", "frugal", "topic=tea", "--limit", "usd=0.3", "--limit", "at_limit=stop", "--json"];
    let (code, out, _) = say(folder, &words).await;
    let failed: Value = serde_json::from_str(&out).unwrap();
    assert!(code == Some(1) && failed["status"] == "failed", "{code:?} {failed}");
    let error = failed["error"].as_str().unwrap();
    assert!(
        error.contains("0.30 US dollars for run 1 of frugal") && error.contains("0.40 more"),
        "{error}"
    );
    let (_, asked) = server.get("/processes?limit=10").await;
    assert_eq!(asked["items"], json!([]), "nobody was asked");
    let (_, why, _) = say(folder, &["why", failed["id"].as_str().unwrap()]).await;
    assert!(
        why.contains(
            "grants the run its limits anew, as they are written (0.3 US dollars, 10 turns)"
        ),
        "{why}"
    );
}
