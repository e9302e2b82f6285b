//! What can be done with a workflow, as commands to be copied.

use super::super::answer::Remedy;
use super::super::words::shell_word;
use callboard_actors::workflows::Interrupt;
use serde_json::Value;

/// More choices than these are not written out.
const CHOICES: usize = 4;

fn remedy(command: String, does: &str) -> Remedy {
    Remedy { command, does: does.to_owned() }
}

/// `pause`, `resume`, `cancel`, `retry`, `show` or `history`.
pub(super) fn steer(verb: &str, id: &str, does: &str) -> Remedy {
    remedy(format!("callboard workflows {verb} {}", shell_word(id)), does)
}

/// Begins another run on the same state.
pub(super) fn run_again(id: &str, does: &str) -> Remedy {
    remedy(format!("callboard run --id {} NAME=VALUE", shell_word(id)), does)
}

/// Answers a question; one for each choice, where there are few.
pub(super) fn answers(workflow: &str, asked: &Interrupt) -> Vec<Remedy> {
    let (workflow, interrupt) = (shell_word(workflow), &asked.interrupt_id);
    let answer = |value: &str, does: &str| {
        remedy(format!("callboard workflows answer {workflow} {interrupt} {value}"), does)
    };
    let choices = asked.answer.as_ref().and_then(|schema| schema.get("enum")?.as_array());
    match choices {
        Some(choices) if (1..=CHOICES).contains(&choices.len()) => {
            let word = |choice: &Value| {
                let text = choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
                answer(&shell_word(&text), &format!("answers {choice}"))
            };
            choices.iter().map(word).collect()
        }
        _ if !examples(asked).is_empty() => {
            let word =
                |example: &Value| answer(&shell_word(&example.to_string()), does(asked, example));
            examples(asked).iter().map(word).collect()
        }
        _ => vec![answer("VALUE", "answers it; VALUE is JSON, or else text")],
    }
}

/// What an answer that is given as an example does.
fn does(asked: &Interrupt, example: &Value) -> &'static str {
    let says = |name: &str| asked.is_lost_call && example.get(name).is_some();
    if says("result") {
        "gives the result that it had; the node is done with that"
    } else if says("again") {
        "has it done again"
    } else if says("fail") {
        "has the node fail"
    } else {
        "answers it"
    }
}

/// What may be answered, where its schema gives examples.
fn examples(asked: &Interrupt) -> &[Value] {
    let examples = asked.answer.as_ref().and_then(|schema| schema.get("examples")?.as_array());
    examples.map_or(&[], Vec::as_slice)
}
