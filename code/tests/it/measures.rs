//! What is an issue by its size: at the threshold it is none, above it is.

use std::fmt::Write;

use callboard_code::{Language, Limits, examine};

/// The rules that measure.
pub(crate) const NAMES: [&str; 4] =
    ["long-function", "deep-nesting", "complex-function", "very-complex-function"];

/// A function with this inside.
fn function(language: Language, body: &str) -> String {
    match language {
        Language::Python => format!("def f(a):\n{body}    return a\n"),
        Language::JavaScript | Language::TypeScript | Language::Tsx => {
            format!("function f(a) {{\n{body}}}\n")
        }
        Language::Go => format!("package p\nfunc f(a bool) {{\n{body}}}\n"),
        Language::Rust => format!("fn f(a: bool) {{\n{body}}}\n"),
    }
}

/// Ifs within one another.
fn nested(language: Language, deep: usize) -> String {
    let mut text = String::new();
    for level in 1..=deep {
        let indent = "    ".repeat(level);
        let head = if language == Language::Python { "if a:" } else { "if (a) {" };
        writeln!(text, "{indent}{head}").unwrap();
    }
    let end = if language == Language::Python {
        format!("{}pass\n", "    ".repeat(deep + 1))
    } else {
        "}".repeat(deep)
    };
    function(language, &format!("{text}{end}\n"))
}

/// One `if` after the other, in one chain of `else`: they decide, and do not nest.
fn chained(language: Language, many: usize) -> String {
    let mut text = String::new();
    for number in 0..many {
        let is_first = number == 0;
        match language {
            Language::Python if is_first => text += "    if a:\n        pass\n",
            Language::Python => text += "    elif a:\n        pass\n",
            _ if is_first => text += "    if (a) {\n    }",
            _ => text += " else if (a) {\n    }",
        }
    }
    function(language, &format!("{text}\n"))
}

fn long(language: Language, lines: usize) -> String {
    let line = match language {
        Language::Python => "    a\n",
        Language::Go => "    use(a)\n",
        _ => "    a;\n",
    };
    // Its first and its last line count, too.
    function(language, &line.repeat(lines - 2))
}

fn measured(language: Language, text: &str) -> Vec<String> {
    let report = examine(language, text, &Limits::default()).unwrap();
    assert!(report.syntax.is_valid(), "{language}: {:?}\n{text}", report.syntax);
    let own = report
        .issues
        .issues
        .into_iter()
        .filter(|issue| NAMES.iter().any(|name| issue.id.ends_with(name)));
    own.map(|issue| {
        format!(
            "{} {}",
            issue.id.split_once('/').unwrap().1,
            issue.message.rsplit_once('(').unwrap().1
        )
    })
    .collect()
}

#[test]
fn a_measure_is_an_issue_above_its_threshold() {
    for language in Language::ALL {
        let of = |text: String| measured(language, &text);
        let none = Vec::<String>::new();
        assert_eq!(of(long(language, 60)), none, "{language}");
        assert_eq!(of(long(language, 61)), ["long-function f: 61)"], "{language}");
        assert_eq!(of(nested(language, 4)), none, "{language}");
        assert_eq!(of(nested(language, 5)), ["deep-nesting f: 5)"], "{language}");
        assert_eq!(of(chained(language, 9)), none, "{language}");
        assert_eq!(of(chained(language, 10)), ["complex-function f: 11)"], "{language}");
        assert_eq!(of(chained(language, 19)), ["complex-function f: 20)"], "{language}");
        assert_eq!(of(chained(language, 20)), ["very-complex-function f: 21)"], "{language}");
    }
}
