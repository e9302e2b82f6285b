//! `write_adr`: an architecture decision, under the next number.

use super::adr::{Decision, file_name, number_of, superseded};
use crate::world::tools::act::{Act, Called, read, safe};
use crate::world::tools::workshop::{change, place, told};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::vocabulary::Clock;
use callboard_actors::workspaces::{FilePath, Planned, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(in crate::world::tools) fn tool() -> Tool {
    let texts = |description: &str| json!({ "type": "array", "maxItems": 50, "items": { "type": "string" }, "description": description });
    safe(
        "write_adr",
        "Writes an architecture decision record into the workspace (docs/adr/NNNN-title.md, in the form of MADR), under the next \
         free number: what was to be decided, what was, what else could have been, and what follows.",
        json!({
            "type": "object",
            "required": ["title", "context", "decision"],
            "additionalProperties": false,
            "properties": {
                "title": { "type": "string", "minLength": 1, "maxLength": 200, "description": "What was decided, in a few words." },
                "context": { "type": "string", "minLength": 1, "description": "What the problem is." },
                "decision": { "type": "string", "minLength": 1, "description": "What was chosen, and why." },
                "status": { "type": "string", "enum": ["proposed", "accepted", "rejected", "deprecated"], "default": "accepted" },
                "drivers": texts("What the choice depended on."),
                "options": {
                    "type": "array", "maxItems": 20,
                    "items": {
                        "type": "object", "required": ["name"], "additionalProperties": false,
                        "properties": { "name": { "type": "string" }, "good": texts("What speaks for it."), "bad": texts("What speaks against it.") },
                    },
                },
                "consequences": {
                    "type": "object", "additionalProperties": false,
                    "properties": { "good": texts("What becomes better."), "bad": texts("What becomes worse.") },
                },
                "deciders": texts("Who decided."),
                "supersedes": { "type": "integer", "minimum": 1, "maximum": 9_999, "description": "The number of the decision that it takes the place of." },
                "folder": { "type": "string", "default": "docs/adr", "description": "Where decisions lie." },
            },
        }),
    )
}

pub(in crate::world::tools) struct WriteAdr {
    pub(in crate::world::tools) workspaces: Workspaces,
    pub(in crate::world::tools) clock: Clock,
}

#[derive(Deserialize)]
struct Arguments {
    #[serde(flatten)]
    decision: Decision,
    #[serde(default = "usual")]
    folder: String,
}

fn usual() -> String {
    "docs/adr".to_owned()
}

impl Act for WriteAdr {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (workspaces, now) = (self.workspaces.clone(), self.clock.now().rfc3339());
        async move {
            let Arguments { decision, folder } = read(arguments)?;
            let date = now.split('T').next().unwrap_or_default().to_owned();
            let plan = move |root: &Root| planned(root, &folder, &decision, &date);
            let entry = change(&workspaces, &caller, "write_adr", plan).await?;
            Ok(told(place(&caller)?, "", entry.as_ref()))
        }
        .boxed_local()
    }
}

fn planned(root: &Root, folder: &str, decision: &Decision, date: &str) -> Result<Planned, Trouble> {
    let folder = folder.trim_end_matches('/');
    let names = names(root, folder)?;
    let last = names.iter().filter_map(|name| number_of(name)).max().unwrap_or(0);
    let number = last + 1;
    let path = FilePath::of_file(&format!("{folder}/{}", file_name(number, &decision.title)))?;
    let written = root.found(&path)?.becomes(decision.document(number, date).into_bytes());
    let mut planned = vec![written];
    if let Some(old) = decision.supersedes {
        planned.push(superseding(root, folder, &names, old, number)?);
    }
    Ok(planned)
}

/// The names in the folder; none, where there is no such folder yet.
fn names(root: &Root, folder: &str) -> Result<Vec<String>, Trouble> {
    let spot = root.find(&FilePath::read(folder)?)?;
    if spot.kind == callboard_actors::workspaces::Kind::Nothing {
        return Ok(Vec::new());
    }
    Ok(root.list(&spot)?.into_iter().map(|(name, _)| name).collect())
}

fn superseding(
    root: &Root,
    folder: &str,
    names: &[String],
    old: u32,
    by: u32,
) -> Result<callboard_actors::workspaces::Wanted, Trouble> {
    let name = names.iter().find(|name| number_of(name) == Some(old));
    let name = name.ok_or_else(|| {
        Trouble::refused(format!(
            "there is no decision {old:04} in {folder}, so none can take its place"
        ))
    })?;
    let found = root.found(&FilePath::of_file(&format!("{folder}/{name}"))?)?;
    let text = found.file.as_ref().map(|file| String::from_utf8_lossy(&file.content).into_owned());
    let changed = superseded(&text.unwrap_or_default(), by).ok_or_else(|| {
        Trouble::refused(format!("{folder}/{name} has no head with a status: write there what took its place by hand, and leave out supersedes"))
    })?;
    Ok(found.becomes(changed.into_bytes()))
}
