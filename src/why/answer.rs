//! [`Answer`]: what is said, in the form in which HTTP gives it. The fields never change their meaning.

use callboard_actors::vocabulary::{Position, Timestamp};
use serde::{Deserialize, Serialize};

/// Why something is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What was asked about.
    pub subject: Subject,
    /// The situation in one word, for scripts: `queued_behind_limit`, `retry_wait`, …
    pub situation: String,
    /// The answer, in one sentence.
    pub verdict: String,
    /// Since when it is so.
    pub since: Option<Timestamp>,
    /// What stands behind it, the most important first.
    pub because: Vec<String>,
    /// What the journal says, the oldest first.
    pub evidence: Vec<Evidence>,
    /// What can be done now, the most useful first.
    pub commands: Vec<Remedy>,
    /// Other things that are known by the same id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Answer>,
}

/// What was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `process`, `session`, `actor`, `message`, …
    pub kind: String,
    /// Its id, path or position.
    pub id: String,
}

/// One thing that has happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Where it stands in the journal; `None`: it is no message.
    pub position: Option<Position>,
    /// When it happened.
    pub at: Timestamp,
    /// What it was, in words.
    pub what: String,
}

/// Something that can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// The command, to be copied as it is.
    pub command: String,
    /// What it does.
    pub does: String,
}

impl Answer {
    /// The most evidence that is given: the first, which says how it began, and the newest.
    const EVIDENCE: usize = 16;

    pub(super) fn of(
        kind: &str,
        id: &(impl ToString + ?Sized),
        situation: &str,
        verdict: String,
    ) -> Self {
        Self {
            subject: Subject { kind: kind.to_owned(), id: id.to_string() },
            situation: situation.to_owned(),
            verdict,
            since: None,
            because: Vec::new(),
            evidence: Vec::new(),
            commands: Vec::new(),
            also: Vec::new(),
        }
    }

    pub(super) fn since(mut self, at: Timestamp) -> Self {
        self.since = Some(at);
        self
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.because.push(reason.into());
        self
    }

    pub(super) fn and_because(mut self, reasons: impl IntoIterator<Item = String>) -> Self {
        self.because.extend(reasons);
        self
    }

    /// Adds evidence, keeps it in the order of time, and leaves out the middle of a long story.
    pub(super) fn evidence(mut self, evidence: impl IntoIterator<Item = Evidence>) -> Self {
        self.evidence.extend(evidence);
        self.evidence.sort_by_key(|one| (one.at.0, one.position));
        if let surplus @ 1.. = self.evidence.len().saturating_sub(Self::EVIDENCE) {
            self.evidence.drain(1..=surplus);
        }
        self
    }

    pub(super) fn remedy(mut self, remedy: Remedy) -> Self {
        if self.commands.iter().all(|known| known.command != remedy.command) {
            self.commands.push(remedy);
        }
        self
    }

    pub(super) fn remedies(self, remedies: impl IntoIterator<Item = Remedy>) -> Self {
        remedies.into_iter().fold(self, Self::remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_story_the_beginning_and_the_end_are_kept() {
        let story =
            (0..40).map(|n| Evidence { position: Some(n), at: Timestamp(n), what: n.to_string() });
        let answer = Answer::of("process", "p", "dead", String::new()).evidence(story);
        let kept: Vec<_> = answer.evidence.iter().map(|one| one.at.0).collect();
        assert_eq!((kept.len(), kept[0], kept[1], kept[15]), (16, 0, 25, 39));
    }
}
