//! Whom tools ask beside the models of agents: one who searches the web, one who makes vectors of texts. They are runtimes of
//! the settings in force, looked up anew by each call. What they may cost they say before they are asked, and tell the call's
//! meter what it was: it counts within the limits of whoever calls.

use super::models::{
    Answer, Call, Embedder as EmbeddingClient, EmbedderConfig, Failure, Model, OpenAi, Provider,
    Usage,
};
use super::runtimes::Runtimes;
use super::tools::{Embedder, FindEmbedder, FindResearcher, Made, Researched, Researcher, Source};
use callboard_actors::processes::Charge;
use callboard_actors::tools::{Asking, Meter, ToolError};
use callboard_actors::vocabulary::Estimate;
use callboard_memory::Pinned;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use std::sync::Arc;

/// The first runtime of kind `perplexity` that has its key.
pub fn researcher(runtimes: Runtimes) -> FindResearcher {
    Arc::new(move || {
        let client = ready(&runtimes, Provider::Perplexity)?;
        Some(Arc::new(Searching(client)) as Arc<dyn Researcher>)
    })
}

/// The first runtime of kind `openai` that has its key; else the model within the binary, where it was built with one.
pub fn embedder(runtimes: Runtimes) -> FindEmbedder {
    Arc::new(move || embedding(&runtimes).or_else(inside))
}

#[cfg(feature = "encoder")]
use super::encoder::inside;

/// The binary was built without one.
#[cfg(not(feature = "encoder"))]
fn inside() -> Option<Arc<dyn Embedder>> {
    None
}

fn embedding(runtimes: &Runtimes) -> Option<Arc<dyn Embedder>> {
    let client = ready(runtimes, Provider::Openai)?;
    let client = EmbeddingClient::new(EmbedderConfig::usual(client.config().clone()));
    let client = client.inspect_err(|error| tracing::warn!(%error, "failed to embed"));
    Some(Arc::new(Embedding(Arc::new(client.ok()?))))
}

fn ready(runtimes: &Runtimes, provider: Provider) -> Option<Arc<OpenAi>> {
    let mut clients = runtimes.over_openai().into_iter();
    clients.find(|client| client.config().provider == provider && client.is_ready())
}

struct Searching(Arc<OpenAi>);

impl Researcher for Searching {
    fn estimate(&self, question: &str) -> Estimate {
        let model = &self.0.config().default_model;
        let (usage, usd) = self.0.estimate(model, tokens(question.len() as u64));
        Estimate { tokens: Some(usage.tokens_in.saturating_add(usage.tokens_out)), usd }
    }

    fn ask(
        &self,
        question: String,
        meter: Meter,
    ) -> LocalBoxFuture<'static, Result<Researched, ToolError>> {
        let client = Arc::clone(&self.0);
        async move {
            let model = client.config().default_model.clone();
            let call = Call { prompt: question, model, ..Call::default() };
            let asking = meter.asks();
            match client.call(call, &mut String::new()).await {
                Ok(answer) => {
                    let Usage { tokens_in, tokens_out, .. } = answer.usage;
                    asking.cost(tokens_in.saturating_add(tokens_out), answer.cost_usd);
                    Ok(researched(answer))
                }
                Err(failure) => {
                    charge(asking, failure.charge);
                    Err(told(&failure))
                }
            }
        }
        .boxed_local()
    }
}

fn researched(answer: Answer) -> Researched {
    let sources = answer.sources.into_iter();
    Researched {
        answer: answer.text,
        sources: sources.map(|of| Source { url: of.url, title: of.title }).collect(),
        model: answer.model,
        cost_usd: answer.cost_usd,
    }
}

/// What an answer has cost that did not come. Where nobody knows, it counts as lost.
fn charge(asking: Asking, charge: Charge) {
    match charge {
        Charge::Nothing => asking.cost_nothing(),
        Charge::Unknown => drop(asking),
        Charge::Told(told) => {
            asking.cost(told.tokens_in.saturating_add(told.tokens_out), told.cost_usd);
        }
    }
}

/// At least about so many tokens a text has: English has four bytes to a token, code three.
fn tokens(bytes: u64) -> u64 {
    bytes.div_ceil(3) + 16
}

fn told(failure: &Failure) -> ToolError {
    let wait = failure.retry_after.map_or_else(String::new, |wait| {
        format!(": search again in {} s, or go on without", wait.as_secs().max(1))
    });
    ToolError::new(format!("failed to search: {}{wait}", failure.message))
}

struct Embedding(Arc<EmbeddingClient>);

impl Embedder for Embedding {
    fn model(&self) -> Pinned {
        Pinned { model: self.0.model().to_owned(), dimension: self.0.dimension() }
    }

    fn estimate(&self, bytes: u64) -> Estimate {
        let usage = Usage::new(tokens(bytes), 0);
        Estimate { tokens: Some(usage.tokens_in), usd: self.0.cost(usage) }
    }

    fn embed(&self, texts: Vec<String>, meter: Meter) -> LocalBoxFuture<'static, Made> {
        let client = Arc::clone(&self.0);
        async move {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let asking = meter.asks();
            match client.embed(&texts).await {
                Ok(made) => {
                    asking.cost(made.usage.tokens_in, made.cost_usd);
                    Ok(made.each)
                }
                Err(failure) => {
                    charge(asking, failure.charge);
                    Err(failure.message)
                }
            }
        }
        .boxed_local()
    }
}
