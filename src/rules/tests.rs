//! Rules as they are written and as they are meant.

use super::*;
use callboard_actors::journal::Used;
use callboard_actors::tools::{Permission, Repeat, Tool};
use serde_json::{Value, json};

fn tool(name: &str, needs: Permission) -> Tool {
    let (name, description) = (name.to_owned(), String::new());
    Tool { name, description, parameters: json!({}), needs, repeat: Repeat::Safe, timeout_s: 60 }
}

fn rules(text: &str) -> Rules {
    read(text, std::path::Path::new("rules.yaml")).unwrap()
}

fn came(standing: &Standing, tool: &Tool, arguments: &Value, used: Used) -> String {
    match standing.decide(&Asked { tool, arguments, within: "", used }) {
        Decision::Allowed { rule } => format!("allowed {rule}"),
        Decision::Refused(refused) => format!("refused {}", refused.rule),
    }
}

fn agent(rules: &Rules, profile: &str, above: &[&str]) -> Standing {
    let above: Vec<_> = above.iter().map(|name| Ancestor::Workflow((*name).into())).collect();
    rules.standing(&Who::Agent(profile.into()), &above)
}

#[test]
fn what_ships_says_what_its_schema_says_and_is_the_least() {
    let shipped = Rules::shipped();
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    callboard_actors::graph::check_value(&schema, &shipped.said()).unwrap();
    let write = tool("write_file", Permission::WriteFiles);
    let run = tool("run_command", Permission::RunCommands);
    let path = json!({ "path": "src/a.rs", "content": "x" });
    let is_allowed = |profile: &str, tool: &Tool, arguments: &Value| {
        came(&agent(&shipped, profile, &[]), tool, arguments, Used::default())
            .starts_with("allowed")
    };
    for profile in ["coder", "codesmith", "fixer"] {
        assert!(is_allowed(profile, &write, &path), "{profile}");
    }
    let test = json!({ "program": "cargo", "arguments": ["test", "--offline"] });
    for profile in
        ["supervisor", "architect", "reviewer", "research", "debater", "nobody", "default"]
    {
        assert!(!is_allowed(profile, &write, &path), "{profile}");
        let seen = tool("read_file", Permission::ReadFiles);
        assert!(is_allowed(profile, &seen, &path), "{profile}");
    }
    for profile in ["coder", "codesmith", "fixer", "reviewer", "reviewfix", "nodes"] {
        assert!(!is_allowed(profile, &run, &test), "{profile}");
    }
    let fetch = tool("fetch_page", Permission::Fetch);
    assert!(is_allowed("research", &fetch, &json!({ "url": "https://docs.rs/serde" })));
    for near in [
        "http://127.0.0.1:8000/processes",
        "http://localhost/x",
        "http://[::1]/",
        "file:///etc/passwd",
    ] {
        assert!(!is_allowed("research", &fetch, &json!({ "url": near })), "{near}");
    }
    assert!(!is_allowed("coder", &fetch, &json!({ "url": "https://docs.rs" })));
    assert!(
        !is_allowed("coder", &tool("launch", Permission::default()), &json!({})),
        "what says nothing"
    );
}

