//! `write_api_docs`: what the code of a folder declares, as a document.

use super::api_docs::{Words, document};
use crate::world::tools::act::{Act, Called, blocking, read, safe};
use crate::world::tools::code::options;
use crate::world::tools::place;
use crate::world::tools::workshop::{change, place as workplace, told};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::workspaces::{FilePath, Root, Workspaces};
use callboard_code::{NoCache, analyze};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So long may a document be: whoever wants more writes one for each folder.
const MOST_BYTES: usize = 2 << 20;

pub(in crate::world::tools) fn tool() -> Tool {
    let tool = safe(
        "write_api_docs",
        "Writes a Markdown document into the workspace that tells what the code of a folder declares: each file's symbols with their \
         signatures and their own documentation, and the words that you have for them.",
        json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "default": ".", "description": "The code of which folder." },
                "output": { "type": "string", "default": "docs/API.md", "description": "Which file is written." },
                "title": { "type": "string", "maxLength": 200, "default": "API" },
                "introduction": { "type": "string", "description": "What stands at its head." },
                "words": {
                    "type": "object", "additionalProperties": { "type": "string" },
                    "description": "What you say of files and symbols, by path, by name, or by name with container (Store.get, Store::get).",
                },
                "all": { "type": "boolean", "default": false, "description": "Also what is private." },
            },
        }),
    );
    Tool { timeout_s: 120, ..tool }
}

pub(in crate::world::tools) struct WriteApiDocs(pub(in crate::world::tools) Workspaces);

#[derive(Deserialize)]
#[serde(default)]
struct Arguments {
    path: String,
    output: String,
    title: String,
    introduction: String,
    words: Words,
    all: bool,
}

impl Default for Arguments {
    fn default() -> Self {
        let (path, output, title) = (".".to_owned(), "docs/API.md".to_owned(), "API".to_owned());
        Self { path, output, title, introduction: String::new(), words: Words::new(), all: false }
    }
}

impl Act for WriteApiDocs {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move { write(&workspaces, read(arguments)?, &caller).await }.boxed_local()
    }
}

async fn write(
    workspaces: &Workspaces,
    arguments: Arguments,
    caller: &Caller,
) -> Result<Value, ToolError> {
    let folder = place::folder(workspaces, caller, &arguments.path).await?;
    let output = arguments.output.clone();
    let (text, symbols) = blocking(move || {
        let codebase = analyze(&folder, &options(), &NoCache)
            .map_err(|_| ToolError::new(format!("failed to read the folder {}", arguments.path)))?;
        let Arguments { title, introduction, words, all, .. } = &arguments;
        Ok(document(title, introduction, &codebase, words, *all))
    })
    .await?;
    if text.len() > MOST_BYTES {
        let bytes = text.len();
        return Err(ToolError::new(format!(
            "the document would have {bytes} bytes: write one for each folder"
        )));
    }
    let path = output.clone();
    let plan = move |root: &Root| {
        Ok(vec![root.found(&FilePath::of_file(&path)?)?.becomes(text.into_bytes())])
    };
    let entry = change(workspaces, caller, "write_api_docs", plan).await?;
    let mut told = told(workplace(caller)?, &output, entry.as_ref());
    told["symbols"] = json!(symbols);
    Ok(told)
}
