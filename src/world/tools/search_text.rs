//! `search_text`: which lines of the workspace's files fit a regular expression.

use super::act::{Act, Called, read, safe};
use super::workshop::look;
use crate::world::files::{Picked, Search, search};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many lines at most.
const MOST: usize = 1_000;

/// So many where nothing is said.
const USUAL: usize = 100;

pub(super) fn tool() -> Tool {
    safe(
        "search_text",
        "Searches the text files of the workspace for lines that fit a regular expression (Rust's syntax, as ripgrep's). \
         What .gitignore and .ignore name is left out. Gives path, line number and line; more says that there are others.",
        json!({
            "type": "object",
            "required": ["pattern"],
            "additionalProperties": false,
            "properties": {
                "pattern": { "type": "string", "minLength": 1, "maxLength": 1_000, "description": "The regular expression." },
                "path": { "type": "string", "description": "In which file or folder, from the workspace on; else everywhere." },
                "glob": { "type": "string", "description": "Only in files that fit: *.py, or src/**/test_*.py." },
                "ignore_case": { "type": "boolean", "description": "Capital and small letters are the same." },
                "ignored": { "type": "boolean", "description": "Also in what ignore files name." },
                "limit": { "type": "integer", "minimum": 1, "maximum": MOST, "description": "So many lines at most; else 100." },
            },
        }),
    )
}

pub(super) struct SearchText(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    pattern: String,
    #[serde(default)]
    path: String,
    glob: Option<String>,
    #[serde(default)]
    ignore_case: bool,
    #[serde(default)]
    ignored: bool,
    limit: Option<usize>,
}

impl Act for SearchText {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let arguments: Arguments = read(arguments)?;
            look(&workspaces, &caller, move |root| found(root, arguments)).await
        }
        .boxed_local()
    }
}

fn found(root: &Root, wanted: Arguments) -> Result<Value, Trouble> {
    let Arguments { pattern, path, glob, ignore_case, ignored, limit } = wanted;
    let found = search(
        root,
        &Search {
            pattern,
            ignore_case,
            from: FilePath::read(&path)?,
            picked: Picked::new(glob.as_deref(), ignored)?,
            limit: limit.unwrap_or(USUAL).min(MOST),
        },
    )?;
    let lines = found.lines.iter();
    let lines =
        lines.map(|(path, number, line)| json!({ "path": path, "line": number, "text": line }));
    let mut told = json!({
        "matches": lines.collect::<Vec<_>>(), "files_searched": found.files, "more": found.more || found.late,
    });
    if found.late {
        told["note"] = "it took too long and was left there: narrow it down by path or glob".into();
    }
    Ok(told)
}
