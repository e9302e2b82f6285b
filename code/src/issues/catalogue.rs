//! All rules of a language.

use super::queries::Queries;
use super::{Rule, measured};
use crate::Language;

/// The rules that a language's texts are looked at by: those of its patterns, then those that measure.
pub fn rules(language: Language) -> Vec<Rule> {
    let mut rules = Queries::of(language).rules.clone();
    rules.extend(measured::rules(language));
    rules
}
