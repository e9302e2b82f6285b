//! The body of `POST /spawn`, from what was written on the command line.

use std::io::Read as _;

use serde_json::{Map, Value};

use crate::cli::Exit;
use crate::cli::args::Spawn;
use crate::cli::failure::Failure;

/// What is ordered. Reads stdin if the prompt is `-`.
pub(in crate::cli) fn body(spawn: &Spawn) -> Result<Value, Failure> {
    let prompt = if spawn.reads_stdin() { Some(stdin()?) } else { spawn.prompt.clone() };
    Ok(told(spawn, prompt))
}

fn stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| {
        Failure::new(Exit::Usage, format!("failed to read the prompt from stdin: {error}"))
    })?;
    Ok(text)
}

/// Only what was said: the server has its own defaults.
fn told(spawn: &Spawn, prompt: Option<String>) -> Value {
    let text = |value: &Option<String>| value.clone().map(Value::from);
    let fields = [
        ("prompt", prompt.map(Value::from)),
        ("template", text(&spawn.template)),
        ("params", spawn.template.is_some().then(|| params(spawn))),
        ("system", text(&spawn.system)),
        ("model", text(&spawn.model)),
        ("runtime", text(&spawn.runtime)),
        ("agent_id", text(&spawn.agent)),
        ("session_id", text(&spawn.session)),
        ("workdir", spawn.workdir.as_ref().map(|folder| folder.display().to_string().into())),
        ("timeout_s", spawn.timeout.map(|seconds| seconds.get().into())),
        ("max_retries", spawn.max_retries.map(Value::from)),
        ("priority", spawn.priority.map(Value::from)),
    ];
    let said = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(said.collect())
}

fn params(spawn: &Spawn) -> Value {
    let params = spawn.params.iter();
    let params = params.map(|param| (param.name.clone(), Value::from(param.value.clone())));
    Value::Object(params.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use serde_json::json;

    use super::*;
    use crate::cli::args::{Arguments, Command};

    fn order(line: &str) -> Value {
        let words = format!("callboard spawn {line}");
        let arguments = Arguments::try_parse_from(words.split_whitespace()).unwrap();
        let Command::Spawn(spawn) = arguments.command else { panic!("this is a spawn") };
        body(&spawn).unwrap()
    }

    #[test]
    fn only_what_was_said_is_ordered() {
        assert_eq!(order("hello"), json!({ "prompt": "hello" }));
    }

    #[test]
    fn everything_that_was_said_is_ordered() {
        let all = order(
            "--template t --param a=b --param c=d --system be-brief --model m --runtime r --agent a --session s --workdir /w --timeout 9 \
             --max-retries 0 --priority -1",
        );
        assert_eq!(
            all,
            json!({
                "template": "t", "params": { "a": "b", "c": "d" }, "system": "be-brief", "model": "m", "runtime": "r", "agent_id": "a",
                "session_id": "s", "workdir": "/w", "timeout_s": 9, "max_retries": 0, "priority": -1,
            })
        );
    }
}
