//! [`Runtimes`]: executes attempts by asking the model, or running the program, that the attempt's
//! runtime stands for.

use crate::world::models::{
    Answer, Anthropic, Call, Failure, FailureKind, Model, OpenAi, Output, Recorder, Replay,
    ScriptError, Speaker, Turn, Usage,
};
use crate::world::shell::{Claude, Cli};
use crate::world::spec::{Spec, SpecKind};
use callboard_actors::processes::shim::Shim;
use callboard_actors::processes::{
    Asked, Charge, Desk, ErrorKind, Estimate, Execute, ExecuteError, Executed, Past, Place, Work,
    Writer,
};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// One runtime: who is asked, and where.
#[derive(Debug, Clone)]
pub struct Runtime {
    source: Source,
    record: Option<PathBuf>,
    place: Place,
}

/// Who is asked.
#[derive(Debug, Clone)]
enum Source {
    Replay(Replay),
    Anthropic(Arc<Anthropic>),
    OpenAi(Arc<OpenAi>),
    Claude(Arc<Claude>),
    Cli(Arc<Cli>),
}

/// Why a runtime cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Its recordings cannot be read.
    #[error(transparent)]
    Replay(#[from] ScriptError),
    /// Its client cannot be made.
    #[error(transparent)]
    Client(#[from] Failure),
    /// Its templates are wrong, or its hosts.
    #[error("{0}")]
    Cli(String),
}

/// All runtimes, by name. Clones share them, also when they are replaced.
#[derive(Debug, Clone)]
pub struct Runtimes(Arc<RwLock<Arc<BTreeMap<String, Runtime>>>>);

impl Runtimes {
    /// These runtimes.
    pub fn new(runtimes: BTreeMap<String, Runtime>) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(runtimes))))
    }

    /// From now on these; attempts that run go on with what they began with.
    pub fn replace(&self, runtimes: BTreeMap<String, Runtime>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(runtimes);
    }

    /// Those over an API like `OpenAI`'s, by name.
    pub(super) fn over_openai(&self) -> Vec<Arc<OpenAi>> {
        let all = self.current();
        let clients = all.values().filter_map(|runtime| match &runtime.source {
            Source::OpenAi(client) => Some(Arc::clone(client)),
            _ => None,
        });
        clients.collect()
    }

    /// Whether a runtime runs a program, which can do more than answer.
    pub(super) fn runs_a_program(&self, runtime: &str) -> bool {
        let is_program =
            |runtime: &Runtime| matches!(runtime.source, Source::Claude(_) | Source::Cli(_));
        self.current().get(runtime).is_some_and(is_program)
    }

    fn current(&self) -> Arc<BTreeMap<String, Runtime>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Runtime {
    /// Sets a runtime up, to work in this process.
    ///
    /// # Errors
    /// If what it needs cannot be read or is wrong. Nobody is asked yet.
    pub fn open(spec: Spec) -> Result<Self, OpenError> {
        let source = match spec.kind {
            SpecKind::Replay(folder) => Source::Replay(Replay::open(folder)?),
            SpecKind::Anthropic(config) => Source::Anthropic(Arc::new(Anthropic::new(config)?)),
            SpecKind::OpenAi(config) => Source::OpenAi(Arc::new(OpenAi::new(*config)?)),
            SpecKind::Claude(spec) => {
                Source::Claude(Arc::new(Claude::new(*spec).map_err(OpenError::Cli)?))
            }
            SpecKind::Cli(spec) => Source::Cli(Arc::new(Cli::new(*spec).map_err(OpenError::Cli)?)),
        };
        Ok(Self { source, record: spec.record, place: Place::Here })
    }

    /// Has it work in processes of its own.
    pub fn in_shims(self, shim: Shim) -> Self {
        Self { place: Place::Shim(shim), ..self }
    }

    async fn execute(self, work: Work, desk: Desk) -> Result<Executed, ExecuteError> {
        match self.source {
            Source::Replay(replay) => {
                // Scripted answers "at most n times" are counted for each process apart.
                let replay = replay.counted_for(work.attempt.process_id.0.as_str());
                ask(replay, self.record, work, &desk).await
            }
            Source::Anthropic(anthropic) => ask(anthropic, self.record, work, &desk).await,
            Source::OpenAi(openai) => ask(openai, self.record, work, &desk).await,
            Source::Claude(_) | Source::Cli(_) if !work.tools.is_empty() => Err(no_tools(&work)),
            Source::Claude(claude) => claude.execute(work, &desk).await,
            Source::Cli(cli) => cli.execute(work, &desk).await,
        }
    }
}

