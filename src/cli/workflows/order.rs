//! The body of `POST /workflows`, from what was written on the command line.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::cli::Exit;
use crate::cli::args::{OnRunning, Parameter, Run};
use crate::cli::client::{Client, segment};
use crate::cli::failure::Failure;

/// The definition's name, and what the run is given, as text.
pub(super) struct Words<'a> {
    pub(super) definition: Option<&'a str>,
    params: Vec<(&'a str, &'a str)>,
}

impl<'a> Words<'a> {
    /// The first word without `=` is the definition's name.
    pub(super) fn of(run: &'a Run) -> Result<Self, Failure> {
        let (mut definition, mut params) = (None, Vec::new());
        for word in &run.words {
            match word.split_once('=') {
                Some((name, value)) if !name.is_empty() => params.push((name, value)),
                None if definition.is_none() => definition = Some(word.as_str()),
                _ => {
                    let text = format!("{word:?} is no parameter: write NAME=VALUE");
                    return Err(Failure::new(Exit::Usage, text));
                }
            }
        }
        let text = match definition {
            Some(file) if is_file(file) => format!(
                "{file} is a file, and definitions are run by their names: put it into config/workflows, \
                 or `callboard workflows register {file}`"
            ),
            None if run.id.is_none() => {
                "name a definition, as `callboard workflows definitions` lists them".to_owned()
            }
            _ => return Ok(Self { definition, params }),
        };
        Err(Failure::new(Exit::Usage, text))
    }

    /// What the run is given, where the definition's input wants that.
    fn params(&self, definition: &Value) -> Result<Value, Failure> {
        let folders = definition["workspace_inputs"].as_array();
        let params = self.params.iter().map(|(name, text)| {
            let is_folder = folders.is_some_and(|folders| folders.iter().any(|one| one == name));
            let value = if is_folder && !text.is_empty() {
                absolute(Path::new(text))?
            } else {
                value(text, &definition["input"]["properties"][*name])
            };
            Ok((String::from(*name), value))
        });
        Ok(Value::Object(params.collect::<Result<_, Failure>>()?))
    }
}

/// Whether a word that should name a definition names a file.
fn is_file(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|end| end == "yaml" || end == "yml")
}

/// A folder as it is called from anywhere: the server may work in another one than whoever names it.
pub(in crate::cli) fn absolute(folder: &Path) -> Result<Value, Failure> {
    let path = std::path::absolute(folder)
        .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", folder.display())))?;
    Ok(path.to_string_lossy().into())
}

/// What is known of a definition; `null` where there is none: whoever orders it is told with a hint.
pub(super) async fn definition(client: &Client, name: &str) -> Result<Value, Failure> {
    match client.get::<Value>(&format!("/definitions/{}", segment(name)), &[]).await {
        Ok(definition) => Ok(definition),
        Err(failure) if matches!(failure.exit, Exit::NotFound | Exit::Refused) => Ok(Value::Null),
        Err(failure) => Err(failure),
    }
}

/// A text as a value that fits a schema: text where only text will do, else JSON where it is JSON.
pub(in crate::cli) fn value(text: &str, schema: &Value) -> Value {
    let is_text = schema["type"] == "string"
        || schema["enum"].as_array().is_some_and(|all| all.iter().any(|one| one == text));
    let as_text = || Value::from(text);
    if is_text { as_text() } else { serde_json::from_str(text).unwrap_or_else(|_| as_text()) }
}

/// The same for somebody who orders it later.
pub(in crate::cli) async fn body_for(client: &Client, run: &Run) -> Result<Value, Failure> {
    let words = Words::of(run)?;
    let definition = match words.definition {
        Some(name) => definition(client, name).await?,
        None => Value::Null,
    };
    body(run, &words, &definition)
}

/// Only what was said: the server has its own defaults. `definition` is what is known of it.
pub(super) fn body(run: &Run, words: &Words<'_>, definition: &Value) -> Result<Value, Failure> {
    let has_params = !words.params.is_empty() || run.id.is_none();
    let params = if has_params { Some(words.params(definition)?) } else { None };
    let fields = [
        ("type", words.definition.map(Value::from)),
        ("params", params),
        ("workflow_id", run.id.clone().map(Value::from)),
        ("limits", limits(&run.limits)?),
        ("on_running", run.on_running.map(|how| Value::from(word(how)))),
        ("runtime", run.runtime.clone().map(Value::from)),
        ("priority", run.priority.map(Value::from)),
    ];
    let said = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(Value::Object(said.collect()))
}

/// How far a run may go.
pub(super) fn limits(said: &[Parameter]) -> Result<Option<Value>, Failure> {
    let mut limits = Map::new();
    for limit in said {
        if limit.name == "at_limit" {
            limits.insert(limit.name.clone(), json!(limit.value));
            continue;
        }
        let number: Result<serde_json::Number, _> = serde_json::from_str(&limit.value);
        let number = number.map_err(|_| {
            let text = format!("--limit {}={}: write a number", limit.name, limit.value);
            Failure::new(Exit::Usage, text)
        })?;
        limits.insert(limit.name.clone(), json!(number));
    }
    Ok((!limits.is_empty()).then_some(Value::Object(limits)))
}

fn word(how: OnRunning) -> &'static str {
    match how {
        OnRunning::Reject => "reject",
        OnRunning::Enqueue => "enqueue",
        OnRunning::Interrupt => "interrupt",
        OnRunning::Rollback => "rollback",
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Arguments, Command};

    fn run(words: &[&str]) -> Run {
        let words = ["callboard", "run"].iter().chain(words);
        let arguments = Arguments::try_parse_from(words).unwrap();
        let Command::Run(run) = arguments.command else { panic!("this is a run") };
        run
    }

    #[test]
    fn what_is_said_is_ordered_as_the_definition_wants_it() {
        let input =
            json!({ "properties": { "topic": { "type": "string" }, "n": { "type": "integer" } } });
        let definition = json!({ "input": input });
        let run = run(&[
            "debate",
            "topic=7",
            "n=7",
            "else=a=b",
            "--limit",
            "usd=0.5",
            "--limit",
            "at_limit=ask",
        ]);
        let words = Words::of(&run).unwrap();
        assert_eq!(
            body(&run, &words, &definition).unwrap(),
            json!({
                "type": "debate", "params": { "topic": "7", "n": 7, "else": "a=b" },
                "limits": { "usd": 0.5, "at_limit": "ask" },
            })
        );
    }

    #[test]
    fn a_folder_to_work_in_is_meant_from_where_it_is_named() {
        let run = run(&["code", "folder=calc", "task=calc"]);
        let definition = json!({ "workspace_inputs": ["folder"] });
        let body = body(&run, &Words::of(&run).unwrap(), &definition).unwrap();
        let folder = std::env::current_dir().unwrap().join("calc");
        assert_eq!(body["params"], json!({ "folder": folder, "task": "calc" }));
    }

    #[test]
    fn another_run_without_parameters_goes_on() {
        let run = run(&["--id", "w", "--on-running", "rollback"]);
        let body = body(&run, &Words::of(&run).unwrap(), &Value::Null).unwrap();
        assert_eq!(body, json!({ "workflow_id": "w", "on_running": "rollback" }));
    }

    #[test]
    fn what_makes_no_sense_is_a_usage_error() {
        for words in [&["a", "b"][..], &["=x"], &[]] {
            assert!(Words::of(&run(words)).is_err(), "{words:?}");
        }
        let run = run(&["a", "--limit", "usd=much"]);
        assert!(body(&run, &Words::of(&run).unwrap(), &Value::Null).is_err());
    }
}
