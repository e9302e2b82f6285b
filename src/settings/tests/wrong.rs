//! Every way of being wrong, and that the answer names the place.

use super::kit::{assert_refusals_in_file, load, refusal, sources};
use super::*;
use std::path::Path;

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

#[test]
fn a_wrong_mcp_server_is_named_with_what_is_wrong_about_it() {
    assert_refusals_in_file([
        (
            "[mcp.s]\ntimeout_s = 5",
            "config/callboard.toml:1:6: the MCP server `s` has neither a command nor a url; add command = \"npx\" and args = [\"-y\", \"…\"], or url = \"https://…/mcp\"",
        ),
        (
            "[mcp.s]\ncommand = \"a\"\nurl = \"http://b\"",
            "config/callboard.toml:3:1: the MCP server `s` has both a command and a url; keep one of them",
        ),
        (
            "[mcp.s]\nurl = \"http://b\"\nargs = []",
            "config/callboard.toml:3:1: the MCP server `s` is an address: it has no args; remove it, or give command in place of url",
        ),
        (
            "[mcp.s]\nurl = \"ftp://b\"",
            "config/callboard.toml:2:1: this is no web address; write it like https://example.org/mcp",
        ),
        (
            "[mcp.s]\ncommand = \"a\"\npermission = \"can_use_mpc\"",
            "config/callboard.toml:3:14: unknown value `can_use_mpc`; did you mean `can_use_mcp`?",
        ),
        (
            "[mcp.a__b]\ncommand = \"a\"",
            "config/callboard.toml:1:6: `a__b` is no name for an MCP server; use at most 32 small letters, digits, - and _, but not __, nor _ at the end",
        ),
    ]);
    let hidden = refusal("[mcp.s]\nurl = \"https://me:hush@b\"", &[]);
    assert!(hidden.contains("holds a password") && !hidden.contains("hush"), "{hidden}");
    for (name, text) in [("Mcp-Session-Id", "hush"), ("A B", "hush"), ("A", "hush\\n")] {
        let text = format!("[mcp.s]\nurl = \"https://b\"\nheaders = {{ \"{name}\" = \"{text}\" }}");
        let message = refusal(&text, &[]);
        assert!(message.contains("the header `") && !message.contains("hush"), "{message}");
    }
}
