//! The shape of the settings as they are written, in a file or in variables, before defaults are filled in.
//!
//! Where the typed settings differ by kind, the written ones only list what may stand there; resolving them finds
//! what does not belong together. Keeping both apart lets the parser point at the exact line of a wrong value.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use super::error::Problem;
use super::mcp::McpDocument;
use super::models::{Models, Price};
use super::runtime_document::RuntimeDocument;
use super::sections::{
    Agents, Cleanup, Entities, Http, Journal, Log, Metrics, Monitor, Processes, Rules, Supervision,
    Templates, Web, Workflows, Workspaces,
};

/// Everything that may be written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Document {
    pub(super) home: Option<PathBuf>,
    pub(super) database: Option<PathBuf>,
    pub(super) topic_root: Option<String>,
    pub(super) http: Http,
    pub(super) log: Log,
    pub(super) processes: Processes,
    pub(super) runtimes: BTreeMap<String, RuntimeDocument>,
    pub(super) models: ModelsDocument,
    pub(super) mcp: BTreeMap<String, McpDocument>,
    pub(super) entities: Entities,
    pub(super) journal: Journal,
    pub(super) supervision: Supervision,
    pub(super) cleanup: Cleanup,
    pub(super) metrics: Metrics,
    pub(super) monitor: Monitor,
    pub(super) templates: Templates,
    pub(super) agents: Agents,
    pub(super) workflows: Workflows,
    pub(super) rules: Rules,
    pub(super) web: Web,
    pub(super) workspaces: Workspaces,
}

/// `[models]` as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ModelsDocument {
    prices: BTreeMap<String, PriceDocument>,
}

/// A price as written.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct PriceDocument {
    input: Option<f64>,
    output: Option<f64>,
    cached: Option<f64>,
}

impl ModelsDocument {
    pub(super) fn resolve(self) -> Result<Models, Problem> {
        let written = self.prices.into_iter();
        let priced = written.map(|(name, price)| Ok((name.clone(), price.resolve(&name)?)));
        Ok(Models { prices: priced.collect::<Result<_, Problem>>()? })
    }
}

impl PriceDocument {
    fn resolve(self, model: &str) -> Result<Price, Problem> {
        Ok(Price {
            input: amount(model, "input", self.input)?,
            output: amount(model, "output", self.output)?,
            cached: self.cached.map(|price| amount(model, "cached", Some(price))).transpose()?,
        })
    }
}

/// A price that is there and that can be paid.
fn amount(model: &str, field: &str, value: Option<f64>) -> Result<f64, Problem> {
    let path = ["models", "prices", model, field];
    match value {
        Some(value) if value.is_finite() && value >= 0.0 => Ok(value),
        Some(value) => Err(Problem::new(&path, format!("a price of {value} is not possible"))
            .hint("prices are US dollars per million tokens, zero or more")),
        None => Err(Problem::new(&path, format!("the price of `{model}` lacks its `{field}`"))
            .hint("a price is written { input = 3.0, output = 15.0 }")),
    }
}
