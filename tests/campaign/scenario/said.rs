//! What a server said, and when: whoever heard it may rely on it.

use serde_json::Value;

use crate::trace::{Operation, Trace};
use crate::world::{Asked, heard, parse_answer};

/// Something that someone outside may have heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// To a client: this process was accepted.
    Accepted { process: String },
    /// To a client: the order about this process (cancel, redrive) was taken.
    Ordered { process: String },
    /// To a client: the process is in this state.
    Shown { process: String, status: String },
    /// To a subscriber: the message at this position is of this type.
    Published { position: i64, event_type: String },
    /// To a client: this agent is registered.
    Registered { agent: String },
    /// To a client: its message to an agent stands here.
    Written { agent: String, position: i64 },
    /// To a client: what it published on a topic stands here.
    Spoken { topic: String, position: i64 },
    /// To a client: it is subscribed.
    Subscribed { name: String },
    /// To a client: everything up to here is acknowledged.
    Acknowledged { name: String, position: i64 },
    /// To a client: this message was delivered in vain.
    Dead { name: String, position: i64 },
    /// To a client: it will be delivered once more.
    Redriven { position: i64 },
    /// To a client: a key holds this.
    Stored { key: String, hash: String },
    /// To a client: this workflow was begun.
    Begun { workflow: String },
    /// To a client: the workflow is in this state.
    Stood { workflow: String, status: String },
    /// To a client: the files of a workflow are as they were before it.
    TakenBack,
    /// To the API: what a call asks, by its key.
    Asked { key: String },
}

/// All that was said in a trace, each with how many operations had ended by then.
pub(super) fn said_in(trace: &Trace) -> Vec<(usize, Said)> {
    let mut all = Vec::new();
    for (at, operation) in trace.operations.iter().enumerate() {
        if let Operation::Sent { data } = operation {
            all.extend(said(data).into_iter().map(|said| (at, said)));
        }
    }
    all
}

fn said(data: &[u8]) -> Vec<Said> {
    if let Some(asked) = Asked::sent(data) {
        return vec![Said::Asked { key: asked.key() }];
    }
    let Some(answer) = parse_answer(data) else {
        return heard(data).iter().filter_map(published).collect();
    };
    let body = &answer.body;
    let mut all = Vec::new();
    if let (202, Some(process)) = (answer.status, body["process_id"].as_str()) {
        all.push(Said::Accepted { process: process.to_owned() });
    }
    if let (202, Some(process), false) = (answer.status, body["id"].as_str(), is_graph(body)) {
        all.push(Said::Ordered { process: process.to_owned() });
    }
    if let (202, Some(workflow)) = (answer.status, body["workflow_id"].as_str()) {
        all.push(Said::Begun { workflow: workflow.to_owned() });
    }
    if let (200, true) = (answer.status, body["undone"].is_array()) {
        all.push(Said::TakenBack);
    }
    all.extend(told_by_bus(answer.status, body));
    let rows = body["items"].as_array().map_or(std::slice::from_ref(body), Vec::as_slice);
    all.extend(rows.iter().filter_map(shown));
    all.extend(rows.iter().filter_map(dead));
    all.extend(rows.iter().filter(|row| is_graph(row)).filter_map(stood));
    all
}

fn is_graph(row: &Value) -> bool {
    row["definition_hash"].is_string()
}

fn stood(row: &Value) -> Option<Said> {
    let (workflow, status) = (row["id"].as_str()?, row["status"].as_str()?);
    Some(Said::Stood { workflow: workflow.to_owned(), status: status.to_owned() })
}

/// What an answer of the bus promises, known by its fields.
fn told_by_bus(status: u16, body: &Value) -> Option<Said> {
    let text = |field: &str| body[field].as_str().map(str::to_owned);
    let (id, position) = (text("id"), body["position"].as_i64());
    match (status, position) {
        (200, Some(position)) => Some(Said::Acknowledged { name: id?, position }),
        (201, Some(_)) => Some(Said::Subscribed { name: id? }),
        (201, None) if body["profile"].is_string() => Some(Said::Registered { agent: id? }),
        (200 | 201, None) => Some(Said::Stored { key: text("key")?, hash: text("hash")? }),
        (202, Some(position)) => Some(match (text("agent_id"), text("topic")) {
            (Some(agent), _) => Said::Written { agent, position },
            (None, Some(topic)) => Said::Spoken { topic, position },
            (None, None) => Said::Redriven { position },
        }),
        _ => None,
    }
}

fn dead(row: &Value) -> Option<Said> {
    let position = row["message"]["position"].as_i64()?;
    Some(Said::Dead { name: row["subscription"].as_str()?.to_owned(), position })
}

fn published(message: &Value) -> Option<Said> {
    let event_type = message["event_type"].as_str()?.to_owned();
    Some(Said::Published { position: message["position"].as_i64()?, event_type })
}

fn shown(row: &Value) -> Option<Said> {
    row["runtime"].as_str()?;
    let (process, status) = (row["id"].as_str()?.to_owned(), row["status"].as_str()?.to_owned());
    Some(Said::Shown { process, status })
}
