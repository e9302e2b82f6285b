//! The layers: defaults, the file, aliases, variables; and runtimes that are added.

use super::kit::{SHIPPED, api_key, folder_with, load, sources};
use super::*;
use std::path::{Path, PathBuf};

#[test]
fn without_a_file_or_variables_the_defaults_hold_in_the_working_directory() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::load(&sources(folder.path(), &[])).unwrap();
    assert_eq!(settings.home, folder.path().join(".callboard"));
    assert_eq!(settings.database, folder.path().join(".callboard/callboard.db"));
    assert_eq!(settings.templates.folder, folder.path().join(".callboard/prompts/templates"));
    assert_eq!(settings.http, Http::default());
}

#[test]
fn the_shipped_file_says_the_defaults() {
    let folder = tempfile::tempdir().unwrap();
    let defaults = Settings::load(&sources(folder.path(), &[])).unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/callboard.toml"), SHIPPED).unwrap();
    assert_eq!(Settings::load(&sources(folder.path(), &[])).unwrap(), defaults);
}

#[test]
fn the_shipped_file_mentions_every_setting() {
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    for name in leaf_names(&defaults) {
        let is_line = |line: &str| line.trim_start_matches("# ").starts_with(&format!("{name} = "));
        assert!(
            SHIPPED.lines().any(is_line) || matches!(name.as_str(), "input" | "output"),
            "{name} is missing"
        );
    }
}

fn leaf_names(value: &serde_json::Value) -> Vec<String> {
    let fields = value.as_object().into_iter().flatten();
    fields
        .flat_map(
            |(name, inner)| {
                if inner.is_object() { leaf_names(inner) } else { vec![name.clone()] }
            },
        )
        .collect()
}

#[test]
fn a_variable_goes_over_the_file_and_a_flag_over_both() {
    let text = "[http]\nlisten = \"127.0.0.1:1\"\nmax_body_bytes = 7";
    let mut sources = sources(Path::new("/"), &[("CALLBOARD_HTTP__LISTEN", "127.0.0.1:2")]);
    let folder = folder_with(text);
    sources.directory = folder.path().to_owned();
    let settings = Settings::load(&sources).unwrap();
    assert_eq!((settings.http.listen.port(), settings.http.max_body_bytes.get()), (2, 7));
    sources.flag("--listen", "127.0.0.1:3");
    assert_eq!(Settings::load(&sources).unwrap().http.listen.port(), 3);
}

#[test]
fn a_variable_is_read_as_what_its_setting_needs() {
    let settings = load(
        "",
        &[
            ("CALLBOARD_RUNTIMES__ANTHROPIC__CONCURRENCY", "4"),
            ("CALLBOARD_HTTP__ALLOWED_ORIGINS", "[\"http://localhost:3000\"]"),
            ("CALLBOARD_PROCESSES__DEFAULT_MODEL", "4"),
            ("CALLBOARD_JOURNAL__SYNCHRONOUS", "off"),
        ],
    )
    .unwrap();
    assert_eq!(settings.runtimes["anthropic"].concurrency.get(), 4);
    assert_eq!(settings.http.allowed_origins, ["http://localhost:3000"]);
    assert_eq!(settings.processes.default_model, "4");
    assert_eq!(settings.journal.synchronous, Synchronous::Off);
}

#[test]
fn well_known_variables_are_honoured_and_our_own_go_over_them() {
    let env = [
        ("LOG_LEVEL", "DEBUG"),
        ("CALLBOARD_HOME", "elsewhere"),
        ("ANTHROPIC_API_KEY", "k1"),
        ("CLAUDE_MOCK", "true"),
    ];
    let settings = load("[processes]\ndefault_runtime = \"anthropic\"", &env).unwrap();
    assert_eq!(settings.log.level, "debug");
    assert!(settings.database.ends_with("elsewhere/callboard.db"));
    assert_eq!(settings.processes.default_runtime, "replay");
    assert_eq!(api_key(&settings).as_deref(), Some("k1"));
    let env = [("ANTHROPIC_API_KEY", "k1"), ("CALLBOARD_RUNTIMES__ANTHROPIC__API_KEY", "k2")];
    assert_eq!(api_key(&load("", &env).unwrap()).as_deref(), Some("k2"));
}

