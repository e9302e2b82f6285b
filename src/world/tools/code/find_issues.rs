//! `find_issues`: what a reviewer should look at in a text.

use super::subject::{LIMITS, Subject, Text, schema};
use crate::world::tools::act::{Act, Called, blocking, read, safe};
use crate::world::tools::bounded::page;
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::workspaces::Workspaces;
use callboard_code::{Category, Issue, Severity, issues};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(in crate::world::tools) fn tool() -> Tool {
    safe(
        "find_issues",
        "Looks through source code (a file of the workspace, or content with its language) for security risks and for what makes \
         it worse to keep: each issue with its rule's id, severity, source (a CWE, a lint), place, and what to do. By \
         patterns: an issue is a reason to look, and no issue is no proof.",
        schema(json!({
            "at_least": { "type": "string", "enum": ["critical", "high", "medium", "low", "info"], "default": "info", "description": "Only this severity, or worse." },
            "category": { "type": "string", "enum": ["security", "quality"] },
            "from": { "type": "integer", "minimum": 0, "default": 0, "description": "Where to begin: next of the last page." },
            "most": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50, "description": "How many at most." },
        })),
    )
}

pub(in crate::world::tools) struct FindIssues(pub(in crate::world::tools) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    subject: Subject,
    #[serde(default = "any")]
    at_least: Severity,
    category: Option<Category>,
    #[serde(default)]
    from: usize,
    #[serde(default = "usual")]
    most: usize,
}

fn any() -> Severity {
    Severity::Info
}

fn usual() -> usize {
    50
}

impl Act for FindIssues {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { subject, at_least, category, from, most } = read(arguments)?;
            let Text { path, language, content } = subject.text(&workspaces, &caller).await?;
            blocking(move || {
                let found = issues(language, &content, &LIMITS)
                    .map_err(|fault| ToolError::new(fault.to_string()))?;
                let is_wanted = |issue: &&Issue| {
                    issue.severity <= at_least && category.is_none_or(|of| of == issue.category)
                };
                let wanted: Vec<&Issue> = found.issues.iter().filter(is_wanted).collect();
                let counts = counts(&wanted);
                let issues = page(wanted.into_iter().map(shown).collect(), from, most)?;
                Ok(json!({
                    "path": path,
                    "language": language,
                    "by_severity": counts,
                    "issues": issues,
                    "left_out": found.left_out,
                }))
            })
            .await
        }
        .boxed_local()
    }
}

/// How many there are of each severity, the worst first.
fn counts(issues: &[&Issue]) -> BTreeMap<Severity, usize> {
    let mut counts = BTreeMap::new();
    for issue in issues {
        *counts.entry(issue.severity).or_default() += 1;
    }
    counts
}

pub(super) fn shown(issue: &Issue) -> Value {
    json!({
        "id": issue.id,
        "severity": issue.severity,
        "category": issue.category,
        "message": issue.message,
        "hint": issue.hint,
        "source": issue.source,
        "range": { "start": issue.span.start, "end": issue.span.end },
        "text": issue.text,
    })
}
