//! `list_files`: which files are in the workspace.

use super::act::{Act, Called, read, safe};
use super::workshop::look;
use crate::world::files::{Picked, Tour};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};
use std::ops::ControlFlow;

/// So many files at most.
const MOST: usize = 2_000;

/// So many where nothing is said.
const USUAL: usize = 500;

pub(super) fn tool() -> Tool {
    safe(
        "list_files",
        "Lists the files in the workspace, with their paths, in all folders. What .gitignore and .ignore name is left out, \
         and .git. more says that there are others: narrow it down then by path or glob.",
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "In which folder, from the workspace on; else the whole workspace." },
                "glob": { "type": "string", "description": "Only those that fit: *.py, or src/**/test_*.py." },
                "ignored": { "type": "boolean", "description": "Also what ignore files name." },
                "limit": { "type": "integer", "minimum": 1, "maximum": MOST, "description": "So many at most; else 500." },
            },
        }),
    )
}

pub(super) struct ListFiles(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    #[serde(default)]
    path: String,
    glob: Option<String>,
    #[serde(default)]
    ignored: bool,
    limit: Option<usize>,
}

impl Act for ListFiles {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let arguments: Arguments = read(arguments)?;
            look(&workspaces, &caller, move |root| list(root, &arguments)).await
        }
        .boxed_local()
    }
}

fn list(root: &Root, wanted: &Arguments) -> Result<Value, Trouble> {
    let picked = Picked::new(wanted.glob.as_deref(), wanted.ignored)?;
    let limit = wanted.limit.unwrap_or(USUAL).min(MOST);
    let (mut files, mut more) = (Vec::new(), false);
    let from = FilePath::read(&wanted.path)?;
    let _ = Tour::new(root, &picked).visit(&from, &mut |path, _| {
        more = files.len() >= limit;
        if more {
            return Ok(ControlFlow::Break(()));
        }
        files.push(path.to_owned());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(json!({ "files": files, "more": more }))
}
