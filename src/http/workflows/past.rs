//! What was: `/history`, `/checkpoints/{n}`, `/diff`.

use super::super::query::limit;
use crate::http::parameters::Query;
use crate::threads::existing;
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::Journal;
use callboard_actors::workflows::{Past, StepRecord};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Which part of the history is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Part {
    limit: Option<usize>,
    /// Steps with smaller numbers.
    before: Option<u32>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /workflows/{id}/history`: its steps, the newest first, each with what was written.
pub(in crate::http) async fn history(
    app: web::Data<App>,
    id: web::Path<String>,
    wanted: Query<Part>,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(&app, &id).await?;
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let (limit, before) = (limit(wanted.limit)?, wanted.before.unwrap_or(u32::MAX));
    let steps = past.history.steps.iter().rev().filter(|step| step.step < before);
    let mut items = Vec::new();
    for step in steps.take(limit) {
        items.push(told(journal, step).await?);
    }
    let next =
        if items.len() == limit { items.last().map(|item| item["step"].clone()) } else { None };
    Ok(HttpResponse::Ok().json(json!({ "items": items, "next": next, "runs": past.history.runs })))
}

async fn told(journal: &Journal, step: &StepRecord) -> Result<Value, Problem> {
    let mut told = json!(step);
    told["writes"] = match journal.value(&step.writes).await? {
        Value::Null => json!([]),
        writes => writes,
    };
    Ok(told)
}

/// `GET /workflows/{id}/checkpoints/{n}`: the whole state after a step.
pub(in crate::http) async fn checkpoint(
    app: web::Data<App>,
    path: web::Path<(String, u32)>,
) -> Result<HttpResponse, Problem> {
    let (id, number) = path.into_inner();
    let (workflow, _) = existing(&app, &id).await?;
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let state = past.state_at(journal, number).await?;
    let step = past.history.steps.iter().find(|step| step.step == number);
    let mut answer = match step {
        Some(step) => told(journal, step).await?,
        None => json!({ "step": number }),
    };
    answer["state"] = state.into();
    Ok(HttpResponse::Ok().json(answer))
}

/// Between which checkpoints.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Span {
    from: Option<u32>,
    to: Option<u32>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /workflows/{id}/diff?from=&to=`: which channels differ, and how. Without `to` the newest checkpoint is meant,
/// without `from` the one that `to` follows.
pub(in crate::http) async fn diff(
    app: web::Data<App>,
    id: web::Path<String>,
    span: Query<Span>,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(&app, &id).await?;
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let newest = past.workflow.checkpoint().map_or(0, |checkpoint| checkpoint.number);
    let to = span.to.unwrap_or(newest);
    let before = past.checkpoints.get(&to).and_then(|checkpoint| checkpoint.parent);
    let from = span.from.or(before).ok_or_else(|| {
        Problem::bad_request(format!("checkpoint {to} follows none: give from={to} or another to"))
    })?;
    let (old, new) = (past.state_at(journal, from).await?, past.state_at(journal, to).await?);
    let channels = differing(&old, &new);
    Ok(HttpResponse::Ok().json(json!({ "from": from, "to": to, "channels": channels })))
}

/// What differs, by channel. Of a list that only grew there is what was added.
pub(super) fn differing(old: &Map<String, Value>, new: &Map<String, Value>) -> Map<String, Value> {
    let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let value = |state: &Map<String, Value>, name| state.get(name).cloned().unwrap_or_default();
    let differing = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let told = differing.map(|name| {
        let (old, new) = (value(old, name), value(new, name));
        let told = match (old.as_array(), new.as_array()) {
            (Some(before), Some(after)) if after.starts_with(before) => {
                json!({ "appended": after[before.len()..] })
            }
            _ => json!({ "old": old, "new": new }),
        };
        (name.clone(), told)
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_channel_and_of_a_list_what_was_added() {
        let old = json!({ "a": 1, "list": [1], "same": true, "gone": "x" });
        let new = json!({ "a": 2, "list": [1, 2], "same": true, "more": {} });
        let told = differing(old.as_object().unwrap(), new.as_object().unwrap());
        let expected = json!({
            "a": { "old": 1, "new": 2 },
            "gone": { "old": "x", "new": null },
            "list": { "appended": [2] },
            "more": { "old": null, "new": {} },
        });
        assert_eq!(Value::Object(told), expected);
    }
}
