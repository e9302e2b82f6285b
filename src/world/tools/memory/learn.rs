//! `learn_from_success` and `learn_from_failure`: how an approach to a task went. It is a fact, under the call's id: told
//! twice it counts once.

use super::Knowledge;
use super::knowledge::pin;
use crate::world::tools::act::{Act, Called, read, safe};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::Estimate;
use callboard_memory::{Metadata, Outcome, TaskKind};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(in crate::world::tools) fn success() -> Tool {
    let description = "Keeps that an approach to a task worked, so that suggest_approach and suggest_patterns can advise it \
                       for tasks like that. Give as evidence what shows it: a score, a test's result.";
    safe("learn_from_success", description, parameters())
}

pub(in crate::world::tools) fn failure() -> Tool {
    let description = "Keeps that an approach to a task failed, so that suggest_approach and suggest_patterns advise \
                       against it for tasks like that. Give as evidence what went wrong.";
    safe("learn_from_failure", description, parameters())
}

fn parameters() -> Value {
    json!({
        "type": "object",
        "required": ["kind", "task", "approach"],
        "additionalProperties": false,
        "properties": {
            "kind": {
                "type": "string",
                "enum": ["query", "pattern", "implementation", "review", "fix"],
                "description": "What sort of work it was; a pattern is a design, a query a search.",
            },
            "task": { "type": "string", "minLength": 1, "maxLength": 10_000, "description": "What was to be done, in words." },
            "approach": { "type": "string", "minLength": 1, "maxLength": 10_000, "description": "What was done: the same words for the same approach." },
            "language": { "type": "string", "description": "The programming language, if it matters." },
            "evidence": { "type": "object", "description": "What says so." },
        },
    })
}

/// One of the two.
pub(in crate::world::tools) struct Learn {
    pub(in crate::world::tools) knowledge: Knowledge,
    pub(in crate::world::tools) worked: bool,
}

#[derive(Deserialize)]
struct Arguments {
    kind: TaskKind,
    task: String,
    approach: String,
    language: Option<String>,
    #[serde(default)]
    evidence: Metadata,
}

impl Act for Learn {
    fn estimate(&self, arguments: &Value) -> Option<Estimate> {
        self.knowledge.estimate(arguments["task"].as_str().map_or(0, str::len))
    }

    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let (knowledge, worked) = (self.knowledge.clone(), self.worked);
        async move { learn(&knowledge, read(arguments)?, worked, &caller).await }.boxed_local()
    }
}

async fn learn(
    knowledge: &Knowledge,
    arguments: Arguments,
    worked: bool,
    caller: &Caller,
) -> Result<Value, ToolError> {
    let desk = knowledge.desk(caller).await?;
    let meaning = desk.meaning(&arguments.task).await;
    let Arguments { kind, task, approach, language, mut evidence } = arguments;
    evidence.insert("workflow".into(), json!(caller.workflow_id));
    evidence.insert("step".into(), json!(caller.path));
    let outcome = Outcome {
        id: caller.id.to_string(),
        kind,
        task,
        language: language.map(|language| language.to_lowercase()),
        // A workspace's memory is its own; the home's is for all.
        workspace: None,
        approach,
        worked,
        evidence,
        agent: caller.profile.clone().unwrap_or_default(),
        at: desk.now.0,
    };
    let recorded = desk.learned(move |learning| {
        pin(learning.tasks(), meaning.pinned.as_ref())?;
        learning.record(&outcome, meaning.vector.as_ref())
    });
    Ok(
        json!({ "id": caller.id, "recorded": recorded.await?, "worked": worked, "where": desk.place, "note": meaning.note }),
    )
}
