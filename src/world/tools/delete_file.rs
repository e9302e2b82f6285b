//! `delete_file`: takes a file away.

use super::act::{Act, Called, read, safe};
use super::workshop::{change, place, told};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "delete_file",
        "Deletes a file in the workspace (it can be had back). Folders stay.",
        json!({
            "type": "object",
            "required": ["path"],
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "Which file, from the workspace on: src/main.py." },
            },
        }),
    )
}

pub(super) struct DeleteFile(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    path: String,
}

impl Act for DeleteFile {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { path } = read(arguments)?;
            let named = path.clone();
            let plan = move |root: &Root| {
                let found = root.found(&FilePath::of_file(&named)?)?;
                if found.file.is_none() {
                    let text =
                        format!("there is no file {named:?}: list_files shows what is there");
                    return Err(Trouble::refused(text));
                }
                Ok(vec![found.goes()])
            };
            let entry = change(&workspaces, &caller, "delete_file", plan).await?;
            Ok(told(place(&caller)?, &path, entry.as_ref()))
        }
        .boxed_local()
    }
}
