//! `workflows`: the newest workflows; and the definitions they are started from.

use serde_json::{Map, Value};

use super::order::{definition, value};
use super::show::cost;
use crate::cli::Exit;
use crate::cli::api::Page;
use crate::cli::args::ListWorkflows;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;
use crate::cli::table::{cut, table};

pub(super) async fn list(
    context: &Context,
    client: &Client,
    wanted: &ListWorkflows,
    out: &mut Out,
) -> Outcome {
    let mut query = vec![("limit", wanted.limit.to_string())];
    query.extend(wanted.definition.clone().map(|name| ("type", name)));
    query.extend(wanted.status.clone().map(|status| ("status", status)));
    if !wanted.params.is_empty() {
        query.push(("params", params(client, wanted).await?.to_string()));
    }
    let page: Page<Value> = client.get("/workflows", &query).await?;
    if context.is_json {
        out.json(&page.items)?;
        return Ok(Exit::Done);
    }
    let wanted = wanted.status.as_deref().unwrap_or_default();
    let rows: Vec<_> = page.items.iter().map(|workflow| row(workflow, wanted)).collect();
    out.line(table(&["ID", "TYPE", "STATUS", "STEP", "CREATED", ""], &rows))?;
    Ok(Exit::Done)
}

/// What they were given, as their definition wants it, where it is named and still there.
async fn params(client: &Client, wanted: &ListWorkflows) -> Result<Value, Failure> {
    let definition = match &wanted.definition {
        Some(name) => definition(client, name).await?,
        None => Value::Null,
    };
    let params = wanted.params.iter().map(|param| {
        (param.name.clone(), value(&param.value, &definition["input"]["properties"][&param.name]))
    });
    Ok(Value::Object(params.collect::<Map<_, _>>()))
}

fn row(workflow: &Value, wanted: &str) -> Vec<String> {
    let text = |name: &str| workflow[name].as_str().unwrap_or_default().to_owned();
    let is_asked_below = wanted == "interrupted" && text("status") != wanted;
    let remark = match workflow["error"].as_str() {
        _ if is_asked_below => "it, or a subgraph of it, asks".to_owned(),
        Some(error) => cut(error, 60),
        None => cost(&workflow["metrics"]),
    };
    let step = workflow["current_step"].to_string();
    vec![text("id"), text("type"), text("status"), step, text("created_at"), remark]
}

pub(super) async fn definitions(context: &Context, client: &Client, out: &mut Out) -> Outcome {
    let all: Value = client.get("/definitions", &[]).await?;
    if context.is_json {
        out.json(&all["items"])?;
        return Ok(Exit::Done);
    }
    let row = |definition: &Value| {
        let text = |name: &str| definition[name].as_str().unwrap_or_default().to_owned();
        let given = definition["input"]["properties"].as_object().into_iter().flatten();
        let given: Vec<String> = given.map(|(name, _)| name.clone()).collect();
        vec![text("name"), text("source"), given.join(" "), cut(&text("description"), 80)]
    };
    let rows: Vec<_> = all["items"].as_array().into_iter().flatten().map(row).collect();
    out.line(table(&["NAME", "SOURCE", "PARAMETERS", "DESCRIPTION"], &rows))?;
    Ok(Exit::Done)
}
