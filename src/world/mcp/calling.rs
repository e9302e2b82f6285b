//! Calling a tool of a server.
//!
//! ```text
//! is it up? ── within a while ──► asked ──► answered: a value, or words        (`answer`)
//!     │                             ├────► refused by the server: words
//!     └─ no: words                  ├────► not sent: may be made again
//!                                   └────► gone in the middle: lost; what follows, the tool's `repeat` says
//! ```
//!
//! Whoever drops the call has the server told that it is cancelled.

use super::address::{self, Trouble};
use super::answer;
use super::calm::NOT_TAKEN;
use super::pipes::UNREADABLE;
use super::plain::line;
use super::server::{Server, State};
use super::servers::Servers;
use callboard_actors::tools::{Caller, Tool, ToolError};
use rmcp::ServiceError;
use rmcp::model::{CallToolRequestParams, CallToolResponse, RequestMetaObject};
use rmcp::service::{Peer, RoleClient};
use rmcp::transport::DynamicTransportError;
use serde_json::Value;
use std::time::Duration;

/// So long a server that is not up is waited for: it may only be starting again.
const PATIENCE: Duration = Duration::from_secs(10);

/// Under this name a server is told the call's id, which is the same when the call is made again.
const CALL_ID: &str = "callboard/call_id";

/// The longest complaint of a server that is told, in letters.
const LONGEST_COMPLAINT: usize = 2_000;

impl Servers {
    /// Makes a call.
    ///
    /// # Errors
    /// If it came to nothing, in words for whoever called.
    pub async fn call(
        &self,
        tool: &Tool,
        arguments: Value,
        caller: &Caller,
    ) -> Result<Value, ToolError> {
        let gone = || ToolError::new(format!("there is no tool {:?} any more", tool.name));
        let server = self.of(&tool.name).ok_or_else(gone)?;
        self.want(&server);
        let peer = peer(&server).await?;
        // The list may be another one by now.
        let offered = server.find(&tool.name).ok_or_else(gone)?;
        let _under_way = server.under_way();
        let params = params(offered.name, arguments, caller);
        let name = &server.spec.name;
        match peer.call_tool_once(params).await {
            Ok(CallToolResponse::Complete(result)) => {
                answer::read(name, result, &self.place()).await
            }
            Ok(_) => Err(ToolError::new(format!(
                "{name} wants to ask something back, or to answer later, which is not possible here"
            ))),
            Err(error) => Err(failed(&server, &error)),
        }
    }
}

async fn peer(server: &Server) -> Result<Peer<RoleClient>, ToolError> {
    let is_up = |server: &Server| match server.state() {
        State::Up(peer) if !peer.is_transport_closed() => Some(Ok(peer)),
        State::Stopped { .. } => Some(Err(down(server))),
        _ => None,
    };
    server.until(PATIENCE, is_up).await.unwrap_or_else(|| Err(down(server)))
}

fn down(server: &Server) -> ToolError {
    let (name, state) = (&server.spec.name, server.told());
    ToolError::new(format!(
        "the MCP server {name} is not up ({state}): nothing was done; try again later, or go on without"
    ))
}

fn params(name: String, arguments: Value, caller: &Caller) -> CallToolRequestParams {
    let mut params = CallToolRequestParams::new(name);
    if let Value::Object(arguments) = arguments {
        params = params.with_arguments(arguments);
    }
    let mut meta = RequestMetaObject::new();
    meta.0.insert(CALL_ID.into(), caller.id.to_string().into());
    params.meta = Some(meta);
    params
}

fn failed(server: &Server, error: &ServiceError) -> ToolError {
    let name = &server.spec.name;
    match error {
        ServiceError::McpError(error) if error.code == UNREADABLE => {
            ToolError::new(format!("{name} was asked, and {}", error.message))
        }
        ServiceError::McpError(error) if error.code == NOT_TAKEN => {
            server.doubt();
            let said = line(&error.message, 300);
            ToolError::passing(format!("{name} did not take the call: {said}"))
        }
        ServiceError::McpError(error) => {
            let said = super::plain::plain(&error.message, LONGEST_COMPLAINT);
            ToolError::new(format!("{name} refused the call: {said}"))
        }
        ServiceError::TransportSend(error) => {
            server.doubt();
            not_sent(server, error)
        }
        ServiceError::TransportClosed => lost(server, "it went away"),
        ServiceError::Cancelled { .. } => lost(server, "it gave the call up"),
        ServiceError::UnexpectedResponse => {
            ToolError::new(format!("{name} answered what is no answer to a call"))
        }
        other => lost(server, &line(&other.to_string(), 300)),
    }
}

/// Over pipes a message that cannot be written is the end of the connection; an address may have refused it.
fn not_sent(server: &Server, error: &DynamicTransportError) -> ToolError {
    let name = &server.spec.name;
    let Some(trouble) = error.error.downcast_ref::<Trouble>() else {
        return lost(server, "it does not listen any more");
    };
    match address::told(trouble) {
        (why, true) => ToolError::passing(format!("{name} was not asked: {why}")),
        (why, false) => lost(server, &why),
    }
}

fn lost(server: &Server, why: &str) -> ToolError {
    let name = &server.spec.name;
    ToolError::lost(format!(
        "the MCP server {name} was called, and then {why}: look whether it was done"
    ))
}
