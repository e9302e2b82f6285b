//! Settings become runtimes: those that work in the server, and those that work in shims.

use crate::settings::{self, RuntimeKind, Settings};
use crate::world::models::{AnthropicConfig, Api, OpenAiConfig, Price, Prices, Provider, Secret};
use crate::world::shell::{ClaudeSpec, CliSpec, inherited};
use crate::world::{Runtime, Spec, SpecKind};
use anyhow::Context as _;
use callboard_actors::processes::shim::Shim;
use std::time::Duration;

/// The command of this program that makes it a shim.
const SHIM: &str = "shim";

/// What Claude Code needs of the environment beside what every program does: how to reach its API.
const FOR_CLAUDE: [&str; 9] = [
    "ANTHROPIC_*",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "DISABLE_TELEMETRY",
    "DISABLE_ERROR_REPORTING",
    "IS_SANDBOX",
];

/// The runtime of these settings. A shim of it gets what they say now, secrets too.
pub(super) fn build(
    name: &str,
    runtime: &settings::Runtime,
    settings: &Settings,
) -> anyhow::Result<Runtime> {
    let spec = spec(name, runtime, settings);
    let opened = Runtime::open(spec.clone())
        .with_context(|| format!("failed to set up the runtime {name}"))?;
    if runtime.in_process { Ok(opened) } else { Ok(opened.in_shims(shim(&spec)?)) }
}

/// Shims are this very program, also when another version has taken its place on disk.
fn shim(spec: &Spec) -> anyhow::Result<Shim> {
    let environment = inherited(variables(), &[]).into_iter();
    Ok(Shim {
        program: "/proc/self/exe".into(),
        command: SHIM,
        environment: environment.map(|(name, value)| (name.into(), value.into())).collect(),
        runtime: serde_json::to_value(spec)?,
    })
}

fn spec(name: &str, runtime: &settings::Runtime, settings: &Settings) -> Spec {
    let openai = |api, provider| {
        let model = runtime.default_model.as_ref().unwrap_or(&settings.processes.default_model);
        SpecKind::OpenAi(Box::new(self::openai((name, model), api, provider, settings)))
    };
    let kind = match &runtime.kind {
        RuntimeKind::Replay { folder } => SpecKind::Replay(folder.clone()),
        RuntimeKind::Anthropic(anthropic) => SpecKind::Anthropic(api(anthropic, settings)),
        RuntimeKind::Openai(api) => openai(api, Provider::Openai),
        RuntimeKind::Perplexity(api) => openai(api, Provider::Perplexity),
        RuntimeKind::OpenaiCompatible(api) => openai(api, Provider::Compatible),
        RuntimeKind::Claude(claude) => SpecKind::Claude(Box::new(self::claude(claude))),
        RuntimeKind::Cli(cli) => SpecKind::Cli(Box::new(self::cli(cli))),
    };
    Spec { record: runtime.record.clone(), kind }
}

fn api(anthropic: &settings::Anthropic, settings: &Settings) -> AnthropicConfig {
    AnthropicConfig {
        api_key: anthropic.api_key.as_ref().map(|key| Secret::new(key.expose())),
        base_url: anthropic.base_url.clone(),
        read_timeout: Duration::from_secs(anthropic.read_timeout_s.get()),
        connect_timeout: Duration::from_secs(anthropic.connect_timeout_s.get()),
        max_tokens: anthropic.max_tokens.get(),
        prices: prices(settings),
    }
}

fn openai(
    (name, model): (&str, &str),
    api: &settings::OpenAi,
    provider: Provider,
    settings: &Settings,
) -> OpenAiConfig {
    OpenAiConfig {
        runtime: name.to_owned(),
        provider,
        api: match api.api {
            settings::Api::Chat => Api::Chat,
            settings::Api::Responses => Api::Responses,
        },
        api_key: api.api_key.as_ref().map(|key| Secret::new(key.expose())),
        base_url: api.base_url.clone(),
        default_model: model.to_owned(),
        read_timeout: Duration::from_secs(api.read_timeout_s.get()),
        connect_timeout: Duration::from_secs(api.connect_timeout_s.get()),
        max_tokens: api.max_tokens.get(),
        prices: prices(settings),
    }
}

fn prices(settings: &Settings) -> Prices {
    let price = |price: &settings::Price| Price {
        cached: price.cached,
        ..Price::new(price.input, price.output)
    };
    let written = settings.models.prices.iter();
    Prices::new(written.map(|(model, written)| (model.clone(), price(written))).collect())
}

fn claude(claude: &settings::Claude) -> ClaudeSpec {
    let named = FOR_CLAUDE.map(str::to_owned);
    let mut environment = inherited(variables(), &[named.as_slice(), &claude.env].concat());
    let mut set = |name: &str, value: &str| environment.insert(name.into(), value.into());
    // A program that changes under its running copies is no help.
    set("DISABLE_AUTOUPDATER", "1");
    // By itself it asks for minutes with a key that is refused.
    set("CLAUDE_CODE_MAX_RETRIES", &claude.api_retries.to_string());
    if let Some(key) = &claude.api_key {
        set("ANTHROPIC_API_KEY", key.expose());
    }
    if let Some(base_url) = &claude.base_url {
        set("ANTHROPIC_BASE_URL", base_url);
    }
    environment.extend(claude.set_env.expose());
    ClaudeSpec {
        command: claude.command.clone(),
        cwd: claude.cwd.clone(),
        allowed_tools: claude.allowed_tools.clone(),
        disallowed_tools: claude.disallowed_tools.clone(),
        permission_mode: claude.permission_mode.clone(),
        max_turns: claude.max_turns.map(std::num::NonZeroU32::get),
        max_budget_usd: claude.max_budget_usd,
        mcp_config: claude.mcp_config.clone(),
        args: claude.args.clone(),
        hosts: claude.hosts.clone(),
        environment,
    }
}

fn cli(cli: &settings::Cli) -> CliSpec {
    let mut environment = inherited(variables(), &cli.env);
    environment.extend(cli.set_env.expose());
    CliSpec {
        command: cli.command.clone(),
        args: cli.args.clone(),
        stdin: cli.stdin,
        cwd: cli.cwd.clone(),
        environment,
        answer: cli.answer.clone(),
        usage: cli.usage.clone(),
        session: cli.session.clone(),
        error: cli.error.clone(),
        retry: cli.retry.clone(),
        install: cli.install.clone(),
        hosts: cli.hosts.clone(),
    }
}

/// The environment, as far as it is text.
pub(super) fn variables() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}
