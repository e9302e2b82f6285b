//! `/metrics`: what became of the work: points by the hour, totals, and both for Prometheus.

use super::query;
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpResponse, web};
use callboard_actors::journal::{Performance, Point, PointFilter, Total, TotalBy};
use callboard_actors::vocabulary::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;

/// Totals are by whole days.
const DAY_MS: i64 = 24 * 3_600_000;

/// Which points are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    name: Option<String>,
    from: Option<String>,
    to: Option<String>,
    tags: Option<String>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /metrics`: points, oldest first. `next` is the `from` to go on with, if there are more.
pub(super) async fn points(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let Filter { name, from, to, tags, limit, .. } = filter.into_inner();
    let limit = query::limit(limit)?;
    let (from, until) = span(from.as_deref(), to.as_deref())?;
    let tags = tags.as_deref().map(pairs).transpose()?.unwrap_or_default();
    // One more than wanted says whether there are more; an hour is given whole or not at all.
    let wanted = PointFilter { name, from, until, tags, limit: limit + 1 };
    let mut items = app.parts().journal.reader().points(wanted).await?;
    let next = (items.len() > limit).then(|| items[limit].timestamp);
    items.truncate(limit);
    let next = next.map(|next| whole_hours(&mut items, next)).transpose()?;
    Ok(HttpResponse::Ok().json(json!({ "items": items, "next": next })))
}

/// Leaves out the hour that is there in part only, so that the next page begins with it.
fn whole_hours(items: &mut Vec<Point>, next: Timestamp) -> Result<Timestamp, Problem> {
    items.retain(|point| point.timestamp != next);
    if items.is_empty() {
        let text =
            "limit is smaller than what one hour has: ask for more, or for fewer by name or tags";
        return Err(Problem::bad_request(text));
    }
    Ok(next)
}

/// What totals are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    by: String,
    from: Option<String>,
    to: Option<String>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /metrics/totals`
pub(super) async fn totals(
    app: web::Data<App>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let Wanted { by, from, to, .. } = wanted.into_inner();
    let side = match by.as_str() {
        "agent" => TotalBy::Agent,
        "model" => TotalBy::Model,
        "runtime" => TotalBy::Runtime,
        "day" => TotalBy::Day,
        _ => {
            let text = format!("by is {by:?}, but has to be agent, model, runtime or day");
            return Err(Problem::bad_request(text));
        }
    };
    let (from, until) = span(from.as_deref(), to.as_deref())?;
    // The day in which a span ends is in it.
    let until = Timestamp(day(Timestamp(until.0.saturating_sub(1))).0.saturating_add(DAY_MS));
    let totals = app.parts().journal.reader().totals(side, day(from), until).await?;
    let items: Vec<Value> = totals.iter().map(|total| shown(&by, total)).collect();
    Ok(HttpResponse::Ok().json(json!({ "items": items })))
}

fn day(moment: Timestamp) -> Timestamp {
    Timestamp(moment.0 - moment.0.rem_euclid(DAY_MS))
}

fn shown(by: &str, Total { key, performance }: &Total) -> Value {
    let mut value = json!(performance);
    let key = if by == "agent" && key.is_empty() { Value::Null } else { key.as_str().into() };
    value[by] = key;
    value["average_duration_ms"] = performance.average_ms().into();
    value
}

fn span(from: Option<&str>, to: Option<&str>) -> Result<(Timestamp, Timestamp), Problem> {
    let from = from.map(|text| moment("from", text)).transpose()?.unwrap_or(Timestamp(0));
    let until = to.map(|text| moment("to", text)).transpose()?.unwrap_or(Timestamp::MAX);
    Ok((from, until))
}

/// A moment, or the beginning of a day.
pub(super) fn moment(what: &str, text: &str) -> Result<Timestamp, Problem> {
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    serde_json::from_value(full.into()).map_err(|_| {
        let text = format!(
            "{what} is {text:?}, but has to be a moment like 2026-11-21T09:00:00Z, or a day like 2026-11-21"
        );
        Problem::bad_request(text)
    })
}

fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    let pair = |part: &str| {
        let (tag, value) = part.split_once(':')?;
        Some((tag.trim().to_owned(), value.trim().to_owned()))
    };
    let parts = text.split(',').filter(|part| !part.trim().is_empty());
    parts.map(pair).collect::<Option<_>>().ok_or_else(|| {
        Problem::bad_request(format!(
            "tags is {text:?}, but has to be like model:sonnet,runtime:replay"
        ))
    })
}

/// `GET /metrics/prometheus`: counters since the first day, and how things stand.
pub(super) async fn prometheus(app: web::Data<App>) -> Result<HttpResponse, Problem> {
    let journal = &app.parts().journal;
    let mut text = String::new();
    for (by, side) in [("model", TotalBy::Model), ("runtime", TotalBy::Runtime)] {
        let totals = journal.reader().totals(side, Timestamp(0), Timestamp::MAX).await?;
        counters(&mut text, by, &totals);
    }
    let open = journal.reader().open_processes().await?;
    head(&mut text, "callboard_processes_open", "gauge", "Processes at work or waiting.");
    for (runtime, status, count) in open {
        let labels = [("runtime", runtime.as_str()), ("status", status.as_str())];
        sample(&mut text, "callboard_processes_open", &labels, &count.to_string());
    }
    let (writes, bytes, _) = journal.queue_depth();
    let warnings = app.parts().warnings.list().len();
    let gauges = [
        (
            "callboard_journal_position",
            "Position of the newest message.",
            journal.feed().head().to_string(),
        ),
        ("callboard_journal_queue_writes", "Writes that wait for the disk.", writes.to_string()),
        ("callboard_journal_queue_bytes", "Bytes that wait for the disk.", bytes.to_string()),
        ("callboard_warnings", "What an operator should look at.", warnings.to_string()),
    ];
    for (name, help, value) in gauges {
        head(&mut text, name, "gauge", help);
        sample(&mut text, name, &[], &value);
    }
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// A counter: its name, what it counts, and where it stands.
type Counter = (&'static str, &'static str, fn(&Performance) -> String);

const COUNTERS: [Counter; 6] = [
    ("processes", "Processes that ended, cancelled ones apart.", |done| done.count.to_string()),
    ("process_failures", "Those without an answer.", |done| done.failures.to_string()),
    ("process_duration_ms", "How long answers took, together.", |done| {
        done.duration_ms.to_string()
    }),
    ("tokens_in", "Tokens that went in.", |done| done.tokens_in.to_string()),
    ("tokens_out", "Tokens that came out.", |done| done.tokens_out.to_string()),
    ("cost_usd", "US dollars, as far as prices are known.", |done| done.cost_usd.to_string()),
];

fn counters(text: &mut String, by: &str, totals: &[Total]) {
    for (name, help, value) in COUNTERS {
        let name = format!("callboard_{name}_by_{by}_total");
        head(text, &name, "counter", help);
        for Total { key, performance } in totals {
            sample(text, &name, &[(by, key)], &value(performance));
        }
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: &str) {
    let escaped =
        |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    let labels: Vec<String> =
        labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
    let labels =
        if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
    let _ = writeln!(text, "{name}{labels} {value}");
}
