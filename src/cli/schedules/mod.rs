//! `schedule`: what is started by the clock.

mod draw;
mod order;

use serde_json::Value;

use super::Exit;
use super::api::Page;
use super::args::{ListSchedules, Schedule, Timetable};
use super::client::{Client, segment};
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::table;

pub(super) async fn run(context: &Context, wanted: &Schedule, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    match wanted {
        Schedule::Create(timetable) => create(context, &client, timetable, out).await,
        Schedule::Change(timetable) => change(context, &client, timetable, out).await,
        Schedule::List(wanted) => list(context, &client, wanted, out).await,
        Schedule::Show { id } => show(context, &client, id, out).await,
        Schedule::Pause { id } => steer(context, &client, id, "pause", out).await,
        Schedule::Resume { id } => steer(context, &client, id, "resume", out).await,
        Schedule::Run { id } => steer(context, &client, id, "run", out).await,
        Schedule::Delete { id } => {
            let row: Value = client.delete(&path(id)).await?;
            print(context, id, &row, out)
        }
    }
}

fn path(id: &str) -> String {
    format!("/schedules/{}", segment(id))
}

async fn create(
    context: &Context,
    client: &Client,
    timetable: &Timetable,
    out: &mut Out,
) -> Outcome {
    let body = order::body(client, timetable).await?;
    let answer: Value = client.post("/schedules", Some(&body), timetable.key.as_deref()).await?;
    made(context, &answer, out)
}

async fn change(
    context: &Context,
    client: &Client,
    timetable: &Timetable,
    out: &mut Out,
) -> Outcome {
    let body = order::body(client, timetable).await?;
    let answer: Value = client.put(&path(&timetable.id), &body).await?;
    made(context, &answer, out)
}

fn made(context: &Context, answer: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(answer)?;
    } else {
        out.line(draw::summary(answer))?;
    }
    Ok(Exit::Done)
}

async fn list(
    context: &Context,
    client: &Client,
    wanted: &ListSchedules,
    out: &mut Out,
) -> Outcome {
    let mut query = vec![("limit", wanted.limit.to_string())];
    query.extend(wanted.status.clone().map(|status| ("status", status)));
    let page: Page<Value> = client.get("/schedules", &query).await?;
    if context.is_json {
        out.json(&page.items)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = page.items.iter().map(draw::row).collect();
    out.line(table(&["ID", "STATUS", "NEXT", "WHEN", "STARTS", ""], &rows))?;
    Ok(Exit::Done)
}

/// One, as `GET /schedules/{id}` gives it.
pub(super) async fn show(context: &Context, client: &Client, id: &str, out: &mut Out) -> Outcome {
    let schedule: Value = client.get(&path(id), &[]).await?;
    if context.is_json {
        out.json(&schedule)?;
    } else {
        out.line(draw::described(&schedule))?;
    }
    Ok(Exit::Done)
}

async fn steer(context: &Context, client: &Client, id: &str, verb: &str, out: &mut Out) -> Outcome {
    let row: Value = client.post(&format!("{}/{verb}", path(id)), None, None).await?;
    print(context, id, &row, out)
}

/// One in a line, or as it came.
fn print(context: &Context, id: &str, row: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(row)?;
    } else {
        let status = row["status"].as_str().unwrap_or("accepted");
        let next = row["next_at"].as_str().map(|next| format!("  next {next}"));
        out.line(format!("{id}  {status}{}", next.unwrap_or_default()))?;
    }
    Ok(Exit::Done)
}
