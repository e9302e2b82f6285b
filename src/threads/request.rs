//! [`Request`]: a workflow that somebody wants, as all doors write it.

use callboard_actors::graph::Limits;
use callboard_actors::workflows::OnRunning;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client asks for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The definition's name.
    #[serde(rename = "type")]
    pub definition: Option<String>,
    /// What the run is given.
    pub params: Option<Value>,
    /// What the workflow is to be called.
    pub workflow_id: Option<String>,
    /// How far its runs may go.
    pub limits: Option<Limits>,
    /// What happens to a run that is under way.
    pub on_running: Option<OnRunning>,
    /// By which runtime its agents' models are asked, where nothing else is said.
    pub runtime: Option<String>,
    /// The higher, the sooner its turn comes.
    pub priority: Option<i32>,
}