#[test]
fn a_database_url_names_an_sqlite_file_or_is_refused() {
    let database = |url| load("", &[("DATABASE_URL", url)]).map(|settings| settings.database);
    assert_eq!(database("sqlite:///var/lib/board.db").unwrap(), PathBuf::from("/var/lib/board.db"));
    assert!(database("sqlite:board.db").unwrap().ends_with("board.db"));
    for url in [
        "postgres://me:hush@host/db",
        "sqlite::memory:",
        "sqlite://host/db",
        "sqlite:",
        "sqlite:a?mode=ro",
    ] {
        let message = database(url).unwrap_err().to_string();
        assert!(message.starts_with("DATABASE_URL: this is no URL of an SQLite file"), "{message}");
        assert!(!message.contains("hush"), "{message}");
    }
}

#[test]
fn a_runtime_may_be_added_and_a_known_one_changed_in_part() {
    let text = "[runtimes.mock]\nkind = \"anthropic\"\nbase_url = \"http://127.0.0.1:4010\"\n[runtimes.replay]\nconcurrency = 3";
    let settings = load(text, &[("CALLBOARD_RUNTIMES__MOCK__MAX_TOKENS", "9")]).unwrap();
    let RuntimeKind::Anthropic(mock) = &settings.runtimes["mock"].kind else {
        panic!("mock is of kind anthropic")
    };
    assert_eq!((mock.base_url.as_str(), mock.max_tokens.get()), ("http://127.0.0.1:4010", 9));
    assert_eq!(settings.runtimes["replay"].concurrency.get(), 3);
    assert_eq!(settings.runtimes.len(), 6);
}

#[test]
fn a_program_may_be_a_runtime_with_all_that_is_needed_to_read_it() {
    let text = "[runtimes.codex]\nkind = \"cli\"\ncommand = \"bin/codex\"\nargs = [\"exec\", \"{{ prompt }}\"]\n\
                on_lost = \"ask\"\nanswer = { where = { \"/type\" = \"text\" }, pointer = \"/part/text\", take = \"all\" }";
    let settings = load(text, &[]).unwrap();
    let codex = &settings.runtimes["codex"];
    assert_eq!((codex.on_lost, codex.in_process), (OnLost::Ask, false));
    let RuntimeKind::Cli(cli) = &codex.kind else { panic!("codex is of kind cli") };
    assert!(cli.command.ends_with("/bin/codex"), "{}", cli.command);
    let crate::program::Answer::Select(answer) = &cli.answer else {
        panic!("its answer is selected")
    };
    assert_eq!(
        (answer.take, answer.conditions["/type"].as_str()),
        (crate::program::Take::All, "text")
    );
}

#[test]
fn a_price_that_is_set_is_taken_as_it_stands() {
    let settings = load("[models.prices]\nmine = { input = 1, output = 2.5 }", &[]).unwrap();
    assert_eq!(settings.models.prices["mine"], Price { input: 1.0, output: 2.5, cached: None });
    assert_eq!(settings.models.prices.len(), 1);
}

#[test]
fn the_examples_of_programs_in_the_shipped_file_are_settings() {
    let lines = SHIPPED.lines().skip_while(|line| *line != "# [runtimes.codex]");
    let example = lines.take_while(|line| line.starts_with('#'));
    let example: Vec<&str> = example.map(|line| line[1..].trim_start()).collect();
    let settings = load(&example.join("\n"), &[]).unwrap();
    for name in ["codex", "opencode"] {
        let RuntimeKind::Cli(cli) = &settings.runtimes[name].kind else { panic!("{name}") };
        assert!(!cli.args.is_empty() && cli.session.is_some() && cli.usage.tokens_in.is_some());
    }
}
