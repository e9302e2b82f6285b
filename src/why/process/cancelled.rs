//! A process that somebody wanted to end.

use super::super::answer::{Answer, Remedy};
use super::super::commands::serve;
use super::super::house::House;
use super::super::words::shell_word;
use super::past::{Past, read};
use callboard_actors::processes::Event;

/// Its executor is being stopped.
pub(super) fn on_its_way(house: &House, past: &Past) -> Answer {
    let verdict = format!(
        "process {} is being cancelled by {}: its attempt is being stopped",
        past.id,
        by(past)
    );
    let answer = Answer::of("process", &past.id, "cancelling", verdict)
        .since(past.since)
        .because("it counts as cancelled when the end of its executor has been seen, so that nothing goes on spending");
    if house.is_served() { answer } else { answer.remedy(serve()) }
}

/// It has ended.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let verdict = format!("process {} was cancelled by {}", past.id, by(past));
    Answer::of("process", &past.id, "cancelled", verdict)
        .since(past.since)
        .and_because(past.attempts_in_words())
        .and_because(past.redrives())
        .because("what was cancelled stays so: only a new process can ask again")
        .remedies(anew(house, past))
}

fn by(past: &Past) -> String {
    let by = past.messages.iter().rev().find_map(|message| match read(message) {
        Some(Event::Cancelling { by, .. } | Event::Cancelled { by, .. }) => Some(by),
        _ => None,
    });
    by.unwrap_or_else(|| "somebody".to_owned())
}

/// Asks the same in a new process.
pub(super) fn anew(house: &House, past: &Past) -> Option<Remedy> {
    let (order, prompt) = (past.order.as_ref()?, past.prompt.as_ref()?);
    let prompt = house.folder.join(prompt);
    let agent =
        order.agent_id.as_ref().map(|agent| format!(" --agent {}", shell_word(agent.0.as_str())));
    let session =
        past.session().map(|session| format!(" --session {}", shell_word(session.as_str())));
    let command = format!(
        "callboard spawn - --runtime {} --model {}{}{} < {}",
        shell_word(&order.runtime),
        shell_word(&order.model),
        agent.unwrap_or_default(),
        session.unwrap_or_default(),
        shell_word(&prompt.to_string_lossy())
    );
    let does = "asks the same in a new process, in the same session";
    Some(Remedy { command, does: does.to_owned() })
}
