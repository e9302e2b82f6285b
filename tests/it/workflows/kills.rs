//! The real binary: killed in the middle, started again, it goes on where it was.

use super::kit::{answer, begin, question, reach, write_definitions};
use crate::support::Server;
use serde_json::json;

#[tokio::test]
async fn a_killed_server_goes_on_with_its_workflows_and_does_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (home, definitions) = (folder.path().join("home"), folder.path().join("workflows"));
    write_definitions(&definitions);
    let definitions = definitions.to_string_lossy().into_owned();
    let variables = [("CALLBOARD_WORKFLOWS__FOLDER", definitions.as_str())];
    let start = || Server::start(folder.path(), &home, &variables);

    let server = start().await;
    let id = begin(&server, "talk", json!({ "topic": "drip" })).await;
    let house = begin(&server, "house", json!({})).await;
    question(&server, &house).await;
    drop(server);
    // What it was started with is pinned: nobody needs the files any more.
    std::fs::remove_dir_all(folder.path().join("workflows")).unwrap();
    let server = start().await;
    let asked = question(&server, &id).await;
    drop(server);
    let server = start().await;
    answer(&server, &id, &asked, json!("con")).await;
    let done = reach(&server, &id, "completed").await;
    assert_eq!((&done["output"]["verdict"], &done["state"]["count"]), (&json!("con"), &json!(1)));
    assert_eq!(done["output"]["said"].as_array().unwrap().len(), 2, "{done}");
    let said = server.said("claude.workflow.talk.step.open").await;
    assert_eq!(said.len(), 1, "the first step was done once");
    let asked = question(&server, &house).await;
    answer(&server, &house, &asked, json!("yes")).await;
    assert_eq!(reach(&server, &house, "completed").await["output"]["verdict"], "yes");
    let (_, why) = server.get(&format!("/why/{id}")).await;
    assert_eq!(why["situation"], "completed", "{why}");
}
