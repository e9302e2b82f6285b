//! `write_file`: has a file hold a text, in place of what was there.

use super::act::{Act, Called, read, safe};
use super::workshop::{change, place, told};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "write_file",
        "Writes a text file in the workspace, whole: what was there is replaced (and can be had back). Folders that are missing are made. To change a part of a file use edit_file.",
        json!({
            "type": "object",
            "required": ["path", "content"],
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "Which file, from the workspace on: src/main.py." },
                "content": { "type": "string", "description": "All that the file is to hold." },
            },
        }),
    )
}

pub(super) struct WriteFile(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    path: String,
    content: String,
}

impl Act for WriteFile {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { path, content } = read(arguments)?;
            let named = path.clone();
            let plan = move |root: &Root| {
                let found = root.found(&FilePath::of_file(&named)?)?;
                Ok(vec![found.becomes(content.into_bytes())])
            };
            let entry = change(&workspaces, &caller, "write_file", plan).await?;
            Ok(told(place(&caller)?, &path, entry.as_ref()))
        }
        .boxed_local()
    }
}
