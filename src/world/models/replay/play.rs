//! Plays one item: waits, streams, answers or fails.

use std::time::Duration;

use callboard_actors::processes::{Charge, Told};
use callboard_actors::tools::ToolCall;
use serde_json::{Map, Value};
use tokio::time::sleep;

use super::folder::Entry;
use super::matcher::sha256;
use super::script::{ErrorKind, Item, ScriptedCall, ScriptedError};
use super::template::Template;
use crate::world::models::call::{Answer, Call, Output, Usage};
use crate::world::models::failure::{Failure, FailureKind};

/// Characters per delta, about what APIs send at a time.
const CHUNK_CHARS: usize = 24;

/// Characters per token, by which tokens are estimated where a script counts none.
const CHARS_PER_TOKEN: u64 = 4;

/// The most characters of a prompt that a generic answer repeats.
const QUOTED: usize = 200;

/// What streams before an error that comes after some characters of an answer nobody wrote.
const FILLER: &str = "This is a scripted answer that breaks off. ";

/// Plays `entry` to `output`.
pub(super) async fn play(
    entry: &Entry,
    call: &Call,
    output: &mut dyn Output,
) -> Result<Answer, Failure> {
    let item = &entry.item;
    sleep_ms(item.delay_ms).await;
    if let Some(error) = &item.error {
        stream(&before_error(entry, call, error)?, item, output).await?;
        return Err(failure(error, entry));
    }
    let (text, calls) = (text(entry, call)?, calls(entry, call)?);
    stream(&text, item, output).await?;
    let usual = if calls.is_empty() { "end_turn" } else { "tool_use" };
    Ok(Answer {
        model: item.model.clone().unwrap_or_else(|| call.model.clone()),
        stop_reason: Some(item.stop_reason.clone().unwrap_or_else(|| usual.to_owned())),
        usage: item.usage.map_or_else(|| estimated(call, &text), Usage::from),
        cost_usd: Some(item.cost_usd.unwrap_or(0.0)),
        label: Some(format!("replayed from {}", entry.source)),
        text,
        calls,
        sources: Vec::new(),
    })
}

/// Answers a call that no recording matches, saying so.
pub(super) async fn play_generic(
    call: &Call,
    folder: &str,
    output: &mut dyn Output,
) -> Result<Answer, Failure> {
    let text = generic(call.question(), folder);
    stream(&text, &Item::default(), output).await?;
    Ok(Answer {
        model: call.model.clone(),
        stop_reason: Some("end_turn".to_owned()),
        usage: estimated(call, &text),
        cost_usd: Some(0.0),
        label: Some("generic answer: no recording matched".to_owned()),
        text,
        calls: Vec::new(),
        sources: Vec::new(),
    })
}

/// What an answer costs that has not been given, also one that breaks off; `None`: it is none.
pub(super) fn cost(entry: &Entry, call: &Call) -> Option<(Usage, f64)> {
    let item = &entry.item;
    let is_refused = item.error.as_ref().is_some_and(|error| error.after_chars.is_none());
    let text = text(entry, call).ok().filter(|_| !is_refused)?;
    let usage = item.usage.map_or_else(|| estimated(call, &text), Usage::from);
    Some((usage, item.cost_usd.unwrap_or(0.0)))
}

/// What an answer costs that says that it is none.
pub(super) fn generic_usage(call: &Call, folder: &str) -> Usage {
    estimated(call, &generic(&call.prompt, folder))
}

/// Refuses a call that no recording matches.
pub(super) fn refusal(call: &Call, folder: &str) -> Failure {
    let message = format!(
        "no recording matches the prompt \"{}\": add one to {folder}, or choose another runtime",
        beginning(call.question())
    );
    Failure::new(FailureKind::NoRecording, message)
}

fn generic(prompt: &str, folder: &str) -> String {
    format!(
        "This is a replay: no model has read your prompt, and no recording matches it.\n\n\
         Your prompt begins: \"{}\"\n\n\
         To script an answer, add one to {folder}. For a real one, choose another runtime.\n",
        beginning(prompt)
    )
}

fn failure(error: &ScriptedError, entry: &Entry) -> Failure {
    let said = error.message.as_deref().unwrap_or_else(|| usual_message(error.kind));
    let message = format!("{said} (replayed from {})", entry.source);
    let failure = Failure::new(error.kind.into(), message);
    Failure {
        retry_after: error.retry_after_ms.map(Duration::from_millis),
        charge: charge(error, &entry.item).unwrap_or(failure.charge),
        ..failure
    }
}

/// What an answer has cost that breaks off: what the script says of it. `None`: nothing of it came.
fn charge(error: &ScriptedError, item: &Item) -> Option<Charge> {
    error.after_chars?;
    let told = item.usage.map(|used| Told {
        tokens_in: used.tokens_in,
        tokens_out: used.tokens_out,
        cost_usd: Some(item.cost_usd.unwrap_or(0.0)),
    });
    Some(told.map_or(Charge::Unknown, Charge::Told))
}

