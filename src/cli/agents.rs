//! `agents`: the registry, from the command line.

use serde_json::{Value, json};

use super::api::{Agent, Message, Page};
use super::args::{Agents, ListAgents, Register, SendMessage};
use super::client::{Client, segment};
use super::context::Context;
use super::failure::Outcome;
use super::messages::{WIDTH, drawn};
use super::out::Out;
use super::table::{list, table};
use super::{Exit, read};

pub(super) async fn run(context: &Context, agents: &Agents, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    match agents {
        Agents::List(wanted) => list_all(context, &client, wanted, out).await,
        Agents::Show { id } => show(context, &client, id, out).await,
        Agents::Register(order) => register(context, &client, order, out).await,
        Agents::Remove { id } => {
            let removed: Value = client.delete(&path(id)).await?;
            print(context, &removed, out)
        }
        Agents::Message(order) => message(context, &client, order, out).await,
    }
}

fn path(id: &str) -> String {
    format!("/agents/{}", segment(id))
}

/// One agent in a line, or as it came.
fn print(context: &Context, agent: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(agent)?;
    } else {
        let Agent { id, status, .. } = read(agent.clone())?;
        out.line(format!("{id}  {status}"))?;
    }
    Ok(Exit::Done)
}

async fn list_all(
    context: &Context,
    client: &Client,
    wanted: &ListAgents,
    out: &mut Out,
) -> Outcome {
    let mut query = vec![("limit", wanted.limit.to_string())];
    query.extend(wanted.capability.clone().map(|word| ("capability", word)));
    query.extend(wanted.status.clone().map(|status| ("status", status)));
    let page: Page<Value> = client.get("/agents", &query).await?;
    if context.is_json {
        out.json(&page.items)?;
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    for item in page.items {
        let agent: Agent = read(item)?;
        let words = agent.capabilities.join(", ");
        rows.push(vec![agent.id, agent.status, agent.profile, agent.display_name, words]);
    }
    out.line(table(&["ID", "STATUS", "PROFILE", "NAME", "CAPABILITIES"], &rows))?;
    Ok(Exit::Done)
}

async fn show(context: &Context, client: &Client, id: &str, out: &mut Out) -> Outcome {
    let agent: Value = client.get(&path(id), &[]).await?;
    let mailbox: Value = client.get(&format!("{}/messages", path(id)), &[]).await?;
    if context.is_json {
        out.json(&json!({ "agent": agent, "mailbox": mailbox }))?;
        return Ok(Exit::Done);
    }
    let metrics = agent["metrics"].clone();
    let agent: Agent = read(agent)?;
    let done = format!("{} done, {} failed", metrics["completed"], metrics["failed"]);
    let used = format!("{} + {} tokens", metrics["tokens_in"], metrics["tokens_out"]);
    out.line(list(&[
        ("agent", agent.id),
        ("name", agent.display_name),
        ("status", agent.status),
        ("profile", agent.profile),
        ("can", agent.capabilities.join(", ")),
        ("process", agent.current_process_id.unwrap_or_default()),
        ("session", agent.current_session_id.unwrap_or_default()),
        ("processes", done),
        ("used", used),
    ]))?;
    let waiting: Vec<Message> = read(mailbox["items"].clone())?;
    out.line(format!("\n{} messages wait", waiting.len()))?;
    for message in &waiting {
        out.line(drawn(message, if out.is_terminal() { WIDTH } else { usize::MAX }))?;
    }
    Ok(Exit::Done)
}

async fn register(context: &Context, client: &Client, order: &Register, out: &mut Out) -> Outcome {
    let mut body = json!({ "profile": order.profile });
    if let Some(id) = &order.id {
        body["id"] = json!(id);
    }
    if let Some(name) = &order.name {
        body["display_name"] = json!(name);
    }
    if !order.capabilities.is_empty() {
        body["capabilities"] = json!(order.capabilities);
    }
    let agent: Value = client.post("/agents", Some(&body), None).await?;
    print(context, &agent, out)
}

async fn message(
    context: &Context,
    client: &Client,
    order: &SendMessage,
    out: &mut Out,
) -> Outcome {
    let data = serde_json::from_str(&order.data).unwrap_or_else(|_| json!(order.data));
    let mut body = json!({ "data": data });
    if let Some(from) = &order.from {
        body["from"] = json!(from);
    }
    let target = format!("{}/messages", path(&order.id));
    let key = order.idempotency_key.as_deref();
    let receipt: Value = client.post(&target, Some(&body), key).await?;
    if context.is_json {
        out.json(&receipt)?;
    } else {
        out.line(format!("{}  message {}", order.id, receipt["position"]))?;
    }
    Ok(Exit::Done)
}
