//! `[runtimes.NAME]` as written: the settings of all kinds, of which each kind takes its own.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use serde::Deserialize;

use super::error::Problem;
use super::runtimes::{Anthropic, Api, OnLost, OpenAi, Runtime, RuntimeKind};
use super::secret::{Secret, Secrets};
use super::shell::{ANY_HOST, Claude, Cli};
use crate::program::{Answer, Retry, Select, Stdin, Usage};

/// The kinds a runtime may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Replay,
    Anthropic,
    Openai,
    Perplexity,
    OpenaiCompatible,
    Claude,
    Cli,
}

/// `[runtimes.NAME]` as written: the settings of all kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RuntimeDocument {
    kind: Option<Kind>,
    concurrency: Option<NonZeroUsize>,
    in_process: Option<bool>,
    on_lost: Option<OnLost>,
    default_model: Option<String>,
    record: Option<PathBuf>,
    folder: Option<PathBuf>,
    api: Option<Api>,
    base_url: Option<String>,
    api_key: Option<Secret>,
    max_tokens: Option<NonZeroU32>,
    read_timeout_s: Option<NonZeroU64>,
    connect_timeout_s: Option<NonZeroU64>,
    command: Option<String>,
    args: Option<Vec<String>>,
    cwd: Option<PathBuf>,
    env: Option<Vec<String>>,
    set_env: Option<Secrets>,
    stdin: Option<Stdin>,
    answer: Option<Answer>,
    usage: Option<Usage>,
    session: Option<Select>,
    error: Option<Select>,
    retry: Option<Retry>,
    install: Option<String>,
    allowed_tools: Option<Vec<String>>,
    disallowed_tools: Option<Vec<String>>,
    permission_mode: Option<String>,
    max_turns: Option<NonZeroU32>,
    max_budget_usd: Option<f64>,
    mcp_config: Option<PathBuf>,
    api_retries: Option<u32>,
    hosts: Option<Vec<String>>,
}

/// The runtimes that exist by themselves, with the written ones over and beside them.
pub(super) fn resolve_runtimes(
    written: BTreeMap<String, RuntimeDocument>,
) -> Result<BTreeMap<String, Runtime>, Problem> {
    let mut runtimes = BTreeMap::from([
        ("replay".to_owned(), Runtime::replay()),
        ("anthropic".to_owned(), Runtime::anthropic()),
        ("openai".to_owned(), Runtime::openai()),
        ("perplexity".to_owned(), Runtime::perplexity()),
        ("claude".to_owned(), Runtime::claude()),
    ]);
    for (name, document) in written {
        let runtime = document.resolve(&name)?;
        runtimes.insert(name, runtime);
    }
    Ok(runtimes)
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Anthropic => "anthropic",
            Self::Openai => "openai",
            Self::Perplexity => "perplexity",
            Self::OpenaiCompatible => "openai_compatible",
            Self::Claude => "claude",
            Self::Cli => "cli",
        }
    }
}

impl RuntimeDocument {
    fn resolve(self, name: &str) -> Result<Runtime, Problem> {
        let kind = self.kind_for(name)?;
        self.refuse_foreign(name, kind)?;
        Ok(match kind {
            Kind::Replay => self.over(Runtime::replay(), |document, kind| match kind {
                RuntimeKind::Replay { folder } => {
                    RuntimeKind::Replay { folder: document.folder.unwrap_or(folder) }
                }
                other => other,
            }),
            Kind::Anthropic => self.over(Runtime::anthropic(), |document, _| {
                RuntimeKind::Anthropic(document.anthropic())
            }),
            Kind::Openai => self.over(Runtime::openai(), |document, kind| match kind {
                RuntimeKind::Openai(basis) => RuntimeKind::Openai(document.openai(basis)),
                other => other,
            }),
            Kind::Perplexity => self.over(Runtime::perplexity(), |document, kind| match kind {
                RuntimeKind::Perplexity(basis) => RuntimeKind::Perplexity(document.openai(basis)),
                other => other,
            }),
            Kind::OpenaiCompatible => {
                let basis = Runtime::of(RuntimeKind::OpenaiCompatible(OpenAi::at("", Api::Chat)));
                self.over(basis, |document, _| {
                    let basis = OpenAi::at("", Api::Chat);
                    RuntimeKind::OpenaiCompatible(document.openai(basis))
                })
            }
            Kind::Claude => self.over(Runtime::claude(), |document, _| {
                RuntimeKind::Claude(Box::new(document.claude()))
            }),
            Kind::Cli => {
                let basis = Runtime::of(RuntimeKind::Cli(Box::default()));
                self.over(basis, |document, _| RuntimeKind::Cli(Box::new(document.cli())))
            }
        })
    }

