//! Whom tools ask beside the models of agents: one who searches the web, one who makes vectors of texts. They are runtimes of
//! the settings in force, looked up anew by each call. What they cost counts for no workflow's limits.

use super::models::{
    Call, Embedder as EmbeddingClient, EmbedderConfig, Failure, Model, OpenAi, Provider,
};
use super::runtimes::Runtimes;
use super::tools::{Embedder, FindEmbedder, FindResearcher, Researched, Researcher, Source};
use callboard_actors::tools::ToolError;
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
    fn ask(&self, question: String) -> LocalBoxFuture<'static, Result<Researched, ToolError>> {
        let client = Arc::clone(&self.0);
        async move {
            let model = client.config().default_model.clone();
            let call = Call { prompt: question, model, ..Call::default() };
            let answer = client.call(call, &mut String::new()).await.map_err(|why| told(&why))?;
            let sources = answer.sources.into_iter();
            Ok(Researched {
                answer: answer.text,
                sources: sources.map(|of| Source { url: of.url, title: of.title }).collect(),
                model: answer.model,
                cost_usd: answer.cost_usd,
            })
        }
        .boxed_local()
    }
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

    fn embed(&self, texts: Vec<String>) -> LocalBoxFuture<'static, Result<Vec<Vec<f32>>, String>> {
        let client = Arc::clone(&self.0);
        async move {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let made = client.embed(&texts).await.map_err(|failure| failure.message)?;
            made.each.into_iter().collect()
        }
        .boxed_local()
    }
}
