//! `health` and `info`: how the server is, and what it is.

use serde_json::Value;

use super::Exit;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::list;

/// `health`: fails if anything is unhealthy.
pub(super) async fn health(context: &Context, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let (_, answer) = client.look("/health").await?;
    if context.is_json {
        out.json(&answer)?;
    } else {
        out.line(drawn(&answer))?;
    }
    let is_healthy = answer["status"] == "healthy";
    Ok(if is_healthy { Exit::Done } else { Exit::Failed })
}

/// `info`
pub(super) async fn info(context: &Context, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let answer: Value = client.get("/info", &[]).await?;
    if context.is_json {
        out.json(&answer)?;
        return Ok(Exit::Done);
    }
    let fields = answer.as_object().into_iter().flatten();
    let mut pairs = vec![("url", client.base().to_owned())];
    pairs.extend(fields.map(|(name, value)| (name.as_str(), plain(value))));
    out.line(list(&pairs))?;
    Ok(Exit::Done)
}

/// The whole, then each check: ok, or why not; then what an operator should look at all the same.
fn drawn(answer: &Value) -> String {
    let status = plain(&answer["status"]);
    let checks = answer["checks"].as_object().into_iter().flatten();
    let mut pairs = vec![("status", status)];
    pairs.extend(checks.map(|(name, check)| {
        let word = if check["ok"] == true { "ok" } else { "NOT OK" };
        let detail = check.get("detail").filter(|detail| !detail.is_null());
        let detail = detail.map(|detail| format!("  {}", plain(detail))).unwrap_or_default();
        (name.as_str(), format!("{word}{detail}"))
    }));
    let warnings = answer["warnings"].as_array().into_iter().flatten();
    pairs.extend(warnings.map(|warning| {
        ("warning", format!("{}: {}", plain(&warning["about"]), plain(&warning["error"])))
    }));
    list(&pairs)
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_check_says_ok_or_why_not() {
        let answer = json!({
            "status": "unhealthy",
            "checks": { "actors": { "ok": true }, "database": { "ok": false, "detail": "disk full" } },
            "warnings": [{ "source": "monitor", "about": "process/1 RETRY", "error": "it was not admitted" }],
        });
        assert_eq!(
            drawn(&answer),
            "status    unhealthy\nactors    ok\ndatabase  NOT OK  disk full\n\
             warning   process/1 RETRY: it was not admitted"
        );
    }
}