    /// The kind written, else the one that the well-known names have by themselves.
    fn kind_for(&self, name: &str) -> Result<Kind, Problem> {
        match (self.kind, name) {
            (Some(kind), _) => Ok(kind),
            (None, "replay") => Ok(Kind::Replay),
            (None, "anthropic") => Ok(Kind::Anthropic),
            (None, "openai") => Ok(Kind::Openai),
            (None, "perplexity") => Ok(Kind::Perplexity),
            (None, "claude") => Ok(Kind::Claude),
            (None, _) => {
                Err(Problem::new(&["runtimes", name], format!("runtime `{name}` lacks its `kind`"))
                    .hint("add kind = \"anthropic\", \"openai\", \"perplexity\", \"openai_compatible\", \"claude\", \"cli\" or \"replay\""))
            }
        }
    }

    fn refuse_foreign(&self, name: &str, kind: Kind) -> Result<(), Problem> {
        let kind_name = kind.word();
        let foreign = self.written().into_iter().find(|(_, kinds)| !kinds.contains(&kind));
        foreign.map_or(Ok(()), |(field, _)| {
            let message =
                format!("runtime `{name}` is of kind {kind_name}, which has no `{field}`");
            Err(Problem::new(&["runtimes", name, field], message)
                .hint("remove it or change the kind"))
        })
    }

    /// The settings written that not all kinds have, each with those that have it.
    fn written(&self) -> Vec<(&'static str, &'static [Kind])> {
        use Kind::{Anthropic, Claude, Cli, Openai, OpenaiCompatible, Perplexity, Replay};
        const ASKED: &[Kind] = &[Anthropic, Openai, Perplexity, OpenaiCompatible];
        const MODELS: &[Kind] = &[Replay, Anthropic, Openai, Perplexity, OpenaiCompatible];
        const KEYED: &[Kind] = &[Anthropic, Openai, Perplexity, OpenaiCompatible, Claude];
        let all: [(&str, bool, &[Kind]); 29] = [
            ("in_process", self.in_process.is_some(), MODELS),
            ("record", self.record.is_some(), MODELS),
            ("folder", self.folder.is_some(), &[Replay]),
            ("api", self.api.is_some(), &[Openai, OpenaiCompatible]),
            ("base_url", self.base_url.is_some(), KEYED),
            ("api_key", self.api_key.is_some(), KEYED),
            ("max_tokens", self.max_tokens.is_some(), ASKED),
            ("read_timeout_s", self.read_timeout_s.is_some(), ASKED),
            ("connect_timeout_s", self.connect_timeout_s.is_some(), ASKED),
            ("command", self.command.is_some(), &[Claude, Cli]),
            ("args", self.args.is_some(), &[Claude, Cli]),
            ("cwd", self.cwd.is_some(), &[Claude, Cli]),
            ("env", self.env.is_some(), &[Claude, Cli]),
            ("set_env", self.set_env.is_some(), &[Claude, Cli]),
            ("stdin", self.stdin.is_some(), &[Cli]),
            ("answer", self.answer.is_some(), &[Cli]),
            ("usage", self.usage.is_some(), &[Cli]),
            ("session", self.session.is_some(), &[Cli]),
            ("error", self.error.is_some(), &[Cli]),
            ("retry", self.retry.is_some(), &[Cli]),
            ("install", self.install.is_some(), &[Cli]),
            ("allowed_tools", self.allowed_tools.is_some(), &[Claude]),
            ("disallowed_tools", self.disallowed_tools.is_some(), &[Claude]),
            ("permission_mode", self.permission_mode.is_some(), &[Claude]),
            ("max_turns", self.max_turns.is_some(), &[Claude]),
            ("max_budget_usd", self.max_budget_usd.is_some(), &[Claude]),
            ("mcp_config", self.mcp_config.is_some(), &[Claude]),
            ("api_retries", self.api_retries.is_some(), &[Claude]),
            ("hosts", self.hosts.is_some(), &[Claude, Cli]),
        ];
        all.into_iter()
            .filter_map(|(field, is_set, kinds)| is_set.then_some((field, kinds)))
            .collect()
    }

