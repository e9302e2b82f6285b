//! What types cannot say: settings that are wrong for what they name, or that do not go together.

use tracing_subscriber::EnvFilter;

use super::error::Problem;
use super::mcp::{Mcp, McpReach};
use super::nearest::nearest;
use super::resolved::Settings;
use super::runtimes::{OpenAi, Runtime, RuntimeKind};
use super::sections::{LONGEST_TIMEOUT_S, MOST_RETRIES, Processes};
use super::shell::{Claude, Cli};
use crate::program::Answer;

/// Finds the first setting that cannot work.
pub(super) fn check(settings: &Settings) -> Result<(), Problem> {
    check_listen(settings)?;
    check_origins(settings)?;
    check_topic_root(&settings.topic_root)?;
    check_level(&settings.log.level)?;
    check_default_runtime(settings)?;
    check_limits(settings)?;
    check_spans(settings)?;
    check_retries(settings)?;
    settings.runtimes.iter().try_for_each(|(name, runtime)| check_runtime(name, runtime))?;
    settings.mcp.iter().try_for_each(|(name, server)| check_server(name, server))
}

fn check_listen(settings: &Settings) -> Result<(), Problem> {
    let http = &settings.http;
    if http.listen.ip().is_loopback() || http.allow_non_loopback {
        return Ok(());
    }
    Err(Problem::new(
        &["http", "listen"],
        format!("{} can be reached from other machines", http.listen),
    )
    .hint("listen on 127.0.0.1, or set http.allow_non_loopback = true if that is meant"))
}

fn check_origins(settings: &Settings) -> Result<(), Problem> {
    let is_origin = |text: &str| {
        text.split_once("://").is_some_and(|(scheme, host)| {
            !scheme.is_empty() && !host.is_empty() && !host.contains(['/', '*', '?', '#', '@', ' '])
        })
    };
    match settings.http.allowed_origins.iter().find(|origin| !is_origin(origin)) {
        None => Ok(()),
        Some(origin) => Err(Problem::new(
            &["http", "allowed_origins"],
            format!("`{origin}` is no origin"),
        )
        .hint(
            "write scheme, host and port without a path or wildcard, such as http://localhost:3000",
        )),
    }
}

fn check_topic_root(root: &str) -> Result<(), Problem> {
    if !root.is_empty() && root.split('.').all(is_name) {
        return Ok(());
    }
    Err(Problem::new(&["topic_root"], format!("`{root}` is no topic"))
        .hint("use small letters, digits, - and _, with dots between words"))
}

/// A bare word has to be a level: the filter would take a misspelt one for a target, and fall silent.
fn check_level(level: &str) -> Result<(), Problem> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let wrong = |message: String| Problem::new(&["log", "level"], message);
    let words = level.split(',').map(str::trim).filter(|word| !word.contains('='));
    for word in words {
        if !LEVELS.contains(&word.to_lowercase().as_str()) {
            let hint = nearest(word, LEVELS).map_or_else(
                || format!("levels are {}", LEVELS.join(", ")),
                |meant| format!("did you mean `{meant}`?"),
            );
            return Err(wrong(format!("`{word}` is no log level")).hint(hint));
        }
    }
    EnvFilter::builder().parse(level).map(drop).map_err(|error| {
        wrong(format!("`{level}` is no log filter: {error}"))
            .hint("write it like info,callboard_actors=debug")
    })
}

fn check_default_runtime(settings: &Settings) -> Result<(), Problem> {
    let name = &settings.processes.default_runtime;
    if settings.runtimes.contains_key(name) {
        return Ok(());
    }
    let known: Vec<&str> = settings.runtimes.keys().map(String::as_str).collect();
    let hint = match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("add [runtimes.{name}], or use one of {}", known.join(", ")),
    };
    Err(Problem::new(&["processes", "default_runtime"], format!("there is no runtime `{name}`"))
        .hint(hint))
}

/// What a spawn that names neither gets has to be what a spawn may ask for.
fn check_limits(settings: &Settings) -> Result<(), Problem> {
    let Processes { timeout_s, max_retries, .. } = &settings.processes;
    let limits = [
        ("timeout_s", timeout_s.get(), u64::from(LONGEST_TIMEOUT_S)),
        ("max_retries", u64::from(*max_retries), u64::from(MOST_RETRIES)),
    ];
    limits.into_iter().try_for_each(|(name, value, most)| within(&["processes", name], value, most))
}

/// The longest span of time that makes sense, in seconds: ten years. Beyond, sums of times overflow.
const LONGEST_SPAN_S: u64 = 315_360_000;

