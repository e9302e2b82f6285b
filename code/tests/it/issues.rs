//! Every rule finds what it is about, and leaves alone what only looks like it.
//!
//! In `fixtures/issues` a line's comment says what is expected of it: `! id` an issue, `ok id` none. All issues
//! of a file are compared with its marks, so a line without one has none.

use std::collections::BTreeSet;

use callboard_code::{Language, Limits, Severity, issues, rules};

const FIXTURES: [(Language, &str); 7] = [
    (Language::Python, include_str!("fixtures/issues/python.py")),
    (Language::JavaScript, include_str!("fixtures/issues/javascript.js")),
    (Language::Go, include_str!("fixtures/issues/go.go")),
    (Language::Rust, include_str!("fixtures/issues/rust.rs")),
    (Language::TypeScript, include_str!("fixtures/issues/typescript.ts")),
    (Language::Tsx, include_str!("fixtures/issues/typescript.ts")),
    (Language::Tsx, include_str!("fixtures/issues/javascript.js")),
];

/// The marks of a text: (line, id), sorted.
fn marks(language: Language, text: &str, mark: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let marked = words.windows(2).filter(|pair| pair[0] == mark && pair[1].contains('/'));
        found.extend(marked.map(|pair| (number + 1, own(language, pair[1]))));
    }
    found.sort();
    found
}

/// JavaScript's rules count for TypeScript under its name.
fn own(language: Language, id: &str) -> String {
    match language {
        Language::Tsx => id.replace("javascript/", "typescript/"),
        _ => id.to_owned(),
    }
}

#[test]
fn every_marked_line_has_its_issue_and_no_other_line_has_any() {
    for (language, text) in FIXTURES {
        let found = issues(language, text, &Limits::default()).unwrap();
        let mut found: Vec<_> =
            found.issues.into_iter().map(|issue| (issue.span.start.line, issue.id)).collect();
        found.sort();
        assert_eq!(found, marks(language, text, "!"), "{language}");
    }
}

#[test]
fn every_rule_has_a_line_that_it_finds_and_one_that_it_does_not() {
    for language in Language::ALL {
        let all = |mark| -> BTreeSet<String> {
            let own = FIXTURES.iter().filter(|(other, _)| own_rules(language).contains(other));
            own.flat_map(|(of, text)| marks(*of, text, mark))
                .map(|(_, id)| renamed(language, &id))
                .collect()
        };
        let measured = super::measures::NAMES.map(|name| format!("{}/{name}", prefix(language)));
        let ids: BTreeSet<String> = rules(language)
            .into_iter()
            .map(|rule| rule.id)
            .filter(|id| !measured.contains(id))
            .collect();
        assert!(!ids.is_empty());
        for mark in ["!", "ok"] {
            let missing: Vec<&String> = ids.iter().filter(|id| !all(mark).contains(*id)).collect();
            assert!(missing.is_empty(), "{language} has no line with `{mark}` for {missing:?}");
        }
    }
}

/// The languages whose fixtures show a language's rules.
fn own_rules(language: Language) -> &'static [Language] {
    match language {
        Language::TypeScript => &[Language::TypeScript, Language::JavaScript],
        Language::Python => &[Language::Python],
        Language::JavaScript => &[Language::JavaScript],
        Language::Tsx => &[Language::Tsx],
        Language::Go => &[Language::Go],
        Language::Rust => &[Language::Rust],
    }
}

fn renamed(language: Language, id: &str) -> String {
    if language == Language::TypeScript {
        id.replace("javascript/", "typescript/")
    } else {
        id.to_owned()
    }
}

fn prefix(language: Language) -> &'static str {
    if language == Language::Tsx { "typescript" } else { language.name() }
}

#[test]
fn every_rule_says_what_is_wrong_what_to_do_and_who_says_so() {
    for language in Language::ALL {
        let rules = rules(language);
        let ids: BTreeSet<&String> = rules.iter().map(|rule| &rule.id).collect();
        assert_eq!(ids.len(), rules.len(), "an id stands for one rule");
        for rule in &rules {
            assert!(rule.id.starts_with(&format!("{}/", prefix(language))), "{}", rule.id);
            for text in [&rule.message, &rule.hint, &rule.source] {
                assert!(text.len() > 3 && !text.ends_with('.'), "{}: {text}", rule.id);
            }
        }
        let worst = rules.iter().map(|rule| rule.severity).min();
        assert_eq!(worst, Some(Severity::High));
    }
}

#[test]
fn the_catalogue_is_this() {
    let line = |rule: callboard_code::Rule| {
        format!("{:<32} {:<8?} {:<8?} {}", rule.id, rule.severity, rule.category, rule.source)
    };
    let lines: Vec<String> = Language::ALL.into_iter().flat_map(rules).map(line).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn an_issue_tells_all_about_itself() {
    let text = "import os\n\n\tos.system('ä' + name)\n";
    let found = issues(Language::Python, text, &Limits::default()).unwrap();
    insta::assert_json_snapshot!(found);
}
