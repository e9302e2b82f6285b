//! A process's past in words: a line for each event, and a line for each attempt.

use super::super::answer::Evidence;
use super::super::kinds::Kind;
use super::super::tale;
use super::super::words::{between, clock, millis, quoted};
use super::past::{Attempt, How, Past, read};
use callboard_actors::journal::Message;
use callboard_actors::processes::{Event, FailureKind, Metrics, Order};

/// How many attempts are told of.
const ATTEMPTS: usize = 6;

impl Past {
    /// What has happened, line by line.
    pub(super) fn story(&self) -> Vec<Evidence> {
        tale::told(&self.messages, Kind::Process, event)
    }

    /// What became of each attempt that has ended, the last first.
    pub(super) fn attempts_in_words(&self) -> Vec<String> {
        let ended = self.attempts.iter().rev().filter_map(Attempt::in_words);
        ended.take(ATTEMPTS).collect()
    }

    /// Why the last of its attempts that failed did.
    pub(in crate::why) fn last_failure(&self) -> Option<String> {
        self.attempts.iter().rev().find_map(|attempt| match &attempt.ended {
            Some((_, How::Failed(_, error) | How::Unsaid(_, error))) => Some(quoted(error)),
            _ => None,
        })
    }

    /// Who redrove it after it had died, and what of.
    pub(super) fn redrives(&self) -> Vec<String> {
        let mut before = String::new();
        let mut redrives = Vec::new();
        for message in &self.messages {
            match read(message) {
                Some(Event::Died { why, .. }) => {
                    before = format!("after it had died: {}", quoted(&why));
                }
                Some(Event::Indeterminate { attempt, .. }) => {
                    before = format!("not knowing whether attempt {attempt} did its work");
                }
                Some(Event::Redriven { by, .. }) => {
                    let at = clock(message.created_at, message.created_at);
                    redrives.push(format!("{by} redrove it at {at}, {before}"));
                }
                _ => {}
            }
        }
        redrives
    }
}

impl Attempt {
    /// `attempt 1 failed after 2 s: …`; `None`: it has not ended.
    fn in_words(&self) -> Option<String> {
        let (at, how) = self.ended.as_ref()?;
        let (number, took) = (self.number, between(self.began(), *at));
        Some(match how {
            How::Answered(metrics) => format!("attempt {number} answered: {}", paid(metrics)),
            How::Unsaid(metrics, _) => {
                format!("attempt {number} answered, and was paid for: {}", paid(metrics))
            }
            How::Stopped => format!(
                "attempt {number} was stopped after {took}; what it had cost by then was not told"
            ),
            How::Failed(kind, error) => {
                format!("attempt {number} {} after {took}: {}", failed(*kind), quoted(error))
            }
        })
    }
}

/// How an attempt failed, in words. By the kind's name, so that one that is new is told too.
pub(super) fn failed(kind: FailureKind) -> String {
    let name = serde_json::to_value(kind).unwrap_or_default();
    let words = match name.as_str().unwrap_or_default() {
        "passing" => "failed",
        "final" | "unable" => "failed for good",
        "timed_out" => "ran out of time",
        "lost" => "was lost to a crash (it may have been paid for)",
        "not_begun" => "was not begun (nobody was asked, nothing was paid)",
        other => return format!("failed ({other})"),
    };
    words.to_owned()
}

/// What an answer was paid for.
pub(super) fn paid(metrics: &Metrics) -> String {
    let Metrics { tokens_in, tokens_out, cost_usd, duration_ms } = metrics;
    let cost = match cost_usd {
        Some(cost) => format!("${cost:.4}"),
        None => "the price of the model is not known".to_owned(),
    };
    format!("{tokens_in} tokens in, {tokens_out} out, {cost}, {}", millis(*duration_ms))
}

/// A process's event in words; `None`: it is of no account here.
pub(in crate::why) fn event(message: &Message) -> Option<String> {
    Some(match read(message) {
        Some(Event::Requested { order, .. }) => ordered(&order),
        Some(Event::Admitted { attempt, .. }) => format!("its turn came: attempt {attempt}"),
        Some(Event::Started { attempt, executor, .. }) => {
            format!("attempt {attempt} runs, in process {}", executor.pid)
        }
        Some(Event::Answered { attempt, metrics, .. }) => {
            format!("attempt {attempt} answered: {}", paid(&metrics))
        }
        Some(Event::Completed { response_file, response_line, .. }) => {
            format!("completed: the answer is line {response_line} of {response_file}")
        }
        Some(Event::Failed { attempt, kind, error, .. }) => {
            format!("attempt {attempt} {}: {}", failed(kind), quoted(&error))
        }
        Some(Event::Archived { .. }) => return None,
        event => ending(event, message),
    })
}

/// An event that ends something, or begins it anew. One without words of its own is told by its name.
fn ending(event: Option<Event>, message: &Message) -> String {
    match event {
        Some(Event::RetryScheduled { due, .. }) => {
            let (due, wait) = (clock(due, message.created_at), between(message.created_at, due));
            format!("another attempt is due {wait} later, at {due}")
        }
        Some(Event::Held { .. }) => {
            "another attempt waits for room within the limits of its workflow".to_owned()
        }
        Some(Event::FellBack { to, why, .. }) => {
            format!("{}; {}/{} is asked in place", quoted(&why), to.runtime, quoted(&to.model))
        }
        Some(Event::Died { why, .. }) => format!("given up: {}", quoted(&why)),
        Some(Event::Indeterminate { attempt, .. }) => format!(
            "nobody knows whether attempt {attempt} did its work: an operator is asked what to do"
        ),
        Some(Event::Redriven { by, .. }) => format!("redriven by {by}"),
        Some(Event::Cancelling { by, .. }) => {
            format!("{by} cancels it: its attempt is being stopped")
        }
        Some(Event::Cancelled { by, .. }) => format!("cancelled by {by}"),
        _ => tale::in_capitals(message, &message.event_type),
    }
}

fn ordered(order: &Order) -> String {
    let of =
        |what: &str, id: Option<String>| id.map(|id| format!(", {what} {id}")).unwrap_or_default();
    let session = of("session", order.session_id.as_ref().map(ToString::to_string));
    let agent = of("agent", order.agent_id.as_ref().map(ToString::to_string));
    let workflow = of("workflow", order.workflow_id.as_ref().map(ToString::to_string));
    let model = quoted(&order.model);
    let others = order.fallbacks.iter();
    let others = others.map(|other| format!(", else {}/{}", other.runtime, quoted(&other.model)));
    let others: String = others.collect();
    format!("spawned for {}/{model}{others}{session}{agent}{workflow}", order.runtime)
}
