//! What nothing shows.

use super::kit::{load, refusal};
use super::*;

#[test]
fn secrets_are_shown_by_nothing_but_expose() {
    let settings = load("", &[("ANTHROPIC_API_KEY", "hush-hush")]).unwrap();
    let shown = format!("{settings:?}{}", serde_json::to_string(&settings).unwrap());
    assert!(shown.contains("***") && shown.contains("••••") && !shown.contains("hush"), "{shown}");
    let long = load("", &[("ANTHROPIC_API_KEY", "sk-ant-0123456789abcdef")]).unwrap();
    let shown = format!("{long:?}{}", serde_json::to_string(&long).unwrap());
    assert!(shown.contains("••••cdef") && !shown.contains("9abcdef"), "{shown}");
    let message = refusal("[runtimes.anthropic]\napi_key = 31415926", &[]);
    assert!(!message.contains("31415926"), "{message}");
}

#[test]
fn variables_that_are_set_for_programs_are_secrets_one_by_one_and_together() {
    let text = "[runtimes.codex]\nkind = \"cli\"\ncommand = \"codex\"\nset_env = { A_KEY = \"hush-hush\" }";
    let settings = load(text, &[]).unwrap();
    let shown = format!("{settings:?}{}", serde_json::to_string(&settings).unwrap());
    assert!(shown.contains("••••") && !shown.contains("hush"), "{shown}");
    let key = |text: &str| Key::parse(text).unwrap();
    let one = key("runtimes.codex.set_env.A_KEY");
    let setting = Setting::from_json(&one, &"hush-hush".into()).unwrap();
    assert!(setting.is_secret() && setting.expose().contains("hush"));
    assert_eq!(setting.shown(), serde_json::json!("••••"));
    let all = key("runtimes.codex.set_env");
    for setting in [
        Setting::from_json(&all, &serde_json::json!({ "A_KEY": "hush-hush" })).unwrap(),
        Setting::from_text(&all, "{ A_KEY = \"hush-hush\" }").unwrap(),
    ] {
        assert!(setting.is_secret() && setting.expose().contains("hush"));
        assert_eq!(setting.shown(), serde_json::json!({ "A_KEY": "••••" }));
        assert!(!format!("{setting:?}").contains("hush"));
    }
    let args = Setting::from_json(&key("runtimes.codex.args"), &serde_json::json!(["a"])).unwrap();
    assert!(!args.is_secret());
    assert_eq!(args.shown(), serde_json::json!(["a"]));
    let wrong = [
        "{ A_KEY = 31415926 }",
        "\"A_KEY=31415926\"",
        "{ A = [31415926] }",
        "31415926",
        "{ \"A=B\" = \"31415926\" }",
        "{ \"\" = \"31415926\" }",
        "{ A = \"31415926\\u0000\" }",
    ];
    for wrong in wrong {
        let message = refusal(&format!("[runtimes.claude]\nset_env = {wrong}"), &[]);
        assert!(!message.contains("31415926"), "{message}");
    }
}

#[test]
fn a_dotenv_line_that_cannot_be_read_is_named_but_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(".env");
    std::fs::write(&path, "A=1\nKEY='hush\n").unwrap();
    let message = sources::read_dotenv(&path).unwrap_err().to_string();
    assert!(message.contains(".env:2:") && !message.contains("hush"), "{message}");
    std::fs::write(&path, "A=1\n").unwrap();
    assert_eq!(sources::read_dotenv(&path).unwrap()["A"], "1");
}

#[test]
fn what_mcp_servers_are_told_is_secret_and_stays_whole() {
    let text = "[mcp.s]\ncommand = \"a\"\nenv = { A_KEY = \"hush-hush\" }\n[mcp.t]\nurl = \"https://b\"\nheaders = { X = \"hush-too\" }";
    let settings = load(text, &[]).unwrap();
    let shown = format!("{settings:?}{}", serde_json::to_string(&settings).unwrap());
    assert!(shown.contains("••••") && !shown.contains("hush"), "{shown}");
    let again = Origin::from(&settings).load(Stored::new()).unwrap().settings;
    assert_eq!(again.mcp, settings.mcp, "what a program made of them is the same");
    let key = Key::parse("mcp.t.headers.X").unwrap();
    assert!(Setting::from_json(&key, &"hush".into()).unwrap().is_secret());
}
