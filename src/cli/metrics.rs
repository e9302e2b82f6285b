//! `metrics`: totals of what became of the work, or points of a series.

use serde_json::Value;

use super::Exit;
use super::args::Metrics;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::{span, table};

pub(super) async fn run(context: &Context, metrics: &Metrics, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let by = metrics.by.word();
    let limit = metrics.limit.to_string();
    let (path, asked) = match &metrics.name {
        None => ("/metrics/totals", vec![("by", Some(by.to_owned()))]),
        Some(name) => {
            let tags = ("tags", metrics.tags.clone());
            ("/metrics", vec![("name", Some(name.clone())), tags, ("limit", Some(limit))])
        }
    };
    let spans = [("from", metrics.from.clone()), ("to", metrics.to.clone())];
    let asked = asked.into_iter().chain(spans);
    let query: Vec<_> = asked.filter_map(|(name, value)| Some((name, value?))).collect();
    let answer: Value = client.get(path, &query).await?;
    if context.is_json {
        out.json(&answer)?;
    } else if metrics.name.is_some() {
        out.line(points(&answer))?;
    } else {
        out.line(totals(&answer, by))?;
    }
    Ok(Exit::Done)
}

fn totals(answer: &Value, by: &str) -> String {
    let items = answer["items"].as_array().into_iter().flatten();
    let row = |item: &Value| {
        let average = item["average_duration_ms"].as_f64().unwrap_or(0.0);
        vec![
            item[by].as_str().unwrap_or("-").to_owned(),
            item["count"].to_string(),
            item["failures"].to_string(),
            span(
                std::time::Duration::try_from_secs_f64(average / 1_000.0)
                    .map_or(0, |average| u64::try_from(average.as_millis()).unwrap_or(u64::MAX)),
            ),
            item["tokens_in"].to_string(),
            item["tokens_out"].to_string(),
            format!("{:.4}", item["cost_usd"].as_f64().unwrap_or(0.0)),
        ]
    };
    let rows: Vec<_> = items.map(row).collect();
    let by = by.to_uppercase();
    table(&[&by, "COUNT", "FAILED", "AVERAGE", "TOKENS IN", "TOKENS OUT", "USD"], &rows)
}

fn points(answer: &Value) -> String {
    let items = answer["items"].as_array().into_iter().flatten();
    let row = |item: &Value| {
        let tags = item["tags"].as_object().into_iter().flatten();
        let tags = tags.map(|(tag, value)| format!("{tag}:{}", value.as_str().unwrap_or_default()));
        vec![
            item["timestamp"].as_str().unwrap_or_default().to_owned(),
            item["name"].as_str().unwrap_or_default().to_owned(),
            item["value"].to_string(),
            tags.collect::<Vec<_>>().join(","),
        ]
    };
    let rows: Vec<_> = items.map(row).collect();
    table(&["HOUR", "SERIES", "VALUE", "TAGS"], &rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn totals_have_a_line_for_each() {
        let answer = json!({ "items": [{
            "agent": null, "count": 3, "failures": 1, "average_duration_ms": 1500.0,
            "tokens_in": 5, "tokens_out": 7, "cost_usd": 0.25,
        }] });
        let expected = "AGENT  COUNT  FAILED  AVERAGE  TOKENS IN  TOKENS OUT  USD\n\
                        -      3      1       1.5 s    5          7           0.2500";
        assert_eq!(totals(&answer, "agent"), expected);
    }
}
