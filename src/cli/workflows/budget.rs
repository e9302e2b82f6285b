//! How far a workflow's limits are used up, and what happens to its budget, in words.

use serde_json::Value;

use crate::cli::api::Message;
use crate::cli::table::rows;

/// All limits of a workflow, each with what is taken of it; `None`: it has none.
pub(super) fn drawn(budget: &Value) -> Option<String> {
    let lines = budget.as_array().filter(|lines| !lines.is_empty())?;
    let mut drawn = Vec::new();
    for line in lines {
        for name in ["usd", "tokens", "turns", "steps"] {
            drawn.extend(measured(line, name));
        }
        drawn.extend(timed(line));
    }
    (!drawn.is_empty()).then(|| format!("limits\n{}", rows(&drawn)))
}

/// One of its limits.
fn measured(line: &Value, name: &str) -> Option<Vec<String>> {
    let limit = line["limit"][name].as_f64()? + line["granted"][name].as_f64().unwrap_or(0.0);
    let part = |part: &str| line[part][name].as_f64().unwrap_or(0.0);
    let mut words = vec![format!("{} of {} {name} spent", number(part("spent")), number(limit))];
    for what in ["reserved", "lost"] {
        if part(what) > 0.0 {
            words.push(format!("{} {what}", number(part(what))));
        }
    }
    let before = line["before"][name].as_f64();
    if let (Some(times), Some(before)) = (line["renewed"].as_u64(), before) {
        let times = if times == 1 { "once".to_owned() } else { format!("{times} times") };
        words.push(format!("begun anew {times} after {} taken before", number(before)));
    }
    if let Some(turns) = line["unpriced_turns"].as_u64().filter(|_| name == "usd") {
        words.push(format!("{turns} turns without a known price"));
    }
    let of = line["of"].as_str().unwrap_or_default();
    Some(vec![format!("  {of}"), words.join(", ")])
}

/// Its limit of seconds.
fn timed(line: &Value) -> Option<Vec<String>> {
    let seconds = line["limit"]["seconds"].as_u64()?;
    let granted = line["granted"]["seconds"].as_u64().unwrap_or(0);
    let until = line["until"].as_str().map(|at| format!(", until {at}"));
    let words = format!("{} seconds{}", seconds + granted, until.unwrap_or_default());
    Some(vec![format!("  {}", line["of"].as_str().unwrap_or_default()), words])
}

/// With as many digits as it needs, at most four behind the point.
fn number(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What has happened to a budget, where that is news for whoever follows a run.
pub(super) fn line(message: &Message) -> Option<String> {
    let data = &message.data;
    let by = data["by"].as_str().unwrap_or_default();
    match data["fact"].as_str()? {
        "waiting" => {
            let path = data["reservation"]["path"].as_str().unwrap_or_default();
            Some(format!("     {path} waits: its limits have no room for it now"))
        }
        "granted" => Some(format!("     {by} grants {}", data["grant"])),
        "stopped" => Some(format!("     {by} grants no more")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_told_with_what_is_taken_of_them() {
        let line = json!({
            "of": "run 1 of talk", "limit": { "usd": 0.5, "turns": 4 }, "granted": { "usd": 0.25 },
            "spent": { "usd": 0.3, "turns": 2 }, "reserved": { "usd": 0.125, "turns": 1 },
            "lost": { "usd": 0.0 }, "unpriced_turns": 1,
        });
        let text = drawn(&json!([line])).unwrap();
        assert!(text.contains("0.3 of 0.75 usd spent, 0.125 reserved, 1 turns without"), "{text}");
        assert!(text.contains("2 of 4 turns spent, 1 reserved"), "{text}");
        assert_eq!(drawn(&json!([])), None);
        let line = json!({
            "of": "run 1 of talk", "limit": { "seconds": 60 }, "granted": { "seconds": 30 },
            "until": "2026-11-21T10:01:30Z",
        });
        let text = drawn(&json!([line])).unwrap();
        assert!(text.contains("run 1 of talk  90 seconds, until 2026-11-21T10:01:30Z"), "{text}");
    }

    #[test]
    fn limits_that_began_anew_are_told_with_what_was_taken_before() {
        let line = json!({
            "of": "run 1 of talk", "limit": { "usd": 0.5 }, "spent": { "usd": 0.3 },
            "renewed": 2, "before": { "usd": 0.9 },
        });
        let text = drawn(&json!([line])).unwrap();
        assert!(
            text.contains("0.3 of 0.5 usd spent, begun anew 2 times after 0.9 taken before"),
            "{text}"
        );
    }
}
