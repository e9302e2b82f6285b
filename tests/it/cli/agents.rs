//! The registry of agents from the command line.

use super::house::House;
use serde_json::json;

#[test]
fn an_agent_is_registered_written_to_shown_and_removed() {
    let house = House::new();
    let _server = house.serve();
    let register = ["agents", "register", "coder", "--id", "ada", "--name", "Ada"];
    assert_eq!(house.text(&register), "ada  inactive\n");
    assert_eq!(house.run(&register).code, Some(5), "it is there already");
    let listed = house.text(&["agents", "list", "--capability", "coding"]);
    assert!(listed.contains("ada  inactive  coder    Ada   coding, testing"), "{listed}");
    assert_eq!(house.json(&["agents", "list", "--status", "busy"]), json!([]));
    let message = ["agents", "message", "ada", r#"{"do":"it"}"#, "--from", "me"];
    assert!(house.text(&message).starts_with("ada  message "));
    house.text(&["agents", "message", "ada", "plain words"]);
    let shown = house.text(&["agents", "show", "ada"]);
    for part in ["2 messages wait", "AGENT_MESSAGE", "plain words", "0 done"] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    let waiting = house.json(&["agents", "show", "ada"])["mailbox"]["items"].clone();
    assert_eq!(waiting[0]["data"]["data"], json!({ "do": "it" }));
    assert_eq!(house.text(&["agents", "remove", "ada"]), "ada  unregistered\n");
    assert_eq!(house.run(&["agents", "show", "nobody"]).code, Some(4));
    assert_eq!(house.run(&["agents", "message", "ada", "late"]).code, Some(5));
}
