//! `workflows show`: where a workflow stands.

use serde_json::Value;

use super::workflow;
use crate::cli::api::Metrics;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::Out;
use crate::cli::table::{self, cut, list, rows};
use crate::cli::{Exit, read};
use crate::why::shell_word;

/// How much of a value is shown.
const WIDTH: usize = 100;

pub(in crate::cli) async fn show(
    context: &Context,
    client: &Client,
    id: &str,
    out: &mut Out,
) -> Outcome {
    let workflow = workflow(client, id).await?;
    if context.is_json {
        out.json(&workflow)?;
        return Ok(Exit::Done);
    }
    out.line(drawn(&workflow))?;
    Ok(Exit::Done)
}

/// What turns took, in a few words.
pub(super) fn cost(metrics: &Value) -> String {
    let turns = metrics["turns"].as_u64().unwrap_or_default();
    let turns = format!("{turns} turn{}", if turns == 1 { "" } else { "s" });
    let took = read::<Metrics>(metrics.clone()).map(|metrics| table::cost(&metrics));
    took.map_or_else(|_| turns.clone(), |took| format!("{turns}, {took}"))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn drawn(workflow: &Value) -> String {
    let parked = &workflow["parked"];
    let parked =
        parked.is_object().then(|| format!("by {}: {}", text(parked, "by"), text(parked, "why")));
    let pairs = [
        ("workflow", text(workflow, "id").to_owned()),
        ("type", text(workflow, "type").to_owned()),
        ("status", text(workflow, "status").to_owned()),
        ("parked", parked.unwrap_or_default()),
        ("paused by", text(workflow, "paused_by").to_owned()),
        ("run", workflow["run"].to_string()),
        ("step", workflow["current_step"].to_string()),
        ("given", cut(&workflow["params"].to_string(), WIDTH)),
        ("error", text(workflow, "error").to_owned()),
        ("took", cost(&workflow["metrics"])),
        ("forked from", made_of(workflow, "forked_from")),
        ("replay of", made_of(workflow, "replay_of")),
        ("created", text(workflow, "created_at").to_owned()),
    ];
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut parts = vec![list(&pairs)];
    parts.extend(nodes(workflow));
    parts.extend(questions(workflow));
    parts.extend(super::budget::drawn(&workflow["budget"]));
    parts.extend(values("state", &workflow["state"]));
    parts.extend(values("output", &workflow["output"]));
    parts.join("\n\n")
}

/// Of which workflow it was made, and where that stood.
fn made_of(workflow: &Value, how: &str) -> String {
    match text(workflow, how) {
        "" => String::new(),
        source => format!("{source} at checkpoint {}", workflow["origin"]["checkpoint"]),
    }
}

fn nodes(workflow: &Value) -> Option<String> {
    let nodes = workflow["frontier"].as_array().filter(|nodes| !nodes.is_empty())?;
    let row = |node: &Value| {
        let of = node["items"].as_u64().map(|items| format!("{} of {items}", node["done"]));
        let took = if node["spent"]["turns"] == 0 { String::new() } else { cost(&node["spent"]) };
        let remark = node["error"].as_str().map_or(took, |error| cut(error, WIDTH));
        let (name, status) = (text(node, "node").to_owned(), text(node, "status").to_owned());
        vec![format!("  {name}"), status, of.unwrap_or_default(), remark]
    };
    let drawn: Vec<_> = nodes.iter().map(row).collect();
    Some(format!("nodes of step {}\n{}", workflow["current_step"], rows(&drawn)))
}

fn questions(workflow: &Value) -> Option<String> {
    let open = workflow["interrupts"].as_array().filter(|open| !open.is_empty())?;
    let lines = open.iter().map(|asked| {
        let answers = how_to_answer(text(workflow, "id"), asked).join("\n    ");
        format!("  {}\n    {answers}", text(asked, "question"))
    });
    Some(format!("open questions\n{}", lines.collect::<Vec<_>>().join("\n")))
}

/// The commands that answer a question: one for each way in which it may be, or one with what may be said.
pub(super) fn how_to_answer(workflow: &str, asked: &Value) -> Vec<String> {
    let (workflow, interrupt) = (shell_word(workflow), text(asked, "interrupt_id"));
    let command =
        |value: &str| format!("callboard workflows answer {workflow} {interrupt} {value}");
    if let Some(examples) = asked["answer"]["examples"].as_array().filter(|all| !all.is_empty()) {
        return examples.iter().map(|one| command(&shell_word(&one.to_string()))).collect();
    }
    let choices = asked["answer"]["enum"].as_array().map(|all| {
        let words = all.iter().map(|one| one.as_str().map_or(one.to_string(), str::to_owned));
        words.collect::<Vec<_>>().join("|")
    });
    let kind = || asked["answer"]["type"].as_str().map(str::to_uppercase);
    let value = choices.or_else(kind).unwrap_or_else(|| "VALUE".to_owned());
    vec![command(&value)]
}

fn values(title: &str, values: &Value) -> Option<String> {
    let values = values.as_object().filter(|values| !values.is_empty())?;
    let pair = |(name, value): (&String, &Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        vec![format!("  {name}"), cut(&text, WIDTH)]
    };
    let drawn: Vec<_> = values.iter().map(pair).collect();
    Some(format!("{title}\n{}", rows(&drawn)))
}
