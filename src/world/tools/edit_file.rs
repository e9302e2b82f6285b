//! `edit_file`: puts a text in the place of another one that stands exactly once in a file.

use super::act::{Act, Called, read, safe};
use super::workshop::{change, place, told};
use callboard_actors::tools::{Caller, Tool};
use callboard_actors::workspaces::{FilePath, Root, Trouble, Workspaces};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "edit_file",
        "Changes a part of a file in the workspace: old has to stand in it exactly once, whitespace and all, and new takes its place. Read the file first; give enough lines around to make old unique.",
        json!({
            "type": "object",
            "required": ["path", "old", "new"],
            "additionalProperties": false,
            "properties": {
                "path": { "type": "string", "description": "Which file, from the workspace on: src/main.py." },
                "old": { "type": "string", "minLength": 1, "description": "The text that is there now, exactly, and only once." },
                "new": { "type": "string", "description": "What is to be there." },
            },
        }),
    )
}

pub(super) struct EditFile(pub(super) Workspaces);

#[derive(Deserialize)]
struct Arguments {
    path: String,
    old: String,
    new: String,
}

impl Act for EditFile {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let workspaces = self.0.clone();
        async move {
            let Arguments { path, old, new } = read(arguments)?;
            let named = path.clone();
            let plan = move |root: &Root| {
                let found = root.found(&FilePath::of_file(&named)?)?;
                let none = || {
                    Trouble::refused(format!("there is no file {named:?}: write_file makes one"))
                };
                let content = edited(&found.file.as_ref().ok_or_else(none)?.content, &old, &new);
                Ok(vec![
                    found.becomes(
                        content.map_err(|why| Trouble::refused(format!("{named}: {why}")))?,
                    ),
                ])
            };
            let entry = change(&workspaces, &caller, "edit_file", plan).await?;
            Ok(told(place(&caller)?, &path, entry.as_ref()))
        }
        .boxed_local()
    }
}

/// The content with one text in the place of another, if that stands in it exactly once.
fn edited(content: &[u8], old: &str, new: &str) -> Result<Vec<u8>, String> {
    let places = places(content, old.as_bytes());
    match places[..] {
        [at] => {
            let mut edited = content[..at].to_vec();
            edited.extend_from_slice(new.as_bytes());
            edited.extend_from_slice(&content[at + old.len()..]);
            Ok(edited)
        }
        [] if !self::places(content, old.replace('\n', "\r\n").as_bytes()).is_empty() => {
            Err("its lines end with \\r\\n, and those of old with \\n: write them so".to_owned())
        }
        [] => Err("old does not stand in it: read it again, and copy the text exactly".to_owned()),
        _ => {
            let lines: Vec<_> = places.iter().take(5).map(|at| line(content, *at)).collect();
            let lines = lines.join(", ");
            Err(format!(
                "old stands in it {} times (first in lines {lines}): give more of what is around the one you mean",
                places.len()
            ))
        }
    }
}

fn places(content: &[u8], old: &[u8]) -> Vec<usize> {
    let windows = content.windows(old.len().max(1)).enumerate();
    windows.filter(|(_, window)| *window == old).map(|(at, _)| at).collect()
}

fn line(content: &[u8], at: usize) -> String {
    content[..at].split(|byte| *byte == b'\n').count().to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_stands_there_once_is_changed_and_nothing_else() {
        let edited = |content: &str, old: &str, new: &str| {
            super::edited(content.as_bytes(), old, new).map(|text| String::from_utf8(text).unwrap())
        };
        assert_eq!(edited("a\nb\nc", "b", "x\ny"), Ok("a\nx\ny\nc".into()));
        let twice = edited("a\nb\na", "a", "x").unwrap_err();
        assert!(twice.starts_with("old stands in it 2 times (first in lines 1, 3)"), "{twice}");
        assert!(edited("aaa", "aa", "b").unwrap_err().contains("2 times"), "overlapping counts");
        assert!(edited("a\r\nb", "a\nb", "x").unwrap_err().contains("\\r\\n"));
        assert!(edited("a", "longer than it", "x").unwrap_err().contains("does not stand in it"));
    }
}
