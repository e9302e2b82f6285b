//! [`read`]: a text becomes [`Rules`], or says what is wrong with it, and where.

use super::document::{Document, Environment, Said};
use super::error::Error;
use super::grant::Grant;
use super::merge::Silence;
use super::standing::{Ancestor, Standing, Voice, Who};
use callboard_actors::vocabulary::nearest;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The rules, compiled.
#[derive(Debug, Clone)]
pub struct Rules {
    document: Document,
    default: Arc<Grant>,
    profiles: BTreeMap<String, Arc<Grant>>,
    nodes: Arc<Grant>,
    nodes_of: BTreeMap<String, Arc<Grant>>,
    within: BTreeMap<String, Arc<Grant>>,
}

/// Words that may stand in the file, for whoever misspells one.
const FIELDS: [&str; 33] = [
    "version",
    "deny",
    "default",
    "profiles",
    "nodes",
    "workflows",
    "environment",
    "within",
    "can_read_files",
    "can_write_files",
    "can_analyze_codebase",
    "can_run_commands",
    "can_web_search",
    "can_fetch",
    "can_use_memory",
    "can_send_messages",
    "can_use_state",
    "can_use_mcp",
    "can_call_other_tools",
    "paths",
    "read",
    "write",
    "hosts",
    "tools",
    "commands",
    "budgets",
    "calls",
    "bytes_written",
    "command_seconds",
    "read_only",
    "path",
    "variables",
    "run",
];

/// Reads rules.
///
/// # Errors
/// If the text is none; with its place.
pub fn read(text: &str, path: &Path) -> Result<Rules, Error> {
    let options = serde_saphyr::options! { with_snippet: false };
    let read = serde_saphyr::from_str_with_options::<Document>(text, options);
    let document = read.map_err(|error| invalid(path, &error))?;
    if document.version != 1 {
        let message = format!("version is {}, and this callboard knows 1", document.version);
        return Err(wrong(path, text, "version", message));
    }
    compile(document).map_err(|(word, message)| wrong(path, text, &word, message))
}

fn compile(document: Document) -> Result<Rules, (String, String)> {
    let deny = document.deny.clone();
    let grant = |name: &str, said: &Said, silence| {
        let grant = said.grant(&deny, silence).map_err(|why| (name.to_owned(), why));
        grant.map(Arc::new)
    };
    let default = grant("default", &document.default, Silence::Refuses)?;
    let nodes = grant("nodes", &document.nodes, Silence::Refuses)?;
    let (mut profiles, mut nodes_of, mut within) =
        (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for (name, said) in &document.profiles {
        let meant = document.default.but(said);
        profiles.insert(name.clone(), grant(name, &meant, Silence::Refuses)?);
    }
    for (name, of) in &document.workflows {
        if let Some(said) = &of.nodes {
            let meant = document.nodes.but(said);
            nodes_of.insert(name.clone(), grant(name, &meant, Silence::Refuses)?);
        }
        if let Some(said) = &of.within {
            within.insert(name.clone(), grant(name, said, Silence::LeavesAsItIs)?);
        }
    }
    Ok(Rules { document, default, profiles, nodes, nodes_of, within })
}

impl Rules {
    /// Those that ship with the program.
    ///
    /// # Panics
    /// Never: a test reads them.
    pub fn shipped() -> Self {
        let text = include_str!("../../config/rules.yaml");
        read(text, Path::new("config/rules.yaml")).expect("a test reads the shipped rules")
    }

    /// What one may, below these.
    pub fn standing(&self, who: &Who, above: &[Ancestor]) -> Standing {
        Standing::new(self.voice(who)).narrowed(self, above)
    }

    fn voice(&self, who: &Who) -> Voice {
        match who {
            Who::Agent(profile) => self.voice_of(profile),
            Who::Node(workflow) => match self.nodes_of.get(workflow) {
                Some(grant) => voice(format!("workflows.{workflow}.nodes"), grant),
                None => voice("nodes".into(), &self.nodes),
            },
        }
    }

    fn voice_of(&self, profile: &str) -> Voice {
        match self.profiles.get(profile) {
            Some(grant) => voice(format!("profiles.{profile}"), grant),
            None => voice("default".into(), &self.default),
        }
    }

    pub(super) fn voice_above(&self, ancestor: &Ancestor) -> Option<Voice> {
        match ancestor {
            Ancestor::Workflow(name) => {
                let grant = self.within.get(name)?;
                Some(voice(format!("workflows.{name}.within"), grant))
            }
            Ancestor::Agent(profile) => Some(self.voice_of(profile)),
        }
    }

    /// What programs find around them.
    pub fn environment(&self) -> &Environment {
        &self.document.environment
    }

    /// The rules as they were said.
    pub fn said(&self) -> Value {
        // Names, numbers and texts: it cannot fail.
        said(serde_json::to_value(&self.document).unwrap_or_default())
    }

    /// The profiles of which something is said.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }
}

fn voice(rule: String, grant: &Arc<Grant>) -> Voice {
    Voice { rule, grant: Arc::clone(grant) }
}

/// Without what nobody has said.
fn said(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(name, value)| (name, said(value))).collect())
        }
        Value::Array(items) => items.into_iter().map(said).collect(),
        value => value,
    }
}

/// What is wrong about a word, in the line where it first stands as a key.
fn wrong(path: &Path, text: &str, word: &str, message: String) -> Error {
    let is_key = |line: &str| line.trim_start().starts_with(&format!("{word}:"));
    let line = text.lines().position(is_key).map_or(1, |index| index + 1);
    Error::Wrong { path: path.to_owned(), line, column: 1, message, hint: None }
}

/// The parser's message, without the place that it adds.
fn invalid(path: &Path, error: &serde_saphyr::Error) -> Error {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    let message = line.rsplit_once(" at line ").map_or(line, |(message, _)| message).to_owned();
    let number = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let (line, column) =
        error.location().map_or((1, 1), |at| (number(at.line()), number(at.column())));
    let unknown = message.strip_prefix("unknown field ").and_then(|rest| rest.split('`').nth(1));
    let near = unknown.and_then(|word| nearest(word, FIELDS));
    let hint = near.map(|name| format!("did you mean `{name}`?"));
    Error::Wrong { path: path.to_owned(), line, column, message, hint }
}
