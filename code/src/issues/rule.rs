//! A rule: what is looked for, and on whose word it is an issue.

use serde::{Deserialize, Serialize};

/// How bad an issue is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Others can run their code, or read what they must not.
    Critical,
    /// Likely a vulnerability, or a failure in use.
    High,
    /// A defect in the making.
    Medium,
    /// Makes the code worse to keep.
    Low,
    /// Worth knowing.
    Info,
}

/// What an issue endangers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Whom the program protects.
    Security,
    /// Whoever works on it.
    Quality,
}

/// A rule of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// `language/name`; it never changes its meaning. TSX has TypeScript's rules.
    pub id: String,
    /// How bad what it finds is.
    pub severity: Severity,
    /// What it endangers.
    pub category: Category,
    /// What is wrong, in a sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// Who says so: a CWE, a lint of that name, a paper.
    pub source: String,
}

impl Severity {
    /// The severity of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "critical" => Self::Critical,
            "high" => Self::High,
            "medium" => Self::Medium,
            "low" => Self::Low,
            "info" => Self::Info,
            _ => return None,
        })
    }
}

impl Category {
    /// The category of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "security" => Some(Self::Security),
            "quality" => Some(Self::Quality),
            _ => None,
        }
    }
}
