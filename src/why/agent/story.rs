//! An agent's past in words: a line for each event, and what its processes took.

use super::super::answer::Evidence;
use super::super::kinds::Kind;
use super::super::tale;
use super::super::words::{count, millis, quoted};
use super::past::{Past, read};
use callboard_actors::agents::{Event, Letter, Metrics, Outcome};
use callboard_actors::journal::Message;

impl Past {
    /// What has happened, line by line.
    pub(super) fn story(&self) -> Vec<Evidence> {
        tale::told(&self.messages, Kind::Agent, |message| Some(event(message)))
    }

    /// What its processes have taken; `None`: nothing has run for it.
    pub(super) fn paid(&self) -> Option<String> {
        let Metrics {
            completed,
            failed,
            cancelled,
            retries,
            tokens_in,
            tokens_out,
            cost_usd,
            duration_ms,
        } = self.metrics;
        if completed + failed + cancelled + retries == 0 {
            return None;
        }
        let answered = count(completed, "process");
        let cost = format!("${cost_usd:.4} where the price is known");
        let time = millis(duration_ms);
        let paid = format!(
            "it has paid for {answered} that answered: {tokens_in} tokens in, {tokens_out} out, {cost}, {time}"
        );
        let others = failed + cancelled + retries;
        Some(match others {
            0 => paid,
            _ => format!(
                "{paid}; what else was paid is not counted: {failed} dead, {cancelled} cancelled, {retries} attempts that others followed"
            ),
        })
    }
}

/// How a process came out, in words.
pub(super) fn came_out(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Completed { tokens_in, tokens_out, cost_usd, .. } => {
            let cost = cost_usd.map(|cost| format!(", ${cost:.4}")).unwrap_or_default();
            format!("answered: {tokens_in} tokens in, {tokens_out} out{cost}")
        }
        Outcome::Failed => "ended without an answer".to_owned(),
        Outcome::Cancelled => "was cancelled".to_owned(),
        Outcome::Waiting => "failed, and waits for another attempt".to_owned(),
        Outcome::Unknown => "was lost, and waits for an operator".to_owned(),
    }
}

/// An agent's event in words.
pub(in crate::why) fn event(message: &Message) -> String {
    match read(message) {
        Some(Event::Registered { registration, .. }) => {
            format!("registered, with profile {}", quoted(&registration.profile))
        }
        Some(Event::Updated { .. }) => "described anew".to_owned(),
        Some(Event::Unregistered { by, .. }) => format!("unregistered by {}", quoted(&by)),
        Some(Event::Connected { .. }) => "a connection speaks for it".to_owned(),
        Some(Event::Disconnected { why, .. }) => {
            format!("its connection does no more: {}", quoted(&why))
        }
        Some(Event::ProcessBegun { process_id, .. }) => format!("process {process_id} runs for it"),
        Some(Event::ProcessEnded { process_id, outcome, .. }) => {
            format!("process {process_id} {}", came_out(&outcome))
        }
        Some(Event::Messaged { letter, .. }) => written(&letter),
        Some(Event::StateChanged { to, .. }) => format!("became {}", to.as_str()),
        None => tale::in_capitals(message, &message.event_type),
    }
}

fn written(letter: &Letter) -> String {
    let from = letter.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    let what = letter.event_type.as_deref().map(|what| format!(", {}", quoted(what)));
    format!("a message{from} came into its mailbox{}", what.unwrap_or_default())
}
