//! `move_file`: gives a file another place.

use super::act::{Act, Called, read, safe};
use super::workshop::change;
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "move_file",
        "Moves or renames a file in the workspace. Nothing may be at the new place yet; folders that are missing are made.",
        json!({
            "type": "object",
            "required": ["from", "to"],
            "additionalProperties": false,
            "properties": {
                "from": { "type": "string", "description": "Which file, from the workspace on." },
                "to": { "type": "string", "description": "Its new path, from the workspace on, its name included." },
            },
        }),
    )
}

pub(super) struct MoveFile(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    from: String,
    to: String,
}

impl Act for MoveFile {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { from, to } = read(arguments)?;
            let (named, target) = (from.clone(), to.clone());
            let plan = move |root: &Root| {
                let from = root.found(&FilePath::of_file(&named)?)?;
                let to = root.found(&FilePath::of_file(&target)?)?;
                let none = || Trouble::refused(format!("there is no file {named:?}"));
                let file = from.file.clone().ok_or_else(none)?;
                if to.file.is_some() {
                    let text =
                        format!("{target:?} is there already: delete it first, or choose another");
                    return Err(Trouble::refused(text));
                }
                Ok(vec![to.takes(&file), from.goes()])
            };
            change(&workspaces, &caller, "move_file", plan).await?;
            Ok(json!({ "from": from, "to": to, "moved": true }))
        }
        .boxed_local()
    }
}
