//! `config`: settings, as the server has them in force, and changes to them.

use std::io::Read as _;

use serde_json::{Value, json};

use super::Exit;
use super::args::{ConfigCommand, Set};
use super::client::segment;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::table::{list, table};

pub(super) async fn run(context: &Context, command: &ConfigCommand, out: &mut Out) -> Outcome {
    let path = |key: &str| format!("/config/{}", segment(key));
    let client = context.client().await?;
    let answer: Value = match command {
        ConfigCommand::List => client.get("/config", &[]).await?,
        ConfigCommand::Get { key } => client.get(&path(key), &[]).await?,
        ConfigCommand::Set(set) => client.put(&path(&set.key), &body(set)?).await?,
        ConfigCommand::Unset { key } => client.delete(&path(key)).await?,
        ConfigCommand::RotateKey => client.post("/config/rotate-key", None, None).await?,
    };
    if context.is_json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    out.line(match command {
        ConfigCommand::List => all(&answer),
        ConfigCommand::RotateKey => format!("{} secrets sealed with a new key", answer["secrets"]),
        _ => one(&answer),
    })?;
    Ok(Exit::Done)
}

fn body(set: &Set) -> Result<Value, Failure> {
    let text = if set.value == "-" { stdin()? } else { set.value.clone() };
    let mut body = json!({ "text": text });
    if let Some(description) = &set.description {
        body["description"] = description.as_str().into();
    }
    Ok(body)
}

fn stdin() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(|error| Failure::new(Exit::Usage, format!("failed to read stdin: {error}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// All settings, a line each.
fn all(answer: &Value) -> String {
    let items = answer["items"].as_array().into_iter().flatten();
    let row = |item: &Value| {
        let late = if item["pending_restart"] == true { " (after a restart)" } else { "" };
        vec![plain(&item["key"]), format!("{}{late}", plain(&item["value"])), source(item)]
    };
    let rows: Vec<Vec<String>> = items.map(row).collect();
    table(&["KEY", "VALUE", "SOURCE"], &rows)
}

/// One setting, with all that is known of it.
fn one(answer: &Value) -> String {
    let mut pairs = vec![
        ("key", plain(&answer["key"])),
        ("value", plain(&answer["value"])),
        ("source", source(answer)),
        ("takes effect", plain(&answer["takes_effect"])),
    ];
    if answer["pending_restart"] == true {
        pairs.push(("", "counts with the next start of the server".to_owned()));
    }
    if let Some(name) = answer["overridden_by"].as_str() {
        pairs.push(("", format!("what is set here does not count: {name} goes over it")));
    }
    for (name, field) in [("description", "description"), ("set at", "updated_at")] {
        if !answer[field].is_null() {
            pairs.push((name, plain(&answer[field])));
        }
    }
    list(&pairs)
}

fn source(item: &Value) -> String {
    let variable = item["variable"].as_str().map(|name| format!(" {name}")).unwrap_or_default();
    format!("{}{variable}", plain(&item["source"]))
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_shows_what_goes_over_it_and_when_it_counts() {
        let answer = json!({
            "key": "http.listen", "value": "127.0.0.1:1", "source": "environment", "variable": "X",
            "takes_effect": "restart", "pending_restart": true, "overridden_by": "X",
        });
        assert_eq!(
            one(&answer),
            "key           http.listen\nvalue         127.0.0.1:1\nsource        environment X\n\
             takes effect  restart\n              counts with the next start of the server\n              \
             what is set here does not count: X goes over it"
        );
    }
}
