//! `validate_syntax`: whether a text parses, and each place where it does not.

use super::subject::{LIMITS, Subject, Text, schema};
use crate::world::tools::act::{Act, Called, blocking, read, safe};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::workspaces::Workspaces;
use callboard_code::{SyntaxError, SyntaxErrorKind, validate};
use futures::FutureExt;
use serde_json::{Value, json};

/// How many errors are told: the first is the one to mend.
const MOST: usize = 20;

pub(in crate::world::tools) fn tool() -> Tool {
    safe(
        "validate_syntax",
        "Checks whether source code (a file of the workspace, or content with its language) parses. Each error has its exact line \
         and column (from 1), what stands there and what was expected. Mend the first and check again.",
        schema(json!({})),
    )
}

pub(in crate::world::tools) struct ValidateSyntax(pub(in crate::world::tools) Workspaces);

impl Act for ValidateSyntax {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let subject: Subject = read(arguments)?;
            let Text { path, language, content } = subject.text(&workspaces, &caller).await?;
            blocking(move || {
                let found = validate(language, &content, &LIMITS)
                    .map_err(|fault| ToolError::new(fault.to_string()))?;
                let errors: Vec<Value> = found.errors.iter().take(MOST).map(shown).collect();
                let left_out = found.left_out + found.errors.len() - errors.len();
                Ok(json!({
                    "path": path,
                    "language": language,
                    "valid": found.is_valid(),
                    "errors": errors,
                    "left_out": left_out,
                }))
            })
            .await
        }
        .boxed_local()
    }
}

fn shown(error: &SyntaxError) -> Value {
    let mut shown = json!({
        "line": error.span.start.line,
        "column": error.span.start.column,
        "end_line": error.span.end.line,
        "end_column": error.span.end.column,
        "message": error.message,
        "text": error.text,
    });
    if let SyntaxErrorKind::Unexpected { expected, .. } = &error.kind
        && !expected.is_empty()
    {
        shown["expected"] = json!(expected);
    }
    shown
}
