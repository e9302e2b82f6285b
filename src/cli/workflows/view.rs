//! [`View`]: messages of a workflow and of its subgraphs become lines. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::calls::Calls;
use super::show::{cost, how_to_answer};
use crate::cli::api::Message;
use crate::cli::table::cut;

/// How much of a value is shown.
const WIDTH: usize = 100;

/// What is known of a workflow, as far as its messages were read.
pub(super) struct View {
    root: String,
    /// It and its subgraphs, and what stands before their lines.
    lineage: BTreeMap<String, String>,
    /// The nodes at work.
    running: BTreeSet<(String, String)>,
    /// Nodes that are subgraphs: what they took, the nodes below them have told of.
    subgraphs: BTreeSet<(String, u64, String)>,
    tokens: u64,
    usd: f64,
    step: u64,
    /// Questions that are open.
    asked: BTreeSet<String>,
    ended: bool,
    calls: Calls,
}

impl View {
    pub(super) fn new(root: &str) -> Self {
        Self {
            root: root.to_owned(),
            lineage: [(root.to_owned(), String::new())].into(),
            running: BTreeSet::new(),
            subgraphs: BTreeSet::new(),
            tokens: 0,
            usd: 0.0,
            step: 1,
            asked: BTreeSet::new(),
            ended: false,
            calls: Calls::default(),
        }
    }

    /// Whether its run has ended, for all that was heard.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether a question is open, for all that was heard.
    pub(super) fn is_asking(&self) -> bool {
        !self.asked.is_empty() && !self.ended
    }

    /// What is awaited, in one line.
    pub(super) fn status_line(&self) -> String {
        let nodes: Vec<&str> = self.running.iter().map(|(_, node)| node.as_str()).collect();
        let nodes = if nodes.is_empty() { "waiting".to_owned() } else { nodes.join(", ") };
        let usd = if self.usd > 0.0 { format!(", ${:.4}", self.usd) } else { String::new() };
        format!("step {}: {}, {} tokens{usd}", self.step, cut(&nodes, 60), self.tokens)
    }

    /// Takes messages in; what is to be printed of them. A node that has begun and is done already gets one line.
    pub(super) fn take(&mut self, messages: &[Message]) -> Vec<String> {
        let ends = messages.iter().filter(|message| message.event_type != "NODE_STARTED");
        let done: BTreeSet<_> = ends.filter_map(place).collect();
        let mut lines = Vec::new();
        for message in messages {
            self.meet(message);
            lines.extend(self.hear_call(message));
            let Some((workflow, before)) = self.of(message) else { continue };
            let is_brief = message.event_type == "NODE_STARTED"
                && place(message).is_some_and(|place| done.contains(&place));
            let told = self.hear(&workflow, message).filter(|_| !is_brief);
            lines.extend(told.map(|line| format!("{before}{line}")));
        }
        lines
    }

    /// A node of the lineage calls a tool.
    fn hear_call(&mut self, message: &Message) -> Option<String> {
        let before = self.lineage.get(message.text("workflow_id")?)?;
        let line = self.calls.hear(message)?;
        Some(format!("{before}{line}"))
    }

    /// A subgraph begins.
    fn meet(&mut self, message: &Message) {
        if message.event_type != "WORKFLOW_STARTED" {
            return;
        }
        let (data, parent) = (&message.data, &message.data["parent"]);
        let above = parent["workflow_id"].as_str().and_then(|above| self.lineage.get(above));
        let (Some(above), Some(id)) = (above, data["workflow_id"].as_str()) else { return };
        let node = item(&parent["item"]);
        let before = format!("{above}{node} › ");
        let step = parent["item"]["step"].as_u64().unwrap_or_default();
        let name = parent["item"]["node"].as_str().unwrap_or_default().to_owned();
        let of = format!("workflow/{}", parent["workflow_id"].as_str().unwrap_or_default());
        self.subgraphs.insert((of, step, name));
        self.lineage.insert(id.to_owned(), before);
    }

