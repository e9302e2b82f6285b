//! `files` and `undo`: what a workflow's agents changed in its workspace; and that it is taken back.

use serde_json::{Value, json};

use super::path;
use crate::cli::Exit;
use crate::cli::args::{Files, Undo};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;
use crate::cli::spawn::Host;
use crate::cli::table::rows;

pub(in crate::cli) async fn files(context: &Context, wanted: &Files, out: &mut Out) -> Outcome {
    let mut host = Host::running_or_started(context).await?;
    let result = show(context, &mut host, wanted, out).await;
    host.leave().await?;
    result
}

async fn show(context: &Context, host: &mut Host<'_>, wanted: &Files, out: &mut Out) -> Outcome {
    let items = changes(host, wanted).await?;
    if context.is_json {
        out.json(&json!(items))?;
    } else if wanted.path.is_some() {
        for item in &items {
            out.line(head(item))?;
            out.line(item["diff"].as_str().unwrap_or("(no text)").trim_end())?;
        }
    } else if !items.is_empty() {
        out.line(rows(&items.iter().flat_map(lines).collect::<Vec<_>>()))?;
    }
    Ok(Exit::Done)
}

/// All of them, page by page.
async fn changes(host: &mut Host<'_>, wanted: &Files) -> Result<Vec<Value>, Failure> {
    let place = format!("{}/files", path(&wanted.workflow));
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let mut query = vec![("limit", "500".to_owned())];
        query.extend(after.map(|after: u64| ("after", after.to_string())));
        query.extend(wanted.path.clone().map(|path| ("path", path)));
        let page: Value = host.ask(async |client| client.get(&place, &query).await).await?;
        items.extend(page["items"].as_array().cloned().unwrap_or_default());
        after = page["next"].as_u64();
        if after.is_none() {
            return Ok(items);
        }
    }
}

fn head(change: &Value) -> String {
    let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  {}  {}", change["number"], text("status"), text("tool"), text("by"))
}

fn lines(change: &Value) -> Vec<Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let files = change["files"].as_array().into_iter().flatten();
    let line = |file: &Value| {
        let mut status = text(&change["status"]);
        if status == "done" {
            status = text(&file["what"]);
        }
        vec![
            change["number"].to_string(),
            status,
            text(&file["path"]),
            text(&change["tool"]),
            text(&change["by"]),
        ]
    };
    files.map(line).collect()
}

pub(in crate::cli) async fn undo(context: &Context, wanted: &Undo, out: &mut Out) -> Outcome {
    let mut body = json!({ "force": wanted.force });
    if let Some(step) = wanted.to_step {
        body["to_step"] = step.into();
    }
    if let Some(number) = wanted.to_change {
        body["to_change"] = number.into();
    }
    let place = format!("{}/undo", path(&wanted.workflow));
    let key = uuid::Uuid::now_v7().to_string();
    let mut host = Host::running_or_started(context).await?;
    let undone: Result<Value, Failure> = host.order_at(&place, &body, &key).await;
    host.leave().await?;
    told(context, &undone?, out)
}

fn told(context: &Context, undone: &Value, out: &mut Out) -> Outcome {
    let list = |name: &str| undone[name].as_array().cloned().unwrap_or_default();
    let (items, left) = (list("undone"), list("left"));
    if context.is_json {
        out.json(undone)?;
    } else if items.is_empty() && left.is_empty() {
        out.line("nothing to undo")?;
    } else {
        let drawn = items.iter().flat_map(lines).chain(left.iter().map(left_as_it_was));
        out.line(rows(&drawn.collect::<Vec<_>>()))?;
    }
    let is_whole = left.is_empty() && items.iter().all(|item| item["status"] == "done");
    Ok(if is_whole { Exit::Done } else { Exit::Failed })
}

/// A line with as many columns as those of changes.
fn left_as_it_was(file: &Value) -> Vec<String> {
    let text = |name: &str| file[name].as_str().unwrap_or_default().to_owned();
    vec![String::new(), "left".to_owned(), text("path"), String::new(), text("why")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_stands_below_what_was_taken_back() {
        let change = json!({
            "number": 4, "status": "done", "tool": "undo", "by": "api",
            "files": [{ "path": "a", "what": "deleted" }],
        });
        let left = json!({ "path": "b", "why": "a folder is in its place" });
        let drawn: Vec<_> = lines(&change).into_iter().chain([left_as_it_was(&left)]).collect();
        let expected = "4  deleted  a  undo  api\n   left     b        a folder is in its place";
        assert_eq!(rows(&drawn), expected);
    }
}
