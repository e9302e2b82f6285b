//! The tools that understand code, with the text in their arguments.

use super::kit::call;
use crate::support::TestApp;
use serde_json::json;

const PROGRAM: &str = "import os\nfrom a.b import c, d\n\nclass Store:\n    \"\"\"Keeps things.\"\"\"\n    def get(self, key):\n        \
                       if key:\n            return eval(key)\n        return None\n";

#[tokio::test]
async fn what_a_text_declares_is_told_with_its_lines_and_sizes() {
    let app = TestApp::start();
    let parsed =
        call(&app, "parse_code", json!({ "content": PROGRAM, "language": "py" })).await.unwrap();
    assert_eq!(parsed["language"], "python");
    assert_eq!(parsed["lines"]["total"], 9);
    let names: Vec<_> = parsed["symbols"]["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|symbol| &symbol["name"])
        .collect();
    assert_eq!(json!(names), json!(["Store", "get"]));
    let get = &parsed["symbols"]["items"][1];
    assert_eq!((&get["container"], &get["lines"]), (&json!("Store"), &json!([6, 9])));
    assert_eq!(parsed["imports"][1]["names"], json!(["c", "d"]));
    assert_eq!(parsed["complexity"]["most_complex"][0]["complexity"], 2);
    assert_eq!(parsed["has_errors"], false);
    let page = json!({ "content": PROGRAM, "language": "py", "from": 1, "most": 1 });
    let page = call(&app, "parse_code", page).await.unwrap();
    assert_eq!(
        (&page["symbols"]["items"][0]["name"], &page["symbols"]["next"]),
        (&json!("get"), &json!(null))
    );
}

#[tokio::test]
async fn what_does_not_parse_is_told_with_its_exact_place() {
    let app = TestApp::start();
    let wrong = json!({ "content": "fn f() {\n    g(1, 2;\n}\n", "path": "src/a.rs" });
    let found = call(&app, "validate_syntax", wrong).await.unwrap();
    assert_eq!((&found["valid"], &found["language"]), (&json!(false), &json!("rust")));
    let first = &found["errors"][0];
    assert_eq!(
        (&first["line"], &first["column"], &first["text"]),
        (&json!(2), &json!(11), &json!("    g(1, 2;"))
    );
    let right = json!({ "content": PROGRAM, "language": "python" });
    let found = call(&app, "validate_syntax", right).await.unwrap();
    assert_eq!((&found["valid"], &found["errors"]), (&json!(true), &json!([])));
    let unknown =
        call(&app, "validate_syntax", json!({ "content": "x", "language": "cobol" })).await;
    assert!(unknown.unwrap_err().contains("only python, javascript"));
}

#[tokio::test]
async fn issues_are_told_with_severity_source_and_range_and_can_be_filtered() {
    let app = TestApp::start();
    let all =
        call(&app, "find_issues", json!({ "content": PROGRAM, "path": "a.py" })).await.unwrap();
    let issues = all["issues"]["items"].as_array().unwrap();
    let eval = issues.iter().find(|issue| issue["id"] == "python/eval").unwrap();
    assert_eq!(eval["range"]["start"]["line"], 8);
    assert!(eval["source"].as_str().unwrap().contains("CWE"), "{eval}");
    assert!(["critical", "high"].contains(&eval["severity"].as_str().unwrap()), "{eval}");
    let few = json!({ "content": PROGRAM, "path": "a.py", "category": "quality", "at_least": "critical" });
    let few = call(&app, "find_issues", few).await.unwrap();
    assert_eq!(few["issues"]["total"], 0);
}

#[tokio::test]
async fn without_a_workspace_a_file_cannot_be_read_and_the_words_say_what_to_do() {
    let app = TestApp::start();
    for (tool, arguments) in
        [("parse_code", json!({ "path": "a.rs" })), ("analyze_codebase", json!({}))]
    {
        let error = call(&app, tool, arguments).await.unwrap_err();
        assert!(error.contains("no workspace"), "{tool}: {error}");
    }
}
