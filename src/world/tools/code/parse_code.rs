//! `parse_code`: what a text declares and imports, how large and how involved it is.

use super::subject::{LIMITS, Subject, Text, schema};
use crate::world::tools::act::{Act, Called, blocking, read, safe};
use crate::world::tools::bounded::page;
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::workspaces::Workspaces;
use callboard_code::{FunctionMeasure, Import, Parsed, Symbol, parse};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many of the most involved functions are named.
const MOST_COMPLEX: usize = 10;
/// How many imports are named; the rest is counted.
const MOST_IMPORTS: usize = 200;

pub(in crate::world::tools) fn tool() -> Tool {
    safe(
        "parse_code",
        "Parses source code (a file of the workspace, or content with its language) and tells its symbols with their lines and \
         signatures, its imports, its size, and how complex it and its functions are. Cheaper than reading the file. Also \
         for code that does not parse: then has_errors is true.",
        schema(json!({
            "from": { "type": "integer", "minimum": 0, "default": 0, "description": "Of the symbols, where to begin: next of the last page." },
            "most": { "type": "integer", "minimum": 1, "maximum": 500, "default": 200, "description": "How many symbols at most." },
        })),
    )
}

pub(in crate::world::tools) struct ParseCode(pub(in crate::world::tools) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    subject: Subject,
    #[serde(default)]
    from: usize,
    #[serde(default = "usual")]
    most: usize,
}

fn usual() -> usize {
    200
}

impl Act for ParseCode {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { subject, from, most } = read(arguments)?;
            let Text { path, language, content } = subject.text(&workspaces, &caller).await?;
            blocking(move || {
                let parsed = parse(language, &content, &LIMITS)
                    .map_err(|fault| ToolError::new(fault.to_string()))?;
                shown(&parsed, path.as_deref(), from, most)
            })
            .await
        }
        .boxed_local()
    }
}

fn shown(
    parsed: &Parsed,
    path: Option<&str>,
    from: usize,
    most: usize,
) -> Result<Value, ToolError> {
    let symbols = page(parsed.symbols.iter().map(symbol).collect(), from, most)?;
    let imports: Vec<Value> = parsed.imports.iter().take(MOST_IMPORTS).map(import).collect();
    let mut functions: Vec<&FunctionMeasure> = parsed.complexity.functions.iter().collect();
    functions.sort_by_key(|function| std::cmp::Reverse(function.complexity));
    let functions: Vec<Value> = functions.into_iter().take(MOST_COMPLEX).map(function).collect();
    Ok(json!({
        "path": path,
        "language": parsed.language,
        "bytes": parsed.bytes,
        "lines": parsed.lines,
        "has_errors": parsed.has_errors,
        "complexity": { "total": parsed.complexity.total, "most_complex": functions },
        "imports": imports,
        "more_imports": parsed.imports.len().saturating_sub(MOST_IMPORTS),
        "symbols": symbols,
        "left_out": parsed.left_out,
    }))
}

pub(super) fn symbol(symbol: &Symbol) -> Value {
    let mut shown = json!({
        "kind": symbol.kind,
        "name": symbol.name,
        "lines": [symbol.span.start.line, last_line(&symbol.span)],
        "signature": symbol.signature,
    });
    if let Some(container) = &symbol.container {
        shown["container"] = json!(container);
    }
    if let Some(doc) = &symbol.doc {
        shown["doc"] = json!(doc);
    }
    shown
}

fn last_line(span: &callboard_code::Span) -> usize {
    span.start.line + span.lines().max(1) - 1
}

fn import(import: &Import) -> Value {
    let mut shown =
        json!({ "kind": import.kind, "module": import.module, "line": import.span.start.line });
    if !import.names.is_empty() {
        shown["names"] = json!(import.names);
    }
    shown
}

pub(super) fn function(function: &FunctionMeasure) -> Value {
    json!({
        "name": function.name,
        "line": function.span.start.line,
        "lines": function.lines,
        "complexity": function.complexity,
        "nesting": function.nesting,
    })
}
