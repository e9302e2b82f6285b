//! `run`: orders a workflow, or another run of one, and follows it to its end.

use serde_json::Value;

use super::follow::Follow;
use super::{finish, order};
use crate::cli::args::Run;
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::{Out, remark};
use crate::cli::spawn::Host;
use crate::cli::{Exit, interrupt};

pub(in crate::cli) async fn start(context: &Context, run: &Run, out: &mut Out) -> Outcome {
    let words = order::Words::of(run)?;
    let mut host = if run.detach {
        Host::running(context).await?
    } else {
        Host::running_or_started(context).await?
    };
    let result = match ordered(&mut host, run, &words).await {
        Ok(receipt) if run.detach => detach(context, &receipt, out),
        Ok(receipt) => attend(context, &mut host, &receipt, out).await,
        Err(failure) => Err(failure),
    };
    host.leave().await?;
    result
}

/// The server's receipt.
async fn ordered(
    host: &mut Host<'_>,
    run: &Run,
    words: &order::Words<'_>,
) -> Result<Value, Failure> {
    let definition = match words.definition {
        Some(name) => host.ask(async |client| order::definition(&client, name).await).await?,
        None => Value::Null,
    };
    let body = order::body(run, words, &definition)?;
    let key = run.idempotency_key.clone();
    let key = key.unwrap_or_else(|| uuid::Uuid::now_v7().to_string());
    host.order_at("/workflows", &body, &key).await
}

pub(super) fn detach(context: &Context, receipt: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(receipt)?;
    } else {
        out.line(id(receipt))?;
    }
    Ok(Exit::Done)
}

fn id(receipt: &Value) -> &str {
    receipt["workflow_id"].as_str().unwrap_or_default()
}

/// Follows until the end, or until we are interrupted.
pub(super) async fn attend(
    context: &Context,
    host: &mut Host<'_>,
    receipt: &Value,
    out: &mut Out,
) -> Outcome {
    let id = id(receipt);
    tokio::select! {
        result = follow(context, host, id, out) => return result,
        () = interrupt::interrupted() => {}
    }
    remark(if host.is_ours() {
        format!(
            "\nstopping; {id} is kept and goes on with the next `callboard serve` or `callboard run`; \
             `callboard run --id {id}` follows it"
        )
    } else {
        format!(
            "\n{id} goes on without us: `callboard workflows show {id}`, or `callboard workflows cancel {id}`"
        )
    });
    Ok(Exit::Interrupted)
}

async fn follow(context: &Context, host: &mut Host<'_>, id: &str, out: &mut Out) -> Outcome {
    let workflow = Follow::new(&mut *host, id, context.is_json).until_the_end(out).await?;
    finish::finish(context, &workflow, out)
}
