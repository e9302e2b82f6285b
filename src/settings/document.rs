//! The shape of the settings as they are written, in a file or in variables, before defaults are filled in.
//!
//! Where the typed settings differ by kind, the written ones only list what may stand there; resolving them finds
//! what does not belong together. Keeping both apart lets the parser point at the exact line of a wrong value.

use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

use serde::Deserialize;

use super::error::Problem;
use super::models::{Models, Price};
use super::runtimes::{Anthropic, Runtime, RuntimeKind};
use super::secret::Secret;
use super::sections::{
    Cleanup, Entities, Http, Journal, Log, Metrics, Monitor, Processes, Supervision, Templates,
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
    pub(super) entities: Entities,
    pub(super) journal: Journal,
    pub(super) supervision: Supervision,
    pub(super) cleanup: Cleanup,
    pub(super) metrics: Metrics,
    pub(super) monitor: Monitor,
    pub(super) templates: Templates,
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
}

/// The kinds a runtime may be of.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Replay,
    Anthropic,
}

/// `[runtimes.NAME]` as written: the settings of all kinds.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RuntimeDocument {
    kind: Option<Kind>,
    concurrency: Option<NonZeroUsize>,
    record: Option<PathBuf>,
    folder: Option<PathBuf>,
    base_url: Option<String>,
    api_key: Option<Secret>,
    max_tokens: Option<NonZeroU32>,
    read_timeout_s: Option<NonZeroU64>,
    connect_timeout_s: Option<NonZeroU64>,
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

/// The runtimes that exist by themselves, with the written ones over and beside them.
pub(super) fn resolve_runtimes(
    written: BTreeMap<String, RuntimeDocument>,
) -> Result<BTreeMap<String, Runtime>, Problem> {
    let mut runtimes = BTreeMap::from([
        ("replay".to_owned(), Runtime::replay()),
        ("anthropic".to_owned(), Runtime::anthropic()),
    ]);
    for (name, document) in written {
        let runtime = document.resolve(&name)?;
        runtimes.insert(name, runtime);
    }
    Ok(runtimes)
}

impl RuntimeDocument {
    fn resolve(self, name: &str) -> Result<Runtime, Problem> {
        let kind = self.kind_for(name)?;
        self.refuse_foreign(name, kind)?;
        let basis = match kind {
            Kind::Replay => Runtime::replay(),
            Kind::Anthropic => Runtime::anthropic(),
        };
        Ok(self.over(basis))
    }

    /// The kind written, else the one that the two well-known names have by themselves.
    fn kind_for(&self, name: &str) -> Result<Kind, Problem> {
        match (self.kind, name) {
            (Some(kind), _) => Ok(kind),
            (None, "replay") => Ok(Kind::Replay),
            (None, "anthropic") => Ok(Kind::Anthropic),
            (None, _) => {
                Err(Problem::new(&["runtimes", name], format!("runtime `{name}` lacks its `kind`"))
                    .hint("add kind = \"anthropic\" or kind = \"replay\""))
            }
        }
    }

    fn refuse_foreign(&self, name: &str, kind: Kind) -> Result<(), Problem> {
        let (kind_name, foreign) = match kind {
            Kind::Replay => ("replay", self.written_for_anthropic()),
            Kind::Anthropic => ("anthropic", self.folder.is_some().then_some("folder")),
        };
        foreign.map_or(Ok(()), |field| {
            let message =
                format!("runtime `{name}` is of kind {kind_name}, which has no `{field}`");
            Err(Problem::new(&["runtimes", name, field], message)
                .hint("remove it or change the kind"))
        })
    }

    /// The first setting written that only the kind `anthropic` has.
    fn written_for_anthropic(&self) -> Option<&'static str> {
        let written = [
            ("base_url", self.base_url.is_some()),
            ("api_key", self.api_key.is_some()),
            ("max_tokens", self.max_tokens.is_some()),
            ("read_timeout_s", self.read_timeout_s.is_some()),
            ("connect_timeout_s", self.connect_timeout_s.is_some()),
        ];
        written.into_iter().find_map(|(field, is_written)| is_written.then_some(field))
    }

    /// The written settings over those of `basis`.
    fn over(self, basis: Runtime) -> Runtime {
        Runtime {
            concurrency: self.concurrency.unwrap_or(basis.concurrency),
            record: self.record.clone(),
            kind: match basis.kind {
                RuntimeKind::Replay { folder } => {
                    RuntimeKind::Replay { folder: self.folder.unwrap_or(folder) }
                }
                RuntimeKind::Anthropic(anthropic) => {
                    RuntimeKind::Anthropic(self.over_anthropic(anthropic))
                }
            },
        }
    }

    fn over_anthropic(self, basis: Anthropic) -> Anthropic {
        Anthropic {
            base_url: self.base_url.unwrap_or(basis.base_url),
            api_key: self.api_key.filter(|key| !key.expose().is_empty()),
            max_tokens: self.max_tokens.unwrap_or(basis.max_tokens),
            read_timeout_s: self.read_timeout_s.unwrap_or(basis.read_timeout_s),
            connect_timeout_s: self.connect_timeout_s.unwrap_or(basis.connect_timeout_s),
        }
    }
}