    /// Whose message it is, if it is one of the lineage's machines.
    fn of(&self, message: &Message) -> Option<(String, String)> {
        let workflow = message.stream.as_deref()?.strip_prefix("workflow/")?;
        Some((workflow.to_owned(), self.lineage.get(workflow)?.clone()))
    }

    fn hear(&mut self, workflow: &str, message: &Message) -> Option<String> {
        let is_root = workflow == self.root;
        match message.event_type.as_str() {
            "NODE_UNDOING" | "NODE_UNDONE" | "WORKFLOW_UNDOING" | "WORKFLOW_UNDONE"
            | "WORKFLOW_REWOUND" => {
                self.ended &= !is_root;
                Some(taken_back(message))
            }
            kind if kind.starts_with("NODE_") => self.hear_node(workflow, message),
            "WORKFLOW_RUN_STARTED" | "WORKFLOW_RETRY" | "WORKFLOW_FORKED" if is_root => {
                self.ended = false;
                self.asked.clear();
                Some(run_line(message))
            }
            "WORKFLOW_COMPLETE" | "WORKFLOW_FAILED" | "WORKFLOW_CANCELLED" => {
                self.running.retain(|(of, _)| of != workflow);
                self.ended |= is_root;
                end_line(message, is_root)
            }
            "WORKFLOW_INTERRUPTED" => {
                self.asked.insert(text(message, "interrupt_id").to_owned());
                if message.data["limit"].is_null() {
                    self.drop_node(workflow, &message.data["item"]);
                }
                let question = text(message, "question");
                let answer = how_to_answer(&self.root, &message.data).join("\n       ");
                let (step, node) = asker(message);
                Some(format!("{step}  {node:<12} ? {question}\n       {answer}"))
            }
            "WORKFLOW_BUDGET" => super::budget::line(message),
            "WORKFLOW_ANSWERED" => {
                self.asked.remove(text(message, "interrupt_id"));
                let (node, by) = (item(&message.data["item"]), text(message, "by"));
                let answer = cut(&message.data["answer"].to_string(), WIDTH);
                Some(format!("{}  {node:<12} ! {by}: {answer}", step_of(message)))
            }
            "WORKFLOW_CALL_DECIDED" => {
                self.asked.remove(text(message, "interrupt_id"));
                let (node, by) = (item(&message.data["item"]), text(message, "by"));
                let is_again = message.data["is_again"] == true;
                let what = if is_again { "once more" } else { "it has failed" };
                Some(format!("{}  {node:<12} ! {by}: {what}", step_of(message)))
            }
            "WORKFLOW_FAILING" => {
                let error = message.data["failure"]["error"].as_str().unwrap_or_default();
                Some(format!("failing: {error}; what is under way ends first"))
            }
            "WORKFLOW_PAUSED" => Some(format!("paused by {}", text(message, "by"))),
            "WORKFLOW_RESUMED" => Some(format!("resumed by {}", text(message, "by"))),
            "WORKFLOW_CANCELLING" => {
                let off = message.data["called_off"].as_u64();
                let off = off.map(|runs| format!(", and {runs} that waited called off"));
                Some(format!("being ended by {}{}", text(message, "by"), off.unwrap_or_default()))
            }
            "WORKFLOW_RUN_QUEUED" => Some("another run waits for the end of this one".to_owned()),
            _ => None,
        }
    }

