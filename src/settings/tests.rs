//! The settings as an operator meets them: layers, aliases, and every way of being wrong.

use std::path::{Path, PathBuf};

use super::*;

/// The settings file as it is shipped.
const SHIPPED: &str = include_str!("../../config/callboard.toml");

/// A working directory with this settings file.
fn folder_with(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("config")).unwrap();
    std::fs::write(folder.path().join("config/callboard.toml"), text).unwrap();
    folder
}

fn load(text: &str, env: &[(&str, &str)]) -> Result<Settings, Error> {
    let folder = folder_with(text);
    Settings::load(&sources(folder.path(), env))
}

fn sources(directory: &Path, env: &[(&str, &str)]) -> Sources {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sources { config: None, env, directory: directory.to_owned() }
}

fn refusal(text: &str, env: &[(&str, &str)]) -> String {
    load(text, env).expect_err("this setting is wrong").to_string()
}

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

fn api_key(settings: &Settings) -> Option<String> {
    match &settings.runtimes["anthropic"].kind {
        RuntimeKind::Anthropic(anthropic) => {
            anthropic.api_key.as_ref().map(|key| key.expose().to_owned())
        }
        _ => None,
    }
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

/// Each with what was written and what is answered.
fn assert_refusals_in_file<const N: usize>(cases: [(&str, &str); N]) {
    for (text, message) in cases {
        assert_eq!(refusal(text, &[]), message);
    }
}

#[test]
fn a_wrong_setting_in_the_file_names_its_line_and_column_and_the_name_that_was_meant() {
    assert_refusals_in_file([
        (
            "[http]\n  lisen = \"127.0.0.1:1\"",
            "config/callboard.toml:2:3: unknown setting `lisen`; did you mean `listen`?",
        ),
        (
            "[http]\nlisten = \"8000\"",
            "config/callboard.toml:2:10: invalid socket address syntax; write ADDRESS:PORT, such as 127.0.0.1:8000",
        ),
        (
            "[http]\nmax_body_bytes = 0",
            "config/callboard.toml:2:18: invalid value: integer `0`, expected a whole number above zero",
        ),
        (
            "[log]\nformat = \"pritty\"",
            "config/callboard.toml:2:10: unknown value `pritty`; did you mean `pretty`?",
        ),
        (
            "[supervision]\nzzz = 1",
            "config/callboard.toml:2:1: unknown setting `zzz`; known here: unsettled_starts, settle_s",
        ),
        (
            "[htp]\nlisten = 1",
            "config/callboard.toml:1:2: unknown setting `htp`; did you mean `http`?",
        ),
        ("[http\nlisten = 1", "config/callboard.toml:1:6: unclosed table, expected `]`"),
    ]);
}

#[test]
fn a_setting_that_does_not_go_with_others_names_the_place_where_it_was_made() {
    assert_refusals_in_file([
        (
            "# x\n[http]\nlisten = \"0.0.0.0:8000\"",
            "config/callboard.toml:3:1: 0.0.0.0:8000 can be reached from other machines; listen on 127.0.0.1, or set http.allow_non_loopback = true if that is meant",
        ),
        (
            "[processes]\ndefault_runtime = \"antropic\"",
            "config/callboard.toml:2:1: there is no runtime `antropic`; did you mean `anthropic`?",
        ),
        (
            "[processes]\nretry_max_ms = 1",
            "config/callboard.toml:2:1: the first pause of 4000 ms is longer than the longest, retry_max_ms = 1; lower the first or raise the longest",
        ),
        (
            "[runtimes.mock]\nconcurrency = 1",
            "config/callboard.toml:1:11: runtime `mock` lacks its `kind`; add kind = \"anthropic\", \"openai\", \"perplexity\", \"openai_compatible\", \"claude\", \"cli\" or \"replay\"",
        ),
        (
            "[runtimes.replay]\nbase_url = \"http://a\"",
            "config/callboard.toml:2:1: runtime `replay` is of kind replay, which has no `base_url`; remove it or change the kind",
        ),
        (
            "[runtimes.anthropic]\nbase_url = \"api\"",
            "config/callboard.toml:2:1: `api` is no web address; write it like https://api.anthropic.com",
        ),
        (
            "[models.prices]\nmine = { input = 1.0 }",
            "config/callboard.toml:2:1: the price of `mine` lacks its `output`; a price is written { input = 3.0, output = 15.0 }",
        ),
        (
            "[models.prices]\nmine = { input = -1.0, output = 1 }",
            "config/callboard.toml:2:10: a price of -1 is not possible; prices are US dollars per million tokens, zero or more",
        ),
        (
            "topic_root = \"a.*\"",
            "config/callboard.toml:1:1: `a.*` is no topic; use small letters, digits, - and _, with dots between words",
        ),
        (
            "[http]\nallowed_origins = [\"localhost\"]",
            "config/callboard.toml:2:1: `localhost` is no origin; write scheme, host and port without a path or wildcard, such as http://localhost:3000",
        ),
    ]);
}

#[test]
fn a_wrong_variable_is_named_with_the_one_that_was_meant() {
    let cases = [
        (
            "CALLBOARD_HTTP__LISTEN",
            "0.0.0.0:8000",
            "0.0.0.0:8000 can be reached from other machines; listen on 127.0.0.1, or set http.allow_non_loopback = true if that is meant",
        ),
        (
            "CALLBOARD_HTTP_LISTEN",
            "127.0.0.1:1",
            "this variable is no setting; did you mean CALLBOARD_HTTP__LISTEN?",
        ),
        (
            "CALLBOARD_ENTITIES__INBOXX",
            "1",
            "this variable is no setting; did you mean CALLBOARD_ENTITIES__INBOX?",
        ),
        (
            "CALLBOARD_UTTERLY_UNHEARD_OF",
            "1",
            "this variable is no setting; variables are named CALLBOARD_SECTION__NAME after the settings in config/callboard.toml",
        ),
        (
            "CALLBOARD_JOURNAL__READERS",
            "0",
            "invalid value: integer `0`, expected a whole number above zero",
        ),
        ("CALLBOARD_JOURNAL__SYNCHRONOUS", "of", "unknown value `of`; did you mean `off`?"),
        (
            "CALLBOARD_HTTP",
            "8000",
            "invalid type: integer `8000`, expected a section with settings of its own",
        ),
        ("LOG_LEVEL", "inof", "`inof` is no log level; did you mean `info`?"),
        ("CLAUDE_MOCK", "maybe", "`maybe` is neither true nor false; write true or false"),
    ];
    for (name, value, message) in cases {
        assert_eq!(refusal("", &[(name, value)]), format!("{name}: {message}"));
    }
}

#[test]
fn variables_of_tests_and_tools_are_no_settings_and_no_errors() {
    let env = ["TEST_AIMOCK", "TEST_WHATEVER", "BENCH", "BENCH_ROLE", "SHIM", "TOKEN", "URL"]
        .map(|name| format!("CALLBOARD_{name}"));
    let env: Vec<(&str, &str)> = env.iter().map(|name| (name.as_str(), "x")).collect();
    assert!(load("", &env).is_ok());
}

#[test]
fn a_file_that_was_named_has_to_be_there() {
    let mut sources = sources(Path::new("/nowhere"), &[]);
    sources.config = Some("mine.toml".into());
    let message = Settings::load(&sources).unwrap_err().to_string();
    assert!(message.starts_with("failed to read settings from mine.toml: "), "{message}");
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
fn a_program_that_cannot_be_run_or_read_is_refused() {
    for (text, words) in [
        ("[runtimes.x]\nkind = \"cli\"", "lacks its `command`"),
        ("[runtimes.x]\nkind = \"cli\"\ncommand = \"c\"\nanswer = \"result\"", "no JSON pointer"),
        ("[runtimes.x]\nkind = \"cli\"\ncommand = \"c\"\nin_process = true", "has no `in_process`"),
        ("[runtimes.x]\nkind = \"cli\"\ncommand = \"c\"\nmax_turns = 3", "has no `max_turns`"),
        ("[runtimes.claude]\nmax_budget_usd = -1.0", "a budget of -1 is not possible"),
        ("[runtimes.replay]\nin_process = false", "always runs in the server"),
    ] {
        let message = refusal(text, &[]);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_price_that_is_set_is_taken_as_it_stands() {
    let settings = load("[models.prices]\nmine = { input = 1, output = 2.5 }", &[]).unwrap();
    assert_eq!(settings.models.prices["mine"], Price { input: 1.0, output: 2.5, cached: None });
    assert_eq!(settings.models.prices.len(), 1);
}

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

#[test]
fn a_number_that_no_span_or_spawn_can_have_is_refused_where_it_stands() {
    for (section, name) in [
        ("processes", "retry_first_ms"),
        ("processes", "retry_max_ms"),
        ("processes", "timeout_s"),
        ("entities", "idle_s"),
        ("entities", "park_within_s"),
        ("http", "shutdown_timeout_s"),
        ("supervision", "settle_s"),
        ("cleanup", "grace_s"),
        ("cleanup", "interval_s"),
        ("runtimes.anthropic", "read_timeout_s"),
    ] {
        for number in [u64::MAX, 1 << 63, (1 << 63) - 1] {
            let message = refusal(&format!("[{section}]\n{name} = {number}"), &[]);
            assert!(message.starts_with("config/callboard.toml:2:"), "{message}");
        }
    }
    assert_refusals_in_file([
        (
            "[processes]\ntimeout_s = 100000",
            "config/callboard.toml:2:1: timeout_s = 100000 is more than 86400; set it to 86400 or less",
        ),
        (
            "[processes]\nmax_retries = 101",
            "config/callboard.toml:2:1: max_retries = 101 is more than 100; set it to 100 or less",
        ),
    ]);
    let huge = [("CALLBOARD_ENTITIES__IDLE_S", "18446744073709551615")];
    let message = refusal("", &huge);
    assert!(message.starts_with("CALLBOARD_ENTITIES__IDLE_S: "), "{message}");
}

fn stored(settings: &[(&str, &str)]) -> Stored {
    let read = |(name, text): &(&str, &str)| {
        let key = Key::parse(name).unwrap();
        let setting = Setting::from_text(&key, text).unwrap();
        (key, setting)
    };
    settings.iter().map(read).collect()
}

#[test]
fn what_is_set_while_running_goes_over_the_file_and_under_the_environment() {
    let folder = folder_with(
        "[processes]\ndefault_model = \"file\"\nmax_retries = 1\n[http]\nmax_body_bytes = 1",
    );
    let env = [("CALLBOARD_PROCESSES__MAX_RETRIES", "3")];
    let mut sources = sources(folder.path(), &env);
    sources.flag("--listen", "127.0.0.1:3");
    let kept = [
        ("processes.default_model", "stored"),
        ("processes.max_retries", "2"),
        ("http.listen", "127.0.0.1:2"),
    ];
    let loaded = Origin::from(&sources).load(stored(&kept)).unwrap();
    let of = |name: &str| {
        let entry = loaded.find(&Key::parse(name).unwrap()).unwrap();
        (entry.value.to_string(), entry.source)
    };
    assert_eq!(of("processes.default_model"), ("\"stored\"".into(), Source::Stored));
    let variable = "CALLBOARD_PROCESSES__MAX_RETRIES".to_owned();
    assert_eq!(of("processes.max_retries"), ("3".into(), Source::Environment(variable)));
    assert_eq!(of("http.listen"), ("\"127.0.0.1:3\"".into(), Source::Flag("--listen".into())));
    assert_eq!(of("http.max_body_bytes"), ("1".into(), Source::File));
    assert_eq!(of("processes.max_lost"), ("20".into(), Source::Default));
    let key = |name| Key::parse(name).unwrap();
    assert_eq!(loaded.overridden_by(&key("http.listen")), Some("--listen"));
    assert_eq!(loaded.overridden_by(&key("processes.default_model")), None);
}

#[test]
fn what_changed_is_found_also_in_secrets_that_look_alike() {
    let origin = Origin::from(&load("", &[]).unwrap());
    let load = |key: &str| origin.load(stored(&[("runtimes.anthropic.api_key", key)])).unwrap();
    let (one, other) = (load("sk-ant-one-long-key-1234"), load("sk-ant-two-long-key-1234"));
    assert_eq!(one.changes(&one), []);
    let changes = one.changes(&other);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].key.to_string(), "runtimes.anthropic.api_key");
    assert_eq!((&changes[0].old, &changes[0].new), (&"••••1234".into(), &"••••1234".into()));
}

#[test]
fn stored_settings_that_do_not_fit_are_left_out_one_by_one() {
    let folder = folder_with("");
    let origin = Origin::from(&sources(folder.path(), &[]));
    let kept = [
        ("processes.default_runtime", "gone"),
        ("processes.max_retries", "7"),
        ("runtimes.half.concurrency", "2"),
    ];
    let (loaded, unfit) = origin.load_what_fits(&stored(&kept)).unwrap();
    assert_eq!(loaded.settings.processes.max_retries, 7);
    assert_eq!((loaded.stored().len(), unfit.len()), (1, 2), "{unfit:?}");
}

#[test]
fn settings_that_a_program_made_come_back_as_they_were_with_their_secrets() {
    let text = "[models.prices]\n\"a.b\" = { input = 1, output = 2 }\n[runtimes.codex]\nkind = \"cli\"
        command = \"codex\"\nset_env = { A = \"hush\" }\nsession = { pointer = \"/a\" }\n[runtimes.cc]\nkind = \"claude\"\napi_key = \"own-key\"";
    let mut made = load(text, &[("ANTHROPIC_API_KEY", "hush-hush")]).unwrap();
    made.runtimes.remove("replay");
    made.processes.default_runtime = "codex".into();
    let back = Origin::from(&made).load(Stored::new()).unwrap();
    assert_eq!(back.settings, made);
    assert_eq!(api_key(&back.settings).as_deref(), Some("hush-hush"));
    let RuntimeKind::Claude(claude) = &back.settings.runtimes["cc"].kind else { panic!() };
    assert_eq!(claude.api_key.as_ref().map(Secret::expose), Some("own-key"));
}

#[test]
fn every_setting_that_counts_at_once_exists() {
    let live = |name: &str| TakesEffect::of(&Key::parse(name).unwrap()) == TakesEffect::Now;
    for name in
        ["processes.default_model", "runtimes.x.concurrency", "log.level", "models.prices.a"]
    {
        assert!(live(name), "{name}");
    }
    for name in ["http.listen", "journal.readers", "topic_root", "log.format", "entities.inbox"] {
        assert!(!live(name), "{name}");
    }
}