fn check_spans(settings: &Settings) -> Result<(), Problem> {
    let Settings { http, processes, entities, supervision, cleanup, monitor, .. } = settings;
    let spans = [
        ("http", "shutdown_timeout_s", http.shutdown_timeout_s),
        ("entities", "idle_s", entities.idle_s.get()),
        ("entities", "park_within_s", entities.park_within_s.get()),
        ("supervision", "settle_s", supervision.settle_s.get()),
        ("cleanup", "grace_s", cleanup.grace_s),
        ("cleanup", "interval_s", cleanup.interval_s.get()),
        ("monitor", "margin_s", monitor.margin_s.get()),
        ("monitor", "letters_s", monitor.letters_s.get()),
        ("monitor", "look_every_s", monitor.look_every_s.get()),
    ];
    let pauses = [
        ("processes", "retry_first_ms", processes.retry_first_ms),
        ("processes", "retry_max_ms", processes.retry_max_ms),
    ];
    for (section, name, seconds) in spans {
        within(&[section, name], seconds, LONGEST_SPAN_S)?;
    }
    for (section, name, milliseconds) in pauses {
        within(&[section, name], milliseconds, LONGEST_SPAN_S * 1_000)?;
    }
    settings.runtimes.iter().try_for_each(|(name, runtime)| {
        let Some((_, read, connect)) = runtime.kind.endpoint() else { return Ok(()) };
        within(&["runtimes", name, "read_timeout_s"], read, LONGEST_SPAN_S)?;
        within(&["runtimes", name, "connect_timeout_s"], connect, LONGEST_SPAN_S)
    })
}

fn within(path: &[&str], value: u64, most: u64) -> Result<(), Problem> {
    if value <= most {
        return Ok(());
    }
    let name = path.last().copied().unwrap_or_default();
    Err(Problem::new(path, format!("{name} = {value} is more than {most}"))
        .hint(format!("set it to {most} or less")))
}

fn check_retries(settings: &Settings) -> Result<(), Problem> {
    let processes = &settings.processes;
    if processes.retry_first_ms <= processes.retry_max_ms {
        return Ok(());
    }
    let message = format!(
        "the first pause of {} ms is longer than the longest, retry_max_ms = {}",
        processes.retry_first_ms, processes.retry_max_ms
    );
    let longest_was_set = processes.retry_max_ms != Processes::default().retry_max_ms;
    let culprit = if longest_was_set { "retry_max_ms" } else { "retry_first_ms" };
    Err(Problem::new(&["processes", culprit], message).hint("lower the first or raise the longest"))
}

fn check_runtime(name: &str, runtime: &Runtime) -> Result<(), Problem> {
    if !is_name(name) {
        return Err(Problem::new(
            &["runtimes", name],
            format!("`{name}` is no name for a runtime"),
        )
        .hint("use small letters, digits, - and _"));
    }
    match &runtime.kind {
        RuntimeKind::Anthropic(anthropic) => check_base_url(name, &anthropic.base_url),
        RuntimeKind::Openai(api) | RuntimeKind::Perplexity(api) => {
            check_base_url(name, &api.base_url)
        }
        RuntimeKind::OpenaiCompatible(api) => check_compatible(name, runtime, api),
        RuntimeKind::Claude(claude) => check_claude(name, claude),
        RuntimeKind::Cli(cli) => check_cli(name, cli),
        RuntimeKind::Replay { .. } if runtime.in_process => Ok(()),
        RuntimeKind::Replay { .. } => Err(Problem::new(
            &["runtimes", name, "in_process"],
            format!("runtime `{name}` is of kind replay, which always runs in the server"),
        )
        .hint("remove in_process")),
    }
}

/// Nobody knows where it is, or which models it has.
fn check_compatible(name: &str, runtime: &Runtime, api: &OpenAi) -> Result<(), Problem> {
    let lacks = |what: &str, hint: &str| {
        let message = format!("runtime `{name}` of kind openai_compatible lacks its `{what}`");
        Err(Problem::new(&["runtimes", name], message).hint(hint))
    };
    if api.base_url.is_empty() {
        return lacks("base_url", "add base_url = \"http://127.0.0.1:11434/v1\", say");
    }
    if runtime.default_model.is_none() {
        return lacks("default_model", "add default_model = \"qwen3\", say");
    }
    check_base_url(name, &api.base_url)
}

fn check_claude(name: &str, claude: &Claude) -> Result<(), Problem> {
    if let Some(base_url) = &claude.base_url {
        check_base_url(name, base_url)?;
    }
    match claude.max_budget_usd {
        Some(budget) if !(budget.is_finite() && budget > 0.0) => Err(Problem::new(
            &["runtimes", name, "max_budget_usd"],
            format!("a budget of {budget} is not possible"),
        )
        .hint("write US dollars, more than zero, or remove it")),
        _ => Ok(()),
    }
}

