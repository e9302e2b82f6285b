//! Schedules as people read them. Pure.

use serde_json::Value;

use crate::cli::table::{cut, list, rows};

/// So much of a text is shown.
const WIDTH: usize = 100;

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or_default()
}

/// What was made: its status, and its next times.
pub(super) fn summary(answer: &Value) -> String {
    let next = answer["next"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let next: Vec<_> = next.map(|time| format!("  {time}")).collect();
    let (id, status) = (text(answer, "schedule_id"), text(answer, "status"));
    if next.is_empty() {
        return format!("{id}  {status}");
    }
    format!("{id}  {status}, next\n{}", next.join("\n"))
}

/// `0 3 * * * Europe/Berlin`, or `once`.
fn when(timing: &Value) -> String {
    match timing["cron"].as_str() {
        Some(cron) => format!("{cron} {}", text(timing, "zone")),
        None => format!("once {}", text(timing, "at")),
    }
}

/// A row of the list.
pub(super) fn row(schedule: &Value) -> Vec<String> {
    let cell = |name: &str| text(schedule, name).to_owned();
    let remark = cut(text(schedule, "error"), 60);
    let when = when(&schedule["timing"]);
    vec![cell("id"), cell("status"), cell("next_at"), when, cell("starts"), remark]
}

/// All of one.
pub(super) fn described(schedule: &Value) -> String {
    let number = |name: &str| schedule[name].as_u64().unwrap_or(0);
    let pairs = [
        ("schedule", text(schedule, "id").to_owned()),
        ("status", text(schedule, "status").to_owned()),
        ("paused by", text(schedule, "paused_by").to_owned()),
        ("parked", text(&schedule["parked"], "why").to_owned()),
        ("when", when(&schedule["timing"])),
        ("starts", cut(&schedule["spec"]["start"].to_string(), WIDTH)),
        ("if missed", text(schedule, "missed").to_owned()),
        ("started", format!("{} times", number("started"))),
        ("missed", format!("{} times", number("missed_times"))),
        ("error", text(schedule, "error").to_owned()),
        ("created", text(schedule, "created_at").to_owned()),
        ("ended", text(schedule, "ended_at").to_owned()),
    ];
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let mut parts = vec![list(&pairs)];
    parts.extend(next(schedule));
    parts.extend(recent(schedule));
    parts.join("\n\n")
}

fn next(schedule: &Value) -> Option<String> {
    let next = schedule["next"].as_array().filter(|next| !next.is_empty())?;
    let next = next.iter().filter_map(Value::as_str).map(|time| format!("  {time}"));
    Some(format!("next times\n{}", next.collect::<Vec<_>>().join("\n")))
}

fn recent(schedule: &Value) -> Option<String> {
    let recent = schedule["recent"].as_array().filter(|recent| !recent.is_empty())?;
    let drawn: Vec<_> = recent.iter().map(occasion).collect();
    Some(format!("last times\n{}", rows(&drawn)))
}

/// A time, and what came of it.
fn occasion(occasion: &Value) -> Vec<String> {
    let came = &occasion["came"];
    let made = ["workflow_id", "process_id"].iter().find_map(|name| came[name].as_str());
    let what = match text(came, "how") {
        "started" => format!("started {}", made.unwrap_or_default()),
        "failed" => format!("in vain: {}", cut(text(came, "error"), WIDTH)),
        "overlapped" => format!("left out: {} still ran", made.unwrap_or_default()),
        _ => "is being started".to_owned(),
    };
    let for_whom = match (occasion["by"].as_str(), occasion["stands_for"].as_u64()) {
        (Some(by), _) => format!("by {by}"),
        (None, Some(many @ 1..)) => format!("and for {many} missed before it"),
        _ => String::new(),
    };
    vec![format!("  {}", text(occasion, "due")), what, for_whom]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_came_of_each_time_is_told() {
        let schedule = json!({
            "id": "nightly", "status": "active", "timing": { "cron": "@daily", "zone": "UTC" },
            "next": ["2026-11-22"], "started": 1, "missed_times": 0,
            "recent": [
                { "due": "2026-11-21", "came": { "how": "failed", "error": "no definition" } },
                { "due": "2026-11-20", "stands_for": 3, "came": { "how": "started", "process_id": "p" } },
                { "due": "2026-11-19", "by": "api", "came": null },
            ],
        });
        let drawn = described(&schedule);
        for line in [
            "when      @daily UTC",
            "  2026-11-21  in vain: no definition",
            "  2026-11-20  started p               and for 3 missed before it",
            "  2026-11-19  is being started        by api",
        ] {
            assert!(drawn.lines().any(|drawn| drawn == line), "{line:?} in\n{drawn}");
        }
    }
}
