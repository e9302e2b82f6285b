//! `read_file`: some lines of a text file in the workspace.

use super::act::{Act, Called, read, safe};
use super::workshop::look;
use crate::world::files::{Piece, piece};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many lines where nothing is said.
const USUAL: usize = 2_000;

pub(super) fn tool() -> Tool {
    safe(
        "read_file",
        "Reads a text file in the workspace, or some of its lines. Gives content, the number of its first line as from, how \
         many lines it is, and more if there are others behind it (go on with from). At most 50,000 bytes at once.",
        json!({
            "type": "object",
            "required": ["path"],
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "Which file, from the workspace on: src/main.py." },
                "from": { "type": "integer", "minimum": 1, "description": "The first line, from 1; else 1." },
                "lines": { "type": "integer", "minimum": 1, "maximum": 10_000, "description": "So many lines at most; else 2,000." },
            },
        }),
    )
}

pub(super) struct ReadFile(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    path: String,
    from: Option<usize>,
    lines: Option<usize>,
}

impl Act for ReadFile {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { path, from, lines } = read(arguments)?;
            let (from, limit) = (from.unwrap_or(1), lines.unwrap_or(USUAL));
            let work = move |root: &callboard_actors::workspaces::Root| {
                let spot = root.find(&FilePath::of_file(&path)?)?;
                let (file, bytes, _) = root.open_file(&spot)?;
                let piece = piece(file, from, limit);
                let piece = piece.map_err(|error| Trouble::io("read", &path, &error))?;
                Ok(told(&path, bytes, from, piece))
            };
            look(&workspaces, &caller, work).await
        }
        .boxed_local()
    }
}

fn told(path: &str, bytes: u64, from: usize, piece: Piece) -> Value {
    match piece {
        Piece::Binary => json!({
            "path": path, "bytes": bytes, "binary": true,
            "note": "it is no text, so its content is not shown",
        }),
        Piece::Text { content, lines, more, is_cut } => {
            let mut told = json!({
                "path": path, "bytes": bytes, "from": from, "lines": lines, "more": more, "content": content,
            });
            if is_cut {
                told["note"] = "the last line is longer than is shown".into();
            }
            told
        }
    }
}
