//! What is an issue by its size.

use super::{Category, Issue, Rule, Severity};
use crate::Language;
use crate::structure::{Complexity, FunctionMeasure};
use crate::syntax::Source;
use crate::text::excerpt;

/// A measure with its threshold.
struct Measure {
    name: &'static str,
    severity: Severity,
    /// What is above is an issue.
    most: u64,
    of: fn(&FunctionMeasure) -> u64,
    message: &'static str,
    hint: &'static str,
    source: &'static str,
}

const MEASURES: [Measure; 4] = [
    Measure {
        name: "long-function",
        severity: Severity::Low,
        most: 60,
        of: |function| function.lines as u64,
        message: "a function is longer than 60 lines",
        hint: "split it where one thing ends and another begins",
        source: "G. Holzmann, The Power of 10, rule 4; CWE-1080",
    },
    Measure {
        name: "deep-nesting",
        severity: Severity::Low,
        most: 4,
        of: |function| function.nesting as u64,
        message: "statements are nested more than 4 deep",
        hint: "return early, or give the inner part a function of its own",
        source: "ESLint max-depth (4); CWE-1124",
    },
    Measure {
        name: "complex-function",
        severity: Severity::Low,
        most: 10,
        of: |function| function.complexity,
        message: "the cyclomatic complexity of a function is above 10",
        hint: "split it, or turn conditions into data",
        source: "T. McCabe 1976 and NIST SP 500-235 (limit 10); CWE-1121",
    },
    Measure {
        name: "very-complex-function",
        severity: Severity::Medium,
        most: 20,
        of: |function| function.complexity,
        message: "the cyclomatic complexity of a function is above 20: nobody tests all of its ways",
        hint: "split it before anything else is changed in it",
        source: "SEI Software Technology Roadmap (21 and above: high risk); CWE-1121",
    },
];

/// The prefix of a language's ids: TSX has TypeScript's.
fn prefix(language: Language) -> &'static str {
    if language == Language::Tsx { Language::TypeScript.name() } else { language.name() }
}

impl Measure {
    fn rule(&self, language: Language) -> Rule {
        Rule {
            id: format!("{}/{}", prefix(language), self.name),
            severity: self.severity,
            category: Category::Quality,
            message: self.message.to_owned(),
            hint: self.hint.to_owned(),
            source: self.source.to_owned(),
        }
    }
}

/// The rules that measure.
pub(super) fn rules(language: Language) -> Vec<Rule> {
    MEASURES.iter().map(|measure| measure.rule(language)).collect()
}

/// The functions above a threshold, each at its first line. Of two thresholds of a measure the higher speaks.
pub(super) fn found(source: &Source<'_>, complexity: &Complexity) -> Vec<Issue> {
    let mut issues = Vec::new();
    for function in &complexity.functions {
        let above: Vec<&Measure> =
            MEASURES.iter().filter(|measure| (measure.of)(function) > measure.most).collect();
        let is_told_worse = |measure: &Measure| {
            measure.name == "complex-function"
                && above.iter().any(|other| other.name == "very-complex-function")
        };
        let told = above.iter().filter(|measure| !is_told_worse(measure));
        issues.extend(told.map(|measure| issue(source, function, measure)));
    }
    issues
}

fn issue(source: &Source<'_>, function: &FunctionMeasure, measure: &Measure) -> Issue {
    let line = source.places.line(function.span.start.line);
    let start = function.span.bytes.start;
    let rest = source.slice(start..function.span.bytes.end).lines().next().unwrap_or_default();
    let span = source.places.span(start..start + rest.len());
    let rule = measure.rule(source.language);
    let message = format!("{} ({}: {})", rule.message, function.name, (measure.of)(function));
    Issue { message, ..Issue::new(&rule, span, excerpt(line, 200)) }
}
