//! `tools`: what models, and nodes of workflows, may call.

use serde_json::Value;

use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::{cut, table};
use super::{Exit, read};

pub(super) async fn run(context: &Context, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let page: Value = client.get("/tools", &[]).await?;
    let tools: Vec<Value> = read(page["items"].clone())?;
    if context.is_json {
        out.json(&tools)?;
        return Ok(Exit::Done);
    }
    // An older server knows of none.
    let servers: Vec<Value> = read(page["servers"].clone()).unwrap_or_default();
    let width = if out.is_terminal() { 80 } else { usize::MAX };
    let rows: Vec<_> = tools.iter().map(|tool| row(tool, width)).collect();
    out.line(table(&["NAME", "ARGUMENTS", "NEEDS", "AFTER A CRASH", "WHAT IT DOES"], &rows))?;
    if !servers.is_empty() {
        out.line("")?;
        out.line(table(&["MCP SERVER", "UP", "TOOLS", "STATE"], &rows_of(&servers, width)))?;
    }
    Ok(Exit::Done)
}

/// The servers, each with the tools that it has and are left out.
fn rows_of(servers: &[Value], width: usize) -> Vec<Vec<String>> {
    let row = |server: &Value| {
        let text = |field: &str| server[field].as_str().unwrap_or_default();
        let is_up = if server["is_up"] == true { "yes" } else { "no" };
        let state = cut(text("state"), width);
        vec![text("name").to_owned(), is_up.to_owned(), server["tools"].to_string(), state]
    };
    let left_out = |server: &Value| {
        let tools = server["left_out"].as_object().cloned().unwrap_or_default().into_iter();
        let row = |(tool, why): (String, Value)| {
            let why = why.as_str().unwrap_or_default();
            let why = cut(&format!("left out {tool}: {why}"), width);
            vec![String::new(), String::new(), String::new(), why]
        };
        tools.map(row).collect::<Vec<_>>()
    };
    servers.iter().flat_map(|server| [vec![row(server)], left_out(server)].concat()).collect()
}

fn row(tool: &Value, width: usize) -> Vec<String> {
    let text = |field: &str| tool[field].as_str().unwrap_or_default();
    let repeat = if text("repeat") == "safe" { "called again" } else { "asks" };
    let description = cut(text("description"), width);
    vec![
        text("name").to_owned(),
        arguments(&tool["parameters"]),
        text("needs").to_owned(),
        repeat.to_owned(),
        description,
    ]
}

/// The names of its arguments; those in brackets may be left out.
fn arguments(schema: &Value) -> String {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|it| it == name));
    let names = schema["properties"].as_object().into_iter().flat_map(|all| all.keys());
    let names =
        names.map(|name| if is_required(name) { name.clone() } else { format!("[{name}]") });
    names.collect::<Vec<_>>().join(" ")
}
