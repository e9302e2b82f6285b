//! `suggest_approach` and `suggest_patterns`: what worked for tasks like this, and what did not, with the numbers.

use super::Knowledge;
use super::knowledge::fitting;
use crate::world::tools::act::{Act, Called, read, safe};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::Estimate;
use callboard_actors::vocabulary::Timestamp;
use callboard_memory::{Scope, Suggestion, Task, TaskKind};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(in crate::world::tools) fn approach() -> Tool {
    safe(
        "suggest_approach",
        "Tells which approaches did best for tasks like this one, by what was learned from successes and failures. Each comes \
         with success (how likely it is to work, from 0 to 1), how often it worked and failed, and its last outcome. One \
         with a low success is a warning.",
        parameters(&["task"]),
    )
}

pub(in crate::world::tools) fn patterns() -> Tool {
    safe(
        "suggest_patterns",
        "Tells which design patterns did best, for a task or in general, by what was learned from successes and failures; \
         as suggest_approach does.",
        parameters(&[]),
    )
}

fn parameters(required: &[&str]) -> Value {
    let mut properties = json!({
        "task": { "type": "string", "minLength": 1, "description": "What is to be done, in words." },
        "language": { "type": "string", "description": "The programming language: what was learned for others is left out." },
        "k": { "type": "integer", "minimum": 1, "maximum": 20, "default": 5, "description": "How many at most." },
    });
    if required.contains(&"task") {
        properties["kind"] = json!({
            "type": "string",
            "enum": ["query", "pattern", "implementation", "review", "fix"],
            "description": "Only for this sort of work.",
        });
    }
    json!({ "type": "object", "required": required, "additionalProperties": false, "properties": properties })
}

/// One of the two.
pub(in crate::world::tools) struct Suggest {
    pub(in crate::world::tools) knowledge: Knowledge,
    pub(in crate::world::tools) only_patterns: bool,
}

#[derive(Deserialize)]
struct Arguments {
    task: Option<String>,
    kind: Option<TaskKind>,
    language: Option<String>,
    #[serde(default = "five")]
    k: usize,
}

fn five() -> usize {
    5
}

impl Act for Suggest {
    fn estimate(&self, arguments: &Value) -> Option<Estimate> {
        self.knowledge.estimate(arguments["task"].as_str().map_or(0, str::len))
    }

    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (knowledge, only_patterns) = (self.knowledge.clone(), self.only_patterns);
        async move { suggest(&knowledge, read(arguments)?, only_patterns, &caller).await }
            .boxed_local()
    }
}

async fn suggest(
    knowledge: &Knowledge,
    arguments: Arguments,
    only_patterns: bool,
    caller: &Caller,
) -> Result<Value, ToolError> {
    let desk = knowledge.desk(caller).await?;
    let Arguments { task, kind, language, k } = arguments;
    let meaning = match &task {
        Some(task) => Some(desk.meaning(task).await),
        None => None,
    };
    let language = language.map(|language| language.to_lowercase());
    let (scope, now) = (Scope { kind, language, workspace: None }, desk.now.0);
    let suggested = desk.learned(move |learning| {
        let (vector, note) =
            meaning.map_or((None, None), |meaning| fitting(learning.tasks(), meaning));
        let task = task.map(|text| Task { text, vector });
        let suggestions = match task {
            Some(task) if !only_patterns => learning.suggest_approach(&task, &scope, k, now)?,
            task => learning.suggest_patterns(task.as_ref(), &scope, k, now)?,
        };
        Ok((suggestions, note))
    });
    let (suggestions, note) = suggested.await?;
    let suggestions: Vec<Value> = suggestions.iter().map(shown).collect();
    Ok(json!({ "suggestions": suggestions, "where": desk.place, "note": note }))
}

fn shown(suggestion: &Suggestion) -> Value {
    let mut shown = json!(suggestion);
    shown["last"]["at"] = json!(Timestamp(suggestion.last.at).rfc3339());
    shown
}
