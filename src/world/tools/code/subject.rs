//! [`Subject`]: which text a call is about: a file of the workspace, or what stands in its arguments.

use crate::world::tools::place;
use callboard_actors::tools::{Caller, ToolError};
use callboard_actors::workspaces::Workspaces;
use callboard_code::{Language, Limits};
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// Above what people write, and below what a call may take: 4 MiB, 15 seconds, 10,000 entries.
pub(in crate::world::tools) const LIMITS: Limits =
    Limits { bytes: 4 << 20, time: Duration::from_secs(15), items: 10_000 };

/// What a call says of it.
#[derive(Deserialize)]
pub(in crate::world::tools) struct Subject {
    path: Option<String>,
    content: Option<String>,
    language: Option<String>,
}

/// The text and what it is written in.
pub(super) struct Text {
    pub(super) path: Option<String>,
    pub(super) language: Language,
    pub(super) content: String,
}

/// The arguments that say it, as properties of a schema.
pub(super) fn properties() -> Value {
    json!({
        "path": { "type": "string", "description": "A file of the workspace; with content only its name, which tells the language." },
        "content": { "type": "string", "description": "The text itself, in place of a file." },
        "language": { "type": "string", "description": "python, javascript, typescript, tsx, go or rust; else by the path." },
    })
}

/// A schema of these arguments and some more.
pub(super) fn schema(more: Value) -> Value {
    let mut properties = properties();
    if let (Value::Object(all), Value::Object(more)) = (&mut properties, more) {
        all.extend(more);
    }
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

impl Subject {
    /// The text, read where a file is meant.
    pub(super) async fn text(
        self,
        workspaces: &Workspaces,
        caller: &Caller,
    ) -> Result<Text, ToolError> {
        let language = language(self.language.as_deref(), self.path.as_deref())?;
        let content = match (self.content, &self.path) {
            (Some(content), _) => content,
            (None, Some(path)) => place::read_text(workspaces, caller, path, LIMITS.bytes).await?,
            (None, None) => return Err(ToolError::new("give a path, or content and language")),
        };
        Ok(Text { path: self.path, language, content })
    }
}

fn language(named: Option<&str>, path: Option<&str>) -> Result<Language, ToolError> {
    let known = || Language::ALL.map(Language::name).join(", ");
    match (named, path) {
        (Some(named), _) => Language::named(named).ok_or_else(|| {
            ToolError::new(format!("the language {named:?} is not understood, only {}", known()))
        }),
        (None, Some(path)) => Language::of(path).ok_or_else(|| {
            ToolError::new(format!(
                "the name {path:?} tells no language that is understood: name one of {}",
                known()
            ))
        }),
        (None, None) => Err(ToolError::new("name the language of the content")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_named_or_told_by_the_path_and_else_the_known_ones_are_told() {
        assert_eq!(language(Some("py"), Some("a.rs")), Ok(Language::Python));
        assert_eq!(language(None, Some("src/a.rs")), Ok(Language::Rust));
        let error = |named, path| language(named, path).unwrap_err().error;
        assert!(
            error(Some("cobol"), None)
                .ends_with("only python, javascript, typescript, tsx, go, rust")
        );
        assert!(error(None, Some("Makefile")).contains("name one of python"));
    }
}
