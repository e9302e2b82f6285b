//! One finding.

use serde::{Deserialize, Serialize};

use super::{Category, Rule, Severity};
use crate::text::Span;

/// A place that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// The rule's id: `python/eval`.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// What is wrong; measures say how much.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Who says so.
    pub source: String,
    /// Where.
    pub span: Span,
    /// The line on which it begins, at most 200 characters.
    pub text: String,
}

/// The issues of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issues {
    /// In the order of their places.
    pub issues: Vec<Issue>,
    /// How many more there are than [`Limits::items`](crate::Limits::items).
    pub left_out: usize,
}

impl Issues {
    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.issues.iter().filter(|issue| issue.severity == severity).count()
    }
}

impl Issue {
    pub(super) fn new(rule: &Rule, span: Span, text: String) -> Self {
        Self {
            id: rule.id.clone(),
            severity: rule.severity,
            category: rule.category,
            message: rule.message.clone(),
            hint: rule.hint.clone(),
            source: rule.source.clone(),
            span,
            text,
        }
    }
}
