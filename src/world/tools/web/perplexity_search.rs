//! `perplexity_search`: a question to a model that searches the web, answered with its sources. Who that is, the settings
//! say: a runtime of kind `perplexity`.

use crate::world::tools::act::{Act, Called, read};
use callboard_actors::tools::{Caller, Repeat, Tool, ToolError};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Asks a model that searches the web.
pub trait Researcher: Send + Sync {
    /// Its answer to a question.
    fn ask(&self, question: String) -> LocalBoxFuture<'static, Result<Researched, ToolError>>;
}

/// An answer with what it rests on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Researched {
    /// The answer.
    pub answer: String,
    /// The pages that it cites, in the order of their numbers in it.
    pub sources: Vec<Source>,
    /// Who gave it.
    pub model: String,
    /// What it cost, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

/// A page that an answer cites.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Source {
    /// Where it is.
    pub url: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// Finds who is asked by the settings in force; asked anew by each call.
pub type FindResearcher = Arc<dyn Fn() -> Option<Arc<dyn Researcher>> + Send + Sync>;

pub(in crate::world::tools) fn tool() -> Tool {
    Tool {
        name: "perplexity_search".to_owned(),
        description: "Searches the web by asking Perplexity: gives an answer, and the sources that it rests on. For current facts, \
                      libraries, comparisons. To read one page, use fetch_documentation."
            .to_owned(),
        parameters: json!({
            "type": "object",
            "required": ["query"],
            "additionalProperties": false,
            "properties": {
                "query": { "type": "string", "minLength": 1, "maxLength": 10_000, "description": "The question, in whole sentences." },
            },
        }),
        // Asked again it costs again, but changes nothing.
        repeat: Repeat::Safe,
        timeout_s: 180,
    }
}

pub(in crate::world::tools) struct PerplexitySearch(pub(in crate::world::tools) FindResearcher);

#[derive(Deserialize)]
struct Arguments {
    query: String,
}

impl Act for PerplexitySearch {
    fn call(&self, arguments: Value, _: Caller) -> Called {
        let researcher = (self.0)();
        async move {
            let Arguments { query } = read(arguments)?;
            let researcher = researcher.ok_or_else(|| ToolError::new(NOBODY))?;
            Ok(json!(researcher.ask(query).await?))
        }
        .boxed_local()
    }
}

const NOBODY: &str = "nobody searches the web here: configure a runtime of kind perplexity ([runtimes.perplexity] with kind = \
                      \"perplexity\"), and its key (PERPLEXITY_API_KEY); until then read pages with fetch_documentation";
