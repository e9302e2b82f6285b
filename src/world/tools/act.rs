//! [`Act`]: what a tool has to be able to do to stand in the registry.

use super::needs::need;
use callboard_actors::journal::{Fault, ReadError};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::{Estimate, Name};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a call comes to.
pub(super) type Called = LocalBoxFuture<'static, Result<Value, ToolError>>;

/// One tool.
pub(super) trait Act {
    /// What it may cost at most, where it asks others who are paid; `None`: it does not.
    fn estimate(&self, _arguments: &Value) -> Option<Estimate> {
        None
    }

    /// Does it. The arguments fit the tool's schema.
    fn call(&self, arguments: Value, caller: Caller) -> Called;
}

/// The arguments, as the tool wants them; their schema has been looked at.
pub(super) fn read<T: DeserializeOwned>(arguments: Value) -> Result<T, ToolError> {
    serde_json::from_value(arguments).map_err(|error| ToolError::new(error.to_string()))
}

/// The name of something, or what is wrong with it.
pub(super) fn name(text: &str) -> Result<Name, ToolError> {
    text.parse().map_err(|error| ToolError::new(format!("{error}")))
}

/// The journal cannot write just now.
pub(super) fn fault(fault: &Fault) -> ToolError {
    ToolError::passing(fault.to_string())
}

/// Content that cannot be read: now, or ever.
pub(super) fn unreadable(error: &ReadError) -> ToolError {
    match error {
        ReadError::Io { .. } | ReadError::Fault(_) => ToolError::passing(error.to_string()),
        _ => ToolError::new(error.to_string()),
    }
}

/// A tool whose repetition does no harm.
pub(super) fn safe(name: &str, description: &str, parameters: Value) -> Tool {
    Tool {
        name: name.to_owned(),
        description: description.to_owned(),
        parameters,
        needs: need(name),
        repeat: callboard_actors::tools::Repeat::Safe,
        timeout_s: Tool::usual_timeout_s(),
    }
}

/// Does work that blocks, on a thread for that. It ends by itself, also where nobody waits any more.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ToolError> + Send + 'static,
) -> Result<T, ToolError> {
    let done = actix_rt::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ToolError::new(format!("the tool came to a bad end: {error}"))))
}
