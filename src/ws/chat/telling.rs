//! [`tell`]: a message of the journal becomes a frame; most are of others, or for nobody, and become none.

use super::changes::workspace;
use super::event::event;
use super::family::Family;
use super::frame::{Held, Told, What};
use super::runs::{status, workflow};
use super::short::{ERROR, cut};
use crate::wire::{App, Problem};
use callboard_actors::journal::{Message, MessageKind};
use callboard_actors::nodes::{self, process_of};
use callboard_actors::vocabulary::{Name, ProcessId};
use serde_json::Value;

/// What a message means to the words of models.
#[derive(Debug, Default)]
pub(super) struct Voices {
    /// A model is being asked.
    pub(super) begins: Option<(ProcessId, String)>,
    /// All has been said: what is left of it comes before the message.
    pub(super) ends: Option<ProcessId>,
}

/// A message, told.
#[derive(Debug, Default)]
pub(super) struct Telling {
    pub(super) told: Option<Told>,
    pub(super) voices: Voices,
}

/// What a message says to those who listen to this family.
///
/// # Errors
/// If something could not be read: then the same message is told again.
pub(super) async fn tell(
    app: &App,
    family: &mut Family,
    message: &Message,
) -> Result<Telling, Problem> {
    let Some((kind, name)) = message.stream.as_deref().and_then(|stream| stream.split_once('/'))
    else {
        return Ok(Telling::default());
    };
    let Ok(name) = name.parse::<Name>() else { return Ok(Telling::default()) };
    let (what, voices) = match (&message.kind, kind) {
        (MessageKind::Event, "workflow") => {
            (workflow(app, family, &name, message).await?, Voices::default())
        }
        (MessageKind::Event, "node") => node(family, &name, message).await?,
        (MessageKind::Event, "workspace") => {
            (workspace(app, family, message).await?, Voices::default())
        }
        (MessageKind::Fact, "workflow" | "node") => {
            (host(family, kind, &name, message).await?, Voices::default())
        }
        _ => return Ok(Telling::default()),
    };
    let told = what.map(|what| Told { position: message.position, at: message.created_at, what });
    Ok(Telling { told, voices })
}

async fn node(
    family: &mut Family,
    name: &Name,
    message: &Message,
) -> Result<(Option<What>, Voices), Problem> {
    use nodes::Event;
    if message.event_type == "NODE_STARTED" {
        if let Some(Event::Started { order, .. }) = event(message) {
            family.meet_node(name, &order.workflow_id.0, &order.path).await?;
        }
        return Ok((None, Voices::default()));
    }
    let Some(path) = family.node(name).await? else { return Ok((None, Voices::default())) };
    let mut voices = Voices::default();
    let what = match event(message) {
        Some(Event::Asked { turn, process_id: process, .. }) => {
            voices.begins = Some((process.clone(), path.clone()));
            What::Turn { path, turn, process }
        }
        Some(Event::Answered { turn, metrics, violations, .. }) => {
            let process = process_of(name, turn);
            voices.ends = Some(process.clone());
            What::Cost {
                path,
                turn,
                process,
                tokens_in: metrics.tokens_in,
                tokens_out: metrics.tokens_out,
                cost_usd: metrics.cost_usd,
                duration_ms: metrics.duration_ms,
                violations: violations.map(|text| cut(text, ERROR)),
            }
        }
        Some(Event::Called { turn, index, call, .. }) => {
            let arguments = Held::of("arguments", call.arguments);
            What::ToolCall { path, turn, index, name: call.name, arguments }
        }
        Some(Event::CallEnded { turn, index, name, result, is_error, .. }) => {
            let result = Held::of("result", result);
            What::ToolResult { path, turn, index, name, is_error, result }
        }
        _ => return Ok((None, Voices::default())),
    };
    Ok((Some(what), voices))
}

/// Somebody has to decide before it goes on.
async fn host(
    family: &mut Family,
    kind: &str,
    name: &Name,
    message: &Message,
) -> Result<Option<What>, Problem> {
    let what = match message.event_type.as_str() {
        "ENTITY_PARKED" => "parked",
        "ENTITY_RESUMED" => "unparked",
        _ => return Ok(None),
    };
    let path = match kind {
        "workflow" => family.before(name).await?.map(|path| path.trim_end_matches('/').to_owned()),
        _ => family.node(name).await?,
    };
    let Some(path) = path else { return Ok(None) };
    let data: Value = serde_json::from_str(message.data.get()).unwrap_or_default();
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    Ok(Some(status(path, what, text("by"), text("why").map(|why| cut(why, ERROR)))))
}