impl Source {
    /// What a call may cost at most, as far as this runtime can say. A program asks as often as it likes.
    fn estimate(&self, asked: &Asked<'_>) -> Estimate {
        match self {
            Self::Replay(replay) => {
                let call = unsent(asked);
                let costs = match asked.results_bytes {
                    None => replay.estimate(&call),
                    // Which question the results belong to is not known yet.
                    Some(_) => replay.dearest(&call),
                };
                let (usage, usd) = costs.unwrap_or_default();
                // Its estimates know nothing of what was said before.
                let said = (asked.history_bytes + asked.results_bytes.unwrap_or(0)) / 3;
                Estimate { tokens: Some(tokens(usage).saturating_add(said)), usd: Some(usd) }
            }
            Self::Anthropic(anthropic) => {
                let (usage, usd) = anthropic.estimate(asked.model, asked.tokens_in());
                Estimate { tokens: Some(tokens(usage)), usd }
            }
            Self::OpenAi(openai) => {
                let (usage, usd) = openai.estimate(asked.model, asked.tokens_in());
                Estimate { tokens: Some(tokens(usage)), usd }
            }
            Self::Claude(claude) => Estimate { tokens: None, usd: claude.most_usd() },
            Self::Cli(_) => Estimate::default(),
        }
    }
}

fn tokens(usage: Usage) -> u64 {
    usage.tokens_in.saturating_add(usage.tokens_out)
}

/// The call, as far as it is known before anything is said before it.
fn unsent(asked: &Asked<'_>) -> Call {
    Call {
        prompt: asked.prompt.to_owned(),
        system: asked.system.map(str::to_owned),
        model: asked.model.to_owned(),
        role: asked.profile.map(str::to_owned),
        ..Call::default()
    }
}

/// A program calls tools of its own.
fn no_tools(work: &Work) -> ExecuteError {
    let runtime = &work.attempt.runtime;
    let error = format!(
        "the runtime {runtime:?} runs a program, which cannot be given tools: choose one that asks a model itself"
    );
    let (kind, charge) = (ErrorKind::Unable, Charge::Nothing);
    ExecuteError { kind, error, charge, retry_after_ms: None }
}

/// Asks a model, and records the answer where that is wanted.
async fn ask(
    model: impl Model,
    record: Option<PathBuf>,
    work: Work,
    desk: &Desk,
) -> Result<Executed, ExecuteError> {
    let (call, mut deltas) = (call(work), Deltas(desk.words()));
    let answer = match record {
        Some(file) => Recorder::new(model, file).call(call, &mut deltas).await,
        None => model.call(call, &mut deltas).await,
    };
    answer.map(executed).map_err(error)
}

impl Execute for Runtimes {
    fn execute(
        &self,
        work: Work,
        desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        let runtime = self.current().get(&work.attempt.runtime).cloned();
        async move {
            let name = &work.attempt.runtime;
            let runtime = runtime.ok_or_else(|| ExecuteError {
                kind: ErrorKind::Unable,
                error: format!("the runtime {name:?} is not configured: add it to the configuration and retry, or spawn at another"),
                charge: Charge::Nothing,
                retry_after_ms: None,
            })?;
            runtime.execute(work, desk).await
        }
        .boxed_local()
    }

    fn place(&self, runtime: &str) -> Place {
        self.current().get(runtime).map_or(Place::Here, |runtime| runtime.place.clone())
    }

    fn estimate(&self, asked: &Asked<'_>) -> Estimate {
        let runtime = self.current().get(asked.runtime).cloned();
        runtime.map(|runtime| runtime.source.estimate(asked)).unwrap_or_default()
    }

    fn forget(&self, process: &str) {
        for runtime in self.current().values() {
            if let Source::Replay(replay) = &runtime.source {
                replay.forget(process);
            }
        }
    }
}

struct Deltas(Writer);

impl Output for Deltas {
    fn delta(&mut self, text: &str) -> io::Result<()> {
        self.0.write(text);
        Ok(())
    }
}

fn call(work: Work) -> Call {
    let turns = |Past { prompt, content, tool_results: results, tool_calls: calls, .. }| {
        let asked = Turn { speaker: Speaker::User, text: prompt, results, ..Turn::default() };
        [asked, Turn { speaker: Speaker::Assistant, text: content, calls, ..Turn::default() }]
    };
    Call {
        prompt: work.prompt,
        results: work.results,
        schema: work.schema,
        tools: work.tools,
        history: work.history.into_iter().flat_map(turns).collect(),
        system: work.system,
        model: work.attempt.model,
        role: work.attempt.profile,
        ..Call::default()
    }
}

fn executed(answer: Answer) -> Executed {
    Executed {
        content: answer.text,
        calls: answer.calls,
        model: answer.model,
        stop_reason: answer.stop_reason,
        tokens_in: answer.usage.tokens_in,
        tokens_out: answer.usage.tokens_out,
        cost_usd: answer.cost_usd,
        label: answer.label,
        sources: answer.sources,
        tokens_cached: answer.usage.cached,
        tokens_reasoning: answer.usage.reasoning,
        ..Executed::default()
    }
}

fn error(failure: Failure) -> ExecuteError {
    let retry_after = failure.retry_after;
    ExecuteError {
        kind: kind(failure.kind),
        error: failure.message,
        charge: failure.charge,
        retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
    }
}

/// What another attempt may mend; what somebody else may; and what nobody may.
fn kind(kind: FailureKind) -> ErrorKind {
    match kind {
        _ if kind.is_retryable() => ErrorKind::Passing,
        FailureKind::Rejected => ErrorKind::Final,
        _ => ErrorKind::Unable,
    }
}