    /// The written settings over those of `basis`; what only its kind has is made by `kind`.
    fn over(self, basis: Runtime, kind: impl FnOnce(Self, RuntimeKind) -> RuntimeKind) -> Runtime {
        Runtime {
            concurrency: self.concurrency.unwrap_or(basis.concurrency),
            in_process: self.in_process.unwrap_or(basis.in_process),
            on_lost: self.on_lost.unwrap_or(basis.on_lost),
            default_model: self.default_model.clone().or(basis.default_model),
            record: self.record.clone(),
            kind: kind(self, basis.kind),
        }
    }

    fn anthropic(self) -> Anthropic {
        let basis = Anthropic::default();
        Anthropic {
            base_url: self.base_url.unwrap_or(basis.base_url),
            api_key: self.api_key.filter(|key| !key.expose().is_empty()),
            max_tokens: self.max_tokens.unwrap_or(basis.max_tokens),
            read_timeout_s: self.read_timeout_s.unwrap_or(basis.read_timeout_s),
            connect_timeout_s: self.connect_timeout_s.unwrap_or(basis.connect_timeout_s),
        }
    }

    fn openai(self, basis: OpenAi) -> OpenAi {
        OpenAi {
            api: self.api.unwrap_or(basis.api),
            base_url: self.base_url.unwrap_or(basis.base_url),
            api_key: self.api_key.filter(|key| !key.expose().is_empty()),
            max_tokens: self.max_tokens.unwrap_or(basis.max_tokens),
            read_timeout_s: self.read_timeout_s.unwrap_or(basis.read_timeout_s),
            connect_timeout_s: self.connect_timeout_s.unwrap_or(basis.connect_timeout_s),
        }
    }

    fn claude(self) -> Claude {
        let basis = Claude::default();
        Claude {
            command: self.command.unwrap_or(basis.command),
            api_key: self.api_key.filter(|key| !key.expose().is_empty()),
            base_url: self.base_url,
            cwd: self.cwd,
            allowed_tools: self.allowed_tools.unwrap_or_default(),
            disallowed_tools: self.disallowed_tools.unwrap_or_default(),
            permission_mode: self.permission_mode,
            max_turns: self.max_turns,
            max_budget_usd: self.max_budget_usd,
            mcp_config: self.mcp_config,
            args: self.args.unwrap_or_default(),
            env: self.env.unwrap_or_default(),
            set_env: self.set_env.unwrap_or_default(),
            api_retries: self.api_retries.unwrap_or(basis.api_retries),
            hosts: self.hosts.unwrap_or(basis.hosts),
        }
    }

    fn cli(self) -> Cli {
        Cli {
            command: self.command.unwrap_or_default(),
            args: self.args.unwrap_or_default(),
            stdin: self.stdin.unwrap_or_default(),
            cwd: self.cwd,
            env: self.env.unwrap_or_default(),
            set_env: self.set_env.unwrap_or_default(),
            answer: self.answer.unwrap_or_default(),
            usage: self.usage.unwrap_or_default(),
            session: self.session,
            error: self.error,
            retry: self.retry.unwrap_or_default(),
            install: self.install,
            hosts: self.hosts.unwrap_or_else(|| vec![ANY_HOST.to_owned()]),
        }
    }
}
