//! `run` and `workflows`: graphs are started, followed, looked at, steered and answered.
//!
//! ```text
//! start ──► order ──► POST /workflows ──► follow ──► view: messages become lines ──► finish
//! fork, replay ► travel ► POST /workflows/{id}/… ──► follow; compare
//! run ────► list, show, history, steer, answer; check, without a server
//! ```

mod answer;
mod budget;
mod calls;
mod check;
mod compare;
mod files;
mod finish;
mod follow;
mod history;
mod list;
mod order;
mod person;
mod register;
mod show;
mod start;
mod steer;
mod travel;
mod view;

use super::args::{Workflows, WorkflowsCommand};
use super::client::{Client, segment};
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
pub(super) use check::{check, schema};
pub(super) use compare::compare;
pub(super) use files::{files, undo};
pub(super) use finish::in_words;
pub(super) use order::{absolute, body_for, value};
pub(super) use show::show;
pub(super) use start::start;
pub(super) use travel::{fork, replay};

pub(super) async fn run(context: &Context, wanted: &Workflows, out: &mut Out) -> Outcome {
    use WorkflowsCommand as Wanted;
    let client = context.client().await?;
    match &wanted.command {
        Some(Wanted::Check(_) | Wanted::Schema) => unreachable!("these ask nobody"),
        None => list::list(context, &client, &wanted.list, out).await,
        Some(Wanted::Definitions) => list::definitions(context, &client, out).await,
        Some(Wanted::Register { files }) => register::register(context, &client, files, out).await,
        Some(Wanted::Unregister { name }) => register::unregister(&client, name, out).await,
        Some(Wanted::Show { id }) => show(context, &client, id, out).await,
        Some(Wanted::History { id }) => history::history(context, &client, id, out).await,
        Some(Wanted::Answer { id, words }) => {
            answer::answer(context, &client, id, words, out).await
        }
        Some(
            wish @ (Wanted::Pause { id }
            | Wanted::Resume { id, .. }
            | Wanted::Cancel { id, .. }
            | Wanted::Retry { id, .. }
            | Wanted::Rollback { id, .. }),
        ) => {
            let (verb, body) = steer::words(wish);
            steer::steer(context, &client, id, verb, body, out).await
        }
        Some(Wanted::Graph { id, format }) => {
            steer::graph(context, &client, id, *format, out).await
        }
    }
}

/// Where the API has a workflow.
fn path(id: &str) -> String {
    format!("/workflows/{}", segment(id))
}

/// A workflow as `GET /workflows/{id}` gives it.
async fn workflow(client: &Client, id: &str) -> Result<serde_json::Value, Failure> {
    client.get(&path(id), &[]).await
}