#[test]
fn whoever_stands_below_another_may_never_do_more() {
    let text = "
version: 1
profiles:
  all: {can_write_files: true, can_read_files: true, can_run_commands: true, commands: [make **], paths: {write: ['**']}}
workflows:
  narrow: {within: {paths: {write: [docs/]}, commands: [make test]}}
  narrower: {within: {paths: {write: ['*.md']}}}
  wide: {within: {can_write_files: true, paths: {write: ['**']}, commands: [sh **]}}
";
    let rules = rules(text);
    let write = tool("write_file", Permission::WriteFiles);
    let run = tool("run_command", Permission::RunCommands);
    let paths = ["src/a.rs", "docs/a.rs", "docs/a.md", "a.md", ".env", ".git/x"];
    let lines = [vec!["make", "test"], vec!["make", "all"], vec!["sh", "-c"]];
    let all = ["narrow", "narrower", "wide"];
    let ways: Vec<Vec<&str>> = (0..8)
        .map(|bits| {
            all.iter()
                .enumerate()
                .filter(|(n, _)| bits >> n & 1 == 1)
                .map(|(_, name)| *name)
                .collect()
        })
        .collect();
    let allowed = |above: &[&str]| {
        let standing = agent(&rules, "all", above);
        let calls = paths.iter().map(|path| (&write, json!({ "path": path })));
        let runs =
            lines.iter().map(|line| (&run, json!({ "program": line[0], "arguments": line[1..] })));
        let calls: Vec<_> = calls.chain(runs).collect();
        let came =
            calls.iter().map(|(tool, arguments)| came(&standing, tool, arguments, Used::default()));
        came.map(|came| came.starts_with("allowed")).collect::<Vec<_>>()
    };
    for above in &ways {
        for further in all {
            let longer: Vec<_> = above.iter().copied().chain([further]).collect();
            let pairs = allowed(above).into_iter().zip(allowed(&longer));
            assert!(pairs.into_iter().all(|(wide, narrow)| wide || !narrow), "{longer:?}");
        }
    }
    assert_eq!(allowed(&[])[..4], [true; 4]);
    assert_eq!(allowed(&["narrow", "narrower"])[..4], [false, false, true, false]);
    assert_eq!(allowed(&["wide"])[6..], [false, false, false], "both have to name a command");
}

#[test]
fn budgets_are_counted_and_denials_add_up() {
    let text = "
version: 1
deny: [secret/]
default: {can_write_files: true, paths: {deny: ['*.lock']}, budgets: {calls: {write_file: 2}, bytes_written: 10}}
profiles: {a: {paths: {deny: [mine/]}}}
";
    let rules = rules(text);
    let standing = agent(&rules, "a", &[]);
    let write = tool("write_file", Permission::WriteFiles);
    let call = |path: &str, content: &str, used| {
        came(&standing, &write, &json!({ "path": path, "content": content }), used)
    };
    let none = Used::default();
    assert_eq!(call("x", "0123456789", none), "allowed profiles.a.can_write_files");
    assert_eq!(call("x", "0123456789+", none), "refused profiles.a.budgets.bytes_written");
    assert_eq!(
        call("x", "01", Used { bytes: 9, ..none }),
        "refused profiles.a.budgets.bytes_written"
    );
    assert_eq!(
        call("x", "", Used { calls: 2, ..none }),
        "refused profiles.a.budgets.calls.write_file"
    );
    for (denied, rule) in [
        ("secret/a", "deny"),
        ("a/SECRET/b", "deny"),
        ("a/Cargo.lock", "profiles.a.paths.deny"),
        ("mine/x", "profiles.a.paths.deny"),
        (".git/config", "house"),
        ("x/.callboard/token", "house"),
    ] {
        assert_eq!(call(denied, "", none), format!("refused {rule}"), "{denied}");
    }
    for odd in ["/etc/passwd", "../x", "a/../../x", "a/..", "a\0b"] {
        assert_eq!(call(odd, "", none), "refused profiles.a.paths", "{odd:?}");
    }
}

#[test]
fn mistakes_are_told_with_file_line_and_hint() {
    let error = |text: &str| read(text, std::path::Path::new("r.yaml")).unwrap_err().to_string();
    assert!(
        error("version: 1\ndefualt: {}\n").contains("r.yaml:2:1"),
        "{}",
        error("version: 1\ndefualt: {}\n")
    );
    assert!(error("version: 1\ndefualt: {}\n").ends_with("did you mean `default`?"));
    assert!(error("version: 2\n").contains("r.yaml:1:1: version is 2"));
    assert!(error("deny: []\n").contains("version is 0"));
    let bad = error("version: 1\nprofiles:\n  a: {commands: ['* x']}\n");
    assert!(bad.starts_with("r.yaml:3:1:") && bad.contains("names no program"), "{bad}");
    assert!(error("version: 1\ndeny: [/etc]\n").contains("is no pattern of paths"));
}