fn check_cli(name: &str, cli: &Cli) -> Result<(), Problem> {
    if cli.command.is_empty() {
        return Err(Problem::new(
            &["runtimes", name],
            format!("runtime `{name}` of kind cli lacks its `command`"),
        )
        .hint("add command = \"program\" and args = [\"…\", \"{{ prompt }}\"]"));
    }
    let usage = [&cli.usage.tokens_in, &cli.usage.tokens_out, &cli.usage.cost_usd];
    let selects = usage.into_iter().chain([&cli.session, &cli.error]).flatten();
    let answer = match &cli.answer {
        Answer::Plain(word) if word == "stdout" || word == "last_line" => None,
        Answer::Plain(pointer) => Some(pointer),
        Answer::Select(select) => Some(&select.pointer),
    };
    let wrong = answer.into_iter().chain(selects.map(|select| &select.pointer));
    match wrong.into_iter().find(|pointer| !pointer.starts_with('/')) {
        None => Ok(()),
        Some(wrong) => Err(Problem::new(
            &["runtimes", name],
            format!("`{wrong}` says neither stdout nor last_line, and is no JSON pointer"),
        )
        .hint("a JSON pointer begins with a slash, as in /result")),
    }
}

fn check_base_url(name: &str, text: &str) -> Result<(), Problem> {
    let is_http = |url: reqwest::Url| matches!(url.scheme(), "http" | "https");
    if reqwest::Url::parse(text).is_ok_and(is_http) {
        return Ok(());
    }
    Err(Problem::new(&["runtimes", name, "base_url"], format!("`{text}` is no web address"))
        .hint("write it like https://api.anthropic.com"))
}

/// The longest name of an MCP server: its tools' names begin with it.
const LONGEST_SERVER: usize = 32;

fn check_server(name: &str, server: &Mcp) -> Result<(), Problem> {
    let is_short = name.len() <= LONGEST_SERVER && !name.ends_with('_');
    if !is_name(name) || !is_short || name.contains("__") {
        return Err(Problem::new(&["mcp", name], format!("`{name}` is no name for an MCP server"))
            .hint("use at most 32 small letters, digits, - and _, but not __, nor _ at the end"));
    }
    let timeout = u64::from(server.timeout_s.get());
    within(&["mcp", name, "timeout_s"], timeout, u64::from(LONGEST_TIMEOUT_S))?;
    match &server.reach {
        McpReach::Program { command, .. } if command.is_empty() => Err(Problem::new(
            &["mcp", name, "command"],
            format!("the MCP server `{name}` has an empty command"),
        )
        .hint("name the program that is to be run")),
        McpReach::Program { .. } => Ok(()),
        McpReach::Address { url, headers } => {
            check_address(name, url)?;
            headers.expose().try_for_each(|(header, text)| check_header(name, &header, &text))
        }
    }
}

fn check_address(name: &str, text: &str) -> Result<(), Problem> {
    let url = reqwest::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let wrong =
        |message: String, hint: &str| Err(Problem::new(&["mcp", name, "url"], message).hint(hint));
    match url {
        None => wrong("this is no web address".into(), "write it like https://example.org/mcp"),
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            wrong("the address holds a password".into(), "put what it needs into headers")
        }
        Some(_) => Ok(()),
    }
}

/// What the protocol sets itself.
const OUR_HEADERS: [&str; 6] = [
    "accept",
    "content-type",
    "content-length",
    "last-event-id",
    "mcp-protocol-version",
    "mcp-session-id",
];

fn check_header(server: &str, name: &str, text: &str) -> Result<(), Problem> {
    use reqwest::header::{HeaderName, HeaderValue};
    let path = ["mcp", server, "headers", name];
    let wrong = |message: String| {
        Err(Problem::new(&path, message).hint("write { Authorization = \"Bearer …\" }, say"))
    };
    if OUR_HEADERS.contains(&name.to_lowercase().as_str()) {
        return wrong(format!("the header `{name}` is set by the protocol itself"));
    }
    let is_name = HeaderName::from_bytes(name.as_bytes()).is_ok();
    if is_name && HeaderValue::from_str(text).is_ok() {
        return Ok(());
    }
    wrong(format!("the header `{name}`, or what it says, has letters that no header can carry"))
}

/// Whether a text may be a word of a topic or the name of a runtime.
fn is_name(text: &str) -> bool {
    let is_fit = |letter: char| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || matches!(letter, '-' | '_')
    };
    !text.is_empty() && text.chars().all(is_fit)
}
