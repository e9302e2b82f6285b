//! The queries of a language: `queries/*.scm`, which hold the rules too.
//!
//! A pattern captures its place as `@issue` and sets `id`; the first of an id sets also `severity`, `category`,
//! `message`, `hint` and `source`. `outside` names regions in which it does not count; a pattern that captures
//! `@region` and sets `region` draws one: tests, `main`.

use std::sync::LazyLock;

use tree_sitter::Query;

use super::{Category, Rule, Severity};
use crate::Language;
use crate::grammar::Grammar;

/// What a pattern is for.
#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// Draws a region of that name.
    Region(String),
    /// Finds what a rule is about.
    Finds {
        /// The rule's place among the rules.
        rule: usize,
        /// The regions in which it does not count.
        outside: Vec<String>,
    },
}

/// A language's query, compiled, with its rules.
#[derive(Debug)]
pub(super) struct Queries {
    pub(super) query: Query,
    pub(super) patterns: Vec<Pattern>,
    pub(super) rules: Vec<Rule>,
    /// The captures that name a place.
    pub(super) places: [Option<u32>; 2],
}

static QUERIES: [LazyLock<Queries>; 6] = [
    LazyLock::new(|| Queries::make(Language::Python)),
    LazyLock::new(|| Queries::make(Language::JavaScript)),
    LazyLock::new(|| Queries::make(Language::TypeScript)),
    LazyLock::new(|| Queries::make(Language::Tsx)),
    LazyLock::new(|| Queries::make(Language::Go)),
    LazyLock::new(|| Queries::make(Language::Rust)),
];

impl Queries {
    pub(super) fn of(language: Language) -> &'static Self {
        &QUERIES[language as usize]
    }

    fn make(language: Language) -> Self {
        let query = Query::new(&Grammar::of(language).language, &text(language))
            .expect("the queries are written for these grammars, and all are made by a test");
        let mut rules = Vec::new();
        let patterns =
            (0..query.pattern_count()).map(|index| pattern(&query, index, &mut rules)).collect();
        let places = ["issue", "region"].map(|name| query.capture_index_for_name(name));
        Self { query, patterns, rules, places }
    }
}

/// The queries as they are written. JavaScript's serve TypeScript too, under its name.
fn text(language: Language) -> String {
    let script = include_str!("../../queries/javascript.scm");
    let elements = include_str!("../../queries/jsx.scm");
    let types = include_str!("../../queries/typescript.scm");
    let renamed = |text: &str| text.replace("id \"javascript/", "id \"typescript/");
    match language {
        Language::Python => include_str!("../../queries/python.scm").to_owned(),
        Language::JavaScript => [script, elements].concat(),
        Language::TypeScript => renamed(script) + types,
        Language::Tsx => renamed(script) + &renamed(elements) + types,
        Language::Go => include_str!("../../queries/go.scm").to_owned(),
        Language::Rust => include_str!("../../queries/rust.scm").to_owned(),
    }
}

fn setting<'q>(query: &'q Query, index: usize, key: &str) -> Option<&'q str> {
    let settings = query.property_settings(index);
    settings.iter().find(|setting| &*setting.key == key)?.value.as_deref()
}

fn pattern(query: &Query, index: usize, rules: &mut Vec<Rule>) -> Pattern {
    if let Some(region) = setting(query, index, "region") {
        return Pattern::Region(region.to_owned());
    }
    let id = setting(query, index, "id").expect("a pattern that draws no region has an id");
    let rule = rules.iter().position(|rule| rule.id == id).unwrap_or_else(|| {
        rules.push(rule(query, index, id).expect("the first pattern of an id has its rule"));
        rules.len() - 1
    });
    let outside = setting(query, index, "outside").unwrap_or_default();
    Pattern::Finds { rule, outside: outside.split_whitespace().map(str::to_owned).collect() }
}

fn rule(query: &Query, index: usize, id: &str) -> Option<Rule> {
    let text = |key| setting(query, index, key).map(str::to_owned);
    Some(Rule {
        id: id.to_owned(),
        severity: Severity::named(&text("severity")?)?,
        category: Category::named(&text("category")?)?,
        message: text("message")?,
        hint: text("hint")?,
        source: text("source")?,
    })
}
