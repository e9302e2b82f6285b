//! `fork` and `replay`: order a workflow that begins where another one stood, and follow it to its end.

use serde_json::{Map, Value};

use super::start::{attend, detach};
use super::{order, path};
use crate::cli::args::{Attended, Fork, Replay};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;
use crate::cli::spawn::Host;

pub(in crate::cli) async fn fork(context: &Context, wanted: &Fork, out: &mut Out) -> Outcome {
    let place = format!("{}/fork", path(&wanted.workflow));
    make(context, &place, &body(wanted)?, &wanted.manner, out).await
}

pub(in crate::cli) async fn replay(context: &Context, wanted: &Replay, out: &mut Out) -> Outcome {
    let place = format!("{}/replay", path(&wanted.workflow));
    let fields = [
        ("checkpoint", wanted.checkpoint.map(Value::from)),
        ("workflow_id", wanted.manner.id.clone().map(Value::from)),
    ];
    make(context, &place, &said(fields), &wanted.manner, out).await
}

async fn make(
    context: &Context,
    place: &str,
    body: &Value,
    manner: &Attended,
    out: &mut Out,
) -> Outcome {
    let mut host = if manner.detach {
        Host::running(context).await?
    } else {
        Host::running_or_started(context).await?
    };
    let key = manner.idempotency_key.clone();
    let key = key.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    let result = match host.order_at::<Value>(place, body, &key).await {
        Ok(receipt) if manner.detach => detach(context, &receipt, out),
        Ok(receipt) => attend(context, &mut host, &receipt, out).await,
        Err(failure) => Err(failure),
    };
    host.leave().await?;
    result
}

/// Only what was said: the server has its own defaults.
fn body(fork: &Fork) -> Result<Value, Failure> {
    let set =
        fork.state.iter().map(|set| (set.name.clone(), order::value(&set.value, &Value::Null)));
    let state: Map<String, Value> = set.collect();
    Ok(said([
        ("checkpoint", fork.checkpoint.map(Value::from)),
        ("state", (!state.is_empty()).then_some(Value::Object(state))),
        ("next", (!fork.next.is_empty()).then(|| Value::from(fork.next.clone()))),
        ("model", fork.model.clone().map(Value::from)),
        ("workspace", fork.workspace.as_deref().map(order::absolute).transpose()?),
        ("runtime", fork.runtime.clone().map(Value::from)),
        ("limits", order::limits(&fork.limits)?),
        ("workflow_id", fork.manner.id.clone().map(Value::from)),
    ]))
}

fn said<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let said = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(said.collect())
}
