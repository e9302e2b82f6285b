//! `spawn`: orders a process and follows it to its end.
//!
//! ```text
//!            a server runs                       none runs
//! order ──► POST /spawn there        embedded engine: POST /spawn there
//!                │                               │
//!                └───────────── follow ──────────┤ output by offset, news by position
//!                                                │
//!       interrupted: it goes on there    interrupted: stopped in order, resumed by the next engine
//! ```

mod engine;
mod finish;
mod follow;
mod host;
mod order;
mod progress;
mod source;
mod standing;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::args::Spawn;
use super::context::Context;
use super::failure::Outcome;
use super::out::{Out, remark};
use super::{Exit, api, interrupt, read};
pub(super) use engine::failure;
use follow::Follow;
pub(super) use host::Host;
pub(super) use order::body;
pub(super) use progress::Progress;

pub(super) async fn run(context: &Context, spawn: &Spawn, out: &mut Out) -> Outcome {
    let body = order::body(spawn)?;
    let key = spawn.idempotency_key.as_deref();
    if spawn.detach {
        let host = Host::running(context).await?;
        let answer: Value = host.client().post("/spawn", Some(&body), key).await?;
        return detach(context, answer, out);
    }
    let mut host = Host::running_or_started(context).await?;
    let key = key.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned);
    let result = match host.order(&body, &key).await {
        Ok(id) => attend(context, &mut host, &id, out).await,
        Err(failure) => Err(failure),
    };
    host.leave().await?;
    result
}

fn detach(context: &Context, answer: Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(&answer)?;
    } else {
        out.line(read::<api::Spawned>(answer)?.process_id)?;
    }
    Ok(Exit::Done)
}

/// Follows until the end, or until we are interrupted.
async fn attend(context: &Context, host: &mut Host<'_>, id: &str, out: &mut Out) -> Outcome {
    tokio::select! {
        result = follow(context, host, id, out) => return result,
        () = interrupt::interrupted() => {}
    }
    remark(if host.is_ours() {
        format!(
            "\nstopping; {id} is kept and goes on with the next `callboard serve` or `callboard spawn`"
        )
    } else {
        format!("\n{id} goes on without us: `callboard show {id}`, or `callboard cancel {id}`")
    });
    Ok(Exit::Interrupted)
}

async fn follow(context: &Context, host: &mut Host<'_>, id: &str, out: &mut Out) -> Outcome {
    let progress = Progress::on_stderr();
    let said = Follow::new(&mut *host, progress, id, context.is_json).until_the_end(out).await?;
    finish::run(context, host, id, &said, out).await
}
