//! `perplexity_search`: a question to a model that searches the web, answered with its sources. Who that is, the settings
//! say: a runtime of kind `perplexity`.

use crate::world::tools::act::{Act, Called, read, safe};
use callboard_actors::tools::{Caller, Meter, Tool, ToolError};
use callboard_actors::vocabulary::Estimate;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Asks a model that searches the web.
pub trait Researcher: Send + Sync {
    /// What its answer may cost at most.
    fn estimate(&self, question: &str) -> Estimate;

    /// Its answer to a question; the meter is told what it has cost.
    fn ask(
        &self,
        question: String,
        meter: Meter,
    ) -> LocalBoxFuture<'static, Result<Researched, ToolError>>;
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
    // Asked again it costs again, but changes nothing.
    let tool = safe(
        "perplexity_search",
        "Searches the web by asking Perplexity: gives an answer, and the sources that it rests on. For current facts, \
         libraries, comparisons. To read one page, use fetch_documentation.",
        json!({
            "type": "object",
            "required": ["query"],
            "additionalProperties": false,
            "properties": {
                "query": { "type": "string", "minLength": 1, "maxLength": 10_000, "description": "The question, in whole sentences." },
            },
        }),
    );
    Tool { timeout_s: 180, ..tool }
}

pub(in crate::world::tools) struct PerplexitySearch(pub(in crate::world::tools) FindResearcher);

#[derive(Deserialize)]
struct Arguments {
    query: String,
}

impl Act for PerplexitySearch {
    fn estimate(&self, arguments: &Value) -> Option<Estimate> {
        (self.0)().map(|researcher| researcher.estimate(arguments["query"].as_str().unwrap_or("")))
    }

    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let researcher = (self.0)();
        async move {
            let Arguments { query } = read(arguments)?;
            let researcher = researcher.ok_or_else(|| ToolError::new(NOBODY))?;
            Ok(json!(researcher.ask(query, caller.meter).await?))
        }
        .boxed_local()
    }
}

const NOBODY: &str = "nobody searches the web here: configure a runtime of kind perplexity ([runtimes.perplexity] with kind = \
                      \"perplexity\"), and its key (PERPLEXITY_API_KEY); until then read pages with fetch_documentation";

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_actors::tools::Spent;
    use callboard_actors::vocabulary::{MessageId, WorkflowId};

    /// Says what it was asked.
    struct Parrot;

    impl Researcher for Parrot {
        fn estimate(&self, question: &str) -> Estimate {
            Estimate { tokens: Some(question.len() as u64), usd: Some(1.0) }
        }

        fn ask(
            &self,
            question: String,
            meter: Meter,
        ) -> LocalBoxFuture<'static, Result<Researched, ToolError>> {
            meter.asks().cost(7, Some(0.5));
            let source = Source { url: "https://a.example/".into(), title: None };
            let (sources, model) = (vec![source], "parrot".to_owned());
            async move { Ok(Researched { answer: question, sources, model, cost_usd: Some(0.5) }) }
                .boxed_local()
        }
    }

    #[tokio::test]
    async fn a_question_is_answered_with_sources_by_whoever_is_configured_now() {
        let tool = PerplexitySearch(Arc::new(|| Some(Arc::new(Parrot))));
        let (id, workflow_id) = (MessageId::fresh(), WorkflowId("w".parse().unwrap()));
        let meter = Meter::default();
        let (path, spent) = ("w".into(), meter.clone());
        let caller = Caller { id, workflow_id, path, profile: None, workplace: None, meter };
        let asked = json!({ "query": "who?" });
        let most = Estimate { tokens: Some(4), usd: Some(1.0) };
        assert_eq!(tool.estimate(&asked), Some(most));
        let answer = tool.call(asked, caller).await.unwrap();
        assert_eq!(spent.spent(), Spent { tokens: 7, usd: 0.5, ..Spent::default() });
        let expected = json!({ "answer": "who?", "sources": [{ "url": "https://a.example/" }], "model": "parrot", "cost_usd": 0.5 });
        assert_eq!(answer, expected);
    }
}
