//! [`Runtimes`]: executes attempts by asking the model that the attempt's runtime stands for.

use crate::world::models::{
    Answer, Anthropic, Call, CountedReplay, Failure, Model, Output, Recorder, Replay, Speaker, Turn,
};
use callboard_actors::processes::{Execute, ExecuteError, Executed, Past, Work, Writer};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// One runtime: who is asked, and whether the answers are recorded.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// Who is asked.
    pub source: Source,
    /// The replay file that answers are recorded into.
    pub record: Option<PathBuf>,
}

/// Who is asked.
#[derive(Debug, Clone)]
pub enum Source {
    /// Recorded or scripted answers.
    Replay(Replay),
    /// The Messages API.
    Anthropic(Arc<Anthropic>),
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

    fn current(&self) -> Arc<BTreeMap<String, Runtime>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Runtime {
    /// Asks, and records the answer where that is wanted.
    async fn ask(
        self,
        process: &str,
        call: Call,
        output: &mut dyn Output,
    ) -> Result<Answer, Failure> {
        let model: Box<dyn Model> = match self.source {
            Source::Replay(replay) => Box::new(counted(&replay, process)),
            Source::Anthropic(anthropic) => Box::new(anthropic),
        };
        match self.record {
            Some(file) => Recorder::new(model, file).call(call, output).await,
            None => model.call(call, output).await,
        }
    }
}

/// Scripted answers "at most n times" are counted for each process apart.
fn counted(replay: &Replay, process: &str) -> CountedReplay {
    replay.counted_for(process)
}

impl Execute for Runtimes {
    fn execute(
        &self,
        work: Work,
        output: Writer,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        let runtime = self.current().get(&work.attempt.runtime).cloned();
        async move {
            let name = &work.attempt.runtime;
            let runtime = runtime.ok_or_else(|| ExecuteError {
                is_passing: false,
                error: format!("there is no runtime {name:?} in the configuration"),
                retry_after_ms: None,
            })?;
            let process = work.attempt.process_id.to_string();
            let mut deltas = Deltas(output);
            let answer = runtime.ask(&process, call(work), &mut deltas).await;
            answer.map(executed).map_err(error)
        }
        .boxed_local()
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
        self.0.write(text)
    }
}

fn call(work: Work) -> Call {
    let turns = |Past { prompt, content }| {
        let said = |speaker, text| Turn { speaker, text };
        [said(Speaker::User, prompt), said(Speaker::Assistant, content)]
    };
    Call {
        prompt: work.prompt,
        history: work.history.into_iter().flat_map(turns).collect(),
        model: work.attempt.model,
        ..Call::default()
    }
}

fn executed(answer: Answer) -> Executed {
    Executed {
        content: answer.text,
        model: answer.model,
        stop_reason: answer.stop_reason,
        tokens_in: answer.usage.tokens_in,
        tokens_out: answer.usage.tokens_out,
        cost_usd: answer.cost_usd,
        label: answer.label,
    }
}

fn error(failure: Failure) -> ExecuteError {
    let retry_after = failure.retry_after;
    ExecuteError {
        is_passing: failure.kind.is_retryable(),
        error: failure.message,
        retry_after_ms: retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
    }
}
