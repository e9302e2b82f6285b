//! Short names for models.

/// The aliases and what they stood for in November 2026, after
/// <https://platform.claude.com/docs/en/about-claude/models/overview>.
const ALIASES: &[(&str, &str)] =
    &[("opus", "claude-opus-5-5"), ("sonnet", "claude-sonnet-5-5"), ("haiku", "claude-haiku-5-5")];

/// The full id of `opus`, `sonnet` and `haiku`; any other name is one already.
///
/// ```
/// use callboard::world::models::full_model_id;
///
/// assert_eq!(full_model_id("opus"), "claude-opus-5-5");
/// assert_eq!(full_model_id("claude-opus-4-1"), "claude-opus-4-1");
/// ```
pub fn full_model_id(name: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, id)| id)
}
