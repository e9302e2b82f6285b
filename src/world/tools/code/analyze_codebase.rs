//! `analyze_codebase`: what a folder of the workspace is made of: a summary first, details by name and page.

use super::find_issues;
use super::parse_code::function;
use crate::world::tools::act::{Act, Called, blocking, read, safe};
use crate::world::tools::bounded::page;
use crate::world::tools::place;
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::workspaces::Workspaces;
use callboard_code::{Codebase, MemoryCache, Options, Severity, SourceFile, analyze};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// How many entries each list of the summary has at most.
const IN_A_SUMMARY: usize = 20;
/// How many files' reports are kept, so that details cost no second reading.
const KEPT: NonZeroUsize = NonZeroUsize::new(2_000).expect("it is not zero");

pub(in crate::world::tools) fn tool() -> Tool {
    let tool = safe(
        "analyze_codebase",
        "Tells what a folder of the workspace is made of. Without detail a summary: files, lines, symbols, complexity and issues by \
         language, the largest files, the most complex functions, what is imported most. With detail one list, in pages: \
         files, issues, imports, external, skipped. What .gitignore names is left out.",
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "default": ".", "description": "Which folder." },
                "detail": { "type": "string", "enum": ["files", "issues", "imports", "external", "skipped"], "description": "Which list, in place of the summary." },
                "below": { "type": "string", "description": "Of files, issues and imports: only those whose path begins so." },
                "from": { "type": "integer", "minimum": 0, "default": 0, "description": "Where to begin: next of the last page." },
                "most": { "type": "integer", "minimum": 1, "maximum": 500, "default": 100, "description": "How many at most." },
            },
        }),
    );
    Tool { timeout_s: 120, ..tool }
}

pub(in crate::world::tools) struct AnalyzeCodebase {
    workspaces: Workspaces,
    cache: Arc<MemoryCache>,
}

impl AnalyzeCodebase {
    pub(in crate::world::tools) fn new(workspaces: Workspaces, cache: Arc<MemoryCache>) -> Self {
        Self { workspaces, cache }
    }
}

/// Where all calls keep what they have read.
pub(in crate::world::tools) fn cache() -> Arc<MemoryCache> {
    Arc::new(MemoryCache::new(KEPT))
}

#[derive(Deserialize)]
struct Arguments {
    #[serde(default = "here")]
    path: String,
    detail: Option<Detail>,
    #[serde(default)]
    below: String,
    #[serde(default)]
    from: usize,
    #[serde(default = "usual")]
    most: usize,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Detail {
    Files,
    Issues,
    Imports,
    External,
    Skipped,
}

fn here() -> String {
    ".".to_owned()
}

fn usual() -> usize {
    100
}

/// Two threads, 5,000 files, 64 MiB and a minute: whoever waits has other things to do, and so has the machine.
pub(in crate::world::tools) fn options() -> Options {
    let two = NonZeroUsize::new(2).unwrap_or(NonZeroUsize::MIN);
    let time = Duration::from_mins(1);
    Options { threads: two, files: 5_000, bytes: 64 << 20, time, ..Options::default() }
}

impl Act for AnalyzeCodebase {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (workspaces, cache) = (self.workspaces.clone(), Arc::clone(&self.cache));
        async move {
            let arguments: Arguments = read(arguments)?;
            let folder = place::folder(&workspaces, &caller, &arguments.path).await?;
            blocking(move || {
                let codebase = analyze(&folder, &options(), &*cache)
                    .map_err(|error| told(&error, &arguments.path))?;
                match arguments.detail {
                    None => Ok(summary(&codebase, &arguments.path)),
                    Some(detail) => {
                        let all = listed(&codebase, detail, &arguments.below);
                        page(all, arguments.from, arguments.most)
                    }
                }
            })
            .await
        }
        .boxed_local()
    }
}

