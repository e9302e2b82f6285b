//! [`Decision`]: an architecture decision as a document, in the form of MADR 4 (<https://adr.github.io/madr/>).

use super::markdown::{line, list, section};
use serde::Deserialize;

/// What was decided, and why.
#[derive(Debug, Deserialize)]
pub(super) struct Decision {
    pub(super) title: String,
    pub(super) context: String,
    #[serde(rename = "decision")]
    outcome: String,
    #[serde(default)]
    status: Status,
    #[serde(default)]
    drivers: Vec<String>,
    #[serde(default)]
    options: Vec<Choice>,
    #[serde(default)]
    consequences: Weighed,
    #[serde(default)]
    deciders: Vec<String>,
    pub(super) supersedes: Option<u32>,
}

/// Where a decision stands.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Proposed,
    #[default]
    Accepted,
    Rejected,
    Deprecated,
}

/// What could have been decided.
#[derive(Debug, Deserialize)]
struct Choice {
    name: String,
    #[serde(flatten)]
    weighed: Weighed,
}

/// What speaks for something, and what against.
#[derive(Debug, Default, Deserialize)]
struct Weighed {
    #[serde(default)]
    good: Vec<String>,
    #[serde(default)]
    bad: Vec<String>,
}

impl Weighed {
    fn list(&self) -> String {
        let good = self.good.iter().map(|why| format!("Good, because {}", why.trim()));
        let bad = self.bad.iter().map(|why| format!("Bad, because {}", why.trim()));
        list(&good.chain(bad).collect::<Vec<_>>())
    }
}

impl Status {
    fn word(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::Deprecated => "deprecated",
        }
    }
}

impl Decision {
    /// The document, under its number; `date` is the day.
    pub(super) fn document(&self, number: u32, date: &str) -> String {
        let names: Vec<String> = self.options.iter().map(|option| line(&option.name)).collect();
        let details = self
            .options
            .iter()
            .map(|option| section(&format!("### {}", line(&option.name)), &option.weighed.list()));
        let supersedes = self.supersedes.map(|old| format!("Supersedes ADR {old:04}."));
        [
            self.head(date),
            format!("\n# {number:04}. {}\n", line(&self.title)),
            section("## Context and Problem Statement", &self.context),
            section("## Decision Drivers", &list(&self.drivers)),
            section("## Considered Options", &list(&names)),
            section("## Decision Outcome", &self.outcome),
            section("### Consequences", &self.consequences.list()),
            section("## Pros and Cons of the Options", &details.collect::<String>()),
            section("## More Information", &supersedes.unwrap_or_default()),
        ]
        .concat()
    }

    /// The head is YAML, and a JSON string is one of YAML.
    fn head(&self, date: &str) -> String {
        let deciders = match &self.deciders[..] {
            [] => String::new(),
            names => format!("decision-makers: {}\n", serde_json::json!(names)),
        };
        format!("---\nstatus: {}\ndate: {date}\n{deciders}---\n", self.status.word())
    }
}

/// The file's name: the number, and the title as far as it is plain.
pub(super) fn file_name(number: u32, title: &str) -> String {
    let plain: String = title
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let mut slug = String::new();
    for word in plain.split_whitespace() {
        if slug.len() + word.len() > 60 {
            break;
        }
        if !slug.is_empty() {
            slug.push('-');
        }
        slug.push_str(word);
    }
    if slug.is_empty() {
        slug.push_str("decision");
    }
    format!("{number:04}-{slug}.md")
}

/// The number that a file's name begins with.
pub(super) fn number_of(name: &str) -> Option<u32> {
    let (number, rest) = name.split_at_checked(4)?;
    (rest.starts_with('-') && rest.strip_suffix(".md").is_some())
        .then(|| number.parse().ok())
        .flatten()
}

/// A document that says that another one took its place; `None` where it has no head that says where it stands.
pub(super) fn superseded(document: &str, by: u32) -> Option<String> {
    let rest = document.strip_prefix("---\n")?;
    let head = &rest[..rest.find("\n---")?];
    let old = head.lines().find(|line| line.starts_with("status:"))?;
    Some(document.replacen(old, &format!("status: superseded by ADR {by:04}"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decision() -> Decision {
        serde_json::from_value(json!({
            "title": "Use SQLite: one file", "context": "We need a store.", "decision": "SQLite, because it is one file.",
            "drivers": ["simple"], "options": [{ "name": "SQLite", "good": ["it is one file"], "bad": ["there is one writer"] }, { "name": "Postgres" }],
            "consequences": { "good": ["backups are copies"] }, "deciders": ["ada: \"A\""], "supersedes": 3,
        }))
        .unwrap()
    }

    #[test]
    fn a_decision_is_written_in_the_form_of_madr() {
        insta::assert_snapshot!(decision().document(7, "2026-11-21"));
    }

    #[test]
    fn a_file_is_named_by_number_and_title_and_known_by_its_number() {
        assert_eq!(file_name(7, "Use SQLite: one file!"), "0007-use-sqlite-one-file.md");
        assert_eq!(file_name(12, "漢字"), "0012-decision.md");
        assert!(file_name(1, &"word ".repeat(100)).len() < 80);
        assert_eq!(
            (number_of("0007-x.md"), number_of("README.md"), number_of("00a7-x.md")),
            (Some(7), None, None)
        );
    }

    #[test]
    fn what_took_its_place_is_said_in_the_head() {
        let old = decision().document(3, "2026-11-21");
        let new = superseded(&old, 7).unwrap();
        assert!(
            new.starts_with("---\nstatus: superseded by ADR 0007\ndate: 2026-11-21\n"),
            "{new}"
        );
        assert_eq!(superseded("# No head\n", 7), None);
    }
}
