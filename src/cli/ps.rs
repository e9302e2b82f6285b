//! `ps`: processes, the newest first.

use futures::future::try_join_all;
use serde_json::Value;

use super::api::{self, Page};
use super::args::{Ps, Status};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::table::{self, cut};
use super::{Exit, read};

/// What is not at its end.
const OPEN: [Status; 8] = [
    Status::Pending,
    Status::Starting,
    Status::Running,
    Status::Success,
    Status::Retry,
    Status::Indeterminate,
    Status::Cancelling,
    Status::Parked,
];

/// The most that one page is asked for.
const PAGE: usize = 200;

pub(super) async fn run(context: &Context, ps: &Ps, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let rows = processes(&client, ps).await?;
    if context.is_json {
        out.json(&rows)?;
    } else {
        let rows: Result<Vec<_>, _> = rows.into_iter().map(read).collect();
        out.line(drawn(&rows?))?;
    }
    Ok(Exit::Done)
}

async fn processes(client: &Client, ps: &Ps) -> Result<Vec<Value>, Failure> {
    let statuses: Vec<Option<Status>> = match (ps.all, ps.status) {
        (true, _) => vec![None],
        (false, Some(status)) => vec![Some(status)],
        (false, None) => OPEN.map(Some).to_vec(),
    };
    let lists = statuses.into_iter().map(|status| pages(client, ps, status));
    let mut rows: Vec<Value> = try_join_all(lists).await?.into_iter().flatten().collect();
    // Ids and moments ascend together; each list came newest first already.
    rows.sort_by_cached_key(|row| {
        std::cmp::Reverse(row["created_at"].as_str().unwrap_or_default().to_owned())
    });
    rows.truncate(limit(ps));
    Ok(rows)
}

/// As many rows as are wanted, page by page.
async fn pages(client: &Client, ps: &Ps, status: Option<Status>) -> Result<Vec<Value>, Failure> {
    let (mut rows, mut before) = (Vec::new(), None);
    loop {
        let missing = limit(ps) - rows.len();
        let query = query(ps, status, missing.min(PAGE), before);
        let page: Page<Value> = client.get("/processes", &query).await?;
        let came = page.items.len();
        rows.extend(page.items);
        match page.next {
            Some(next) if came > 0 && rows.len() < limit(ps) => before = Some(next),
            _ => return Ok(rows),
        }
    }
}

fn limit(ps: &Ps) -> usize {
    usize::try_from(ps.limit).unwrap_or(usize::MAX)
}

fn query(
    ps: &Ps,
    status: Option<Status>,
    limit: usize,
    before: Option<i64>,
) -> Vec<(&'static str, String)> {
    let parts = [
        ("status", status.map(Status::word)),
        ("runtime", ps.runtime.clone()),
        ("session_id", ps.session.clone()),
        ("agent_id", ps.agent.clone()),
        ("limit", Some(limit.to_string())),
        ("before", before.map(|before| before.to_string())),
    ];
    parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn drawn(processes: &[api::Process]) -> String {
    let row = |process: &api::Process| {
        let took = process.metrics.as_ref().map(table::cost).unwrap_or_default();
        let remark = process.error.as_ref().map_or(took, |error| cut(error, 60));
        let model = format!("{}/{}", process.runtime, process.model);
        let (id, status) = (process.id.clone(), process.status.clone());
        vec![id, status, process.attempt.to_string(), model, process.created_at.clone(), remark]
    };
    let rows: Vec<_> = processes.iter().map(row).collect();
    table::table(&["ID", "STATUS", "ATTEMPT", "MODEL", "CREATED", ""], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_stands_where_the_cost_would() {
        let done = api::Process {
            id: "p1".into(),
            status: "COMPLETED".into(),
            runtime: "replay".into(),
            model: "sonnet".into(),
            attempt: 1,
            created_at: "2026-11-21T00:00:00.000Z".into(),
            metrics: Some(api::Metrics::default()),
            ..api::Process::default()
        };
        let dead = api::Process {
            id: "p2".into(),
            status: "DEAD".into(),
            error: Some("no\nkey".into()),
            ..done.clone()
        };
        insta::assert_snapshot!(drawn(&[done, dead]), @r"
        ID  STATUS     ATTEMPT  MODEL          CREATED
        p1  COMPLETED  1        replay/sonnet  2026-11-21T00:00:00.000Z  0 + 0 tokens, 0.0 s
        p2  DEAD       1        replay/sonnet  2026-11-21T00:00:00.000Z  no key
        ");
    }
}
