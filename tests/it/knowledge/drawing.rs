//! Diagrams: what comes out is read by Mermaid's own parser and by Graphviz, where they are installed.

use super::kit::call;
use crate::support::TestApp;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Command, Stdio};

/// Names with everything in them that means something to somebody.
const NASTY: [&str; 12] = [
    "a \"quoted\" name",
    "end",
    "semi;colon # hash",
    "<b>html</b> & co",
    "back\\slash\\",
    "line\nbreak",
    "{brace} [bracket] (paren)",
    "pipe | arrow --> x",
    "class",
    "Größe 漢字",
    "%%comment",
    "style x: #fff;",
];

fn design(kind: &str) -> Value {
    let kinds = [
        "service",
        "database",
        "queue",
        "actor",
        "external",
        "decision",
        "start",
        "end",
        "interface",
        "abstract",
        "enum",
    ];
    let component = |(number, name): (usize, &&str)| {
        json!({
            "id": name, "name": format!("{name} {name}"), "kind": kinds[number % kinds.len()],
            "group": if number % 3 == 0 { json!(NASTY[(number + 1) % 3]) } else { json!(null) },
            "attributes": [format!("+x: Map<{name}, int>")], "methods": [format!("get({name})"), "plain"],
        })
    };
    let lines =
        ["calls", "async", "reply", "uses", "inherits", "implements", "composes", "aggregates"];
    let connection = |number: usize| {
        json!({
            "from": NASTY[number % 12], "to": NASTY[(number * 5 + 1) % 12], "kind": lines[number % 8],
            "label": if number % 4 == 1 { json!(null) } else { json!(NASTY[(number + 3) % 12]) },
        })
    };
    let mut components: Vec<Value> = NASTY.iter().enumerate().map(component).collect();
    for component in &mut components {
        component.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    let mut connections: Vec<Value> = (0..24).map(connection).collect();
    for connection in &mut connections {
        connection.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    json!({ "kind": kind, "title": "A: \"title\" --- #1\n---", "direction": "right", "components": components, "connections": connections })
}

/// What a program says to a text; `None` where it is not installed.
async fn judged(variable: &str, text: &str) -> Option<Result<(), String>> {
    let (script, text) = (std::env::var(variable).ok()?, text.to_owned());
    Some(tokio::task::spawn_blocking(move || ask(&script, &text)).await.unwrap())
}

fn ask(script: &str, text: &str) -> Result<(), String> {
    let mut judge = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    judge.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = judge.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
    if done.status.success() { Ok(()) } else { Err(said) }
}

#[tokio::test]
async fn whatever_names_have_in_them_the_diagram_parses() {
    let app = TestApp::start();
    for (tool, variable, kinds) in [
        (
            "generate_mermaid_diagram",
            "CALLBOARD_TEST_MERMAID",
            &["flowchart", "class", "sequence", "state"][..],
        ),
        (
            "generate_graphviz_diagram",
            "CALLBOARD_TEST_GRAPHVIZ",
            &["flowchart", "class", "state"][..],
        ),
    ] {
        for kind in kinds {
            let drawn = call(&app, tool, design(kind)).await.unwrap();
            assert_eq!((&drawn["components"], &drawn["connections"]), (&json!(12), &json!(24)));
            let text = drawn["diagram"].as_str().unwrap();
            match judged(variable, text).await {
                Some(said) => assert_eq!(said, Ok(()), "{kind}:\n{text}"),
                None => eprintln!(
                    "{kind} was not judged: {variable} is not set, see tests/tools/install.sh"
                ),
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_with_what_was_meant() {
    let app = TestApp::start();
    let wrong = json!({ "kind": "flowchart", "components": [{ "id": "server" }], "connections": [{ "from": "server", "to": "sever" }] });
    let error = call(&app, "generate_mermaid_diagram", wrong).await.unwrap_err();
    assert!(error.contains("no component's id: did you mean \"server\"?"), "{error}");
    let twice = json!({ "kind": "flowchart", "components": [{ "id": "a" }, { "id": "a" }] });
    assert!(
        call(&app, "generate_graphviz_diagram", twice)
            .await
            .unwrap_err()
            .contains("two components")
    );
}

#[tokio::test]
async fn a_small_design_is_drawn_as_people_would_write_it() {
    let app = TestApp::start();
    let design = json!({
        "kind": "flowchart", "title": "Shop", "direction": "right",
        "components": [{ "id": "web", "name": "Web UI" }, { "id": "db", "kind": "database", "group": "data" }],
        "connections": [{ "from": "web", "to": "db", "label": "reads & writes" }],
    });
    let mermaid = call(&app, "generate_mermaid_diagram", design.clone()).await.unwrap();
    let graphviz = call(&app, "generate_graphviz_diagram", design).await.unwrap();
    insta::assert_snapshot!(format!(
        "{}\n{}",
        mermaid["diagram"].as_str().unwrap(),
        graphviz["diagram"].as_str().unwrap()
    ));
}