    fn hear_node(&mut self, workflow: &str, message: &Message) -> Option<String> {
        let data = &message.data;
        if message.event_type == "NODE_STARTED" {
            let node = text(message, "node").to_owned();
            self.step = self.step.max(message.number("step").unwrap_or_default());
            self.running.insert((workflow.to_owned(), node.clone()));
            let items = message.number("items").map(|items| format!("{items} items"));
            let (step, items) = (step_of(message), items.unwrap_or_default());
            return Some(format!("{step}  {node:<12} ▸ {items}").trim_end().to_owned());
        }
        let node = format!("{}  {:<12}", step_of(message), item(&data["item"]));
        if place(message).is_some_and(|place| !self.subgraphs.contains(&place)) {
            self.spend(&data["spent"]);
        }
        let error = || cut(data["failure"]["error"].as_str().unwrap_or_default(), WIDTH);
        match message.event_type.as_str() {
            "NODE_COMPLETE" => {
                self.drop_node(workflow, &data["item"]);
                let took = &data["spent"];
                let is_free = took["turns"].as_u64().unwrap_or_default() == 0;
                let took = if is_free { String::new() } else { cost(took) };
                Some(format!("{node} ✓ {took}").trim_end().to_owned())
            }
            "NODE_FAILED" => {
                self.drop_node(workflow, &data["item"]);
                let then = if data["is_caught"] == true { "; another node takes over" } else { "" };
                Some(format!("{node} ✗ {}{then}", error()))
            }
            "NODE_RETRY" => {
                let due = text(message, "due");
                Some(format!("{node} ↻ {}; tried again at {due}", error()))
            }
            "NODE_ADOPTED" => {
                self.drop_node(workflow, &data["item"]);
                Some(format!("{node} = taken over"))
            }
            "NODE_WAITING" => Some(format!("{node} … waits for {}", awaited(&data["until"]))),
            "NODE_STOPPED" => {
                self.drop_node(workflow, &data["item"]);
                Some(format!("{node} ■ stopped"))
            }
            _ => None,
        }
    }

    /// A node with many items is at work until its last.
    fn drop_node(&mut self, workflow: &str, item: &Value) {
        if item["index"].is_null() {
            let node = item["node"].as_str().unwrap_or_default().to_owned();
            self.running.remove(&(workflow.to_owned(), node));
        }
    }

    fn spend(&mut self, spent: &Value) {
        let number = |name: &str| spent[name].as_u64().unwrap_or_default();
        self.tokens += number("tokens_in") + number("tokens_out");
        self.usd += spent["cost_usd"].as_f64().unwrap_or_default();
    }
}

/// Stream, step and node of a message about a node.
fn place(message: &Message) -> Option<(String, u64, String)> {
    let data = &message.data;
    let item = if data["item"].is_object() { &data["item"] } else { data };
    let (step, node) = (item["step"].as_u64()?, item["node"].as_str()?);
    Some((message.stream.clone()?, step, node.to_owned()))
}

/// The number of its step, at the right of a column.
fn step_of(message: &Message) -> String {
    let data = &message.data;
    let step = data["item"]["step"].as_u64().or_else(|| data["step"].as_u64());
    format!("{:>3}", step.unwrap_or_default())
}

/// The step and the node that ask; or a limit, which belongs to no step.
fn asker(message: &Message) -> (String, String) {
    let asks = &message.data["item"];
    if asks.is_object() {
        (step_of(message), item(asks))
    } else {
        (" ".repeat(3), "limit".to_owned())
    }
}

/// `judge`, or `judge[2]`
fn item(item: &Value) -> String {
    let node = item["node"].as_str().unwrap_or_default();
    item["index"].as_u64().map_or_else(|| node.to_owned(), |index| format!("{node}[{index}]"))
}

fn text<'a>(message: &'a Message, field: &str) -> &'a str {
    message.text(field).unwrap_or_default()
}

fn run_line(message: &Message) -> String {
    if message.event_type == "WORKFLOW_RETRY" {
        return format!("tried again by {}", text(message, "by"));
    }
    let (id, run) = (text(message, "workflow_id"), message.number("run").unwrap_or(1));
    let source = &message.data["source"];
    let verb = if message.data["purpose"] == "replay" { "replays" } else { "forked from" };
    let from = source["workflow_id"].as_str().map(|source| format!(", {verb} {source}"));
    let at = source["checkpoint"].as_u64().map(|number| format!(" at checkpoint {number}"));
    format!("{id}  run {run}{}{}", from.unwrap_or_default(), at.unwrap_or_default())
}