fn usual_message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::RateLimited => "the model is rate limited",
        ErrorKind::Overloaded => "the model is overloaded",
        ErrorKind::ServerError => "the model's server failed",
        ErrorKind::Unauthorized => "the model refused the key",
        ErrorKind::Rejected => "the model rejected the request",
        ErrorKind::Cut => "the answer was cut off",
        ErrorKind::Stalled => "the answer stalled",
        ErrorKind::Unreachable => "the model could not be reached",
        ErrorKind::Malformed => "the answer could not be understood",
    }
}

/// The answer, filled in where it has places for that.
fn text(entry: &Entry, call: &Call) -> Result<String, Failure> {
    let item = &entry.item;
    let Some(template) = &item.template else { return Ok(item.answer.clone().unwrap_or_default()) };
    filled(template, entry, call)
}

fn filled(template: &Template, entry: &Entry, call: &Call) -> Result<String, Failure> {
    let begin = entry.item.matcher.prompt_begins.as_ref();
    let names = begin.and_then(|begin| begin.read(call.question())).unwrap_or_default();
    template.fill(&names, call).map_err(|error| unfit(entry, &error))
}

fn unfit(entry: &Entry, error: &str) -> Failure {
    let message = format!("failed to fill in a template of {}: {error}", entry.source);
    Failure::new(FailureKind::NoRecording, message)
}

/// What is called. Each call has an id that no other call of the conversation has.
fn calls(entry: &Entry, call: &Call) -> Result<Vec<ToolCall>, Failure> {
    let scripted = entry.item.tool_calls.iter().enumerate();
    let calls = scripted.map(|(index, ScriptedCall { name, arguments, template })| {
        let arguments = match (arguments, template) {
            (_, Some(template)) => {
                let text = filled(template, entry, call)?;
                let json = serde_json::from_str(&text);
                json.map_err(|error| unfit(entry, &format!("arguments of {name}: {error}")))?
            }
            (Some(arguments), None) => arguments.clone(),
            (None, None) => Value::Object(Map::new()),
        };
        let place = format!("{}/{index}/{}", call.history.len(), call.question());
        let id = format!("call_{}", &sha256(&place)[..16]);
        Ok(ToolCall { id, name: name.clone(), arguments })
    });
    calls.collect()
}

/// The part of the answer that is still heard before `error`.
fn before_error(entry: &Entry, call: &Call, error: &ScriptedError) -> Result<String, Failure> {
    let wanted = error.after_chars.unwrap_or(0);
    Ok(match text(entry, call)? {
        none if none.is_empty() => FILLER.chars().cycle().take(wanted).collect(),
        text => text.chars().take(wanted).collect(),
    })
}

async fn stream(text: &str, item: &Item, output: &mut dyn Output) -> Result<(), Failure> {
    for (index, chunk) in chunks(text, item.chunk_chars.unwrap_or(CHUNK_CHARS)).enumerate() {
        if index > 0 {
            sleep_ms(item.chunk_delay_ms).await;
        }
        output.delta(chunk).map_err(|error| Failure::output(&error))?;
    }
    Ok(())
}

/// `text` in pieces of `size` characters, the last one shorter.
fn chunks(text: &str, size: usize) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let end = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
        let (chunk, after) = rest.split_at(end);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Without a wait there is none, not even a turn of the timer.
async fn sleep_ms(millis: Option<u64>) {
    if let Some(millis) = millis.filter(|millis| *millis > 0) {
        sleep(Duration::from_millis(millis)).await;
    }
}

fn estimated(call: &Call, answer: &str) -> Usage {
    let asked = call.history.iter().map(|turn| turn.text.as_str());
    let asked = asked.chain(call.system.as_deref()).chain([call.prompt.as_str()]);
    let told = call.results.iter().map(|result| characters(&result.text()));
    let asked = asked.map(characters).chain(told).sum();
    Usage::new(tokens(asked), tokens(characters(answer)))
}

fn characters(text: &str) -> u64 {
    text.chars().count() as u64
}

fn tokens(characters: u64) -> u64 {
    characters.div_ceil(CHARS_PER_TOKEN)
}

fn beginning(prompt: &str) -> String {
    let line = prompt.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_cut_between_characters() {
        let pieces = |text, size| chunks(text, size).collect::<Vec<_>>();
        assert_eq!(pieces("äöü…x", 2), ["äö", "ü…", "x"]);
        assert_eq!(pieces("abcd", 2), ["ab", "cd"]);
        assert!(pieces("", 2).is_empty());
    }

    #[test]
    fn tokens_are_estimated_from_all_that_was_said() {
        let call =
            Call { prompt: "12345".to_owned(), system: Some("123".to_owned()), ..Call::default() };
        assert_eq!(estimated(&call, "äöüßä"), Usage::new(2, 2));
    }

    #[test]
    fn long_prompts_are_quoted_by_their_beginning() {
        let quoted = beginning(&"word \n".repeat(100));
        assert!(
            quoted.ends_with('…') && quoted.chars().count() == QUOTED + 1 && !quoted.contains('\n')
        );
    }
}
