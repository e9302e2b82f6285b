//! What an end of Claude Code means: an answer, something that another attempt may mend, or nothing that
//! one can.

use super::heard::{Heard, ResultLine};
use crate::world::shell::call::{final_, passing, ran};
use callboard_actors::processes::{Charge, ChildEnd, ExecuteError, Executed, Told};

/// What it came to.
#[derive(Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one at a time")]
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
        Some(result) => {
            let charge = charge(heard, result);
            Err(ExecuteError { charge, ..refused(heard, result, end) })
        }
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
        ..Executed::default()
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

/// What it has cost, by its own account. Where that is nothing, it is so only if the API has refused the call: what broke
/// off is not counted there.
fn charge(heard: &Heard, result: &ResultLine) -> Charge {
    let (tokens_in, tokens_out) = result.tokens();
    let told = Told { tokens_in, tokens_out, cost_usd: result.total_cost_usd };
    let is_any = tokens_in + tokens_out > 0 || told.cost_usd.is_some_and(|usd| usd > 0.0);
    let is_login = heard.api_error.as_deref() == Some("authentication_failed");
    let is_refused = match result.api_error_status {
        Some(408 | 409) => false,
        Some(status) => matches!(status, 400..500 | 503 | 529),
        None => is_login,
    };
    match (is_any, is_refused) {
        (true, _) => Charge::Told(told),
        (false, true) => Charge::Nothing,
        (false, false) => Charge::Unknown,
    }
}

/// It ended without its last line: killed, or called in a way it does not know.
fn silent(end: ChildEnd, last_words: &str) -> ExecuteError {
    let words = if last_words.is_empty() { String::new() } else { format!(": {last_words}") };
    let text = format!("claude ended with {end} and without a result{words}");
    // Of a call that it does not know, it asks nobody.
    if last_words.starts_with("error: ") { final_(text) } else { ran(passing(text)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::shell::tail::Listener;
    use callboard_actors::processes::{ErrorKind, Writer};
    use serde_json::{Value, json};

    const DONE: ChildEnd = ChildEnd { code: Some(0), signal: None };
    const FAILED: ChildEnd = ChildEnd { code: Some(1), signal: None };

    /// What it comes to when these lines were heard.
    fn judged(lines: &[Value], end: ChildEnd, last_words: &str) -> Verdict {
        let folder = tempfile::tempdir().unwrap();
        let mut heard = Heard::new(Writer::at(folder.path().join("words")));
        for line in lines {
            heard.line(line.to_string().as_bytes());
        }
        verdict(&heard, end, last_words, "sonnet")
    }

    fn error(lines: &[Value], end: ChildEnd, last_words: &str) -> (bool, String) {
        match judged(lines, end, last_words) {
            Verdict::Settled(Err(error)) => (error.kind == ErrorKind::Passing, error.error),
            other => panic!("{other:?}"),
        }
    }

    fn refusal(status: impl Into<Value>, reason: &str) -> Value {
        json!({
            "type": "result", "subtype": "success", "is_error": true, "result": "API Error",
            "api_error_status": status.into(), "terminal_reason": reason,
        })
    }

    #[test]
    fn a_refusal_is_judged_by_the_status_and_never_by_the_word_success() {
        for (status, is_passing) in [
            (401, false),
            (403, false),
            (400, false),
            (413, false),
            (429, true),
            (500, true),
            (529, true),
        ] {
            let (is, text) = error(&[refusal(status, "api_error")], FAILED, "");
            assert_eq!(is, is_passing, "{status}: {text}");
            assert_eq!(text.contains("ANTHROPIC_API_KEY"), matches!(status, 401 | 403), "{text}");
        }
        for (reason, is_passing) in [("api_error", true), ("max_turns", false), ("budget", false)] {
            let (is, text) = error(&[refusal(Value::Null, reason)], FAILED, "");
            assert_eq!(is, is_passing, "{reason}: {text}");
        }
    }

    #[test]
    fn who_is_not_logged_in_is_told_so_for_good() {
        let said = json!({ "type": "assistant", "error": "authentication_failed" });
        let (is_passing, text) = error(&[said, refusal(Value::Null, "api_error")], FAILED, "");
        assert!(!is_passing && text.contains("/login"), "{text}");
    }

    #[test]
    fn an_end_without_a_result_is_told_with_its_last_words() {
        let killed = ChildEnd { code: None, signal: Some(9) };
        let (is_passing, text) = error(&[], killed, "");
        assert!(is_passing && text == "claude ended with signal 9 and without a result", "{text}");
        let (is_passing, text) = error(&[], FAILED, "error: unknown option '--no'");
        assert!(!is_passing && text.ends_with(": error: unknown option '--no'"), "{text}");
    }

    #[test]
    fn an_answer_counts_the_tokens_of_all_models_and_names_the_denials() {
        let lines = [
            json!({ "type": "system", "subtype": "init", "model": "claude-x", "session_id": "s-1" }),
            json!({
                "type": "result", "is_error": false, "result": "Yes.", "total_cost_usd": 0.5,
                "usage": { "input_tokens": 1, "output_tokens": 1 },
                "modelUsage": {
                    "a": { "inputTokens": 3, "cacheReadInputTokens": 4, "outputTokens": 5 },
                    "b": { "inputTokens": 10, "outputTokens": 20 },
                },
                "permission_denials": [{ "tool_name": "Bash", "tool_input": { "command": "rm" } }],
            }),
        ];
        let Verdict::Settled(Ok(answer)) = judged(&lines, DONE, "") else { panic!("no answer") };
        assert_eq!((answer.tokens_in, answer.tokens_out), (17, 25));
        assert_eq!((answer.content.as_str(), answer.model.as_str()), ("Yes.", "claude-x"));
        assert_eq!((answer.cost_usd, answer.provider_session.as_deref()), (Some(0.5), Some("s-1")));
        assert_eq!(answer.denials, ["Bash {\"command\":\"rm\"}"]);
        // The exit code has the last word.
        assert!(matches!(judged(&lines, FAILED, ""), Verdict::Settled(Err(_))));
    }

    #[test]
    fn a_conversation_that_it_does_not_know_is_seen_before_anything_else() {
        let words = "No conversation found with session ID: s";
        assert_eq!(judged(&[], FAILED, words), Verdict::UnknownSession);
        let line = json!({ "type": "result", "is_error": true, "errors": [words] });
        assert_eq!(judged(&[line], FAILED, ""), Verdict::UnknownSession);
    }
}
