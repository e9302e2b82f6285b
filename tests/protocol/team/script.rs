//! What the models of the coding team say, as fixtures of aimock: a greeting in Python, with a fault that the review finds.
//!
//! Who is meant is known by the first words of his prompt, and how far he has come by the turns before. No answer may
//! hold the first words of another's prompt: what one says stands in the prompts of those behind him.

use serde_json::{Value, json};

/// What is wished for.
pub(super) const TASK: &str = "A greeting in Python";

/// What is asked of whoever searches the web.
pub(super) const SEARCH: &str = "how do people say hello in Python";

/// What he answers.
pub(super) const FOUND: &str = "With print; see PEP 8 for the style.";

/// How often a model is asked in all, the search apart.
pub(super) const TURNS: usize = 14;

const WRONG: &str =
    "def greet(name):\n    \"\"\"Greets somebody.\"\"\"\n    return \"Hello \" + name\n";
const TESTS: &str = "from greet import greet\n\n\ndef test_greets():\n    assert greet(\"Ada\") == \"Hello, Ada!\"\n";

/// All that is said, by everybody.
pub(super) fn fixtures() -> Value {
    let searched = json!({ "match": { "userMessage": SEARCH }, "response": { "content": FOUND } });
    let said = [planning(), researching(), designing(), writing(), reviewing(), fixing()];
    let all = [vec![searched], said.concat()].concat();
    json!({ "fixtures": all })
}

/// What one says whose prompt begins so, turn by turn.
fn turns(begins: &str, said: Vec<Value>) -> Vec<Value> {
    let fixture = |(turn, response)| json!({ "match": { "userMessage": begins, "turnIndex": turn }, "response": response });
    (0..).zip(said).map(|(turn, said): (u32, Value)| fixture((turn, said))).collect()
}

fn call(tool: &str, arguments: &Value) -> Value {
    let usage = json!({ "input_tokens": 10, "output_tokens": 5, "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15 });
    json!({ "toolCalls": [{ "name": tool, "arguments": arguments.to_string() }], "usage": usage })
}

fn answer(value: &Value) -> Value {
    json!({ "content": value.to_string() })
}

fn planning() -> Vec<Value> {
    let plan = json!({
        "summary": "A function that greets, with a test.",
        "research": { "needed": true, "query": "greeting people" },
        "architecture": { "needed": true, "requirements": "one module" },
        "implementation": { "needed": true, "requirements": "greet(name) says Hello, NAME!" },
        "review": { "needed": true, "requirements": "greet(name) says Hello, NAME!" },
    });
    turns("AutoAgent, plan: ", vec![call("list_files", &json!({})), answer(&plan)])
}

fn researching() -> Vec<Value> {
    let report = json!({
        "findings": { "print": "It prints." },
        "sources": [{ "title": "PEP 8", "url": "https://peps.python.org/pep-0008/" }],
        "report": "# Greetings\n\nUse print.",
    });
    turns(
        "Research: ",
        vec![call("perplexity_search", &json!({ "query": SEARCH })), answer(&report)],
    )
}

fn designing() -> Vec<Value> {
    let decision = json!({
        "title": "One module", "context": "It is small.", "decision": "One module.",
        "consequences": { "good": ["simple"], "bad": [] }, "options": [{ "name": "Two modules" }],
    });
    let design = json!({
        "summary": "One module with a function.", "document": "# Greeting\n\nOne module.",
        "language": "python",
        "components": [{ "id": "greet", "name": "greet", "kind": "service" }, { "id": "user", "name": "User", "kind": "actor" }],
        "connections": [{ "from": "user", "to": "greet", "label": "a name" }],
        "files": [{ "path": "greet.py", "purpose": "greets" }],
        "test_command": {}, "decision": decision,
    });
    turns("Architecture: ", vec![call("list_files", &json!({})), answer(&design)])
}

fn writing() -> Vec<Value> {
    let written = json!({
        "files": [
            { "path": "greet.py", "language": "python", "purpose": "greets" },
            { "path": "test_greet.py", "language": "python", "purpose": "tests it" },
        ],
        "tests": [{ "path": "test_greet.py", "covers": "the greeting" }],
        "notes": "The tests were not run.",
    });
    let write = |path: &str, content: &str| {
        call("write_file", &json!({ "path": path, "content": content }))
    };
    let said = vec![write("greet.py", WRONG), write("test_greet.py", TESTS), answer(&written)];
    turns("Implementation: ", said)
}

fn reviewing() -> Vec<Value> {
    let fault = json!({
        "file": "greet.py", "line": 3, "severity": "high", "problem": "no comma, and no exclamation mark", "mend": "add them",
    });
    let bad = json!({ "summary": "It greets wrongly.", "findings": [fault], "judgement": 0.3 });
    let good = json!({ "summary": "It greets.", "findings": [], "judgement": 0.95 });
    let first = vec![call("read_file", &json!({ "path": "greet.py" })), answer(&bad)];
    [turns("Review, round 1: ", first), turns("Review, round 2: ", vec![answer(&good)])].concat()
}

fn fixing() -> Vec<Value> {
    let mend = json!({ "path": "greet.py", "old": "\"Hello \" + name", "new": "\"Hello, \" + name + \"!\"" });
    let fixed = json!({
        "fixes": [{ "file": "greet.py", "problem": "no comma", "change": "it has one" }], "left": "",
    });
    turns("Fix, round 1 of ", vec![call("edit_file", &mend), answer(&fixed)])
}