/// Without the machine's own paths.
fn told(error: &callboard_code::CouldNotAnalyze, path: &str) -> ToolError {
    use callboard_code::CouldNotAnalyze::{NoFolder, Unreadable};
    ToolError::new(match error {
        Unreadable { source, .. } => format!("failed to read the folder {path}: {source}"),
        NoFolder { .. } => format!("{path} is no folder: use parse_code for a file"),
    })
}

fn summary(codebase: &Codebase, path: &str) -> Value {
    let complex: Vec<Value> = codebase
        .most_complex
        .iter()
        .map(|at| {
            let mut shown = function(&at.measure);
            shown["path"] = json!(at.path);
            shown
        })
        .collect();
    let others: usize = codebase.others.values().map(|other| other.files).sum();
    let worst = codebase.files.iter().flat_map(|file| issues_of(file, Severity::High));
    let broken = codebase.files.iter().filter(|file| !file.report.syntax.is_valid());
    json!({
        "path": path,
        "files": codebase.files.len(),
        "languages": codebase.languages,
        "other_files": others,
        "largest": codebase.largest,
        "most_complex": complex,
        "most_imported": most_imported(codebase),
        "external": most_used(codebase),
        "do_not_parse": broken.map(|file| &file.path).take(IN_A_SUMMARY).collect::<Vec<_>>(),
        "worst_issues": worst.take(IN_A_SUMMARY).collect::<Vec<_>>(),
        "skipped": codebase.skipped.len(),
        "left_out": codebase.left_out,
        "details": ["files", "issues", "imports", "external", "skipped"],
    })
}

fn issues_of(file: &SourceFile, at_least: Severity) -> impl Iterator<Item = Value> {
    let issues = file.report.issues.issues.iter();
    issues.filter(move |issue| issue.severity <= at_least).map(|issue| {
        let mut shown = find_issues::shown(issue);
        shown["path"] = json!(file.path);
        shown
    })
}

/// The files that most others import.
fn most_imported(codebase: &Codebase) -> Vec<Value> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for edge in &codebase.imports.edges {
        *counts.entry(&edge.to).or_default() += 1;
    }
    first(counts.into_iter().map(|(path, by)| (path.to_owned(), by)).collect(), "path")
}

/// The packages that most files use.
fn most_used(codebase: &Codebase) -> Vec<Value> {
    let used = codebase.imports.external.iter();
    first(used.map(|(package, files)| (package.clone(), *files)).collect(), "package")
}

fn first(mut counted: Vec<(String, usize)>, name: &str) -> Vec<Value> {
    counted.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    counted
        .into_iter()
        .take(IN_A_SUMMARY)
        .map(|(what, files)| json!({ name: what, "files": files }))
        .collect()
}

fn listed(codebase: &Codebase, detail: Detail, below: &str) -> Vec<Value> {
    let files = || codebase.files.iter().filter(|file| file.path.starts_with(below));
    match detail {
        Detail::Files => files().map(file).collect(),
        Detail::Issues => files().flat_map(|file| issues_of(file, Severity::Info)).collect(),
        Detail::Imports => {
            let edges = codebase.imports.edges.iter();
            edges.filter(|edge| edge.from.starts_with(below)).map(|edge| json!(edge)).collect()
        }
        Detail::External => {
            let used = codebase.imports.external.iter();
            used.map(|(package, files)| json!({ "package": package, "files": files })).collect()
        }
        Detail::Skipped => {
            let skipped = codebase.skipped.iter();
            skipped
                .map(|skipped| json!({ "path": skipped.path, "why": skipped.reason.to_string() }))
                .collect()
        }
    }
}

fn file(file: &SourceFile) -> Value {
    let parsed = &file.report.parsed;
    json!({
        "path": file.path,
        "language": parsed.language,
        "lines": parsed.lines.total,
        "symbols": parsed.symbols.len(),
        "complexity": parsed.complexity.total,
        "issues": file.report.issues.issues.len(),
        "parses": file.report.syntax.is_valid(),
    })
}
