//! [`Spec`]: what a schedule is to do, and when.

use super::timing::Timing;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a schedule is to do, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// When.
    pub timing: Timing,
    /// What is started then.
    pub start: Start,
    /// What becomes of times that were missed.
    #[serde(default)]
    pub missed: Missed,
    /// What happens while the former still runs.
    #[serde(default)]
    pub overlap: Overlap,
    /// A time is missed when nobody saw to it for longer than this, in seconds.
    pub tolerance_s: u32,
}

impl Spec {
    /// How late a time may be seen to without being missed, in seconds, where nothing is said.
    pub const TOLERANCE_S: u32 = 60;
    /// The least and the most that may be said. Below, a house that has much to do would miss times.
    pub const TOLERANCES_S: std::ops::RangeInclusive<u32> = 5..=604_800;
    /// So many missed times are made good at most, the newest; those before are left out.
    pub const MOST_MISSED: u32 = 1_000;
    /// Missed times are counted up to this.
    pub const MOST_COUNTED: u32 = 10_000;
}

/// What is started: a request, as the door that takes it does. What it means is the door's affair.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A workflow.
    Workflow(Map<String, Value>),
    /// A process.
    Process(Map<String, Value>),
    /// Another run of a workflow that is there.
    Run(Map<String, Value>),
}

impl Start {
    /// What it is, for people: `workflow debate`, `process: What is new?`.
    pub fn in_words(&self) -> String {
        let text = |request: &Map<String, Value>, name: &str| {
            request.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        match self {
            Self::Workflow(request) => format!("workflow {}", text(request, "type")),
            Self::Process(request) if request.contains_key("template") => {
                format!("process of template {}", text(request, "template"))
            }
            Self::Process(request) => {
                let prompt = text(request, "prompt");
                let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
                format!("process: {}", line.chars().take(60).collect::<String>())
            }
            Self::Run(request) => format!("run of {}", text(request, "workflow_id")),
        }
    }
}

/// What becomes of times at which the server was down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missed {
    /// Nothing.
    Skip,
    /// One start stands for all of them.
    #[default]
    Once,
    /// Each is made good, in order.
    All,
}

impl Missed {
    /// Its name in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Once => "once",
            Self::All => "all",
        }
    }
}

/// What happens when a time comes while what was started last still runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Overlap {
    /// Another is started.
    #[default]
    Start,
    /// Nothing.
    Skip,
}
