//! What an end of Claude Code means: an answer, something that another attempt may mend, or nothing that
//! one can.

use super::heard::{Heard, ResultLine};
use crate::world::shell::call::{final_, passing};
use callboard_actors::processes::{ChildEnd, ExecuteError, Executed};

/// What it came to.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is at its end.
    Settled(Result<Executed, ExecuteError>),
    /// It does not know the conversation that it was to go on with: nobody was asked.
    UnknownSession,
}

const KEY: &str =
    "set ANTHROPIC_API_KEY or runtimes.claude.api_key, or log in with `claude` and /login";

/// Judges an end. `last_words`: what it complained of on stderr.
pub(super) fn verdict(heard: &Heard, end: ChildEnd, last_words: &str, asked: &str) -> Verdict {
    let unknown = "No conversation found";
    if last_words.contains(unknown)
        || heard.result.as_ref().is_some_and(|r| r.error().contains(unknown))
    {
        return Verdict::UnknownSession;
    }
    Verdict::Settled(match heard.result.as_ref() {
        Some(result) if !result.is_error && end.code == Some(0) && result.result.is_some() => {
            Ok(executed(heard, result, asked))
        }
        Some(result) => Err(refused(heard, result, end)),
        None => Err(silent(end, last_words)),
    })
}

fn executed(heard: &Heard, result: &ResultLine, asked: &str) -> Executed {
    let (tokens_in, tokens_out) = result.tokens();
    let denials = result.denials();
    let label = match denials.len() {
        0 => None,
        1 => Some("1 use of a tool was denied".to_owned()),
        many => Some(format!("{many} uses of tools were denied")),
    };
    Executed {
        content: result.result.clone().unwrap_or_default(),
        model: heard.model.clone().unwrap_or_else(|| asked.to_owned()),
        stop_reason: result.stop_reason.clone(),
        tokens_in,
        tokens_out,
        cost_usd: result.total_cost_usd,
        label,
        provider_session: heard.session.clone(),
        denials,
    }
}

fn refused(heard: &Heard, result: &ResultLine, end: ChildEnd) -> ExecuteError {
    let text = format!("claude: {}", result.error());
    let is_login = heard.api_error.as_deref() == Some("authentication_failed");
    match result.api_error_status {
        Some(401 | 403) => final_(format!("{text} ({KEY})")),
        None if is_login => final_(format!("{text} ({KEY})")),
        // Overload, limits and faults pass; of what the API rejects a repetition is rejected again.
        Some(408 | 409 | 429 | 500..) => passing(text),
        Some(_) => final_(text),
        None => match result.terminal_reason.as_deref() {
            // The API was not reached, or the program was stopped.
            Some("api_error" | "aborted_streaming" | "aborted_tools") => passing(text),
            Some("completed") | None if result.is_error || end.code != Some(0) => {
                passing(format!("{text} ({end})"))
            }
            Some("max_turns") => {
                final_(format!("{text}: raise runtimes.claude.max_turns, or ask for less"))
            }
            // A budget, a hook, a prompt too long: it would end the same way, and be paid for again.
            _ => final_(text),
        },
    }
}

/// It ended without its last line: killed, or called in a way it does not know.
fn silent(end: ChildEnd, last_words: &str) -> ExecuteError {
    let words = if last_words.is_empty() { String::new() } else { format!(": {last_words}") };
    let text = format!("claude ended with {end} and without a result{words}");
    if last_words.starts_with("error: ") { final_(text) } else { passing(text) }
}
