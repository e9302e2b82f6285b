//! When a changed setting counts: at once, or with the next start.

use serde::Serialize;

use super::key::Key;

/// When a changed setting counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TakesEffect {
    /// For whatever begins from now on.
    Now,
    /// With the next start.
    Restart,
}

/// What is looked up each time it is needed. All else is built once, at the start: what is not listed here is
/// promised to nobody.
const LIVE: [&[&str]; 14] = [
    &["agents"],
    &["cleanup"],
    &["http", "allowed_origins"],
    &["log", "level"],
    &["mcp"],
    &["metrics"],
    &["models"],
    &["monitor"],
    &["processes"],
    &["rules"],
    &["runtimes"],
    &["templates"],
    &["workflows"],
    &["workspaces"],
];

impl TakesEffect {
    /// When a change of this setting counts.
    pub fn of(key: &Key) -> Self {
        if LIVE.iter().any(|section| key.is_under(section)) { Self::Now } else { Self::Restart }
    }
}