/// What was done is undone, or left.
fn taken_back(message: &Message) -> String {
    let data = &message.data;
    let inside = if data["is_inside"] == true { "what was done inside of " } else { "" };
    let deed = format!("{inside}{} of step {}", item(&data["item"]), data["item"]["step"]);
    match message.event_type.as_str() {
        "NODE_UNDOING" => format!("{}  {:<12} ↩ undoing {deed}", step_of_own(message), ""),
        "NODE_UNDONE" => format!("{}  {:<12} ↩ undone", step_of_own(message), item(&data["item"])),
        "WORKFLOW_UNDOING" => {
            let error = data["error"]["error"]["error"].as_str().unwrap_or_default();
            format!("undoing what was done: {}", cut(error, WIDTH))
        }
        "WORKFLOW_UNDONE" => format!("undone: {}", data["count"]),
        _ => {
            let (number, by) = (&data["to"]["checkpoint"]["number"], text(message, "by"));
            format!("back at checkpoint {number}, by {by}")
        }
    }
}

/// The step in which something is undone.
fn step_of_own(message: &Message) -> String {
    format!("{:>3}", message.number("step").unwrap_or_default())
}

/// Of the root its last line says more.
fn end_line(message: &Message, is_root: bool) -> Option<String> {
    let how = match message.event_type.as_str() {
        "WORKFLOW_COMPLETE" => return None,
        "WORKFLOW_FAILED" => message.data["failure"]["error"].as_str().unwrap_or_default(),
        _ => text(message, "by"),
    };
    (!is_root).then(|| format!("ended: {how}"))
}

fn awaited(until: &Value) -> String {
    let message = &until["message"]["topic"];
    let moment = until["moment"].as_str().map(|moment| format!("the moment {moment}"));
    let message = message.as_str().map(|topic| format!("a message on {topic}"));
    moment.or(message).unwrap_or_else(|| until.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(workflow: &str, event_type: &str, data: Value) -> Message {
        let stream = format!("workflow/{workflow}");
        let mut message = json!({
            "position": 1, "kind": "event", "stream": stream, "event_type": event_type,
        });
        message["data"] = data;
        serde_json::from_value(message).unwrap()
    }

    fn item(step: u32, node: &str) -> Value {
        json!({ "step": step, "node": node, "attempt": 1 })
    }

    fn spent(tokens: u32) -> Value {
        json!({ "turns": 1, "tokens_in": tokens, "tokens_out": 0, "cost_usd": null, "duration_ms": 7 })
    }

    #[test]
    fn nodes_of_a_subgraph_stand_behind_its_node_and_are_counted_once() {
        let mut view = View::new("w");
        let parent = json!({ "workflow_id": "w", "root_id": "w", "item": item(2, "research") });
        let done =
            |node: &str, step, tokens| json!({ "item": item(step, node), "spent": spent(tokens) });
        let lines = view.take(&[
            message("w", "NODE_STARTED", json!({ "step": 2, "node": "research" })),
            message("c", "WORKFLOW_STARTED", json!({ "workflow_id": "c", "parent": parent })),
            message("c", "NODE_STARTED", json!({ "step": 2, "node": "look" })),
            message("c", "NODE_COMPLETE", done("look", 2, 5)),
            message("stranger", "NODE_STARTED", json!({ "step": 2, "node": "other" })),
        ]);
        assert_eq!(
            lines,
            ["  2  research     ▸", "research ›   2  look         ✓ 1 turn, 5 + 0 tokens, 0.0 s"]
        );
        assert_eq!(view.status_line(), "step 2: research, 5 tokens");
        view.take(&[message("w", "NODE_COMPLETE", done("research", 2, 5))]);
        assert_eq!(view.status_line(), "step 2: waiting, 5 tokens");
        view.take(&[message("w", "WORKFLOW_COMPLETE", json!({}))]);
        assert!(view.has_ended());
        view.take(&[message("w", "WORKFLOW_RETRY", json!({ "by": "ada" }))]);
        assert!(!view.has_ended());
    }
}
