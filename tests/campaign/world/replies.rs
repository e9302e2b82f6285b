//! What a model answers: a function of what it is asked, and of nothing else.

use std::sync::LazyLock;

use callboard::world::models::{Call, Model, Replay};
use callboard_actors::tools::ToolCall;

/// What is asked by the workflows that ship begins with one of these.
const KNOWN: [&str; 10] = [
    "Debate,",
    "Analysis,",
    "Collaboration,",
    "Teaching,",
    "AutoAgent,",
    "Research:",
    "Architecture:",
    "Implementation:",
    "Review, round",
    "Fix, round",
];

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) text: String,
    /// What it calls, in place of an answer or beside one.
    pub(crate) calls: Vec<ToolCall>,
}

/// What is answered: to workflows that ship by the scripts that ship with them.
pub(super) fn reply_to(call: &Call) -> Reply {
    let question = call.question();
    if KNOWN.iter().any(|begin| question.starts_with(begin)) {
        return scripted(call.clone());
    }
    Reply { text: answer_to(question), calls: Vec::new() }
}

/// What is answered to whom no script knows.
pub(crate) fn answer_to(prompt: &str) -> String {
    format!("this is the answer to: {prompt}")
}

fn scripted(call: Call) -> Reply {
    static SCRIPTS: LazyLock<Replay> = LazyLock::new(|| Replay::shipped().unwrap());
    let question = call.question().to_owned();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    // A script's pauses are jumped over.
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let answer = runtime.block_on(SCRIPTS.call(call, &mut String::new())).unwrap();
    let label = answer.label.unwrap_or_default();
    assert!(label.starts_with("replayed from "), "no script knows this: {question}");
    Reply { text: answer.text, calls: answer.calls }
}
