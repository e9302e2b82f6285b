//! What a server said, and when: whoever heard it may rely on it.

use serde_json::Value;

use crate::trace::{Operation, Trace};
use crate::world::{heard, parse_answer, prompt_of};

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
    /// To the API: the prompt of a call.
    Asked { prompt: String },
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
    if let Some(prompt) = prompt_of(data) {
        return vec![Said::Asked { prompt }];
    }
    let Some(answer) = parse_answer(data) else {
        return heard(data).iter().filter_map(published).collect();
    };
    let body = &answer.body;
    let mut all = Vec::new();
    if let (202, Some(process)) = (answer.status, body["process_id"].as_str()) {
        all.push(Said::Accepted { process: process.to_owned() });
    }
    if let (202, Some(process)) = (answer.status, body["id"].as_str()) {
        all.push(Said::Ordered { process: process.to_owned() });
    }
    let rows = body["items"].as_array().map_or(std::slice::from_ref(body), Vec::as_slice);
    all.extend(rows.iter().filter_map(shown));
    all
}

fn published(message: &Value) -> Option<Said> {
    let event_type = message["event_type"].as_str()?.to_owned();
    Some(Said::Published { position: message["position"].as_i64()?, event_type })
}

fn shown(row: &Value) -> Option<Said> {
    let (process, status) = (row["id"].as_str()?.to_owned(), row["status"].as_str()?.to_owned());
    Some(Said::Shown { process, status })
}
